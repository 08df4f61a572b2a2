# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab of two zones with ten hosts each, and one fleet of servers for all tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from zonelab.client import LabClient

from ..integration.harness.cloud import Cloud
from .fleet import HOSTS, SERVERS, ZONES, Fleet


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabClient]:
    """A lab that ends with the tests. ZONEOPS_FLEET_LAB names one that is up already, for work on the tests; they empty it."""
    running = os.environ.get("ZONEOPS_FLEET_LAB")
    state = Path(running) if running else tmp_path_factory.mktemp("lab")
    zonelab = [sys.executable, "-m", "zonelab", "--state", str(state)]
    if not running:
        size = ("--neutron", "--zones", ",".join(ZONES), "--hosts", str(HOSTS))
        subprocess.run([*zonelab, "up", "--fresh", *size, "--with-parent", str(os.getpid())], check=True)
    yield LabClient(state)
    if not running:
        subprocess.run([*zonelab, "down"], check=True)


@pytest.fixture(scope="session")
def fleet(lab: LabClient) -> Fleet:
    """The servers, all in the first zone. ZONEOPS_FLEET_SERVERS says how many."""
    cloud = Cloud(lab.clouds_file)
    lab.clear_faults()
    lab.heal()
    cloud.empty()
    found = Fleet(cloud, lab, int(os.environ.get("ZONEOPS_FLEET_SERVERS", SERVERS)))
    found.build()
    return found
