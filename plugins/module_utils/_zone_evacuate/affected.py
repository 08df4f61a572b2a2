# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What else hangs on a zone whose storage does not answer: listed, with what can be done, and never changed. Pure but for `read`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .._block_storage.api.cinder import Cinder
from .._block_storage.api.default_types import DefaultTypes
from .._block_storage.api.model import BACKUP, VOLUME_TYPE, Service
from .._block_storage.api.volume_calls import VolumeApi
from .._block_storage.api.volume_model import Backup, Volume
from .._image.glance import Glance
from .._image.model import Image
from .._openstack.cloud import Cloud
from .._openstack.service import Service as Connection
from .._plan.errors import ZoneopsError
from .._plan.text.listing import first
from .._types.model import FoundType, zones_of
from .._zone_maintenance.model import Defaults
from .._zone_maintenance.read import read_defaults
from .._zones.schema.zone_map import Zone, ZoneMap
from .elsewhere import defaults_of, types_moved

Found = TypeVar("Found")
SHOWN = 5
#: A volume that was in one of these when its storage went away stays so.
STUCK = ("attaching", "detaching", "reserved", "deleting", "extending", "backing-up", "restoring-backup", "creating")


@dataclass(frozen=True)
class Holdings:
    """What the services hold.

    :ivar services: of cinder.
    :ivar project_types: the default volume type of each project that has one of its own.
    :ivar unread: what could not be read, and why.
    """

    images: tuple[Image, ...] = ()
    volumes: tuple[Volume, ...] = ()
    backups: tuple[Backup, ...] = ()
    services: tuple[Service, ...] = ()
    defaults: Defaults = field(default_factory=Defaults)
    project_types: tuple[tuple[str, FoundType], ...] = ()
    unread: tuple[str, ...] = ()


def read(cloud: Cloud) -> Holdings:
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
    volumes: tuple[Volume, ...] = ()
    backups: tuple[Backup, ...] = ()
    services: tuple[Service, ...] = ()
    own: tuple[tuple[str, FoundType], ...] = ()
    if block.present():
        api = VolumeApi(block, cloud.deadline)
        volumes = ask("cinder volumes", lambda: api.volumes(all_projects=True))
        backups = ask("cinder backups", lambda: api.backups(all_projects=True))
        services = ask("cinder services", api.services)
        own = ask("default volume types of projects", lambda: _types_of_projects(block))
    defaults = read_defaults(cloud)
    return Holdings(images, volumes, backups, services, defaults, own, (*unread, *defaults.unread))


def _types_of_projects(block: Connection) -> Iterable[tuple[str, FoundType]]:
    found = DefaultTypes(block).all()
    types = {one.id: one for one in Cinder(block).types()} if found else {}
    return [(project, types[number]) for project, number in sorted(found.items()) if number in types]


def affected(zone_map: ZoneMap, zone: Zone, held: Holdings) -> dict[str, Any]:
    """What of it cannot be used while the zone is away."""
    return {
        "images": list(_images(zone, held)),
        "volumes": list(_volumes(zone, held)),
        "backups": list(_backups(zone, held)),
        "defaults": [*defaults_of(zone_map, zone, held.defaults), *_of_projects(zone, held)],
        "unread": list(held.unread),
    }


def _of_projects(zone: Zone, held: Holdings) -> Iterator[dict[str, str]]:
    """Default volume types of projects, which are in this zone only."""
    found: dict[str, list[str]] = {}
    for project, kind in held.project_types:
        if zones_of(kind.specs.get(VOLUME_TYPE.az_spec)) == {zone.availability_zone}:
            found.setdefault(kind.name, []).append(project)
    for name, projects in found.items():
        shown = first(SHOWN, projects, of=len(projects))
        what = f"volumes that name no type get {name}, which is in this zone only, in projects {shown}"
        yield {"name": "default_volume_type_of_projects", "what": what, "change": types_moved(zone.name, name)}


def _images(zone: Zone, held: Holdings) -> Iterator[dict[str, str]]:
    store = zone.image_store
    for image in held.images if store is not None else ():
        if store is not None and image.active and set(image.stores) == {store.name}:
            what = f"its only copy is in store {store.name}: upload it again, or wait"
            yield {"id": image.id, "name": image.name, "what": what}


def _volumes(zone: Zone, held: Holdings) -> Iterator[dict[str, str]]:
    for volume in held.volumes:
        if volume.availability_zone == zone.availability_zone and volume.status in STUCK:
            what = f"it is {volume.status}: leave it, and let nobody reset it before the storage is back"
            yield {"id": volume.id, "name": volume.name, "what": what}


def _backups(zone: Zone, held: Holdings) -> Iterator[dict[str, str]]:
    """A restore needs a cinder-backup that is up in the zone of the backup, wherever its data is."""
    alive = {service.zone for service in held.services if service.binary == BACKUP and service.up}
    for backup in held.backups:
        if backup.availability_zone == zone.availability_zone and backup.availability_zone not in alive:
            what = f"no cinder-backup of zone {zone.availability_zone} is up, so it cannot be restored: start one"
            yield {"id": backup.id, "name": backup.name, "what": what}
