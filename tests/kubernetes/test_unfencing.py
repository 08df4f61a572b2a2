# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes of a lost zone on a real API: the taint goes once they are Ready and nobody remediates them any more, and nothing else of them changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.preflight.rights import RIGHTS
from ansible_collections.zoneops.openstack.tests.faults.module_process import Modules as Processes
from ansible_collections.zoneops.openstack.tests.faults.strike import Fault
from ansible_collections.zoneops.openstack.tests.faults.sweep import ANSWERS, DROPS, KILLS

from .harness.cluster import NODES, Cluster, until
from .harness.modules import Modules
from .harness.play import zone_map
from .harness.rights import less
from .harness.strikes import limits, named, strike

MODULE: Final = "node_maintenance"
KEY: Final = "node.kubernetes.io/out-of-service"
OUT: Final = {"key": KEY, "value": "nodeshutdown", "effect": "NoExecute"}
OTHER: Final = {"key": "example.com/licensed", "effect": "NoSchedule"}
GROUP: Final = "self-node-remediation.medik8s.io"
REMEDIATIONS: Final = f"/apis/{GROUP}/v1alpha1/namespaces/default/selfnoderemediations"


def taint(cluster: Cluster, name: str, *more: dict[str, str]) -> None:
    """As a person does who knows what is there."""
    found = cluster.api.get(f"{NODES}/{name}")["spec"].get("taints") or []
    cluster.api.merge(f"{NODES}/{name}", {"spec": {"taints": [OTHER, *found, *more]}}, "kubectl-taint")


def keys(cluster: Cluster, name: str) -> set[str]:
    return {one["key"] for one in cluster.api.get(f"{NODES}/{name}")["spec"].get("taints") or ()}


@pytest.fixture
def fenced(cluster: Cluster) -> Iterator[list[str]]:
    """The workers of the first zone, lost, and one of the second."""
    cluster.label_zones()
    workers = {
        zone: [name for name in cluster.kube.nodes(zone) if name.startswith("worker")] for zone in ("az1", "az2")
    }
    names = [*workers["az1"], workers["az2"][0]]
    for name in names:
        taint(cluster, name, OUT, {**OUT, "effect": "NoSchedule"})
    yield names
    for name in names:
        cluster.api.merge(f"{NODES}/{name}", {"spec": {"taints": None}}, "kubectl-taint")


def asked(cluster: Cluster) -> dict[str, Any]:
    return {**zone_map(cluster.kube), "limit": ["az1"], "state": "unfence"}


@pytest.mark.rhoso
def test_the_taint_goes_once_a_node_is_ready_and_no_longer_remediated(
    cluster: Cluster, modules: Modules, fenced: list[str]
) -> None:
    *workers, other = fenced
    options = asked(cluster)
    cluster.kube.power_off("az1")
    refused = modules(MODULE, **options)
    assert (refused.changed, refused.written) == (set(), [])
    for name in workers:
        assert f"node {name} has the taint {KEY}=nodeshutdown:NoExecute" in refused.failures["az1"]
    assert "is not Ready" in refused.failures["az1"]

    cluster.kube.power_on("az1")
    until(lambda: all(keys(cluster, name) == {KEY, OTHER["key"]} for name in workers), "the nodes are Ready")
    remediation = {"apiVersion": f"{GROUP}/v1alpha1", "kind": "SelfNodeRemediation", "metadata": {"name": workers[0]}}
    cluster.api.create(REMEDIATIONS, {**remediation, "spec": {}})
    check = modules(MODULE, check=True, **options)
    assert (check.changed, check.written, len(check.requests)) == ({"az1"}, [], 3)
    assert "still remediated by SelfNodeRemediation default/" in check.failures["az1"]
    part = modules(MODULE, **options)
    assert (part.plans, part.changed) == (check.plans, {"az1"})
    assert KEY in keys(cluster, workers[0])
    assert all(KEY not in keys(cluster, name) for name in workers[1:])

    cluster.empty(REMEDIATIONS)
    down = {**options, "zones": {**options["zones"], "az1": {**options["zones"]["az1"], "zone_state": "down"}}}
    refused = modules(MODULE, **down)
    assert (refused.written, "az1 is down, by zone_state of its file" in refused.failures["az1"]) == ([], True)
    done = modules(MODULE, **options)
    assert (done.failures, done.changed) == ({}, {"az1"})
    assert done.written == [f"PATCH {NODES}/{workers[0]}?fieldManager=zoneops-az1"]
    assert all(keys(cluster, name) == {OTHER["key"]} for name in workers)
    assert keys(cluster, other) == {KEY, OTHER["key"]}
    again = modules(MODULE, **options)
    assert (again.failures, again.changed, len(again.requests)) == ({}, set(), 1)


@pytest.mark.rhoso
def test_rights_that_are_enough_and_one_less(cluster: Cluster, modules: Modules, fenced: list[str]) -> None:
    del fenced
    options = asked(cluster)
    for number, (called, granted) in enumerate(less(RIGHTS["zone_return"])):
        user = cluster.kube.add_user(f"unfencer-{number}", granted)
        answer = modules(MODULE, user=user, **options)
        said = f"{answer.result['msg']} {answer.result.get('zones')}".replace('\\"', '"')
        assert called in said or "could not list" in said
        assert answer.result["failed"]
    user = cluster.kube.add_user("unfencer", [right.as_rule() for right in RIGHTS["zone_return"]])
    assert modules(MODULE, user=user, **options).failures == {}


@pytest.mark.rhoso
@pytest.mark.parametrize(
    ("fault", "index"),
    [pytest.param(fault, index, id=named(fault, index)) for fault in (*KILLS, *DROPS, *ANSWERS) for index in range(2)],
)
def test_a_run_that_ends_early_is_continued(
    cluster: Cluster, processes: Processes, fenced: list[str], fault: Fault, index: int
) -> None:
    """Killed, dropped or answered wrongly at a write: no node is forgotten, and no other taint is lost."""
    *workers, other = fenced
    arguments = {**asked(cluster), **limits(cluster.kube)}
    strike(cluster.kube, processes, MODULE, arguments, fault, index)
    ended = processes.run(MODULE, arguments)
    assert not ended.failed, ended.answer["msg"]
    assert [keys(cluster, name) for name in (*workers, other)] == [{OTHER["key"]}] * len(workers) + [
        {KEY, OTHER["key"]}
    ]
    assert not processes.run(MODULE, arguments).answer["changed"]
