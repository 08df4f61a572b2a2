# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The map against what cinder reports, zone by zone. Pure.

What is wrong is a refusal, which fails the zone; in a zone that is known to be down or in maintenance it is a note.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..._plan.change import Note, Plan, Refusal
from ..._types.model import zones_of
from ..._zones.schema.zone_map import BackupTarget, Region, VolumeBackend, VolumeType, Zone, ZoneMap
from ..._zones.validation.entries import expanded
from ..api.model import BACKUP, SCHEDULER, VOLUME, VOLUME_TYPE, Service
from .model import Observed, SetService

Found = Iterator[tuple[str, str]]


def compare(zone_map: ZoneMap, observed: Observed, only: Collection[str]) -> Plan[SetService]:
    """Nothing to write: what is wrong with each zone, and what is worth a note."""
    refusals: list[Refusal] = []
    notes: list[Note] = []
    for zone in (zone_map.zones[name] for name in only):
        look = _Look(zone_map, observed, zone)
        for rule, message in look.wrong():
            if zone.away:
                notes.append(Note(zone.name, f"{message} (expected: the zone is {zone.zone_state})"))
            else:
                refusals.append(Refusal(zone.name, rule, message))
        notes += [Note(zone.name, message) for message in look.worth_a_note()]
    return Plan((), tuple(refusals), tuple(notes))


def region_notes(zone_map: ZoneMap, observed: Observed) -> list[str]:
    """What concerns the region: zones that only one of the services has, schedulers, the type of volumes that name none."""
    mine = {zone.availability_zone for zone in zone_map.zones.values()}
    notes = []
    odd = sorted(observed.zones - mine - (observed.nova_zones or frozenset()))
    if odd and observed.nova_zones is not None:
        notes.append(f"availability zones of cinder that nova does not have: {', '.join(odd)}")
    schedulers = [service for service in observed.services.values() if service.binary == SCHEDULER]
    notes += [f"{service.text} is {service.state}" for service in schedulers if not service.works]
    found = observed.default_type
    bound = sorted(zones_of(found.specs.get(VOLUME_TYPE.az_spec))) if found else []
    if found and bound:
        notes.append(f"volumes without a type get {found.name}, which is in availability zones {', '.join(bound)} only")
    return notes


class _Look:
    """One zone."""

    def __init__(self, zone_map: ZoneMap, observed: Observed, zone: Zone) -> None:
        self.zone_map = zone_map
        self.region: Region = zone_map.region
        self.observed = observed
        self.zone = zone
        self.name = zone.availability_zone
        self.here = [service for _key, service in sorted(observed.services.items()) if service.zone == self.name]

    def wrong(self) -> Found:
        yield from self._region()
        types = [
            item
            for item in expanded(self.region.volume_types)
            if self.zone.name in item.zones and item.state == "present"
        ]
        if self.zone.volume_backends or types:
            yield from self._zones()
        for backend in self.zone.volume_backends:
            yield from self._backend(backend)
        if not self.zone.volume_backends:  # else the map itself says that the back ends of the types are among them
            yield from self._types(types)
        if self._backup_wanted():
            yield from self._backups()

    def _region(self) -> Found:
        schedulers = [service for service in self.observed.services.values() if service.binary == SCHEDULER]
        if not any(service.works for service in schedulers):
            yield "no_scheduler", "no cinder-scheduler is up and enabled: no volume can be created in any zone."
        if self.observed.default_type is None:
            message = (
                "cinder's default_volume_type does not exist: the creation of volumes without a type, and the deletion of any type, fail with 500. "
                "Create it, or name another in cinder's configuration."
            )
            yield "default_type", message

    def _zones(self) -> Found:
        if self.name not in self.observed.zones:
            known = ", ".join(sorted(self.observed.zones)) or "none"
            message = f"availability zone {self.name} is not known to cinder, which has {known}."
            yield "unknown_zone", f"{message} A cinder-volume with backend_availability_zone = {self.name} creates it."
            return
        in_nova = self.observed.nova_zones
        if in_nova is not None and self.zone.compute_hosts and self.name not in in_nova:
            known = ", ".join(sorted(in_nova)) or "none"
            yield "zone_mismatch", f"availability zone {self.name} is in cinder and not in nova, which has {known}."

    def _backend(self, backend: VolumeBackend) -> Found:
        volumes = [service for service in self.observed.services.values() if service.binary == VOLUME]
        named = [service for service in volumes if service.backend == backend.name]
        here = [service for service in named if service.zone == self.name]
        for service in here:
            yield from self._service(service, backend)
        if here:
            return
        strays = [service for service in named if not self._belongs_elsewhere(service)]
        for service in strays:
            message = f"{service.text} reports availability zone {service.zone}, but the map has it in {self.name}: "
            yield "wrong_zone", f"{message}set backend_availability_zone = {self.name} in its section and restart it."
        if not strays:
            found = ", ".join(service.host for service in self.here if service.binary == VOLUME) or "none"
            yield "missing_service", f"no cinder-volume of back end {backend.name} in zone {self.name}; there: {found}."

    def _types(self, types: list[VolumeType]) -> Found:
        volumes = [service for service in self.here if service.binary == VOLUME]
        reported = {pool.backend_name for service in volumes for pool in self.observed.pools_of(service)}
        works = any(service.works for service in volumes)
        for item in types:
            name = item.volume_backend_name
            # A type that names no back end goes to any of the zone, where one works.
            if name not in reported if name else not works:
                states = ", ".join(f"{service.host} ({service.state})" for service in volumes) or "none"
                message = f"volume type {item.name}: no working back end of zone {self.name}" + (
                    f" reports {name}" if name else ""
                )
                yield "no_backend", f"{message}; there: {states}."

    def _belongs_elsewhere(self, service: Service) -> bool:
        return any(
            service.zone == zone.availability_zone
            and any(other.name == service.backend for other in zone.volume_backends)
            for zone in self.zone_map.zones.values()
        )

    def _service(self, service: Service, backend: VolumeBackend) -> Found:
        if not service.works:
            yield "service_down", f"{service.text} is {service.state}."
            return
        pools = self.observed.pools_of(service)
        if not pools:
            yield "no_pool", f"{service.text} is up, but cinder's scheduler has no pool of it: check its log."
            return
        names = sorted({pool.backend_name for pool in pools})
        if backend.volume_backend_name not in names:
            message = f"{service.text} reports volume_backend_name {', '.join(names)}, but the map says {backend.volume_backend_name}."
            yield "wrong_backend_name", message
        if not any(pool.up for pool in pools):
            yield "backend_down", f"{service.text} is up, but its storage is not."
        elif all(pool.free is not None and pool.free <= 0 for pool in pools if pool.up):
            yield "no_space", f"{service.text} has no free space."

    def _backup_wanted(self) -> bool:
        backup = self.region.backup
        if backup is None:
            return False
        if backup.mode == "zone":
            return backup.zone == self.zone.name
        return backup.mode == "spread" or self.zone.backup is not None

    def _backups(self) -> Found:
        backups = [service for service in self.here if service.binary == BACKUP]
        if not backups:
            yield "missing_backup", f"no cinder-backup in zone {self.name}, although the map runs backups there."
        elif not any(service.works for service in backups):
            shown = ", ".join(f"{service.text} is {service.state}" for service in backups)
            yield "backup_down", f"no cinder-backup of zone {self.name} works: {shown}."

    def worth_a_note(self) -> Iterator[str]:
        sections = {backend.name for backend in self.zone.volume_backends}
        for service in self.here:
            if service.binary == VOLUME and sections and service.backend not in sections:
                yield f"{service.text} is in zone {self.name}, but the map does not have its back end"
            if service.binary == BACKUP and self._backup_wanted() and not service.works:
                yield f"{service.text} is {service.state}"
            if service.binary == BACKUP and self.region.backup and not self._backup_wanted():
                yield f"{service.text} is in zone {self.name}, although the map runs no backups there"
        backup = self.region.backup
        if backup and backup.mode == "spread":
            yield from _unchecked(backup.target)


def _unchecked(target: BackupTarget | None) -> Iterator[str]:
    """Why it is not known whether the target of services in all zones is outside of them; the map refuses one that is known to be inside."""
    if target is None:
        yield "the map has no backup.target: it is unknown whether backups are stored outside the zones"
    elif not (target.ceph or target.address):
        yield f"the map gives no ceph and no address for backup.target of the type {target.type}: it is unknown whether backups are stored outside the zones"
