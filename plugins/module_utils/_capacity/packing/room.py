# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The room of a region: its hosts, those of them that are away, and what has been taken of the others.

Made once; what is away and what is taken is laid over it, so that a question costs what its servers cost, however many hosts there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from .model import Bin, Group, Item, Vector, within

# Of so few kinds of hosts the lists are joined; of more, one list of all is looked through until there are enough.
FEW_LABELS = 8
# What a server needs, and the hosts that placement offers for it or None.
Wanted = tuple[Vector, Any]


class Lists:
    """The hosts by name, and the lists of them that one question after the other needs."""

    def __init__(self, bins: Collection[Bin]) -> None:
        self.by_name = {host.name: host for host in sorted(bins, key=lambda host: host.name)}
        self.by_label: dict[str, list[Bin]] = {}
        for host in self.by_name.values():
            self.by_label.setdefault(host.label, []).append(host)
        self._takers: dict[Wanted, dict[str, list[Bin]]] = {}
        self._in_turn: dict[Wanted, list[Bin]] = {}
        self._nearest: dict[Wanted, list[tuple[float, str]]] = {}

    def takers(self, item: Item) -> dict[str, list[Bin]]:
        """The hosts that take one such server, by label, without regard to rules and groups."""
        wanted = item.need, item.offered
        if wanted not in self._takers:
            found = {
                label: [host for host in hosts if _offered(item, host) and within(item.need, host.room)]
                for label, hosts in sorted(self.by_label.items())
            }
            self._takers[wanted] = {label: hosts for label, hosts in found.items() if hosts}
        return self._takers[wanted]

    def in_turn(self, item: Item) -> list[Bin]:
        """The same, one of each label in turn, so that servers are spread over zones."""
        wanted = item.need, item.offered
        if wanted not in self._in_turn:
            self._in_turn[wanted] = list(_alternating(list(self.takers(item).values())))
        return self._in_turn[wanted]

    def nearest(self, item: Item) -> list[tuple[float, str]]:
        """The hosts that would take one such server with more room, by how much they lack of it."""
        wanted = item.need, item.offered
        if wanted not in self._nearest:
            self._nearest[wanted] = sorted(
                (lacking(item.need, host.room), host.name)
                for host in self.by_name.values()
                # Placement has another reason for not offering a host that has the room.
                if _offered(item, host) or not within(item.need, host.room)
            )
        return self._nearest[wanted]


class Room:
    """What a question sees of the hosts.

    :param used: what is left of hosts of which something has been taken.
    """

    def __init__(
        self,
        hosts: Lists | Collection[Bin],
        groups: Mapping[str, Group],
        away: Collection[str] = frozenset(),
        used: Mapping[str, Vector] | None = None,
    ) -> None:
        self.lists = hosts if isinstance(hosts, Lists) else Lists(hosts)
        self.groups = groups
        self.away = frozenset(away)
        self.used = dict(used or {})

    def host(self, name: str) -> Bin:
        return self.lists.by_name[name]

    def of(self, host: Bin) -> Vector:
        """The room of a host, as it is to begin with."""
        return self.used.get(host.name, host.room)

    def allows(self, item: Item, host: Bin) -> bool:
        """Whether the rules let the server go there, whatever room there is."""
        return (
            host.label in item.labels
            and host.name not in self.away
            and (item.group is None or self.groups[item.group].quota(host.name) > 0)
        )

    def allowed(self, item: Item) -> Iterator[Bin]:
        """The hosts that the rules let the server go to, its group apart."""
        for label in item.labels:
            for host in self.lists.by_label.get(label, ()):
                if host.name not in self.away:
                    yield host

    def offered(self, item: Item, host: Bin) -> bool:
        return _offered(item, host)

    def takes(self, item: Item, host: Bin) -> bool:
        """Whether the host takes the server while it takes no other."""
        return self.allows(item, host) and _offered(item, host) and within(item.need, self.of(host))

    def takers(self, item: Item, labels: frozenset[str]) -> Iterator[Bin]:
        """The hosts of these labels that take the server while they take no other."""
        if len(labels) <= FEW_LABELS:
            by_label = self.lists.takers(item)
            hosts: Sequence[Bin] = list(_alternating([by_label[label] for label in sorted(labels & by_label.keys())]))
        else:
            hosts = self.lists.in_turn(item)
        return (host for host in hosts if host.label in labels and self.takes(item, host))


def lacking(need: Vector, room: Vector) -> float:
    """How much of a server is without room, each resource by what it needs of it."""
    return sum((wanted - left) / wanted for wanted, left in zip(need, room, strict=True) if wanted > left)


def _offered(item: Item, host: Bin) -> bool:
    return item.offered is None or host.name in item.offered


def _alternating(lists: Sequence[Sequence[Bin]]) -> Iterator[Bin]:
    return (host for turn in zip_longest(*lists) for host in turn if host is not None)
