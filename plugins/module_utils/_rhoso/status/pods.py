# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pods of a region as they are: which node, which zone, whose. Made of a few lists, read by nothing but owner references. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..names import OUT_OF_SERVICE, ZONE_LABEL
from . import pod_failures
from .readiness import name_of

MASTER_LABELS = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
#: Kinds whose pods are members of something that needs a majority.
QUORUM = ("Galera", "RabbitMq", "RabbitmqCluster", "OVNDBCluster")

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Node:
    """A node of the cluster. `label` is empty where it has none; `fenced` is one that pods are kept off since it was lost."""

    name: str
    label: str
    master: bool
    ready: bool
    fenced: bool = False

    @classmethod
    def of(cls, item: Body) -> Node:
        labels = item["metadata"].get("labels") or {}
        master = any(name in labels for name in MASTER_LABELS)
        fenced = any(taint.get("key") == OUT_OF_SERVICE for taint in (item.get("spec") or {}).get("taints") or ())
        return cls(item["metadata"]["name"], labels.get(ZONE_LABEL, ""), master, is_true(item, "Ready"), fenced)


@dataclass(frozen=True)
class Pod:
    """A pod. `node` is empty while it is not placed; `why` says what keeps it from being ready."""

    name: str
    node: str
    label: str
    ready: bool
    why: str


@dataclass(frozen=True)
class Workload:
    """A StatefulSet or a Deployment with its pods, and the object of an operator that it belongs to.

    :ivar made_as: which of the two it is.
    :ivar kind: of the object it belongs to, as `owner` is its name; where there is none, those of its own.
    :ivar owner_uid: empty where it belongs to none.
    :ivar stuck: name of the pod that its roll-out waits for in vain; empty where it does not.
    """

    name: str
    made_as: str
    kind: str
    owner: str
    owner_uid: str
    replicas: int
    pods: tuple[Pod, ...]
    stuck: str = ""

    @property
    def text(self) -> str:
        return f"{self.kind} {self.owner}"

    def by_label(self) -> dict[str, int]:
        """How many pods are placed on nodes of each label; one that ends is still there."""
        found: dict[str, int] = {}
        for pod in self.pods:
            if pod.node:
                found[pod.label] = found.get(pod.label, 0) + 1
        return found


@dataclass(frozen=True)
class Snapshot:
    """What was read, by kind."""

    nodes: Mapping[str, Node]
    workloads: tuple[Workload, ...]
    lists: Mapping[str, tuple[Body, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, lists: Mapping[str, Iterable[Body]]) -> Snapshot:
        """`lists` has the objects by kind: Node, Pod, StatefulSet, Deployment and ReplicaSet, and whatever else was read."""
        kept = {kind: tuple(items) for kind, items in lists.items()}
        nodes = {node.name: node for node in map(Node.of, kept.get("Node", ()))}
        # A Deployment has its pods by way of ReplicaSets, one for each of its versions.
        above = {item["metadata"]["uid"]: owner_of(item).get("uid") for item in kept.get("ReplicaSet", ())}
        pods: dict[str, list[Body]] = {}
        for item in kept.get("Pod", ()):
            owner = owner_of(item)
            # Pods of jobs, and those that have ended, hold no place.
            if owner.get("kind") in ("StatefulSet", "ReplicaSet") and _phase(item) not in ("Succeeded", "Failed"):
                pods.setdefault(str(above.get(owner["uid"], owner["uid"])), []).append(item)
        made = [(kind, item) for kind in ("StatefulSet", "Deployment") for item in kept.get(kind, ())]
        made.sort(key=lambda one: str(one[1]["metadata"]["name"]))
        workloads = tuple(_workload(kind, item, pods.get(item["metadata"]["uid"], []), nodes) for kind, item in made)
        return cls(nodes, workloads, kept)

    def owned_by(self, item: Body) -> list[Workload]:
        uid = item["metadata"]["uid"]
        return [workload for workload in self.workloads if workload.owner_uid == uid]


def owner_of(item: Body) -> Body:
    """The owner that controls the object, an empty one where none does."""
    owners = item["metadata"].get("ownerReferences") or ()
    return next((owner for owner in owners if owner.get("controller")), {})


def condition(item: Body, kind: str) -> Body:
    conditions = (item.get("status") or {}).get("conditions") or ()
    return next((found for found in conditions if found["type"] == kind), {})


def is_true(item: Body, kind: str) -> bool:
    return bool(condition(item, kind).get("status") == "True")


def _phase(item: Body) -> str:
    return str((item.get("status") or {}).get("phase") or "")


def _workload(made_as: str, item: Body, pods: list[Body], nodes: Mapping[str, Node]) -> Workload:
    owner = owner_of(item)
    stuck = pod_failures.stuck(item, pods) if made_as == "StatefulSet" else None
    return Workload(
        name=str(item["metadata"]["name"]),
        made_as=made_as,
        kind=str(owner.get("kind") or made_as),
        owner=str(owner.get("name") or item["metadata"]["name"]),
        owner_uid=str(owner.get("uid") or ""),
        replicas=int((item.get("spec") or {}).get("replicas", 1)),
        pods=tuple(sorted((_pod(pod, nodes) for pod in pods), key=lambda pod: pod.name)),
        stuck=name_of(stuck) if stuck else "",
    )


def _pod(item: Body, nodes: Mapping[str, Node]) -> Pod:
    name = str(item["metadata"]["name"])
    node = str((item.get("spec") or {}).get("nodeName") or "")
    label = nodes[node].label if node in nodes else ""
    leaves = bool(item["metadata"].get("deletionTimestamp"))
    ready = is_true(item, "Ready") and not leaves
    return Pod(name, node, label, ready, "" if ready else "is being deleted" if leaves else _why(item, node))


def _why(item: Body, node: str) -> str:
    """The pod's own words: the operators' conditions speak of network attachments whatever is wrong."""
    scheduled = condition(item, "PodScheduled")
    if not node:
        return str(scheduled.get("message") or "is not placed on a node")
    for status in (item.get("status") or {}).get("containerStatuses") or ():
        waiting = (status.get("state") or {}).get("waiting")
        if waiting:
            return f"{status['name']}: {waiting.get('message') or waiting.get('reason') or 'waits'}"
    ready = condition(item, "Ready")
    return str(ready.get("message") or ready.get("reason") or "is not ready")
