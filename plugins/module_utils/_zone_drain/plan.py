# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What moves servers out of zones, what finishes what an earlier run began, and what blocks it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .._capacity.model import Workload
from .._plan.change import Change, Note, Plan
from .._plan.text.listing import first
from .._plan.text.near import nearest
from .._servers.maintenance.begin.plan import as_item, held, not_ours, not_up, servers_on, unread
from .._servers.maintenance.changes import count
from .._servers.maintenance.findings import Findings
from .._servers.model import Awaited
from .._zone_maintenance.guards import out_of_service
from .._zones.schema.zone_map import ZoneMap
from .calls import TAGGABLE
from .changes import Cross, Finish
from .crossing import Crossed, crossed, evacuations, is_asked
from .model import STAY, Seen, Wanted, left_zones, tags_of
from .tags import of_pin, zone_in

SHOWN = 10


@dataclass(frozen=True)
class _Whole:
    """What is the same for all zones of a call."""

    zone_map: ZoneMap
    seen: Seen
    wanted: Wanted
    left: frozenset[str]
    found: Crossed
    tags: Mapping[str, str]

    def zone_of(self, host: str) -> str:
        return self.seen.region.zones.get(host, "")

    def concerned(self, zone: Findings) -> bool:
        """Whether there is anything that could go."""
        hosts = sources(self.zone_map, self.seen, self.wanted, zone.name)
        return any(
            server.host in hosts and is_asked(server, self.seen, self.wanted)
            for server in self.seen.region.facts.servers
        )

    def of_zone(self, zone: Findings, servers: Iterable[tuple[Workload, str]]) -> list[tuple[Workload, str]]:
        return [one for one in servers if self.zone_of(one[0].host) == zone.availability_zone]


def plan_drain(zone_map: ZoneMap, seen: Seen, wanted: Wanted) -> Plan[Change]:
    """The changes of all zones."""
    whole, targets = _whole(zone_map, seen, wanted)
    changes: list[Change] = []
    zones = [Findings(name, zone_map.zones[name].availability_zone) for name in wanted.only]
    for zone in zones:
        if whole.concerned(zone):
            targets.say(zone)
        changes += _of_zone(whole, zone)
    refusals = [refusal for zone in zones for refusal in zone.refusals]
    return Plan.of(changes, refusals, [note for zone in zones for note in zone.notes])


@dataclass(frozen=True)
class _Targets:
    """The zones that servers may go to.

    :ivar wrong: why zones that were asked for cannot be used; `others`, why zones are left out that nobody asked for.
    """

    zones: frozenset[str]
    wrong: tuple[str, ...]
    others: tuple[str, ...]

    def say(self, zone: Findings) -> None:
        for reason in self.wrong:
            zone.refuse("target_zone", f"{reason}: no server is moved there. Name other zones, or wait.")
        if not self.zones and not self.wrong:
            why = f": {'; '.join(self.others)}" if self.others else ""
            zone.refuse("target_zone", f"there is no zone that servers could go to{why}.")
        elif self.others:
            zone.note(f"no server goes to zones that are out of service: {'; '.join(self.others)}.")


def _targets(zone_map: ZoneMap, seen: Seen, wanted: Wanted) -> _Targets:
    asked = wanted.to if wanted.to is not None else [name for name in zone_map.zones if name not in wanted.only]
    fit: set[str] = set()
    out: list[str] = []
    for name in asked:
        zone = zone_map.zones[name]
        reasons = list(out_of_service(zone, seen.region.hosts))
        if zone.zone_state == "new":
            reasons.append(f"zone {name} is new, by zone_state of its file")
        if zone.availability_zone not in seen.region.zones.values():
            reasons.append(f"zone {name} has no compute host")
        out += reasons[:1]
        if not reasons:
            fit.add(zone.availability_zone)
    named = wanted.to is not None
    return _Targets(frozenset(fit), tuple(out) if named else (), () if named else tuple(out))


def _whole(zone_map: ZoneMap, seen: Seen, wanted: Wanted) -> tuple[_Whole, _Targets]:
    targets, left = _targets(zone_map, seen, wanted), left_zones(zone_map, wanted)
    hosts = frozenset(host for name in wanted.only for host in sources(zone_map, seen, wanted, name))
    found = crossed(seen, wanted, hosts, left, targets.zones)
    return _Whole(zone_map, seen, wanted, left, found, tags_of(seen.region, left)), targets


def sources(zone_map: ZoneMap, seen: Seen, wanted: Wanted, name: str) -> list[str]:
    """The hosts of a zone that are emptied: those of its file that are in it."""
    zone = zone_map.zones[name]
    return [
        host
        for host in zone.compute_hosts
        if (wanted.hosts is None or host in wanted.hosts)
        and seen.region.zones.get(host) == zone.availability_zone
        and host in seen.region.facts.hosts
    ]


def _of_zone(whole: _Whole, zone: Findings) -> Iterator[Change]:
    region, found = whole.seen.region, whole.found
    if region.incomplete:
        zone.refuse("incomplete_listing", f"{'; '.join(region.incomplete)}: what is on the hosts is unknown.")
    _refuse_hosts(whole, zone)
    _refuse_servers(whole, zone)
    running = evacuations(region.migrations)
    if running and whole.concerned(zone):
        names = {server.id: server.label for server in region.facts.servers}
        texts = (record.about(names.get(record.server, record.server)) for record in running)
        shown = first(SHOWN, texts, of=len(running), separator="; ")
        items = (record.as_item() for record in running)
        zone.refuse("evacuations", f"evacuations are under way: {shown}. Wait for their end.", items)
    _judge_room(whole, zone)
    crossings = tuple(one for one in found.crossings if whole.zone_of(one.move.source) == zone.availability_zone)
    awaited = tuple(one for one in found.awaited if _is_of(whole, zone, one))
    if zone.refusals:
        # What an earlier run began is brought to its end all the same.
        crossings, awaited = (), tuple(one for one in awaited if one.record.server in whole.tags)
    going = {one.move.server for one in crossings}
    resumed = tuple(
        one for one in found.resumed if zone_in(one.tag) == zone.availability_zone and one.move.server not in going
    )
    known = {one.record.server for one in awaited} & whole.tags.keys()
    _note(whole, zone)
    if crossings or awaited or resumed:
        tags = tuple((server, whole.tags[server]) for server in sorted(known))
        yield Cross(zone.name, crossings, awaited, tags, resumed)
    busy = {one.record.server for one in found.awaited}
    yield from _finishes(whole, zone, busy | going | {one.move.server for one in resumed})


def _is_of(whole: _Whole, zone: Findings, one: Awaited) -> bool:
    """The zone that the migration leaves; for one that comes from elsewhere the one that it leads to."""
    source = whole.zone_of(one.record.source)
    return (source if source in whole.left else whole.zone_of(one.record.target or "")) == zone.availability_zone


def _refuse_hosts(whole: _Whole, zone: Findings) -> None:
    region, wanted = whole.seen.region, whole.wanted
    for name in whole.zone_map.zones[zone.name].compute_hosts:
        if wanted.hosts is not None and name not in wanted.hosts:
            continue
        host = region.hosts.get(name)
        if host is None:
            zone.refuse(
                "unknown_host", f"host {name} is not a compute host of this cloud{nearest(name, region.hosts)}."
            )
            continue
        found = list(not_ours(region, zone, name))
        if not host.enabled:
            found += held(host)
        if servers_on(region, name):
            found += not_up(host)
        for rule, message in found:
            zone.refuse(rule, message)


def _refuse_servers(whole: _Whole, zone: Findings) -> None:
    wanted, facts = whole.wanted, whole.seen.region.facts
    servers = (*facts.servers, *facts.offloaded)
    named = [("servers", asked) for asked in wanted.servers or ()]
    named += [("shelve_servers", asked) for asked in wanted.shelve_servers]
    # One that is deleted while the run works was known before.
    for option, asked in named if whole.seen.begun is None else ():
        alike = [server for server in servers if server.name == asked and server.id != asked]
        if not any(server.id == asked for server in servers) and not alike:
            zone.refuse("unknown_server", f"option '{option}': no server on a host has the id or the name {asked}.")
        elif len(alike) > 1:
            ids = first(SHOWN, (server.id for server in alike), of=len(alike))
            zone.refuse(
                "unknown_server", f"option '{option}': {len(alike)} servers have the name {asked}. Give the id: {ids}."
            )


def _judge_room(whole: _Whole, zone: Findings) -> None:
    without = whole.of_zone(zone, ((fate.server, fate.reason) for fate in whole.found.no_room))
    if not without:
        return
    texts = (f"{server.label} on {server.host}: {reason}" for server, reason in without)
    said = f"the target zones have no room for {count(len(without), 'server')}: {first(SHOWN, texts, of=len(without), separator='; ')}."
    if STAY in whole.wanted.allow:
        zone.note(said)
    else:
        items = (as_item(server, reason) for server, reason in without)
        zone.refuse(
            "no_room", f"{said} Nothing is moved. Make room there, or move the others only: allow [stay].", items
        )


def _note(whole: _Whole, zone: Findings) -> None:
    region, found = whole.seen.region, whole.found
    stays = whole.of_zone(zone, found.stays)
    if stays:
        texts = (f"{server.label} on {server.host}: {reason}" for server, reason in stays)
        shown = first(SHOWN, texts, of=len(stays), separator="; ")
        zone.note(f"{count(len(stays), 'server')} cannot be moved: {shown}.")
    if not (whole.seen.repins or whole.wanted.shelve) and any(
        server.pinned == zone.availability_zone for server, _reason in stays
    ):
        zone.note(
            "pinned servers of this cloud leave the zone only with an interruption: by shelve and unshelve, with option 'shelve' (nova 2.77, servers that "
            "boot from volumes which are reached from other zones), or as new servers there."
        )
    here = [name for name, placed in region.zones.items() if placed == zone.availability_zone]
    files = whole.zone_map.zones[zone.name].compute_hosts
    others = [name for name in here if name not in files and servers_on(region, name)]
    if others:
        zone.note(f"not in the zone's file, and not emptied: {first(SHOWN, others, of=len(others))}.")
    if whole.seen.begun is not None:
        late = [
            server
            for name in sources(whole.zone_map, whole.seen, whole.wanted, zone.name)
            for server in servers_on(region, name)
            if server.id not in whole.seen.begun
        ]
        if late:
            shown = first(SHOWN, (server.label for server in late), of=len(late))
            zone.note(f"{count(len(late), 'server')} came to the zone during the run: {shown}. Run it again.")
    enabled = [name for name in here if region.hosts[name].enabled]
    if enabled:
        zone.note(
            f"{count(len(enabled), 'host')} of the zone {'is' if len(enabled) == 1 else 'are'} enabled, and nova may place servers there again. "
            f"To take the zone out of use: ansible-playbook zoneops.openstack.zone_maintenance --limit {zone.name} -e zoneops_maintenance=begin"
        )
    zone.notes += [Note(zone.name, text) for text in unread(region)]


def _finishes(whole: _Whole, zone: Findings, going: set[str]) -> Iterator[Finish]:
    """What an earlier run left on its way out of this zone, wherever it is."""
    region = whole.seen.region
    for server in region.facts.servers:
        tag = whole.tags.get(server.id, "")
        if not tag or server.id in going or zone_in(tag) != zone.availability_zone:
            continue
        if server.task or server.status not in TAGGABLE:
            what = server.task or server.status
            zone.note(f"the move of server {server.label} is not finished, and it is {what} now. Run it again later.")
            continue
        here = whole.zone_of(server.host)
        zoned = here in region.facts.holding
        pin = here if zoned and of_pin(tag) and server.pinned is None else None
        yield Finish(zone.name, server.id, server.label, tag, pin)


def state(zone_map: ZoneMap, seen: Seen, wanted: Wanted, zone: str) -> dict[str, object]:
    """The hosts of a zone with the servers on them, and what is on its way out of it."""
    whole, _targets_of_all = _whole(zone_map, seen, wanted)
    reasons = {server.id: reason for server, reason in whole.found.stays}
    reasons |= {fate.server.id: fate.reason for fate in whole.found.no_room}
    name = zone_map.zones[zone].availability_zone
    servers = seen.region.facts.servers
    return {
        "hosts": {
            host: {
                "status": seen.region.hosts[host].status,
                "servers": [_entry(server, reasons) for server in servers if server.host == host],
            }
            for host in sources(zone_map, seen, wanted, zone)
        },
        "unfinished": {
            server.id: {"name": server.name, "host": server.host or None, "pinned": server.pinned}
            for server in (*servers, *seen.region.facts.offloaded)
            if zone_in(whole.tags.get(server.id, "")) == name
        },
    }


def _entry(server: Workload, reasons: Mapping[str, str]) -> dict[str, object]:
    found: dict[str, object] = {"id": server.id, "name": server.name, "status": server.status}
    return {**found, "reason": reasons[server.id]} if server.id in reasons else found


def asked_servers(seen: Seen, wanted: Wanted) -> frozenset[str]:
    """The servers that a run which begins now is about."""
    facts = seen.region.facts
    return frozenset(server.id for server in (*facts.servers, *facts.offloaded) if is_asked(server, seen, wanted))
