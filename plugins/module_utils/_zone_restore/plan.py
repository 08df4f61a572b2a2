# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What restores servers of lost zones, and what blocks it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._plan.change import Note, Plan
from .._plan.text.listing import first
from .._servers.maintenance.changes import count
from .._servers.maintenance.findings import Findings, findings_of
from .._zones.schema.zone_map import ZoneMap
from .changes import Restore
from .model import Seen, Wanted
from .sorting import AGAIN, CONSENT, DONE, LEFT, REFUSED, Entry, asked_for, out_of_service, sort

SHOWN = 10


def plan_restore(zone_map: ZoneMap, seen: Seen, wanted: Wanted) -> Plan[Restore]:
    """The changes of all zones."""
    zones = [Findings(name, zone_map.zones[name].availability_zone) for name in wanted.only]
    return findings_of(zones, [change for zone in zones for change in _of_zone(zone_map, seen, wanted, zone)])


def entries_of(zone_map: ZoneMap, seen: Seen, wanted: Wanted, name: str) -> list[Entry]:
    """What becomes of every server of a zone."""
    zone, target = zone_map.zones[name], zone_map.zones[wanted.to].availability_zone
    return sort(seen, wanted, zone.compute_hosts, zone.availability_zone, target)


def asked_of(zone_map: ZoneMap, seen: Seen, wanted: Wanted, name: str) -> list[Entry]:
    """Those that more has to be known of."""
    zone, target = zone_map.zones[name], zone_map.zones[wanted.to].availability_zone
    return asked_for(seen, wanted, zone.compute_hosts, zone.availability_zone, target)


def _of_zone(zone_map: ZoneMap, seen: Seen, wanted: Wanted, zone: Findings) -> Iterator[Restore]:
    if _refuse_all(zone_map, seen, wanted, zone):
        return
    entries = entries_of(zone_map, seen, wanted, zone.name)
    for one in entries:
        if one.what == REFUSED:
            zone.refuse("cannot_restore", f"server {one.server.label}: {one.reason}.", ({"server": one.server.id},))
    _note(zone, [one for one in entries if one.what == LEFT], "left")
    _note(zone, [one for one in entries if one.what == CONSENT], "not restored, for want of consent")
    _note(zone, [one for one in entries if one.what == DONE and one.reason], "restored after a failure")
    _note_unknown(zone_map, seen, wanted, zone)
    found = tuple(one.restoration for one in entries if one.what == AGAIN and one.restoration is not None)
    for todo in found:
        for text in todo.differs:
            zone.notes.append(Note(zone.name, f"server {todo.label}: {text}", mended=True))
        for copy in todo.copies:
            text = f"server {todo.label}: its volume {copy.source.label} is restored as it was at {copy.taken}; what was written later is lost"
            zone.notes.append(Note(zone.name, text, mended=True))
            if copy.passed:
                text = f"server {todo.label}: its volume {copy.source.label}: {copy.passed}"
                zone.notes.append(Note(zone.name, text, mended=True))
    if found:
        yield Restore(zone.name, zone_map.zones[wanted.to].availability_zone, found, wanted.phase)
    elif not entries:
        zone.note("there is no server on its hosts.")


def _refuse_all(zone_map: ZoneMap, seen: Seen, wanted: Wanted, zone: Findings) -> bool:
    region, target = seen.region, zone_map.zones[wanted.to]
    before = len(zone.refusals)
    if region.incomplete:
        zone.refuse("incomplete_listing", f"{'; '.join(region.incomplete)}: which servers there are is unknown.")
    if region.unread:
        zone.refuse(
            "unread",
            f"{'; '.join(region.unread)}. Nothing is restored without it: bring that service back.",
        )
    if target.away:
        zone.refuse(
            "target_away",
            f"zone {wanted.to} is {target.zone_state}, by zone_state of its file: name another one in zoneops_restore_to (option 'to').",
        )
    hosts = zone_map.zones[zone.name].compute_hosts
    if not any(out_of_service(region.hosts.get(name)) for name in hosts):
        zone.refuse(
            "not_evacuated",
            f"no host of zone {zone.name} was taken out of service by zone_evacuate: a server that still runs would run twice. Run zone_evacuate for the zone "
            "first, which asks for the evidence that its hosts are cut off (zoneops_evacuate_phase=prepare is enough).",
        )
    return len(zone.refusals) > before


def _note(zone: Findings, entries: list[Entry], what: str) -> None:
    if entries:
        texts = (f"{one.server.label}: {one.reason}" for one in entries)
        zone.note(f"{count(len(entries), 'server')} {what}: {first(SHOWN, texts, of=len(entries), separator='; ')}.")


def _note_unknown(zone_map: ZoneMap, seen: Seen, wanted: Wanted, zone: Findings) -> None:
    """A server that is named and is not there is a slip, or was deleted since."""
    hosts = {host for name in wanted.only for host in zone_map.zones[name].compute_hosts}
    mine = [one for one in seen.region.facts.servers if one.host in hosts]
    known = {word for one in mine for word in (one.id, one.name)}
    missing = [word for word in wanted.servers if word not in known]
    if missing:
        zone.note(f"no server on the hosts of the zone is called {first(SHOWN, missing, of=len(missing))}.")


def state(zone_map: ZoneMap, seen: Seen, wanted: Wanted, zone: str) -> Mapping[str, Any]:
    """The servers of a zone by id, with what becomes of each."""
    found = entries_of(zone_map, seen, wanted, zone)
    return {
        "servers": {
            one.server.id: {
                "name": one.server.name,
                "status": one.server.status,
                "what": one.what,
                **({"reason": one.reason} if one.reason else {}),
            }
            for one in found
        }
    }
