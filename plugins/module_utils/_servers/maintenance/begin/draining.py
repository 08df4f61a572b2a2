# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which servers of hosts move where inside their zone, what is awaited, and what cannot be moved. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from ...._capacity.classify import CROSSES
from ...._capacity.model import DRAINED, Away, Facts, Question, Workload
from ...._capacity.plan import FITS, NO_ROOM, Fate, Planner
from ...flight import MIGRATING
from ...model import EVACUATION, FINISHED, MIGRATION, Awaited, Move, Powered, Record
from ...ways import move_of, way_of
from ..marks import mark_of
from ..model import DRAIN, LEAVE, STOP, Region, Wanted
from .stopping import stopping


@dataclass(frozen=True)
class Draining:
    """What becomes of the servers of hosts.

    :ivar stays: what cannot be moved, with the reason.
    :ivar no_room: what may move inside the zone and finds no host there.
    :ivar unsettled: migrations that somebody has to settle first.
    :ivar stops: what is stopped where it is.
    """

    moves: tuple[Move, ...]
    stays: tuple[tuple[Workload, str], ...]
    no_room: tuple[Fate, ...]
    awaited: tuple[Awaited, ...]
    unsettled: tuple[Record, ...]
    stops: tuple[Powered, ...] = ()

    def concerns(self, host: str) -> bool:
        """Whether something of this host moves, could move, or is awaited."""
        awaited = any(host in (one.record.source, one.record.target) for one in self.awaited)
        return awaited or any(
            source == host
            for source in (
                *(move.source for move in self.moves),
                *(fate.server.host for fate in self.no_room),
            )
        )

    def staying_on(self, host: str) -> frozenset[str]:
        return frozenset(server.id for server, _reason in self.stays if server.host == host)


def draining(region: Region, zone: str, hosts: Collection[str], wanted: Wanted) -> Draining:
    """What becomes of all servers on these hosts of an availability zone, together."""
    awaited = tuple(_awaited(region, hosts))
    moving = {one.record.server for one in awaited}
    if wanted.servers in (LEAVE, STOP):
        stops, stays = stopping(region, hosts, moving) if wanted.servers == STOP else ((), ())
        return Draining((), stays, (), awaited, (), stops)
    out = wanted.servers == DRAIN
    facts = _room(region.facts, zone, out=out)
    question = Question(
        event=DRAINED,
        shared_disks=wanted.shared_disks,
        storage_reachable=wanted.storage_reachable,
        movable=wanted.movable,
    )
    answer = Planner(facts, question).away(Away(frozenset(hosts), frozenset((zone,) if out else ())), spreads=True)
    fates = [fate for fate in answer.fates if fate.server.id not in moving]
    moved = CROSSES if out else FITS
    elsewhere = {fate.server.id: pinned_elsewhere(fate.server, facts, zone) for fate in fates}
    movable = [fate for fate in fates if not elsewhere[fate.server.id]]
    return Draining(
        moves=tuple(_move(fate, zone, facts) for fate in movable if fate.outcome == moved),
        stays=tuple(
            (fate.server, elsewhere[fate.server.id] or fate.reason)
            for fate in fates
            if elsewhere[fate.server.id] or fate.outcome not in (moved, NO_ROOM)
        ),
        no_room=tuple(fate for fate in movable if fate.outcome == NO_ROOM),
        awaited=awaited,
        unsettled=tuple(_unsettled(region, hosts, moving)),
    )


def _room(facts: Facts, zone: str, *, out: bool) -> Facts:
    """The region, where only hosts of one zone are room, or only those of the others."""
    away = f"is in zone {zone}" if out else f"is not in zone {zone}"
    hosts = {
        name: host if (host.zone == zone) != out else replace(host, unusable=host.unusable or away)
        for name, host in facts.hosts.items()
    }
    return replace(facts, hosts=hosts)


def pinned_elsewhere(server: Workload, facts: Facts, zone: str) -> str:
    """Why a server that is in the zone cannot be moved at all; empty where its pin, if any, is this zone."""
    pin = server.pinned
    if pin is None or pin == zone or pin not in facts.holding:
        return ""
    return f"it is pinned to zone {pin}, where it is not: the scheduler would move it there"


def _move(fate: Fate, zone: str, facts: Facts) -> Move:
    server = fate.server
    # Where nova shows no pins it may have none, and the scheduler would move it anywhere.
    named = not facts.pins_seen or server.pinned != zone
    return move_of(server, facts, fate.target or "", way_of(server.status) or "", named=named)


def unrecorded(region: Region, hosts: Collection[str]) -> list[Workload]:
    """Servers on hosts in our maintenance that nova begins to migrate, and has no record of yet: a run was killed after its request."""
    known = {record.server for record in region.migrations}
    marked = {name for name in hosts if name in region.hosts and mark_of(region.hosts[name]) is not None}
    return [
        server
        for server in region.facts.servers
        if server.host in marked and server.id not in known and (server.task or "").startswith(MIGRATING)
    ]


def _awaited(region: Region, hosts: Collection[str]) -> Iterator[Awaited]:
    names = {server.id: server.name for server in region.facts.servers}
    for record in region.migrations:
        ours = record.kind == MIGRATION and _is_ours(region, record, hosts)
        under_way = record.under_way and record.kind != EVACUATION
        if (under_way and _touches(record, hosts)) or (record.status == FINISHED and ours):
            yield Awaited(record, names.get(record.server, ""), ours)


def _is_ours(region: Region, record: Record, hosts: Collection[str]) -> bool:
    """Whether a run of this collection began it: its source was in our maintenance then, as it is now."""
    source = region.hosts.get(record.source)
    if record.source not in hosts or source is None or mark_of(source) is None:
        return False
    return not record.user or record.user == region.user


def _unsettled(region: Region, hosts: Collection[str], moving: Collection[str]) -> Iterator[Record]:
    for record in region.migrations:
        if record.server in moving:
            continue
        if record.kind == EVACUATION:
            # One that is done is settled where the server is now, and not where it came from.
            if record.source in hosts or (record.status != "done" and _touches(record, hosts)):
                yield record
        elif record.status == FINISHED and _touches(record, hosts):
            yield record


def _touches(record: Record, hosts: Collection[str]) -> bool:
    return record.source in hosts or record.target in hosts
