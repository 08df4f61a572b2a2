# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spread services get a pod in a zone that came back: one after the other, and none that would not start there."""

from __future__ import annotations

import time
from typing import Any, cast

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.client import Cluster
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.node_maintenance.fenced import unfenced
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.pod_spread.reconcile import Spreading
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map

from .spread_cluster import ZONE_LABEL, ZONES, Body, Spread, condition, rule


@pytest.fixture(autouse=True)
def fast_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the clock is ten seconds later."""
    clock = iter(range(0, 10**7, 10))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


def run(
    cluster: Spread, *only: str, check: bool = False, zones: dict[str, Any] | None = None, **more: Any
) -> dict[str, Verdict]:
    zone_map = load_map(zones or {zone: {"kubernetes": {}} for zone in ZONES}, {"zones": list(ZONES)})
    reconciler = Spreading(cast(Cluster, cluster), zone_map, only or ("az3",), 600, check=check, **more)
    if not check:
        reconciler.until_whole()
    return Converge(reconciler, check=check, deadline=cluster.deadline, settle=0.1).run()


def texts(verdict: Verdict) -> list[str]:
    return [change.text for change in verdict.plan]


def two_services() -> Spread:
    cluster = Spread()
    cluster.add("cinder-api", "az1", "az2", "az1")
    cluster.add("even", "az1", "az2", "az3")
    cluster.add("manila-api", "az2", "az1", "az2", kind="ManilaAPI")
    return cluster


def test_one_pod_after_the_other_and_a_second_run_does_nothing() -> None:
    cluster = two_services()
    check = run(cluster, check=True)["az3"]
    assert (cluster.evicted, check.changed, check.errors) == ([], True, [])
    assert texts(check) == [
        "evict pod cinder-api-2 of CinderAPI cinder-api in zone az1, so that it starts in zone az3",
        "evict pod manila-api-2 of ManilaAPI manila-api in zone az2, so that it starts in zone az3",
    ]
    done = run(cluster)["az3"]
    assert (done.errors, done.plan, done.after) == ([], check.plan, check.after)
    assert cluster.evicted == ["cinder-api-2", "manila-api-2"]
    assert cluster.zones("cinder-api") == cluster.zones("manila-api") == list(ZONES)
    cluster.reads.clear()
    again = run(cluster)["az3"]
    assert (again.changed, again.refusals, again.warnings) == (False, (), ())
    assert len(cluster.evicted) == 2
    assert "PodDisruptionBudget" not in cluster.reads


def test_pods_of_a_deployment_have_new_names() -> None:
    cluster = Spread()
    cluster.add("horizon", "az1", "az2", "az1", kind="Horizon", deployment=True)
    assert run(cluster)["az3"].errors == []
    assert (cluster.evicted, cluster.zones("horizon")) == (["horizon-2"], list(ZONES))
    cluster = Spread()
    cluster.add("horizon", "az1", "az2", "az1", kind="Horizon", deployment=True)
    del cluster.lists["Deployment"][0]["status"]["updatedReplicas"]
    assert "it is being rolled out" in run(cluster)["az3"].warnings[0]


def test_nodes_that_a_run_lets_pods_onto_before() -> None:
    """Only a look takes them for what they will be."""
    cluster = uneven()
    cluster.lists["Node"][2]["spec"]["taints"] = [{"key": "node.kubernetes.io/out-of-service", "effect": "NoExecute"}]
    plan = [{"action": "unfence", "target": "Node w-az3"}, {"action": "other", "target": "Node w-az1"}]
    freed = unfenced({"zones": {"az3": {"plan": plan}, "az2": {}}})
    assert (freed, unfenced(None)) == (["w-az3"], [])
    assert run(cluster, check=True, freed=freed)["az3"].changed
    assert not run(cluster, check=True)["az3"].changed
    assert not run(cluster, freed=freed)["az3"].changed


def test_several_pods_of_one_service() -> None:
    cluster = Spread()
    cluster.add("big", *["az1"] * 4, "az2", "az2")
    assert len(run(cluster, check=True)["az3"].plan) == 2
    done = run(cluster)["az3"]
    assert (done.errors, cluster.zones("big")) == ([], ["az1", "az1", "az2", "az2", "az3", "az3"])


def test_what_is_uneven_in_other_zones_is_not_of_this_run() -> None:
    cluster = two_services()
    assert not run(cluster, "az1", check=True)["az1"].changed
    assert not run(Spread(), check=True)["az3"].failed


def stays(cluster: Spread) -> str:
    """Why nothing is evicted; a run that writes says the same."""
    check = run(cluster, check=True)["az3"]
    done = run(cluster)["az3"]
    assert (cluster.evicted, done.changed, done.failed) == ([], False, False)
    assert done.warnings == check.warnings
    (said,) = done.warnings
    assert said.startswith("CinderAPI cinder-api: 2-1-0 (az1: 2, az2: 1, az3: 0): ")
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


TOO_MANY = ApiError("Cannot evict pod as it would violate the pod's disruption budget.", status=429)


def uneven() -> Spread:
    cluster = Spread()
    cluster.add("cinder-api", "az1", "az2", "az1")
    return cluster


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
    "change",
    [
        {"spec": {"unschedulable": True}},
        {"spec": {"taints": [{"key": "k", "value": "v", "effect": "NoExecute"}]}},
        {"status": condition("Ready", true=False)},
    ],
)
def test_a_zone_whose_nodes_take_no_pods(change: Body) -> None:
    """Those that are cordoned or silent count as an empty zone: nothing may start in the others."""
    cluster = uneven()
    cluster.lists["Node"][2] |= change
    said = stays(cluster)
    assert "no node that is ready would take pod cinder-api-2" in said or "in zone az1, az2 again" in said
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


def test_a_budget_that_has_not_seen_yet_that_a_pod_is_ready() -> None:
    """It counts pods some time after they are ready: it is what it permits then that matters, and a refusal is waited for."""
    cluster = uneven()
    budget = {"metadata": {"name": "keep", "namespace": "openstack"}, "spec": {"selector": {}}}
    status = {"disruptionsAllowed": 0, "expectedPods": 3, "desiredHealthy": 2}
    cluster.lists["PodDisruptionBudget"] = [{**budget, "status": status}]
    cluster.error, cluster.refuses = TOO_MANY, 2
    check = run(cluster, check=True)["az3"]
    done = run(cluster)["az3"]
    assert (done.errors, done.warnings, done.plan) == ([], (), check.plan)
    assert (cluster.evicted, cluster.refuses) == (["cinder-api-2"], 0)


def test_an_eviction_that_a_budget_refuses_all_the_time() -> None:
    """Nothing was evicted: the others have their turn."""
    cluster = two_services()
    cluster.error, cluster.refused_pods = TOO_MANY, ("cinder-api-2",)
    failed = run(cluster)["az3"]
    (error,) = failed.errors
    assert "pod cinder-api-2 of CinderAPI cinder-api was not evicted in " in error
    assert error.endswith("disruption budget. It runs as before.")
    assert cluster.evicted == ["manila-api-2"]


def test_a_service_that_is_rolled_out_or_would_lose_its_majority() -> None:
    cluster = uneven()
    cluster.lists["StatefulSet"][0]["status"]["updateRevision"] = "b"
    assert "it is being rolled out" in stays(cluster)
    cluster = Spread()
    cluster.add("galera", "az1", "az1", "az2", kind="Galera", rules=[rule("galera", nodeTaintsPolicy="Ignore")])
    cluster.lists["StatefulSet"][0]["spec"]["replicas"] = 3
    assert run(cluster)["az3"].errors == []
    assert cluster.zones("galera") == list(ZONES)


def test_nothing_is_evicted_while_others_are_missing() -> None:
    """A run waits first, and only a look says that it would."""
    cluster = two_services()
    cluster.unready("even-1")
    check = run(cluster, check=True)["az3"]
    assert (check.changed, check.refusals) == (True, ())
    assert (
        "first waits until all pods and majorities are ready, up to 600 s: CinderAPI even has 2 of 3"
        in check.warnings[0]
    )
    refused = run(cluster)["az3"]
    assert [one.rule for one in refused.refusals] == ["not_whole"]
    assert "CinderAPI even has 2 of 3 pods ready (pod even-1: the image is missing)" in refused.refusals[0].message
    assert cluster.evicted == []
    # What an earlier run has evicted.
    cluster.starting["even-1"] = 3
    done = run(cluster)["az3"]
    assert (done.errors, done.refusals, len(cluster.evicted)) == ([], (), 2)


def test_a_zone_that_is_down_by_its_file() -> None:
    cluster = two_services()
    refused = run(cluster, down=("az3",))["az3"]
    assert ([one.rule for one in refused.refusals], cluster.evicted) == (["zone_state"], [])


def test_the_first_that_does_not_come_back_ends_it() -> None:
    cluster = two_services()
    cluster.late = None
    failed = run(cluster)["az3"]
    (error,) = failed.errors
    for words in (
        "cinder-api-2 of CinderAPI cinder-api",
        "was in zone az1",
        "not ready in zone az3",
        "image is missing",
    ):
        assert words in error
    assert "oc -n openstack describe pod" in error
    assert cluster.evicted == ["cinder-api-2"]
    assert any("not begun: evict pod manila-api-2" in text for text in failed.warnings)
    # It comes later, and the next run continues.
    cluster.starting, cluster.late = {}, 1
    cluster.unready("cinder-api-2", ready=True)
    assert run(cluster)["az3"].errors == []
    assert cluster.evicted == ["cinder-api-2", "manila-api-2"]


@pytest.mark.parametrize("away", [(), ("az2",)])
def test_a_pod_that_starts_nowhere_is_named_by_every_run(away: tuple[str, ...]) -> None:
    """Without it nobody can say whether its service is uneven. What a zone that is away explains is no matter of this one."""
    cluster = uneven()
    cluster.late, cluster.lands = None, ""
    states = {zone: {"kubernetes": {}, **({"zone_state": "maintenance"} if zone in away else {})} for zone in ZONES}
    if not away:
        assert "not ready in zone az3" in run(cluster)["az3"].errors[0]
        check = run(cluster, check=True)["az3"]
        assert "first waits until all pods" in check.warnings[0]
    else:
        cluster.pod("cinder-api-2")["spec"]["nodeName"] = ""
        cluster.unready("cinder-api-2")
    again = run(cluster, zones=states)["az3"]
    assert [one.rule for one in again.refusals] == ([] if away else ["not_whole"])
    if not away:
        assert "CinderAPI cinder-api has 2 of 3 pods ready (pod cinder-api-2: " in again.refusals[0].message
        # It starts at last.
        cluster.starting["cinder-api-2"] = 2
        cluster.pod("cinder-api-2")["spec"]["nodeName"] = "w-az3"
        done = run(cluster)["az3"]
        assert (done.errors, done.refusals, done.changed) == ([], (), False)
    assert cluster.evicted == ([] if away else ["cinder-api-2"])


def test_a_pod_that_starts_elsewhere_ends_it() -> None:
    cluster = two_services()
    cluster.lands = "az1"
    failed = run(cluster)["az3"]
    assert "started on node w-az1 in zone az1, and not in zone az3" in failed.errors[0]
    assert cluster.evicted == ["cinder-api-2"]


def test_what_others_do_in_between_and_what_the_server_refuses() -> None:
    cluster = uneven()

    def recreated() -> None:
        cluster.pod("cinder-api-2")["metadata"]["uid"] = "new"

    cluster.before = recreated
    assert "was moved or recreated by others" in run(cluster)["az3"].errors[0]
    cluster.before = lambda: None
    cluster.error = ApiError("Kubernetes API: POST Pod cinder-api-2: no answer", uncertain=True)
    assert "no answer" in run(cluster)["az3"].errors[0]
    assert cluster.evicted == []
    cluster = two_services()
    cluster.error = ApiError("Kubernetes API: POST Pod cinder-api-2: no answer", uncertain=True)
    failed = run(cluster)["az3"]
    # It may have been evicted: none but it, and not once more.
    assert (len(failed.errors), cluster.asked) == (1, ["cinder-api-2"])
    assert any("not begun: evict pod manila-api-2" in text for text in failed.warnings)
