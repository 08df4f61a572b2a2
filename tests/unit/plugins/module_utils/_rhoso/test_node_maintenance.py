# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Worker nodes are drained one after the other and come back: nodes that others cordoned or drained stay theirs."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.client import Cluster
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.names import FOR_ZONE
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.node_maintenance.reconcile import (
    NodeMaintenances,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.kubernetes import ZoneKubernetes

Body = dict[str, Any]


def node(name: str, zone: str = "az1", *, cordoned: bool = False, ready: bool = True) -> Body:
    role = "master" if name.startswith("m") else "worker"
    labels = {"topology.kubernetes.io/zone": zone, f"node-role.kubernetes.io/{role}": ""}
    status = {"conditions": [{"type": "Ready", "status": str(ready)}]}
    return {"metadata": {"name": name, "labels": labels}, "spec": {"unschedulable": cordoned}, "status": status}


class Operated:
    """A cluster with the Node Maintenance Operator, which drains a node at the second look and lets it go at once.

    :ivar stuck: nodes that are never drained, with the pods that stay.
    :ivar silent: nodes that do not come back.
    """

    def __init__(self, *nodes: Body) -> None:
        self.nodes = {one["metadata"]["name"]: one for one in nodes}
        self.kept: dict[str, Body] = {}
        self.deadline = Deadline(3600)
        self.stuck: dict[str, list[str]] = {}
        self.silent: set[str] = set()
        self.error: ApiError | None = None
        self.unlisted: ApiError | None = None
        self.pods: list[Body] = []
        self.budgets: list[Body] = []
        self.lost = False
        self.writes: list[str] = []
        self.requests = 0

    def items(self, ref: Ref, *, fields: str = "") -> Iterator[Body]:
        self.requests += 1
        if ref.kind in ("Pod", "PodDisruptionBudget"):
            assert fields == ("spec.nodeName=w1" if ref.kind == "Pod" else "")
            if self.unlisted:
                raise self.unlisted
            yield from self.pods if ref.kind == "Pod" else self.budgets
            return
        if ref.kind == "NodeMaintenance":
            assert ref.path == "/apis/nodemaintenance.medik8s.io/v1beta1/nodemaintenances"
            if self.error:
                raise self.error
            yield from copy.deepcopy(list(self.kept.values()))
        else:
            yield from copy.deepcopy(list(self.nodes.values()))

    def get(self, ref: Ref) -> Body | None:
        if ref.kind == "Node":
            return copy.deepcopy(self.nodes.get(ref.name))
        found = self.kept.get(ref.name)
        before = copy.deepcopy(found)
        if found and found["spec"]["nodeName"] not in self.stuck:
            found["status"] = {"phase": "Succeeded"}
        return before

    def create(self, ref: Ref, body: Body, manager: str) -> Body:
        name, target = body["metadata"]["name"], body["spec"]["nodeName"]
        # One after the other.
        assert all(one["status"]["phase"] == "Succeeded" for one in self.kept.values())
        assert (ref.name, manager) == ("", "zoneops-az1")
        self.writes.append(f"drain {target}")
        left = self.stuck.get(target, [])
        status = {"phase": "Running", "pendingPods": left, "lastError": "cannot evict" if left else None}
        self.kept[name] = {**copy.deepcopy(body), "status": status}
        self.kept[name]["metadata"]["uid"] = f"uid-{name}"
        self.nodes[target]["spec"]["unschedulable"] = True
        if self.lost:
            raise ApiError("no answer in time", uncertain=True)
        return body

    def delete(self, ref: Ref, uid: str) -> None:
        target = self.kept[ref.name]["spec"]["nodeName"]
        assert self.kept.pop(ref.name)["metadata"]["uid"] == uid
        self.writes.append(f"return {target}")
        self.nodes[target]["spec"]["unschedulable"] = target in self.silent

    def others(self, name: str, zone: str = "") -> None:
        """A maintenance that is not of this zone."""
        notes = {FOR_ZONE: zone} if zone else {}
        metadata = {"name": "theirs", "uid": "u", "annotations": notes}
        self.kept["theirs"] = {"metadata": metadata, "spec": {"nodeName": name}, "status": {"phase": "Succeeded"}}
        self.nodes[name]["spec"]["unschedulable"] = True


@pytest.fixture
def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


@pytest.fixture
def fast_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the clock is a minute later."""
    clock = iter(range(0, 10**7, 60))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


def zone(**more: Any) -> ZoneKubernetes:
    zones: dict[str, Any] = {"az1": {"kubernetes": {"workers": ["w1", "w2"], **more}}}
    found = load_map(zones, {"zones": ["az1"]}).zones["az1"].kubernetes
    assert found is not None
    return found


def call(cluster: Operated, state: str, *, check: bool = False, **more: Any) -> Verdict:
    begins = state == "begin"
    seconds = more.pop("node_seconds", 900)
    zones = {"az1": zone(**more)}
    reconciler = NodeMaintenances(
        cast(Cluster, cluster), ("az1",), zones, "power work", begins=begins, node_seconds=seconds
    )
    return Converge(reconciler, check=check, deadline=cluster.deadline, settle=0.1).run()["az1"]


def rules(verdict: Verdict) -> list[str]:
    return [one.rule for one in verdict.refusals]


@pytest.mark.usefixtures("no_time")
def test_nodes_are_drained_one_after_the_other_and_come_back() -> None:
    cluster = Operated(node("w1"), node("w2"), node("w3", "az2"), node("m1"))
    check = call(cluster, "begin", check=True)
    assert (check.changed, cluster.writes) == (True, [])
    begun = call(cluster, "begin")
    assert (begun.errors, cluster.writes) == ([], ["drain w1", "drain w2"])
    assert [change.text for change in begun.plan] == [change.text for change in check.plan]
    assert begun.after == check.after
    assert cluster.kept["zoneops-w1"]["spec"] == {"nodeName": "w1", "reason": "power work"}
    cluster.requests = 0
    again = call(cluster, "begin")
    assert (again.changed, len(cluster.writes), cluster.requests) == (False, 2, 2)

    check = call(cluster, "end", check=True)
    ended = call(cluster, "end")
    assert (ended.errors, cluster.writes[2:]) == ([], ["return w1", "return w2"])
    assert ended.after == check.after
    assert not any(one["spec"]["unschedulable"] for one in cluster.nodes.values())
    cluster.requests = 0
    assert (call(cluster, "end").changed, cluster.requests) == (False, 1)


@pytest.mark.usefixtures("no_time")
def test_without_names_those_with_the_label_are_drained_and_no_master() -> None:
    cluster = Operated(node("w1"), node("w3", "az2"), node("m1"))
    assert call(cluster, "begin", workers=[]).changed
    assert cluster.writes == ["drain w1"]
    nothing = call(Operated(node("m1")), "begin", workers=[])
    assert "no worker node is drained" in nothing.warnings[0]


@pytest.mark.parametrize(
    ("nodes", "rule", "said"),
    [
        ([node("w1")], "unknown_node", "no node named w2"),
        ([node("w1"), node("w2", cordoned=True)], "cordoned", "oc adm uncordon w2"),
        ([node("w1"), node("w2", ready=False)], "node_not_ready", "w2 is not Ready"),
    ],
)
def test_what_is_refused_drains_no_node(nodes: list[Body], rule: str, said: str) -> None:
    cluster = Operated(*nodes)
    refused = call(cluster, "begin")
    assert (rules(refused), cluster.writes) == ([rule], [])
    assert said in refused.refusals[0].message


@pytest.mark.usefixtures("no_time")
@pytest.mark.parametrize("whose", ["", "az2"])
def test_a_node_in_a_maintenance_of_others_stays_in_it(whose: str) -> None:
    cluster = Operated(node("w1"), node("w2"))
    cluster.others("w2", whose)
    begun = call(cluster, "begin")
    assert (begun.failed, cluster.writes) == (False, ["drain w1"])
    assert "w2 is in maintenance by others (NodeMaintenance theirs)" in begun.warnings[0]
    ended = call(cluster, "end")
    assert (ended.failed, cluster.writes) == (False, ["drain w1", "return w1"])
    assert "w2 is cordoned, and not by this maintenance" in ended.warnings[0]
    assert "theirs" in cluster.kept


@pytest.mark.usefixtures("no_time")
def test_without_the_operator_or_the_right() -> None:
    cluster = Operated(node("w1"), node("w2"))
    cluster.error = ApiError("404 page not found. This cluster does not know the kind of it", status=404)
    assert rules(call(cluster, "begin")) == ["no_node_maintenance"]
    assert not call(cluster, "end").warnings
    cluster.error = ApiError("403 may not list", status=403)
    ended = call(cluster, "end")
    assert (ended.failed, "unknown whether worker nodes are in maintenance" in ended.warnings[0]) == (False, True)
    with pytest.raises(ApiError):
        call(cluster, "begin")
    cluster.error = ApiError("503 not now", status=503)
    with pytest.raises(ApiError):
        call(cluster, "end")


@pytest.mark.usefixtures("fast_time")
def test_pods_that_stay_are_named_no_further_node_is_drained_and_the_next_run_waits_again() -> None:
    cluster = Operated(node("w1"), node("w2"))
    cluster.stuck = {"w1": ["rabbitmq-0", "galera-1"]}
    failed = call(cluster, "begin")
    assert "pods rabbitmq-0, galera-1 are left; cannot evict" in failed.errors[0]
    assert cluster.writes == ["drain w1"]
    cluster.deadline = Deadline(3600)
    check = call(cluster, "begin", check=True)
    assert [change.text for change in check.plan] == ["wait until worker node w1 is drained", "drain worker node w2"]
    cluster.stuck.clear()
    cluster.deadline = Deadline(36000)
    assert call(cluster, "begin").errors == []
    assert cluster.writes == ["drain w1", "drain w2"]


def of_pod(name: str, namespace: str = "openstack", **labels: str) -> Body:
    return {"metadata": {"name": name, "namespace": namespace, "labels": labels}}


def of_budget(name: str, allowed: int, **selector: Any) -> Body:
    metadata = {"name": name, "namespace": "openstack"}
    return {"metadata": metadata, "spec": {"selector": selector}, "status": {"disruptionsAllowed": allowed}}


@pytest.mark.usefixtures("fast_time")
def test_a_budget_that_permits_no_eviction_is_named_and_not_waited_for_until_the_deadline() -> None:
    cluster = Operated(node("w1"), node("w2"))
    cluster.deadline = Deadline(10**6)
    cluster.stuck = {"w1": ["galera-1"]}
    cluster.pods = [of_pod("galera-1", app="galera"), of_pod("web-0", app="web"), of_pod("galera-9", "other")]
    cluster.budgets = [
        of_budget("galera", 0, matchLabels={"app": "galera"}),
        of_budget("web", 1, matchLabels={"app": "web"}),
        of_budget("none", 0, matchExpressions=[{"key": "app", "operator": "NotIn", "values": ["galera", "web"]}]),
    ]
    failed = call(cluster, "begin", node_seconds=600)
    assert (
        "Not evicted: pod openstack/galera-1 by PodDisruptionBudget galera. Give that workload more" in failed.errors[0]
    )
    assert cluster.deadline.remaining() > 10**5
    cluster.unlisted = ApiError("403 may not list pods", status=403)
    failed = call(cluster, "begin", node_seconds=600)
    assert "pods galera-1 are left" in failed.errors[0]
    assert "their budgets could not be listed (403 may not list pods)" in failed.errors[0]


@pytest.mark.usefixtures("fast_time")
def test_a_node_that_does_not_come_back_keeps_no_other() -> None:
    cluster = Operated(node("w1"), node("w2"))
    cluster.deadline = Deadline(10**6)
    assert not call(cluster, "begin").failed
    cluster.silent = {"w1"}
    cluster.deadline = Deadline(10**6)
    ended = call(cluster, "end")
    assert "is cordoned" in ended.errors[0]
    assert cluster.writes[2:] == ["return w1", "return w2"]


@pytest.mark.usefixtures("no_time")
def test_a_lost_answer_is_no_loss_to_the_next_run() -> None:
    cluster = Operated(node("w1"), node("w2"))
    cluster.lost = True
    call(cluster, "begin")
    cluster.lost = False
    assert call(cluster, "begin").errors == []
    assert (sorted(cluster.kept), cluster.writes) == (["zoneops-w1", "zoneops-w2"], ["drain w1", "drain w2"])
