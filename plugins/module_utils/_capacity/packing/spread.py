# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that have a host each, spread over all hosts that may take them, so that many of them can move at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

from .model import Bin, Item, Vector, minus, within
from .orders import by_size
from .pack import Packed
from .room import Room


def spread(items: Sequence[Item], packed: Packed, room: Room) -> Packed:
    """The same servers on other hosts, where all of them find one; else as they were placed. None leaves its home for it.

    Each server has an order of hosts of its own, whatever becomes of the others: a run that was interrupted sends the rest where the first one would have.
    """
    left: dict[str, Vector] = dict(room.used)
    members: Counter[tuple[str, str]] = Counter()
    found: dict[str, str] = {}
    for item in by_size([item for item in items if item.name in packed.placed]):
        at_home = room.host(packed.placed[item.name]).label in item.home
        labels = item.home if at_home else item.labels
        takers = (host for host in room.takers(item, labels) if within(item.need, left.get(host.name, host.room)))
        free = [host for host in takers if _may_come(item, host, room, members)]
        if not free:
            return packed
        host = min(free, key=lambda one: (_turn(item.name, one.name), one.name))
        found[item.name] = host.name
        left[host.name] = minus(left.get(host.name, host.room), item.need)
        members[item.group or "", host.name] += 1
    return replace(packed, placed=found, left=left)


def _may_come(item: Item, host: Bin, room: Room, members: Counter[tuple[str, str]]) -> bool:
    return item.group is None or members[item.group, host.name] < room.groups[item.group].quota(host.name)


def _turn(server: str, host: str) -> bytes:
    return blake2b(f"{server} {host}".encode(), digest_size=8).digest()
