# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The smallest additions with which the servers that found no room would have it. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .packing.model import Item, Vector, within
from .packing.room import Room, lacking


@dataclass(frozen=True)
class Addition:
    """What one server lacks.

    :ivar host: the host that lacks the least; None where no host may take the server: then it is what a new one has to have.
    """

    host: str | None
    lacks: Vector


def additions(
    unplaced: Iterable[Item], room: Room, left: Mapping[str, Vector], members: Iterable[tuple[str, str]]
) -> dict[str, Addition]:
    """One for each server, each after those before it: with all of them together, all servers have a host.

    :param left: what is left of the room of each host that has been given something.
    :param members: group and host of each placed server that keeps apart.
    """
    state = _State(room, dict(left))
    for group, host in members:
        state.join(group, host)
    kinds: dict[object, list[Item]] = {}
    for item in unplaced:
        kinds.setdefault(item.kind, []).append(item)
    return {name: found for items in kinds.values() for name, found in state.add(items)}


class _State:
    def __init__(self, room: Room, left: dict[str, Vector]) -> None:
        self._room = room
        self._left = left
        self._members: dict[tuple[str, str], int] = {}

    def join(self, group: str | None, host: str) -> None:
        if group is not None:
            self._members[group, host] = self._members.get((group, host), 0) + 1

    def add(self, items: Sequence[Item]) -> Iterator[tuple[str, Addition]]:
        """For servers of one kind."""
        first = items[0]
        # Of hosts that nothing has been put on, the list is known; the others are few.
        given = [(lacking(first.need, left), name) for name, left in self._left.items() if self._possible(first, name)]
        heapq.heapify(given)
        fresh = (
            one for one in self._room.lists.nearest(first) if one[1] not in self._left and self._possible(first, one[1])
        )
        nearest = next(fresh, None)
        for item in items:
            if nearest is not None and (not given or nearest < given[0]):
                name, nearest = nearest[1], next(fresh, None)
            elif given:
                name = heapq.heappop(given)[1]
            else:
                yield item.name, Addition(None, item.need)
                continue
            yield item.name, Addition(name, self._give(item, name))
            if self._possible(item, name):
                heapq.heappush(given, (lacking(item.need, self._left[name]), name))

    def _give(self, item: Item, name: str) -> Vector:
        """Put the server there; what that lacked."""
        left = self._left.get(name, self._room.host(name).room)
        lacks = tuple(max(0, wanted - there) for wanted, there in zip(item.need, left, strict=True))
        self._left[name] = tuple(
            there + more - wanted for there, more, wanted in zip(left, lacks, item.need, strict=True)
        )
        self.join(item.group, name)
        return lacks

    def _possible(self, item: Item, name: str) -> bool:
        """Whether more room is all that it takes."""
        host = self._room.host(name)
        if not self._room.allows(item, host):
            return False
        if item.group is not None:
            taken = self._members.get((item.group, name), 0)
            if taken >= self._room.groups[item.group].quota(name):
                return False
        return self._room.offered(item, host) or not within(item.need, host.room)
