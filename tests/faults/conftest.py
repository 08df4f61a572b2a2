# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab for all faults."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from zonelab.client import LabClient

from .module_process import Modules
from .region import Region
from .sweep import Bench

# Between two looks at a lab, which does within a second what takes minutes elsewhere.
LONGEST_SLEEP = 0.5


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full", action="store_true", help="every fault at every request, not only the part of `make test`"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("full"):
        items[:] = [item for item in items if item.get_closest_marker("full") is None]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "full: the part that `make faults-full` adds")


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabClient]:
    """A lab that ends with the tests. ZONEOPS_FAULTS_LAB names one that is up already, for work on the tests; they empty it."""
    running = os.environ.get("ZONEOPS_FAULTS_LAB")
    state = Path(running) if running else tmp_path_factory.mktemp("lab")
    zonelab = [sys.executable, "-m", "zonelab", "--state", str(state)]
    if not running:
        subprocess.run(
            [*zonelab, "up", "--fresh", "--masakari", "--report-interval", "1", "--with-parent", str(os.getpid())],
            check=True,
        )
    yield LabClient(state)
    if not running:
        subprocess.run([*zonelab, "down"], check=True)


@pytest.fixture(scope="session")
def region(lab: LabClient) -> Region:
    return Region(lab.clouds_file)


@pytest.fixture(scope="session")
def modules(lab: LabClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Modules]:
    modules = Modules(lab.clouds_file, tmp_path_factory.mktemp("runs"), longest_sleep=LONGEST_SLEEP)
    yield modules
    modules.close()


@pytest.fixture
def bench(lab: LabClient, region: Region, modules: Modules) -> Iterator[Bench]:
    """The lab without faults, before and after."""
    lab.clear_faults()
    yield Bench(lab, region, modules)
    lab.clear_faults()
