# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way into the zone map and back: raw data to a checked map, a map to plain data in normal form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from .._plan.text.near import nearest
from .errors import MapError, Problem, show
from .schema.data_plane import RegionDataPlane
from .schema.fields import AllZones
from .schema.kubernetes import RegionKubernetes
from .schema.zone_map import Region, Zone, ZoneMap
from .validation.check import Checker
from .validation.rules import broken


def load_map(zones: Mapping[str, object], region: Mapping[str, object]) -> ZoneMap:
    """The zone map that the data describe, every default filled in. Raises MapError with all problems at once."""
    if not isinstance(zones, Mapping):
        raise MapError([Problem("", "", show(zones), "the zones have to be a mapping of inventory names to zones", "")])
    checker = Checker("")
    found_region: Region | None = checker.read(Region, region)
    problems = checker.problems
    found: dict[str, Zone] = {}
    for name, raw in zones.items():
        if not isinstance(name, str):
            problems.append(
                Problem("", "", show(name), "is the name of a zone and must be text; write it in quotes", "")
            )
            continue
        checker = Checker(str.__str__(name))
        zone: Zone | None = checker.read(Zone, raw)
        problems += checker.problems
        if zone is not None:
            found[zone.name] = zone
    # Without a usable region the zones are still checked against each other.
    shared = {"kubernetes": Checker("").read(RegionKubernetes, {}), "data_plane": RegionDataPlane()}
    usable = found_region or Region(zones=tuple(found), **shared)
    listed = tuple(name for name in usable.zones if name is not None)
    if found_region and listed:
        problems += _membership([str.__str__(name) for name in zones if isinstance(name, str)], listed)
    order = [name for name in listed if name in found] + [name for name in found if name not in listed]
    zone_map = ZoneMap(region=replace(usable, zones=listed), zones={name: found[name] for name in order})
    problems += broken(zone_map)
    if problems:
        raise MapError(problems)
    return zone_map


def _membership(given: list[str], listed: tuple[str, ...]) -> Iterator[Problem]:
    """A slice, a disabled host, a misspelt name make the inventory differ from the region: never work on that."""
    missing = [name for name in listed if name not in given]
    surplus = [name for name in given if name not in listed]
    for name in missing:
        rule = f"is in zoneops_region.zones but not in the inventory's group{nearest(name, surplus)}"
        yield Problem(name, "", "", f"{rule}; add it to the group or remove it from the list", "")
    for name in surplus:
        rule = f"is in the inventory's group but not in zoneops_region.zones{nearest(name, missing)}"
        yield Problem(name, "", "", f"{rule}; add it to the list or remove it from the group", "")


def as_dict(zone_map: ZoneMap, *, words: bool = False) -> dict[str, Any]:
    """The map as plain data with the keys `zones` and `region`: `load_map(**as_dict(zone_map)) == zone_map`.

    :param words: leave lists of all zones as the word for that: a list that somebody wrote gives up the zones that it does not name.
    """
    zones = {
        name: {key: value for key, value in _plain(zone, words).items() if key != "name"}
        for name, zone in zone_map.zones.items()
    }
    return {"zones": zones, "region": _plain(zone_map.region, words)}


def _plain(value: Any, words: bool) -> Any:
    if is_dataclass(value):
        items = ((item.name, getattr(value, item.name)) for item in fields(value))
        return {name: _plain(inner, words) for name, inner in items if inner is not None}
    if words and isinstance(value, AllZones):
        return value.WORD
    if isinstance(value, tuple):
        return [_plain(item, words) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item, words) for key, item in value.items()}
    return value
