# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of the servers of hosts that are away. Pure: the same facts and the same question give the same answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .additions import Addition, additions
from .classify import CROSSES, RESTORE, WAITS, Class, Classifier
from .headroom import Headroom, Rooms
from .model import Away, Facts, Question, Workload
from .packing.model import Group, Item, Vector
from .packing.pack import Packed, pack
from .packing.room import Room
from .packing.spread import spread
from .region import Prepared

FITS, NO_ROOM = "fits", "no_room"
OUTCOMES = (FITS, CROSSES, WAITS, RESTORE, NO_ROOM)


@dataclass(frozen=True)
class Fate:
    """What becomes of one server.

    :ivar outcome: one of OUTCOMES.
    :ivar target: a host that has room for it together with all others, one of many ways.
    """

    server: Workload
    outcome: str
    reason: str
    target: str | None = None
    addition: Addition | None = None


@dataclass(frozen=True)
class Answer:
    """What becomes of the servers of hosts that are away.

    :ivar restorable: how many of those that need a restore would find room as well, behind all that move.
    :ivar exact: whether no other way of packing places more.
    :ivar left: the headroom of zones that servers move to or hosts are away of, with everything that moves in place.
    :ivar left_restored: of all hosts that stay together, with what needs a restore in place as well.
    """

    away: Away
    fates: tuple[Fate, ...]
    restorable: int
    exact: bool
    left: Mapping[str, Headroom]
    left_restored: Headroom
    resources: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def bears(self) -> bool:
        """Whether everything that may move, or is restored, finds room."""
        return not self.counts[NO_ROOM] and self.restorable == self.counts[RESTORE]


class Planner:
    """Answers questions about one region."""

    def __init__(self, facts: Facts, question: Question) -> None:
        self._facts = facts
        self._prepared = Prepared(facts)
        self._classifier = Classifier(facts, question)
        self.rooms = Rooms(facts, self._prepared.resources)
        self._on: dict[str, list[Workload]] = {}
        for server in sorted(facts.servers, key=lambda server: server.id):
            self._on.setdefault(server.host, []).append(server)

    def away(self, away: Away, *, spreads: bool = False) -> Answer:
        """The answer for hosts, or a whole zone.

        :param spreads: the servers are about to move: over as many hosts as take them.
        """
        servers = [server for host in sorted(away.hosts) for server in self._on.get(host, ())]
        classes = {server.id: self._classifier.classify(server, away) for server in servers}
        items = {
            server.id: self._prepared.item(server, classes[server.id].zones)
            for server in servers
            if classes[server.id].zones
        }
        room = Room(self._prepared.lists, self._facts.groups, away.hosts)
        packed = pack(list(items.values()), room)
        if spreads and not packed.unplaced:
            packed = spread(list(items.values()), packed, room)
        lacking = additions(packed.unplaced, room, packed.left, _members(items, packed))
        fates = tuple(self._fate(server, classes[server.id], packed, lacking, items, room, away) for server in servers)
        moved = _taken(items, packed)
        again = self._restored(
            [server for server in servers if classes[server.id].name == RESTORE], items, packed, room, away
        )
        counts = Counter(fate.outcome for fate in fates)
        return Answer(
            away=away,
            fates=fates,
            restorable=len(again),
            exact=packed.exact,
            left=self.rooms.after(away.hosts, moved)[0],
            left_restored=self.rooms.after(away.hosts, [*moved, *again])[1],
            resources=self._prepared.resources,
            counts={outcome: counts[outcome] for outcome in OUTCOMES},
        )

    def _fate(
        self,
        server: Workload,
        found: Class,
        packed: Packed,
        lacking: Mapping[str, Addition],
        items: Mapping[str, Item],
        room: Room,
        away: Away,
    ) -> Fate:
        if not found.zones:
            return Fate(server, found.name, found.reason)
        target = packed.placed.get(server.id)
        if target is not None:
            zone = self._facts.hosts[target].zone
            if zone == self._facts.hosts[server.host].zone:
                return Fate(server, FITS, found.reason, target)
            crossed = found.reason if found.name == CROSSES else f"may cross to {zone}: no room inside its own zone"
            return Fate(server, CROSSES, crossed, target)
        item = items[server.id]
        if next(room.allowed(item), None) is None:
            reason = self._prepared.why_none(server, found.zones, away.hosts)
            return Fate(server, NO_ROOM, reason, addition=lacking[server.id])
        if item.group is not None and not any(room.allows(item, host) for host in room.allowed(item)):
            name = self._facts.group_names.get(item.group, item.group)
            return Fate(server, WAITS, f"its anti-affinity group {name} has a member on every other host")
        return Fate(server, NO_ROOM, "no host has room for it", addition=lacking[server.id])

    def _restored(
        self, servers: Sequence[Workload], moved: Mapping[str, Item], packed: Packed, room: Room, away: Away
    ) -> list[tuple[str, Vector]]:
        """What needs a restore, packed into the room that is left. Its new servers may be anywhere; that an affinity group belongs together is not
        regarded.
        """
        zones = self._facts.zones - away.zones
        items = {server.id: self._prepared.item(server, zones, alone=True) for server in servers}
        there = {name: Counter(room.groups[name].there) for name in {item.group for item in items.values()} if name}
        for name, host in _members(moved, packed):
            if name in there:
                there[name][host] += 1
        groups = {name: Group(room.groups[name].most, members) for name, members in there.items()}
        again = pack(list(items.values()), Room(self._prepared.lists, groups, away.hosts, packed.left))
        return _taken(items, again)


def _taken(items: Mapping[str, Item], packed: Packed) -> list[tuple[str, Vector]]:
    """The host and the need of each server that has been placed."""
    return [(host, items[name].need) for name, host in packed.placed.items()]


def _members(items: Mapping[str, Item], packed: Packed) -> list[tuple[str, str]]:
    """The group and the host of each server that keeps apart and has been placed."""
    return [(group, host) for name, host in packed.placed.items() if (group := items[name].group) is not None]
