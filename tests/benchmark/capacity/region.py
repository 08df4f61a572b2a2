# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions of any size for the planner: flavors, groups, pins, volumes and isolated hosts as they are met, drawn from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.facts.shapes import Shape, shape_of
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.model import Facts, Host, Volume, Workload
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.packing.model import Group

# vCPUs and GB of memory of the flavors, and how often each is used.
FLAVORS = ((1, 2, 30), (2, 4, 25), (2, 8, 15), (4, 8, 12), (4, 16, 8), (8, 16, 5), (8, 32, 3), (16, 64, 1), (2, 16, 1))
HOST_VCPUS, HOST_GB = 128, 512
TRAIT, ISOLATED = "CUSTOM_FAST", ("filter_tenant_id", "p7")


@dataclass(frozen=True)
class Draw:
    """What a region is like.

    :ivar full: the share of each host's room that is used in addition to what its servers use.
    :ivar pinned: the share of servers that may not leave their zone.
    """

    zones: int
    hosts: int
    servers: int
    full: float = 0.3
    pinned: float = 0.3
    seed: int = 1


def drawn(draw: Draw) -> Facts:
    """The region."""
    rng = random.Random(draw.seed)
    shapes = [_shape(number, vcpus, gigabytes) for number, (vcpus, gigabytes, _often) in enumerate(FLAVORS)]
    often = [weight for _vcpus, _gigabytes, weight in FLAVORS]
    names = [f"az{zone}/{host}" for zone in range(draw.zones) for host in range(draw.hosts)]
    used = {name: [0, 0] for name in names}
    groups: dict[str, dict[str, int]] = {}
    volumes: dict[str, Volume] = {}
    servers = []
    for number in range(draw.servers):
        name = names[number % len(names)]
        shape = rng.choices(shapes, often)[0]
        zone = name.partition("/")[0]
        group = f"g{number // 40}" if rng.random() < 0.1 else None
        if group:
            members = groups.setdefault(group, {})
            members[name] = members.get(name, 0) + 1
        held: tuple[str, ...] = ()
        if rng.random() < 0.2:
            held = (f"v{number}",)
            volumes[held[0]] = Volume(held[0], zone)
        for index, resource in enumerate(("VCPU", "MEMORY_MB")):
            used[name][index] += shape.amount(resource)
        servers.append(
            Workload(
                id=f"s{number:06}",
                name=f"server-{number}",
                project=f"p{rng.randrange(20)}",
                host=name,
                status="ACTIVE" if rng.random() < 0.95 else "PAUSED",
                shape=shape,
                pinned=zone if rng.random() < draw.pinned else None,
                volumes=held,
                networks=frozenset(("n1",)),
                group=group,
            )
        )
    hosts = {name: _host(name, used[name], draw, rng) for name in names}
    offers = {
        shape.request: frozenset(
            name
            for name, host in hosts.items()
            if shape.required <= host.traits and all(host.room.get(kind, 0) >= amount for kind, amount in shape.need)
        )
        for shape in shapes
    }
    return Facts(
        hosts=hosts,
        servers=tuple(servers),
        offers=offers,
        volumes=volumes,
        networks={"n1": frozenset()},
        groups={name: Group(1, members) for name, members in groups.items()},
    )


def _shape(number: int, vcpus: int, gigabytes: int) -> Shape:
    specs = {f"trait:{TRAIT}": "required"} if number == len(FLAVORS) - 1 else {}
    flavor = {"original_name": f"f{number}", "vcpus": vcpus, "ram": gigabytes * 1024, "extra_specs": specs}
    return shape_of(flavor, {}, from_volume=True)


def _host(name: str, used: list[int], draw: Draw, rng: random.Random) -> Host:
    number = int(name.partition("/")[2])
    capacity = {"VCPU": HOST_VCPUS, "MEMORY_MB": HOST_GB * 1024}
    share = draw.full * rng.uniform(0.8, 1.2)
    room = {
        kind: max(0, int(amount * (1 - share)) - taken)
        for (kind, amount), taken in zip(capacity.items(), used, strict=True)
    }
    return Host(
        name=name,
        zone=name.partition("/")[0],
        unusable="is disabled (spare)" if number == draw.hosts - 1 and draw.hosts > 3 else "",
        capacity=capacity,
        room=room,
        traits=frozenset((TRAIT,)) if number % 3 == 0 else frozenset(),
        metadata=frozenset((ISOLATED,)) if number == 1 else frozenset(),
    )
