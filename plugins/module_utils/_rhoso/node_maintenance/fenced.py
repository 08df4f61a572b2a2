# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes of a zone that are out of service since they were lost: which taint is removed, and what keeps it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Union

from ..._plan.change import Change, Note, Plan, Refusal
from ..._plan.text.near import nearest
from ..._zones.schema.kubernetes import ZoneKubernetes
from ..fencing.evidence import node_named
from ..names import OUT_OF_SERVICE
from .model import Node

#: The Machine of a node, with its namespace: objects that the Machine API makes for the node are called as it is.
MACHINE = "machine.openshift.io/machine"

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Fenced:
    """A node.

    :ivar taints: those of the key `OUT_OF_SERVICE`, as text.
    :ivar machine: the name of its Machine, empty for none.
    """

    node: Node
    taints: tuple[str, ...] = ()
    machine: str = ""


@dataclass(frozen=True)
class Seen:
    """The cluster.

    :ivar nodes: by name.
    :ivar remediations: of all nodes; only looked for where a node has the taint.
    :ivar unread: kinds of them that could not be listed, and why.
    """

    nodes: Mapping[str, Fenced]
    remediations: tuple[Body, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)

    def without_taint(self, name: str) -> Seen:
        return replace(self, nodes={**self.nodes, name: replace(self.nodes[name], taints=())})


@dataclass(frozen=True)
class Unfence(Change):
    """The taint is removed; the node's other taints stay."""

    action: ClassVar[str] = "unfence"
    alone: ClassVar[bool] = True
    node: str
    taints: tuple[str, ...]

    @property
    def target(self) -> str:
        return f"Node {self.node}"

    @property
    def before(self) -> list[str]:
        return list(self.taints)

    @property
    def after(self) -> list[str]:
        return []

    @property
    def text(self) -> str:
        return f"remove taint {', '.join(self.taints)} of node {self.node}"


Finding = Union[Unfence, Refusal, Note]  # noqa: UP007 - ansible-test's pylint does not know "|" between classes


def plan(zones: Sequence[tuple[str, ZoneKubernetes]], seen: Seen, down: Collection[str] = ()) -> Plan[Unfence]:
    """The changes of all zones: each node stands by itself.

    :param down: zones that are down by their files: nothing is done there, whatever it looks like.
    """
    findings: list[Finding] = []
    for zone, kubernetes in zones:
        mine = [name for name in nodes_of(kubernetes, seen) if seen.nodes[name].taints]
        if zone in down and mine:
            message = f"zone {zone} is down, by zone_state of its file: nodes {', '.join(mine)} keep the taint {OUT_OF_SERVICE}."
            findings.append(
                Refusal(zone, "zone_state", f"{message} Set 'zone_state: maintenance' once it is reachable.")
            )
        else:
            findings += _of_zone(zone, kubernetes, seen)
    return Plan.of(
        [one for one in findings if isinstance(one, Unfence)],
        [one for one in findings if isinstance(one, Refusal)],
        [one for one in findings if isinstance(one, Note)],
    )


def unfenced(result: Body | None) -> list[str]:
    """The nodes whose taint a call has removed, or would remove, by its result."""
    plans = [verdict.get("plan") or () for verdict in ((result or {}).get("zones") or {}).values()]
    changes = [change for found in plans for change in found if change.get("action") == Unfence.action]
    return [str(change["target"]).removeprefix("Node ") for change in changes]


def nodes_of(kubernetes: ZoneKubernetes, seen: Seen) -> list[str]:
    """The nodes of a zone: those that the map names and no label puts into another zone, and those with the zone's label."""
    named = [name for name in (*kubernetes.masters, *kubernetes.workers) if name in seen.nodes]
    labels = {name: one.node.zone_label for name, one in seen.nodes.items()}
    unlabelled = [name for name in named if not labels[name]]
    return sorted({*unlabelled, *(name for name, label in labels.items() if label == kubernetes.node_label)})


def _of_zone(zone: str, kubernetes: ZoneKubernetes, seen: Seen) -> Iterator[Finding]:
    mine = nodes_of(kubernetes, seen)
    for name in (*kubernetes.masters, *kubernetes.workers):
        if name not in seen.nodes:
            yield Note(zone, f"the cluster has no node named {name}{nearest(name, seen.nodes)}.")
        elif name not in mine:
            yield Note(zone, f"node {name} has the label of another zone ({seen.nodes[name].node.zone_label}): left.")
    for name in mine:
        found = seen.nodes[name]
        if found.taints:
            yield _of_node(zone, found, seen)
        if not found.node.schedulable:
            yield Note(zone, f"node {name} is cordoned, and is left so: `oc adm uncordon {name}` lets pods onto it.")


def _of_node(zone: str, found: Fenced, seen: Seen) -> Finding:
    """Who has put the taint there is not known: as long as a remediation of the node exists, it is that one's to remove."""
    name = found.node.name
    what = f"node {name} has the taint {', '.join(found.taints)}"
    items = ({"node": name, "taints": list(found.taints)},)
    if not found.node.ready:
        message = f"{what} and is not Ready: it keeps the taint until it is. Start it, and see why its kubelet does not report."
        return Refusal(zone, "node_not_ready", message, items)
    owners = [one for one in seen.remediations if node_named(one) in (name, found.machine)]
    if owners:
        called = ", ".join(map(_called, owners))
        message = (
            f"{what} and is still remediated by {called}. Wait until that object is gone: its operator removes the taint then, or the next run "
            f"does. A NodeHealthCheck deletes what it created once the node is healthy. What a person created, a person deletes: {_delete(owners[0])}"
        )
        return Refusal(zone, "remediated", message, items)
    if seen.unread:
        kinds = " and ".join(f"{kind} ({why})" for kind, why in seen.unread.items())
        message = f"{what}, and whether something still remediates it is unknown: could not list {kinds}."
        return Refusal(zone, "remediated", message, items)
    return Unfence(zone, name, found.taints)


def _called(item: Body) -> str:
    metadata = item["metadata"]
    going = " (being deleted)" if metadata.get("deletionTimestamp") else ""
    return f"{item['kind']} {metadata.get('namespace')}/{metadata['name']}{going}"


def _delete(item: Body) -> str:
    metadata = item["metadata"]
    return f"`oc -n {metadata.get('namespace')} delete {str(item['kind']).lower()} {metadata['name']}`."


def taint_text(taint: Body) -> str:
    """As `oc adm taint` takes it."""
    value = taint.get("value")
    return f"{taint.get('key')}{'=' + str(value) if value else ''}:{taint.get('effect')}"


def is_out_of_service(taint: Body) -> bool:
    return taint.get("key") == OUT_OF_SERVICE
