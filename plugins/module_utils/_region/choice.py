# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the table of the zones needs of a region: what the map does not mention is not asked. Pure."""

from __future__ import annotations

from .._zones.schema.zone_map import ZoneMap

# What costs one call or two to each service.
SECTIONS = ("aggregates", "hosts", "services", "availability_zones")
# More compute hosts are not counted through: a listing of hypervisors costs about 4 ms for each.
MOST_HOSTS = 50


def sections_of_table(zone_map: ZoneMap) -> tuple[str, ...]:
    """Sections of `region_info`."""
    region, zones = zone_map.region, zone_map.zones.values()
    volumes, shares = any(zone.volume_backends for zone in zones), any(zone.share_backends for zone in zones)
    wanted = {
        "instances": sum(len(zone.compute_hosts) for zone in zones) <= MOST_HOSTS,
        "image_stores": any(zone.image_store for zone in zones),
        "volume_pools": volumes,
        "volume_types": volumes or bool(region.volume_types),
        "share_backends": shares,
        "share_types": shares or bool(region.share_types),
    }
    return (*SECTIONS, *(section for section, asked in wanted.items() if asked))
