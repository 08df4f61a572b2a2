# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small region: three zones of two hosts, servers as a test wants them."""

from __future__ import annotations

from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.facts.shapes import MEMORY, VCPU, Shape
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.model import Facts, Host, Workload

ZONES = ("az1", "az2", "az3")
HOSTS = {f"{zone}-{number}": zone for zone in ZONES for number in range(2)}
AMOUNTS = {VCPU: 8, MEMORY: 8192}


def shape(vcpus: int = 1, memory: int = 1024, **values: Any) -> Shape:
    """Of a server that boots from a volume."""
    return Shape("m1", ((MEMORY, memory), (VCPU, vcpus)), **values)


SHAPE = shape()


def host(name: str, **values: Any) -> Host:
    return Host(**{"name": name, "zone": HOSTS[name], "capacity": AMOUNTS, "room": AMOUNTS, **values})


def server(name: str, where: str = "az1-0", **values: Any) -> Workload:
    """Unpinned, active, of a small shape."""
    return Workload(
        **{
            "id": f"id-{name}",
            "name": name,
            "project": "p",
            "host": where,
            "status": "ACTIVE",
            "shape": SHAPE,
            **values,
        }
    )


def facts(*servers: Workload, hosts: dict[str, dict[str, Any]] | None = None, **values: Any) -> Facts:
    """The region with these servers; `hosts` says what differs on a host."""
    changed = hosts or {}
    return Facts(
        **{"hosts": {name: host(name, **changed.get(name, {})) for name in HOSTS}, "servers": servers, **values}
    )
