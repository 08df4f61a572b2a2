# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which servers of zones go to which others, and why the rest stays. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from .._capacity.classify import CROSSES, WAITS
from .._capacity.facts.servers import OFFLOADED
from .._capacity.model import DRAINED, PINNED, Away, Facts, Question, Workload
from .._capacity.named import is_named
from .._capacity.plan import NO_ROOM, Fate, Planner
from .._servers.maintenance.begin.draining import pinned_elsewhere
from .._servers.model import COLD, EVACUATION, FINISHED, MIGRATION, SHELVE, Awaited, Record
from .._servers.ways import move_of, way_of
from .model import Crossing, Seen, Wanted
from .shelving import posed, resumed, shelve_tag, shelved, why_not
from .tags import of_pin, on_its_way, tag_for, tag_to_shelve, unfit


@dataclass(frozen=True)
class Crossed:
    """What becomes of the servers of zones that are emptied.

    :ivar stays: what cannot go, with the reason.
    :ivar no_room: what could go and finds no host.
    :ivar awaited: migrations that are under way, or were not confirmed by the run that began them.
    :ivar resumed: servers that an earlier run shelved, or has still to stop.
    """

    crossings: tuple[Crossing, ...]
    stays: tuple[tuple[Workload, str], ...]
    no_room: tuple[Fate, ...]
    awaited: tuple[Awaited, ...]
    resumed: tuple[Crossing, ...]


def crossed(seen: Seen, wanted: Wanted, hosts: Collection[str], left: frozenset[str], to: frozenset[str]) -> Crossed:
    """What becomes of all servers on these hosts, together.

    :param left: the availability zones that are emptied; `to`, those that servers may go to.
    """
    facts = seen.region.facts
    awaited = tuple(_awaited(seen, wanted, hosts, left))
    moving = {one.record.server for one in awaited}
    begun = shelved(seen, left)
    moving |= {server.id for server in (*begun.homeless, *begun.placed) if server.task or server.status == OFFLOADED}
    asked = [server for server in facts.servers if server.host in hosts and is_asked(server, seen, wanted)]
    bars = {server.id: _bar(server, seen, wanted, left) for server in asked if server.id not in moving}
    going = tuple(server for server in asked if not bars.get(server.id, ""))
    question = Question(
        event=DRAINED,
        shared_disks=wanted.shared_disks,
        storage_reachable=wanted.storage_reachable,
        # Pins that cannot be changed are barred.
        movable=wanted.movable | {PINNED},
    )
    # Hosts that no server may move to count as away, so that their room is not reported.
    region, nowhere = posed(_only(facts, to), going, begun.homeless, left)
    answer = Planner(region, question).away(Away(frozenset(hosts) | nowhere, facts.zones - to))
    fates = [_held(fate, seen, left) for fate in answer.fates if fate.server.id in bars]
    stays = [(server, bars[server.id]) for server in asked if bars.get(server.id)]
    stays += [(fate.server, fate.reason) for fate in fates if fate.outcome not in (CROSSES, NO_ROOM)]
    return Crossed(
        crossings=tuple(_crossing(fate, seen, left) for fate in fates if fate.outcome == CROSSES),
        stays=tuple(sorted(stays, key=lambda one: (one[0].host, one[0].id))),
        no_room=tuple(fate for fate in fates if fate.outcome == NO_ROOM),
        awaited=awaited,
        resumed=tuple(resumed(seen, begun, {fate.server.id: fate for fate in answer.fates}, left)),
    )


def is_asked(server: Workload, seen: Seen, wanted: Wanted) -> bool:
    """Whether the server is to go, if it can."""
    if seen.begun is not None and server.id not in seen.begun:
        return False
    return wanted.servers is None or is_named(server, wanted.servers, seen.known)


def _only(facts: Facts, to: frozenset[str]) -> Facts:
    """The region, where only hosts of some zones are room."""
    hosts = {
        name: host if host.zone in to else replace(host, unusable=host.unusable or f"is in zone {host.zone}")
        for name, host in facts.hosts.items()
    }
    return replace(facts, hosts=hosts)


def _bar(server: Workload, seen: Seen, wanted: Wanted, left: frozenset[str]) -> str:
    """Why a server stays whatever room there is; empty where it may go."""
    facts = seen.region.facts
    zone = facts.hosts[server.host].zone
    if reason := pinned_elsewhere(server, facts, zone):
        return reason
    if _by_shelve(server, zone, seen, left):
        reason = why_not(server, zone, seen, wanted)
        if not reason or seen.repins:
            return reason
        how = "is pinned" if facts.pins_seen else "counts as pinned (nova shows pins from 2.96 on)"
        return f"it {how} to zone {zone}, and this nova ({'.'.join(map(str, seen.newest))}) cannot change that (from 2.104 on); {reason}"
    return unfit(zone) if server.pinned == zone else ""


def _by_shelve(server: Workload, zone: str, seen: Seen, left: frozenset[str]) -> bool:
    """Whether there is no other way, or an earlier run began it."""
    return bool(shelve_tag(server, left)) or (server.pinned == zone and not seen.repins)


def _held(fate: Fate, seen: Seen, left: frozenset[str]) -> Fate:
    """An unshelve takes only a zone that servers can be pinned to."""
    facts, server = seen.region.facts, fate.server
    zone = facts.hosts[fate.target].zone if fate.target else ""
    if (
        fate.outcome != CROSSES
        or zone in facts.holding
        or not _by_shelve(server, facts.hosts[server.host].zone, seen, left)
    ):
        return fate
    return replace(
        fate, outcome=WAITS, reason=f"it cannot be unshelved in zone {zone}, which no aggregate has", target=None
    )


def _crossing(fate: Fate, seen: Seen, left: frozenset[str]) -> Crossing:
    server, target, facts = fate.server, fate.target or "", seen.region.facts
    zone, way = facts.hosts[server.host].zone, way_of(server.status) or ""
    if _by_shelve(server, zone, seen, left):
        tag = shelve_tag(server, left) or tag_to_shelve(zone, server.status)
        move = move_of(server, facts, target, SHELVE, named=seen.names_host)
        return Crossing(move, facts.hosts[target].zone, tag)
    move = move_of(server, facts, target, way, named=True)
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
