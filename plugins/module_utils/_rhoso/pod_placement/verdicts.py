# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether every pod sits where it belongs, zone by zone. Pure.

What is wrong is a refusal, which fails the zone; in a zone that is known to be down or in maintenance it is a note.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ..._plan.change import Note, Refusal
from ..._plan.verdict import Verdict
from ..._zones.schema.kubernetes import ZoneKubernetes
from ..._zones.schema.zone_map import Zone, ZoneMap
from ..status.pod_failures import advice
from ..status.pods import QUORUM, Node, Pod, Snapshot, Workload
from .quorum import Group, groups, weak
from .zone_endpoint import describe, wrong_endpoint, wrong_users
from .zone_services import Pinned, pinned

Found = Iterator[tuple[str, str]]
#: Without it a zone is not back: what comes by itself once its nodes run, and what somebody has to see to. Where pods are placed is another matter.
COMES, STAYS = ("not_ready", "no_pods", "stuck_rollout"), ("no_nodes", "missing_service")


class Placement:
    """The region's pods beside its map."""

    def __init__(self, zone_map: ZoneMap, found: Snapshot) -> None:
        self.zone_map = zone_map
        self.found = found
        self.zones = {name: zone for name, zone in zone_map.zones.items() if zone.kubernetes}
        self.groups: list[Group] = groups(self.zones.values(), found)
        self.labels = {zone.kubernetes.node_label: name for name, zone in self.zones.items() if zone.kubernetes}
        self.lost = [name for name, zone in self.zones.items() if zone.zone_state == "down"]
        self.away = [name for name, zone in self.zones.items() if zone.away or self._dark(zone)]
        self._pinned = {name: list(pinned(zone_map, zone, found)) for name, zone in self.zones.items()}
        mine = {item.item["metadata"]["uid"] for items in self._pinned.values() for item in items if item.item}
        self.spread = [item for item in found.workloads if item.owner_uid and item.owner_uid not in mine]

    def verdicts(self, only: Collection[str]) -> dict[str, Verdict]:
        """One for each zone that has a Kubernetes side; others have nothing here."""
        return {name: self._verdict(zone) for name, zone in self.zones.items() if name in only}

    def _verdict(self, zone: Zone) -> Verdict:
        wrong = list(dict.fromkeys(self._wrong(zone)))
        lost = zone.away
        notes = [f"{message} (expected: the zone is {zone.zone_state})" for _rule, message in wrong if lost]
        refusals = () if lost else tuple(Refusal(zone.name, rule, message) for rule, message in wrong)
        notes += [note.message for note in self._notes(zone)]
        return Verdict(refusals=refusals, warnings=tuple(notes), state=self.describe(zone))

    def _wrong(self, zone: Zone) -> Found:
        place = zone.kubernetes
        if place is None:
            return
        yield from self._nodes(zone, place)
        for item in self._pinned[zone.name]:
            yield from self._service(item, place)
        for workload in self.spread:
            yield from self._crowded(workload, place)
            if not self._explained(workload):
                yield from self._short(workload)
        if zone.image_store:
            yield from wrong_endpoint(place, self.zone_map.region, self.found)
            yield from wrong_users(zone, place, self.zone_map.region, self.found)
        if not self.lost:
            yield from (("quorum", message) for message in self._weak(zone))

    def missing(self, zone: Zone) -> list[str]:
        """What the zone still lacks after it was lost: nodes, services, pods."""
        silent = [f"node {node.name} is not ready." for node in self._here(zone) if not node.ready]
        return [*silent, *dict.fromkeys(text for rule, text in self._wrong(zone) if rule in (*COMES, *STAYS))]

    def comes(self, zone: Zone, *, fenced: bool) -> bool:
        """Whether the zone lacks something, and all of that can come by itself: pods that start, members that join.

        :param fenced: whether its nodes may be out of service still.
        """
        here = self._here(zone)
        stays = any(rule in STAYS for rule, _text in self._wrong(zone))
        if zone.zone_state == "down" or stays or any(not node.ready or (node.fenced and not fenced) for node in here):
            return False
        # Members of another zone that is lost do not join.
        alone = all(self.zones[name] is zone for name in self.away if self._dark(self.zones[name]))
        return bool(self.missing(zone) or self.short) and (alone or not self.short)

    @property
    def short(self) -> list[str]:
        """What needs a majority and lacks a member, whichever zone that belongs to."""
        counts = ((group, sum(len(names) for names in group.members.values())) for group in self.groups)
        return [f"{group.name} has {there} of {group.size} members." for group, there in counts if there < group.size]

    def _here(self, zone: Zone) -> list[Node]:
        label = zone.kubernetes.node_label if zone.kubernetes else ""
        return [node for node in self.found.nodes.values() if node.label == label]

    def _weak(self, zone: Zone) -> Iterator[str]:
        # Of two zones no majority survives the loss of the larger half.
        return weak(zone.name, self.groups) if len(self.zones) > 2 else iter(())

    def _nodes(self, zone: Zone, place: ZoneKubernetes) -> Found:
        here = self._here(zone)
        if not here:
            message = f"no node has the label topology.kubernetes.io/zone={place.node_label} of zone {zone.name}."
            yield "no_nodes", message
        elif not any(node.ready for node in here):
            yield "nodes_not_ready", f"no node of zone {zone.name} is ready: {', '.join(node.name for node in here)}."

    def _dark(self, zone: Zone) -> bool:
        """No node of the zone is ready, which is a finding of its own."""
        return not any(node.ready for node in self._here(zone))

    def _service(self, item: Pinned, place: ZoneKubernetes) -> Found:
        if item.item is None:
            yield "missing_service", f"there is no {item.text}: the control plane does not have it yet."
            return
        topology = ((item.item.get("status") or {}).get("lastAppliedTopology") or {}).get("name")
        if topology != place.topology:
            shown = topology or "none"
            yield "wrong_topology", f"{item.text} runs with the Topology {shown}, but the zone's is {place.topology}."
        workloads = self.found.owned_by(item.item)
        if not workloads:
            yield "no_pods", f"{item.text} has no StatefulSet: its operator has not created one."
        for workload in workloads:
            yield from self._pods(workload, place)

    def _pods(self, workload: Workload, place: ZoneKubernetes) -> Found:
        if len(workload.pods) < workload.replicas:
            have = f"{len(workload.pods)} of {workload.replicas} pods"
            yield "no_pods", f"{workload.text} has {have}: look at the events of {workload.made_as} {workload.name}."
        for pod in workload.pods:
            if pod.node and pod.label != place.node_label:
                there = self.labels.get(pod.label) or pod.label or "without a zone"
                message = (
                    f"pod {pod.name} is on node {pod.node} ({there}), but belongs to the nodes of {place.node_label}."
                )
                yield "wrong_zone", message
            if not pod.ready:
                yield "not_ready", f"pod {pod.name} is not ready: {pod.why}."
        if workload.stuck:
            yield "stuck_rollout", f"pod {workload.stuck} blocks the rollout: {advice(workload.name, workload.stuck)}."
        yield from self._same_host(workload, workload.pods, place)

    def _crowded(self, workload: Workload, place: ZoneKubernetes) -> Found:
        """Spread services, as far as this zone is concerned."""
        here = [pod for pod in workload.pods if pod.label == place.node_label and pod.node]
        for pod in here:
            if not pod.ready:
                yield "not_ready", f"pod {pod.name} is not ready: {pod.why}."
        if workload.kind in QUORUM and len(here) > 1 and workload.replicas <= len(self.zones):
            names = ", ".join(pod.name for pod in here)
            message = f"{workload.text} has {len(here)} of its {workload.replicas} members in this zone: {names}."
            yield "quorum_members", f"{message} Its Topology must not allow two of them in one zone."
        yield from self._same_host(workload, here, place)

    def _lacking(self, workload: Workload) -> int:
        """How many pods run nowhere and are named in no zone: never made, without a node, or not ready outside all zones."""
        return workload.replicas - sum(pod.ready or pod.label in self.labels for pod in workload.pods)

    def _explained(self, workload: Workload) -> bool:
        """Whether the zones that are away had room for what is lacking."""
        return self._lacking(workload) <= self.share(workload) * len(self.away)

    def share(self, workload: Workload) -> int:
        """How many of its pods a zone has at most where they are spread evenly."""
        return math.ceil(workload.replicas / len(self.zones))

    def _short(self, workload: Workload) -> Found:
        """A spread service with too few pods belongs to no zone, so every zone has the finding."""
        ready = sum(pod.ready for pod in workload.pods)
        nowhere = [pod for pod in workload.pods if not pod.ready and pod.label not in self.labels]
        why = "; ".join(f"pod {pod.name}: {pod.why}" for pod in nowhere)
        made = why or f"look at the events of {workload.made_as} {workload.name}"
        if workload.stuck:
            made = f"{made}; {advice(workload.name, workload.stuck)}"
        yield "few_pods", f"{workload.text} has {ready} of {workload.replicas} pods ready: {made}."

    def _same_host(self, workload: Workload, pods: Collection[Pod], place: ZoneKubernetes) -> Found:
        """Two replicas on one host, where the zone has a host without one."""
        used = [pod.node for pod in pods if pod.node]
        ready = [node for node in self.found.nodes.values() if node.label == place.node_label and node.ready]
        free = [node.name for node in ready if node.name not in used and not node.master]
        for node in sorted({name for name in used if used.count(name) > 1}):
            names = ", ".join(pod.name for pod in pods if pod.node == node)
            if free:
                yield (
                    "same_host",
                    f"{names} of {workload.text} are on one host, {node}, and {free[0]} has none of them. Delete one, and the scheduler can put it there.",
                )

    def _notes(self, zone: Zone) -> Iterator[Note]:
        if not self.found.workloads:
            space = self.zone_map.region.kubernetes.namespace
            text = f"namespace {space} has no service with pods, so none was checked: check kubernetes.namespace of the region."
            yield Note(zone.name, text)
        if self.lost and zone.name not in self.lost:
            while_lost = f"(while zone {', '.join(self.lost)} is down)"
            yield from (Note(zone.name, f"{message} {while_lost}") for message in self._weak(zone))
        for workload in self.spread:
            if self._lacking(workload) > 0 and self._explained(workload) and zone.name not in self.away:
                for _rule, message in self._short(workload):
                    yield Note(zone.name, f"{message} (while zone {', '.join(self.away)} is away)")
            counts = self._counts(workload)
            if counts and max(counts.values()) - min(counts.values()) > 1 and not counts[zone.name]:
                yield Note(zone.name, f"{workload.text} is spread {spread_text(counts)}: this zone has none of it")

    def _counts(self, workload: Workload) -> dict[str, int]:
        """Pods by zone, where there are enough for each zone to have one."""
        by_label = workload.by_label()
        counts = {name: by_label.get(label, 0) for label, name in self.labels.items()}
        return counts if sum(counts.values()) >= len(counts) > 1 else {}

    def describe(self, zone: Zone) -> dict[str, Any]:
        place = zone.kubernetes
        if place is None:
            return {}
        rows: list[dict[str, Any]] = []
        for item in self._pinned[zone.name]:
            for workload in self.found.owned_by(item.item) if item.item else ():
                rows += [_row(workload, pod, "zone") for pod in workload.pods]
        for workload in self.spread:
            rows += [_row(workload, pod, "spread") for pod in workload.pods if pod.label == place.node_label]
        endpoint = {"endpoint": describe(place, self.zone_map.region, self.found)} if zone.image_store else {}
        survives = {group.name: group.survives(zone.name) for group in self.groups}
        return {
            "nodes": {node.name: node.ready for node in self._here(zone)},
            "pods": rows,
            "missing": self.missing(zone),
            **endpoint,
            "survives_loss": all(survives.values()) if survives else None,
        }

    def region(self) -> dict[str, Any]:
        """What belongs to no zone: majorities, spreads, and pods that are nowhere."""
        uneven, waiting = [], []
        for workload in self.spread:
            counts = self._counts(workload)
            if counts and max(counts.values()) - min(counts.values()) > 1:
                uneven.append(f"{workload.text}: {spread_text(counts)}")
            waiting += [f"pod {pod.name} is not scheduled: {pod.why}" for pod in workload.pods if not pod.node]
        return {
            "quorum": {group.name: group.as_dict(self.zones) for group in self.groups},
            "spread": {workload.name: self._by_zone(workload) for workload in self.spread},
            "uneven": uneven,
            "waiting": waiting,
        }

    def _by_zone(self, workload: Workload) -> Mapping[str, int]:
        return {self.labels.get(label, label or "none"): count for label, count in workload.by_label().items()}


def _row(workload: Workload, pod: Pod, why: str) -> dict[str, Any]:
    return {"pod": pod.name, "node": pod.node, "ready": pod.ready, "service": workload.text, "placed_by": why}


def spread_text(counts: Mapping[str, int]) -> str:
    """How many pods each zone has, for example "2-1-0 (az0: 2, az1: 1, az2: 0)"."""
    numbers = "-".join(str(count) for count in sorted(counts.values(), reverse=True))
    return f"{numbers} ({', '.join(f'{name}: {count}' for name, count in counts.items())})"
