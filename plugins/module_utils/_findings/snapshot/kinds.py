# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of objects in a snapshot: the sections that each is made of, and its fields. The format is public; see the page `audit`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .uses import FIELDS as FIELDS_OF_USE

#: Of the snapshot. A field that is removed or means something else needs a new one; a new field does not.
FORMAT = 1
COMPUTE, SERVERS, CAPACITY, ALLOCATIONS = "compute", "servers", "capacity", "allocations"
VOLUMES, BLOCK_STORAGE, POOLS, BACKUPS = "volumes", "block_storage", "volume_pools", "backups"
SHARED, IMAGES, NETWORK, DEFAULTS, PODS = "shared_file_systems", "images", "network", "defaults", "pods"
SECTIONS = (
    *(COMPUTE, SERVERS, CAPACITY, ALLOCATIONS),
    *(BLOCK_STORAGE, POOLS, VOLUMES, BACKUPS, SHARED, IMAGES, NETWORK, DEFAULTS, PODS),
)

#: How long an object has been as it is; None where no earlier snapshot shows it and no service dates it.
HOURS = "hours_in_state"

#: What a host can be, for people.
UP, DOWN, DISABLED, MAINTENANCE = HOST_STATES = ("up", "down", "disabled", "maintenance")


@dataclass(frozen=True)
class Kind:
    """A kind of objects.

    :ivar sections: what it cannot be known without.
    :ivar parts: where some of the objects come from: without one of them the others are known all the same.
    """

    sections: tuple[str, ...]
    fields: tuple[str, ...]
    parts: tuple[str, ...] = ()


#: What every object has: the name that people know, an id where the service has one, and the zone of the map, or none.
COMMON = ("name", "id", "zone")
KINDS: Mapping[str, Kind] = {
    "zone": Kind(
        (COMPUTE,),
        (
            *COMMON,
            *("availability_zone", "zone_state", "manages_compute", "in_nova", "hosts", "serving_hosts", "down_hosts"),
            *("missing_hosts", "maintenance_until", "maintenance_overdue"),
            *("in_cinder", "volume_services", "serving_volume_services", "backup_services", "serving_backup_services"),
            *("wants_volumes", "wants_backups", "backed_up_volumes", "newest_backup_days"),
            *("in_manila", "share_services", "serving_share_services", "wants_shares"),
            *("image_store", "image_store_exists", "defaults", "servers", "pinned_servers", "gateways"),
            *("vcpus", "vcpus_free", "memory_mb", "memory_free_mb"),
            *("attested", "fire_zone", "same_fire_zone", "not_redundant"),
            *("pods", "ready_pods", "survives_loss"),
            *("loss_fits", "loss_moves", "loss_no_room", "loss_waits", "loss_restore", "loss_headroom_percent"),
        ),
    ),
    "host": Kind(
        (COMPUTE,),
        (
            *COMMON,
            *("availability_zone", "aggregates", "state", "status", "disabled_reason", "forced_down", "in_maintenance"),
            *("in_map", "zone_in_map", "in_another_zone", HOURS),
            *FIELDS_OF_USE,
        ),
    ),
    "aggregate": Kind(
        (COMPUTE,), (*COMMON, "availability_zone", "hosts", "metadata", "instance_ha", "max_failures", "in_map")
    ),
    # Without hosts and aggregates, every server would look as if it were in no zone, and pinned to one that does not exist.
    "server": Kind(
        (COMPUTE, SERVERS),
        (
            *COMMON,
            *("project_id", "status", "task_state", "host", "host_state", "host_in_maintenance", "availability_zone"),
            *(HOURS, "pinned", "pin_is_gone", "pin_is_default", "pin_is_elsewhere", "volumes", "volumes_elsewhere"),
            *("image", "image_store", "image_elsewhere"),
        ),
    ),
    "volume": Kind(
        (VOLUMES,),
        (
            *COMMON,
            *("project_id", "status", "availability_zone", "type", "size_gb", "attached_to", "lost_servers"),
            *("backups", "backup_zones", "newest_backup_days", HOURS),
        ),
    ),
    "backup": Kind(
        (BACKUPS,),
        (*COMMON, "project_id", "status", "availability_zone", "zone_state", "volume_id", "age_days", "serving"),
    ),
    # Only those that the scheduler knows: their cinder-volume is up and enabled.
    "pool": Kind(
        (POOLS,), (*COMMON, "availability_zone", "backend_name", "storage", "same_storage", "same_storage_zones")
    ),
    "volume_type": Kind((BLOCK_STORAGE,), (*COMMON, "public", "zones", "gone_zones", "is_default")),
    "share_type": Kind((SHARED,), (*COMMON, "public", "zones", "gone_zones", "is_default")),
    "service": Kind(
        (),
        (
            *COMMON,
            *("service", "binary", "host", "availability_zone", "state", "status", "disabled_reason"),
            *("keeps_reason", "in_maintenance", "zone_state", "host_in_maintenance", HOURS),
        ),
        (COMPUTE, BLOCK_STORAGE, SHARED, NETWORK),
    ),
    # Only those with a trouble: each server has some.
    "port": Kind(
        (COMPUTE, NETWORK),
        (*COMMON, "project_id", "device_id", "device_owner", "host", "host_is_dead", "binding_failed"),
    ),
    "image": Kind(
        (IMAGES,),
        (
            *COMMON,
            *("status", "visibility", "hidden", "replaced", "disk_format", "stores", "rbd_stores", "other_stores"),
            *("servers", "servers_elsewhere", "zones_elsewhere"),
        ),
    ),
    "pod": Kind((PODS,), (*COMMON, "service", "node", "ready", "placed_by")),
    "region": Kind(
        (COMPUTE,),
        (
            *COMMON,
            *("zones", "pins_seen", "away_zones", "majority_at_risk", "hosts", "serving_hosts"),
            *("uneven_services", "waiting_pods", "instance_ha_off"),
        ),
    ),
}
FIELDS: Mapping[str, tuple[str, ...]] = {name: kind.fields for name, kind in KINDS.items()}
