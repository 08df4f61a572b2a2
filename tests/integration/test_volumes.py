# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes backed up and carried over in a real cinder: what check mode promises happens, once, and the content is there."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from zonelab.client import LabClient

from .harness.block_storage import BlockStorage
from .harness.cloud import Cloud
from .harness.play import COLLECTION, Player, Run
from .harness.volumes import Volumes
from .harness.waiting import until

PLAYBOOKS = COLLECTION / "tests" / "integration" / "playbooks"
CONTENT = b"what the volume holds"
# The deadline of the run is an hour.
PATIENCE = 120
# cinder asks for a token and redirects before it shows its version document.
LOOK = ["GET /v3", "GET /v3", "GET /v3/", "GET /v3/volumes/detail", "GET /v3/backups/detail"]


@pytest.fixture
def volumes(cloud: Cloud, lab: LabClient) -> Iterator[Volumes]:
    """No volume and no backup, before and after."""
    found = Volumes(cloud, lab)
    found.empty()
    yield found
    lab.heal()
    lab.start_zone("az1", services=["cinder"])
    found.until_up()
    found.empty()


def run(play: Player, module: str, *arguments: str, **values: Any) -> Run:
    return play(PLAYBOOKS / f"{module}.yml", "localhost,", "-e", json.dumps(values), *arguments)


def plans(run: Run, task: str) -> dict[str, list[str]]:
    verdicts = run.one(task).result["volumes"]
    return {name: [change["text"] for change in verdict["plan"]] for name, verdict in verdicts.items()}


def looks(run: Run) -> list[str]:
    return [call.partition("?")[0] for call in run.calls("cinder")]


def test_carried_over(play: Player, volumes: Volumes, tmp_path: Path) -> None:
    source = volumes.make("data", "az1", CONTENT, metadata={"owner": "x"}, description="a database")
    volumes.cinder.post(f"/volumes/{source}/action", json={"os-set_bootable": {"bootable": True}})
    asked = {"zone": "az2", "backup_zone": "az3"}
    check = run(play, "volume_relocate", "--check", "--diff", **asked)
    assert (check.rc, check.written) == (0, [])
    watched = tmp_path / "progress"
    done = run(play, "volume_relocate", **asked, progress=str(watched))
    assert done.rc == 0
    steps = [f"{step['volume']} -> {step['zone']}: {step['step']}" for step in done.one("Relocate").result["steps"]]
    assert [line.partition(" ")[2] for line in watched.read_text().splitlines()] == steps
    assert "data -> az2: give the copy of volume" in "\n".join(steps)
    # Which of them a look meets is a matter of time.
    assert any("is creating" in step or "is restoring-backup" in step for step in steps)
    assert plans(done, "Relocate") == plans(check, "Relocate")
    # The backup, the copy, bootable, its name and metadata, the backup's end; a look before, the limits, and a look after.
    assert [call.split()[1] for call in done.written] == ["POST", "POST", "POST", "PUT", "DELETE"]
    found = volumes.all()
    was = found.pop(source)
    (copy,) = found.values()
    assert (copy["name"], copy["description"], copy["bootable"]) == ("data", "a database", "true")
    assert (copy["availability_zone"], copy["status"], copy["metadata"]["owner"]) == ("az2", "available", "x")
    assert volumes.starts_with(copy, CONTENT)
    assert (was["status"], was["metadata"]) == ("available", {"owner": "x"})
    assert volumes.backups() == []
    again = run(play, "volume_relocate", **asked)
    assert (again.one("Relocate").changed, again.written) == (False, [])
    assert again.one("Relocate").result["volumes"]["data"]["state"]["copy"] == copy["id"]
    assert looks(again) == LOOK


def test_what_stands_in_the_way_and_what_is_said(play: Player, cloud: Cloud, volumes: Volumes) -> None:
    """An attached volume is carried over with a warning; multiattach, encrypted and a full quota are refused by name, without a write."""
    types = BlockStorage(cloud)
    types.empty()
    types.add_type("many", {"multiattach": "<is> True"})
    data = volumes.make("data", "az1", CONTENT)
    volumes.make("many", "az1", volume_type="many")
    types.add_type("secret", {})
    types.encrypt("secret")
    volumes.make("secret", "az1", volume_type="secret")
    volumes.act(data, "os-attach", mountpoint="/dev/vdb", host_name="somewhere")
    usual = volumes.all()[data]["volume_type"]
    check = run(play, "volume_relocate", "--check", zone="az2", carried=["data", "many", "secret"], volume_type=usual)
    found = check.one("Relocate").result["volumes"]
    assert (check.rc != 0, check.written) == (True, [])
    assert {name: verdict["failed"] for name, verdict in found.items()} == {
        "data": False,
        "many": True,
        "secret": True,
    }
    assert "crash-consistent" in " ".join(found["data"]["warnings"])
    assert [refusal["rule"] for refusal in found["many"]["refusals"]] == ["multiattach"]
    assert [refusal["rule"] for refusal in found["secret"]["refusals"]] == ["encrypted"]

    with volumes.quota(gigabytes=2):
        full = run(play, "volume_relocate", zone="az2")
    assert (full.rc != 0, full.written) == (True, [])
    assert "which needs gigabytes 1 (left: 0)" in full.failures["localhost"]
    volumes.act(data, "os-detach")
    volumes.empty()
    types.empty()


def test_a_target_that_fails_and_works_again(play: Player, volumes: Volumes, lab: LabClient) -> None:
    volumes.make("data", "az1", CONTENT)
    lab.fail("backup-target", "az2")
    failed = run(play, "volume_relocate", zone="az2", backup_zone="az2")
    assert failed.rc != 0
    assert "is error: " in failed.failures["localhost"]
    lab.heal()
    assert run(play, "volume_relocate", zone="az2", backup_zone="az2").rc == 0
    assert sorted(entry["availability_zone"] for entry in volumes.all().values()) == ["az1", "az2"]
    assert volumes.backups() == []


@pytest.mark.aged
def test_backups_and_what_is_kept(play: Player, volumes: Volumes) -> None:
    names = {volumes.make(name, "az1"): name for name in ("one", "two")}
    volumes.make("elsewhere", "az3")
    check = run(play, "volume_backups", "--check", "--diff")
    assert (check.rc, check.written) == (0, [])
    first = run(play, "volume_backups")
    assert plans(first, "Back up") == plans(check, "Back up")
    assert set(plans(first, "Back up")) == set(names)
    again = run(play, "volume_backups", incremental=True, keep=1)
    assert (again.one("Back up").changed, again.written) == (False, [])
    assert looks(again) == LOOK
    # An incremental one keeps what it builds on; a full one lets both go.
    assert run(play, "volume_backups", incremental=True, keep=1, max_age=0.000001).rc == 0
    assert sorted(entry["is_incremental"] for entry in volumes.backups()) == [False, False, True, True]
    assert run(play, "volume_backups", keep=1, max_age=0.000001, backup_zone="az2").rc == 0
    assert {entry["volume_id"]: entry["availability_zone"] for entry in volumes.backups()} == dict.fromkeys(
        names, "az2"
    )
    assert len(volumes.backups()) == len(names)


def test_a_source_whose_service_is_dead_is_refused_by_name(play: Player, volumes: Volumes, lab: LabClient) -> None:
    """cinder would accept the request, and the backup would be 'creating' until the deadline."""
    volumes.make("data", "az1", CONTENT)
    lab.stop_zone("az1", now=True, services=["cinder"])
    for module, asked in (
        ("volume_backups", {"backup_zone": "az2"}),
        ("volume_relocate", {"zone": "az2", "backup_zone": "az3"}),
    ):
        for check in (["--check"], []):
            refused = run(play, module, *check, **asked)
            assert (refused.rc != 0, refused.written) == (True, [])
            assert "cinder-volume lab@az1 is down" in refused.failures["localhost"]
    assert volumes.backups() == []
    lab.start_zone("az1", services=["cinder"])
    volumes.until_up()
    assert run(play, "volume_backups", backup_zone="az2").rc == 0


def test_a_service_that_dies_during_a_backup_ends_the_wait(play: Player, volumes: Volumes, lab: LabClient) -> None:
    volumes.make("data", "az1", CONTENT)
    lab.fail("backup-target", "az2", how="hang")

    def die() -> None:
        until(lambda: any(entry["status"] == "creating" for entry in volumes.backups()), "a backup is begun", PATIENCE)
        lab.stop_zone("az1", now=True, services=["cinder"])

    with ThreadPoolExecutor(1) as pool:
        died = pool.submit(die)
        begun = time.monotonic()
        failed = run(play, "volume_backups", backup_zone="az2", timeout=3600)
        died.result()
    assert failed.rc != 0
    assert "makes no progress: cinder-volume lab@az1 is down, which volume data" in failed.failures["localhost"]
    assert time.monotonic() - begun < PATIENCE
