# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers packed on hosts, host by host, never by totals.

What holds, and is tested by property: no host is given more than it has room for; no rule and no group is broken; the same servers and hosts give the
same result in whatever order they come; and more room, on a host or by a host more, never places fewer servers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from . import exact
from .fill import Filler
from .model import Bin, Item, Vector, minus, within
from .orders import by_size, orders
from .room import Room
from .sure import Kind, kinds_of, split


@dataclass(frozen=True)
class Packed:
    """The result.

    :ivar placed: hosts by server.
    :ivar unplaced: servers for which no host was found, the smallest first.
    :ivar left: what is left of the room of each host that has been given something, now or before.
    :ivar exact: whether no other way places more.
    """

    placed: dict[str, str]
    unplaced: tuple[Item, ...]
    left: dict[str, Vector]
    exact: bool


def pack(items: Sequence[Item], room: Room) -> Packed:
    """Place as many servers as possible."""
    if not items:
        return Packed({}, (), dict(room.used), exact=True)
    ordered = by_size(items)
    sure, others = split(kinds_of(ordered, room))
    placed, is_exact = _scarce(ordered, others, room)
    state = _State(room, placed, ordered)
    for kind in sure:
        state.place(kind)
    unplaced = tuple(item for item in ordered if item.name not in placed)
    return Packed(placed, unplaced, state.left, is_exact)


def _scarce(items: Sequence[Item], kinds: Sequence[Kind], room: Room) -> tuple[dict[str, str], bool]:
    """Those that have to share too few hosts: by trying where they are few, else the best of many orders."""
    names = {item.name for kind in kinds for item in kind.items}
    if len(names) <= exact.FEW:
        return exact.best(kinds, room), True
    most = sum(_possible(kind, room) for kind in kinds)
    home = {label for item in items for label in item.home}
    takers = {host.name: host for kind in kinds for host in kind.hosts}
    hosts = sorted(takers.values(), key=lambda host: (host.label not in home, host.name))
    filler, found = Filler(kinds, hosts, room, items), dict[str, str]()
    for order in orders(items):
        tried = filler.fill(item.name for item in order if item.name in names)
        if len(tried) > len(found):
            found = tried
        if len(found) == most:
            break
    return found, len(found) == most


def _possible(kind: Kind, room: Room) -> int:
    """How many of a kind its hosts would take if there were no others."""
    first, count = kind.items[0], 0
    for host in kind.hosts:
        each = min(
            (have // wanted for have, wanted in zip(room.of(host), first.need, strict=True) if wanted),
            default=len(kind.items),
        )
        if first.group is not None:
            each = min(each, room.groups[first.group].quota(host.name))
        count += each
        if count >= len(kind.items):
            return len(kind.items)
    return count


class _State:
    """The room that is left while servers are placed."""

    def __init__(self, room: Room, placed: dict[str, str], items: Sequence[Item]) -> None:
        self._room = room
        self._placed = placed
        self.left: dict[str, Vector] = dict(room.used)
        self._members: dict[tuple[str, str], int] = {}
        for item in items:
            if item.name in placed:
                self._count(item, placed[item.name])

    def _count(self, item: Item, host: str) -> None:
        self.left[host] = minus(self._of(host), item.need)
        if item.group is not None:
            key = (item.group, host)
            self._members[key] = self._members.get(key, 0) + 1

    def _of(self, host: str) -> Vector:
        left = self.left.get(host)
        return self._room.host(host).room if left is None else left

    def place(self, kind: Kind) -> None:
        """Put servers that are sure of a host on the next that still takes one, round and round, and home first."""
        rounds = [(len(hosts), cycle(hosts)) for hosts in (kind.home, kind.others)]
        for item in kind.items:
            while (host := self._next(item, *rounds[0])) is None:
                # None of them takes one of this kind any more.
                del rounds[0]
            self._placed[item.name] = host.name
            self._count(item, host.name)

    def _next(self, item: Item, count: int, hosts: Iterator[Bin]) -> Bin | None:
        return next((host for host in islice(hosts, count) if self._takes(item, host)), None)

    def _takes(self, item: Item, host: Bin) -> bool:
        if not within(item.need, self._of(host.name)):
            return False
        group = item.group
        return group is None or self._members.get((group, host.name), 0) < self._room.groups[group].quota(host.name)
