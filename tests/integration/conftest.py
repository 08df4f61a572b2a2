# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab for all tests, an empty cloud for each."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from zonelab.client import LabClient

from .harness import inventory
from .harness.cloud import Cloud
from .harness.clouds_file import with_broken_clouds
from .harness.mended import mend
from .harness.play import Player

# Folders whose tests all make the lab's zones first.
WITH_ZONES = ("servers", "lost")
MakeInventory = Callable[..., Path]
#: More zones and hosts than a call for each could hide in.
MANY = 30


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "smoke: runs on every leg, not only on the one that runs everything")
    config.addinivalue_line(
        "markers", "edge: runs on the oldest core, with the lowest openstacksdk, and on the newest, too"
    )
    config.addinivalue_line(
        "markers", "callers: needs programs that start ansible-playbook, which only the lock of the newest core has"
    )
    config.addinivalue_line(
        "markers", "aged: makes requests that an older cloud takes otherwise, each kind of request once"
    )
    config.addinivalue_line("markers", "pages: follows a page, which shows what today's cloud answers")


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabClient]:
    """A lab that ends with the tests, of the age that ZONEOPS_CLOUD_AGE says.

    ZONEOPS_INTEGRATION_LAB names one that is up already, for work on the tests; they empty it.
    """
    running = os.environ.get("ZONEOPS_INTEGRATION_LAB")
    state = Path(running) if running else tmp_path_factory.mktemp("lab")
    zonelab = [sys.executable, "-m", "zonelab", "--state", str(state)]
    if not running:
        extras = ("--masakari", "--swift", "--report-interval", "2")
        subprocess.run([*zonelab, "up", "--fresh", *extras, "--with-parent", str(os.getpid())], check=True)
    lab = LabClient(state)
    lab.set_age(os.environ.get("ZONEOPS_CLOUD_AGE", "current"))
    yield lab
    if not running:
        subprocess.run([*zonelab, "down"], check=True)


@pytest.fixture(scope="session")
def operator(lab: LabClient) -> Cloud:
    """The administrator of the lab's cloud, signed in."""
    return Cloud(lab.clouds_file)


@pytest.fixture
def cloud(operator: Cloud, lab: LabClient, request: pytest.FixtureRequest) -> Cloud:
    """The cloud, emptied, but for zones with which the test begins."""
    if request.session.testsfailed:
        # A test that fails can leave a zone dead or a hypervisor broken, and fails alone.
        lab.set_age(os.environ.get("ZONEOPS_CLOUD_AGE", "current"))
        mend(operator, lab)
    lab.clear_faults()
    operator.empty(kept=inventory.HOSTS if request.path.parent.name in WITH_ZONES else None)
    return operator


@pytest.fixture(scope="session")
def play(lab: LabClient, tmp_path_factory: pytest.TempPathFactory) -> Player:
    """Runs playbooks; clouds.yaml has the lab's clouds and broken ones."""
    return Player(lab, with_broken_clouds(lab.clouds_file, tmp_path_factory.mktemp("clouds")))


@pytest.fixture
def make_inventory(tmp_path: Path) -> MakeInventory:
    """Writes an inventory; without arguments that of the lab, `az2={...}` changes what is below `compute` of a zone."""
    numbers = iter(range(100))

    def make(zones: Mapping[str, Any] | None = None, region: Mapping[str, Any] | None = None, **changes: Any) -> Path:
        folder = tmp_path / f"inventory-{next(numbers)}"
        return inventory.write(folder, zones or inventory.lab_zones(**changes), region)

    return make


@pytest.fixture
def record_hosts(lab: LabClient, cloud: Cloud) -> Iterator[list[str]]:
    """Compute hosts that stand only in nova's database: one for each of many zones. They are gone afterwards."""
    prefix = f"record-{uuid.uuid4().hex[:8]}"
    names = [f"{prefix}-{number}" for number in range(MANY)]
    for name in names:
        lab.add_host(name, running=False)
    yield names
    cloud.empty()
    services = cloud.services()
    for name in names:
        cloud.compute.delete(f"/os-services/{services[name]['id']}")
