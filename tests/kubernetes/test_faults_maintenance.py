# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a zone's maintenance writes to the cluster, killed, dropped or answered wrongly at every write: the next run ends where a clean one does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.instance_ha.model import BEFORE, FOR
from ansible_collections.zoneops.openstack.tests.faults.module_process import Modules as Processes
from ansible_collections.zoneops.openstack.tests.faults.strike import Fault
from ansible_collections.zoneops.openstack.tests.faults.sweep import ANSWERS, DROPS, KILLS

from .harness.cluster import Cluster, until
from .harness.instance_ha import INSTANCE_HAS, InstanceHa
from .harness.node_maintenance import PATH, NodeMaintenanceOperator, cordoned
from .harness.play import zone_map
from .harness.strikes import limits, named, strike

# Needs the kind InstanceHa.
pytestmark = pytest.mark.rhoso

STATES = ("begin", "end")
FAULTS = (*KILLS, *DROPS, *ANSWERS)
# A worker node each.
WORKERS = 2


def strikes(writes: int) -> list[Any]:
    return [
        pytest.param(state, fault, index, id=f"{state}-{named(fault, index)}")
        for state in STATES
        for fault in FAULTS
        for index in range(writes)
    ]


def run(processes: Processes, module: str, arguments: dict[str, Any]) -> dict[str, Any]:
    ended = processes.run(module, arguments)
    assert not ended.failed, ended.answer["msg"]
    return ended.answer


@pytest.fixture
def instance_ha(cluster: Cluster) -> Iterator[InstanceHa]:
    found = InstanceHa(cluster.kube)
    found.make()
    with found.operated():
        yield found
    cluster.kube.clear_faults()
    cluster.empty(INSTANCE_HAS)


@pytest.mark.parametrize(("state", "fault", "index"), strikes(1))
def test_instance_ha(
    cluster: Cluster, processes: Processes, instance_ha: InstanceHa, state: str, fault: Fault, index: int
) -> None:
    """What it was before is never forgotten."""
    arguments = {**zone_map(cluster.kube), **limits(cluster.kube), "limit": ["az1"], "state": state}
    before = instance_ha.state
    if state == "end":
        run(processes, "instance_ha", {**arguments, "state": "begin"})
    strike(cluster.kube, processes, "instance_ha", arguments, fault, index)
    run(processes, "instance_ha", arguments)
    during = ("True", {FOR: "az1", BEFORE: before[0]})
    assert instance_ha.state == (during if state == "begin" else before)
    assert not run(processes, "instance_ha", arguments)["changed"]


@pytest.fixture
def operator(cluster: Cluster) -> Iterator[NodeMaintenanceOperator]:
    found = NodeMaintenanceOperator(cluster)
    with found.running():
        yield found
        cluster.kube.clear_faults()
        cluster.empty(PATH)


@pytest.mark.parametrize(("state", "fault", "index"), strikes(WORKERS))
def test_worker_nodes(
    cluster: Cluster, processes: Processes, operator: NodeMaintenanceOperator, state: str, fault: Fault, index: int
) -> None:
    del operator
    workers = [name for name in cluster.kube.nodes("az1") if name.startswith("worker")][:WORKERS]
    given = {**zone_map(cluster.kube, az1={"workers": workers}), **limits(cluster.kube), "limit": ["az1"]}
    arguments = {**given, "state": state, **({"reason": "power work"} if state == "begin" else {})}
    if state == "end":
        run(processes, "node_maintenance", {**given, "state": "begin", "reason": "power work"})
    strike(cluster.kube, processes, "node_maintenance", arguments, fault, index)
    run(processes, "node_maintenance", arguments)
    # A run that finds no object any more has nothing to wait for: the operator uncordons by itself.
    expected = set(workers) if state == "begin" else set()
    until(lambda: cordoned(cluster) == expected, f"cordoned nodes: {sorted(expected)}")
    assert len(cluster.api.list(PATH)) == (WORKERS if state == "begin" else 0)
    assert not run(processes, "node_maintenance", arguments)["changed"]
