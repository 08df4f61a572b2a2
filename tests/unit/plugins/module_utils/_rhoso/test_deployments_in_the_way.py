# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments that failed, that others made, that go away while they are waited for, and what comes behind a zone that failed."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.deployments import (
    Deployment,
    next_name,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.guards import Guests
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.data_plane.reconcile import DataPlane, Options
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso import planes
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.test_data_plane_reconciler import (
    FINAL,
    GROWN,
    Cluster,
    Killed,
    grown,
    run,
)

GROUP = "dataplane.openstack.org/v1beta1"
DEPLOYMENTS = Ref(GROUP, "OpenStackDataPlaneDeployment", namespace="openstack").path
FAILED_BY_HAND = "r1-compute-nodes-2"


class Deleting(Cluster):
    """That notes what is deleted, and refuses another object of the same name.

    :ivar deleted: name and uid.
    :ivar kills: the process is killed behind the next deletion.
    :ivar ends: the status that deployments of a NodeSet come to; {} deletes them instead.
    """

    def __init__(self) -> None:
        super().__init__()
        self.deleted: list[tuple[str, str]] = []
        self.kills = False
        self.ends: dict[str, dict[str, Any]] = {}

    def delete(self, ref: Ref, uid: str) -> None:
        if self.objects[ref.path]["metadata"]["uid"] != uid:
            raise ApiError("the UID in the precondition differs", status=409)
        self.deleted.append((ref.name, uid))
        del self.objects[ref.path]
        if self.kills:
            self.kills = False
            raise Killed

    def create(self, ref: Ref, body: Mapping[str, Any], manager: str) -> None:
        path = f"{ref.path}/{body['metadata']['name']}"
        if path in self.objects:
            raise ApiError(f"{body['metadata']['name']} already exists", status=409)
        before = copy.deepcopy(self.objects)
        super().create(ref, body, manager)
        for node_set in body["spec"]["nodeSets"]:
            if node_set in self.ends:
                made, self.objects = self.objects[path], before
                self.objects |= {path: {**made, "status": self.ends[node_set]}} if self.ends[node_set] else {}


def failed(*, annotated: bool) -> Deleting:
    """A new host, whose deployment failed."""
    cluster, _item = grown(FINAL, annotated=annotated)
    found = Deleting()
    found.objects = copy.deepcopy(cluster.objects)
    return found


def test_a_failed_deployment_of_an_earlier_run_is_replaced() -> None:
    cluster = failed(annotated=True)
    assert not run(cluster, hosts=3).failed
    assert cluster.deleted == [(FAILED_BY_HAND, FAILED_BY_HAND)], "by its uid: another one may have its name by now"
    assert list(cluster.deployments()) == ["r1-compute-nodes-1", "r1-compute-nodes-3", "r1-compute-nodes-4"]


@pytest.mark.parametrize("kept", [True, False], ids=["theirs", "none is left"])
@pytest.mark.parametrize("left", [None, 0], ids=["", "killed behind the removal"])
def test_a_new_host_of_a_set_of_others_whose_first_deployment_fails(kept: bool, left: int | None) -> None:
    """What was noted before it still holds: the other hosts are not to be deployed as a whole."""
    cluster = Deleting()
    assert not run(cluster).failed
    for path, item in list(cluster.objects.items()):
        item["metadata"].pop("annotations", None)
        if item["kind"] == "OpenStackDataPlaneDeployment" and not kept:
            del cluster.objects[path]
    cluster.ends = {"r1-compute-nodes": FINAL}
    assert "failed: no route" in run(cluster, hosts=3).message()
    assert "failed: no route" in run(cluster, hosts=3).message()
    cluster.ends = {}
    if left is not None:
        cluster.kills = True
        with pytest.raises(Killed):
            run(cluster, hosts=3)
    found = run(cluster, hosts=3)
    assert not found.failed, found.message()
    assert list(cluster.deployments().values())[-2:] == [([], "r1-compute-2"), (["ssh-known-hosts"], "")]
    assert run(cluster, hosts=3).plan == ()


def test_a_failed_deployment_of_somebody_else_is_removed_only_where_that_is_allowed() -> None:
    cluster = failed(annotated=False)
    assert not run(cluster, hosts=3).failed
    assert cluster.deleted == []
    # Where its NodeSet has to change.
    before = cluster.deployments()
    cluster = failed(annotated=False)
    refused = run(cluster, hosts=4)
    assert [refusal.rule for refusal in refused.refusals] == ["remove_failed_deployments"]
    assert "r1-compute-nodes-2 of others has failed (no route)" in refused.message()
    assert (cluster.deleted, before.keys() >= {FAILED_BY_HAND}) == ([], True)
    assert not run(cluster, hosts=4, allow=frozenset({"remove_failed_deployments"})).failed
    assert cluster.deleted == [(FAILED_BY_HAND, FAILED_BY_HAND)]


def test_a_deployment_that_fails_ends_the_wait_and_what_is_behind_it() -> None:
    cluster = Deleting()
    zones = {f"az{number}": planes.zone(number) for number in (1, 2)}
    whole = planes.loaded(zones)

    def both(**more: Any) -> dict[str, Verdict]:
        how = Options(only=("az1", "az2"), seconds=5.0, setup_seconds=0.1, every=0.01, **more)
        reconciler = DataPlane(cluster, whole, how, lambda _hosts: Guests({}), lambda _text: None)  # type: ignore[arg-type]
        return Converge(reconciler, check=False, deadline=cluster.deadline, settle=0).run()

    cluster.ends = {"r1-compute-nodes": FINAL}
    found = both()
    assert "deployment r1-compute-nodes-1 failed: no route." in found["az1"].message()
    assert "not begun, since zone az1 failed" in found["az2"].message()
    assert list(cluster.deployments()) == ["r1-compute-nodes-1"]
    assert not [path for path in cluster.objects if path.endswith("r2-compute-nodes")], "nothing of az2 is applied"
    cluster.ends = {"r1-compute-nodes": {}}
    assert "deployment r1-compute-nodes-2 was deleted while it ran" in both()["az1"].message()
    cluster.ends = {}
    assert not both()["az1"].failed


def test_a_name_that_a_deployment_of_another_set_has_is_not_taken() -> None:
    cluster = Deleting()
    assert not run(cluster).failed
    metadata = {"name": "r1-compute-nodes-2", "creationTimestamp": "2026-01-01T00:00:00Z", "uid": "x"}
    theirs = {"kind": "OpenStackDataPlaneDeployment", "metadata": metadata, "spec": {"nodeSets": ["others"]}}
    cluster.objects[f"{DEPLOYMENTS}/r1-compute-nodes-2"] = {**theirs, "status": {"deployed": True}}
    made = run(cluster, hosts=3)
    assert not made.failed, made.message()
    assert {"r1-compute-nodes-3", "r1-compute-nodes-4"} < set(cluster.deployments())
    assert len(cluster.deployments()) == len(GROWN) + 1


def test_of_one_second_the_higher_number_is_the_later() -> None:
    names = [f"set-{number}" for number in (9, 10, 100)]
    found = [Deployment(name, ("set",), (), (), "done", "", "2026-01-01T00:00:00Z", "", None) for name in names]
    assert sorted([found[2], found[0], found[1]], key=lambda item: item.order) == found


@pytest.mark.parametrize("name", ["7", "other-8", "set-x", "set-3"])
def test_only_names_of_the_set_are_counted(name: str) -> None:
    there = Deployment(name, ("set",), (), (), "done", "", "", "", None)
    assert next_name("set", [there]) == ("set-4" if name == "set-3" else "set-1")


@pytest.mark.parametrize("when", ["gone", "there again"])
@pytest.mark.parametrize("networkers", [0, 2])
def test_a_set_that_was_recreated_is_not_taken_for_deployed(when: str, networkers: int) -> None:
    """Its hosts may be blank, or have guests: neither nothing nor everything is to be done without a word."""
    cluster = Cluster()
    assert not run(cluster, networkers=networkers).failed
    name = "az1-networker-nodes" if networkers else "r1-compute-nodes"
    (path,) = [path for path, item in cluster.objects.items() if path.endswith(f"nodesets/{name}")]
    gone = cluster.objects.pop(path)
    if when == "there again":
        metadata = {**gone["metadata"], "creationTimestamp": "2026-01-02T00:00:00Z"}
        cluster.objects[path] = {**gone, "metadata": metadata, "status": {}}
    before = cluster.deployments()
    for check in (True, False):
        refused = run(cluster, networkers=networkers, check=check, services=("run-os",))
        assert (
            f"NodeSet {name} was recreated after its deployments, so it is unknown what is deployed on its hosts ("
            in refused.message()
        )
        assert [refusal.rule for refusal in refused.refusals] == ["full_deployment"]
        assert cluster.deployments() == before
    allowed = frozenset({"full_deployment"})
    assert not run(cluster, networkers=networkers, allow=allowed, services=("run-os",)).failed
    assert [how for made, how in cluster.deployments().items() if made not in before] == [([], "")]
    # Of one second as the stand-in makes them.
    cluster.objects[path]["metadata"].pop("creationTimestamp", None)
    assert run(cluster, networkers=networkers).plan == ()


def test_a_recreated_set_is_deployed_host_by_host_also_behind_a_kill() -> None:
    cluster = Cluster()
    assert not run(cluster).failed
    (path,) = [path for path in cluster.objects if path.endswith("nodesets/r1-compute-nodes")]
    made = {"creationTimestamp": "2026-01-02T00:00:00Z"}
    cluster.objects[path] = {**cluster.objects[path], "status": {}}
    cluster.objects[path]["metadata"] |= made
    allowed = frozenset({"full_deployment"})
    cluster.left = 0
    with pytest.raises(Killed):
        run(cluster, allow=allowed, batch=1)
    cluster.objects[f"{DEPLOYMENTS}/r1-compute-nodes-2"]["metadata"] |= {"creationTimestamp": "2026-01-02T00:00:09Z"}
    assert "was recreated" in run(cluster, check=True, batch=1, services=("run-os",)).message()
    found = run(cluster, check=True, allow=allowed, batch=1)
    assert [(change.step.services, change.step.hosts) for change in found.plan] == [((), ("r1-compute-1",))]  # type: ignore[attr-defined]


def test_a_recreated_set_that_somebody_else_has_deployed_is_theirs() -> None:
    cluster = Cluster()
    assert not run(cluster).failed
    (path,) = [path for path in cluster.objects if path.endswith("nodesets/r1-compute-nodes")]
    cluster.objects[path]["metadata"] |= {"creationTimestamp": "2026-01-02T00:00:00Z"}
    assert run(cluster).plan == ()
