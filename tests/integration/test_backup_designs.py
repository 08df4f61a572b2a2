# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both designs of the article for backups: all services in the zone that hosts the target, and one in each zone for a target outside of them.

The playbook that tries backup and restore, on labs of their own with two volume back ends in each zone, whose services are told apart. The third
design, a target for each zone, is that of all other tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from zonelab.client import LabClient

from .conftest import MakeInventory
from .harness.block_storage import BlockStorage
from .harness.cloud import Cloud
from .harness.play import COLLECTION, Player
from .harness.volumes import Volumes

CHECK = "zoneops.openstack.volume_relocate_test"
SERVICES = COLLECTION / "tests" / "integration" / "playbooks" / "block_storage_services.yml"
ZONES = ("az1", "az2")
# The scenarios of zone az2 by volume, backup and restore.
TRIED = {
    "zone": {"az2-az1-az2", "az2-az1-az1"},
    "spread": {"az2-az2-az2", "az2-az1-az2", "az2-az1-az1"},
}


@pytest.fixture(scope="module", params=sorted(TRIED))
def design(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, LabClient]]:
    """The mode of backups, and a lab that has it."""
    state = tmp_path_factory.mktemp(request.param) / "lab"
    zonelab = [sys.executable, "-m", "zonelab", "--state", str(state)]
    size = ("--zones", ",".join(ZONES), "--hosts", "1", "--volume-backends", "2", "--backups", request.param)
    subprocess.run([*zonelab, "up", *size, "--with-parent", str(os.getpid())], check=True)
    yield request.param, LabClient(state)
    subprocess.run([*zonelab, "down"], check=True)


def test_backup_and_restore_between_zones(design: tuple[str, LabClient], make_inventory: MakeInventory) -> None:
    mode, lab = design
    backup = {"mode": mode, **({"zone": "az1"} if mode == "zone" else {})}
    inventory = make_inventory({zone: {} for zone in ZONES}, {"backup": backup})
    volumes = Volumes(Cloud(lab.clouds_file), lab)
    run = Player(lab, lab.clouds_file)(CHECK, inventory, "--limit", "az2,localhost")
    assert run.rc == 0
    scenarios = run.one("Try the scenarios of the zone").result["scenarios"]
    assert set(scenarios) == TRIED[mode]
    assert {name: verdict["msg"] for name, verdict in scenarios.items() if verdict["failed"]} == {}
    assert (volumes.all(), volumes.backups()) == ({}, [])


def test_of_two_back_ends_of_a_zone_the_one_that_is_named_is_set(
    design: tuple[str, LabClient], make_inventory: MakeInventory
) -> None:
    """All of them are on one host, and cinder would take its bare name for any of them."""
    _mode, lab = design
    found = BlockStorage(Cloud(lab.clouds_file))
    inventory = make_inventory({zone: {} for zone in ZONES}, {})
    one = {"limit": ["az2"], "binaries": ["volume"], "services": ["lab@az2-2"]}

    def states_after(**asked: object) -> dict[str, str]:
        run = Player(lab, lab.clouds_file)(SERVICES, inventory, "-e", json.dumps({"steps": [{**one, **asked}]}))
        (result,) = run.one("Services").result["results"]
        assert not result["zones"]["az2"]["failed"], result["msg"]
        return {name: entry["status"] for name, entry in found.services().items() if name.startswith("cinder-volume")}

    on = {f"cinder-volume lab@{zone}{second}": "enabled" for zone in ZONES for second in ("", "-2")}
    assert states_after(status="disabled", reason="array work") == {**on, "cinder-volume lab@az2-2": "disabled"}
    assert states_after(status="enabled", allow=["thaw"]) == on
