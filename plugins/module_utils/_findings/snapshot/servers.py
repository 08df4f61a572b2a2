# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers in a snapshot: where they are, where they may be, and where their volumes are. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ..._block_storage.api.volume_model import Volume
from ..._image.model import Image
from ..._region.servers import NOVA
from ..._zones.schema.zone_map import ZoneMap
from .compute import in_maintenance, names_by_az
from .read import Seen

_GONE = ("DELETED", "SOFT_DELETED")


def present(seen: Seen) -> list[dict[str, Any]]:
    """The servers without those that nova keeps for a while after their deletion."""
    return [server for server in seen.servers if server.get("status") not in _GONE]


def servers(seen: Seen, zone_map: ZoneMap) -> list[dict[str, Any]]:
    names, hosts = names_by_az(zone_map), {str(host["name"]): host for host in seen.region.hosts}
    zones = {found["availability_zone"] for found in seen.region.aggregates if found["availability_zone"]}
    volumes: dict[str, list[Volume]] = defaultdict(list)
    for volume in seen.volumes:
        for server in volume.attached_to:
            volumes[server].append(volume)
    images = {image.id: image for image in seen.images}
    stores = {zone.availability_zone: zone.image_store.name for zone in zone_map.zones.values() if zone.image_store}
    found = []
    for entry in present(seen):
        one = _server(entry, names, hosts, zones, volumes[str(entry["id"])], _defaults(seen))
        # Empty text where a server boots from a volume.
        image = images.get(str((entry.get("image") or {}).get("id")))
        found.append({**one, **_image(image, stores.get(str(one["availability_zone"])))})
    return found


def away_from_image(seen: Seen, listed: Sequence[Mapping[str, Any]]) -> dict[str, Counter[str]]:
    """By image, how many servers of it are in each zone that has no copy.

    :param listed: what `servers` made of those that are present.
    """
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for entry, one in zip(present(seen), listed, strict=True):
        if one["image_elsewhere"]:
            found[str(entry["image"]["id"])][str(one["zone"] or one["availability_zone"])] += 1
    return found


def _image(image: Image | None, store: str | None) -> dict[str, Any]:
    """What a server was made from, and whether its zone has no copy. Of an image whose stores glance does not list nobody knows."""
    return {
        "image": image and (image.name or image.id),
        "image_store": store,
        "image_elsewhere": bool(image and store and image.stores and store not in image.stores),
    }


def _defaults(seen: Seen) -> frozenset[str]:
    """What nova calls the zone of hosts that are in none."""
    return frozenset(name for name in (NOVA, seen.region.default_availability_zone) if name)


def _server(
    server: Mapping[str, Any],
    names: Mapping[str, str],
    hosts: Mapping[str, Mapping[str, Any]],
    zones: set[str],
    volumes: list[Volume],
    defaults: frozenset[str],
) -> dict[str, Any]:
    host, pinned = server.get("OS-EXT-SRV-ATTR:host"), server.get("pinned_availability_zone")
    on = hosts.get(str(host)) if host else None
    here = on["availability_zone"] if on else None
    gone = pinned is not None and pinned not in zones
    # Not those of storage that belongs to no zone of nova.
    elsewhere = [
        volume.label
        for volume in volumes
        if here and volume.availability_zone != here and volume.availability_zone in zones
    ]
    return {
        "name": server.get("name") or str(server["id"]),
        "id": str(server["id"]),
        "zone": names.get(str(here)) or names.get(str(pinned)),
        "project_id": server.get("tenant_id"),
        "status": server.get("status"),
        "task_state": server.get("OS-EXT-STS:task_state"),
        "host": host,
        "host_state": on["state"] if on else None,
        "host_in_maintenance": on is not None and in_maintenance(on),
        "availability_zone": here,
        "pinned": pinned,
        "pin_is_gone": gone and pinned not in defaults,
        "pin_is_default": gone and pinned in defaults,
        "pin_is_elsewhere": bool(pinned and host and not gone and pinned != here),
        "volumes": [volume.label for volume in volumes],
        "volumes_elsewhere": elsewhere,
    }
