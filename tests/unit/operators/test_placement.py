# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Placement over what the real operators left behind: right as it is, and every single thing that is wrong is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.pod_placement.verdicts import Placement
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.status.pods import Snapshot
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import as_dict, load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.operators.fixtures import read
from ansible_collections.zoneops.openstack.tests.unit.operators.maps import ZONES, raw_map

DESIGNS = ("plain", "unique-pod-names")
KINDS = {
    "Pod": "pods",
    "StatefulSet": "statefulsets",
    "Service": "services",
    "GlanceAPI": "glanceapis",
    "CinderVolume": "cindervolumes",
    "CinderBackup": "cinderbackups",
    "ManilaShare": "manilashares",
}
ZONE_LABEL = "topology.kubernetes.io/zone"
Lists = dict[str, list[dict[str, Any]]]


def lists(design: str = "plain") -> Lists:
    found: Lists = {kind: read(name, design) for kind, name in KINDS.items()}
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    found["Node"] = [
        {"metadata": {"name": item["name"], "labels": item["labels"]}, "status": ready}
        for item in read("nodes", design)
    ]
    # Masters are not among the objects: one in each zone, as the article wants it.
    for label in ZONES.values():
        labels = {"node-role.kubernetes.io/master": "", "topology.kubernetes.io/zone": label}
        found["Node"].append({"metadata": {"name": f"master-{label}", "labels": labels}, "status": ready})
    return found


def the_map(design: str = "plain", **states: str) -> ZoneMap:
    return load_map(**raw_map("openstack" if design == "plain" else "fresh", **states))


def place(found: Lists, design: str = "plain", **states: str) -> Placement:
    return Placement(the_map(design, **states), Snapshot.of(found))


def wrong(found: Lists, **states: str) -> dict[str, list[str]]:
    verdicts = place(found, **states).verdicts(list(ZONES))
    return {zone: [refusal.rule for refusal in verdict.refusals] for zone, verdict in verdicts.items()}


def named(items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(item for item in items if item["metadata"]["name"] == name)


NOTHING: dict[str, list[str]] = {zone: [] for zone in ZONES}


@pytest.mark.parametrize("design", DESIGNS)
def test_what_the_operators_made_is_right(design: str) -> None:
    found = place(lists(design), design)
    verdicts = found.verdicts(list(ZONES))
    rules = {refusal.rule for verdict in verdicts.values() for refusal in verdict.refusals}
    # The second design was made with the configuration of the first, which names the endpoints of another namespace.
    assert rules == (set() if design == "plain" else {"other_endpoint"})
    assert [verdict.warnings for verdict in verdicts.values()] == [(), (), ()]


@pytest.mark.parametrize("design", DESIGNS)
def test_every_pod_is_told_with_its_zone(design: str) -> None:
    found = lists(design)
    told = [row for verdict in place(found, design).verdicts(list(ZONES)).values() for row in verdict.state["pods"]]
    assert sorted(row["pod"] for row in told) == sorted(item["metadata"]["name"] for item in found["Pod"])
    by_zone = [row for row in told if row["placed_by"] == "zone"]
    assert {row["service"].partition(" ")[0] for row in by_zone} == {
        "GlanceAPI",
        "CinderVolume",
        "CinderBackup",
        "ManilaShare",
    }
    assert len([row for row in by_zone if row["service"].startswith("CinderBackup")]) == 6


def test_majorities() -> None:
    region = place(lists()).region()
    assert set(region["quorum"]) == {"etcd", "RabbitMq rabbitmq", "RabbitMq rabbitmq-cell1"}
    for group in region["quorum"].values():
        assert group["size"] == 3
        assert group["survives"] == {"az0": True, "az1": True, "az2": True}
    assert region["spread"]["memcached"] == {"az0": 1, "az1": 1, "az2": 1}
    assert (region["uneven"], region["waiting"]) == ([], [])


def move(found: Lists, pod: str, node: str) -> None:
    named(found["Pod"], pod)["spec"]["nodeName"] = node


def elsewhere(found: Lists) -> None:
    move(found, "cinder-backup-az1-0", "worker-0")


def together(found: Lists) -> None:
    pods = [named(found["Pod"], f"glance-az1-edge-api-{index}") for index in range(2)]
    pods[0]["spec"]["nodeName"] = pods[1]["spec"]["nodeName"]


def two_members(found: Lists) -> None:
    in_zone_b = [node["metadata"]["name"] for node in found["Node"] if "zoneB" in node["metadata"]["labels"].values()]
    pods = [item for item in found["Pod"] if item["metadata"]["name"].startswith("rabbitmq-server-")]
    there = next(item for item in pods if item["spec"]["nodeName"] in in_zone_b)
    moved = next(item for item in pods if item is not there)
    free = [name for name in in_zone_b if name != there["spec"]["nodeName"] and name.startswith("worker")]
    moved["spec"]["nodeName"] = free[0]


def unplaced(found: Lists) -> None:
    pod = named(found["Pod"], "manila-share-az1-0")
    del pod["spec"]["nodeName"]
    why = {"type": "PodScheduled", "status": "False", "message": "0/9 nodes are available: 3 Insufficient cpu."}
    pod["status"]["conditions"] = [why]


def no_pod(found: Lists) -> None:
    found["Pod"].remove(named(found["Pod"], "cinder-volume-ontap-az1-0"))


def no_service(found: Lists) -> None:
    found["Service"].remove(named(found["Service"], "glance-az1-internal"))


def no_balancer(found: Lists) -> None:
    named(found["Service"], "glance-az1-internal")["spec"]["type"] = "ClusterIP"


def no_address(found: Lists) -> None:
    named(found["Service"], "glance-az1-internal")["status"] = {"loadBalancer": {}}


def other_address(found: Lists) -> None:
    named(found["Service"], "glance-az1-internal")["status"]["loadBalancer"]["ingress"] = [{"ip": "172.17.0.99"}]


def no_annotation(found: Lists) -> None:
    del named(found["Service"], "glance-az1-internal")["metadata"]["annotations"][
        "dnsmasq.network.openstack.org/hostname"
    ]


def other_store(found: Lists) -> None:
    spec = named(found["CinderVolume"], "cinder-volume-ontap-az1")["spec"]
    spec["customServiceConfig"] = spec["customServiceConfig"].replace("glance-az1", "glance-az0")


def no_store(found: Lists) -> None:
    named(found["CinderVolume"], "cinder-volume-ontap-az1")["spec"]["customServiceConfig"] = "[ontap-az1]\na = b\n"


def other_topology(found: Lists) -> None:
    named(found["ManilaShare"], "manila-share-az1")["status"]["lastAppliedTopology"]["name"] = "spread-pods"


def no_object(found: Lists) -> None:
    found["CinderBackup"].remove(named(found["CinderBackup"], "cinder-backup-az1"))


def no_label(found: Lists) -> None:
    for node in found["Node"]:
        if node["metadata"]["labels"]["topology.kubernetes.io/zone"] == "zoneB":
            node["metadata"]["labels"]["topology.kubernetes.io/zone"] = "zoneD"


CASES: list[tuple[Callable[[Lists], None], str, str]] = [
    (elsewhere, "wrong_zone", "pod cinder-backup-az1-0 is on node worker-0 (az0)"),
    (
        together,
        "same_host",
        "glance-az1-edge-api-0, glance-az1-edge-api-1 of GlanceAPI glance-az1-edge are on one host",
    ),
    (two_members, "quorum_members", "RabbitMq rabbitmq has 2 of its 3 members in this zone"),
    (two_members, "quorum", "RabbitMq rabbitmq does not survive the loss of zone az1: 1 of 3 members would be left"),
    (unplaced, "not_ready", "0/9 nodes are available: 3 Insufficient cpu."),
    (no_pod, "no_pods", "CinderVolume cinder-volume-ontap-az1 has 0 of 1 pods"),
    (no_service, "no_endpoint", "Service glance-az1-internal is missing"),
    (no_balancer, "no_load_balancer", "has type ClusterIP"),
    (no_address, "no_address", "pool internalapi"),
    (other_address, "wrong_address", "172.17.0.99, the map says 172.17.0.82"),
    (no_annotation, "no_dns", "glance-az1-internal.openstack.svc"),
    (other_store, "other_endpoint", "not the zone's own https://glance-az1-internal.openstack.svc:9292"),
    (no_store, "other_endpoint", "does not set glance_api_servers"),
    (other_topology, "wrong_topology", "ManilaShare of az1 runs with the Topology spread-pods"),
    (no_object, "missing_service", "there is no CinderBackup of az1"),
    (no_label, "no_nodes", "topology.kubernetes.io/zone=zoneB"),
]


@pytest.mark.parametrize(("change", "rule", "words"), CASES, ids=lambda value: getattr(value, "__name__", None))
def test_what_is_wrong_is_named_in_its_zone(change: Callable[[Lists], None], rule: str, words: str) -> None:
    found = lists()
    change(found)
    refusals = place(found).verdicts(["az1"])["az1"].refusals
    assert [item for item in refusals if item.rule == rule and words in item.message], refusals


@pytest.mark.parametrize("change", [elsewhere, together, unplaced, no_service, other_store, other_topology, no_object])
def test_the_other_zones_do_not_suffer(change: Callable[[Lists], None]) -> None:
    found = lists()
    change(found)
    broken = wrong(found)
    assert (broken["az0"], broken["az2"]) == ([], [])


def lose(found: Lists, label: str, *, rescheduled: bool = False) -> None:
    """A zone whose nodes do not answer: its pods are not ready, or gone elsewhere where their Topology lets them."""
    lost = {node["metadata"]["name"] for node in found["Node"] if label in node["metadata"]["labels"].values()}
    for node in found["Node"]:
        if node["metadata"]["name"] in lost:
            node["status"] = {"conditions": [{"type": "Ready", "status": "Unknown"}]}
    for pod in found["Pod"]:
        if pod["spec"].get("nodeName") in lost:
            pod["status"]["conditions"] = [{"type": "Ready", "status": "False", "message": "node is not ready"}]
            name = pod["metadata"]["name"]
            if rescheduled and name.startswith(("cinder-api", "glance-default", "manila-api")):
                pod["spec"]["nodeName"] = "worker-0"
                pod["status"]["conditions"] = [{"type": "Ready", "status": "True"}]


@pytest.mark.parametrize(("zone", "label"), ZONES.items())
def test_a_lost_zone_is_what_fails_and_the_others_say_what_they_have_left(zone: str, label: str) -> None:
    found = lists()
    lose(found, label)
    broken = wrong(found)
    assert {"nodes_not_ready", "not_ready"} <= set(broken[zone])
    for other in set(ZONES) - {zone}:
        assert set(broken[other]) == {"quorum"}, "one more would be too many"


def without_a_place(found: Lists, name: str) -> None:
    pod = named(found["Pod"], name)
    pod["spec"].pop("nodeName")
    why = {"type": "PodScheduled", "status": "False", "message": "0/9 nodes are available"}
    pod["status"]["conditions"] = [why]


def test_a_spread_service_without_pods_fails_every_zone() -> None:
    found = lists()
    found["Pod"] = [item for item in found["Pod"] if not item["metadata"]["name"].startswith("manila-api-")]
    for states in ({}, {"az2": "down"}):
        verdicts = place(found, **states).verdicts(["az0", "az1"])
        for verdict in verdicts.values():
            (refusal,) = verdict.refusals
            assert refusal.rule == "few_pods"
            assert "ManilaAPI manila-api has 0 of 3 pods ready: look at the events of StatefulSet manila-api" in (
                refusal.message
            )


def test_a_pod_of_a_spread_service_that_finds_no_place_is_named_with_the_reason() -> None:
    found = lists()
    without_a_place(found, "cinder-api-1")
    refusals = place(found).verdicts(["az1"])["az1"].refusals
    assert [item.message for item in refusals if item.rule == "few_pods"] == [
        "CinderAPI cinder-api has 2 of 3 pods ready: pod cinder-api-1: 0/9 nodes are available."
    ]


def deployed(found: Lists, name: str, *nodes: str, owner: str | None = "KeystoneAPI") -> None:
    """A service that is a Deployment, with a version that is no more in use."""
    above = [{"kind": owner, "name": name, "uid": f"{name}-cr", "controller": True}] if owner else []
    made = {"metadata": {"name": name, "uid": name, "ownerReferences": above}, "spec": {"replicas": 3}}
    found.setdefault("Deployment", []).append(made)
    for version in ("old", "new"):
        owners = [{"kind": "Deployment", "name": name, "uid": name, "controller": True}]
        metadata = {"name": f"{name}-{version}", "uid": f"{name}-{version}", "ownerReferences": owners}
        found.setdefault("ReplicaSet", []).append({"metadata": metadata, "spec": {"replicas": 3}})
    owners = [{"kind": "ReplicaSet", "name": f"{name}-new", "uid": f"{name}-new", "controller": True}]
    ready = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
    for index, node in enumerate(nodes):
        metadata = {"name": f"{name}-new-{index}", "uid": f"{name}-{index}", "ownerReferences": owners}
        found["Pod"].append({"metadata": metadata, "spec": {"nodeName": node}, "status": ready})


def test_services_that_are_deployments_are_seen() -> None:
    found = lists()
    deployed(found, "keystone", "worker-0", "worker-3", "worker-6")
    assert place(found).region()["spread"]["keystone"] == {"az0": 1, "az1": 1, "az2": 1}
    assert wrong(found) == NOTHING
    found["Pod"].pop()
    refusals = place(found).verdicts(["az0"])["az0"].refusals
    assert [item.message for item in refusals] == [
        "KeystoneAPI keystone has 2 of 3 pods ready: look at the events of Deployment keystone."
    ]


def test_what_no_operator_made_is_not_judged() -> None:
    found = lists()
    deployed(found, "mine", owner=None)
    assert wrong(found) == NOTHING
    assert "mine" not in place(found).region()["spread"]


def test_a_zone_that_is_away_explains_the_pods_that_it_had() -> None:
    found = lists()
    without_a_place(found, "cinder-api-1")
    verdict = place(found, az2="maintenance").verdicts(["az1"])["az1"]
    assert not verdict.failed
    assert any(
        "CinderAPI cinder-api has 2 of 3" in note and "(while zone az2 is away)" in note for note in verdict.warnings
    )
    without_a_place(found, "cinder-api-2")
    assert wrong(found, az2="maintenance")["az1"] == ["few_pods"]


def test_a_zone_that_is_known_to_be_lost_does_not_fail() -> None:
    found = lists()
    lose(found, "zoneC")
    verdict = place(found, az2="down").verdicts(["az2"])["az2"]
    assert not verdict.failed
    assert any("expected: the zone is down" in note for note in verdict.warnings)
    assert verdict.state["survives_loss"] is True
    others = place(found, az2="down").verdicts(["az0", "az1"])
    assert [item.failed for item in others.values()] == [False, False]
    assert all("while zone az2 is down" in item.warnings[0] for item in others.values())


def test_a_zone_that_came_back_is_without_its_share() -> None:
    found = lists()
    lose(found, "zoneC", rescheduled=True)
    for node in found["Node"]:
        node["status"] = {"conditions": [{"type": "Ready", "status": "True"}]}
    region = place(found).region()
    assert "CinderAPI cinder-api: 2-1-0 (az0: 2, az1: 1, az2: 0)" in region["uneven"]
    notes = place(found).verdicts(["az2"])["az2"].warnings
    assert any("CinderAPI cinder-api is spread 2-1-0" in note for note in notes), notes


def test_jobs_and_pods_that_ended_hold_no_place() -> None:
    found = lists()
    pod = named(found["Pod"], "cinder-backup-az1-0")
    job = {
        "metadata": {
            "name": "cinder-db-sync-x",
            "uid": "1",
            "ownerReferences": [{"kind": "Job", "name": "x", "controller": True}],
        }
    }
    found["Pod"].append({**job, "spec": {"nodeName": "worker-0"}, "status": {"phase": "Succeeded"}})
    old = {**pod, "metadata": {**pod["metadata"], "name": "old"}, "spec": {"nodeName": "worker-0"}}
    found["Pod"].append({**old, "status": {"phase": "Failed"}})
    assert wrong(found) == NOTHING


def test_a_zone_without_kubernetes_has_no_verdict() -> None:
    whole = load_map({"az0": {}, "az1": {"kubernetes": {}}}, {"zones": ["az0", "az1"]})
    assert set(Placement(whole, Snapshot.of({})).verdicts(["az0", "az1"])) == {"az1"}


def test_a_namespace_without_pods_is_told() -> None:
    """A wrong name of the namespace shows nothing that could be in a wrong place."""
    raw: dict[str, Any] = {"az0": {"kubernetes": {}}, "az1": {"kubernetes": {}}}
    whole = load_map(raw, {"zones": list(raw), "kubernetes": {"namespace": "opnstack"}})
    nodes = {"Node": lists()["Node"]}
    for verdict in Placement(whole, Snapshot.of(nodes)).verdicts(list(raw)).values():
        assert "namespace opnstack has no service with pods, so none was checked" in verdict.warnings[0]


def test_the_hosts_configuration_names_the_zones_endpoint() -> None:
    zone = the_map()
    found = lists()
    data = "[glance]\nendpoint_override = https://glance-az1-internal.openstack.svc:9292\n"
    for text, rules in ((data, []), (data.replace("az1", "az0"), ["other_endpoint"]), (None, ["no_config_map"])):
        item = {"metadata": {"name": "nova-extra-config-az1"}, "data": {"25-nova-extra.conf": text}}
        found["ConfigMap"] = [] if text is None else [item]
        plain = {"address": "192.168.1.1", "networks": [{"name": "ctlplane", "subnet": "s"}]}
        raw = as_dict(zone)
        raw["zones"]["az1"]["data_plane"] = {"nodes": {"c1": plain}}
        verdict = Placement(load_map(**raw), Snapshot.of(found)).verdicts(["az1"])["az1"]
        assert [refusal.rule for refusal in verdict.refusals] == rules


def test_what_a_zone_lacks_after_it_was_lost() -> None:
    """Whatever its file says: it comes by itself, or somebody has to see to something first."""
    fine = place(lists())
    assert [(fine.missing(zone), fine.comes(zone, fenced=False)) for zone in fine.zones.values()] == [([], False)] * 3

    def lacking(change: Callable[[Lists], Any], **states: str) -> tuple[list[str], bool, bool]:
        found = lists()
        change(found)
        placement = place(found, **states)
        zone = placement.zones["az1"]
        comes = (placement.comes(zone, fenced=fenced) for fenced in (False, True))
        return placement.missing(zone), next(comes), next(comes)

    def pending(found: Lists) -> None:
        pod = named(found["Pod"], "cinder-backup-az1-0")
        pod["status"] = {"conditions": [{"type": "Ready", "status": "False", "message": "it starts"}]}

    def gone(found: Lists) -> None:
        found["Pod"].remove(named(found["Pod"], "cinder-backup-az1-0"))

    def silent(found: Lists) -> None:
        pending(found)
        node = next(one for one in found["Node"] if one["metadata"]["labels"].get(ZONE_LABEL) == ZONES["az1"])
        node["status"] = {}

    def fenced(found: Lists) -> None:
        pending(found)
        node = next(one for one in found["Node"] if one["metadata"]["labels"].get(ZONE_LABEL) == ZONES["az1"])
        node["spec"] = {"taints": [{"key": "node.kubernetes.io/out-of-service", "effect": "NoExecute"}]}

    waits = ["pod cinder-backup-az1-0 is not ready: it starts."]
    assert lacking(pending) == lacking(pending, az1="maintenance") == (waits, True, True)
    assert lacking(pending, az1="down") == (waits, False, False)
    ((text,), *comes) = lacking(gone)
    assert ("pods: look at the events of" in text, comes) == (True, [True, True])
    ((first, *rest), *comes) = lacking(silent)
    assert (first.startswith("node "), rest, comes) == (True, waits, [False, False])
    assert lacking(fenced) == (waits, False, True)
    ((text,), *comes) = lacking(lambda found: found["ManilaShare"].clear())
    assert ("there is no ManilaShare" in text, comes) == (True, [False, False])


def test_members_of_a_zone_that_is_lost_are_not_waited_for() -> None:
    found = lists()
    for node in found["Node"]:
        if node["metadata"]["labels"].get(ZONE_LABEL) == ZONES["az2"]:
            node["status"] = {}
    placement = place(found)
    assert placement.short == ["etcd has 2 of 3 members."]
    assert not placement.comes(placement.zones["az1"], fenced=False)
    # A member of its own joins.
    found = lists()
    pod = next(one for one in found["Pod"] if one["metadata"]["name"].startswith("rabbitmq-server"))
    pod["status"] = {}
    placement = place(found)
    assert len(placement.short) == 1
    assert all(placement.comes(zone, fenced=False) for zone in placement.zones.values())
