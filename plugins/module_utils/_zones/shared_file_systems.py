# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shared file systems of a region as they are, as entries of the zone map. What the map could not say is left out, with a remark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import MapError, is_secret_name
from .load import load_map

AZ_SPEC, BACKEND_SPEC, DRIVER_HANDLES = "availability_zones", "share_backend_name", "driver_handles_share_servers"


def share_backends(found: Mapping[str, Any], zone: str) -> list[dict[str, Any]]:
    """The back ends whose services report an availability zone."""
    mine = [
        _backend(entry)
        for entry in found.get("share_backends", [])
        if entry["availability_zone"] == zone and entry["backend"]
    ]
    return sorted(mine, key=lambda entry: str(entry["name"]))


def _backend(entry: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"name": entry["backend"]}
    if len(entry["names"]) == 1 and entry["names"][0] != entry["backend"]:
        made[BACKEND_SPEC] = entry["names"][0]
    return made | ({DRIVER_HANDLES: True} if entry.get(DRIVER_HANDLES) else {})


def share_types(
    found: Mapping[str, Any], names: Mapping[str, str], zones: Mapping[str, Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[str]]:
    """The types that are bound to availability zones, and remarks.

    :param names: inventory names by availability zone.
    :param zones: zone files by inventory name.
    """
    types, remarks = [], []
    for entry in sorted(found.get("share_types", []), key=lambda one: str(one["name"])):
        listed = [part.strip() for part in (entry["extra_specs"].get(AZ_SPEC) or "").split(",") if part.strip()]
        if not listed:
            continue
        made = _type(entry, [names[zone] for zone in dict.fromkeys(listed) if zone in names])
        strange = [zone for zone in listed if zone not in names]
        elsewhere = f"it is also in {', '.join(strange)}, which is none of these zones"
        reason = elsewhere if strange else _refused(made, zones)
        if reason:
            remarks.append(f"Share type {entry['name']!r} was not taken over: {reason}.")
        else:
            types.append(made)
    return types, remarks


def _type(entry: Mapping[str, Any], zones: list[str]) -> dict[str, Any]:
    specs = {key: value for key, value in sorted(entry["extra_specs"].items()) if not is_secret_name(key)}
    specs.pop(AZ_SPEC)
    made: dict[str, Any] = {"name": entry["name"], "zones": zones}
    if name := specs.pop(BACKEND_SPEC, None):
        made[BACKEND_SPEC] = name
    handles = str(specs.pop(DRIVER_HANDLES, "")).lower()
    if handles in ("true", "false"):
        made[DRIVER_HANDLES] = handles == "true"
    made |= {"extra_specs": specs} if specs else {}
    made |= {"public": False} if not entry["public"] else {}
    made |= {"projects": list(entry["projects"])} if entry.get("projects") else {}
    return made | ({"description": entry["description"]} if entry["description"] else {})


def _refused(made: Mapping[str, Any], zones: Mapping[str, Any]) -> str:
    """What the map has against a type; nothing where it takes it."""
    try:
        load_map(zones, {"zones": list(zones), "share_types": [made]})
    except MapError as error:
        return "; ".join(str(problem) for problem in error.problems)
    return ""
