# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is packed where: servers that need room, hosts that have room, and what keeps them apart. Knows no service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import le

# Amounts of each resource class, in an order that the caller chooses.
Vector = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bin:
    """A host with room.

    :ivar label: hosts with the same one are alike for every rule: zone, traits, isolation.
    """

    name: str
    label: str
    room: Vector


@dataclass(frozen=True, slots=True)
class Item:
    """A server that looks for a host.

    :ivar labels: of the hosts that rules allow it.
    :ivar home: those of them that it goes to rather than to others.
    :ivar offered: the hosts that placement offers for it, None for all of them.
    :ivar group: the group of which a host takes only so many.
    """

    name: str
    need: Vector
    labels: frozenset[str]
    offered: frozenset[str] | None = None
    group: str | None = None
    home: frozenset[str] = frozenset()

    @property
    def kind(self) -> tuple[Vector, frozenset[str], frozenset[str] | None, str | None, frozenset[str]]:
        """Servers of one kind can take each other's places."""
        return self.need, self.labels, self.offered, self.group, self.home


@dataclass(frozen=True, slots=True)
class Group:
    """Servers that are kept apart.

    :ivar most: that one host takes.
    :ivar there: how many members stay, by host.
    """

    most: int = 1
    there: Mapping[str, int] = field(default_factory=dict)

    def quota(self, host: str) -> int:
        """How many members may come to a host."""
        return self.most - self.there.get(host, 0)


def within(need: Vector, room: Iterable[int]) -> bool:
    """Whether there is enough of everything."""
    return all(map(le, need, room))


def minus(room: Vector, need: Vector) -> Vector:
    return tuple(left - wanted for left, wanted in zip(room, need, strict=True))
