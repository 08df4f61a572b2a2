# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spread services on a real API: a zone comes back, and the real scheduler puts what replaces an evicted pod there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.pod_spread import reconcile
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.preflight.rights import RIGHTS, needed
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.tests.faults.module_process import Modules as Processes
from ansible_collections.zoneops.openstack.tests.faults.strike import Fault
from ansible_collections.zoneops.openstack.tests.faults.sweep import DROPS, KILLS
from ansible_collections.zoneops.openstack.tests.unit.operators.maps import raw_map
from zonelab.kube.client import KubeClient

from .harness import region
from .harness.cluster import NODES, STATEFUL_SETS, ZONE_LABEL, Cluster, core, until
from .harness.modules import Modules
from .harness.rights import less
from .harness.strikes import limits, named, strike

pytestmark = pytest.mark.rhoso

MODULE: Final = "pod_spread"
UNEVEN: Final = ("cinder-api", "manila-api")
ZONES: Final = ["az0", "az1", "az2"]
QUOTAS: Final = core("resourcequotas")
# The controller tries again after twice the time that it has waited.
AFTER_A_QUOTA: Final = 240.0
BUDGETS: Final = f"/apis/policy/v1/namespaces/{core('pods').split('/')[4]}/poddisruptionbudgets"


def places(cluster: Cluster, service: str) -> list[str]:
    """The zones in which its pods are ready."""
    labels = {one["metadata"]["name"]: one["metadata"]["labels"].get(ZONE_LABEL) for one in cluster.api.list(NODES)}
    found = [pod for pod in cluster.api.list(core("pods")) if pod["metadata"]["name"].rpartition("-")[0] == service]
    return sorted(str(labels[pod["spec"]["nodeName"]]) for pod in found if is_ready(pod))


def is_ready(pod: dict[str, Any]) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    ready = any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
    return ready and not pod["metadata"].get("deletionTimestamp")


def are_whole(cluster: Cluster) -> bool:
    wanted = sum(one["spec"]["replicas"] for one in cluster.api.list(STATEFUL_SETS))
    pods = cluster.api.list(core("pods"))
    return len(pods) == wanted > 0 and all(map(is_ready, pods))


@pytest.fixture(scope="module")
def whole(kube: KubeClient) -> Iterator[Cluster]:
    """The region of the fixtures, made once."""
    cluster = Cluster(kube)
    cluster.reset()
    kube.operate()
    region.make(cluster)
    region.settle(cluster)
    until(lambda: are_whole(cluster), "all pods are ready")
    yield cluster
    kube.operate(on=False)


@pytest.fixture
def uneven(whole: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """Two services lost their pod in the last zone while its nodes were none of the zone."""
    patient = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: patient(min(seconds, 0.2)))
    make_uneven(whole)
    yield whole
    whole.kube.clear_faults()
    whole.empty(QUOTAS, BUDGETS)
    until(lambda: are_whole(whole), "all pods are ready", AFTER_A_QUOTA)


@pytest.fixture
def modules(whole: Cluster, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Modules:
    """Runs modules in this process, on the cluster as it is."""
    return Modules(whole.kube, monkeypatch, capsys)


def make_uneven(cluster: Cluster) -> None:
    nodes = cluster.kube.nodes(cluster.kube.zones[-1])
    for node in nodes:
        cluster.label_node(node, None)

    def have_left() -> bool:
        """The scheduler may not have seen yet that a node has no label: it may take a pod once more."""
        pods = [one for one in cluster.api.list(core("pods")) if one["metadata"]["name"].rpartition("-")[0] in UNEVEN]
        here = [one for one in pods if one["spec"].get("nodeName") in nodes]
        for pod in here:
            if not pod["metadata"].get("deletionTimestamp"):
                cluster.api.delete(f"{core('pods')}/{pod['metadata']['name']}")
        return not here and are_whole(cluster)

    try:
        until(have_left, "the pods are back in other zones")
    finally:
        for node in nodes:
            cluster.label_node(node, region.LABELS[-1])
    until_scheduled(cluster, region.LABELS[-1])
    assert all(set(places(cluster, name)) == {"zoneA", "zoneB"} for name in UNEVEN)


def until_scheduled(cluster: Cluster, label: str) -> None:
    """The scheduler has seen that nodes have the zone's label: it can put a pod there that asks for it."""
    spec = {"nodeSelector": {ZONE_LABEL: label}, "containers": [{"name": "none", "image": "none"}]}
    probe = f"{core('pods')}/probe"
    cluster.api.create(core("pods"), {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "probe"}, "spec": spec})
    until(lambda: cluster.api.get(probe)["spec"].get("nodeName"), "a pod is put into the zone")
    cluster.api.delete(probe)
    until(lambda: are_whole(cluster), "that pod is gone")


def asked(**more: Any) -> dict[str, Any]:
    return {**raw_map(), "limit": ["az2"], "pod_timeout": 60, **more}


def test_each_service_gets_a_pod_in_the_zone_again(uneven: Cluster, modules: Modules) -> None:
    before = modules("pod_placement_info", **raw_map()).result
    assert [text.partition(":")[0] for text in before["uneven"]] == ["CinderAPI cinder-api", "ManilaAPI manila-api"]
    check = modules(MODULE, check=True, **asked())
    assert (check.failures, check.changed, check.written) == ({}, {"az2"}, [])
    assert [text.endswith("so that it starts in zone az2") for text in check.plans["az2"]] == [True, True]
    assert modules(MODULE, **asked(limit=["az0", "az1"])).written == []

    done = modules(MODULE, **asked())
    assert (done.failures, done.changed, done.plans) == ({}, {"az2"}, check.plans)
    assert [one.rpartition("/")[2].partition("?")[0] for one in done.written] == ["eviction", "eviction"]
    assert done.result["zones"]["az2"]["state"] == check.result["zones"]["az2"]["diff"]["after"]
    assert all(places(uneven, name) == list(region.LABELS) for name in UNEVEN)
    again = modules(MODULE, **asked(limit=ZONES))
    assert (again.failures, again.changed, again.written, again.warnings) == ({}, set(), [], "")
    assert len(again.requests) == 10
    after = modules("pod_placement_info", **raw_map())
    assert (after.failures, after.result["uneven"]) == ({}, [])


def test_a_budget_keeps_a_service_and_no_other(uneven: Cluster, modules: Modules) -> None:
    labels = {"service": "manila", "component": "manila-api"}
    spec = {"minAvailable": 3, "selector": {"matchLabels": labels}}
    body = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "keep"}, "spec": spec}
    uneven.api.create(BUDGETS, body)
    done = modules(MODULE, **asked())
    assert (done.failures, len(done.written)) == ({}, 1)
    assert "PodDisruptionBudget keep permits no eviction of pod manila-api-" in done.warnings
    assert places(uneven, "cinder-api") == list(region.LABELS)
    assert set(places(uneven, "manila-api")) == {"zoneA", "zoneB"}


def test_a_budget_that_permits_one_pod_at_a_time(uneven: Cluster, modules: Modules) -> None:
    """Its controller counts a new pod some time after that is ready: the second eviction may come before."""
    names = ["cinder-api", "manila-api"]
    selector = {"matchExpressions": [{"key": "component", "operator": "In", "values": names}]}
    body = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "one"}}
    uneven.api.create(BUDGETS, {**body, "spec": {"minAvailable": 5, "selector": selector}})
    until(lambda: uneven.api.get(f"{BUDGETS}/one").get("status", {}).get("expectedPods") == 6, "the budget counts")
    check = modules(MODULE, check=True, **asked())
    done = modules(MODULE, **asked())
    assert (done.failures, done.warnings, done.plans) == ({}, "", check.plans)
    assert all(places(uneven, name) == list(region.LABELS) for name in UNEVEN)


def test_a_pod_that_finds_no_room_ends_the_run_and_the_next_continues(
    uneven: Cluster, modules: Modules, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The quota of pods is that of the moment: what replaces an evicted pod is not even created."""
    # Less than any pod takes, since none comes.
    monkeypatch.setattr(reconcile, "LEAST_SECONDS", 1)
    count = len(uneven.api.list(core("pods")))
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "full"}}
    uneven.api.create(QUOTAS, {**quota, "spec": {"hard": {"pods": str(count - 1)}}})
    until(lambda: (uneven.api.get(f"{QUOTAS}/full").get("status") or {}).get("used"), "the quota counts")
    failed = modules(MODULE, **asked(pod_timeout=5))
    message = failed.failures["az2"]
    assert len(failed.written) == 1
    for words in ("the pod that replaces cinder-api-", "of CinderAPI cinder-api", "is not ready in zone az2"):
        assert words in message
    assert "not begun: evict pod manila-api-" in failed.warnings
    refused = modules(MODULE, **asked(pod_timeout=5))
    assert (refused.written, "while others are missing" in refused.failures["az2"]) == ([], True)
    uneven.empty(QUOTAS)
    until(lambda: are_whole(uneven), "the pod is created", AFTER_A_QUOTA)
    done = modules(MODULE, **asked())
    assert (done.failures, len(done.written)) == ({}, 1)
    assert all(places(uneven, name) == list(region.LABELS) for name in UNEVEN)


def test_rights_that_are_enough_and_one_less(uneven: Cluster, modules: Modules) -> None:
    options = asked()
    looks, own = needed("pod_placement_info", load_map(**raw_map())), RIGHTS[MODULE]
    # No pod here has a volume.
    used = tuple(right for right in own if not right.resource.startswith("persistent"))
    for number, (called, granted) in enumerate(less(used)):
        user = uneven.kube.add_user(f"spreader-{number}", [*granted, *(right.as_rule() for right in looks)])
        answer = modules(MODULE, user=user, **options)
        assert called in str(answer.result).replace('\\"', '"')
        assert answer.result["failed"]
    user = uneven.kube.add_user("spreader", [right.as_rule() for right in (*looks, *used)])
    assert modules(MODULE, user=user, **options).failures == {}


@pytest.mark.parametrize(
    ("fault", "index"),
    [pytest.param(fault, index, id=named(fault, index)) for fault in (*KILLS, *DROPS) for index in range(2)],
)
def test_a_run_that_ends_early_is_continued(uneven: Cluster, processes: Processes, fault: Fault, index: int) -> None:
    """Killed or dropped at an eviction: the next run waits for what that has begun, and no pod is evicted twice."""
    # They sleep between looks, and a busy machine takes its time.
    arguments = {**asked(), **limits(uneven.kube), "timeout": 300, "pod_timeout": 120}
    mark = uneven.kube.mark()
    strike(uneven.kube, processes, MODULE, arguments, fault, index)
    ended = processes.run(MODULE, arguments)
    assert not ended.failed, ended.answer["msg"]
    assert all(places(uneven, name) == list(region.LABELS) for name in UNEVEN)
    # One that was struck has no status, whether or not the API has acted.
    acts = fault.lab["kind"].endswith("-after")
    written = [one for one in uneven.kube.requests(mark) if one.writes]
    evicted = [one.path for one in written if one.status == 201 or (one.fault is not None and acts)]
    assert len(evicted) == len(set(evicted)) == len(UNEVEN), [(one.path, one.status, one.fault) for one in written]
    assert not processes.run(MODULE, arguments).answer["changed"]
