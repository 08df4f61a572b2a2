# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many pods of one service a Topology has room for on the nodes that there are. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..status.node_rules import Body, barriers, has_affinity, labels_of

# Set while a node is ill, cordoned or in maintenance: that passes.
PASSING = ("node.kubernetes.io/", "medik8s.io/")


@dataclass(frozen=True)
class Room:
    """What a Topology has room for.

    :ivar most: pods of one service; None where nothing limits them.
    :ivar takers: the nodes that take pods.
    :ivar idle: nodes that take none, and are counted as empty all the same.
    """

    most: int | None
    takers: tuple[str, ...]
    idle: tuple[str, ...] = ()


def room(topology: Body, nodes: Iterable[Body]) -> Room:
    """The tightest of its rules.

    :param topology: `spec` of the Topology.
    """
    nodes = list(nodes)
    near = [node for node in nodes if has_affinity(topology, node)]
    takers = [node for node in near if not _keeps_away(node)]
    names = tuple(map(_name, takers))
    if not takers:
        return Room(0, names, tuple(map(_name, near)))
    found = [
        Room(int(rule.get("maxSkew", 1)) * len(_domains(rule, takers)), names, idle)
        for rule in topology.get("topologySpreadConstraints") or ()
        if rule.get("whenUnsatisfiable", "DoNotSchedule") == "DoNotSchedule"
        for idle in [tuple(_idle(rule, nodes, near, takers))]
        if idle or len(_domains(rule, takers)) < int(rule.get("minDomains") or 0)
    ]
    return min(found, key=lambda one: one.most or 0, default=Room(None, names))


def _idle(rule: Body, nodes: Sequence[Body], near: Sequence[Body], takers: Sequence[Body]) -> Iterator[str]:
    """Nodes of a value of the rule's key that no pod can come to: the other values take no more than the skew."""
    counted = nodes if rule.get("nodeAffinityPolicy") == "Ignore" else near
    filled = _domains(rule, takers)
    for node in counted:
        value = labels_of(node).get(rule["topologyKey"])
        honored = rule.get("nodeTaintsPolicy") == "Honor" and _keeps_away(node)
        if value is not None and value not in filled and not honored:
            yield _name(node)


def _domains(rule: Body, nodes: Iterable[Body]) -> set[str]:
    labels = (labels_of(node).get(rule["topologyKey"]) for node in nodes)
    return {value for value in labels if value is not None}


def _keeps_away(node: Body) -> bool:
    return any(not taint["key"].startswith(PASSING) for taint in barriers(node))


def _name(node: Body) -> str:
    return str(node["metadata"]["name"])
