# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes that were lost take pods again, in the flow of a writer: one list of nodes, and where one has the taint, those of its remediations."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..._kubernetes.client import JSON_PATCH, Body, Cluster
from ..._kubernetes.errors import ApiError
from ..._kubernetes.objects import Ref, zone_manager
from ..._plan.change import Plan
from ..._plan.converge import Reconciler
from ..._plan.errors import ZoneopsError
from ..._zones.schema.kubernetes import ZoneKubernetes
from ..fencing.observe import MEDIK8S
from .fenced import MACHINE, Fenced, Seen, Unfence, is_out_of_service, nodes_of, plan, taint_text
from .reconcile import node_of

#: Those that put the taint onto a node and remove it again.
REMEDIATIONS = (
    (f"self-node-remediation.{MEDIK8S}", "SelfNodeRemediation"),
    (f"fence-agents-remediation.{MEDIK8S}", "FenceAgentsRemediation"),
)
#: Kubernetes itself changes the taints of a node that comes back.
TRIES = 5


class Unfencing(Reconciler[Seen, Unfence]):
    """A zone with nothing to do costs one request.

    :param asked: the zones of the call.
    :param zones: those of them with a Kubernetes side.
    :param down: those that are down by their files.
    """

    def __init__(
        self, cluster: Cluster, asked: Sequence[str], zones: Mapping[str, ZoneKubernetes], down: Collection[str] = ()
    ) -> None:
        self.cluster = cluster
        self._asked = asked
        self._zones = zones
        self._down = down

    @property
    def zones(self) -> Sequence[str]:
        return self._asked

    def observe(self) -> Seen:
        seen = Seen({one.node.name: one for one in map(fenced_of, self.cluster.items(Ref("v1", "Node")))})
        mine = {name for kubernetes in self._zones.values() for name in nodes_of(kubernetes, seen)}
        if not any(seen.nodes[name].taints for name in mine):
            return seen
        found: list[Body] = []
        unread: dict[str, str] = {}
        for version, kind in REMEDIATIONS:
            try:
                found += [{**item, "kind": kind} for item in self.cluster.items(Ref(version, kind))]
            except ApiError as error:
                if error.status not in (403, 404):
                    raise
                # A kind that the cluster does not know has no objects.
                if error.status == 403:
                    unread[kind] = "the user lacks the right"
        return Seen(seen.nodes, tuple(found), unread)

    def observe_details(self, observed: Seen, plan: Plan[Unfence]) -> Seen | None:
        del observed, plan
        return None

    def plan(self, observed: Seen) -> Plan[Unfence]:
        return plan(list(self._zones.items()), observed, self._down)

    def write(self, change: Unfence) -> None:
        """Looked at once more before each try: the taint is taken off a node that is Ready, and off the node that was seen."""
        ref = Ref("v1", "Node", change.node)
        for left in reversed(range(TRIES)):
            body = self.cluster.get(ref)
            if body is None:
                raise ZoneopsError(f"node {change.node} was deleted by others during this run: run it again.")
            operations = without_taint(body)
            if not operations:
                return
            if not node_of(body).ready:
                raise ZoneopsError(f"node {change.node} is not Ready any more: it keeps the taint. Run it again.")
            try:
                self.cluster.patch(ref, operations, JSON_PATCH, zone_manager(self._zones[change.zone].name))
                return
            except ApiError as error:
                # Its taints were changed since they were read.
                if error.status not in (409, 422) or not left:
                    raise

    def simulate(self, observed: Seen, change: Unfence) -> Seen:
        return observed.without_taint(change.node)

    def describe(self, observed: Seen, zone: str) -> Mapping[str, Any]:
        kubernetes = self._zones.get(zone)
        names = nodes_of(kubernetes, observed) if kubernetes else []
        return {f"Node {name}": _shown(observed.nodes[name]) for name in names}


def fenced_of(body: Body) -> Fenced:
    """Of a node as the API answers it."""
    taints = tuple(taint_text(one) for one in _taints(body) if is_out_of_service(one))
    machine = str((body["metadata"].get("annotations") or {}).get(MACHINE) or "").rpartition("/")[2]
    return Fenced(node_of(body), taints, machine)


def without_taint(body: Body) -> list[dict[str, Any]]:
    """The JSON patch that removes the taint, whatever its effect; empty where there is none. The list is one field: each entry is tested first, so
    that one which others put there in between is not lost.
    """
    taints = _taints(body)
    places = [place for place, taint in enumerate(taints) if is_out_of_service(taint)]
    if not places:
        return []
    uid = {"op": "test", "path": "/metadata/uid", "value": body["metadata"]["uid"]}
    tests = [{"op": "test", "path": f"/spec/taints/{place}", "value": dict(taints[place])} for place in places]
    return [uid, *tests, *({"op": "remove", "path": f"/spec/taints/{place}"} for place in reversed(places))]


def _taints(body: Body) -> Sequence[Mapping[str, Any]]:
    return (body.get("spec") or {}).get("taints") or ()


def _shown(one: Fenced) -> dict[str, Any]:
    return {"schedulable": one.node.schedulable, "ready": one.node.ready, "out_of_service": bool(one.taints)}
