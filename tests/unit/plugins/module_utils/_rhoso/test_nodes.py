# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes of the zones: which get a label, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.apply.reconcile import Options
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.change import Refusal
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.names import ZONE_LABEL
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.nodes.labels import (
    NodeRules,
    node_labels,
    roles_of,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.nodes.reconcile import NodesReconciler
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._kubernetes.small_cluster import SmallCluster

ZONES: dict[str, Any] = {
    "az1": {"kubernetes": {"node_label": "zoneA", "masters": ["m1"], "workers": ["w1", "w2"]}},
    "az2": {"kubernetes": {"masters": ["m2"], "workers": ["w3", "w4"]}},
}
MAP = load_map(ZONES, {"zones": list(ZONES)})


def node(name: str, zone: str = "", *roles: str) -> dict[str, Any]:
    named = roles or (("control-plane", "master") if name.startswith("m") else ("worker",))
    labels = {f"node-role.kubernetes.io/{role}": "" for role in named}
    return {"metadata": {"name": name, "labels": {**labels, **({"topology.kubernetes.io/zone": zone} if zone else {})}}}


def cluster(**zones: str) -> dict[str, dict[str, Any]]:
    names = dict.fromkeys(("m1", "w1", "w2", "m2", "w3", "w4"), "")
    return {name: node(name, zone) for name, zone in {**names, **zones}.items()}


def found(nodes: dict[str, Any], zone: str = "az1", *allow: str) -> dict[str, str]:
    """What is said, by rule; notes have the rule "note"."""
    findings = NodeRules(MAP, frozenset(allow)).findings(zone, nodes)
    return {one.rule if isinstance(one, Refusal) else "note": one.message for one in findings}


def test_every_node_of_the_map_gets_the_label_and_nothing_else() -> None:
    parts = node_labels(MAP, ("az1",))
    assert [(part.ref.path, part.manager) for part in parts] == [
        (f"/api/v1/nodes/{name}", "zoneops-az1") for name in ("m1", "w1", "w2")
    ]
    labels = {"topology.kubernetes.io/zone": "zoneA"}
    body = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "w1", "labels": labels}}
    assert parts[1].body == body
    assert not any(part.may_create for part in parts)


def test_nothing_is_wrong() -> None:
    assert found(cluster()) == {}
    assert found(cluster(m1="zoneA", w1="zoneA")) == {}


def test_a_node_of_another_zone() -> None:
    assert (
        "w1 has the label topology.kubernetes.io/zone=az2, that of zone az2, and not zoneA"
        in (found(cluster(w1="az2"))["node_of_another_zone"])
    )
    assert "that of no zone of the map" in found(cluster(w1="eu-west-1a"))["node_of_another_zone"]


def test_a_node_that_the_cluster_lacks() -> None:
    nodes = {name: one for name, one in cluster().items() if name != "w2"} | {"w22": node("w22")}
    assert "no node named w2 (did you mean w22?)" in found(nodes)["unknown_node"]


def test_a_zone_that_is_too_small() -> None:
    nodes = {name: one for name, one in cluster().items() if name not in ("m1", "w2")}
    assert "zone az1 has 0 masters of at least 1 and 1 workers of at least 2" in found(nodes)["few_nodes"]
    assert "few_nodes" not in found(nodes, "az1", "few_nodes")
    assert "would not survive" in found(nodes, "az1", "few_nodes")["note"]


def test_a_node_with_the_zones_label_counts_and_is_named() -> None:
    nodes = cluster() | {"w9": node("w9", "zoneA")}
    assert "the map does not name: w9" in found(nodes)["note"]


def test_a_worker_among_the_masters() -> None:
    nodes = cluster() | {"m1": node("m1", "", "worker"), "m9": node("m9", "zoneA")}
    assert any(
        "listed under masters of zone az1, but no master in the cluster: m1" in one.message for one in _all(nodes)
    )


def test_roles() -> None:
    assert roles_of(node("m1")) == {"master"}
    assert roles_of(node("x", "", "infra")) == {"worker"}
    assert roles_of(node("m1", "", "control-plane", "worker")) == {"master", "worker"}


def _all(nodes: dict[str, Any]) -> list[Any]:
    return list(NodeRules(MAP, frozenset()).findings("az1", nodes))


class Nodes(SmallCluster):
    """Nodes of which the API has been asked what an apply would do are in `asked`."""

    def __init__(self, *nodes: dict[str, Any]) -> None:
        super().__init__()
        self.nodes = nodes
        self.asked: list[str] = []

    def items(self, ref: Ref, **_filters: str) -> Iterator[dict[str, Any]]:
        del ref
        yield from self.nodes

    def apply(self, ref: Ref, body: Mapping[str, Any], manager: str, *, dry_run: bool, force: bool = False) -> Any:
        del body, manager, force
        assert dry_run
        self.asked.append(ref.name)
        return next(item for item in self.nodes if item["metadata"]["name"] == ref.name)


def test_a_label_that_is_right_and_the_zone_s_own_costs_no_request() -> None:
    owned = node("m1", "zoneA")
    tree: dict[str, Any] = {"f:metadata": {"f:labels": {f"f:{ZONE_LABEL}": {}}}}
    mine = {"manager": "zoneops-az1", "operation": "Apply", "apiVersion": "v1", "fieldsV1": tree}
    owned["metadata"]["managedFields"] = [mine]
    nodes = [owned, node("w1", "zoneA"), node("w2"), node("m2")]
    for item in nodes:
        item["metadata"]["uid"] = item["metadata"]["name"]
    cluster = Nodes(*nodes)
    NodesReconciler(cluster, ["az1"], MAP, Options()).observe()  # type: ignore[arg-type]
    assert cluster.asked == ["w1", "w2"]
