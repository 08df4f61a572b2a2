# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab with both halves for all tests, in the order in which they stand: what OpenStack serves is what the control plane declares."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.zoneops.openstack.tests.integration.harness.cloud import Cloud
from ansible_collections.zoneops.openstack.tests.kubernetes.harness.modules import Modules
from zonelab.client import LabClient
from zonelab.kube.client import KubeClient

from .harness import Region


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """A lab that ends with the tests, without any zone yet.

    ZONEOPS_REGION_LAB names a fresh one that is up already, for work on the tests.
    """
    running = os.environ.get("ZONEOPS_REGION_LAB")
    state = Path(running) if running else tmp_path_factory.mktemp("region")
    zonelab = [sys.executable, "-m", "zonelab", "--state", str(state)]
    if not running:
        openstack = ("--openstack", "--declared", "--hosts", "0", "--service-down-time", "10")
        kubernetes = ("--kubernetes", "--operators", "--installed")
        up = [*zonelab, "up", *openstack, *kubernetes, "--fresh", "--with-parent", str(os.getpid())]
        subprocess.run(up, check=True)
    yield Region(LabClient(state), KubeClient(state))
    if not running:
        subprocess.run([*zonelab, "down"], check=True)


@pytest.fixture(scope="session")
def cloud(region: Region) -> Cloud:
    """The administrator of the OpenStack half."""
    return Cloud(region.lab.clouds_file)


@pytest.fixture
def modules(region: Region, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Modules:
    """Runs modules of Kubernetes in this process."""
    return Modules(region.kube, monkeypatch, capsys)
