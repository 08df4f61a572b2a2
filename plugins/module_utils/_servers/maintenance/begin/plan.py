# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What takes hosts into maintenance, and what blocks it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ...._capacity.model import Workload
from ...._capacity.plan import Fate
from ...._capacity.region import NO_USABLE_HOST
from ...._compute.marks import died, in_maintenance, is_on_its_way, of_ha_tool
from ...._compute.model import Host
from ...._plan.change import Change, Note, Plan
from ...._plan.text.listing import first
from ...._plan.text.near import nearest
from ...._zones.schema.zone_map import ZoneMap
from ..changes import Close, Disable, Drain, count
from ..findings import Findings, zone_by_zone
from ..marks import DRAINED, DRAINING, EMPTIED, LEFT, Mark, mark_of
from ..model import FOREIGN, LAST_HOST, STAY, STOP, Region, Wanted, hosts_of
from .draining import Draining, draining

SHOWN = 5
# An end can be given later.
ANY_END = "2000-01-01T00:00Z"
BREAK = "Wait for it to end. If that run is dead, set zoneops_break_lock=true (option break_lock)."


def plan_begin(zone_map: ZoneMap, region: Region, wanted: Wanted) -> Plan[Change]:
    """The changes of all zones."""
    return zone_by_zone(zone_map, region, wanted, _of_zone)


def _of_zone(zone_map: ZoneMap, region: Region, wanted: Wanted, zone: Findings) -> list[Change]:
    names = hosts_of(zone_map, zone.name, wanted)
    if not names:
        if not zone_map.zones[zone.name].compute_hosts:
            zone.note("the zone's file names no compute host: there is nothing to do here.")
        return []
    if region.incomplete:
        zone.refuse("incomplete_listing", f"{'; '.join(region.incomplete)}: what is on the hosts is unknown.")
    fit = [name for name in names if _is_fit(region, wanted, zone, name)]
    hosts = [name for name in fit if not _is_settled(region, wanted, name)]
    found = draining(region, zone.availability_zone, hosts, wanted) if hosts else None
    if found is not None:
        # A host where only what may stay remains is in maintenance, too.
        kept = [name for name in hosts if _phase(region, name) == DRAINED and not found.concerns(name)]
        hosts = [name for name in hosts if name not in kept]
        if hosts:
            found = draining(region, zone.availability_zone, hosts, wanted) if kept else found
            judge(region, wanted, zone, frozenset(hosts), found)
    for name in fit:
        if name not in hosts and name not in region.changed:
            _say_settled(region, zone, name)
    if not hosts or found is None:
        return []
    zone.notes += [Note(zone.name, text) for text in (*_attendants(region, hosts), *unread(region))]
    return list(_changes(region, wanted, zone, hosts, found))


def _is_fit(region: Region, wanted: Wanted, zone: Findings, name: str) -> bool:
    """Whether the host may be taken into maintenance; what blocks it is refused."""
    host = region.hosts.get(name)
    if host is None:
        zone.refuse("unknown_host", f"host {name} is not a compute host of this cloud{nearest(name, region.hosts)}.")
        return False
    blocked = False
    for rule, message in blockers(region, wanted, zone, host):
        zone.refuse(rule, message)
        blocked = True
    return not blocked


def blockers(region: Region, wanted: Wanted, zone: Findings, host: Host) -> Iterator[tuple[str, str]]:
    name = host.name
    yield from not_ours(region, zone, name)
    mark = mark_of(host)
    if mark is not None and mark.zone and not wanted.zone:
        yield (
            "zone_maintenance",
            f"host {name} is in the maintenance of its zone ({mark.reason}). End that with zone_maintenance first.",
        )
    if mark is None and not host.enabled:
        yield from _disabled(host, wanted)
    yield from not_up(host)


def not_ours(region: Region, zone: Findings, name: str) -> Iterator[tuple[str, str]]:
    """Why the host is another zone's, or another run's."""
    placed = region.zones.get(name)
    if placed != zone.availability_zone:
        yield (
            "host_elsewhere",
            f"host {name} is in availability zone {placed}, not in {zone.availability_zone}: correct the zone file, or run availability_zones.",
        )
    if name in region.running:
        yield "another_run", f"another run is emptying host {name}: {region.running[name]}. {BREAK}"


def not_up(host: Host) -> Iterator[tuple[str, str]]:
    if host.forced_down or host.state != "up":
        state = "forced down" if host.forced_down else host.state
        advice = "Start nova-compute, or evacuate its servers."
        yield "host_down", f"host {host.name} is {state}: nothing can be moved off it. {advice}"


def held(host: Host) -> Iterator[tuple[str, str]]:
    """Why others than a maintenance of ours hold a host that is disabled."""
    reason = host.disabled_reason or ""
    if is_on_its_way(host):
        yield (
            "on_its_way",
            f"host {host.name} was left by an interrupted move ({reason}). Run availability_zones first, which finishes the move.",
        )
    elif of_ha_tool(host):
        yield (
            "ha_host",
            f"host {host.name} is disabled by an instance-HA tool or kept as its spare ({reason}). Release it there first.",
        )
    elif died(host):
        yield (
            "dead_host",
            f"host {host.name} is out of service because it died ({reason}). Bring it back with zone_return first.",
        )


def _disabled(host: Host, wanted: Wanted) -> Iterator[tuple[str, str]]:
    reason = host.disabled_reason or ""
    if found := list(held(host)):
        yield from found
    elif in_maintenance(host):
        yield (
            "foreign_reasons",
            f"host {host.name} has a mark of a maintenance that is not readable ({reason}). Set another reason, or enable it.",
        )
    elif FOREIGN not in wanted.allow:
        yield (
            FOREIGN,
            f"host {host.name} is already disabled ({reason or 'no reason given'}). To empty it anyway, and keep that reason: allow [foreign_reasons].",
        )
    elif not Mark(DRAINING, "", reason, zone=wanted.zone, end=wanted.until or ANY_END if wanted.zone else "").fits:
        yield (
            FOREIGN,
            f"the reason that host {host.name} is disabled for is too long to be kept ({len(reason)} characters). Shorten it.",
        )


def _phase(region: Region, name: str) -> str:
    mark = mark_of(region.hosts[name])
    return "" if mark is None else mark.phase


def _is_settled(region: Region, wanted: Wanted, name: str) -> bool:
    """Whether the host is in maintenance, and nothing is on it, or its servers are left to a later run."""
    phase = _phase(region, name)
    return (wanted.prepare and phase == LEFT) or (phase in (EMPTIED, DRAINED) and not servers_on(region, name))


def servers_on(region: Region, name: str) -> list[Workload]:
    return [server for server in region.facts.servers if server.host == name]


def _say_settled(region: Region, zone: Findings, name: str) -> None:
    number = len(servers_on(region, name))
    left = f", {count(number, 'server')} on it" if number else ", empty"
    mark = mark_of(region.hosts[name])
    zone.note(f"host {name} is in maintenance already{left} ({mark.reason if mark else ''}).")


def judge(region: Region, wanted: Wanted, zone: Findings, hosts: frozenset[str], found: Draining) -> None:
    """Refuse what cannot be emptied."""
    if found.unsettled:
        names = {server.id: server.label for server in region.facts.servers}
        texts = (record.about(names.get(record.server, record.server)) for record in found.unsettled)
        zone.refuse(
            "unfinished_migrations",
            f"unfinished migrations from or to the hosts: {first(SHOWN, texts, of=len(found.unsettled), separator='; ')}. "
            "Confirm or revert them; after an evacuation start nova-compute on the source host.",
            (record.as_item() for record in found.unsettled),
        )
    settled = {record.server for record in found.unsettled}
    stays = [(server, reason) for server, reason in found.stays if server.id not in settled and server.host in hosts]
    if stays:
        texts = (f"{server.label} on {server.host}: {reason}" for server, reason in stays)
        how, kept = ("stopped", "as they are") if wanted.servers == STOP else ("moved", "on the host")
        said = f"{count(len(stays), 'server')} cannot be {how}: {first(SHOWN, texts, of=len(stays), separator='; ')}."
        if STAY in wanted.allow:
            zone.note(said)
        else:
            advice = f"Settle them, or leave them {kept}: allow [stay]."
            zone.refuse(STAY, f"{said} {advice}", (as_item(server, reason) for server, reason in stays))
    if found.no_room:
        whys = {fate.server.id: fate.reason if wanted.zone else _why(fate) for fate in found.no_room}
        texts = (f"{fate.server.label} on {fate.server.host}: {whys[fate.server.id]}" for fate in found.no_room)
        which = f"{count(len(found.no_room), 'server')} of {', '.join(sorted(hosts))}"
        said = f"{which}: {first(SHOWN, texts, of=len(found.no_room), separator='; ')}."
        zone.refuse(
            "no_room",
            f"the other zones have no room for {said} Make room there, or stop the servers instead."
            if wanted.zone
            else f"zone {zone.availability_zone} has no room for {said} Take fewer hosts at a time, or add some.",
            (as_item(fate.server, whys[fate.server.id]) for fate in found.no_room),
        )
    if wanted.zone:
        return
    usable = [
        name
        for name, host in region.facts.hosts.items()
        if host.zone == zone.availability_zone and not host.unusable and name not in hosts
    ]
    pinned = [server for server in region.facts.servers if server.pinned == zone.availability_zone]
    if not usable and pinned and LAST_HOST not in wanted.allow:
        zone.refuse(
            LAST_HOST,
            f"no enabled host would be left in zone {zone.availability_zone}, and {count(len(pinned), 'server')} pinned to it. "
            "Take fewer hosts at a time, or: allow [last_host].",
            (as_item(server, "pinned to the zone") for server in pinned),
        )


def as_item(server: Workload, reason: str) -> dict[str, object]:
    """A server as a blocker."""
    return {
        "kind": "server",
        "id": server.id,
        "name": server.name,
        "project_id": server.project,
        "host": server.host,
        "status": server.status,
        "reason": reason,
    }


def _why(fate: Fate) -> str:
    """Where no other zone is asked, the reason need not name all zones."""
    return "no other host of the zone is up and enabled" if NO_USABLE_HOST in fate.reason else fate.reason


def _changes(region: Region, wanted: Wanted, zone: Findings, hosts: list[str], found: Draining) -> Iterator[Change]:
    marks: dict[str, Mark] = {}
    for name in hosts:
        host = region.hosts[name]
        mark = mark_of(host)
        old = None if host.enabled else host.disabled_reason or ""
        marks[name] = Mark(DRAINING, wanted.reason, old if mark is None else mark.before)
        yield Disable(zone.name, name, old, marks[name].text, resumed=mark is not None)
    if wanted.prepare:
        for name in hosts:
            yield Close(zone.name, name, marks[name].text, replace(marks[name], phase=LEFT).text, phase=LEFT)
        return
    stays = frozenset(server.id for server, _reason in found.stays)
    if found.moves or found.awaited:
        yield Drain(zone.name, tuple(hosts), found.moves, found.awaited, stays)
    for name in hosts:
        staying = found.staying_on(name)
        mark = Mark(DRAINED if staying else EMPTIED, wanted.reason, marks[name].before)
        yield Close(zone.name, name, marks[name].text, mark.text, staying)


def _attendants(region: Region, hosts: Iterable[str]) -> Iterator[str]:
    by_host: dict[str, list[str]] = {}
    for one in region.attendants:
        if one.serves:
            by_host.setdefault(one.host, []).append(one.text)
    for name in hosts:
        if name in by_host:
            yield f"host {name} also runs {', '.join(by_host[name])}: this moves servers only."


def unread(region: Region) -> Iterator[str]:
    for text in region.unread:
        yield f"could not be read, and counts as unknown: {text}"
