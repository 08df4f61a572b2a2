# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a manila-share is disabled where manila stores no reasons (before 2.83): in the metadata of the zone's aggregate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .._compute.model import Aggregate
from .._compute.nova import Nova
from .._compute.zones.agents import share_service_key
from .._shared_filesystem.api.manila import Manila
from .._shared_filesystem.api.model import ShareService


class RememberingManila(Manila):
    """A manila whose services have reasons, whatever it stores itself.

    What is to be known later is written first, and removed last: a run can end between the two. So while a zone is taken out, a service counts as
    what manila says; on its way back one that is remembered counts as disabled until it is forgotten.

    :param zones: the availability zones that are worked on.
    :param ends: whether they come back.
    """

    def __init__(self, manila: Manila, nova: Nova, zones: Sequence[str], *, ends: bool) -> None:
        self._manila = manila
        self._nova = nova
        self._zones = zones
        self._ends = ends
        self._aggregates: dict[str, Aggregate] = {}
        self._stores: bool | None = None

    def present(self) -> bool:
        return self._manila.present()

    @property
    def _by_itself(self) -> bool:
        if self._stores is None:
            self._stores = self._manila.keeps_reasons
        return self._stores

    @property
    def keeps_reasons(self) -> bool:
        """A zone without an aggregate has no place for them."""
        if self._by_itself:
            return True
        self._look()
        return all(zone in self._aggregates for zone in self._zones)

    def share_services(self, *, reasons: bool = False) -> tuple[ShareService, ...]:
        if self._by_itself:
            return self._manila.share_services(reasons=reasons)
        self._look()
        return tuple(self._as_remembered(service) for service in self._manila.share_services())

    def set_service(self, host: str, binary: str, *, enabled: bool, reason: str | None = None) -> None:
        if self._by_itself:
            self._manila.set_service(host, binary, enabled=enabled, reason=reason)
            return
        # By what the service reports; it may have a zone without an aggregate.
        zone = next((one.availability_zone for one in self._manila.share_services() if one.host == host), "")
        if reason is not None:
            self._remember(zone, host, reason)
        self._manila.set_service(host, binary, enabled=enabled)
        if enabled:
            self._remember(zone, host, None)

    def _look(self) -> None:
        """GET /os-aggregates; of several in a zone the oldest one, which is there longest."""
        found = sorted(self._nova.aggregates(), key=lambda one: one.id or 0, reverse=True)
        self._aggregates = {one.availability_zone: one for one in found if one.availability_zone}

    def _as_remembered(self, service: ShareService) -> ShareService:
        aggregate = self._aggregates.get(service.availability_zone)
        reason = aggregate.metadata.get(share_service_key(service.host)) if aggregate else None
        if reason is None or (service.enabled and not self._ends):
            return service
        return replace(service, enabled=False, disabled_reason=reason)

    def _remember(self, zone: str, host: str, reason: str | None) -> None:
        aggregate = self._aggregates.get(zone)
        if aggregate is not None and aggregate.id is not None:
            self._nova.set_metadata(aggregate.id, {share_service_key(host): reason})
