# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster in memory, with services that are spread over its zones: what replaces an evicted pod starts where a test says."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.client import Cluster
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.pod_spread.reconcile import Spreading
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map

from .test_node_maintenance import node

Body = dict[str, Any]
ZONES = ("az1", "az2", "az3")
ZONE_LABEL = "topology.kubernetes.io/zone"


def rule(name: str, **more: Any) -> Body:
    """As the Topology of spread services has it, and the operators complete it."""
    common = {"maxSkew": 1, "topologyKey": ZONE_LABEL, "whenUnsatisfiable": "DoNotSchedule"}
    return {**common, "nodeTaintsPolicy": "Honor", "labelSelector": {"matchLabels": {"service": name}}, **more}


def condition(kind: str, *, true: bool = True, message: str = "") -> Body:
    return {"conditions": [{"type": kind, "status": str(true), "message": message}]}


class Spread:
    """A cluster with a worker in each zone, whose StatefulSets replace a pod at once.

    :ivar lands: the zone in which the next pod starts; empty for nowhere.
    :ivar error: what evictions are answered with, at most `refuses` times, and only of `refused_pods` where they are named.
    :ivar asked: every eviction that was asked for.
    :ivar late: how many looks it takes to be ready; None for never.
    :ivar before: called before each eviction, for what others do in between.
    :ivar looked: called before each look.
    """

    def __init__(self) -> None:
        self.deadline = Deadline(36000)
        self.lists: dict[str, list[Body]] = {"Node": [node(f"w-{zone}", zone) for zone in ZONES]}
        self.evicted: list[str] = []
        self.reads: list[str] = []
        self.lands = "az3"
        self.late: int | None = 1
        self.starting: dict[str, int | None] = {}
        self.error = ApiError("")
        self.refuses = 10**6
        self.refused_pods: tuple[str, ...] = ()
        self.asked: list[str] = []
        self.before: Callable[[], None] = lambda: None
        self.looked: Callable[[], None] = lambda: None

    def add(
        self, name: str, *zones: str, kind: str = "CinderAPI", rules: list[Body] | None = None, deployment: bool = False
    ) -> None:
        """A service with a pod in each of the zones, some more than once."""
        owner = {"kind": kind, "name": name, "uid": f"owner-{name}", "controller": True}
        metadata = {"name": name, "uid": f"set-{name}", "generation": 1, "ownerReferences": [owner]}
        status = {"observedGeneration": 1, "currentRevision": "a", "updateRevision": "a"}
        item: Body = {"metadata": metadata, "spec": {"replicas": len(zones)}, "status": status}
        above = "ReplicaSet" if deployment else "StatefulSet"
        uid = f"set-{name}"
        if deployment:
            item["status"] = {"observedGeneration": 1, "updatedReplicas": len(zones)}
            self.lists.setdefault("Deployment", []).append(item)
            mine = {"kind": "Deployment", "name": name, "uid": uid, "controller": True}
            uid = f"replicas-{name}"
            self.lists.setdefault("ReplicaSet", []).append({"metadata": {"uid": uid, "ownerReferences": [mine]}})
        else:
            self.lists.setdefault("StatefulSet", []).append(item)
        spread = [rule(name)] if rules is None else rules
        for number, zone in enumerate(zones):
            mine = {"kind": above, "name": name, "uid": uid, "controller": True}
            pod = {
                "metadata": {
                    "name": f"{name}-{number}",
                    "namespace": "openstack",
                    "uid": f"{name}-{number}-a",
                    "labels": {"service": name},
                    "ownerReferences": [mine],
                },
                "spec": {"nodeName": f"w-{zone}", "topologySpreadConstraints": spread},
                "status": condition("Ready"),
            }
            self.lists.setdefault("Pod", []).append(pod)

    def pod(self, name: str) -> Body:
        return next(pod for pod in self.lists["Pod"] if pod["metadata"]["name"] == name)

    def zones(self, name: str) -> list[str]:
        pods = [pod for pod in self.lists["Pod"] if pod["metadata"]["labels"]["service"] == name]
        return sorted(pod["spec"]["nodeName"].removeprefix("w-") for pod in pods)

    def unready(self, name: str, *, ready: bool = False) -> None:
        self.pod(name)["status"] = condition("Ready", true=ready, message="the image is missing")

    def items(self, ref: Ref) -> Iterator[Body]:
        self.reads.append(ref.kind)
        self.looked()
        if ref.kind == "Pod":
            for name, left in list(self.starting.items()):
                if left == 0:
                    self.unready(name, ready=True)
                    del self.starting[name]
                elif left:
                    self.starting[name] = left - 1
        yield from copy.deepcopy(self.lists.get(ref.kind, []))

    def get(self, ref: Ref) -> Body | None:
        self.reads.append(f"{ref.kind} {ref.name}")
        found = self.lists.get(ref.kind, [])
        return copy.deepcopy(next((one for one in found if one["metadata"]["name"] == ref.name), None))

    def evict(self, ref: Ref, uid: str) -> None:
        # One after the other.
        assert not self.starting
        self.before()
        pod = self.pod(ref.name)
        self.asked.append(ref.name)
        if self.error.message and self.refuses and ref.name in (self.refused_pods or (ref.name,)):
            self.refuses -= 1
            raise self.error
        if pod["metadata"]["uid"] != uid:
            raise ApiError("the UID in the precondition does not match", status=409)
        self.evicted.append(ref.name)
        pod["metadata"]["uid"] += "b"
        pod["spec"]["nodeName"] = f"w-{self.lands}" if self.lands else ""
        name = ref.name
        if pod["metadata"]["ownerReferences"][0]["kind"] == "ReplicaSet":
            name = pod["metadata"]["name"] = f"{ref.name}-b"
        self.unready(name)
        self.starting[name] = self.late


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the clock is ten seconds later."""
    clock = iter(range(0, 10**7, 10))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


def run(
    cluster: Spread, *only: str, check: bool = False, zones: dict[str, Any] | None = None, **more: Any
) -> dict[str, Verdict]:
    given = zones or {zone: {"kubernetes": {}} for zone in ZONES}
    zone_map = load_map(given, {"zones": list(given)})
    reconciler = Spreading(cast(Cluster, cluster), zone_map, only or ("az3",), 600, check=check, **more)
    if not check:
        reconciler.until_whole()
    return Converge(reconciler, check=check, deadline=cluster.deadline, settle=0.1).run()


def two_services() -> Spread:
    cluster = Spread()
    cluster.add("cinder-api", "az1", "az2", "az1")
    cluster.add("even", "az1", "az2", "az3")
    cluster.add("manila-api", "az2", "az1", "az2", kind="ManilaAPI")
    return cluster


def uneven() -> Spread:
    cluster = Spread()
    cluster.add("cinder-api", "az1", "az2", "az1")
    return cluster
