# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cells of one zone: what region_info found of it. Pure.

A column is there only where its section was gathered, so that the table stays as narrow as what there is to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .._block_storage.api.model import VOLUME_TYPE
from .._shared_filesystem.api.model import SHARE_TYPES
from .._types.model import zones_of

# What the compute hosts are read from.
NOVA = ("nova aggregates", "nova services", "nova hosts")
UNKNOWN = "?"
NONE = "-"
# Gigabytes of which a terabyte is shown.
TERA = 1000

Zone = Mapping[str, Any]
Look = Mapping[str, Any]


def columns(look: Look) -> dict[str, Callable[[Zone, Look], str]]:
    """What the look at the region has to say of a zone, by heading."""
    gathered = set((look.get("region") or {}).get("gathered", ()))
    optional: dict[str, tuple[set[str], Callable[[Zone, Look], str]]] = {
        "SERVERS": ({"instances", "servers"}, _servers),
        "STORE": ({"image_stores"}, _store),
        "TYPES": ({"volume_types", "share_types"}, _types),
    }
    more = {heading: cell for heading, (sections, cell) in optional.items() if sections & gathered}
    types = {"TYPES": more.pop("TYPES")} if "TYPES" in more else {}
    return {
        "AVAILABLE": _available,
        "HOSTS UP": _hosts,
        **more,
        "VOLUME": lambda zone, look: _backends(zone, look, "cinder", "cinder-volume", _volume_space),
        "SHARE": lambda zone, look: _backends(zone, look, "manila", "manila-share", _share_space),
        "BACKUP": lambda zone, look: _backends(zone, look, "cinder", "cinder-backup", None),
        **types,
    }


def cell(found: Callable[[Zone, Look], str], zone: Zone, look: Look) -> str:
    return found(zone, look) if look.get("region") else UNKNOWN


def unread(look: Look, *sections: str) -> bool:
    """Whether one of these sections could not be read."""
    return bool(look.get("errors", {}).keys() & set(sections))


def _available(zone: Zone, look: Look) -> str:
    if unread(look, "nova availability_zones"):
        return UNKNOWN
    listed = look["region"]["availability_zones"].get("nova", [])
    offered = {entry["name"]: entry["available"] for entry in listed}.get(zone["availability_zone"])
    # Nova goes on offering a zone whose compute hosts are all dead.
    dead = not unread(look, *NOVA) and not any(map(_works, of_zone(zone, look["region"]["hosts"])))
    return "yes" if offered and not dead else "no"


def of_zone(zone: Zone, entries: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those in the zone's availability zone."""
    return [entry for entry in entries if entry["availability_zone"] == zone["availability_zone"]]


def _hosts(zone: Zone, look: Look) -> str:
    if unread(look, *NOVA):
        return UNKNOWN
    return _ratio(of_zone(zone, look["region"]["hosts"]))


def _servers(zone: Zone, look: Look) -> str:
    hosts = of_zone(zone, look["region"]["hosts"])
    counted = [host["instances"] for host in hosts if host["instances"] is not None]
    if unread(look, *NOVA) or len(counted) < len(hosts):
        return UNKNOWN
    return str(sum(counted)) if hosts else NONE


def _store(zone: Zone, look: Look) -> str:
    """The zone's store, if glance has it."""
    wanted = zone.get("image_store")
    if not wanted:
        return NONE
    if unread(look, "glance stores"):
        return UNKNOWN
    name = str(wanted["name"])
    return name if name in {store["id"] for store in look["region"]["image_stores"]} else "missing"


def _types(zone: Zone, look: Look) -> str:
    """Volume types and share types that are bound to the zone."""
    return "+".join(
        UNKNOWN
        if unread(look, f"{kind.service} types")
        else str(
            sum(
                zone["availability_zone"] in zones_of(found["extra_specs"].get(kind.az_spec))
                for found in look["region"][section]
            )
        )
        for section, kind in (("volume_types", VOLUME_TYPE), ("share_types", SHARE_TYPES))
        if section in look["region"]["gathered"]
    )


def _backends(zone: Zone, look: Look, service: str, binary: str, space: Callable[[Zone, Look], str] | None) -> str:
    """How many of them work, and what they have left, for example "2/2 1.5T"."""
    if unread(look, f"{service} services"):
        return UNKNOWN
    ratio = _ratio(of_zone(zone, [entry for entry in look["region"]["services"] if entry["binary"] == binary]))
    return f"{ratio} {space(zone, look)}".rstrip() if space else ratio


def _volume_space(zone: Zone, look: Look) -> str:
    services = [entry for entry in look["region"]["services"] if entry["binary"] == "cinder-volume"]
    hosts = {entry["host"] for entry in of_zone(zone, services)}
    return _space([pool["free_gb"] for pool in look["region"].get("volume_pools", []) if pool["host"] in hosts])


def _share_space(zone: Zone, look: Look) -> str:
    return _space([entry["free_capacity_gb"] for entry in of_zone(zone, look["region"].get("share_backends", []))])


def _space(free: Sequence[float | None]) -> str:
    """Of those that tell it: drivers may not, and what is down says nothing."""
    told = [amount for amount in free if amount is not None]
    if not told:
        return ""
    whole = sum(told)
    return f"{whole / TERA:.1f}T" if whole >= TERA else f"{whole:.0f}G"


def _ratio(entries: Sequence[Mapping[str, Any]]) -> str:
    """How many of them work, for example "2/3"."""
    return f"{sum(map(_works, entries))}/{len(entries)}" if entries else NONE


def _works(entry: Mapping[str, Any]) -> bool:
    return bool(entry["state"] == "up" and entry["status"] == "enabled")
