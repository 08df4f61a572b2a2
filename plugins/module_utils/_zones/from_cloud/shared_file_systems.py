# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shared file systems of a region as they are, as entries of the zone map. What the map could not say is left out, with a remark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..schema.names import SHARE_SPEC_KEY, SPEC_VALUE
from ..validation.entries import literal
from .left_out import fitting, taken

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
        strange = [zone for zone in listed if zone not in names]
        if strange:
            why = f"it is also in {', '.join(strange)}, which is none of these zones"
            remarks.append(f"Share type {entry['name']!r} was not imported: {why}.")
            continue
        made, left_out = _type(entry, [names[zone] for zone in dict.fromkeys(listed)])
        remarks += [
            f"Extra spec {key!r} of share type {entry['name']!r} {why} and was not imported."
            for key, why in left_out.items()
        ]
        types.append(literal(made))
    return fitting("share_types", types, zones, remarks), remarks


def _type(entry: Mapping[str, Any], zones: list[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The entry of a type, and its extra specs that are left out with the reason."""
    own = (AZ_SPEC, BACKEND_SPEC, DRIVER_HANDLES)
    free = {key: value for key, value in entry["extra_specs"].items() if key not in own}
    specs, left_out = taken(free, SHARE_SPEC_KEY, SPEC_VALUE)
    made: dict[str, Any] = {"name": entry["name"], "zones": zones}
    if name := entry["extra_specs"].get(BACKEND_SPEC):
        made[BACKEND_SPEC] = name
    handles = str(entry["extra_specs"].get(DRIVER_HANDLES, "")).lower()
    if handles in ("true", "false"):
        made[DRIVER_HANDLES] = handles == "true"
    made |= {"extra_specs": specs} if specs else {}
    made |= {"public": False} if not entry["public"] else {}
    made |= {"projects": list(entry["projects"])} if entry.get("projects") else {}
    return made | ({"description": entry["description"]} if entry["description"] else {}), left_out
