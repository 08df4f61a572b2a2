# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which parts of a cloud a zone map speaks of: what it does not mention is not asked and costs nothing. Pure."""

from __future__ import annotations

from collections.abc import Collection

from .schema.zone_map import Region, Zone, ZoneMap

KUBERNETES, COMPUTE = "kubernetes", "compute"
BLOCK_STORAGE, SHARED_FILE_SYSTEMS, IMAGES = "block_storage", "shared_file_systems", "images"
# Of several parts together, and of what a part has.
OPENSTACK, DATA_PLANE, PODS = "openstack", "data_plane", "pods"


def parts_of(zone_map: ZoneMap) -> tuple[str, ...]:
    """The parts in the order in which `site` works on them; nova's always."""
    region, zones = zone_map.region, zone_map.zones.values()
    spoken_of = {
        KUBERNETES: any(zone.kubernetes for zone in zones),
        COMPUTE: True,
        BLOCK_STORAGE: bool(region.volume_types or region.backup or any(zone.volume_backends for zone in zones)),
        SHARED_FILE_SYSTEMS: bool(region.share_types or any(zone.share_backends for zone in zones)),
        IMAGES: bool(region.images),
    }
    return tuple(part for part, spoken in spoken_of.items() if spoken)


def steps_of(zone_map: ZoneMap, parts: Collection[str]) -> tuple[str, ...]:
    """What there is to do in these parts, as conditions of playbooks name it."""
    zones = [zone for zone in zone_map.zones.values() if zone.kubernetes]
    due = {
        OPENSTACK: any(part != KUBERNETES for part in parts),
        DATA_PLANE: KUBERNETES in parts and any(zone.data_plane for zone in zone_map.zones.values()),
        PODS: KUBERNETES in parts and (any(map(_has_pods, zones)) or (bool(zones) and _shares_pods(zone_map.region))),
    }
    return tuple(step for step, some in due.items() if some)


def _has_pods(zone: Zone) -> bool:
    """A zone with nodes and Topologies only has none."""
    return bool(zone.image_store or zone.volume_backends or zone.share_backends)


def _shares_pods(region: Region) -> bool:
    """Whether services of the region have pods in each zone."""
    return bool(region.backup) or region.kubernetes.services.memcached.per_zone
