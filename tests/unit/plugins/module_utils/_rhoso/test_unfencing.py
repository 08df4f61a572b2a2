# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which nodes of a lost zone lose the taint that keeps pods away, and what is left of the others."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.client import JSON_PATCH, Cluster
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.node_maintenance.unfence import (
    TRIES,
    Unfencing,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map

from .test_node_maintenance import node

Body = dict[str, Any]
KEY = "node.kubernetes.io/out-of-service"
OUT: Body = {"key": KEY, "value": "nodeshutdown", "effect": "NoExecute", "timeAdded": "2026-01-31T03:12:00Z"}
OTHER: Body = {"key": "other", "effect": "NoSchedule"}
BACK: Body = {"key": "node.kubernetes.io/not-ready", "effect": "NoExecute"}


def out(name: str, zone: str = "az1", *more: Body, machine: str = "", **state: bool) -> Body:
    """A node with the taint, behind another one."""
    found = node(name, zone, **state)
    found["metadata"] |= {"uid": f"uid-{name}", "annotations": {"machine.openshift.io/machine": f"m/{machine}"}}
    found["spec"]["taints"] = [OTHER, OUT, *more]
    return found


def remediation(name: str, kind: str = "SelfNodeRemediation", **metadata: Any) -> Body:
    return {"kind": kind, "metadata": {"name": name, "namespace": "ops", **metadata}}


class Tainted:
    """A cluster.

    :ivar before: called before each patch, for what others do in between.
    """

    def __init__(self, *nodes: Body) -> None:
        self.nodes = {one["metadata"]["name"]: one for one in nodes}
        self.remediations: list[Body] = []
        self.errors: dict[str, ApiError] = {}
        self.deadline = Deadline(60)
        self.requests: list[str] = []
        self.before: Callable[[], None] = lambda: None

    def items(self, ref: Ref) -> Iterator[Body]:
        self.requests.append(ref.kind)
        if ref.kind in self.errors:
            raise self.errors[ref.kind]
        found = self.nodes.values() if ref.kind == "Node" else self.remediations
        yield from copy.deepcopy([one for one in found if one.get("kind", "Node") == ref.kind])

    def get(self, ref: Ref) -> Body | None:
        self.requests.append(f"get {ref.name}")
        return copy.deepcopy(self.nodes.get(ref.name))

    def patch(self, ref: Ref, operations: list[Body], content_type: str, manager: str) -> None:
        self.requests.append(f"patch {ref.name}")
        assert (content_type, manager) == (JSON_PATCH, "zoneops-az1")
        self.before()
        found = self.nodes[ref.name]
        taints: list[Body] = found["spec"]["taints"]
        for one in operations:
            place = one["path"].rpartition("/")[2]
            if one["op"] == "test":
                there = found["metadata"]["uid"] if place == "uid" else dict(enumerate(taints)).get(int(place))
                if there != one["value"]:
                    raise ApiError("the server rejected our request", status=422)
        for one in operations:
            if one["op"] == "remove":
                del taints[int(one["path"].rpartition("/")[2])]


def run(cluster: Tainted, *, check: bool = False, down: tuple[str, ...] = (), **kubernetes: Any) -> Verdict:
    zones: dict[str, Any] = {"az1": {"kubernetes": kubernetes}, "az2": {"kubernetes": {}}}
    found = load_map(zones, {"zones": ["az1", "az2"]}).zones["az1"].kubernetes
    assert found is not None
    reconciler = Unfencing(cast(Cluster, cluster), ("az1",), {"az1": found}, down)
    return Converge(reconciler, check=check, deadline=cluster.deadline, settle=0.1).run()["az1"]


def of(cluster: Tainted) -> dict[str, list[Body]]:
    return {name: one["spec"].get("taints", []) for name, one in cluster.nodes.items()}


def test_the_taint_goes_and_the_others_stay() -> None:
    twice = {**OUT, "effect": "NoSchedule"}
    cluster = Tainted(out("w1", "az1", twice, BACK), out("m1"), node("w2"), out("w3", "az2"))
    check = run(cluster, check=True)
    assert (check.changed, [one.text for one in check.plan]) == (
        True,
        [
            f"remove taint {KEY}=nodeshutdown:NoExecute of node m1",
            f"remove taint {KEY}=nodeshutdown:NoExecute, {KEY}=nodeshutdown:NoSchedule of node w1",
        ],
    )
    assert cluster.requests == ["Node", "SelfNodeRemediation", "FenceAgentsRemediation"]
    done = run(cluster)
    assert (done.errors, done.after) == ([], check.after)
    assert of(cluster) == {"w1": [OTHER, BACK], "m1": [OTHER], "w2": [], "w3": [OTHER, OUT]}
    cluster.requests.clear()
    assert (run(cluster).changed, cluster.requests) == (False, ["Node"])


@pytest.mark.parametrize(
    ("owner", "named"),
    [
        (remediation("w1"), "SelfNodeRemediation ops/w1"),
        (remediation("machine-1", "FenceAgentsRemediation"), "FenceAgentsRemediation ops/machine-1"),
        (
            remediation("w1-x7", annotations={"remediation.medik8s.io/node-name": "w1"}, deletionTimestamp="now"),
            "SelfNodeRemediation ops/w1-x7 (being deleted)",
        ),
    ],
)
def test_what_is_still_remediated_is_left_and_keeps_no_other_node(owner: Body, named: str) -> None:
    cluster = Tainted(out("w1", machine="machine-1"), out("w2", machine="machine-2"))
    cluster.remediations = [owner]
    done = run(cluster)
    assert [(one.rule, one.items[0]["node"]) for one in done.refusals] == [("remediated", "w1")]
    assert named in done.refusals[0].message
    assert (f"`oc -n ops delete {owner['kind'].lower()} {owner['metadata']['name']}`") in done.refusals[0].message
    assert of(cluster) == {"w1": [OTHER, OUT], "w2": [OTHER]}


def test_a_node_that_is_not_ready_keeps_it() -> None:
    cluster = Tainted(out("w1", ready=False), out("w2"))
    done = run(cluster)
    assert [one.rule for one in done.refusals] == ["node_not_ready"]
    assert "node w1 has the taint" in done.refusals[0].message
    assert of(cluster) == {"w1": [OTHER, OUT], "w2": [OTHER]}


def test_a_zone_that_is_down_by_its_file() -> None:
    cluster = Tainted(out("w1"), node("w2"))
    refused = run(cluster, down=("az1",))
    assert [one.rule for one in refused.refusals] == ["zone_state"]
    assert "nodes w1 keep the taint" in refused.refusals[0].message
    assert of(cluster)["w1"] == [OTHER, OUT]
    assert not run(Tainted(node("w2")), down=("az1",)).failed


def test_remediations_that_may_not_be_listed_could_be_there() -> None:
    cluster = Tainted(out("w1"))
    cluster.errors["SelfNodeRemediation"] = ApiError("no such kind", status=404)
    cluster.errors["FenceAgentsRemediation"] = ApiError("forbidden", status=403)
    refused = run(cluster)
    assert [one.rule for one in refused.refusals] == ["remediated"]
    assert "could not list FenceAgentsRemediation" in refused.refusals[0].message
    cluster.errors["FenceAgentsRemediation"] = ApiError("not now", status=503)
    with pytest.raises(ApiError):
        run(cluster)


def test_nodes_of_the_map_and_what_is_said_of_them() -> None:
    cluster = Tainted(out("w1", ""), out("w2", "az2"), node("w4", cordoned=True))
    done = run(cluster, workers=["w1", "w2", "w3"])
    assert of(cluster)["w1"] == [OTHER]
    assert of(cluster)["w2"] == [OTHER, OUT]
    said = " ".join(done.warnings)
    for text in ("no node named w3", "node w2 has the label of another zone (az2)", "`oc adm uncordon w4`"):
        assert text in said


def test_taints_that_others_change_in_between_are_not_lost() -> None:
    cluster = Tainted(out("w1", "az1", BACK))

    def change() -> None:
        """Kubernetes takes its own off once."""
        cluster.nodes["w1"]["spec"]["taints"] = [OUT, OTHER]
        cluster.before = lambda: None

    cluster.before = change
    assert run(cluster).errors == []
    assert of(cluster) == {"w1": [OTHER]}


def test_a_node_that_falls_silent_again_or_changes_all_the_time_keeps_it() -> None:
    cluster = Tainted(out("w1"))
    turns: list[int] = []

    def turn() -> None:
        turns.append(1)
        cluster.nodes["w1"]["spec"]["taints"].insert(0, {"key": f"k{len(turns)}", "effect": "NoSchedule"})

    cluster.before = turn
    failed = run(cluster)
    assert "rejected" in failed.errors[0]
    assert len(turns) == TRIES

    cluster = Tainted(out("w1"))

    def silent() -> None:
        cluster.nodes["w1"]["spec"]["taints"] = [OUT]
        cluster.nodes["w1"]["status"]["conditions"][0]["status"] = "Unknown"

    cluster.before = silent
    failed = run(cluster)
    assert "is not Ready any more" in failed.errors[0]
    assert of(cluster) == {"w1": [OUT]}

    cluster = Tainted(out("w1"))
    gone = cluster.get
    cluster.get = lambda ref: gone(Ref("v1", "Node", "none"))  # type: ignore[method-assign]
    assert "was deleted by others" in run(cluster).errors[0]
