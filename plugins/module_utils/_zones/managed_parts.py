# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which parts of a cloud a zone map speaks of: what it does not mention is not asked and costs nothing."""

from __future__ import annotations

from .schema.zone_map import ZoneMap

KUBERNETES, COMPUTE = "kubernetes", "compute"
BLOCK_STORAGE, SHARED_FILE_SYSTEMS, IMAGES = "block_storage", "shared_file_systems", "images"


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
