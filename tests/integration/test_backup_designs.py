# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both designs of the article for backups: all services in the zone that hosts the target, and one in each zone for a target outside of them.

The playbook that tries backup and restore, on labs of their own. The third design, a target for each zone, is that of all other tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from zonelab.client import LabClient

from .conftest import MakeInventory
from .harness.cloud import Cloud
from .harness.play import Player
from .harness.volumes import Volumes

CHECK = "zoneops.openstack.volume_relocate_check"
ZONES = ("az1", "az2")
# The scenarios of zone az2 by volume, backup and restore.
TRIED = {
    "zone": {"az2-az1-az2", "az2-az1-az1"},
    "spread": {"az2-az2-az2", "az2-az1-az2", "az2-az1-az1"},
}


@pytest.fixture(params=sorted(TRIED))
def design(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, LabClient]]:
    """The mode of backups, and a lab that has it."""
    zonelab = [sys.executable, "-m", "zonelab", "--state", str(tmp_path / "lab")]
    size = ("--zones", ",".join(ZONES), "--hosts", "1", "--backups", request.param)
    subprocess.run([*zonelab, "up", *size, "--with-parent", str(os.getpid())], check=True)
    yield request.param, LabClient(tmp_path / "lab")
    subprocess.run([*zonelab, "down"], check=True)


@pytest.mark.ageless
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
