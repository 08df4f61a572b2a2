# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan for share types: what to write, and what stands in the way. Pure.

Manila takes what it cannot serve: a type of an unknown zone or back end, and another driver_handles_share_servers for a type that has shares.
Every share of it then ends in the status error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .._plan.change import Note, Plan, Refusal
from .._types.changes import CreateType, SetSpecs, TypeChange
from .._types.guards import misplaced
from .._types.model import WantedType, same, zones_of
from .._types.plan import type_changes
from .._types.removal import Leaving, User, in_the_way
from .._zones.schema import ShareType, Zone, ZoneMap
from .findings import LOST, NO_MANILA, without_manila
from .model import DRIVER_HANDLES, SHARE_TYPES
from .types_model import SHOWN, Observed, Options


def plan_types(wanted: ZoneMap, types: tuple[ShareType, ...], observed: Observed, options: Options) -> Plan[TypeChange]:
    """What leads to the types of the map."""
    if not observed.present:
        return Plan.of((), *_without_manila(wanted, types, options))
    changes: list[TypeChange] = []
    # What cannot be put back comes last.
    ends: list[TypeChange] = []
    refusals: list[Refusal] = []
    notes: list[Note] = []
    for item in types:
        mine = tuple(zone for zone in options.only if zone in item.zones)
        if item.state == "absent":
            leaving = _leaving(item, wanted, observed)
            if leaving is not None:
                ends.append(leaving.change(options.only))
                users = [
                    User(share.shown, share.as_item()) for share in observed.shares.get(item.name, ())[: SHOWN + 1]
                ]
                refusals += in_the_way(leaving, options.only, users, observed.default)
            continue
        ids = _ids(item, observed)
        asked = _wanted(item, wanted, ids, observed)
        found = observed.types.get(item.name)
        planned = list(type_changes(SHARE_TYPES, asked, found, options.only, purge_projects=options.purge_projects))
        refusals += _unclear_projects(mine[0], item, observed)
        refusals += _share_servers(mine[0], item, observed)
        refusals += _zones_in_use(planned, observed, options)
        if observed.places is not None and any(isinstance(change, (CreateType, SetSpecs)) for change in planned):
            zones = {place.availability_zone for place in observed.places}
            for zone in (wanted.zones[name] for name in mine):
                wrong = list(misplaced(SHARE_TYPES, asked, zone, zones, observed.places))
                if zone.zone_state in LOST:
                    notes += [Note(zone.name, problem.message, mended=True) for problem in wrong]
                else:
                    refusals += wrong
        changes += planned
    return Plan.of([*changes, *ends], refusals, notes)


def _leaving(item: ShareType, wanted: ZoneMap, observed: Observed) -> Leaving | None:
    """The type that is there and shall not be."""
    found = observed.types.get(item.name)
    if found is None:
        return None
    places = frozenset(wanted.zones[zone].availability_zone for zone in item.zones)
    return Leaving(SHARE_TYPES, found, item.zones, places, set(wanted.zones) <= set(item.zones))


def _without_manila(wanted: ZoneMap, types: Iterable[ShareType], options: Options) -> tuple[list[Refusal], list[Note]]:
    """An error for zones whose file says that they have shares, a remark for the others."""
    refusals: list[Refusal] = []
    notes: list[Note] = []
    typed = {zone for item in types for zone in item.zones if item.state == "present"}
    for zone in options.only:
        wrong = without_manila(wanted.zones[zone], has_types=zone in typed)
        if wrong:
            refusals.append(Refusal(zone, *wrong))
        else:
            notes.append(Note(zone, NO_MANILA))
    return refusals, notes


def _wanted(item: ShareType, wanted: ZoneMap, projects: tuple[str, ...], observed: Observed) -> WantedType:
    zones = [wanted.zones[name] for name in item.zones]
    specs: dict[str, str | None] = {
        SHARE_TYPES.az_spec: ",".join(zone.availability_zone for zone in zones),
        **({SHARE_TYPES.backend_spec: item.share_backend_name} if item.share_backend_name else {}),
        **item.extra_specs,
    }
    return WantedType(
        name=item.name,
        zones=item.zones,
        specs=specs,
        at_creation={DRIVER_HANDLES: str(_makes_servers(item, zones, observed))},
        public=item.public,
        description=item.description,
        projects=projects,
    )


def _makes_servers(item: ShareType, zones: list[Zone], observed: Observed) -> bool:
    """Whether the back ends of a new type make share servers: as it says, as the map says, as the scheduler says."""
    if item.driver_handles_share_servers is not None:
        return item.driver_handles_share_servers
    name = item.share_backend_name
    told = [
        backend.driver_handles_share_servers
        for zone in zones
        for backend in zone.share_backends
        if name in (None, backend.share_backend_name)
    ]
    if told:
        return all(told)
    names = {zone.availability_zone for zone in zones}
    hosts = {place.host for place in observed.places or () if place.availability_zone in names}
    known = [
        pool.driver_handles_share_servers
        for pool in observed.pools
        if pool.host in hosts and name in (None, pool.backend_name) and pool.driver_handles_share_servers is not None
    ]
    return bool(known) and all(known)


def _ids(item: ShareType, observed: Observed) -> tuple[str, ...]:
    """The ids of the projects that an entry names."""
    found = (observed.projects.get(project, ()) for project in item.projects)
    return tuple(dict.fromkeys(ids[0] for ids in found if len(ids) == 1))


def _unclear_projects(zone: str, item: ShareType, observed: Observed) -> Iterator[Refusal]:
    for project in item.projects:
        ids = observed.projects.get(project, ())
        if len(ids) != 1:
            what = f"is the name of several ({', '.join(ids)}): give the id" if ids else "does not exist"
            yield Refusal(zone, "unknown_project", f"share type {item.name}: project {project} {what}.")


def _share_servers(zone: str, item: ShareType, observed: Observed) -> Iterator[Refusal]:
    """manila does take another value, and the shares that are there no longer fit their type."""
    found, given = observed.types.get(item.name), item.driver_handles_share_servers
    if found is None or given is None:
        return
    present = found.specs.get(DRIVER_HANDLES)
    if not same(present, str(given)):
        yield Refusal(
            zone,
            "share_servers",
            f"share type {item.name} has {DRIVER_HANDLES}={present}, which cannot change while the type is there. "
            "Make a type of another name, or delete this one once it has no shares.",
        )


def _zones_in_use(changes: Iterable[TypeChange], observed: Observed, options: Options) -> Iterator[Refusal]:
    if "zones_in_use" in options.allow:
        return
    for change in changes:
        if not isinstance(change, SetSpecs) or SHARE_TYPES.az_spec not in change.new:
            continue
        # A type without the spec is in every zone.
        old, new = change.old[SHARE_TYPES.az_spec], zones_of(change.new[SHARE_TYPES.az_spec])
        there = [
            share
            for share in observed.shares.get(change.name, ())
            if share.availability_zone not in (None, *new) and (old is None or share.availability_zone in zones_of(old))
        ]
        left = sorted({str(share.availability_zone) for share in there})
        if there:
            more = f" and {len(there) - SHOWN} more" if len(there) > SHOWN else ""
            shown = ", ".join(f"{share.shown} in {share.availability_zone}" for share in there[:SHOWN])
            yield Refusal(
                change.zone,
                "zones_in_use",
                f"share type {change.name} would lose the availability zones {', '.join(left)}, where it has shares: {shown}{more}. "
                "Name those zones too, move the shares, or allow [zones_in_use].",
                tuple(share.as_item() for share in there),
            )
