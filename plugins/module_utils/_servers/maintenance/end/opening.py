# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that is up serves again, in what it was before, in the order in which nothing is placed on it too early."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...._compute.model import Host
from ...._compute.nova import Nova
from ...._compute.placement import Placement
from ...._compute.switch import switch
from ...._openstack.cloud import Cloud
from ...migrations import Migrations
from .canary import Canary

LAST_SECONDS = 60.0


class Opening:
    """Hosts, one after the other.

    :param canary: None where none is started.
    """

    def __init__(
        self, cloud: Cloud, nova: Nova, placement: Placement, calls: Migrations, canary: Canary | None
    ) -> None:
        self.cloud = cloud
        self.nova = nova
        self.placement = placement
        self.calls = calls
        self.canary = canary

    def open(
        self,
        host: Host,
        providers: Iterable[str],
        before: str | None,
        *,
        left: str | None,
        zone: str | None,
        back: str | None,
    ) -> None:
        """Enable the host, or disable it for the reason that it had before.

        :param before: that reason, None where it was enabled.
        :param left: a server that an earlier canary left behind.
        :param zone: the availability zone in which a canary starts, None for no canary. Nova starts none on a host that is disabled.
        :param back: the reason that the host gets again where the canary does not start.
        """
        providers = tuple(providers)
        if left is not None:
            self.calls.delete(left)
        self.put(host, providers, before)
        if before is None and zone is not None and self.canary is not None:
            try:
                self.canary.check(host.name, zone)
            except Exception:
                with self.cloud.deadline.grace(LAST_SECONDS):
                    self.put(host, providers, back or "")
                raise

    def put(self, host: Host, providers: Iterable[str], reason: str | None) -> None:
        """Disabled for a reason, or enabled; then the scheduler is seen to follow."""
        body: dict[str, Any] = {"status": "enabled"}
        if reason is not None:
            body = {"status": "disabled", **({"disabled_reason": reason} if reason else {})}
        switch(self.nova, self.placement, host, providers, body)
