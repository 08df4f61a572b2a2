# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compute hosts, aggregates and the region in a snapshot. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._plan.disabled.reason import MAINTENANCE as MARK
from ..._zones.schema.zone_map import AWAY, ZoneMap
from ..._zones.validation.instance_ha import MAX_FAILURES
from .kinds import DISABLED, DOWN, MAINTENANCE, UP
from .read import Seen
from .uses import FIELDS

_ENABLED, _UP = "enabled", "up"
# What instance HA reads from the metadata of aggregates: limits, and the tag of what it evacuates.
_HA_PREFIX, _HA_KEYS = "instanceha:", ("evacuable", "ha_enabled")


def names_by_az(zone_map: ZoneMap) -> dict[str, str]:
    """The inventory name of each availability zone of the map."""
    return {zone.availability_zone: name for name, zone in zone_map.zones.items()}


def state_of(zone_map: ZoneMap, zone: str | None) -> str | None:
    """What the map expects of a zone; None for what belongs to none."""
    return None if zone is None else zone_map.zones[zone].zone_state


def serves(host: Mapping[str, Any]) -> bool:
    return bool(host["state"] == _UP and host["status"] == _ENABLED)


def in_maintenance(entry: Mapping[str, Any]) -> bool:
    """Whether a maintenance of this collection disabled it."""
    return entry["status"] != _ENABLED and str(entry.get("disabled_reason") or "").startswith(MARK)


def host_condition(host: Mapping[str, Any]) -> str:
    """One of HOST_STATES. A maintenance is no outage, and what nobody may use is not missed when it is down."""
    if host.get("in_maintenance"):
        return MAINTENANCE
    if host["status"] != _ENABLED:
        return DISABLED
    return UP if host["state"] == _UP else DOWN


def hosts(seen: Seen, zone_map: ZoneMap) -> list[dict[str, Any]]:
    names, uses = names_by_az(zone_map), seen.uses
    in_map = {host: name for name, zone in zone_map.zones.items() for host in zone.compute_hosts}
    return [
        {
            "name": host["name"],
            "id": None,
            "zone": names.get(host["availability_zone"]) or in_map.get(host["name"]),
            "availability_zone": host["availability_zone"],
            "aggregates": host["aggregates"],
            "state": host["state"],
            "status": host["status"],
            "disabled_reason": host["disabled_reason"],
            "forced_down": host["forced_down"],
            "in_maintenance": in_maintenance(host),
            "in_map": host["name"] in in_map,
            "zone_in_map": in_map.get(host["name"]),
            # Also in one that no file describes.
            "in_another_zone": _elsewhere(host, names, in_map),
            **(uses[host["name"]].as_fields() if host["name"] in uses else dict.fromkeys(FIELDS)),
        }
        for host in seen.region.hosts
    ]


def _elsewhere(host: Mapping[str, Any], names: Mapping[str, str], in_map: Mapping[str, str]) -> bool:
    wanted, here = in_map.get(host["name"]), host["availability_zone"]
    return bool(wanted and here and names.get(here) != wanted)


def aggregates(seen: Seen, zone_map: ZoneMap) -> list[dict[str, Any]]:
    names = names_by_az(zone_map)
    in_map = {zone.compute.aggregate for zone in zone_map.zones.values() if zone.compute is not None}
    in_use = any(_of_ha(key) for found in seen.region.aggregates for key in found["metadata"])
    # Where there are tags, instance HA leaves everything else alone (its TAGGED_AGGREGATES, which is on by default).
    tagged = [found for found in seen.region.aggregates if _is_tagged(found["metadata"])]
    # What it evacuates are hosts: those of a tagged aggregate, whatever other aggregates they are in.
    evacuated = {host for found in tagged for host in found["hosts"]}
    return [
        {
            "name": found["name"],
            "id": str(found["id"]),
            "zone": names.get(found["availability_zone"]),
            "availability_zone": found["availability_zone"],
            "hosts": found["hosts"],
            "metadata": found["metadata"],
            "instance_ha": found in tagged or not evacuated.isdisjoint(found["hosts"]) if tagged else in_use,
            "max_failures": _number(found["metadata"].get(MAX_FAILURES)),
            "in_map": found["name"] in in_map,
        }
        for found in seen.region.aggregates
    ]


def region(seen: Seen, zone_map: ZoneMap) -> dict[str, Any]:
    away = [name for name, zone in zone_map.zones.items() if zone.zone_state in AWAY]
    masters = [name for name, zone in zone_map.zones.items() if zone.kubernetes and zone.kubernetes.masters]
    voting = masters or list(zone_map.zones)
    lost = [name for name in away if name in voting]
    return {
        "name": zone_map.region.region_name or "region",
        "id": None,
        "zone": None,
        "zones": list(zone_map.zones),
        "pins_seen": seen.pins_seen,
        "away_zones": away,
        # Of zones that have members of it; where nobody says so, of all.
        "majority_at_risk": len(lost) > 1 and 2 * len(lost) >= len(voting),
        "hosts": [host["name"] for host in seen.region.hosts],
        "serving_hosts": [host["name"] for host in seen.region.hosts if serves(host)],
        "uneven_services": list(seen.pods.get("uneven") or ()),
        "waiting_pods": list(seen.pods.get("waiting") or ()),
        "instance_ha_off": list(seen.pods.get("instance_ha_off") or ()),
    }


def _of_ha(key: str) -> bool:
    return key.startswith(_HA_PREFIX) or key.lower() in _HA_KEYS


def _is_tagged(metadata: Mapping[str, Any]) -> bool:
    return any(key.lower() in _HA_KEYS and str(value).lower() == "true" for key, value in metadata.items())


def _number(text: Any) -> int | None:
    return int(text) if str(text or "").isdecimal() else None
