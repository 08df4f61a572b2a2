# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One small lab with three zones for all tests, and all of it up again after each."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from zonelab.client import LabClient

from ..integration.harness.cloud import Cloud
from .activation import Activation

ZONES = ("az1", "az2", "az3")
Activate = Callable[..., Activation]


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabClient]:
    """A lab that ends with the tests. ZONEOPS_EVENTS_LAB names one that is up already, for work on the tests; they empty it."""
    given = os.environ.get("ZONEOPS_EVENTS_LAB")
    state = Path(given) if given else tmp_path_factory.mktemp("lab")
    zonelab = [sys.executable, "-m", "zonelab", "--state", str(state)]
    if not given:
        subprocess.run([*zonelab, "up", "--fresh", "--hosts", "1", "--with-parent", str(os.getpid())], check=True)
    lab = LabClient(state)
    operator = Cloud(lab.clouds_file)
    operator.empty()
    for zone in ZONES:
        operator.add_aggregate(zone, zone, [f"compute-{zone}-0"])
    yield lab
    if not given:
        subprocess.run([*zonelab, "down"], check=True)


@pytest.fixture
def lab(running: LabClient) -> Iterator[LabClient]:
    """Without faults, every zone up."""
    yield running
    running.clear_faults()
    for zone in ZONES:
        running.start_zone(zone)


@pytest.fixture(scope="session")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder: of a file alone, ansible-rulebook would lose the variables."""
    folder = tmp_path_factory.mktemp("inventory")
    zones = {zone: {"zoneops_zone": {"compute": {"hosts": [f"compute-{zone}-0"]}}} for zone in ZONES}
    region = {"zoneops_region": {"zones": list(ZONES), "cloud": "lab"}}
    (folder / "group_vars").mkdir()
    (folder / "group_vars" / "zones.yml").write_text(yaml.safe_dump(region))
    (folder / "hosts.yml").write_text(yaml.safe_dump({"zones": {"hosts": zones}}))
    return folder


@pytest.fixture
def activate(lab: LabClient, inventory: Path, tmp_path: Path) -> Iterator[Activate]:
    """Starts activations on the lab, and stops them."""
    started: list[Activation] = []

    def start(command: str, clouds: Path | None = None, **variables: Any) -> Activation:
        folder = tmp_path / f"activation-{len(started)}"
        started.append(Activation(command, folder, clouds or lab.clouds_file, inventory, **variables))
        return started[-1]

    yield start
    for one in started:
        one.stop()
