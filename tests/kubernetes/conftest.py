# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Kubernetes lab for all tests, an empty cluster for each."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.zoneops.openstack.tests.faults.module_process import Modules as Processes
from zonelab.kube.client import KubeClient

from .harness.cluster import Cluster
from .harness.modules import Modules
from .harness.play import KubePlayer


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "releases: runs with each release's definitions, not only with the newest")
    config.addinivalue_line("markers", "rhoso: needs RHOSO's own definitions, or objects read from it")
    config.addinivalue_line("markers", "behaviour(name): proves that row of zonelab.operators.behaviours")


@pytest.fixture(scope="session")
def kube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubeClient]:
    """A lab that ends with the tests, with the definitions that ZONEOPS_CRDS names: `kube.kubeconfig`, `kube.requests(mark)`, faults, outages.

    ZONEOPS_KUBERNETES_LAB names one that is up already, for work on the tests; they empty it.
    """
    running = os.environ.get("ZONEOPS_KUBERNETES_LAB")
    state = Path(running) if running else tmp_path_factory.mktemp("lab")
    zonelab = [sys.executable, "-m", "zonelab", "--state", str(state)]
    if not running:
        subprocess.run([*zonelab, "up", "--kubernetes", "--fresh", "--with-parent", str(os.getpid())], check=True)
    yield KubeClient(state)
    if not running:
        subprocess.run([*zonelab, "down"], check=True)


@pytest.fixture
def cluster(kube: KubeClient) -> Iterator[Cluster]:
    """The cluster as its administrator sees it, emptied; all zones have power, no fault is set."""
    found = Cluster(kube)
    found.reset()
    yield found
    kube.clear_faults()


@pytest.fixture(scope="module")
def emptied(kube: KubeClient) -> Cluster:
    """The same, emptied once: for tests that take away only what they make."""
    found = Cluster(kube)
    found.reset()
    return found


@pytest.fixture
def play(cluster: Cluster, tmp_path: Path) -> KubePlayer:
    """Runs playbooks on the emptied cluster."""
    return KubePlayer(cluster.kube, tmp_path)


@pytest.fixture
def modules(cluster: Cluster, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Modules:
    """Runs modules on the emptied cluster, in this process."""
    return Modules(cluster.kube, monkeypatch, capsys)


@pytest.fixture(scope="session")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """Runs modules as processes that can be killed. What they wait for comes soon here: they look again at once."""
    folder = tmp_path_factory.mktemp("modules")
    found = Processes(folder / "no-clouds.yaml", folder, longest_sleep=0.1, nothing_lives=True)
    yield found
    found.close()
