# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in use in a zone, as OpenStack reports: the proof that it can be removed. One listing per service, for all zones together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..._block_storage.api.volume_calls import VolumeApi
from ..._compute.nova import Nova
from ..._image.glance import Glance
from ..._openstack.cloud import Cloud
from ..._openstack.service import Service
from ..._plan.errors import ZoneopsError
from ..._shared_filesystem.api.manila import Manila
from ..._zones.schema.zone_map import Zone, ZoneMap

Item = dict[str, Any]


def workloads_in(cloud: Cloud, zone_map: ZoneMap, zones: frozenset[str]) -> dict[str, list[Item]]:
    """The workloads of each zone. Raises ZoneopsError where a listing may be incomplete: then nothing is proven."""
    asked = [zone_map.zones[name] for name in zone_map.zones if name in zones]
    found: dict[str, list[Item]] = {zone.name: [] for zone in asked}
    servers = list(_servers(cloud, asked))
    blocks = list(_block_storage(cloud, asked))
    for zone, item in (*servers, *blocks, *_shares(cloud, asked), *_images(cloud, asked)):
        found[zone.name].append(item)
    return found


def _servers(cloud: Cloud, zones: list[Zone]) -> Iterator[tuple[Zone, Item]]:
    listed, incomplete = Nova(cloud.service("compute")).servers()
    if incomplete:
        raise ZoneopsError(
            f"it is unknown what is in use in the zones: {'; '.join(incomplete)}. Repair the cell first."
        )
    for server in listed:
        for zone in zones:
            if zone.availability_zone in (server.zone, server.pinned) or server.host in zone.compute_hosts:
                yield zone, server.as_item()


def _block_storage(cloud: Cloud, zones: list[Zone]) -> Iterator[tuple[Zone, Item]]:
    service = cloud.service("block-storage")
    if not service.present():
        return
    cinder = VolumeApi(service, cloud.deadline)
    owners: dict[str, Zone] = {}
    for volume in cinder.volumes(all_projects=True):
        for zone in zones:
            if volume.availability_zone == zone.availability_zone:
                owners[volume.id] = zone
                yield zone, _item("volume", volume.id, volume.name, volume.project_id)
    for snapshot in _snapshots(service):
        if snapshot["volume_id"] in owners:
            project = snapshot.get("os-extended-snapshot-attributes:project_id")
            yield owners[snapshot["volume_id"]], _item("snapshot", snapshot["id"], snapshot.get("name"), project)
    for backup in cinder.backups(all_projects=True):
        for zone in zones:
            if backup.availability_zone == zone.availability_zone:
                yield zone, _item("backup", backup.id, backup.name, backup.project_id)


def _snapshots(service: Service) -> Iterator[Mapping[str, Any]]:
    params = {"all_tenants": "1"}
    yield from service.pages("/snapshots/detail", "snapshots", params=params)


def _shares(cloud: Cloud, zones: list[Zone]) -> Iterator[tuple[Zone, Item]]:
    manila = Manila(cloud.service("shared-file-system"))
    if not manila.present():
        return
    for share in manila.shares():
        for zone in zones:
            if share.availability_zone == zone.availability_zone:
                yield zone, share.as_item()


def _images(cloud: Cloud, zones: list[Zone]) -> Iterator[tuple[Zone, Item]]:
    """Images that are in no other store than those which go."""
    stores = {zone.image_store.name: zone for zone in zones if zone.image_store}
    if not stores:
        return
    for image in Glance(cloud.service("image", version="2")).images():
        if image.stores and set(image.stores) <= set(stores):
            yield stores[image.stores[0]], _item("image", image.id, image.name, image.owner)


def _item(kind: str, number: str, name: object, project: object) -> Item:
    return {"kind": kind, "id": number, "name": name, "project_id": project}
