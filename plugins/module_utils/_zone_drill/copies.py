# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in one zone only, and would be away with it. Pure but for `read_copies`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from .._block_storage.api.volume_calls import VolumeApi
from .._block_storage.api.volume_model import Backup
from .._image.glance import Glance
from .._image.model import Image
from .._openstack.cloud import Cloud
from .._plan.errors import ZoneopsError
from .._plan.listing import first
from .._zones.schema.zone_map import Zone

Found = TypeVar("Found")
SHOWN = 5


@dataclass(frozen=True)
class Copies:
    """Images and backups of the region.

    :ivar unread: what could not be read, and why.
    """

    images: tuple[Image, ...] = ()
    backups: tuple[Backup, ...] = ()
    unread: tuple[str, ...] = ()


def read_copies(cloud: Cloud) -> Copies:
    """One list each; one that does not answer costs itself only."""
    unread: list[str] = []

    def ask(what: str, call: Callable[[], Iterable[Found]]) -> tuple[Found, ...]:
        try:
            return tuple(call())
        except ZoneopsError as error:
            unread.append(f"{what}: {error.message}")
            return ()

    image, block = cloud.service("image", version="2"), cloud.service("block-storage")
    images = ask("glance images", Glance(image).images) if image.present() else ()
    api = VolumeApi(block, cloud.deadline)
    backups = ask("cinder backups", lambda: api.backups(all_projects=True)) if block.present() else ()
    return Copies(images, backups, tuple(unread))


def images_only_in(zone: Zone, copies: Copies) -> list[Image]:
    """Those whose only copy is in the store of the zone."""
    store = zone.image_store
    return [one for one in copies.images if store is not None and one.active and set(one.stores) == {store.name}]


def backups_only_in(zone: Zone, copies: Copies) -> list[Backup]:
    """Those of volumes that have backups in this zone only: nothing restores them without it."""
    good = [one for one in copies.backups if one.good]
    elsewhere = {one.volume_id for one in good if one.availability_zone != zone.availability_zone}
    return [one for one in good if one.volume_id not in elsewhere]


def told(zone: Zone, copies: Copies) -> Iterator[str]:
    """For people."""
    images = [f"{one.name} ({one.id})" for one in images_only_in(zone, copies)]
    if images and zone.image_store is not None:
        yield f"images have their only copy in store {zone.image_store.name}: {first(SHOWN, images, of=len(images))}. Copy them to another store."
    volumes = list(dict.fromkeys(one.volume_id for one in backups_only_in(zone, copies)))
    if volumes:
        yield f"volumes have backups in zone {zone.availability_zone} only: {first(SHOWN, volumes, of=len(volumes))}. Back them up into another zone."


def as_dict(zone: Zone, copies: Copies) -> dict[str, list[dict[str, str]]]:
    """By kind."""
    return {
        "images": [{"id": one.id, "name": one.name} for one in images_only_in(zone, copies)],
        "backups": [{"id": one.id, "name": one.name, "volume": one.volume_id} for one in backups_only_in(zone, copies)],
    }
