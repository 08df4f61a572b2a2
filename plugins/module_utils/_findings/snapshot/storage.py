# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes, backups, types, services and images in a snapshot. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ..._block_storage.api.model import VOLUME_TYPE
from ..._block_storage.api.volume_model import Backup
from ..._shared_filesystem.api.model import SHARE_TYPES
from ..._types.model import FoundType, zones_of
from ..._zones.schema.zone_map import ZoneMap
from . import kinds
from .compute import in_maintenance, names_by_az, serves, state_of
from .read import Seen
from .servers import present

_SPECS = {"cinder": VOLUME_TYPE.az_spec, "manila": SHARE_TYPES.az_spec}
_RBD = "rbd"


def volumes(seen: Seen, zone_map: ZoneMap, now: datetime) -> list[dict[str, Any]]:
    names, known = names_by_az(zone_map), {str(server["id"]) for server in present(seen)}
    whole = kinds.SERVERS not in seen.unread
    backups: dict[str, list[Backup]] = defaultdict(list)
    for backup in seen.backups:
        if backup.good:
            backups[backup.volume_id].append(backup)
    return [
        {
            "name": volume.name or volume.id,
            "id": volume.id,
            "zone": names.get(volume.availability_zone),
            "project_id": volume.project_id,
            "status": volume.status,
            "availability_zone": volume.availability_zone,
            "type": volume.type,
            "size_gb": volume.size,
            "attached_to": list(volume.attached_to),
            # Without nova's list nobody knows.
            "lost_servers": [one for one in volume.attached_to if whole and one not in known],
            "backups": len(backups[volume.id]),
            "backup_zones": sorted({str(one.availability_zone) for one in backups[volume.id]}),
            "newest_backup_days": newest(backups[volume.id], now),
        }
        for volume in seen.volumes
    ]


def newest(found: Iterable[Backup], now: datetime) -> int | None:
    """How many days ago the newest of the backups was made; None without any."""
    ages = [_days(backup.data_time, now) for backup in found]
    return min(ages) if ages else None


def backups(seen: Seen, zone_map: ZoneMap, now: datetime) -> list[dict[str, Any]]:
    names = names_by_az(zone_map)
    serving = {
        str(entry["availability_zone"])
        for entry in seen.region.services
        if entry["binary"] == "cinder-backup" and serves(entry)
    }
    return [
        {
            "name": backup.name or backup.id,
            "id": backup.id,
            "zone": names.get(str(backup.availability_zone)),
            "project_id": backup.project_id,
            "status": backup.status,
            "availability_zone": backup.availability_zone,
            "zone_state": state_of(zone_map, names.get(str(backup.availability_zone))),
            "volume_id": backup.volume_id,
            "age_days": _days(backup.data_time, now),
            "serving": backup.availability_zone in serving,
        }
        for backup in seen.backups
    ]


def types(
    seen: Seen, zone_map: ZoneMap, listed: Iterable[Mapping[str, Any]], service: str, default: FoundType | None
) -> list[dict[str, Any]]:
    there = {zone["name"] for zone in seen.region.availability_zones.get(service, ())}
    names = names_by_az(zone_map)
    found = []
    for entry in listed:
        zones = list(zones_of(entry["extra_specs"].get(_SPECS[service])))
        found.append(
            {
                "name": entry["name"],
                "id": str(entry.get("id") or "") or None,
                "zone": names.get(zones[0]) if len(zones) == 1 else None,
                "public": entry["public"],
                "zones": zones,
                "gone_zones": [zone for zone in zones if zone not in there],
                "is_default": default is not None and default.name == entry["name"],
            }
        )
    return found


def services(seen: Seen, zone_map: ZoneMap) -> list[dict[str, Any]]:
    """All services but nova-compute, which are the hosts."""
    names, hosts = names_by_az(zone_map), {host["name"]: host for host in seen.region.hosts}
    return [
        {
            "name": f"{entry['binary']} {entry['host']}",
            "id": None,
            **_place(entry, hosts.get(entry["host"]), zone_map, names),
            **{key: entry[key] for key in ("service", "binary", "host", "availability_zone", "state", "status")},
            "disabled_reason": entry["disabled_reason"],
            # Neutron never says why an agent is disabled.
            "keeps_reason": entry["service"] != "neutron" and (entry["service"] != "manila" or seen.share_reasons),
            "in_maintenance": in_maintenance(entry),
        }
        for entry in seen.region.services
        if entry["binary"] != "nova-compute"
    ]


def _place(
    entry: Mapping[str, Any], host: Mapping[str, Any] | None, zone_map: ZoneMap, names: Mapping[str, str]
) -> dict[str, Any]:
    """The zone of a service; most of neutron's agents name none, and are in that of their host."""
    zone = names.get(str(entry["availability_zone"] or (host["availability_zone"] if host else "")))
    return {
        "zone": zone,
        "zone_state": state_of(zone_map, zone),
        "host_in_maintenance": host is not None and in_maintenance(host),
    }


def images(seen: Seen, away: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """The images.

    :param away: see `away_from_image`.
    """
    stores = {str(store["id"]): store["type"] for store in seen.region.image_stores}
    used = Counter(str((server.get("image") or {}).get("id")) for server in present(seen))
    return [
        {
            "name": image.name or image.id,
            "id": image.id,
            "zone": None,
            "status": image.status,
            "visibility": image.visibility,
            "hidden": image.hidden,
            # Which no entry of the region's images means any more.
            "replaced": image.retired,
            "disk_format": image.disk_format,
            "stores": list(image.stores),
            "rbd_stores": [store for store in image.stores if stores.get(store) == _RBD],
            "other_stores": sorted(set(stores) - set(image.stores)),
            # Those that boot from it, not from a volume.
            "servers": used[image.id],
            "servers_elsewhere": sum(away.get(image.id, {}).values()),
            "zones_elsewhere": sorted(away.get(image.id, ())),
        }
        for image in seen.images
    ]


def _days(when: datetime, now: datetime) -> int:
    return max(0, (now - when).days)
