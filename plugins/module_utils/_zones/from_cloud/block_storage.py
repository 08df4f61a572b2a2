# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The block storage of a region as it is, as entries of the zone map. What the map could not say is left out, with a remark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..schema.formats import SECTION
from ..schema.names import LONGEST, SPEC_VALUE, VOLUME_SPEC_KEY
from ..validation.entries import literal
from .left_out import fitting, taken

AZ_SPEC, BACKEND_SPEC = "RESKEY:availability_zones", "volume_backend_name"


def volume_backends(found: Mapping[str, Any], zone: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The back ends whose services report an availability zone, and remarks."""
    backends: dict[str, dict[str, Any]] = {}
    remarks = []
    for service in found.get("services", []):
        if service["binary"] != "cinder-volume" or service["availability_zone"] != zone:
            continue
        name = str(service["host"]).partition("@")[2]
        if SECTION.broken(name) or "," in zone:
            remarks.append(f"Back end {service['host']!r} of cinder cannot be part of a zone map and was not imported.")
            continue
        pools = [pool for pool in found.get("volume_pools", []) if pool["host"] == service["host"]]
        other = sorted({str(pool["volume_backend_name"]) for pool in pools} - {name})
        backends[name] = {"name": name, **({BACKEND_SPEC: other[0]} if other and len(other) == len(pools) else {})}
    return [backends[name] for name in sorted(backends)], remarks


def volume_types(
    found: Mapping[str, Any], names: Mapping[str, str], zones: Mapping[str, Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[str]]:
    """The types that are bound to availability zones, and remarks.

    :param names: inventory names by availability zone.
    :param zones: zone files by inventory name.
    """
    types, remarks = [], []
    for kind in sorted(found.get("volume_types", []), key=lambda item: str(item["name"])):
        listed = [part.strip() for part in kind["extra_specs"].get(AZ_SPEC, "").split(",") if part.strip()]
        if not listed or kind["name"].startswith("zoneops:"):
            continue
        reason = _unfit(kind, listed, names, zones)
        if reason:
            remarks.append(f"Volume type {kind['name']!r} was not imported: {reason}.")
            continue
        free = {key: value for key, value in kind["extra_specs"].items() if key not in (AZ_SPEC, BACKEND_SPEC)}
        specs, left_out = taken(free, VOLUME_SPEC_KEY, SPEC_VALUE)
        remarks += [
            f"Extra spec {key!r} of volume type {kind['name']!r} {why} and was not imported."
            for key, why in left_out.items()
        ]
        backend = kind["extra_specs"].get(BACKEND_SPEC)
        entry: dict[str, Any] = {"name": kind["name"], "zones": [names[zone] for zone in dict.fromkeys(listed)]}
        entry |= {BACKEND_SPEC: backend} if backend else {}
        entry |= {"extra_specs": specs} if specs else {}
        entry |= {} if kind["public"] else {"public": False}
        entry |= {"projects": list(kind["projects"])} if kind.get("projects") else {}
        types.append(literal(entry))
    return fitting("volume_types", types, zones, remarks), remarks


def backup(found: Mapping[str, Any], names: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """How the region backs volumes up, as far as the places of the services tell, and remarks. No API tells what they write to.

    :param names: inventory names by availability zone.
    """
    places: dict[str, list[str]] = {}
    for service in found.get("services", []):
        if service["binary"] == "cinder-backup":
            places.setdefault(str(service["availability_zone"]), []).append(str(service["host"]))
    if not places:
        return {}, []
    if len(places) == 1 and set(places) <= set(names):
        return {"mode": "zone", "zone": names[next(iter(places))]}, []
    if set(places) == set(names):
        one = "{mode: spread} if all write to one target outside the zones"
        own = "{mode: per_zone} and each zone's `backup` if each writes to its own"
        why = f"there is a cinder-backup in every zone, and no API shows their storage. Write {one}, or {own}"
    else:
        listed = "; ".join(f"{', '.join(sorted(hosts))} in {zone}" for zone, hosts in sorted(places.items()))
        why = f"no backup mode of the map fits these services: {listed}"
    return {}, [f"`backup` was not imported: {why}."]


def _unfit(
    kind: Mapping[str, Any], listed: list[str], names: Mapping[str, str], zones: Mapping[str, Mapping[str, Any]]
) -> str:
    """Why the map cannot say the type as it is."""
    foreign = [zone for zone in listed if zone not in names]
    if foreign:
        return f"it is for {', '.join(foreign)}, no zone of the map"
    if len(",".join(dict.fromkeys(listed))) > LONGEST:
        return "its list of zones is too long"
    backend = kind["extra_specs"].get(BACKEND_SPEC)
    for name in (names[zone] for zone in listed):
        served = [one.get(BACKEND_SPEC, one["name"]) for one in zones[name].get("volume_backends", [])]
        if backend and served and backend not in served:
            return f"no back end of zone {name} is named {backend}"
    return ""
