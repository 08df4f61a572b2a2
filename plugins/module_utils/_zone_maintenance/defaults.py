# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What leads to a zone without naming it: requests fail, or wait, while it is in maintenance. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from .._block_storage.api.model import VOLUME_TYPE
from .._rhoso.spec.services.cinder import default_availability_zone
from .._shared_filesystem.api.model import SHARE_TYPES
from .._types.model import FoundType, Kind, zones_of
from .._zones.schema.zone_map import Zone, ZoneMap
from .model import Defaults


def pointing_to(zone_map: ZoneMap, zone: Zone, found: Defaults) -> Iterator[tuple[str, str]]:
    """What it is called, and what it says. Nova's and cinder's default zones are in the map only: no API shows them."""
    region = zone_map.region
    if region.kubernetes.services.nova.default_schedule_zone == zone.name:
        yield "default_schedule_zone", "servers that name no zone are created in it (nova's default_schedule_zone)"
    if default_availability_zone(zone_map) == zone.availability_zone:
        yield (
            "storage_availability_zone",
            "volumes that name no zone are created in it (cinder's storage_availability_zone)",
        )
    store = zone.image_store
    if store is not None and found.image_store == store.name:
        yield "default_store", f"images that name no store go to its store {store.name} (glance's default store)"
    if region.backup is not None and region.backup.mode == "zone" and region.backup.zone == zone.name:
        yield (
            "backup_zone",
            "volumes of all zones are backed up and restored by its cinder-backup (backup.zone of the region)",
        )
    for kind, default in ((VOLUME_TYPE, found.volume_type), (SHARE_TYPES, found.share_type)):
        if _is_bound(kind, default, zone):
            what = kind.noun.partition(" ")[0]
            yield (
                f"default_{what}_type",
                f"{what}s that name no type get {default.name if default else ''}, which is in this zone only",
            )


def _is_bound(kind: Kind, default: FoundType | None, zone: Zone) -> bool:
    return default is not None and set(zones_of(default.specs.get(kind.az_spec))) == {zone.availability_zone}
