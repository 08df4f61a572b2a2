# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As many of a few servers as can be placed at all, by trying. Exact."""

from __future__ import annotations

from collections.abc import Sequence

from .model import Bin, Item, Vector, minus, within
from .room import Room
from .sure import Kind

# Each has fewer hosts than this, or it would be sure of one: at most 7 to the power of 7 ways, and nearly all of them are cut off.
FEW = 7


def best(kinds: Sequence[Kind], room: Room) -> dict[str, str]:
    """The hosts by server."""
    ordered = sorted(kinds, key=lambda kind: (len(kind.hosts), kind.items[0].name))
    return _Search([(item, kind.hosts) for kind in ordered for item in kind.items], room).run()


class _Search:
    def __init__(self, asked: Sequence[tuple[Item, tuple[Bin, ...]]], room: Room) -> None:
        self._asked = asked
        self._groups = room.groups
        self._left: dict[str, Vector] = {host.name: room.of(host) for _item, hosts in asked for host in hosts}
        self._members: dict[tuple[str, str], int] = {}
        self._placed: dict[str, str] = {}
        self._best: dict[str, str] = {}
        self._possible = sum(1 for _item, hosts in asked if hosts)

    def run(self) -> dict[str, str]:
        self._go(0, 0)
        return self._best

    def _go(self, index: int, missed: int) -> bool:
        """Place the servers from `index` on. True where no more is possible."""
        if len(self._placed) > len(self._best):
            self._best = dict(self._placed)
        if len(self._best) == self._possible:
            return True
        if index == len(self._asked) or len(self._asked) - missed <= len(self._best):
            return False
        item, hosts = self._asked[index]
        # Servers of a kind are interchangeable: after one that is left out, no other is placed.
        alike = index > 0 and self._asked[index - 1][0].kind == item.kind
        if not alike or self._asked[index - 1][0].name in self._placed:
            for host in hosts:
                if self._fits(item, host):
                    self._put(item, host)
                    if self._go(index + 1, missed):
                        return True
                    self._take_back(item, host)
        return self._go(index + 1, missed + 1)

    def _fits(self, item: Item, host: Bin) -> bool:
        if not within(item.need, self._left[host.name]):
            return False
        return item.group is None or self._members.get((item.group, host.name), 0) < self._groups[item.group].quota(
            host.name
        )

    def _put(self, item: Item, host: Bin) -> None:
        self._left[host.name] = minus(self._left[host.name], item.need)
        self._placed[item.name] = host.name
        if item.group is not None:
            key = (item.group, host.name)
            self._members[key] = self._members.get(key, 0) + 1

    def _take_back(self, item: Item, host: Bin) -> None:
        left = self._left[host.name]
        self._left[host.name] = tuple(one + more for one, more in zip(left, item.need, strict=True))
        del self._placed[item.name]
        if item.group is not None:
            self._members[item.group, host.name] -= 1
