# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in one zone only, and would be away with it. Pure but for `read_copies`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from .._block_storage.api.volume_calls import VolumeApi
from .._block_storage.api.volume_model import Backup
from .._image.glance import Glance
from .._image.model import Image
from .._openstack.cloud import Cloud
from .._plan.errors import ZoneopsError
from .._plan.text.listing import first
from .._zones.schema.zone_map import Zone, ZoneMap

Found = TypeVar("Found")
SHOWN = 5
#: How many of each kind a result lists. A region can have tens of thousands of backups.
LISTED = 100


@dataclass(frozen=True)
class Copies:
    """Images and backups of the region, None where they could not be read.

    :ivar unread: what could not be read, and why.
    """

    images: tuple[Image, ...] | None = ()
    backups: tuple[Backup, ...] | None = ()
    unread: tuple[str, ...] = ()


def read_copies(cloud: Cloud) -> Copies:
    """One list each; one that does not answer costs itself only."""
    unread: list[str] = []

    def ask(what: str, call: Callable[[], Iterable[Found]]) -> tuple[Found, ...] | None:
        try:
            return tuple(call())
        except ZoneopsError as error:
            unread.append(f"{what}: {error.message}")
            return None

    image, block = cloud.service("image", version="2"), cloud.service("block-storage")
    images = ask("glance images", Glance(image).images) if image.present() else ()
    api = VolumeApi(block, cloud.deadline)
    backups = ask("cinder backups", lambda: api.backups(all_projects=True)) if block.present() else ()
    return Copies(images, backups, tuple(unread))


def away_beside(zone_map: ZoneMap, zone: Zone) -> tuple[Zone, ...]:
    """The other zones that are away already: what has a copy there only has none."""
    return tuple(one for one in zone_map.zones.values() if one.away and one.name != zone.name)


def images_only_in(zone: Zone, copies: Copies, away: Iterable[Zone] = ()) -> list[Image]:
    """Those whose only copy that can be used is in the store of the zone."""
    if zone.image_store is None:
        return []
    here = zone.image_store.name
    lost = {here, *(one.image_store.name for one in away if one.image_store is not None)}
    return [one for one in copies.images or () if one.active and here in one.stores and lost.issuperset(one.stores)]


def backups_only_in(zone: Zone, copies: Copies, away: Iterable[Zone] = ()) -> list[Backup]:
    """Those of volumes that have backups in this zone only: nothing restores them without it."""
    good = [one for one in copies.backups or () if one.good]
    lost = {zone.availability_zone, *(one.availability_zone for one in away)}
    elsewhere = {one.volume_id for one in good if one.availability_zone not in lost}
    return [one for one in good if one.availability_zone == zone.availability_zone and one.volume_id not in elsewhere]


def told(zone: Zone, copies: Copies, away: Sequence[Zone] = ()) -> Iterator[str]:
    """For people."""
    only = f"only (zones that are away do not count: {', '.join(one.name for one in away)})" if away else "only"
    images = [f"{one.name} ({one.id})" for one in images_only_in(zone, copies, away)]
    if images and zone.image_store is not None:
        yield f"images are in store {zone.image_store.name} {only}: {first(SHOWN, images, of=len(images))}. Copy them to another store."
    volumes = list(dict.fromkeys(one.volume_id for one in backups_only_in(zone, copies, away)))
    if volumes:
        yield f"volumes have backups in zone {zone.availability_zone} {only}: {first(SHOWN, volumes, of=len(volumes))}. Back them up into another zone."


def as_dict(zone: Zone, copies: Copies, away: Sequence[Zone] = ()) -> dict[str, Any]:
    """By kind, the first of each, and how many there are. None for what could not be read."""
    found: dict[str, list[dict[str, str]] | None] = {"images": None, "backups": None}
    if copies.images is not None:
        found["images"] = [{"id": one.id, "name": one.name} for one in images_only_in(zone, copies, away)]
    if copies.backups is not None:
        backups = backups_only_in(zone, copies, away)
        found["backups"] = [{"id": one.id, "name": one.name, "volume": one.volume_id} for one in backups]
    counts = {kind: None if items is None else len(items) for kind, items in found.items()}
    return {**{kind: items and items[:LISTED] for kind, items in found.items()}, "counts": counts}
