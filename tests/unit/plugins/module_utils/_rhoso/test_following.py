# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Topology that changes restarts pods: who follows it, and zone by zone."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply.reconcile import Options
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane import guards
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.topologies import (
    MARK,
    TopologiesReconciler,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.wait import Waiting
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.topologies import topologies
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.status.topology_users import behind
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.overrides import FORCE
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._kubernetes.small_cluster import (
    SmallCluster,
    made,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import small

SPECS = {part.ref.name: part.body["spec"] for part in topologies(small(), ["az1", "az2"])}


def stateful_set(name: str, owner: tuple[str, str], spec: dict[str, Any], **status: int) -> dict[str, Any]:
    rules = [{**rule, "labelSelector": {"matchLabels": {"a": "b"}}} for rule in spec["topologySpreadConstraints"]]
    pod = {"topologySpreadConstraints": rules, **({"affinity": spec["affinity"]} if "affinity" in spec else {})}
    owners = [{"kind": owner[0], "name": owner[1], "uid": "1", "controller": True}]
    return {
        "metadata": {"name": name, "generation": 2, "ownerReferences": owners},
        "spec": {"replicas": 2, "template": {"spec": pod}},
        "status": {"observedGeneration": 2, "updatedReplicas": 2, "readyReplicas": 2, **status},
    }


VOLUME, API = ("CinderVolume", "cinder-volume-az1"), ("GlanceAPI", "glance-az1-edge")
USERS = ["cindervolume-cinder-volume-az1", "glanceapi-az1"]


@pytest.mark.parametrize("owner", [VOLUME, API])
@pytest.mark.parametrize(
    ("status", "said"),
    [
        ({}, ""),
        ({"observedGeneration": 1}, "is about to change"),
        ({"updatedReplicas": 1}, "1 of 2 pods restarted"),
        ({"readyReplicas": 1}, "1 of 2 pods ready"),
    ],
)
def test_pods_of_a_user_restart(owner: tuple[str, str], status: dict[str, int], said: str) -> None:
    spec = SPECS["az1-node-affinity"]
    found = list(behind(USERS, spec, [stateful_set("s", owner, spec, **status)]))
    assert [item.text for item in found] == ([f"StatefulSet s: {said}"] if said else [])


def test_a_set_that_names_no_number_of_pods_has_one() -> None:
    spec = SPECS["az1-node-affinity"]
    one = stateful_set("s", VOLUME, spec, updatedReplicas=1, readyReplicas=1)
    del one["spec"]["replicas"]
    assert not list(behind(USERS, spec, [one]))


def test_a_set_that_has_the_old_rules_is_behind() -> None:
    new = SPECS["az1-node-affinity"]
    old = copy.deepcopy(new)
    del old["topologySpreadConstraints"][0]["nodeTaintsPolicy"]
    (found,) = behind(USERS, new, [stateful_set("s", VOLUME, old)])
    assert found.text == "StatefulSet s: its operator has not processed the changed Topology yet"
    others = [("CinderVolume", "cinder-volume-az2"), ("GlanceAPI", "glance-az11-edge"), ("CinderBackup", VOLUME[1])]
    assert not list(behind(USERS, new, [stateful_set("s", other, old) for other in others]))


class Killed(BaseException):
    """The process ended behind a write."""


class Followed(SmallCluster):
    """Topologies of an earlier release, each in use by a volume service whose operator follows, but for what is stopped."""

    def __init__(self) -> None:
        old = copy.deepcopy(SPECS)
        for name in ("az1", "az2"):
            del old[f"{name}-node-affinity"]["topologySpreadConstraints"][0]["nodeTaintsPolicy"]
        bodies = [{**part.body, "spec": old[part.ref.name]} for part in topologies(small(), ["az1", "az2"])]
        super().__init__(*(made(body, owner="oc") for body in bodies))
        for name in ("az1", "az2"):
            topology = self.topology(name)
            topology["metadata"]["finalizers"] = [f"openstack.org/cindervolume-cinder-volume-{name}"]
        self.deadline = Deadline(60)
        self.stopped: set[str] = set()
        self.old = old
        self.killed = False

    def apply(self, ref: Ref, body: Mapping[str, Any], manager: str, *, dry_run: bool, force: bool = False) -> Any:
        answer = super().apply(ref, body, manager, dry_run=dry_run, force=force)
        if self.killed and not dry_run and manager == "zoneops-az1":
            raise Killed
        return answer

    def topology(self, zone: str) -> dict[str, Any]:
        (found,) = (body for body in self.objects.values() if body["metadata"]["name"] == f"{zone}-node-affinity")
        return found

    def items(self, ref: Ref, **filters: str) -> Iterator[dict[str, Any]]:
        yield from super().items(ref, **filters)
        for zone in ("az1", "az2") if ref.kind == "StatefulSet" else ():
            spec = self.old[f"{zone}-node-affinity"] if zone in self.stopped else self.topology(zone)["spec"]
            yield stateful_set(f"cinder-volume-{zone}", ("CinderVolume", f"cinder-volume-{zone}"), spec)


def run(cluster: Followed, *, wait: bool = True, maps: Any = None) -> dict[str, Verdict]:
    zone_map = maps or small()
    waiting = Waiting(cluster, guards.control_plane_ref(zone_map), 0.1, lambda _line: None, every=0.01)  # type: ignore[arg-type]
    options = Options(allow=frozenset({FORCE}), one_by_one=True)
    reconciler = TopologiesReconciler(cluster, ["az1", "az2"], zone_map, options, waiting if wait else None)  # type: ignore[arg-type]
    return Converge(reconciler, check=False, deadline=cluster.deadline, settle=0).run()


def test_zones_follow_their_topologies_one_by_one() -> None:
    cluster = Followed()
    cluster.stopped = {"az1"}
    found = run(cluster)
    assert "the Topology of zone az1: not reached after" in found["az1"].message()
    assert (
        "StatefulSet cinder-volume-az1: its operator has not processed the changed Topology yet"
        in found["az1"].message()
    )
    assert "not begun, since zone az1 failed" in found["az2"].message()
    assert "nodeTaintsPolicy" not in cluster.topology("az2")["spec"]["topologySpreadConstraints"][0]
    cluster.stopped = set()
    assert not any(verdict.failed for verdict in run(cluster).values())
    assert cluster.topology("az2")["spec"] == SPECS["az2-node-affinity"]


def test_a_run_behind_one_that_was_killed_waits_for_the_same() -> None:
    cluster = Followed()
    cluster.stopped = {"az1"}
    cluster.killed = True
    with pytest.raises(Killed):
        run(cluster)
    cluster.killed = False
    assert MARK in cluster.topology("az1")["metadata"]["annotations"]
    found = run(cluster)
    assert "its operator has not processed the changed Topology yet" in found["az1"].message()
    assert "its change restarts these pods: cindervolume-cinder-volume-az1" in str(found["az1"].warnings)
    assert "nodeTaintsPolicy" not in cluster.topology("az2")["spec"]["topologySpreadConstraints"][0]
    # Who does not wait leaves that to others.
    assert not run(cluster, wait=False)["az1"].plan
    cluster.stopped = set()
    (change,) = run(cluster)["az1"].plan
    assert "wait until the pods that use Topology az1-node-affinity restarted for its change" in change.text
    assert MARK not in str(cluster.topology("az1"))
    assert not any(verdict.plan for verdict in run(cluster).values())


def test_what_nobody_waits_for() -> None:
    cluster = Followed()
    cluster.stopped = {"az1"}
    assert not any(verdict.failed for verdict in run(cluster, wait=False).values())
    away = Followed()
    away.stopped = {"az1"}
    assert not any(verdict.failed for verdict in run(away, maps=small(("az1.zone_state", "down"))).values())
