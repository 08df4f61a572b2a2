# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nova answers to the calls that change aggregates and compute services, given the instances on the hosts.

Every rule was measured on nova 34, and tests/integration/model replays random sequences of calls here and on a real nova: the two must
agree on every status. What a call that is accepted does to the listing is the collection's own `simulate`, so that it is checked as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._compute.changes import (
    AddHost,
    CreateAggregate,
    DeleteAggregate,
    DisableHost,
    EnableHost,
    RemoveHost,
    RenameAggregate,
    SetMetadata,
    ZoneChange,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import AZ_KEY, Aggregate, Observed
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.zones.simulate import simulate

OK, BAD_REQUEST, NOT_FOUND, CONFLICT = 200, 400, 404, 409


class NovaModel:
    """Aggregates, services and instances of one nova. Every method answers with the HTTP status of the call it stands for."""

    def __init__(self, observed: Observed) -> None:
        self.observed = observed
        self._next = 1 + max((found.id or 0 for found in observed.aggregates), default=0)

    def by_id(self, number: int) -> Aggregate | None:
        return next((found for found in self.observed.aggregates if found.id == number), None)

    def create(self, name: str, zone: str | None) -> tuple[int, int | None]:
        """POST /os-aggregates: the status, and the new id."""
        if not _fits(name) or (zone is not None and (not _fits(zone) or ":" in zone)):
            return BAD_REQUEST, None
        if name in self.observed.by_name:
            return CONFLICT, None
        self._take(CreateAggregate("", name, zone))
        number, self._next = self._next, self._next + 1
        made = replace(self.observed.by_name[name], id=number, uuid=f"uuid-{number}")
        self.observed = self.observed.with_aggregate(made)
        return OK, number

    def delete(self, number: int) -> int:
        """DELETE /os-aggregates/{id}."""
        found = self.by_id(number)
        if found is None:
            return NOT_FOUND
        if found.hosts:
            return BAD_REQUEST
        return self._take(DeleteAggregate("", found.name, found.availability_zone))

    def rename(self, number: int, name: str) -> int:
        """PUT /os-aggregates/{id} with a name."""
        if not _fits(name):
            return BAD_REQUEST
        found = self.by_id(number)
        if found is None:
            return NOT_FOUND
        if name == found.name:
            return OK
        if name in self.observed.by_name:
            return CONFLICT
        return self._take(RenameAggregate("", found.name, name))

    def set_zone(self, number: int, zone: str | None) -> int:
        """PUT /os-aggregates/{id} with an availability zone."""
        if zone is not None and (not _fits(zone) or ":" in zone):
            return BAD_REQUEST
        return self.set_metadata(number, {AZ_KEY: zone})

    def set_metadata(self, number: int, metadata: Mapping[str, str | None]) -> int:
        """POST /os-aggregates/{id}/action set_metadata."""
        found = self.by_id(number)
        if found is None:
            return NOT_FOUND
        if AZ_KEY in metadata and not self._may_change_zone(found, metadata[AZ_KEY]):
            return BAD_REQUEST
        old = {key: found.metadata.get(key) for key in metadata}
        if AZ_KEY in metadata:
            old[AZ_KEY] = found.availability_zone
        return self._take(SetMetadata("", found.name, old, dict(metadata)))

    def _may_change_zone(self, found: Aggregate, zone: str | None) -> bool:
        """No aggregate loses its zone; no host gets a second one; no instance changes its zone."""
        if not zone:
            return False
        if any(self._other_zones(host, found) - {zone} for host in found.hosts):
            return False
        return zone == found.availability_zone or not any(self.observed.servers_on(host) for host in found.hosts)

    def add_host(self, number: int, host: str) -> int:
        """POST /os-aggregates/{id}/action add_host."""
        found = self.by_id(number)
        if host not in self.observed.hosts or found is None:
            return NOT_FOUND
        if host in found.hosts:
            return CONFLICT
        zones = self._other_zones(host, found)
        gets_zone = found.availability_zone is not None and zones != {found.availability_zone}
        # A host in no zone gets one only while it is empty, a host in another zone never.
        if gets_zone and (zones or self.observed.servers_on(host)):
            return CONFLICT
        return self._take(AddHost("", found.name, host))

    def remove_host(self, number: int, host: str) -> int:
        """POST /os-aggregates/{id}/action remove_host."""
        found = self.by_id(number)
        if host not in self.observed.hosts or found is None:
            return NOT_FOUND
        zone = found.availability_zone
        # Nova looks at the instances before it looks whether the host is in the aggregate at all.
        if zone is not None and self.observed.servers_on(host) and zone not in self._other_zones(host, found):
            return CONFLICT
        if host not in found.hosts:
            return NOT_FOUND
        return self._take(RemoveHost("", found.name, host))

    def set_service(self, service_id: str, body: Mapping[str, Any]) -> int:
        """PUT /os-services/{uuid}."""
        host = next((found for found in self.observed.hosts.values() if found.service_id == service_id), None)
        if host is None:
            return NOT_FOUND
        if "status" not in body:
            return BAD_REQUEST
        if body["status"] == "enabled":
            return self._take(EnableHost("", host.name, host.disabled_reason))
        disabled = replace(host, status="disabled", disabled_reason=body.get("disabled_reason"))
        if disabled.disabled_reason is None:
            self.observed = self.observed.with_host(disabled)
            return OK
        return self._take(DisableHost("", host.name, disabled.disabled_reason))

    def _other_zones(self, host: str, but: Aggregate) -> set[str | None]:
        return {other.availability_zone for other in self.observed.zone_aggregates(host) if other.id != but.id}

    def _take(self, change: ZoneChange) -> int:
        self.observed = simulate(self.observed, change)
        return OK


def _fits(name: str) -> bool:
    return 0 < len(name) <= 255 and name == name.strip()
