# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spread services get a pod in a zone that came back: one after the other, and none that would not start there."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.node_maintenance.fenced import unfenced

from .spread_cluster import ZONES, Spread, hurry, run, two_services, uneven

TOO_MANY = ApiError("Cannot evict pod as it would violate the pod's disruption budget.", status=429)


@pytest.fixture(autouse=True)
def fast_time(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


def texts(verdict: Verdict) -> list[str]:
    return [change.text for change in verdict.plan]


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


def test_a_zone_that_is_away_has_fewer() -> None:
    """It is none of the call: the next pod goes into the zone of the call that has fewest, where the scheduler leaves the other one out."""
    cluster = Spread()
    cluster.add("cinder-api", "az1", "az1", "az1", "az3")
    cluster.lists["Node"][1]["spec"]["taints"] = [{"key": "lost", "effect": "NoExecute"}]
    check = run(cluster, check=True)["az3"]
    done = run(cluster)["az3"]
    assert (len(check.plan), done.errors, done.plan) == (1, [], check.plan)
    assert cluster.zones("cinder-api") == ["az1", "az1", "az3", "az3"]


def test_what_is_uneven_in_other_zones_is_not_of_this_run() -> None:
    cluster = two_services()
    assert not run(cluster, "az1", check=True)["az1"].changed
    assert not run(Spread(), check=True)["az3"].failed


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
    # A pod was restarted, although the numbers are as before.
    assert (cluster.evicted, failed.changed, failed.before == failed.after) == (["cinder-api-2"], True, True)


def for_two_zones(*lands: str) -> Spread:
    """One service has no pod in az2, and the next one none in az3."""
    cluster, places = Spread(), iter(lands)
    cluster.add("first", "az1", "az3", "az1")
    cluster.add("second", "az1", "az2", "az1")

    def before() -> None:
        cluster.lands = next(places)

    cluster.before = before
    return cluster


def changed(verdicts: dict[str, Verdict]) -> dict[str, tuple[bool, bool]]:
    """Whether each zone changed, and whether it failed."""
    return {zone: (one.changed, one.failed) for zone, one in verdicts.items()}


def test_changed_are_the_zones_for_which_a_pod_was_evicted() -> None:
    """The numbers of all zones change with each of them."""
    both = ("az2", "az3")
    assert changed(run(for_two_zones("az2", "az3"), *both)) == {"az2": (True, False), "az3": (True, False)}
    cluster = for_two_zones("az2", "", "", "")
    cluster.error, cluster.refused_pods, cluster.refuses = TOO_MANY, ("second-2",), 10**6
    cluster.before = lambda: setattr(cluster, "lands", "az2")
    assert changed(run(cluster, *both)) == {"az2": (True, False), "az3": (False, True)}
    # What has to wait for it is no failure of its zone.
    assert changed(run(for_two_zones("az1"), *both)) == {"az2": (True, True), "az3": (False, False)}


def test_changed_where_an_answer_or_a_look_is_missing() -> None:
    cluster = uneven()
    cluster.error = ApiError("Kubernetes API: POST Pod cinder-api-2: no answer", uncertain=True)
    assert changed(run(cluster)) == {"az3": (False, True)}
    cluster.before = lambda: cluster.pod("cinder-api-2")["metadata"].update(uid="new")
    assert changed(run(cluster)) == {"az3": (True, True)}
    cluster = uneven()
    cluster.late, cluster.lands = None, ""

    def silent() -> None:
        if cluster.evicted:
            raise ApiError("Kubernetes API: GET Pod: no answer")

    cluster.looked = silent
    failed = run(cluster)["az3"]
    assert "could not be read afterwards" in failed.errors[-1]
    assert (cluster.evicted, failed.changed) == (["cinder-api-2"], True)


def test_no_pod_is_evicted_that_nobody_has_the_time_to_wait_for() -> None:
    class Late(Deadline):
        def remaining(self) -> float:
            return 29.0

    cluster = two_services()
    cluster.deadline = Late(600)
    failed = run(cluster)["az3"]
    (error,) = failed.errors
    assert "cinder-api-2 of CinderAPI cinder-api is not evicted: 29 s are left of the run's deadline of 600 s" in error
    assert any("not begun: evict pod manila-api-2" in text for text in failed.warnings)
    assert (cluster.asked, failed.changed) == ([], False)


def test_what_others_do_in_between_and_what_the_server_refuses() -> None:
    cluster = uneven()

    def recreated() -> None:
        cluster.pod("cinder-api-2")["metadata"]["uid"] = "new"

    cluster.before = recreated
    failed = run(cluster)["az3"]
    assert "was moved or recreated by others" in failed.errors[0]
    assert not failed.changed
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
