# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A region as it is, as zone files: the way into the zone map for a cloud that has zones already."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .block_storage import backup, volume_backends, volume_types
from .errors import MapError, Problem, is_secret_name
from .image_stores import image_policy, image_stores
from .load import load_map
from .names import RESERVED_ZONES
from .shared_file_systems import share_backends, share_types

_INVENTORY_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?")
_LONGEST = 63
_TAKEN = {"all", "ungrouped", "localhost", "zones"}


@dataclass(frozen=True)
class File:
    """A file of the inventory: its data, and remarks for the person who reads it."""

    path: str
    data: dict[str, Any]
    remarks: list[str] = field(default_factory=list)


def inventory_files(found: Mapping[str, Any], cloud: str | None = None, region_name: str | None = None) -> list[File]:
    """The inventory whose zone map describes the region as it is. Raises MapError where that breaks a rule of the map."""
    default = found.get("default_availability_zone") or "nova"
    by_zone: dict[str, list[Mapping[str, Any]]] = {}
    for aggregate in sorted(found["aggregates"], key=lambda item: str(item["name"])):
        if aggregate["availability_zone"]:
            by_zone.setdefault(aggregate["availability_zone"], []).append(aggregate)
    kept = {zone: by_zone[zone] for zone in sorted(by_zone) if zone not in {default, *RESERVED_ZONES}}
    if not kept:
        rule = "no host aggregate of the cloud carries a zone that could be imported; write the zone files by hand"
        raise MapError([Problem("", "", "", rule, "")])
    names = inventory_names(kept)
    zone_files = [_zone_file(names[zone], zone, aggregates) for zone, aggregates in kept.items()]
    stores, strange_stores = image_stores(found, names)
    for zone, file in zip(kept, zone_files, strict=True):
        if names[zone] in stores:
            file.data["zoneops_zone"]["image_store"] = stores[names[zone]]
        backends, left_out = volume_backends(found, zone)
        file.data["zoneops_zone"] |= {"volume_backends": backends} if backends else {}
        file.remarks.extend(left_out)
        shares = share_backends(found, zone)
        file.data["zoneops_zone"] |= {"share_backends": shares} if shares else {}
    region: dict[str, Any] = {"zones": list(names.values())}
    region |= {key: value for key, value in (("cloud", cloud), ("region_name", region_name)) if value}
    if default != "nova":
        region["default_availability_zone"] = default
    zones = {name: file.data["zoneops_zone"] for name, file in zip(names.values(), zone_files, strict=True)}
    types, type_remarks = volume_types(found, names, zones)
    region |= {"volume_types": types} if types else {}
    backups, backup_remarks = backup(found, names)
    region |= {"backup": backups} if backups else {}
    load_map(zones, region)
    kinds, unfit = share_types(found, names, zones)
    region |= {"share_types": kinds} if kinds else {}
    images, unlike = image_policy(found, stores, len(zones))
    region |= {"images": images} if images else {}
    remarks = [
        f"Not taken over: availability zone {zone!r} of aggregate {item['name']!r}, which no zone may be called."
        for zone, aggregates in by_zone.items()
        if zone not in kept
        for item in aggregates
    ]
    remarks += [
        *_without_zone(found.get("hosts", [])),
        *type_remarks,
        *backup_remarks,
        *unfit,
        *strange_stores,
        *unlike,
    ]
    return [
        File("hosts.yml", {"zones": {"hosts": {name: {} for name in zones}}}),
        File("group_vars/zones.yml", {"zoneops_region": region}, remarks),
        *zone_files,
    ]


def _without_zone(hosts: Iterable[Mapping[str, Any]]) -> list[str]:
    lost = sorted(host["name"] for host in hosts if not host["availability_zone"])
    return [f"Compute hosts in no availability zone: {', '.join(lost)}."] if lost else []


def _zone_file(name: str, zone: str, aggregates: Sequence[Mapping[str, Any]]) -> File:
    chosen = next((item for item in aggregates if item["name"] == zone), None)
    chosen = chosen or max(aggregates, key=lambda item: len(item["hosts"]))
    remarks = [
        f"Availability zone {zone!r} is also that of aggregate {other['name']!r}, which stays as it is, "
        f"with its hosts: {_listed(other['hosts'])}."
        for other in aggregates
        if other is not chosen
    ]
    secret = sorted(key for key in chosen["metadata"] if is_secret_name(key))
    remarks += [
        f"Metadata {key!r} of aggregate {chosen['name']!r} looks like a secret and was not taken over."
        for key in secret
    ]
    metadata = {key: value for key, value in sorted(chosen["metadata"].items()) if key not in secret}
    compute: dict[str, Any] = {"aggregate": chosen["name"]} if chosen["name"] != zone else {}
    compute["hosts"] = sorted(chosen["hosts"])
    compute |= {"metadata": metadata} if metadata else {}
    data: dict[str, Any] = {"availability_zone": zone} if name != zone else {}
    return File(f"host_vars/{name}.yml", {"zoneops_zone": {**data, "compute": compute}}, remarks)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def inventory_names(zones: Iterable[str]) -> dict[str, str]:
    """A name for each availability zone that an inventory and a file system can carry: its own where that is one."""
    zones = list(zones)
    taken = set(_TAKEN)
    names: dict[str, str] = {}
    for zone in sorted(zones, key=lambda item: (not _fits(item), item)):
        base = zone if _fits(zone) else _slug(zone)
        name, number = base, 2
        while name.casefold() in taken:  # some file systems take "AZ1" and "az1" for one
            name, number = f"{base}-{number}", number + 1
        taken.add(name.casefold())
        names[zone] = name
    return {zone: names[zone] for zone in zones}


def _fits(name: str) -> bool:
    return len(name) <= _LONGEST and bool(_INVENTORY_NAME.fullmatch(name))


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", plain)[:_LONGEST].strip("-_.") or "zone"
