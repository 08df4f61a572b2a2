# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A region as it is, as zone files: the way into the zone map for a cloud that has zones already."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import MapError, Problem
from ..load import load_map
from ..natural_order import natural
from ..schema.names import AGGREGATE, AVAILABILITY_ZONE, METADATA_KEY, METADATA_VALUE, RESERVED_ZONES
from .block_storage import backup, volume_backends, volume_types
from .image_stores import image_policy, image_stores
from .left_out import is_altered, take_out_what_breaks, taken, without_zone, zones_of_others
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
    for aggregate in sorted(found["aggregates"], key=lambda item: natural(str(item["name"]))):
        if aggregate["availability_zone"] and not _odd(aggregate):
            by_zone.setdefault(aggregate["availability_zone"], []).append(aggregate)
    remarks = _odd_aggregates(found["aggregates"])
    kept: dict[str, list[Mapping[str, Any]]] = {}
    for zone in sorted(by_zone, key=natural):
        why = _not_a_zone(zone, default)
        if why:
            called = _listed(repr(item["name"]) for item in by_zone[zone])
            remarks.append(f"Not imported: availability zone {zone!r} of aggregate {called}: {why}.")
        else:
            kept[zone] = by_zone[zone]
    if not kept:
        raise MapError([Problem("", "", "", _no_zone(by_zone, remarks), "")])
    names = inventory_names(kept)
    hosts = {host["name"] for host in found["hosts"]} if found.get("hosts") else None
    stores, strange_stores = image_stores(found, names)
    files = []
    for zone, aggregates in kept.items():
        file = _zone_file(names[zone], zone, aggregates, hosts)
        data = file.data["zoneops_zone"]
        if names[zone] in stores:
            data["image_store"] = stores[names[zone]]
        backends, left_out = volume_backends(found, zone)
        file.remarks.extend(left_out)
        data |= {"volume_backends": backends} if backends else {}
        shares = share_backends(found, zone)
        data |= {"share_backends": shares} if shares else {}
        file.remarks.extend(take_out_what_breaks(names[zone], data, default))
        files.append(file)
    region: dict[str, Any] = {"zones": list(names.values())}
    region |= {key: value for key, value in (("cloud", cloud), ("region_name", region_name)) if value}
    if default != "nova":
        region["default_availability_zone"] = default
    zones = {name: file.data["zoneops_zone"] for name, file in zip(names.values(), files, strict=True)}
    backups, backup_remarks = backup(found, names)
    region |= {"backup": backups} if backups else {}
    load_map(zones, region)
    types, type_remarks = volume_types(found, names, zones)
    region |= {"volume_types": types} if types else {}
    kinds, unfit = share_types(found, names, zones)
    region |= {"share_types": kinds} if kinds else {}
    stores = {name: zones[name]["image_store"] for name in zones if "image_store" in zones[name]}
    images, unlike = image_policy(found, stores, len(zones))
    region |= {"images": images} if images else {}
    remarks += [
        *without_zone(found.get("hosts", [])),
        *zones_of_others(found, set(by_zone)),
        *type_remarks,
        *backup_remarks,
        *unfit,
        *strange_stores,
        *unlike,
    ]
    return [
        File("hosts.yml", {"zones": {"hosts": {name: {} for name in zones}}}),
        File("group_vars/zones.yml", {"zoneops_region": region}, remarks),
        *files,
    ]


def _odd(aggregate: Mapping[str, Any]) -> str:
    """Why the map cannot name the aggregate."""
    name = str(aggregate["name"])
    return "its name contains masked or replaced text" if is_altered(name) else AGGREGATE.broken(name)


def _odd_aggregates(aggregates: Iterable[Mapping[str, Any]]) -> list[str]:
    return [
        f"Aggregate {item['name']!r} was not imported: {_odd(item)}."
        for item in aggregates
        if item["availability_zone"] and _odd(item)
    ]


def _not_a_zone(zone: str, default: str) -> str:
    """Why no zone of the map can be called so."""
    if zone in {default, *RESERVED_ZONES}:
        return "no zone can have this name, because nova lists hosts without a zone there; see 'A cloud whose only zone is nova' in docs/import.md"
    return "its name contains masked or replaced text" if is_altered(zone) else AVAILABILITY_ZONE.broken(zone)


def _no_zone(by_zone: Mapping[str, Any], remarks: Sequence[str]) -> str:
    if not by_zone:
        return (
            "no host aggregate of the cloud has a zone that can be imported; write the zone files by hand, "
            "as docs/flat-cloud.md shows"
        )
    return f"no availability zone of the cloud can be imported: {' '.join(remarks)}"


def _zone_file(name: str, zone: str, aggregates: Sequence[Mapping[str, Any]], known: Collection[str] | None) -> File:
    """The file of one zone.

    :param known: names of all compute hosts, None where they were not looked for.
    """
    chosen = next((item for item in aggregates if item["name"] == zone), None)
    chosen = chosen or max(aggregates, key=lambda item: len(item["hosts"]))
    remarks = [
        f"Availability zone {zone!r} is also that of aggregate {other['name']!r}, which is not imported "
        f"and stays unchanged, with its hosts: {_listed(other['hosts'])}."
        for other in aggregates
        if other is not chosen
    ]
    # What a maintenance of the zone remembers there belongs to no file.
    own = {key: value for key, value in chosen["metadata"].items() if not key.startswith("zoneops:")}
    metadata, left_out = taken(own, METADATA_KEY, METADATA_VALUE)
    remarks += [
        f"Metadata {key!r} of aggregate {chosen['name']!r} {why} and was not imported." for key, why in left_out.items()
    ]
    unknown = [host for host in chosen["hosts"] if known is not None and host not in known]
    remarks += [
        f"Host {host!r} of aggregate {chosen['name']!r} has no nova-compute service and was not imported."
        for host in sorted(unknown, key=natural)
    ]
    compute: dict[str, Any] = {"aggregate": chosen["name"]} if chosen["name"] != zone else {}
    compute["hosts"] = sorted((host for host in chosen["hosts"] if host not in unknown), key=natural)
    compute |= {"metadata": metadata} if metadata else {}
    data: dict[str, Any] = {"availability_zone": zone} if name != zone else {}
    return File(f"host_vars/{name}.yml", {"zoneops_zone": {**data, "compute": compute}}, remarks)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names, key=natural)) or "none"


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
