# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data plane under faults: killed or dropped at every write, a NodeSet that is being deployed. The next run finishes, and rolls out nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.tests.faults.module_process import Modules as Processes
from ansible_collections.zoneops.openstack.tests.faults.strike import Fault
from ansible_collections.zoneops.openstack.tests.faults.sweep import DROPS, KILLED_AFTER, KILLS
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso import planes
from zonelab.kube.api import MERGE, ApiError
from zonelab.kube.client import KubeClient, Switches

from .harness.cluster import DATA_PLANE_SERVICES, DEPLOYMENTS, NODE_SETS, PATIENCE, Cluster, core, until
from .harness.data_plane import DataPlaneOperator
from .harness.strikes import limits, named, strike

MODULE = "data_plane"
# ConfigMap, service, NodeSet, deployment.
MAKING = 4
# The failed deployment is deleted, the ConfigMap applied, a new deployment made.
MENDING = 3
STRIKES = [
    *((fault, index) for fault in (KILLED_AFTER, *DROPS) for index in range(MAKING)),
    (KILLS[0], MAKING - 1),
]
MENDED = [(fault, index) for fault in (KILLED_AFTER, *DROPS) for index in range(MENDING)]
EMPTIED = (DEPLOYMENTS, NODE_SETS, DATA_PLANE_SERVICES, core("configmaps"))


@pytest.fixture
def operator(emptied: Cluster) -> Iterator[DataPlaneOperator]:
    with DataPlaneOperator(emptied).running() as found:
        yield found
    emptied.kube.clear_faults()
    emptied.empty(*EMPTIED)


def arguments(kube: KubeClient, **data_plane: Any) -> dict[str, Any]:
    zones = planes.zones(1)
    zones["az1"]["data_plane"] |= data_plane
    return {"zones": zones, "region": {"zones": list(zones)}, **limits(kube)}


def state(cluster: Cluster) -> dict[str, Any]:
    """All that the module writes, and how far it was rolled out."""
    found = {
        f"{item['metadata']['name']}": item["spec"]
        for path in (DEPLOYMENTS, NODE_SETS, DATA_PLANE_SERVICES)
        for item in cluster.api.list(path)
    }
    done = {item["metadata"]["name"]: item.get("status", {}).get("deployed") for item in cluster.api.list(DEPLOYMENTS)}
    return {**found, "deployed": done, "files": [item["data"] for item in cluster.api.list(core("configmaps"))]}


def finished(cluster: Cluster, processes: Processes, wanted: dict[str, Any]) -> dict[str, Any]:
    """Where the next run ends, which leaves nothing to do."""
    again = processes.run(MODULE, wanted)
    assert not again.failed, again.answer["msg"]
    mark = cluster.kube.mark()
    last = processes.run(MODULE, wanted)
    assert (last.failed, last.answer["changed"]) == (False, False), last.answer["msg"]
    assert not [request for request in cluster.kube.requests(mark) if request.writes]
    return state(cluster)


@pytest.mark.parametrize(("fault", "index"), STRIKES, ids=[named(*one) for one in STRIKES])
def test_strike(emptied: Cluster, operator: DataPlaneOperator, processes: Processes, fault: Fault, index: int) -> None:
    wanted = arguments(emptied.kube)
    strike(emptied.kube, processes, MODULE, wanted, fault, index)
    found = finished(emptied, processes, wanted)
    # One deployment, whatever became of the answer: a second would restart what runs.
    assert found["deployed"] == {"r1-compute-nodes-1": True}
    assert set(found) == {"deployed", "files", "nova-custom-az1", "r1-compute-nodes", "r1-compute-nodes-1"}


@pytest.mark.parametrize(("fault", "index"), MENDED, ids=[named(*one) for one in MENDED])
def test_strike_behind_a_failed_deployment(
    emptied: Cluster, operator: DataPlaneOperator, processes: Processes, fault: Fault, index: int
) -> None:
    operator.failing = {"bootstrap": "unreachable"}
    assert processes.run(MODULE, arguments(emptied.kube)).failed
    operator.failing = {}
    wanted = arguments(emptied.kube, config={"DEFAULT": {"reserved_host_memory_mb": 4096}})
    strike(emptied.kube, processes, MODULE, wanted, fault, index)
    found = finished(emptied, processes, wanted)
    assert found["deployed"] in ({"r1-compute-nodes-1": True}, {"r1-compute-nodes-2": True})
    assert "reserved_host_memory_mb = 4096" in str(found["files"])


# The NodeSet, the deployment of the new host, that which makes it known to the others.
GROWING = 3
GROWN = {"r1-compute-nodes-1": True, "r1-compute-nodes-2": True, "r1-compute-nodes-3": True}


def larger(kube: KubeClient) -> dict[str, Any]:
    return arguments(kube, nodes={f"r1-compute-{index}": planes.node(1, index) for index in range(3)})


@pytest.mark.parametrize("index", range(GROWING))
def test_a_new_host_becomes_known_to_the_others(
    emptied: Cluster, operator: DataPlaneOperator, processes: Processes, index: int
) -> None:
    """Without it servers cannot move there, and nobody says so."""
    assert not processes.run(MODULE, arguments(emptied.kube)).failed
    strike(emptied.kube, processes, MODULE, larger(emptied.kube), KILLED_AFTER, index)
    until(lambda: all(state(emptied)["deployed"].values()), "what was begun ends")
    found = finished(emptied, processes, larger(emptied.kube))
    assert found["deployed"] == GROWN
    assert found["r1-compute-nodes-2"].get("ansibleLimit") == "r1-compute-2"
    assert found["r1-compute-nodes-3"]["servicesOverride"] == ["ssh-known-hosts"]


@pytest.mark.parametrize("grows", [False, True])
def test_what_a_killed_run_wrote_is_rolled_out_when_the_operator_has_taken_it_in(
    emptied: Cluster, operator: DataPlaneOperator, processes: Processes, grows: bool
) -> None:
    """A deployment that begins before rolls out what the set was."""
    wanted = arguments(emptied.kube)
    if grows:
        assert not processes.run(MODULE, wanted).failed
        wanted = larger(emptied.kube)
    before = len(state(emptied)["deployed"])
    operator.blind = True
    strike(emptied.kube, processes, MODULE, wanted, KILLED_AFTER, 0 if grows else 2)
    mark = emptied.kube.mark()
    again = processes.start(MODULE, wanted)
    looks = 3
    until(lambda: len([one for one in emptied.kube.requests(mark) if "nodesets/" in one.path]) > looks, "it waits")
    assert len(state(emptied)["deployed"]) == before
    operator.blind = False
    ended = again.wait()
    assert not ended.failed, ended.answer["msg"]
    assert len(finished(emptied, processes, wanted)["deployed"]) == (GROWING if grows else 1)


def test_a_set_of_somebody_else_gets_a_new_host(
    emptied: Cluster, operator: DataPlaneOperator, processes: Processes
) -> None:
    """Which of its hosts were deployed, nothing tells when the run was killed behind its first write but its own note."""
    assert not processes.run(MODULE, arguments(emptied.kube)).failed
    path = f"{DEPLOYMENTS}/r1-compute-nodes-1"
    emptied.api.merge(path, {"metadata": {"annotations": None}})
    strike(emptied.kube, processes, MODULE, larger(emptied.kube), KILLED_AFTER, 0)
    found = finished(emptied, processes, larger(emptied.kube))
    assert found["deployed"] == GROWN
    assert found["r1-compute-nodes-2"].get("ansibleLimit") == "r1-compute-2"


@pytest.fixture
def asked(emptied: Cluster) -> Iterator[Cluster]:
    """With webhooks, whose operators do nothing else."""
    emptied.kube.operate()
    emptied.kube.switch(Switches(stopped=("openstack", "glance", "cinder", "manila", "infra")))
    yield emptied
    emptied.kube.operate(on=False)


def deploy_by_hand(cluster: Cluster) -> None:
    """Somebody else begins a deployment of the set."""
    body = {"apiVersion": "dataplane.openstack.org/v1beta1", "kind": "OpenStackDataPlaneDeployment"}
    spec = {"nodeSets": ["r1-compute-nodes"]}
    cluster.api.create(DEPLOYMENTS, {**body, "metadata": {"name": "by-hand"}, "spec": spec})
    begun = {"type": "DeploymentReady", "status": "False", "reason": "Requested", "severity": "Info"}
    begun |= {"message": "Deployment in progress", "lastTransitionTime": "2026-01-01T00:00:00Z"}
    cluster.api.merge(f"{DEPLOYMENTS}/by-hand/status", {"status": {"conditions": [begun]}})


def test_a_set_that_is_being_deployed_cannot_change(
    asked: Cluster, operator: DataPlaneOperator, processes: Processes
) -> None:
    """Neither where the deployment is seen, nor where it begins after the look: then the webhook's 409 is the message."""
    kube = asked.kube
    assert not processes.run(MODULE, arguments(kube)).failed
    wanted = {**arguments(kube, ansible_vars={"edpm_x": 1}), "services": ["run-os"]}
    operator.idle = True
    deploy_by_hand(asked)
    before = asked.api.get(f"{NODE_SETS}/r1-compute-nodes")["spec"]
    seen = processes.run(MODULE, wanted)
    assert "deployment by-hand of others is running (DeploymentReady: Deployment in progress)" in seen.answer["msg"]
    assert not processes.run(MODULE, arguments(kube)).failed, "nothing is to be changed"
    asked.api.delete(f"{DEPLOYMENTS}/by-hand")
    until(lambda: not is_refused(asked), "the webhook knows that it is gone")

    number = kube.add_fault("delay", seconds=PATIENCE, service="kubernetes", path="nodesets", writes=True, count=1)
    running = processes.start(MODULE, wanted)
    until(lambda: hits(kube, number), "the write is on its way")
    deploy_by_hand(asked)
    until(lambda: is_refused(asked), "the webhook knows of the deployment")
    kube.clear_faults()
    late = running.wait()
    assert late.failed
    assert (
        "409 could not patch openstackdataplanenodeset while openstackdataplanedeployment by-hand" in late.answer["msg"]
    )
    assert asked.api.get(f"{NODE_SETS}/r1-compute-nodes")["spec"] == before
    operator.idle = False
    until(lambda: state(asked)["deployed"]["by-hand"], "it ends")
    assert finished(asked, processes, wanted)["deployed"]["r1-compute-nodes-2"] is True


def is_refused(cluster: Cluster) -> bool:
    """Whether the webhook would let nobody change the set: it sees a deployment a moment after the API has it."""
    body = {"spec": {"nodeTemplate": {"ansible": {"ansibleVars": {"edpm_asked": 1}}}}}
    try:
        cluster.api.call("PATCH", f"{NODE_SETS}/r1-compute-nodes", body, content_type=MERGE, query={"dryRun": "All"})
    except ApiError as error:
        assert error.status == HTTPStatus.CONFLICT, error
        return True
    return False


def hits(kube: KubeClient, number: int) -> int:
    return next(int(fault["hits"]) for fault in kube.faults() if fault["id"] == number)
