# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan for share types: what to write, and what blocks it. Pure.

Manila takes what it cannot serve: a type of an unknown zone or back end, and another driver_handles_share_servers for a type that has shares.
Every share of it then ends in the status error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..._plan.change import Note, Plan, Refusal
from ..._plan.text.listing import first
from ..._types.changes import CreateType, SetSpecs, TypeChange
from ..._types.guards import misplaced, name_is_id
from ..._types.listed import listed, listing_notes
from ..._types.model import WantedType, same, zones_of
from ..._types.plan import type_changes
from ..._types.removal import Leaving, User, blockers_of
from ..._zones.schema.zone_map import ShareType, Zone, ZoneMap
from ..api.model import DRIVER_HANDLES, SHARE_TYPES, Share
from ..services.findings import NO_MANILA, without_manila
from .model import SHOWN, Observed, Options


def plan_types(wanted: ZoneMap, types: tuple[ShareType, ...], observed: Observed, options: Options) -> Plan[TypeChange]:
    """What leads to the types of the map."""
    if not observed.present:
        return Plan.of((), *_without_manila(wanted, types, options))
    refusals: list[Refusal] = []
    notes: list[Note] = []
    for found in (found for item in types for found in _obstacles(item, wanted, observed, options)):
        if isinstance(found, Note):
            notes.append(found)
        else:
            refusals.append(found)
    refused = {refusal.zone for refusal in refusals}
    # A type of several zones is made although one of them is refused, as volume types are.
    only = tuple(zone for zone in options.only if zone not in refused)
    notes += listing_notes(SHARE_TYPES, types, wanted, only, observed.types)
    plan = Plan.of(_changes(types, wanted, observed, only, options), refusals, notes)
    return replace(plan, candidates=tuple(_changes(types, wanted, observed, options.only, options)))


def _changes(
    types: tuple[ShareType, ...], wanted: ZoneMap, observed: Observed, only: tuple[str, ...], options: Options
) -> list[TypeChange]:
    """The writes that these zones need."""
    changes: list[TypeChange] = []
    # What cannot be rolled back comes last.
    ends: list[TypeChange] = []
    for item in types:
        if item.state == "absent":
            leaving = _leaving(item, wanted, observed)
            if leaving is not None and leaving.shared_by(only):
                ends.append(leaving.change(only))
        else:
            changes += _planned(item, wanted, observed, only, options)
    return [*changes, *ends]


def _planned(
    item: ShareType, wanted: ZoneMap, observed: Observed, only: tuple[str, ...], options: Options
) -> list[TypeChange]:
    asked, found = _wanted(item, wanted, observed, only), observed.types.get(item.name)
    return list(type_changes(SHARE_TYPES, asked, found, only, purge_projects=options.purge_projects))


def _obstacles(item: ShareType, wanted: ZoneMap, observed: Observed, options: Options) -> Iterator[Refusal | Note]:
    """Why the zones of a type cannot have it, or cannot lose it."""
    mine = tuple(zone for zone in options.only if zone in item.zones)
    if item.state == "absent":
        leaving = _leaving(item, wanted, observed)
        if leaving is not None:
            users = [User(share.shown, share.as_item()) for share in observed.shares.get(item.name, ())[: SHOWN + 1]]
            yield from blockers_of(leaving, options.only, users, observed.default)
        return
    planned = _planned(item, wanted, observed, options.only, options)
    for rule, message, shares in _of_type(item, planned, observed, options):
        yield from (Refusal(zone, rule, message, tuple(share.as_item() for share in shares)) for zone in mine)
    if observed.places is None or not any(isinstance(change, (CreateType, SetSpecs)) for change in planned):
        return
    asked, zones = _wanted(item, wanted, observed, mine), {place.availability_zone for place in observed.places}
    for zone in (wanted.zones[name] for name in mine):
        for problem in misplaced(SHARE_TYPES, asked, zone, zones, observed.places):
            yield Note(zone.name, problem.message, mended=True) if zone.away else problem


def _of_type(
    item: ShareType, planned: Iterable[TypeChange], observed: Observed, options: Options
) -> Iterator[tuple[str, str, tuple[Share, ...]]]:
    """What blocks a type in all its zones: the rule, the message, and the blockers among the shares."""
    yield from ((*found, ()) for found in _unclear_projects(item, observed))
    yield from ((*found, ()) for found in name_is_id(SHARE_TYPES, item.name, observed.types.values()))
    yield from ((*found, ()) for found in _share_servers(item, observed))
    if "zones_in_use" not in options.allow:
        yield from _zones_in_use(planned, observed)


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


def _wanted(item: ShareType, wanted: ZoneMap, observed: Observed, only: tuple[str, ...]) -> WantedType:
    zones = [wanted.zones[name] for name in item.zones]
    specs: dict[str, str | None] = {
        **listed(SHARE_TYPES, item, wanted, only, observed.types.get(item.name)).specs,
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
        projects=_ids(item, observed),
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


def _unclear_projects(item: ShareType, observed: Observed) -> Iterator[tuple[str, str]]:
    for project in item.projects:
        ids = observed.projects.get(project, ())
        if len(ids) != 1:
            hint = observed.hints.get(project, "")
            what = f"is the name of several ({', '.join(ids)}): give the id" if ids else f"does not exist{hint}"
            yield "unknown_project", f"share type {item.name}: project {project} {what}."


def _share_servers(item: ShareType, observed: Observed) -> Iterator[tuple[str, str]]:
    """manila does take another value, and the shares that are there no longer fit their type."""
    found, given = observed.types.get(item.name), item.driver_handles_share_servers
    if found is None or given is None:
        return
    present = found.specs.get(DRIVER_HANDLES)
    if not same(present, str(given)):
        message = (
            f"share type {item.name} has {DRIVER_HANDLES}={present}, which cannot change. "
            "Create a type of another name, or delete this one once it has no shares."
        )
        yield "share_servers", message


def _zones_in_use(changes: Iterable[TypeChange], observed: Observed) -> Iterator[tuple[str, str, tuple[Share, ...]]]:
    for change in changes:
        if not isinstance(change, SetSpecs) or SHARE_TYPES.az_spec not in change.new:
            continue
        # A type without the spec is in every zone.
        old, new = change.old[SHARE_TYPES.az_spec], zones_of(change.new[SHARE_TYPES.az_spec])
        there = tuple(
            share
            for share in observed.shares.get(change.name, ())
            if share.availability_zone not in (None, *new) and (old is None or share.availability_zone in zones_of(old))
        )
        left = sorted({str(share.availability_zone) for share in there})
        if there:
            shown = first(SHOWN, (f"{share.shown} in {share.availability_zone}" for share in there), of=len(there))
            message = (
                f"share type {change.name} would lose the availability zones {', '.join(left)}, where it has shares: {shown}. "
                "Name those zones too, move the shares, or add to zoneops_allow (option allow): [zones_in_use]."
            )
            yield "zones_in_use", message, there
