# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left of the room. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from .facts.shapes import MEMORY, VCPU
from .model import Facts, Host
from .packing.model import Vector

# Those of which a host runs out; what disks have is often one storage that every host counts as its own.
COUNTED = (VCPU, MEMORY)


@dataclass(frozen=True)
class Headroom:
    """What is free on usable hosts, and how much they have.

    :ivar percent: the least of what is free of vCPUs and memory.
    """

    free: Mapping[str, int]
    capacity: Mapping[str, int]

    @property
    def percent(self) -> float:
        shares = [100.0 * self.free.get(name, 0) / self.capacity[name] for name in COUNTED if self.capacity.get(name)]
        return round(min(shares), 1) if shares else 0.0

    def as_dict(self) -> dict[str, object]:
        return {"free": dict(self.free), "capacity": dict(self.capacity), "percent": self.percent}


class Rooms:
    """The headroom of zones as they are now, from which questions take away."""

    def __init__(self, facts: Facts, resources: Collection[str]) -> None:
        self._hosts = facts.hosts
        self._resources = tuple(resources)
        by_zone: dict[str, list[Host]] = {}
        for host in facts.hosts.values():
            if not host.unusable:
                by_zone.setdefault(host.zone, []).append(host)
        self.now = {zone: self._sum(hosts) for zone, hosts in sorted(by_zone.items())}
        self._region = together(self.now.values())

    def after(self, away: Collection[str], taken: Iterable[tuple[str, Vector]]) -> tuple[dict[str, Headroom], Headroom]:
        """The headroom of each zone that anything has been taken of, and that of all hosts that stay.

        :param taken: the host and the need of each server that has been placed.
        """
        less: dict[str, dict[str, int]] = {}
        for name, need in taken:
            of_zone = less.setdefault(self._hosts[name].zone, {})
            for resource, amount in zip(self._resources, need, strict=True):
                of_zone[resource] = of_zone.get(resource, 0) + amount
        gone: dict[str, list[Host]] = {}
        for name in away:
            host = self._hosts[name]
            if not host.unusable:
                gone.setdefault(host.zone, []).append(host)
        lost = {zone: self._sum(hosts) for zone, hosts in gone.items()}
        found = {
            zone: minus(self.now[zone], lost.get(zone, Headroom({}, {})), less.get(zone, {}))
            for zone in sorted(less.keys() | lost.keys())
        }
        total: dict[str, int] = {}
        for of_zone in less.values():
            for resource, amount in of_zone.items():
                total[resource] = total.get(resource, 0) + amount
        # Of a zone that is away as a whole there is nothing to say.
        left = {zone: room for zone, room in found.items() if any(room.capacity.values())}
        return left, minus(self._region, together(lost.values()), total)

    def _sum(self, hosts: Iterable[Host]) -> Headroom:
        free = dict.fromkeys(self._resources, 0)
        capacity = dict.fromkeys(self._resources, 0)
        for host in hosts:
            for resource in self._resources:
                free[resource] += host.room.get(resource, 0)
                capacity[resource] += host.capacity.get(resource, 0)
        return Headroom(free, capacity)


def minus(room: Headroom, lost: Headroom, taken: Mapping[str, int]) -> Headroom:
    return Headroom(
        {name: free - lost.free.get(name, 0) - taken.get(name, 0) for name, free in room.free.items()},
        {name: amount - lost.capacity.get(name, 0) for name, amount in room.capacity.items()},
    )


def together(rooms: Iterable[Headroom]) -> Headroom:
    """The headroom of several zones as one."""
    free: dict[str, int] = {}
    capacity: dict[str, int] = {}
    for room in rooms:
        for total, part in ((free, room.free), (capacity, room.capacity)):
            for resource, amount in part.items():
                total[resource] = total.get(resource, 0) + amount
    return Headroom(free, capacity)
