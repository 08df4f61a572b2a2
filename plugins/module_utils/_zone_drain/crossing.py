# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which servers of zones go to which others, and why the rest stays. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from .._capacity.classify import CROSSES
from .._capacity.model import DRAINED, PINNED, Away, Facts, Question, Workload
from .._capacity.plan import NO_ROOM, Fate, Planner
from .._capacity.shapes import MEMORY
from .._servers.maintenance.draining import pinned_elsewhere
from .._servers.model import COLD, EVACUATION, FINISHED, MIGRATION, Awaited, Move, Record
from .._servers.ways import way_of
from .model import Crossing, Seen, Wanted
from .tags import of_pin, on_its_way, tag_for, unfit


@dataclass(frozen=True)
class Crossed:
    """What becomes of the servers of zones that are emptied.

    :ivar stays: what cannot go, with the reason.
    :ivar no_room: what could go and finds no host.
    :ivar awaited: migrations that are under way, or were not confirmed by the run that began them.
    """

    crossings: tuple[Crossing, ...]
    stays: tuple[tuple[Workload, str], ...]
    no_room: tuple[Fate, ...]
    awaited: tuple[Awaited, ...]


def crossed(seen: Seen, wanted: Wanted, hosts: Collection[str], left: frozenset[str], to: frozenset[str]) -> Crossed:
    """What becomes of all servers on these hosts, together.

    :param left: the availability zones that are emptied; `to`, those that servers may go to.
    """
    facts = seen.region.facts
    awaited = tuple(_awaited(seen, wanted, hosts, left))
    moving = {one.record.server for one in awaited}
    mine = tuple(server for server in facts.servers if server.host in hosts and is_asked(server, seen, wanted))
    question = Question(
        event=DRAINED,
        shared_disks=wanted.shared_disks,
        storage_reachable=wanted.storage_reachable,
        movable=wanted.movable | ({PINNED} if seen.repins else set()),
    )
    # What no server may go to is away, so that nothing is said of its room.
    away = Away(frozenset(hosts), facts.zones - to)
    answer = Planner(replace(_only(facts, to), servers=mine), question).away(away)
    fates = [fate for fate in answer.fates if fate.server.id not in moving]
    bars = {fate.server.id: _bar(fate.server, facts, seen) for fate in fates}
    free = [fate for fate in fates if not bars[fate.server.id]]
    return Crossed(
        crossings=tuple(_crossing(fate, facts, left) for fate in free if fate.outcome == CROSSES),
        stays=tuple(
            (fate.server, bars[fate.server.id] or fate.reason)
            for fate in fates
            if bars[fate.server.id] or fate.outcome not in (CROSSES, NO_ROOM)
        ),
        no_room=tuple(fate for fate in free if fate.outcome == NO_ROOM),
        awaited=awaited,
    )


def is_asked(server: Workload, seen: Seen, wanted: Wanted) -> bool:
    """Whether the server is to go, if it can."""
    if seen.begun is not None and server.id not in seen.begun:
        return False
    return wanted.servers is None or server.id in wanted.servers or server.name in wanted.servers


def _only(facts: Facts, to: frozenset[str]) -> Facts:
    """The region, where only hosts of some zones are room."""
    hosts = {
        name: host if host.zone in to else replace(host, unusable=host.unusable or f"is in zone {host.zone}")
        for name, host in facts.hosts.items()
    }
    return replace(facts, hosts=hosts)


def _bar(server: Workload, facts: Facts, seen: Seen) -> str:
    """Why a server stays whatever room there is; empty where it may go."""
    zone = facts.hosts[server.host].zone
    if reason := pinned_elsewhere(server, facts, zone):
        return reason
    if server.pinned != zone:
        return ""
    if not seen.repins:
        how = "is pinned" if facts.pins_seen else "counts as pinned (nova shows pins from 2.96 on)"
        return f"it {how} to zone {zone}, and this nova ({seen.newest}) cannot change that (from 2.104 on)"
    return unfit(zone)


def _crossing(fate: Fate, facts: Facts, left: frozenset[str]) -> Crossing:
    server, target = fate.server, fate.target or ""
    zone, way = facts.hosts[server.host].zone, way_of(server.status) or ""
    move = Move(server.id, server.name, server.host, target, way, named=True, memory=server.shape.amount(MEMORY))
    tag = on_its_way(server.tags, left)
    pinned = of_pin(tag) or server.pinned == zone
    if pinned or (way == COLD and not unfit(zone)):
        tag = tag or tag_for(zone, pinned=pinned)
    return Crossing(move, facts.hosts[target].zone, tag)


def _awaited(seen: Seen, wanted: Wanted, hosts: Collection[str], left: frozenset[str]) -> Iterator[Awaited]:
    region = seen.region
    by_id = {server.id: server for server in region.facts.servers}
    for record in region.migrations:
        server = by_id.get(record.server)
        tag = on_its_way(server.tags, left) if server is not None else ""
        ours = record.kind == MIGRATION and bool(tag) and (not record.user or record.user == region.user)
        near = record.source in hosts or record.target in hosts
        near = near and (server is None or is_asked(server, seen, wanted))
        under_way = record.under_way and record.kind != EVACUATION and (near or tag)
        if under_way or (record.status == FINISHED and ours):
            yield Awaited(record, server.name if server is not None else "", ours)


def evacuations(migrations: Collection[Record]) -> list[Record]:
    """Those that nova works on, from and to any host: what they take of the room shows only once they have ended."""
    return [record for record in migrations if record.kind == EVACUATION and record.under_way]
