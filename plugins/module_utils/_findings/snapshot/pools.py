# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pools of cinder in a snapshot, and which of them are on the same storage in different zones. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ..._zones.schema.zone_map import ZoneMap
from .compute import names_by_az
from .read import Seen


def pools(seen: Seen, zone_map: ZoneMap) -> list[dict[str, Any]]:
    names, zones = names_by_az(zone_map), _zones(seen)
    on: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for pool in seen.region.volume_pools:
        if pool["storage"] and pool["host"] in zones:
            on[pool["storage"]].append((zones[pool["host"]], pool["name"]))
    found = []
    for pool in seen.region.volume_pools:
        zone = zones.get(pool["host"])
        others = [(az, name) for az, name in on[pool["storage"]] if zone is not None and az != zone]
        found.append(
            {
                "name": pool["name"],
                "id": None,
                "zone": names.get(str(zone)),
                "availability_zone": zone,
                "backend_name": pool["volume_backend_name"],
                "storage": pool["storage"],
                "same_storage": sorted(name for _az, name in others),
                "same_storage_zones": sorted({az for az, _name in others}),
            }
        )
    return found


def _zones(seen: Seen) -> dict[str, str]:
    """The availability zone of each cinder-volume, also by its cluster, which is what the pools of a cluster are named for."""
    found = {one.host: one.zone for one in seen.volume_services}
    return {**{one.cluster: one.zone for one in seen.volume_services if one.cluster}, **found}
