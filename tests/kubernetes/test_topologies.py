# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Topologies on a real API: what is shared first, each zone by its own manager, and what people made is adopted or a conflict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .harness.cluster import TOPOLOGIES, Cluster
from .harness.modules import Modules
from .harness.play import KubePlayer, asked, four_ways, make_inventory, zone_map

MODULE = "topologies"
OF_AZ1 = f"{TOPOLOGIES}/az1-node-affinity"


def specs(cluster: Cluster) -> dict[str, Any]:
    return {item["metadata"]["name"]: item["spec"] for item in cluster.api.list(TOPOLOGIES)}


def managers(cluster: Cluster, path: str = OF_AZ1) -> list[tuple[str, str]]:
    return [(one["manager"], one["operation"]) for one in cluster.api.get(path)["metadata"]["managedFields"]]


@pytest.mark.releases
def test_makes_all_topologies_four_ways(cluster: Cluster, play: KubePlayer, tmp_path: Path) -> None:
    inventory = make_inventory(tmp_path / "inventory", cluster.kube)
    runs = four_ways(lambda *more: play.role(MODULE, inventory, *more), lambda: specs(cluster))
    found = specs(cluster)
    own = ["az1-node-affinity", "az2-node-affinity", "az3-node-affinity"]
    assert sorted(found) == [*own, "spread-pods", "spread-quorum-pods"]
    (stateless,), (quorum,) = (
        found[name]["topologySpreadConstraints"] for name in ("spread-pods", "spread-quorum-pods")
    )
    assert stateless == {**quorum, "nodeTaintsPolicy": "Honor"}
    assert managers(cluster, f"{TOPOLOGIES}/spread-pods") == [("zoneops-region", "Apply")]
    assert managers(cluster) == [("zoneops-az1", "Apply")]
    assert len(runs.run.written) == 5
    assert asked(runs.again) == {"GET": 1}
    assert play.role(MODULE, inventory, "-e", "part=verify").rc == 0


def test_one_zone_touches_no_other(cluster: Cluster, modules: Modules) -> None:
    assert modules(MODULE, limit=["az2"], **zone_map(cluster.kube)).failures == {}
    assert sorted(specs(cluster)) == ["az2-node-affinity", "spread-pods", "spread-quorum-pods"]


def test_a_persons_edit_is_a_conflict_until_it_is_taken(cluster: Cluster, modules: Modules) -> None:
    options = zone_map(cluster.kube)
    modules(MODULE, **options)
    wanted = specs(cluster)
    edited = {**wanted["az1-node-affinity"]["topologySpreadConstraints"][0], "maxSkew": 2}
    cluster.api.merge(OF_AZ1, {"spec": {"topologySpreadConstraints": [edited]}}, "kubectl-edit")
    users = {"metadata": {"finalizers": ["openstack.org/glanceapi-az1"]}}
    cluster.api.merge(OF_AZ1, users, "glance-operator")
    run = modules(MODULE, **options)
    assert set(run.failures) == {"az1"}
    assert "field .spec.topologySpreadConstraints is owned by manager kubectl-edit" in run.failures["az1"]
    assert "(option allow): [force_conflicts]" in run.failures["az1"]
    assert run.written == []
    forced = modules(MODULE, allow=["force_conflicts"], **options)
    assert forced.failures == {}
    assert "restarts these pods: glanceapi-az1" in forced.warnings
    assert specs(cluster) == wanted
    assert cluster.api.get(OF_AZ1)["metadata"]["finalizers"] == ["openstack.org/glanceapi-az1"]


def test_existing_topologies_are_taken_over(cluster: Cluster, modules: Modules) -> None:
    """Made by GitOps with the same values: owned by both, until a takeover makes them this collection's alone. No value changes."""
    options = zone_map(cluster.kube)
    modules(MODULE, **options)
    wanted = specs(cluster)
    kind = {"apiVersion": "topology.openstack.org/v1beta1", "kind": "Topology"}
    for name, spec in wanted.items():
        cluster.api.delete(f"{TOPOLOGIES}/{name}")
        cluster.api.create(TOPOLOGIES, {**kind, "metadata": {"name": name}, "spec": spec})
    run = modules(MODULE, **options)
    assert run.changed == {"az1", "az2", "az3"}
    assert "also belong to manager" in run.warnings
    assert specs(cluster) == wanted
    assert len(managers(cluster)) == 2
    check = modules(MODULE, check=True, allow=["takeover"], **options)
    taken = modules(MODULE, allow=["takeover"], **options)
    assert "take over from" in taken.plans["az1"][-1]
    assert taken.plans == check.plans
    assert taken.result["diff"] == check.result["diff"]
    assert managers(cluster) == [("zoneops-az1", "Apply")]
    assert specs(cluster) == wanted
    assert modules(MODULE, allow=["takeover"], **options).written == []


def test_rights_that_are_enough_and_one_less(cluster: Cluster, modules: Modules) -> None:
    options = zone_map(cluster.kube)
    rules = {"apiGroups": ["topology.openstack.org"], "resources": ["topologies"], "verbs": ["list", "create", "patch"]}
    for verb in rules["verbs"]:
        kept = [other for other in rules["verbs"] if other != verb]
        run = modules(MODULE, user=cluster.kube.add_user("topologies-less", [{**rules, "verbs": kept}]), **options)
        assert f'cannot {verb} resource "topologies"' in run.failures["az1"]
        assert run.written == []
    enough = cluster.kube.add_user("topologies-enough", [rules])
    assert modules(MODULE, user=enough, **options).failures == {}


def test_the_definitions_are_missing(cluster: Cluster, modules: Modules) -> None:
    """A cluster without the operators, or another cluster: nothing is written, and the message says so."""
    cluster.kube.add_fault("status", service="kubernetes", path="/apis/topology.openstack.org/.*", status=404)
    run = modules(MODULE, **zone_map(cluster.kube))
    assert set(run.failures) == {"az1", "az2", "az3"}
    assert run.written == []
