# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What takes dead hosts out of service and evacuates their servers, and what blocks it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from .._capacity.model import Workload
from .._compute.model import Host
from .._plan.change import Change, Plan
from .._plan.text.listing import first
from .._plan.text.near import nearest
from .._servers.dead import SHUTOFF, Dead, dead_of
from .._servers.maintenance.begin.plan import held, not_ours, servers_on
from .._servers.maintenance.changes import count
from .._servers.maintenance.findings import Findings
from .._zones.schema.zone_map import Zone, ZoneMap
from .changes import Evacuate, TakeOut
from .evidence.diagnosis import ALIVE, STORAGE_ONLY, Diagnosis, blind, diagnose, heard_after
from .evidence.fencing import EXAMPLE
from .evidence.instance_ha import ignoring, of_host, of_region
from .model import INSTANCE_HA, PREPARE, START, Evacuation, Seen, Wanted
from .servers.sorting import Sorted, landed, sort

SHOWN = 10


@dataclass(frozen=True)
class Case:
    """One zone, and what becomes of it.

    :ivar out: dead hosts that are cut off, by the evidence that was handed in.
    """

    diagnosis: Diagnosis
    out: tuple[str, ...] = ()
    found: Sorted = field(default_factory=Sorted)


def plan_evacuation(zone_map: ZoneMap, seen: Seen, wanted: Wanted) -> Plan[Change]:
    """The changes of all zones."""
    changes: list[Change] = []
    zones = [Findings(name, zone_map.zones[name].availability_zone) for name in wanted.only]
    for zone in zones:
        changes += _of_zone(zone_map, seen, wanted, zone)
    refusals = [refusal for zone in zones for refusal in zone.refusals]
    return Plan.of(changes, refusals, [note for zone in zones for note in zone.notes])


def case(zone_map: ZoneMap, seen: Seen, wanted: Wanted, name: str, zone: Findings | None = None) -> Case:
    """What becomes of a zone, with what is refused of its hosts."""
    diagnosis, out = _cut_off(zone_map, seen, wanted, name, zone)
    to = frozenset(zone_map.zones[other].availability_zone for other in wanted.to)
    zone_name = zone_map.zones[name].availability_zone
    found = sort(seen, wanted, zone_name, out, to, lost=diagnosis.lost) if out else Sorted()
    origins = [host for host in zone_map.zones[name].compute_hosts if wanted.hosts is None or host in wanted.hosts]
    return Case(diagnosis, out, replace(found, landed=landed(seen, origins, out)))


def _cut_off(
    zone_map: ZoneMap, seen: Seen, wanted: Wanted, name: str, zone: Findings | None = None
) -> tuple[Diagnosis, tuple[str, ...]]:
    zone = zone or Findings(name, zone_map.zones[name].availability_zone)
    of_map = zone_map.zones[name]
    diagnosis = diagnose(of_map, seen)
    asked = _asked(of_map, seen, wanted, diagnosis, zone)
    return diagnosis, tuple(host for host in asked if _may_go(seen, wanted, zone, host))


def is_lost(zone_map: ZoneMap, seen: Seen, wanted: Wanted, zone: str) -> bool:
    """Whether a zone is gone as a whole and has hosts that are cut off: its services are taken out as well."""
    scratch = Findings(zone, zone_map.zones[zone].availability_zone)
    diagnosis, out = _cut_off(zone_map, seen, wanted, zone, scratch)
    return diagnosis.lost and bool(out) and not _refuse_all(seen, wanted, scratch)


def _of_zone(zone_map: ZoneMap, seen: Seen, wanted: Wanted, zone: Findings) -> Iterator[Change]:
    found = case(zone_map, seen, wanted, zone.name, zone)
    for source, reason in seen.unheard.items():
        zone.note(f"{source} could not be read, so it says nothing: {reason}")
    if found.diagnosis.verdict == ALIVE:
        zone.note("no host of the zone is dead: there is nothing to evacuate.")
        # Its hosts are back, and what was evacuated is still to be started.
        yield from _evacuate(wanted, zone, found)
        return
    if found.diagnosis.verdict == STORAGE_ONLY:
        zone.refuse(
            "storage_only",
            "the storage of the zone does not answer and its hosts live: an evacuation would put servers into status ERROR. "
            "Bring the storage back; until then let nobody detach or delete volumes there.",
        )
        return
    if _refuse_all(seen, wanted, zone):
        return
    _note_left(seen, wanted, zone, found)
    for name in found.out:
        yield from _take_out(seen, wanted, zone, name, whole=found.diagnosis.lost)
    yield from _evacuate(wanted, zone, found)


def _evacuate(wanted: Wanted, zone: Findings, found: Case) -> Iterator[Change]:
    servers = found.found
    starts = wanted.phase == START
    rest = tuple(one for one in servers.landed if starts or one.status == SHUTOFF)
    if wanted.phase != PREPARE and (servers.evacuations or servers.awaited or rest):
        yield Evacuate(zone.name, found.out, servers.evacuations, servers.awaited, servers.watched, rest, starts)


def _take_out(seen: Seen, wanted: Wanted, zone: Findings, name: str, *, whole: bool) -> Iterator[Change]:
    host, ignored = seen.region.hosts[name], ignoring(seen, wanted, name, zone.name)
    mark = dead_of(host)
    out = mark is not None and host.forced_down
    if out and ignored is None:
        return
    old = None if host.enabled else host.disabled_reason or ""
    new = mark or Dead(wanted.reason, old, zone=whole)
    if not new.fits:
        zone.note(
            f"host {host.name}: the reason that it was disabled for before is cut where nova has no room for it: {old}"
        )
    yield TakeOut(zone.name, name, old, new.text, wanted.fencing[name], ignored, out=out)


def _refuse_all(seen: Seen, wanted: Wanted, zone: Findings) -> bool:
    """What blocks all of it: nothing that this run sees could be trusted, or nothing that it asks for would be done."""
    before = len(zone.refusals)
    region = seen.region
    if reason := blind(seen):
        zone.refuse("own_eyes", f"{reason}. Nothing is evacuated.")
    if seen.trouble:
        zone.refuse(
            "control_plane",
            f"{'; '.join(seen.trouble)}. Evacuations would be accepted and hang: bring nova's own services back first.",
        )
    if region.incomplete:
        zone.refuse("incomplete_listing", f"{'; '.join(region.incomplete)}: what is on the hosts is unknown.")
    for message in of_region(seen, wanted):
        zone.refuse(INSTANCE_HA, message)
    return len(zone.refusals) > before


def _asked(of_map: Zone, seen: Seen, wanted: Wanted, diagnosis: Diagnosis, zone: Findings) -> Iterator[str]:
    """The dead hosts; what else was asked for by name is refused."""
    hosts = seen.region.hosts
    for name in of_map.compute_hosts:
        if wanted.hosts is not None and name not in wanted.hosts:
            continue
        if name not in hosts:
            zone.refuse("unknown_host", f"host {name} is not a compute host of this cloud{nearest(name, hosts)}.")
        elif name in diagnosis.reporting:
            zone.refuse(
                "alive",
                f"host {name} is forced down, and its nova-compute still reports, last at {seen.reporting[name]}, unless others write to its record: it is not "
                "dead, and its guests run. To evacuate it, power it off first. To empty it, remove forced_down and use host_maintenance.",
            )
        elif name in diagnosis.doubtful:
            zone.refuse(
                "partition",
                f"host {name} is down for nova, and {diagnosis.doubtful[name]} on it reports that it lives: it is cut off from nova rather than dead. "
                "Its guests may run. Power it off, and wait until nothing on it reports any more.",
            )
        elif name in diagnosis.dead:
            yield name
        elif wanted.hosts is not None:
            zone.refuse(
                "host_up", f"host {name} is up: nothing is evacuated from it. Use host_maintenance to empty it."
            )


def _may_go(seen: Seen, wanted: Wanted, zone: Findings, name: str) -> bool:
    """Whether a dead host is taken out of service: it is cut off, and nobody else's."""
    region = seen.region
    host = region.hosts[name]
    found = list(not_ours(region, zone, name))
    found += [one for one in held(host) if one[0] != "dead_host"] if not host.enabled else []
    fence = wanted.fencing.get(name)
    if fence is None:
        found.append(("fencing", _unfenced(host)))
    elif heard := heard_after(fence, seen, name):
        found.append(
            (
                "fencing",
                f"host {name}: {heard}, which is later than the evidence for it ({fence.text}). Look whether it is still off, and write a later time.",
            )
        )
    if message := of_host(seen, wanted, name, zone.availability_zone):
        found.append((INSTANCE_HA, message))
    for rule, message in found:
        zone.refuse(rule, message)
    return not found


def _unfenced(host: Host) -> str:
    forced = " Its forced_down is no evidence." if host.forced_down else ""
    return (
        f"host {host.name} is {host.state}, and nothing says that it is cut off from storage and network: if it runs, one disk would get two writers.{forced} "
        f"Power it off or cut it off, then write that into zoneops_fencing (option fencing): - {EXAMPLE.replace('NAME', host.name, 1)}"
    )


def _note_left(seen: Seen, wanted: Wanted, zone: Findings, found: Case) -> None:
    servers = found.found
    _note_servers(zone, servers.left, "left")
    without = [(fate.server, fate.reason) for fate in servers.no_room]
    _note_servers(zone, without, "left for want of room")
    if found.diagnosis.lost:
        zone.note(
            f"zone {zone.name} is lost as a whole: write 'zone_state: down' into its file, so that site and verify leave it alone."
        )
    if wanted.phase != START or not seen.stops:
        return
    boots = [one.move.label for one in servers.evacuations if one.boots]
    if boots:
        zone.note(
            f"in status ERROR, and started by nova when they are evacuated: {first(SHOWN, boots, of=len(boots))}."
        )


def _note_servers(zone: Findings, left: Collection[tuple[Workload, str]], what: str) -> None:
    if left:
        texts = (f"{server.label} on {server.host}: {reason}" for server, reason in left)
        zone.note(f"{count(len(left), 'server')} {what}: {first(SHOWN, texts, of=len(left), separator='; ')}.")


def state(zone_map: ZoneMap, seen: Seen, wanted: Wanted, zone: str) -> dict[str, object]:
    """The dead hosts of a zone with the servers on them, and what has left them and is not yet as it is to be."""
    found = case(zone_map, seen, wanted, zone)
    reasons = {server.id: reason for server, reason in found.found.left}
    reasons |= {fate.server.id: fate.reason for fate in found.found.no_room}
    names = (*found.diagnosis.dead, *found.diagnosis.doubtful, *found.diagnosis.reporting)
    for name in set(names) - set(found.out):
        asked = wanted.hosts is None or name in wanted.hosts
        reason = f"host {name} is refused" if asked else f"host {name} is not among those that were named"
        reasons |= {server.id: reason for server in servers_on(seen.region, name)}
    return {
        "hosts": {name: _host_state(seen, name, reasons) for name in sorted(names)},
        "unfinished": {one.move.server: _unfinished(one) for one in found.found.landed},
    }


def _host_state(seen: Seen, name: str, reasons: dict[str, str]) -> dict[str, object]:
    host, known = seen.region.hosts[name], seen.masakari.hosts.get(name)
    return {
        "id": host.service_id,
        "status": host.status,
        "disabled_reason": host.disabled_reason or None,
        "forced_down": host.forced_down,
        **({"masakari": {"segment": known.segment_name, "on_maintenance": known.on_maintenance}} if known else {}),
        "servers": [
            {
                "id": one.id,
                "name": one.name,
                "status": one.status,
                **({"reason": reasons[one.id]} if one.id in reasons else {}),
            }
            for one in servers_on(seen.region, name)
        ],
    }


def _unfinished(one: Evacuation) -> dict[str, object]:
    return {"name": one.move.name, "host": one.move.target, "status": one.status}
