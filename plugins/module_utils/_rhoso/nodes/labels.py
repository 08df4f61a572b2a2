# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone label of the nodes, and what is wrong with the nodes of a zone. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..._kubernetes.objects import Applied, zone_manager
from ..._plan.change import Note, Refusal
from ..._plan.text.near import nearest
from ..._zones.overrides import FEW
from ..._zones.schema.kubernetes import ZoneKubernetes
from ..._zones.schema.zone_map import ZoneMap
from ..names import ZONE_LABEL, kubernetes_zones

ROLE_LABEL = "node-role.kubernetes.io/"
MASTER_ROLES = ("control-plane", "master")
# One member of etcd in each zone; two workers, so that losing one does not lose the zone's services.
LEAST = {"master": 1, "worker": 2}

Nodes = Mapping[str, dict[str, Any]]


def node_labels(zone_map: ZoneMap, only: Sequence[str]) -> list[Applied]:
    """The label of every node that the map names, and nothing else of it."""
    return [
        Applied(
            zone_manager(kubernetes.name),
            _node(node, kubernetes.node_label),
            (name,),
            may_create=False,
            step=f"nodes of {name}",
        )
        for name, (_zone, kubernetes) in kubernetes_zones(zone_map).items()
        if name in only
        for node in (*kubernetes.masters, *kubernetes.workers)
    ]


def _node(name: str, label: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": {ZONE_LABEL: label}}}


def zone_of(node: Mapping[str, Any]) -> str:
    """The value of the node's zone label, empty where it has none."""
    return str((node["metadata"].get("labels") or {}).get(ZONE_LABEL) or "")


def roles_of(node: Mapping[str, Any]) -> frozenset[str]:
    """What the node is for. One without a role runs pods, and so does a master that is called a worker too."""
    labels = node["metadata"].get("labels") or {}
    named = {label.removeprefix(ROLE_LABEL) for label in labels if label.startswith(ROLE_LABEL)}
    master = bool(named & set(MASTER_ROLES))
    worker = "worker" in named or not master
    return frozenset([*(["master"] if master else []), *(["worker"] if worker else [])])


@dataclass(frozen=True)
class NodeRules:
    """What blocks labelling, and what is worth knowing.

    :param allow: `few_nodes` lets a zone have fewer nodes than it needs to outlive the loss of one.
    """

    zone_map: ZoneMap
    allow: frozenset[str]

    def findings(self, zone: str, nodes: Nodes) -> Iterator[Refusal | Note]:
        """Of one zone that has a Kubernetes side."""
        kubernetes = kubernetes_zones(self.zone_map)[zone][1]
        named = (*kubernetes.masters, *kubernetes.workers)
        yield from self._unknown(zone, named, nodes)
        yield from self._elsewhere(zone, kubernetes, named, nodes)
        yield from self._roles(zone, kubernetes, nodes)
        yield from self._strangers(zone, kubernetes, named, nodes)
        yield from self._few(zone, kubernetes, named, nodes)

    def _unknown(self, zone: str, named: Sequence[str], nodes: Nodes) -> Iterator[Refusal]:
        missing = [name for name in named if name not in nodes]
        if missing:
            free = [name for name in nodes if name not in named]
            listed = ", ".join(f"{name}{nearest(name, free)}" for name in missing)
            message = f"the cluster has no node named {listed}. Correct kubernetes.workers and kubernetes.masters of zone {zone}"
            yield Refusal(
                zone, "unknown_node", f"{message}, or add the node.", tuple({"node": name} for name in missing)
            )

    def _elsewhere(
        self, zone: str, kubernetes: ZoneKubernetes, named: Sequence[str], nodes: Nodes
    ) -> Iterator[Refusal]:
        """A label that is moved leaves the node's pods and volumes in a zone that they are not of: a person has to drain it."""
        others = {other.node_label: name for name, (_zone, other) in kubernetes_zones(self.zone_map).items()}
        for name in named:
            found = zone_of(nodes[name]) if name in nodes else ""
            if found in ("", kubernetes.node_label):
                continue
            whose = f"that of zone {others[found]}" if found in others else "that of no zone of the map"
            yield Refusal(
                zone,
                "node_of_another_zone",
                f"node {name} has the label {ZONE_LABEL}={found}, {whose}, and not {kubernetes.node_label}. Correct the zone map; or, if "
                f"the node has moved, drain it and remove the label (`oc label node {name} {ZONE_LABEL}-`).",
                ({"node": name, "label": found},),
            )

    def _roles(self, zone: str, kubernetes: ZoneKubernetes, nodes: Nodes) -> Iterator[Note]:
        for role, names in (("master", kubernetes.masters), ("worker", kubernetes.workers)):
            wrong = [name for name in names if name in nodes and role not in roles_of(nodes[name])]
            if wrong:
                yield Note(
                    zone, f"listed under {role}s of zone {zone}, but no {role} in the cluster: {', '.join(wrong)}"
                )

    def _strangers(self, zone: str, kubernetes: ZoneKubernetes, named: Sequence[str], nodes: Nodes) -> Iterator[Note]:
        strangers = [
            name for name, node in nodes.items() if zone_of(node) == kubernetes.node_label and name not in named
        ]
        if named and strangers:
            yield Note(
                zone,
                f"nodes with the label of zone {zone} that the map does not name: {', '.join(strangers)}. Pods of the zone run there: "
                "add them to the map, or remove the label.",
            )

    def _few(
        self, zone: str, kubernetes: ZoneKubernetes, named: Sequence[str], nodes: Nodes
    ) -> Iterator[Refusal | Note]:
        inside = [node for name, node in nodes.items() if name in named or zone_of(node) == kubernetes.node_label]
        counts = Counter(role for node in inside for role in roles_of(node))
        few = [f"{counts[role]} {role}s of at least {least}" for role, least in LEAST.items() if counts[role] < least]
        if few:
            message = f"zone {zone} has {' and '.join(few)}: it would not survive the loss of a node"
            if FEW in self.allow:
                yield Note(zone, message)
            else:
                yield Refusal(
                    zone, FEW, f"{message}. Add nodes to the zone map, or add to zoneops_allow (option allow): [{FEW}]."
                )
