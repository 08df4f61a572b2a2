# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The node labels on a real API: only the label, each zone by its own manager, and no node in two zones."""

from __future__ import annotations

from pathlib import Path

from .harness.cluster import NODES, ZONE_LABEL, Cluster
from .harness.modules import Modules
from .harness.play import KubePlayer, asked, four_ways, make_inventory, zone_map

MODULE = "node_zones"


def labels(cluster: Cluster) -> dict[str, str | None]:
    return {node["metadata"]["name"]: node["metadata"]["labels"].get(ZONE_LABEL) for node in cluster.api.list(NODES)}


def other_labels(cluster: Cluster) -> list[dict[str, str]]:
    found = [dict(node["metadata"]["labels"]) for node in cluster.api.list(NODES)]
    return [{key: value for key, value in one.items() if key != ZONE_LABEL} for one in found]


def test_labels_every_node_four_ways(cluster: Cluster, play: KubePlayer, tmp_path: Path) -> None:
    inventory = make_inventory(tmp_path / "inventory", cluster.kube)
    untouched = other_labels(cluster)
    runs = four_ways(lambda *more: play.role(MODULE, inventory, *more), lambda: labels(cluster))
    assert labels(cluster) == {name: zone for zone in cluster.kube.zones for name in cluster.kube.nodes(zone)}
    assert other_labels(cluster) == untouched
    assert len(runs.run.written) == 12
    assert asked(runs.again) == {"GET": 1}
    assert play.role(MODULE, inventory, "-e", "part=verify").rc == 0


def test_a_node_of_another_zone_fails_its_zone_only(cluster: Cluster, modules: Modules) -> None:
    stray = cluster.kube.nodes("az2")[-1]
    cluster.label_node(stray, "az1")
    run = modules(MODULE, **zone_map(cluster.kube))
    assert set(run.failures) == {"az2"}
    assert f"node {stray} has the label {ZONE_LABEL}=az1, that of zone az1, and not az2" in run.failures["az2"]
    assert f"that the map does not name: {stray}" in run.warnings
    after = labels(cluster)
    assert after[stray] == "az1"
    assert [after[name] for name in cluster.kube.nodes("az1")] == ["az1"] * 4
    assert [after[name] for name in cluster.kube.nodes("az2")[:-1]] == [None] * 3


def test_names_that_the_cluster_lacks_and_zones_that_are_too_small(cluster: Cluster, modules: Modules) -> None:
    wrong = {"workers": ["worker-az1-00", "worker-az1-1"]}
    options = zone_map(cluster.kube, az1=wrong, az3={"workers": ["worker-az3-0"]})
    run = modules(MODULE, **options)
    assert set(run.failures) == {"az1", "az3"}
    assert "no node named worker-az1-00 (did you mean worker-az1-0" in run.failures["az1"]
    assert "zone az3 has 1 workers of at least 2" in run.failures["az3"]
    allowed = modules(MODULE, allow=["few_nodes"], **options)
    assert set(allowed.failures) == {"az1"}
    assert labels(cluster)["worker-az3-0"] == "az3"


def test_a_label_of_a_person_is_adopted(cluster: Cluster, modules: Modules) -> None:
    cluster.label_zones()
    run = modules(MODULE, **zone_map(cluster.kube))
    assert run.failures == {}
    assert run.changed == {"az1", "az2", "az3"}
    assert "own the fields of Node" in run.plans["az1"][0]
    assert modules(MODULE, **zone_map(cluster.kube)).changed == set()


def test_rights_that_are_enough_and_one_less(cluster: Cluster, modules: Modules) -> None:
    options = zone_map(cluster.kube)
    rules = {"apiGroups": [""], "resources": ["nodes"], "verbs": ["list", "patch"]}
    reader = cluster.kube.add_user("nodes-reader", [{**rules, "verbs": ["list"]}])
    run = modules(MODULE, user=reader, **options)
    assert 'cannot patch resource "nodes"' in run.failures["az1"]
    assert run.written == []
    assert modules(MODULE, user=cluster.kube.add_user("nodes-writer", [rules]), **options).failures == {}


def test_an_expired_token(cluster: Cluster, modules: Modules) -> None:
    run = modules(MODULE, user=cluster.kube.unknown_user(), **zone_map(cluster.kube))
    assert run.result["failed"]
    assert "it may have expired; sign in again" in run.result["msg"]
