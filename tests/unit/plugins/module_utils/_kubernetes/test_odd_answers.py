# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of another shape than Kubernetes documents: our own error, which names the object and the field, and never one of Python's."""

from __future__ import annotations

import copy
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply.changes import TakeOver
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply.observe import Seen, look
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply.takeover import take_over
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.client import JSON_PATCH, Cluster
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Applied, Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.deployments import Deployment
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.status.pods import Snapshot
from hypothesis import example, given, settings
from hypothesis import strategies as st

NODE = Ref("v1", "Node", "w1")
NODES = Ref("v1", "Node")
LABELLED = {"metadata": {"labels": {"zone": "az1"}}}
OURS = {"manager": "zoneops-az1", "operation": "Apply", "fieldsV1": {"f:metadata": {"f:labels": {"f:zone": {}}}}}
OTHERS = {"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:metadata": {"f:labels": {"f:zone": {}}}}}
GOOD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {
        "name": "w1",
        "uid": "u",
        "resourceVersion": "1",
        "generation": 1,
        "labels": {"zone": "az1", "topology.kubernetes.io/zone": "az1"},
        "annotations": {},
        "finalizers": [],
        "ownerReferences": [{"kind": "A", "name": "a", "uid": "u"}],
        "managedFields": [OURS, OTHERS],
    },
    "spec": {"taints": [], "unschedulable": False},
    "status": {"conditions": [{"type": "Ready", "status": "True", "reason": "r", "message": "m"}], "phase": "x"},
}
PART = Applied(
    "zoneops-az1",
    {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "w1", **LABELLED["metadata"]}},
    ("az1",),
    False,
    "x",
)


class Odd(Cluster):
    """A cluster whose every answer is this one."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.host = "https://odd"
        self.writes = []

    def _request(self, method: str, path: str, what: str, **_more: Any) -> dict[str, Any]:
        found: dict[str, Any] = copy.deepcopy(self.answer)
        return found


def listed(item: Any, kind: str = "Node") -> dict[str, Any]:
    return {"kind": f"{kind}List", "metadata": {"resourceVersion": "1"}, "items": [item]}


def looked(answer: Any) -> None:
    for seen in look(Odd(answer), [PART], force=True):
        for name in ("uid", "before", "wanted", "new", "changes", "shared"):
            getattr(seen, name)


def handed_over(answer: Any) -> None:
    live = Seen(PART, GOOD, GOOD, GOOD)
    take_over(Odd(answer), TakeOver("az1", live, ("az1",), "kubectl"))


CALLS: dict[str, Callable[[Any], Any]] = {
    "get": lambda answer: Odd(answer).get(NODE),
    "apply": lambda answer: Odd(answer).apply(NODE, {}, "zoneops-az1", dry_run=False),
    "patch": lambda answer: Odd(answer).patch(NODE, [], JSON_PATCH, "zoneops-az1"),
    "create": lambda answer: Odd(answer).create(NODES, {}, "zoneops-az1"),
    "items": lambda answer: list(Odd(listed(answer)).items(NODES)),
    "look": looked,
    "hand over": handed_over,
}
LEAVES: list[Any] = [None, True, 0, 3, 1.5, "", "x", [], {}, [None], ["x"], [{}], {"x": None}, {"x": 1}, {"f:x": []}]


def spoilt(random: Random, value: Any) -> Any:
    """The same with one place that is missing or of another type."""
    if isinstance(value, dict) and value and random.random() < 0.8:
        key = random.choice(sorted(value))
        if random.random() < 0.15:
            return {name: inner for name, inner in value.items() if name != key}
        return {**value, key: spoilt(random, value[key])}
    if isinstance(value, list) and value and random.random() < 0.8:
        place = random.randrange(len(value))
        return [spoilt(random, item) if number == place else item for number, item in enumerate(value)]
    return random.choice(LEAVES)


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_no_error_but_ours(name: str, seed: int) -> None:
    random = Random(seed)
    answer = spoilt(random, GOOD)
    for _more in range(random.randint(0, 2)):
        answer = spoilt(random, answer)
    if not isinstance(answer, dict):
        return  # refused where it is read, see test_client
    try:
        CALLS[name](answer)
    except ZoneopsError as error:
        assert "Kubernetes API: " in error.message or "Node w1" in error.message


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_no_page_of_a_list_has_another_error(seed: int) -> None:
    answer = spoilt(Random(seed), listed(GOOD))
    if not isinstance(answer, dict):
        return
    cluster = Odd(answer)
    try:
        # A list that never ends is no odd answer.
        for _item, _number in zip(cluster.items(NODES), range(3), strict=False):
            pass
    except ApiError as error:
        assert error.message.startswith("Kubernetes API: GET nodes: ")


CASES: dict[str, tuple[str, Any, str]] = {
    "Status": ("get", {"kind": "Status", "message": "not now"}, "GET Node w1: the answer is a Status: not now, not a Node"),
    "other kind": ("get", {**GOOD, "kind": "Pod"}, "GET Node w1: the answer is a Pod, not a Node"),
    "other object": ("get", {**GOOD, "metadata": {"name": "w2"}}, "GET Node w1: the answer is Node w2"),
    "no metadata": ("get", {"kind": "Node"}, r"GET Node w1: the answer has no object \.metadata"),
    "null metadata": ("get", {**GOOD, "metadata": None}, r"the answer has no object \.metadata"),
    "spec": ("get", {**GOOD, "spec": []}, r"GET Node w1: \.spec of the answer is a list, not an object"),
    "conditions": ("get", {**GOOD, "status": {"conditions": {}}}, r"\.status\.conditions of the answer is an object, not a list"),
    "condition": ("get", {**GOOD, "status": {"conditions": [None]}}, r"\.status\.conditions\[0\] of the answer is null, not an object"),
    "item": ("items", None, r"GET nodes: \.items\[0\] of the answer is null, not an object"),
    "item's labels": ("items", {"metadata": {"name": "a", "labels": []}}, r"\.items\[0\]\.metadata\.labels of the answer is a list"),
    "no uid": ("look", {**GOOD, "metadata": {"name": "w1"}}, r"GET Node w1: the answer has no \.metadata\.uid"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "answer", "message"), CASES.values(), ids=list(CASES))
def test_the_object_and_the_field_are_named(call: str, answer: Any, message: str) -> None:
    with pytest.raises(ApiError, match=message) as caught:
        CALLS[call](answer)
    assert not caught.value.uncertain


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"items": 5}, r"GET nodes: \.items of the answer is a whole number, not a list"),
        ({}, r"GET nodes: the answer has no \.items"),
        ({"kind": "Status", "items": []}, "GET nodes: the answer is a Status, not a list of Node"),
        (
            {"items": [], "metadata": {"continue": 5}},
            r"GET nodes: \.metadata\.continue of the answer is a whole number",
        ),
        ({"items": [], "metadata": []}, r"GET nodes: \.metadata of the answer is a list"),
    ],
)
def test_lists_of_another_shape(body: dict[str, Any], message: str) -> None:
    with pytest.raises(ApiError, match=message):
        list(Odd(body).items(NODES))


def test_a_list_of_nothing_is_one() -> None:
    assert list(Odd({"items": None}).items(NODES)) == []


def test_an_odd_answer_to_a_write_is_uncertain() -> None:
    with pytest.raises(ApiError, match=r"PATCH Node w1: \.spec of the answer") as caught:
        Odd({**GOOD, "spec": 5}).apply(NODE, {}, "zoneops-az1", dry_run=False)
    assert caught.value.uncertain


API = "dataplane.openstack.org/v1beta1"
DEPLOYMENT = Ref(API, "OpenStackDataPlaneDeployment")
CONDITION = {"type": "Ready", "status": "False", "reason": "Error", "message": "m", "severity": "Error"}
DEPLOYED = {
    **GOOD,
    "kind": DEPLOYMENT.kind,
    "spec": {"nodeSets": ["a"], "servicesOverride": ["b"], "ansibleLimit": "c"},
    "status": {"conditions": [CONDITION], "nodeSetConditions": {"a": [CONDITION]}, "deployed": False},
}


@pytest.mark.parametrize("kind", ["Node", "Pod", "StatefulSet", "ReplicaSet"])
@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_readers_of_nodes_and_pods(kind: str, seed: int) -> None:
    """What they stumble over names the object."""
    item = spoilt(Random(seed), {**GOOD, "kind": kind})
    try:
        Snapshot.of({kind: list(Odd(listed(item, kind)).items(Ref("v1", kind)))})
    except ApiError as error:
        assert f"Kubernetes API: GET {kind.lower()}s: " in error.message


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
@example(seed=379)  # a NodeSet without conditions
def test_readers_of_deployments(seed: int) -> None:
    try:
        for item in Odd(listed(spoilt(Random(seed), DEPLOYED), DEPLOYMENT.kind)).items(DEPLOYMENT):
            Deployment.of(item)
    except ApiError as error:
        assert "Kubernetes API: GET openstackdataplanedeployments: " in error.message
