# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a zone as they are, with what is on them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ..._capacity.model import Workload
from ..._compute.model import Host
from ..._zones.schema.zone_map import ZoneMap
from .begin.draining import draining
from .begin.plan import servers_on
from .marks import DRAINED, EMPTIED, mark_of
from .model import Region, Wanted, hosts_of


def state(zone_map: ZoneMap, region: Region, wanted: Wanted, zone: str) -> dict[str, object]:
    """By name."""
    names = [name for name in hosts_of(zone_map, zone, wanted) if name in region.hosts]
    on: Mapping[str, list[Workload]] = {name: servers_on(region, name) for name in names}
    reasons: dict[str, str] = {}
    occupied = [name for name in names if on[name] and not region.hosts[name].enabled]
    if occupied:
        found = draining(region, zone_map.zones[zone].availability_zone, occupied, wanted)
        reasons = {server.id: reason for server, reason in found.stays}
    return {name: _state(region.hosts[name], on[name], reasons) for name in names}


def _state(host: Host, servers: list[Workload], reasons: Mapping[str, str]) -> dict[str, object]:
    mark = mark_of(host)
    listed = sorted(servers, key=lambda server: (server.name, server.id))
    return {
        "id": host.service_id,
        "status": host.status,
        "disabled_reason": host.disabled_reason or None,
        "emptied": mark is not None and mark.phase in (EMPTIED, DRAINED) and not servers,
        "servers": [
            {
                "id": server.id,
                "name": server.name,
                "status": server.status,
                **({"reason": reasons[server.id]} if server.id in reasons else {}),
            }
            for server in listed
        ],
    }
