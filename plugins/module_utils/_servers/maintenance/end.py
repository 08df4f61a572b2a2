# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts back from maintenance, in the flow of a writer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..._compute.nova import Nova
from ..._compute.switch import switch
from ..._openstack.cloud import Cloud
from ..._plan.apply import Undo
from ..._plan.change import Change, Plan
from ..._plan.converge import Reconciler
from ..._plan.errors import ZoneopsError
from ..._zones.schema.zone_map import ZoneMap
from .canary import Canary
from .changes import Reopen
from .end_plan import plan_end, state
from .marks import INCOMPLETE, Mark, mark_of
from .model import Region, Wanted
from .read import providers_of, read_to_end
from .reconcile import Maintenance

# A host whose canary failed is disabled again also when the deadline has passed.
LAST_SECONDS = 60.0


class End(Maintenance, Reconciler[Region, Change]):
    """The reconciler that `_plan.converge` works in.

    :param canary: None where hosts come back without one.
    """

    def __init__(self, cloud: Cloud, nova: Nova, zone_map: ZoneMap, wanted: Wanted, canary: Canary | None) -> None:
        super().__init__(cloud, nova, zone_map, wanted)
        self.canary = canary

    def observe(self) -> Region:
        return self._as_seen(read_to_end(self.cloud, self.nova, self.calls, self._asked))

    def observe_details(self, observed: Region, plan: Plan[Change]) -> Region | None:
        hosts = {change.host for change in plan.changes if isinstance(change, Reopen)}
        if not hosts or observed.providers:
            return None
        if self.canary is not None:
            # A name that does not exist is found before the first write.
            self.canary.resolve()
        return replace(observed, providers=providers_of(self.nova, self.placement, hosts))

    def plan(self, observed: Region) -> Plan[Change]:
        return plan_end(self.zone_map, observed, self.wanted)

    def simulate(self, observed: Region, change: Change) -> Region:
        if not isinstance(change, Reopen):
            return observed
        rest = {host: server for host, server in observed.canaries.items() if host != change.host}
        return replace(observed.with_reason(change.host, change.new), canaries=rest)

    def describe(self, observed: Region, zone: str) -> Mapping[str, Any]:
        return state(self.zone_map, observed, self.wanted, zone)

    def write(self, change: Change) -> Undo | None:
        if not isinstance(change, Reopen):
            raise ZoneopsError(f"'{change.text}' is no change of this kind.")
        self._changed.add(change.host)
        if change.host in self._region.canaries:
            self.calls.delete(self._region.canaries[change.host])
        if change.new is not None:
            self._put(change, change.new)
            return None
        self._put(change, None)
        if change.canary and self.canary is not None:
            try:
                self.canary.check(change.host, self._region.zones[change.host])
            except Exception:
                with self.cloud.deadline.grace(LAST_SECONDS):
                    self._put(change, change.old or self._mark(change).text)
                raise
        return None

    def _mark(self, change: Reopen) -> Mark:
        """Of a host whose canary an earlier run did not see through: that run took the mark off."""
        return mark_of(self._region.hosts[change.host]) or Mark(INCOMPLETE, self.wanted.reason)

    def _put(self, change: Reopen, reason: str | None) -> None:
        region = self._region
        body: dict[str, Any] = {"status": "enabled"}
        if reason is not None:
            body = {"status": "disabled", **({"disabled_reason": reason} if reason else {})}
        switch(self.nova, self.placement, region.hosts[change.host], region.providers.get(change.host, ()), body)
