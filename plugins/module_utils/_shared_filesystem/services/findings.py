# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The map against what manila reports, zone by zone. Pure.

What is wrong is a refusal, which fails the zone; in a zone that is known to be down or in maintenance it is a note.
That nova has the zones of the map is not looked at here: the availability zones are verified by themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..._plan.change import Note, Plan, Refusal
from ..._types.model import zones_of
from ..._zones.schema.zone_map import ShareBackend, ShareType, Zone, ZoneMap
from ..._zones.validation.entries import expanded
from ..api.model import SCHEDULER, SHARE, SHARE_TYPES, Pool, ShareService
from .model import Observed, SetService
from .plan import services_of, vanishes

NO_MANILA = "the cloud has no shared file system service (manila)"
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


def without_manila(zone: Zone, *, has_types: bool = False) -> tuple[str, str] | None:
    """What is wrong with a zone in a cloud without manila; nothing, where its map asks nothing of it."""
    if not (zone.share_backends or has_types):
        return None
    what = "share_backends" if zone.share_backends else "share_types of the region"
    message = f"{NO_MANILA}, but {what} name zone {zone.name}: remove them, or install manila."
    return "no_manila", message


def region_notes(zone_map: ZoneMap, observed: Observed) -> list[str]:
    """What concerns the region: zones that the map does not have, schedulers, the type of shares that name none."""
    if not observed.present:
        return [NO_MANILA]
    mine = {zone.availability_zone for zone in zone_map.zones.values()}
    odd = sorted({service.availability_zone for service in observed.of(SHARE)} - mine)
    notes = [f"availability zones of manila that no zone of the map has: {', '.join(odd)}"] if odd else []
    notes += [f"{service.text} is {_state(service)}" for service in observed.of(SCHEDULER) if not service.working]
    found = observed.default_type
    bound = sorted(zones_of(found.specs.get(SHARE_TYPES.az_spec))) if found else []
    if found and bound:
        notes.append(f"shares without a type get {found.name}, which is in availability zones {', '.join(bound)} only")
    return notes


class _Look:
    """One zone."""

    def __init__(self, zone_map: ZoneMap, observed: Observed, zone: Zone) -> None:
        self.observed = observed
        self.zone = zone
        self.name = zone.availability_zone
        self.here = services_of(zone, observed)
        types = expanded(zone_map.region.share_types)
        self.types = [item for item in types if zone.name in item.zones and item.state == "present"]

    def wrong(self) -> Found:
        if not self.observed.present:
            missing = without_manila(self.zone, has_types=bool(self.types))
            yield from [missing] if missing else []
            return
        if self.zone.share_backends or self.types:
            yield from self._region()
        for backend in self.zone.share_backends:
            yield from self._backend(backend)
        if self.types and not self.zone.share_backends:  # else each back end of the types is looked at by itself
            yield from self._zone()
            for item in self._unserved():
                states = ", ".join(f"{service.host} ({_state(service)})" for service in self.here) or "none"
                name = item.share_backend_name
                message = f"share type {item.name}: no working back end of zone {self.name}" + (
                    f" reports {name}" if name else ""
                )
                yield "no_backend", f"{message}; there: {states}."

    def _region(self) -> Found:
        if not any(service.working for service in self.observed.of(SCHEDULER)):
            yield "no_scheduler", "no manila-scheduler is up and enabled: no share can be created in any zone."

    def _zone(self) -> Found:
        # Not by manila's list of zones, in which a zone is missing while its only service is disabled.
        if not self.here:
            known = ", ".join(sorted({service.availability_zone for service in self.observed.of(SHARE)})) or "none"
            message = f"availability zone {self.name} is not known to manila, which has {known}."
            yield "unknown_zone", f"{message} A manila-share with backend_availability_zone = {self.name} creates it."

    def _unserved(self) -> list[ShareType]:
        """Types whose back end is none of those that work; none, where the scheduler does not say what one of them is called."""
        if self._silent():
            return []
        reported = {pool.backend_name for service in self.here for pool in self._pools(service)}
        works = any(service.working for service in self.here)
        # A type that names no back end goes to any of the zone, where one works.
        return [
            item
            for item in self.types
            if (item.share_backend_name not in reported if item.share_backend_name else not works)
        ]

    def _pools(self, service: ShareService) -> tuple[Pool, ...]:
        """Of one that works: the scheduler still knows those of one that is down."""
        return self.observed.pools_of(service) if service.working else ()

    def _silent(self) -> list[ShareService]:
        """What works, and has no pool that the scheduler lists."""
        return [service for service in self.here if service.working and not self.observed.pools_of(service)]

    def _backend(self, backend: ShareBackend) -> Found:
        # The sections of share back ends differ in the whole region, so one elsewhere is this one.
        named = [service for service in self.observed.of(SHARE) if service.backend == backend.name]
        for service in named:
            if service.availability_zone == self.name:
                yield from self._service(service, backend)
            else:
                message = f"{service.text} reports availability zone {service.availability_zone}, but the map has it in {self.name}: "
                yield (
                    "wrong_zone",
                    f"{message}set backend_availability_zone = {self.name} in its section and restart it.",
                )
        if not named:
            found = ", ".join(service.host for service in self.here) or "none"
            yield "missing_service", f"no manila-share of back end {backend.name} in zone {self.name}; there: {found}."

    def _service(self, service: ShareService, backend: ShareBackend) -> Found:
        if not service.working:
            yield "service_down", f"{service.text} is {_state(service)}."
            return
        pools = self.observed.pools_of(service)
        if not pools:
            return  # worth a note only: see there
        names = sorted({pool.backend_name or "" for pool in pools})
        if backend.share_backend_name not in names:
            message = f"{service.text} reports share_backend_name {', '.join(names)}, but the map says {backend.share_backend_name}."
            yield "wrong_backend_name", message
        servers = {pool.driver_handles_share_servers for pool in pools} - {None}
        if servers == {not backend.driver_handles_share_servers}:
            told = str(not backend.driver_handles_share_servers).lower()
            message = f"{service.text} reports driver_handles_share_servers {told}, but the map says otherwise."
            yield "share_servers", message
        if all(isinstance(pool.free, (int, float)) and pool.free <= 0 for pool in pools):
            yield "no_space", f"{service.text} has no free space."

    def worth_a_note(self) -> Iterator[str]:
        sections = {backend.name for backend in self.zone.share_backends}
        for service in self.here:
            if sections and service.backend not in sections:
                yield f"{service.text} is in zone {self.name}, but the map does not have its back end"
            # Manila answers from what its scheduler knew when it last scheduled (measured on manila 23: a service that came back is missing).
            if service in self._silent() and (service.backend in sections if sections else self.types):
                yield f"{service.text} is up, but manila's scheduler lists no pool of it before the next share: create any share; if that fails, check its log"
        if self.here and not any(service.enabled for service in self.here):
            yield vanishes(self.zone)


def _state(service: ShareService) -> str:
    states = [] if service.up else ["down"]
    if not service.enabled:
        states.append(f"disabled ({service.disabled_reason or 'no reason given'})")
    return " and ".join(states) or "up"
