# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which worker nodes of a zone are drained for its maintenance, one after the other, and which come back. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Union

from ..._plan.change import Note, Plan, Refusal
from ..._plan.text.near import nearest
from ..._zones.schema.kubernetes import ZoneKubernetes
from .changes import Await, Drain, NodeChange, Return
from .model import KIND, Node, Observed

Finding = Union[NodeChange, Refusal, Note]  # noqa: UP007 - ansible-test's pylint does not know "|" between classes


def plan(
    zones: Sequence[tuple[str, ZoneKubernetes]], observed: Observed, reason: str, *, begins: bool
) -> Plan[NodeChange]:
    """The changes of all zones.

    :param zones: with their Kubernetes side; a single one where it begins.
    """
    findings: list[Finding] = []
    for zone, kubernetes in zones:
        findings += begin(zone, kubernetes, observed, reason) if begins else end(zone, kubernetes, observed)
    return Plan.of(
        [one for one in findings if isinstance(one, NodeChange)],
        [one for one in findings if isinstance(one, Refusal)],
        [one for one in findings if isinstance(one, Note)],
    )


def begin(zone: str, kubernetes: ZoneKubernetes, observed: Observed, reason: str) -> Iterator[Finding]:
    names = workers(kubernetes, observed)
    if observed.absent:
        yield Refusal(
            zone,
            "no_node_maintenance",
            f"worker nodes cannot be drained: the cluster does not know the kind {KIND}. Install the Node Maintenance Operator, or drain them in "
            "zoneops_work_tasks and leave zoneops_maintenance_workers out.",
        )
        return
    if not names:
        yield Note(
            zone,
            f"no worker node is drained: kubernetes.workers of zone {zone} is empty, and no worker node has its label.",
        )
    for name in names:
        yield from _begin_node(zone, name, observed, reason)


def _begin_node(zone: str, name: str, observed: Observed, reason: str) -> Iterator[Finding]:
    node, found = observed.nodes.get(name), observed.maintenances.get(name)
    if node is None:
        advice = f"Correct kubernetes.workers of zone {zone}."
        yield Refusal(
            zone, "unknown_node", f"the cluster has no node named {name}{nearest(name, observed.nodes)}. {advice}"
        )
    elif found is not None and found.zone == zone:
        if found.missing:
            yield Await(zone, node, found)
    elif found is not None:
        yield Note(
            zone,
            f"worker node {name} is in maintenance by others ({KIND} {found.name}): it is left as it is, also at the end.",
        )
    elif not node.ready:
        yield Refusal(
            zone, "node_not_ready", f"worker node {name} is not Ready, so its pods cannot be moved. Repair it first."
        )
    elif not node.schedulable:
        yield Refusal(
            zone,
            "cordoned",
            f"worker node {name} is cordoned by others, and would not be afterwards. Uncordon it first (`oc adm uncordon {name}`).",
        )
    else:
        yield Drain(zone, node, reason)


def end(zone: str, kubernetes: ZoneKubernetes, observed: Observed) -> Iterator[Finding]:
    """What bears the zone's mark, whatever the map says of the node now."""
    if observed.unknown:
        yield Note(zone, f"it is unknown whether worker nodes are in maintenance: {observed.unknown}")
        return
    mine = {name: found for name, found in observed.maintenances.items() if found.zone == zone}
    for name, found in mine.items():
        yield Return(zone, observed.nodes.get(name) or Node(name, "", frozenset()), found)
    for name in workers(kubernetes, observed):
        node = observed.nodes.get(name)
        if node is not None and node.lacks and name not in mine:
            yield Note(zone, f"worker node {name} {node.lacks}, and not by this maintenance: it is left as it is.")


def workers(kubernetes: ZoneKubernetes, observed: Observed) -> list[str]:
    """Those that the map names; else those with the zone's label that are no masters."""
    labelled = (node for node in observed.nodes.values() if node.zone_label == kubernetes.node_label)
    return list(kubernetes.workers) or [node.name for node in labelled if node.roles == {"worker"}]
