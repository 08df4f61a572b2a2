# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A snapshot: what is known of a region as plain data, in the shape of `kinds`. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..._zones.schema.zone_map import ZoneMap
from .compute import aggregates, hosts, region
from .kinds import FORMAT, HOURS, KINDS
from .pods import pods
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


@dataclass(frozen=True)
class _History:
    """What an earlier snapshot says of the objects of a kind.

    :ivar whole: whether what is not in it was not there.
    """

    before: Iterable[Mapping[str, Any]] = field(default=())
    whole: bool = False


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
        "pod": pods(seen),
    }
    remembered: dict[str, list[dict[str, Any]]] = {}
    changed = _changed(seen)
    for kind, keys in _STATES.items():
        history, sections = _History(), {*KINDS[kind].sections, *KINDS[kind].parts}
        if previous is not None:
            before = (*previous["objects"].get(kind, ()), *previous.get(REMEMBERED, {}).get(kind, ()))
            history = _History(before, whole=not sections & set(previous.get("unread") or ()))
        _date(objects[kind], keys, now, history, changed)
        # What could not be read this time is still as it was, as far as anybody knows.
        if seen.unread.keys() & sections:
            remembered[kind] = _remembered(history.before, keys, objects[kind])
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


def _changed(seen: Seen) -> dict[str, datetime]:
    """By id, when a service last wrote the record of a server or a volume: it has been as it is at least since then."""
    servers = {str(one["id"]): datetime.fromisoformat(one["updated"]) for one in seen.servers if one.get("updated")}
    return servers | {one.id: one.changed_at for one in seen.volumes if one.changed_at}


def _date(
    objects: Iterable[dict[str, Any]],
    keys: tuple[str, ...],
    now: datetime,
    history: _History,
    changed: Mapping[str, datetime],
) -> None:
    known = {_key(one): one for one in history.before}
    for one in objects:
        earlier = known.get(_key(one))
        same = earlier is not None and all(earlier.get(key) == one[key] for key in keys)
        since = now
        if one["id"] in changed:
            # Alone: what each audit sees in the same state may have left it in between, as a volume that each night is backed up.
            since = min(now, changed[one["id"]])
        elif same and earlier and earlier.get(SINCE):
            since = min(now, datetime.strptime(str(earlier[SINCE]), TIME).replace(tzinfo=now.tzinfo))
        one[SINCE] = since.strftime(TIME)
        # What nobody has seen before, and no service dates, may have been so for years.
        dated = one["id"] in changed or earlier is not None or history.whole
        one[HOURS] = int((now - since).total_seconds() // 3600) if dated else None
