# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The defaults of the services, one call to each, and what is under way in a zone: a number of calls that does not grow with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .._block_storage.api.cinder import Cinder
from .._block_storage.api.volume_calls import PASSING_BACKUP, VolumeApi
from .._image.glance import Glance
from .._openstack.cloud import Cloud
from .._plan.errors import ZoneopsError
from .._shared_filesystem.api.manila import Manila
from .._zones.schema.zone_map import Zone
from .model import Defaults
from .tasks import UnderWay

Found = TypeVar("Found")
#: What a volume is in while cinder works on it. One that nova attaches or detaches is the matter of its server.
BUSY = (
    "creating",
    "downloading",
    "uploading",
    "deleting",
    "extending",
    "retyping",
    "backing-up",
    "restoring-backup",
)
#: How far a migration of a volume is before it has ended; its status stays as it was.
MIGRATING = ("starting", "migrating", "completing")
#: The stores that an import or a copy of an image is still to write to.
IMPORTING = "os_glance_importing_to_stores"


def read_defaults(cloud: Cloud) -> Defaults:
    """What could not be read is reported: whether it leads to a zone is then unknown."""
    unread: list[str] = []

    def ask(what: str, call: Callable[[], Found]) -> Found | None:
        try:
            return call()
        except ZoneopsError as error:
            unread.append(f"{what}: {error.message}")
            return None

    image, block, share = (
        cloud.service("image", version="2"),
        cloud.service("block-storage"),
        cloud.service("shared-file-system"),
    )
    stores = ask("glance stores", Glance(image).stores) if image.present() else None
    default = next(
        (str(store["id"]) for store in stores or () if str(store.get("default", "")).lower() == "true"), None
    )
    volume_type = ask("cinder's default type", Cinder(block).default_type) if block.present() else None
    share_type = ask("manila's default type", Manila(share).default_type) if share.present() else None
    return Defaults(default, volume_type, share_type, tuple(unread))


def read_under_way(cloud: Cloud, zone: Zone) -> UnderWay:
    """Volumes and backups of the zone that cinder works on, and images on their way to its store."""
    found: dict[str, str] = {}
    unread: list[str] = []
    block, image = cloud.service("block-storage"), cloud.service("image", version="2")
    sources: list[tuple[str, Callable[[], dict[str, str]]]] = []
    if block.present():
        sources.append(
            ("cinder", lambda: _volumes_and_backups(VolumeApi(block, cloud.deadline), zone.availability_zone))
        )
    store = zone.image_store
    if store is not None and image.present():
        sources.append(("glance", lambda: _imports(Glance(image), store.name)))
    for what, ask in sources:
        try:
            found |= ask()
        except ZoneopsError as error:
            unread.append(f"{what}: {error.message}")
    return UnderWay(found, tuple(unread))


def _volumes_and_backups(api: VolumeApi, zone: str) -> dict[str, str]:
    volumes = {
        f"volume {volume.label}": volume.status if volume.status in BUSY else "being migrated"
        for volume in api.volumes(all_projects=True, zone=zone)
        if (volume.status in BUSY or volume.migration in MIGRATING) and volume.availability_zone == zone
    }
    backups = {
        f"backup {backup.name} ({backup.id})": backup.status
        for status in PASSING_BACKUP
        for backup in api.backups(all_projects=True, status=status)
        if backup.availability_zone == zone
    }
    return {**volumes, **backups}


def _imports(glance: Glance, store: str) -> dict[str, str]:
    return {
        f"image {image.name} ({image.id})": f"importing to store {store}"
        for image in glance.images()
        if store in str(image.raw.get(IMPORTING) or "").split(",")
    }
