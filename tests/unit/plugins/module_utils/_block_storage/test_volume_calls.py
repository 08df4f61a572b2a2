# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls as they go over the wire: what is sent, what is read, and that a wait ends with the run."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api import volume_calls
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.dependencies import (
    backing_up,
    backup_halted,
    restoring,
    volume_halted,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import Service
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.volume_calls import (
    VolumeApi,
    as_backup,
    as_volume,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._plan import progress
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    Answer,
    StandIn,
    version_document,
)

VOLUME = {
    "id": "v1",
    "name": None,
    "size": 3,
    "status": "in-use",
    "availability_zone": "az1",
    "bootable": "true",
    "attachments": [{"server_id": "s1"}],
    "os-vol-tenant-attr:tenant_id": "p",
}
BACKUP: dict[str, Any] = {
    "id": "b1",
    "volume_id": "v1",
    "status": "available",
    "size": 3,
    "created_at": "2026-11-21T13:13:46.654905",
    "data_timestamp": None,
    "is_incremental": False,
    "metadata": None,
}


@pytest.fixture
def api(cloud: StandIn, monkeypatch: pytest.MonkeyPatch) -> VolumeApi:
    cloud.on("GET", "/volume", version_document("3.70", "3.0"))
    monkeypatch.setattr(volume_calls, "FIRST_LOOK", 0.01)
    connected = connect(cloud.params(timeout=2))
    return VolumeApi(connected.service("block-storage"), connected.deadline)


def test_lists(api: VolumeApi, cloud: StandIn) -> None:
    cloud.on_get("/volume/volumes/detail", {"volumes": [VOLUME]})
    cloud.on_get("/volume/backups/detail", {"backups": [BACKUP]})
    (volume,) = api.volumes(all_projects=True)
    assert (volume.label, volume.bootable, volume.attached_to, volume.project_id) == ("v1", True, ("s1",), "p")
    (backup,) = api.backups(all_projects=False, volume_id="v1")
    assert backup.created_at == backup.data_time == datetime(2026, 11, 21, 13, 13, 46, 654905, tzinfo=UTC)
    assert cloud.seen[-2:] == [
        ("GET", "/volume/volumes/detail?all_tenants=1"),
        ("GET", "/volume/backups/detail?volume_id=v1"),
    ]
    assert cloud.headers[-1]["OpenStack-API-Version"] == "volume 3.51"


def test_pools_that_do_not_say_and_that_are_down(api: VolumeApi, cloud: StandIn) -> None:
    def pool(name: str, **found: Any) -> dict[str, Any]:
        return {"name": name, "capabilities": {"volume_backend_name": "b", **found}}

    some = {"free_capacity_gb": 50, "total_capacity_gb": 100, "reserved_percentage": 10}
    listed = [pool("a@b#1", **some), pool("a@b#2", free_capacity_gb="unknown"), pool("a@b#3", backend_state="down")]
    cloud.on_get("/volume/scheduler-stats/get_pools", {"pools": listed})
    assert [(found.name, found.host, found.free) for found in api.pools()] == [
        ("a@b#1", "a@b", 40.0),
        ("a@b#2", "a@b", None),
    ]


def test_a_cloud_that_is_too_old(cloud: StandIn) -> None:
    cloud.on("GET", "/volume", version_document("3.50", "3.0"))
    connected = connect(cloud.params())
    with pytest.raises(ZoneopsError, match=r"at least 3\.51 is needed"):
        VolumeApi(connected.service("block-storage"), connected.deadline).volumes(all_projects=False)


def test_a_wait_ends_with_the_run(api: VolumeApi, cloud: StandIn) -> None:
    cloud.on_get("/volume/backups/b1", {"backup": {**BACKUP, "status": "creating"}})
    with pytest.raises(ZoneopsError, match="backup b1 is still 'creating' at the run's deadline of 2 s"):
        api.settled_backup("b1", "is available", backup_halted)


def test_a_wait_that_has_no_time_left_says_what_it_waits_for(cloud: StandIn) -> None:
    """Not which request was too late."""
    cloud.on("GET", "/volume", version_document("3.70", "3.0"))
    cloud.on_get("/volume/volumes/v1", {"volume": {**VOLUME, "status": "creating"}})
    connected = connect(cloud.params(timeout=2))
    api = VolumeApi(connected.service("block-storage"), connected.deadline)
    assert api.volume("v1") is not None
    time.sleep(connected.deadline.remaining())
    with pytest.raises(ZoneopsError, match="volume v1 is still 'creating' at the run's deadline of 2 s"):
        api.settled_volume("v1", "is available", volume_halted)


@pytest.mark.parametrize(("seconds", "again"), [(60, []), (0, ["volume v1 is downloading (0 s so far)"])])
def test_what_is_waited_for_is_told_when_it_changes_and_once_in_a_while(
    cloud: StandIn, monkeypatch: pytest.MonkeyPatch, seconds: float, again: list[str]
) -> None:
    cloud.on("GET", "/volume", version_document("3.70", "3.0"))
    statuses = ["creating", "downloading", "downloading", "available"]
    cloud.on("GET", "/volume/volumes/v1", *(Answer(body={"volume": {**VOLUME, "status": now}}) for now in statuses))
    monkeypatch.setattr(volume_calls, "FIRST_LOOK", 0.001)
    monkeypatch.setattr(progress, "SILENCE_SECONDS", seconds)
    connected = connect(cloud.params())
    told: list[str] = []
    service, deadline = connected.service("block-storage"), connected.deadline
    api = VolumeApi(service, deadline, lambda what, status: told.append(f"{what} {status}"))
    assert api.settled_volume("v1", "is available", volume_halted) is not None
    assert told == ["volume v1 is creating", "volume v1 is downloading", *again]


@pytest.mark.parametrize(
    ("dead", "source", "said"),
    [
        ("cinder-volume", "lab@az1", "cinder-volume lab@az1 is down, which volume data (v1) needs"),
        ("cinder-backup", "lab@az1", "cinder-backup lab-az1 is down, which backup b1 needs"),
    ],
)
def test_a_service_that_dies_during_a_backup_ends_its_wait(
    cloud: StandIn, monkeypatch: pytest.MonkeyPatch, dead: str, source: str, said: str
) -> None:
    monkeypatch.setattr(volume_calls, "FIRST_LOOK", 0.01)
    monkeypatch.setattr(volume_calls, "SERVICES_SECONDS", 0.05)

    def listed(*down: str) -> dict[str, Any]:
        both = {"cinder-volume": "lab@az1", "cinder-backup": "lab-az1"}
        return {
            "services": [
                {
                    "binary": binary,
                    "host": host,
                    "zone": "az1",
                    "status": "enabled",
                    "state": "down" if binary in down else "up",
                }
                for binary, host in both.items()
            ]
        }

    cloud.on("GET", "/volume", version_document("3.70", "3.0"))
    entry = {**BACKUP, "status": "creating", "availability_zone": "az1"}
    cloud.on_get("/volume/backups/b1", {"backup": entry})
    cloud.on("GET", "/volume/os-services", Answer(body=listed()), Answer(body=listed(dead)))
    connected = connect(cloud.params(timeout=60))
    api = VolumeApi(connected.service("block-storage"), connected.deadline)
    volume = replace(as_volume({**VOLUME, "name": "data"}), host=source)
    with pytest.raises(
        ZoneopsError, match=re.escape(f"backup b1 is 'creating' and makes no progress: {said}. Start the service")
    ):
        api.settled_backup("b1", "is available", backing_up(volume))
    assert connected.deadline.remaining() > 50


def test_who_serves_a_volume_is_read_without_its_pool() -> None:
    assert as_volume({**VOLUME, "os-vol-host-attr:host": "lab@az1#pool"}).host == "lab@az1"
    assert as_volume({**VOLUME, "os-vol-host-attr:host": None}).host == ""


def test_a_copy_that_nobody_makes_is_not_waited_for() -> None:
    up = Service("cinder-volume", "lab@az2", "az2")
    scheduler = Service("cinder-scheduler", "control", "nova", up=False)
    new = as_volume({**VOLUME, "status": "creating"})
    placed = replace(new, host="lab@az2", status="restoring-backup", availability_zone="az2")
    source = as_backup({**BACKUP, "availability_zone": "az3"})
    halted = restoring(source)
    assert halted(new, [up, scheduler]) == "cinder-scheduler control is down: nothing new can be created"
    assert halted(placed, [replace(up, up=False)]).startswith("cinder-volume lab@az2 is down")
    assert halted(placed, [up]) == "cinder has no cinder-backup in zone az3, which backup b1 needs"
    assert halted(placed, [up, Service("cinder-backup", "lab-az3", "az3")]) == ""


@pytest.mark.parametrize("kind", ["backup", "volume"])
def test_a_404_to_a_deletion_is_believed_only_after_a_look(api: VolumeApi, cloud: StandIn, kind: str) -> None:
    """cinder answers 404 to the deletion of a backup whose cinder-backup is down."""
    entry = BACKUP if kind == "backup" else {**VOLUME, "status": "available"}
    delete = api.delete_backup if kind == "backup" else api.delete_volume
    cloud.on_get(f"/volume/{kind}s/{entry['id']}", {kind: entry})
    refused = Answer(404, {"itemNotFound": {"message": "Service cinder-backup could not be found."}})
    cloud.on("DELETE", f"/volume/{kind}s/{entry['id']}", refused)
    with pytest.raises(ZoneopsError, match="Service cinder-backup could not be found"):
        delete(str(entry["id"]))
    cloud.on("GET", f"/volume/{kind}s/{entry['id']}", Answer(404))
    delete(str(entry["id"]))


def test_a_deletion_waits_until_it_is_gone(api: VolumeApi, cloud: StandIn) -> None:
    gone = Answer(404, {"itemNotFound": {"message": "gone"}})
    cloud.on("DELETE", "/volume/backups/b1", Answer(202))
    cloud.on("GET", "/volume/backups/b1", Answer(body={"backup": {**BACKUP, "status": "deleting"}}), gone)
    api.delete_backup("b1")
    cloud.on("DELETE", "/volume/backups/b1", gone)
    api.delete_backup("b1")
    cloud.on("DELETE", "/volume/backups/b1", Answer(202))
    cloud.on(
        "GET",
        "/volume/backups/b1",
        Answer(body={"backup": {**BACKUP, "status": "error_deleting", "fail_reason": "no"}}),
    )
    with pytest.raises(ZoneopsError, match="is error_deleting: no"):
        api.delete_backup("b1")
