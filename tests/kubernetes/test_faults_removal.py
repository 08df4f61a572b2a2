# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zone is taken out of the control plane under faults: killed or dropped at every write. The next run finishes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.control_plane import applied
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import as_dict
from ansible_collections.zoneops.openstack.tests.faults.module_process import Modules as Processes
from ansible_collections.zoneops.openstack.tests.faults.strike import Fault
from ansible_collections.zoneops.openstack.tests.faults.sweep import DROPS, KILLED_AFTER
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import example
from zonelab.kube.client import KubeClient

from .harness.cluster import TOPOLOGIES, Cluster
from .harness.control_planes import PATH, control_plane, install, uninstall
from .harness.strikes import limits, named, strike

# Backup services are stopped one by one in one release only.
pytestmark = pytest.mark.rhoso

MAP = example("rhoso-third-party")
TOPOLOGY_NAMES = ("default-spread-pods", *(f"{letter}zone-node-affinity" for letter in "abc"))
GOES, TOPOLOGY = "az1", f"{TOPOLOGIES}/bzone-node-affinity"
FOREIGN = "example.org/mine"
LEFT = ["openstack.org/cindervolume-cinder-volume-az1", FOREIGN]
# Backups to 0, the zone's keys, what its Topology keeps, what zones share.
WRITES = 4
STRIKES = [(fault, index) for index in range(WRITES) for fault in (KILLED_AFTER, DROPS[1])]


@pytest.fixture(scope="module")
def region(kube: KubeClient) -> Cluster:
    found = Cluster(kube)
    found.reset()
    install(found, TOPOLOGY_NAMES)
    return found


@pytest.fixture
def installed(region: Cluster) -> Iterator[Cluster]:
    """All zones are there, and no operator: what they would leave on the zone's Topology is there already."""
    made(region)
    yield region
    region.kube.clear_faults()
    uninstall(region)


@pytest.fixture(scope="module")
def end(region: Cluster, processes: Processes) -> dict[str, Any]:
    """Where a run without a fault ends."""
    made(region)
    mark = region.kube.mark()
    gone = processes.run("control_plane", arguments(region.kube))
    assert not gone.failed, gone.answer["msg"]
    assert len([request for request in region.kube.requests(mark) if request.writes]) == WRITES
    found = state(region)
    uninstall(region)
    return found


def made(cluster: Cluster) -> None:
    install(cluster)
    for part in applied(MAP):
        cluster.api.apply(PATH, part.body, part.manager, force=True)
    cluster.api.merge(TOPOLOGY, {"metadata": {"finalizers": LEFT}})


def arguments(kube: KubeClient) -> dict[str, Any]:
    return {**as_dict(MAP), **limits(kube), "limit": [GOES], "state": "absent", "wait": False}


def state(cluster: Cluster) -> dict[str, Any]:
    """What the zone's objects have, and whose it is."""
    found = control_plane(cluster)
    owners = {item["manager"]: item["fieldsV1"] for item in found["metadata"]["managedFields"]}
    return {
        "spec": found["spec"],
        "owners": owners,
        "finalizers": cluster.api.get(TOPOLOGY)["metadata"]["finalizers"],
    }


@pytest.mark.parametrize(("fault", "index"), STRIKES, ids=[named(*one) for one in STRIKES])
def test_strike(installed: Cluster, processes: Processes, end: dict[str, Any], fault: Fault, index: int) -> None:
    kube = installed.kube
    strike(kube, processes, "control_plane", arguments(kube), fault, index)
    again = processes.run("control_plane", arguments(kube))
    assert not again.failed, again.answer["msg"]
    assert state(installed) == end
    assert end["finalizers"] == [FOREIGN]
    if index:
        return
    last = processes.run("control_plane", arguments(kube))
    assert (last.failed, last.answer["changed"]) == (False, False)
