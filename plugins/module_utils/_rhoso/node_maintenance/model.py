# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Worker nodes and their maintenance as the cluster has them. Data only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..._kubernetes.selectors import selects
from ..names import FOR_ZONE

API_VERSION, KIND = "nodemaintenance.medik8s.io/v1beta1", "NodeMaintenance"
#: What its operator says of a node that is drained.
DRAINED = "Succeeded"
SHOWN = 3


@dataclass(frozen=True)
class Maintenance:
    """One NodeMaintenance.

    :ivar zone: for whose maintenance it was created; empty for one of others.
    :ivar missing: what is left to do on the node, and why; empty where it is drained.
    """

    name: str
    uid: str
    node: str
    zone: str = ""
    missing: str = ""


@dataclass(frozen=True)
class Node:
    name: str
    zone_label: str
    roles: frozenset[str]
    schedulable: bool = True
    ready: bool = True

    @property
    def lacks(self) -> str:
        """Why it runs no new pods; empty where it does."""
        return "" if self.schedulable and self.ready else "is cordoned" if self.ready else "is not Ready"


@dataclass(frozen=True)
class Observed:
    """The cluster.

    :ivar nodes: by name.
    :ivar maintenances: by the name of their node.
    :ivar unknown: why these could not be listed; empty where they were.
    :ivar absent: whether the cluster does not know the kind.
    """

    nodes: Mapping[str, Node]
    maintenances: Mapping[str, Maintenance]
    unknown: str = ""
    absent: bool = False

    def with_node(self, node: Node, maintenance: Maintenance | None) -> Observed:
        rest = {name: one for name, one in self.maintenances.items() if name != node.name}
        more = {node.name: maintenance} if maintenance else {}
        return replace(self, nodes={**self.nodes, node.name: node}, maintenances={**rest, **more})


def maintenance_of(body: Mapping[str, Any]) -> Maintenance:
    """Of an object as the API answers it."""
    metadata, status = body["metadata"], body.get("status") or {}
    zone = (metadata.get("annotations") or {}).get(FOR_ZONE) or ""
    return Maintenance(metadata["name"], metadata["uid"], body["spec"]["nodeName"], zone, _missing(status))


@dataclass(frozen=True)
class Budget:
    """A PodDisruptionBudget.

    :ivar allowed: how many of its pods may be evicted now.
    """

    name: str
    namespace: str
    labels: Mapping[str, Any]
    allowed: int

    def holds(self, pod: Mapping[str, Any]) -> bool:
        """Whether it keeps this pod from being evicted now."""
        metadata = pod["metadata"]
        mine = metadata["namespace"] == self.namespace and selects(self.labels, metadata.get("labels") or {})
        return mine and self.allowed < 1


def budget_of(body: Mapping[str, Any]) -> Budget:
    """Of an object as the API answers it."""
    metadata, status = body["metadata"], body.get("status") or {}
    selector = (body.get("spec") or {}).get("selector") or {}
    return Budget(metadata["name"], metadata["namespace"], selector, int(status.get("disruptionsAllowed") or 0))


def held(pods: Iterable[Mapping[str, Any]], budgets: Sequence[Budget]) -> list[str]:
    """The pods that their budgets do not let go, each with the budget."""
    return [
        f"pod {pod['metadata']['namespace']}/{pod['metadata']['name']} by PodDisruptionBudget {budget.name}"
        for pod in pods
        for budget in budgets
        if budget.holds(pod)
    ]


def _missing(status: Mapping[str, Any]) -> str:
    if status.get("phase") == DRAINED:
        return ""
    pods = [str(one) for one in status.get("pendingPods") or ()]
    shown = ", ".join(pods[:SHOWN]) + (f" and {len(pods) - SHOWN} more" if len(pods) > SHOWN else "")
    error = status.get("lastError")
    parts = (f"pods {shown} are left" if pods else "", str(error) if error else "")
    return "; ".join(part for part in parts if part) or "its operator has not drained it yet"
