# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers that find a host whatever becomes of the others. Exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from .model import Bin, Item
from .room import Room


@dataclass(frozen=True)
class Kind:
    """Servers of one kind and the hosts that each takes one of them, as long as it takes no other.

    :ivar home: those of the hosts that are to be preferred, in the order in which to try them.
    :ivar others: the others.
    """

    items: tuple[Item, ...]
    home: tuple[Bin, ...]
    others: tuple[Bin, ...]

    @property
    def hosts(self) -> tuple[Bin, ...]:
        return self.home + self.others


def kinds_of(items: Sequence[Item], room: Room) -> list[Kind]:
    """The servers by kind, in the order in which the first of each comes."""
    found: dict[object, list[Item]] = {}
    for item in items:
        found.setdefault(item.kind, []).append(item)
    # More hosts than there are servers make no difference.
    most = len(items)
    kinds = []
    for alike in found.values():
        first = alike[0]
        home = tuple(islice(room.takers(first, first.labels & first.home), most))
        others = () if len(home) == most else tuple(islice(room.takers(first, first.labels - first.home), most))
        kinds.append(Kind(tuple(alike), home, others))
    return kinds


def split(kinds: Sequence[Kind]) -> tuple[list[Kind], list[Kind]]:
    """Those that are sure of a host, in the order to place them in after the others; and the others.

    The last of n servers finds one of its hosts untouched when it has n: the others touch n - 1 at most. So it can be left out, and the same is
    asked of the n - 1 that are left. With more room, no server stops being sure.
    """
    left = sum(len(kind.items) for kind in kinds)
    order = sorted(range(len(kinds)), key=lambda index: (-len(kinds[index].hosts), index))
    for place, index in enumerate(order):
        kind = kinds[index]
        # Of a kind that keeps apart, too: an untouched host has none of its group.
        if len(kind.hosts) < left:
            sure = set(order[:place])
            others = [kind for number, kind in enumerate(kinds) if number not in sure]
            return [kinds[number] for number in reversed(order[:place])], others
        left -= len(kind.items)
    return [kinds[index] for index in reversed(order)], []
