# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spread services whose pods stay where they are, and why: none is evicted that would not start where it helps."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from .spread_cluster import ZONE_LABEL, ZONES, Body, Spread, condition, hurry, rule, run, uneven


@pytest.fixture(autouse=True)
def fast_time(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


def stays(
    cluster: Spread, zones: Sequence[str] = ZONES, about: str = "CinderAPI cinder-api: 2-1-0 (az1: 2, az2: 1, az3: 0)"
) -> str:
    """Why nothing is evicted; a run that writes says the same."""
    into = zones[-1]
    given: Body = {zone: {"kubernetes": {}} for zone in zones}
    check = run(cluster, into, check=True, zones=given)[into]
    done = run(cluster, into, zones=given)[into]
    assert (cluster.evicted, done.changed, done.failed) == ([], False, False)
    assert done.warnings == check.warnings
    (said,) = done.warnings
    assert said.startswith(f"{about}: ")
    assert said.endswith("Its pods stay where they are.")
    return said


@pytest.mark.parametrize(
    "rules", [[], [rule("cinder-api", whenUnsatisfiable="ScheduleAnyway")], [rule("x", topologyKey="other")]]
)
def test_a_pod_that_nothing_keeps_from_its_old_zone(rules: list[Body]) -> None:
    cluster = Spread()
    for one in cluster.lists["Node"]:
        one["metadata"]["labels"]["other"] = "x"
    cluster.add("cinder-api", "az1", "az2", "az1", rules=rules)
    said = stays(cluster)
    assert "does not keep its pods in different zones" in said
    assert "pod cinder-api-2 could start in zone az1 again" in said


@pytest.mark.parametrize("more", [{"maxSkew": 3}, {"labelSelector": {"matchLabels": {"service": "other"}}}])
def test_a_rule_that_is_too_loose(more: Body) -> None:
    cluster = Spread()
    cluster.add("cinder-api", "az1", "az2", "az1", rules=[rule("cinder-api", **more)])
    assert "the scheduler could start pod cinder-api-2 in zone az1" in stays(cluster)


def test_a_volume_that_is_bound_to_the_zone() -> None:
    cluster = uneven()
    for name in ("cinder-api-0", "cinder-api-2"):
        cluster.pod(name)["spec"]["volumes"] = [{"persistentVolumeClaim": {"claimName": "data"}}, {"emptyDir": {}}]
    cluster.lists["PersistentVolumeClaim"] = [{"metadata": {"name": "data"}, "spec": {"volumeName": "pv"}}]
    terms = [{"matchExpressions": [{"key": ZONE_LABEL, "operator": "In", "values": ["az1"]}]}]
    affinity = {"required": {"nodeSelectorTerms": terms}}
    cluster.lists["PersistentVolume"] = [{"metadata": {"name": "pv"}, "spec": {"nodeAffinity": affinity}}]
    assert "a volume of pod cinder-api-2 is bound to zone az1" in stays(cluster)
    cluster.lists["PersistentVolume"][0]["spec"] = {}
    assert run(cluster)["az3"].errors == []
    assert cluster.evicted == ["cinder-api-2"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"spec": {"unschedulable": True}}, "no node that is ready would take pod cinder-api-2"),
        ({"spec": {"taints": [{"key": "k", "value": "v", "effect": "NoExecute"}]}}, "in zone az1, az2 again"),
        ({"status": condition("Ready", true=False)}, "no node that is ready would take pod cinder-api-2"),
    ],
)
def test_a_zone_whose_nodes_take_no_pods(change: Body, words: str) -> None:
    """Those that are cordoned or silent count as an empty zone: nothing may start in the others."""
    cluster = uneven()
    cluster.lists["Node"][2] |= change
    assert words in stays(cluster)
    tolerated = {"key": "k", "operator": "Equal", "value": "v", "effect": "NoExecute"}
    cluster.pod("cinder-api-2")["spec"]["tolerations"] = [tolerated]
    assert run(cluster, check=True)["az3"].changed == ("taints" in change.get("spec", {}))


def test_a_pod_that_chooses_its_nodes() -> None:
    cluster = uneven()
    for name in ("cinder-api-0", "cinder-api-2"):
        cluster.pod(name)["spec"]["nodeSelector"] = {ZONE_LABEL: "az1"}
    assert "could start pod" in stays(cluster)


def test_a_budget_that_permits_nothing() -> None:
    cluster = uneven()
    budget = {"metadata": {"name": "keep", "namespace": "openstack"}, "status": {"disruptionsAllowed": 0}}
    cluster.lists["PodDisruptionBudget"] = [
        {**budget, "spec": {"selector": {"matchLabels": {"service": "cinder-api"}}}}
    ]
    said = stays(cluster)
    assert "PodDisruptionBudget keep permits no eviction of pod cinder-api-2, even with all its pods ready" in said


def test_a_service_that_is_rolled_out() -> None:
    cluster = uneven()
    cluster.lists["StatefulSet"][0]["status"]["updateRevision"] = "b"
    assert "it is being rolled out" in stays(cluster)


def test_a_majority_needs_its_members() -> None:
    """Of three one may restart, and of two none."""
    cluster = Spread()
    cluster.add("galera", "az1", "az1", "az2", kind="Galera", rules=[rule("galera", nodeTaintsPolicy="Ignore")])
    assert run(cluster)["az3"].errors == []
    assert cluster.zones("galera") == list(ZONES)
    cluster = Spread()
    cluster.lists["Node"].pop()
    cluster.add("galera", "az1", "az1", kind="Galera")
    assert "it would lose its majority" in stays(cluster, ZONES[:2], "Galera galera: 2-0 (az1: 2, az2: 0)")
    cluster = Spread()
    cluster.lists["Node"].pop()
    cluster.add("cinder-api", "az1", "az1")
    cluster.lands = "az2"
    assert run(cluster, "az2", zones={zone: {"kubernetes": {}} for zone in ZONES[:2]})["az2"].errors == []
    assert cluster.zones("cinder-api") == ["az1", "az2"]
