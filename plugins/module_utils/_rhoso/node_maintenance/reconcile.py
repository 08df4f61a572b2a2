# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maintenance of worker nodes in the flow of a writer: two lists, one object for each node, and the wait for its operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..._kubernetes.client import Body, Cluster
from ..._kubernetes.errors import ApiError
from ..._kubernetes.objects import Ref, zone_manager
from ..._kubernetes.wait import Wait
from ..._plan.change import Plan
from ..._plan.converge import Reconciler
from ..._plan.errors import ZoneopsError
from ..._plan.text.listing import first
from ..._zones.schema.kubernetes import ZoneKubernetes
from ..nodes.labels import roles_of, zone_of
from .changes import Drain, NodeChange, Return
from .model import API_VERSION, KIND, SHOWN, Maintenance, Node, Observed, budget_of, held, maintenance_of
from .plan import plan, workers

#: How long a node may take to come back, before the next one is tried.
BACK_SECONDS = 600.0


class NodeMaintenances(Reconciler[Observed, NodeChange]):
    """A zone with nothing to do costs two requests.

    :param asked: the zones of the call.
    :param zones: those of them with a Kubernetes side.
    :param node_seconds: how long one node may take to be drained.
    """

    def __init__(
        self,
        cluster: Cluster,
        asked: Sequence[str],
        zones: Mapping[str, ZoneKubernetes],
        reason: str,
        *,
        begins: bool,
        node_seconds: float,
    ) -> None:
        self.cluster = cluster
        self._node_seconds = node_seconds
        self.begins = begins
        self._asked = asked
        self._zones = zones
        self._reason = reason
        # Whether the nodes are of interest: also once the last of them is back.
        self._has_any = begins

    @property
    def zones(self) -> Sequence[str]:
        return self._asked

    def observe(self) -> Observed:
        unknown, absent = "", False
        found: dict[str, Maintenance] = {}
        try:
            found = {one.node: one for one in map(maintenance_of, self.cluster.items(Ref(API_VERSION, KIND)))}
        except ApiError as error:
            absent = error.status == 404 and "does not know the kind" in error.message
            # Who may not list them has none to bring back.
            if not absent and (self.begins or error.status != 403):
                raise
            unknown = "" if absent else error.message
        self._has_any = self._has_any or bool(found)
        if not self._has_any:
            return Observed({}, {}, unknown, absent)
        nodes = (node_of(one) for one in self.cluster.items(Ref("v1", "Node")))
        return Observed({node.name: node for node in nodes}, found, unknown, absent)

    def observe_details(self, observed: Observed, plan: Plan[NodeChange]) -> Observed | None:
        del observed, plan
        return None

    def plan(self, observed: Observed) -> Plan[NodeChange]:
        return plan(list(self._zones.items()), observed, self._reason, begins=self.begins)

    def write(self, change: NodeChange) -> None:
        if isinstance(change, Return):
            self._bring_back(change)
            return
        if isinstance(change, Drain):
            self.cluster.create(Ref(API_VERSION, KIND), change.body, zone_manager(self._zones[change.zone].name))
        assumed = change.maintenance_after
        if assumed is not None:
            self._drained(change, assumed.name)

    def simulate(self, observed: Observed, change: NodeChange) -> Observed:
        return observed.with_node(change.node_after, change.maintenance_after)

    def describe(self, observed: Observed, zone: str) -> Mapping[str, Any]:
        kubernetes = self._zones.get(zone)
        mine = {name for name, one in observed.maintenances.items() if one.zone == zone}
        names = sorted({*workers(kubernetes, observed), *mine}) if kubernetes else []
        return {f"Node {name}": _shown(observed, name) for name in names if name in observed.nodes}

    def _drained(self, change: NodeChange, name: str) -> None:
        """Not until the run's deadline: a budget that permits nothing now may never permit it."""
        try:
            self._wait(change, lambda: self._left_on(name), self._node_seconds)
        except ZoneopsError as error:
            found = self._held(change.node.name)
            if not found:
                raise
            shown = first(SHOWN, found, of=len(found), separator="; ")
            raise ZoneopsError(
                f"{error.message.rstrip('. ')}. Not evicted: {shown}. Give that workload more replicas or another budget, or delete the pod."
            ) from error

    def _held(self, node: str) -> list[str]:
        """Why pods are still there. That it is unknown to a user who may not list them hides no cause."""
        try:
            pods = list(self.cluster.items(Ref("v1", "Pod"), fields=f"spec.nodeName={node}"))
            budgets = [budget_of(one) for one in self.cluster.items(Ref("policy/v1", "PodDisruptionBudget"))]
        except ApiError as error:
            return [f"unknown, because pods and their budgets could not be listed ({error.message.rstrip('. ')})"]
        return held(pods, budgets)

    def _left_on(self, name: str) -> str:
        body = self.cluster.get(Ref(API_VERSION, KIND, name))
        if body is None:
            raise ZoneopsError(
                f"{KIND} {name} was deleted by others while it was waited for. Find out by whom, then run it again."
            )
        return maintenance_of(body).missing

    def _bring_back(self, change: Return) -> None:
        ref = Ref(API_VERSION, KIND, change.maintenance.name)
        self.cluster.delete(ref, change.maintenance.uid)

        def missing() -> str:
            body = self.cluster.get(ref)
            if body is not None and body["metadata"]["uid"] == change.maintenance.uid:
                return f"{ref} is not gone yet"
            node = self.cluster.get(Ref("v1", "Node", change.node.name))
            return node_of(node).lacks if node else ""

        self._wait(change, missing, BACK_SECONDS)

    def _wait(self, change: NodeChange, missing: Callable[[], str], seconds: float) -> None:
        Wait(self.cluster.deadline, seconds).until(missing, f"worker node {change.node.name}")


def node_of(body: Body) -> Node:
    conditions = (body.get("status") or {}).get("conditions") or ()
    ready = any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)
    cordoned = bool((body.get("spec") or {}).get("unschedulable"))
    return Node(body["metadata"]["name"], zone_of(body), roles_of(body), not cordoned, ready)


def _shown(observed: Observed, name: str) -> dict[str, Any]:
    node, found = observed.nodes[name], observed.maintenances.get(name)
    return {"schedulable": node.schedulable, "ready": node.ready, "maintenance": found.name if found else None}
