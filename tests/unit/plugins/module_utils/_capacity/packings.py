# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packings at random: tight and roomy ones, with rules, groups, and hosts that placement does not offer."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.packing.model import (
    Bin,
    Group,
    Item,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.packing.pack import Packed, pack
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.packing.room import Room

LABELS = ("az1", "az2", "az3")


@dataclass(frozen=True)
class Case:
    """What is packed where."""

    items: tuple[Item, ...]
    bins: tuple[Bin, ...]
    groups: Mapping[str, Group]

    @property
    def room(self) -> Room:
        return Room(self.bins, self.groups)

    def packed(self) -> Packed:
        return pack(self.items, self.room)

    def with_more(self, host: int, more: tuple[int, ...]) -> Case:
        """A host has more room."""
        bins = list(self.bins)
        grown = tuple(one + two for one, two in zip(bins[host].room, more, strict=True))
        bins[host] = replace(bins[host], room=grown)
        return replace(self, bins=tuple(bins))

    def with_host(self, host: Bin) -> Case:
        """There is a host more; placement offers it for everything."""
        items = tuple(
            replace(item, offered=None if item.offered is None else item.offered | {host.name}) for item in self.items
        )
        return replace(self, items=items, bins=(*self.bins, host))


def drawn(rng: random.Random, most_items: int = 24, most_hosts: int = 10) -> Case:
    """One case, of any tightness."""
    width = rng.choice((1, 2, 3))
    shapes = [tuple(rng.randint(0, 8) for _resource in range(width)) for _resource in range(rng.randint(1, 5))]
    roominess = rng.choice((4, 8, 16, 40))
    hosts = [f"h{number:02}" for number in range(rng.randint(0, most_hosts))]
    bins = tuple(
        Bin(name, rng.choice(LABELS), tuple(rng.randint(0, roominess) for _resource in range(width))) for name in hosts
    )
    names = ("g1", "g2", "g3")
    groups = {
        name: Group(rng.choice((1, 1, 2)), {host: rng.randint(0, 2) for host in hosts if rng.random() < 0.2})
        for name in names
    }
    allowed = [frozenset(LABELS), frozenset(LABELS[:1]), frozenset(LABELS[1:])]
    offers = [None, None, None, frozenset(host for host in hosts if rng.random() < 0.6)]
    items = tuple(
        Item(
            f"s{number:02}",
            rng.choice(shapes),
            rng.choice(allowed),
            rng.choice(offers),
            rng.choice((None, None, None, *names)),
        )
        for number in range(rng.randint(0, most_items))
    )
    return Case(items, bins, groups)


def wrong(case: Case, packed: Packed) -> list[str]:
    """What of a packing breaks a rule."""
    items = {item.name: item for item in case.items}
    listed = sorted([*packed.placed, *(item.name for item in packed.unplaced)])
    found = [] if listed == sorted(items) else ["a server is listed twice, or not at all"]
    for name, where in packed.placed.items():
        found += _misplaced(items[name], case.room.host(where))
    members = Counter(
        (group, where) for name, where in packed.placed.items() if (group := items[name].group) is not None
    )
    for (group, where), count in members.items():
        if count > case.groups[group].quota(where):
            found.append(f"{group} has {count} members too many on {where}")
    for host in case.bins:
        here = [items[name].need for name, where in packed.placed.items() if where == host.name]
        left = tuple(room - sum(column) for room, *column in zip(host.room, *here, strict=True))
        said = packed.left.get(host.name, host.room)
        if min(left) < 0 or said != left:
            found.append(f"{host.name} has {left} left, and {said} is returned")
    return found


def _misplaced(item: Item, host: Bin) -> Iterator[str]:
    if host.label not in item.labels:
        yield f"{item.name} may not be on {host.name}"
    if item.offered is not None and host.name not in item.offered:
        yield f"placement does not offer {host.name} for {item.name}"
