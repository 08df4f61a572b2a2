# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spread services with their pods, as the cluster has them. Data only."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..._plan.text.listing import first
from ..._zones.schema.zone_map import ZoneMap
from ..names import OUT_OF_SERVICE, ZONE_LABEL
from ..node_maintenance.model import Budget, budget_of
from ..pod_placement.verdicts import Placement
from ..status.node_rules import Body, labels_of
from ..status.pods import QUORUM, Snapshot, Workload
from .scheduling import is_going, takes

SHOWN = 5


@dataclass(frozen=True)
class Service:
    """A StatefulSet or a Deployment that belongs to no zone.

    :ivar key: which of the two it is, and its name.
    :ivar majority: how many of its pods have to be there at least.
    :ivar rolling: whether its pods are being replaced by those of another revision.
    :ivar excused: how many of its pods may be on no node because zones are away.
    """

    text: str
    key: tuple[str, str]
    replicas: int
    majority: int
    rolling: bool
    pods: tuple[Body, ...]
    excused: int = 0

    @property
    def homeless(self) -> bool:
        """Whether pods are on no node that should be: where they start decides whether it is spread evenly."""
        placed = [pod for pod in self.pods if (pod.get("spec") or {}).get("nodeName") and not is_going(pod)]
        return self.replicas - len(placed) > self.excused

    @property
    def uids(self) -> frozenset[str]:
        return frozenset(pod["metadata"]["uid"] for pod in self.pods)


@dataclass(frozen=True)
class Observed:
    """The cluster.

    :ivar zones: inventory names by the nodes' zone label.
    :ivar pods: all of the namespace.
    :ivar lacking: what is missing: members of majorities, and pods of spread services.
    :ivar budgets: None where they were not listed.
    :ivar bound: by claim, the terms by which the nodes of its volume are chosen.
    """

    zones: Mapping[str, str]
    nodes: Mapping[str, Body]
    pods: tuple[Body, ...]
    services: tuple[Service, ...]
    lacking: tuple[str, ...] = ()
    budgets: tuple[Budget, ...] | None = None
    bound: Mapping[str, Sequence[Body]] = field(default_factory=dict)

    @property
    def lacks(self) -> str:
        """What is missing, in one line; empty where nothing is."""
        return first(SHOWN, (text.rstrip(".") for text in self.lacking), of=len(self.lacking), separator="; ")

    def zone_of(self, pod: Body) -> str:
        """Inventory name; empty where it is on no node, or on one outside all zones."""
        node = self.nodes.get((pod.get("spec") or {}).get("nodeName") or "")
        return self.zones.get(labels_of(node).get(ZONE_LABEL, ""), "") if node else ""

    def counts(self, service: Service) -> dict[str, int]:
        """Pods by zone, where there are enough for each zone to have one."""
        places = [self.zone_of(pod) for pod in service.pods if not is_going(pod)]
        counts = {zone: places.count(zone) for zone in self.zones.values()}
        return counts if sum(counts.values()) >= len(counts) > 1 else {}

    @property
    def unsettled(self) -> list[Service]:
        """Services of which nobody can say yet whether they are spread evenly: a pod that was evicted has not started again."""
        return [one for one in self.services if one.replicas >= len(self.zones) > 1 and one.homeless]

    def find(self, key: tuple[str, str]) -> Service | None:
        return next((service for service in self.services if service.key == key), None)

    def volumes(self, pod: Body) -> list[Sequence[Body]]:
        return [self.bound[claim] for claim in claims(pod) if claim in self.bound]

    def moved(self, key: tuple[str, str], uid: str, zone: str) -> Observed:
        """As it is once the pod that replaces one of a service is ready in the zone."""
        here = [node for node in self.nodes.values() if self.zones.get(labels_of(node).get(ZONE_LABEL, "")) == zone]

        def after(pod: Body) -> Body:
            if pod["metadata"]["uid"] != uid:
                return pod
            node = next((node["metadata"]["name"] for node in here if takes(pod, node)), "")
            return {**pod, "metadata": {**pod["metadata"], "uid": ""}, "spec": {**pod["spec"], "nodeName": node}}

        services = tuple(
            replace(one, pods=tuple(map(after, one.pods))) if one.key == key else one for one in self.services
        )
        return replace(self, pods=tuple(map(after, self.pods)), services=services)


def claims(pod: Body) -> list[str]:
    """The names of its PersistentVolumeClaims."""
    found = ((volume.get("persistentVolumeClaim") or {}) for volume in (pod.get("spec") or {}).get("volumes") or ())
    return [str(claim["claimName"]) for claim in found if claim]


def budget_when_whole(body: Body) -> Budget:
    """What a PodDisruptionBudget permits once all its pods are ready: until then it counts those that are missing."""
    budget, status = budget_of(body), body.get("status") or {}
    spare = int(status.get("expectedPods") or 0) - int(status.get("desiredHealthy") or 0)
    return replace(budget, allowed=max(budget.allowed, spare))


def observed_of(
    zone_map: ZoneMap, found: Snapshot, asked: Collection[str] = (), freed: Collection[str] = ()
) -> Observed:
    """Of the lists by which placement is judged.

    :param asked: zones that are no longer away, whatever their files say.
    :param freed: nodes that are taken for nodes which are no longer out of service.
    """
    placement = Placement(zone_map, found)
    pods = found.lists.get("Pod", ())
    by_name = {pod["metadata"]["name"]: pod for pod in pods}
    away = len(set(placement.away) - set(asked))
    services = [_service(workload, found, by_name, placement.share(workload) * away) for workload in placement.spread]
    lacking = [text for workload in placement.spread for text in _lacking(workload)]
    by_node = {node["metadata"]["name"]: node for node in found.lists.get("Node", ())}
    nodes = {name: _in_service(node) if name in freed else node for name, node in by_node.items()}
    return Observed(placement.labels, nodes, pods, tuple(services), (*placement.short, *lacking))


def _in_service(node: Body) -> Body:
    spec = node.get("spec") or {}
    kept = [taint for taint in spec.get("taints") or () if taint.get("key") != OUT_OF_SERVICE]
    return {**node, "spec": {**spec, "taints": kept}}


def _service(workload: Workload, found: Snapshot, pods: Mapping[str, Body], excused: int) -> Service:
    items = found.lists.get(workload.made_as, ())
    item = next(one for one in items if one["metadata"]["name"] == workload.name)
    majority = workload.replicas // 2 + 1 if workload.kind in QUORUM else 1
    mine = tuple(pods[pod.name] for pod in workload.pods)
    return Service(
        workload.text,
        (workload.made_as, workload.name),
        workload.replicas,
        majority,
        _is_rolling(item, workload),
        mine,
        excused,
    )


def _is_rolling(item: Body, workload: Workload) -> bool:
    status = item.get("status") or {}
    if status.get("observedGeneration") != item["metadata"].get("generation"):
        return True
    if workload.made_as == "StatefulSet":
        return bool(status.get("updateRevision") != status.get("currentRevision"))
    return int(status.get("updatedReplicas") or 0) < workload.replicas


def _lacking(workload: Workload) -> Iterator[str]:
    """Also a pod that ends has to be gone, so that one is replaced at a time."""
    ready = sum(pod.ready for pod in workload.pods)
    if ready < workload.replicas or ready < len(workload.pods):
        why = "; ".join(f"pod {pod.name}: {pod.why}" for pod in workload.pods if not pod.ready)
        yield f"{workload.text} has {ready} of {workload.replicas} pods ready{f' ({why})' if why else ''}."
