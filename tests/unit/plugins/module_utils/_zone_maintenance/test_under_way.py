# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is under way in a zone, out of the lists of cinder and glance."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import Cloud
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_maintenance.read import BUSY, read_under_way
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import zone_map

CALLS = [
    "/volumes/detail availability_zone=az1",
    "/backups/detail status=creating",
    "/backups/detail status=restoring",
    "/backups/detail status=deleting",
    "/images os_hidden=false",
    "/images os_hidden=true",
]


class Service:
    """Cinder or glance."""

    def __init__(self, calls: list[str], lists: dict[str, list[dict[str, Any]]]) -> None:
        self.calls = calls
        self.lists = lists

    def present(self) -> bool:
        return True

    def negotiate(self, *_versions: tuple[int, int]) -> str:
        return "3.51"

    def _asked(self, path: str, params: dict[str, str]) -> str:
        shown = ("availability_zone", "status", "os_hidden")
        call = " ".join([path, *(f"{key}={params[key]}" for key in shown if key in params)])
        self.calls.append(call)
        return call

    def pages(self, path: str, _key: str, *, params: dict[str, str], **_more: Any) -> list[dict[str, Any]]:
        return self.lists.get(self._asked(path, params), [])

    def get(self, path: str, *, params: dict[str, str], once: bool) -> dict[str, Any]:
        assert once
        return {"images": self.lists.get(self._asked(path, params), [])}


class Region:
    """A cloud that has both."""

    deadline = None

    def __init__(self, lists: dict[str, list[dict[str, Any]]]) -> None:
        self.calls: list[str] = []
        self.found = Service(self.calls, lists)

    def service(self, _name: str, **_version: str) -> Service:
        return self.found


def volume(number: str, status: str, zone: str = "az1") -> dict[str, Any]:
    return {
        "id": number,
        "name": "data",
        "status": status,
        "availability_zone": zone,
        "size": 1,
        "volume_type": "t",
        "attachments": [],
        "created_at": "2026-01-01T00:00:00.000000",
    }


def backup(number: str, zone: str) -> dict[str, Any]:
    return {
        "id": number,
        "name": "nightly",
        "status": "creating",
        "availability_zone": zone,
        "size": 1,
        "volume_id": "v",
        "created_at": "2026-01-01T00:00:00.000000",
    }


def image(number: str, **more: str) -> dict[str, Any]:
    return {"id": number, "name": "fedora", "status": "active", "stores": "az2", "tags": [], **more}


def under_way(region: Region, **zone: Any) -> Any:
    files = zone_map(az1={"compute": {"hosts": ["az1-0"]}, **zone})
    cloud: Any = region
    found: Cloud = cloud
    return read_under_way(found, files.zones["az1"])


@pytest.mark.parametrize("status", BUSY)
def test_what_cinder_works_on(status: str) -> None:
    region = Region({CALLS[0]: [volume("v1", status), volume("v2", "in-use"), volume("v3", status, "az2")]})
    assert under_way(region).tasks == {"volume data (v1)": status}
    assert region.calls == CALLS[:4]


@pytest.mark.parametrize(
    ("migration", "awaited"),
    [("starting", True), ("migrating", True), ("completing", True), ("success", False), (None, False)],
)
def test_a_volume_on_its_way_to_another_back_end(migration: str | None, awaited: bool) -> None:
    """Its status says nothing of it."""
    moved = {**volume("v1", "in-use"), "migration_status": migration}
    tasks = under_way(Region({CALLS[0]: [moved]})).tasks
    assert tasks == ({"volume data (v1)": "being migrated"} if awaited else {})


def test_backups_by_the_service_of_the_zone_and_images_to_its_store() -> None:
    lists = {
        CALLS[1]: [backup("b1", "az1"), backup("b2", "az2")],
        CALLS[4]: [
            image("i1", os_glance_importing_to_stores="az2,az1"),
            image("i2", os_glance_importing_to_stores="az11"),
            image("i3"),
        ],
    }
    region = Region(lists)
    assert under_way(region, image_store={"type": "file"}).tasks == {
        "backup nightly (b1)": "creating",
        "image fedora (i1)": "importing to store az1",
    }
    assert region.calls == CALLS
