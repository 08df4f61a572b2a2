# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports in a snapshot: those that neutron could not bind, and those of routers and the like on hosts that are dead. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ..._zones.schema.zone_map import ZoneMap
from .compute import in_maintenance, names_by_az
from .read import Seen

_FAILED = "binding_failed"
# Of servers: where their host is dead, they are a finding themselves.
_OF_SERVERS = "compute:"


def ports(seen: Seen, zone_map: ZoneMap) -> list[dict[str, Any]]:
    names, dead = names_by_az(zone_map), _dead(seen)
    zones = {host["name"]: names.get(str(host["availability_zone"])) for host in seen.region.hosts}
    found = []
    for port in seen.ports:
        host, owner = port.get("binding:host_id") or "", str(port.get("device_owner") or "")
        failed = port.get("binding:vif_type") == _FAILED
        lost = host in dead and not owner.startswith(_OF_SERVERS)
        if failed or lost:
            found.append(
                {
                    "name": port.get("name") or str(port["id"]),
                    "id": str(port["id"]),
                    "zone": zones.get(host),
                    "project_id": port.get("project_id"),
                    "device_id": port.get("device_id"),
                    "device_owner": owner,
                    "host": host,
                    "host_is_dead": lost,
                    "binding_failed": failed,
                }
            )
    return found


def _dead(seen: Seen) -> set[str]:
    """Compute hosts that are down, and network nodes none of whose agents lives."""
    computes = {str(host["name"]): host["state"] != "up" and not in_maintenance(host) for host in seen.region.hosts}
    alive: dict[str, list[bool]] = defaultdict(list)
    for agent in seen.agents:
        alive[str(agent.get("host"))].append(bool(agent.get("alive")))
    nodes = {name for name, agents in alive.items() if name not in computes and not any(agents)}
    return nodes | {name for name, is_dead in computes.items() if is_dead}
