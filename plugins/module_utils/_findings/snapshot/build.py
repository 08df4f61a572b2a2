# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A snapshot: what is known of a region as plain data, in the shape of `kinds`. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ..._zones.schema.zone_map import ZoneMap
from .compute import aggregates, hosts, region
from .kinds import FORMAT, KINDS
from .pools import pools
from .ports import ports
from .read import Seen
from .servers import away_from_image, servers
from .storage import backups, images, services, types, volumes
from .zones import zones

#: How times are written in it.
TIME = "%Y-%m-%dT%H:%M:%SZ"
#: What an object is in, for those whose time in it counts.
_STATES = {
    "host": ("state", "status", "disabled_reason", "forced_down"),
    "service": ("state", "status", "disabled_reason"),
    "server": ("status", "task_state"),
    "volume": ("status",),
}
#: When an object was first seen as it is.
SINCE = "since"
#: By kind, what earlier snapshots say of objects that this one could not read.
REMEMBERED = "remembered"


def build(seen: Seen, zone_map: ZoneMap, now: datetime, previous: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The snapshot.

    :param now: in UTC.
    :param previous: an earlier snapshot; how long something is as it is counts from the first one that shows it.
    """
    volume_types, share_types = (
        types(seen, zone_map, seen.region.volume_types, "cinder", seen.defaults.volume_type),
        types(seen, zone_map, seen.region.share_types, "manila", seen.defaults.share_type),
    )
    listed = servers(seen, zone_map)
    objects: dict[str, list[dict[str, Any]]] = {
        "region": [region(seen, zone_map)],
        "zone": zones(seen, zone_map, now),
        "host": hosts(seen, zone_map),
        "aggregate": aggregates(seen, zone_map),
        "server": listed,
        "volume": volumes(seen, zone_map, now),
        "backup": backups(seen, zone_map, now),
        "pool": pools(seen, zone_map),
        "volume_type": volume_types,
        "share_type": share_types,
        "service": services(seen, zone_map),
        "port": ports(seen, zone_map),
        "image": images(seen, away_from_image(seen, listed)),
    }
    remembered: dict[str, list[dict[str, Any]]] = {}
    for kind, keys in _STATES.items():
        before = [*previous["objects"].get(kind, ()), *previous.get(REMEMBERED, {}).get(kind, ())] if previous else []
        _date(objects[kind], keys, now, before)
        # What could not be read this time is still as it was, as far as anybody knows.
        if seen.unread.keys() & {*KINDS[kind].sections, *KINDS[kind].parts}:
            remembered[kind] = _remembered(before, keys, objects[kind])
    return {
        "format": FORMAT,
        "taken": now.strftime(TIME),
        "region": zone_map.region.region_name or "",
        "unread": dict(sorted(seen.unread.items())),
        "objects": objects,
        **({REMEMBERED: remembered} if any(remembered.values()) else {}),
    }


def _remembered(
    before: Iterable[Mapping[str, Any]], keys: tuple[str, ...], listed: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Of earlier objects that are not listed now, what their time counts by."""
    known = {_key(one) for one in listed}
    return [
        {key: one[key] for key in ("id", "name", SINCE, *keys) if key in one}
        for one in before
        if _key(one) not in known
    ]


def _key(one: Mapping[str, Any]) -> tuple[Any, Any]:
    return one.get("id"), one.get("name")


def _date(
    objects: Iterable[dict[str, Any]], keys: tuple[str, ...], now: datetime, before: Iterable[Mapping[str, Any]]
) -> None:
    known = {_key(one): one for one in before}
    for one in objects:
        earlier = known.get(_key(one))
        same = earlier is not None and all(earlier.get(key) == one[key] for key in keys)
        since = str(earlier[SINCE]) if same and earlier and earlier.get(SINCE) else now.strftime(TIME)
        begun = datetime.strptime(since, TIME).replace(tzinfo=now.tzinfo)
        one[SINCE] = since
        one["hours_in_state"] = int((now - begun).total_seconds() // 3600)
