# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What takes all hosts of a zone into its maintenance, and what blocks it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from ...._compute.model import Host
from ...._plan.change import Change, Note, Plan
from ...._plan.text.listing import first
from ...._plan.text.near import nearest
from ...._zones.schema.zone_map import ZoneMap
from ..changes import Close, Disable, Drain, Renew, Stop, count
from ..findings import Findings, zone_by_zone
from ..marks import DRAINED, DRAINING, EMPTIED, LEFT, STOPPED, STOPPING, Mark, mark_of
from ..model import DRAIN, LEAVE, STOP, Region, Wanted, hosts_of
from .draining import Draining, draining
from .plan import SHOWN, blockers, judge, servers_on, unread
from .stopping import IDLE

#: How far a maintenance has come that has nothing left to do, by what becomes of the servers.
ENOUGH = {
    LEAVE: frozenset((LEFT, STOPPED, EMPTIED, DRAINED)),
    STOP: frozenset((STOPPED, EMPTIED)),
    DRAIN: frozenset((EMPTIED,)),
}


def plan_zone_begin(zone_map: ZoneMap, region: Region, wanted: Wanted) -> Plan[Change]:
    """The changes of all zones."""
    return zone_by_zone(zone_map, region, wanted, _of_zone)


def _of_zone(zone_map: ZoneMap, region: Region, wanted: Wanted, zone: Findings) -> list[Change]:
    names = hosts_of(zone_map, zone.name, wanted)
    if not names:
        zone.note("the zone's file names no compute host: none is disabled.")
    if region.incomplete:
        zone.refuse("incomplete_listing", f"{'; '.join(region.incomplete)}: what is on the hosts is unknown.")
    _note_others(region, zone, names)
    fit = [name for name in names if _is_fit(region, wanted, zone, name)]
    open_ones = [name for name in fit if not _is_settled(region, wanted, name)]
    found = draining(region, zone.availability_zone, open_ones, wanted) if open_ones else None
    if found is not None and wanted.servers == DRAIN:
        # A host where only what may stay remains is in maintenance, too.
        kept = [name for name in open_ones if _phase(region, name) == DRAINED and not found.concerns(name)]
        open_ones = [name for name in open_ones if name not in kept]
        found = draining(region, zone.availability_zone, open_ones, wanted) if open_ones and kept else found
    settled = [name for name in fit if name not in open_ones]
    _note_settled(region, zone, [name for name in settled if name not in region.changed])
    renewed = list(_renewals(region, wanted, zone, settled))
    if not open_ones or found is None:
        return renewed
    judge(region, wanted, zone, frozenset(open_ones), found)
    zone.notes += [Note(zone.name, text) for text in unread(region)]
    return [*renewed, *_changes(region, wanted, zone, open_ones, found)]


def _note_others(region: Region, zone: Findings, names: Collection[str]) -> None:
    others = [name for name, where in region.zones.items() if where == zone.availability_zone and name not in names]
    enabled = [name for name in others if region.hosts[name].enabled]
    if enabled:
        shown = first(SHOWN, enabled, of=len(enabled))
        zone.note(f"not in the zone's file, and left enabled: {shown}. Servers can still be placed there.")


def _is_fit(region: Region, wanted: Wanted, zone: Findings, name: str) -> bool:
    """Whether the host is taken into the zone's maintenance; what blocks it is refused, and what was disabled before is left."""
    host = region.hosts.get(name)
    if host is None:
        zone.refuse("unknown_host", f"host {name} is not a compute host of this cloud{nearest(name, region.hosts)}.")
        return False
    mark = mark_of(host)
    if mark is not None and not mark.zone:
        _alone(zone, host, mark, len(servers_on(region, name)))
        return False
    if wanted.servers == LEAVE and mark is None and not host.enabled:
        reason = host.disabled_reason or "no reason given"
        zone.note(f"host {name} is disabled already ({reason}): it is left as it is.")
        return False
    # Where nothing is moved or stopped, a host that is down needs to be kept from the scheduler all the more.
    found = [one for one in blockers(region, wanted, zone, host) if one[0] != "host_down" or wanted.servers != LEAVE]
    for rule, message in found:
        zone.refuse(rule, message)
    if not found and host.state != "up":
        zone.note(f"host {name} is {host.state}: placement learns that it is disabled when it starts.")
    return not found


def _alone(zone: Findings, host: Host, mark: Mark, servers: int) -> None:
    if mark.owner is None and mark.phase in (EMPTIED, DRAINED):
        on = f", and the {count(servers, 'server')} on it" if servers else ""
        zone.note(f"host {host.name} is in a maintenance of its own ({mark.reason}): it is left as it is{on}.")
        return
    zone.refuse(
        "host_maintenance",
        f"the maintenance of host {host.name} is not finished ({host.disabled_reason}). Finish or end it with host_maintenance first.",
    )


def _phase(region: Region, name: str) -> str:
    mark = mark_of(region.hosts[name])
    return "" if mark is None else mark.phase


def _is_settled(region: Region, wanted: Wanted, name: str) -> bool:
    """Whether nothing is left to do on the host. What others start there meanwhile is theirs; what they move there is not."""
    phase = _phase(region, name)
    if phase == EMPTIED and wanted.servers != LEAVE and not wanted.prepare and servers_on(region, name):
        return False
    return phase in ENOUGH[LEAVE if wanted.prepare else wanted.servers]


def _note_settled(region: Region, zone: Findings, names: Collection[str]) -> None:
    """What a zone that is in maintenance already says, once for all hosts."""
    marks = [mark for name in names if (mark := mark_of(region.hosts[name])) is not None]
    if marks:
        ends = sorted({mark.end for mark in marks if mark.end})
        until = f" until {ends[-1]}" if ends else ""
        shown = count(len(names), "host")
        zone.note(f"the zone is in maintenance already{until}, {shown} ({marks[0].reason}).")
    running = [
        server
        for name in names
        if _phase(region, name) == STOPPED
        for server in servers_on(region, name)
        if server.status not in IDLE
    ]
    if running:
        texts = (f"{server.label} on {server.host} ({server.status})" for server in running)
        shown = first(SHOWN, texts, of=len(running), separator="; ")
        zone.note(f"{count(len(running), 'server')} not stopped, left as they are: {shown}.")


def _renewals(region: Region, wanted: Wanted, zone: Findings, names: Iterable[str]) -> Iterator[Change]:
    for name in names:
        host = region.hosts[name]
        mark = mark_of(host)
        if mark is not None and wanted.until and mark.end != wanted.until:
            yield Renew(zone.name, name, host.disabled_reason or "", replace(mark, end=wanted.until).text)


def _changes(region: Region, wanted: Wanted, zone: Findings, hosts: list[str], found: Draining) -> Iterator[Change]:
    marks: dict[str, Mark] = {}
    working = STOPPING if wanted.servers == STOP else DRAINING
    for name in hosts:
        host = region.hosts[name]
        mark = mark_of(host)
        old = None if host.enabled else host.disabled_reason or ""
        end = wanted.until or (mark.end if mark else "")
        marks[name] = Mark(working, wanted.reason, old if mark is None else mark.before, zone=True, end=end)
        yield Disable(zone.name, name, old, marks[name].text, resumed=mark is not None)
    if wanted.prepare:
        for name in hosts:
            yield Close(zone.name, name, marks[name].text, replace(marks[name], phase=LEFT).text, phase=LEFT)
        return
    staying = frozenset(server.id for server, _reason in found.stays)
    names = tuple(hosts)
    if found.moves or found.awaited:
        yield Drain(zone.name, names, found.moves, found.awaited, staying, out=True)
    if found.stops or (wanted.servers == STOP and found.awaited):
        yield Stop(zone.name, names, found.stops, bool(found.awaited))
    for name in hosts:
        here = found.staying_on(name)
        phase = {LEAVE: LEFT, STOP: STOPPED}.get(wanted.servers, DRAINED if here else EMPTIED)
        last = replace(marks[name], phase=phase)
        yield Close(zone.name, name, marks[name].text, last.text, here, phase)
