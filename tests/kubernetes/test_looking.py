# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What looks at a cluster: pods that the real scheduler placed, a lost zone, and the page before anything is put there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.preflight.rights import LIST, RIGHTS, needed
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.tests.unit.operators.maps import raw_map
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso import planes

from .harness import region
from .harness.cluster import Cluster, core, until
from .harness.data_plane import DataPlaneOperator
from .harness.modules import Answer, Modules
from .harness.play import KubePlayer, make_inventory, zone_map
from .harness.rights import less


@pytest.fixture
def operated(cluster: Cluster) -> Iterator[Cluster]:
    """The region of the fixtures, with operators that have brought it to Ready."""
    cluster.kube.operate()
    region.make(cluster)
    region.settle(cluster)
    yield cluster
    cluster.kube.operate(on=False)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks at what is waited for come quickly after each other."""
    patient = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: patient(min(seconds, 0.1)))


def rules(answer: Answer) -> dict[str, list[str]]:
    return {zone: [one["rule"] for one in verdict["refusals"]] for zone, verdict in answer.result["zones"].items()}


def are_placed(cluster: Cluster) -> bool:
    pods = cluster.api.list(core("pods"))
    return bool(pods) and all(
        "Ready" in {one["type"] for one in pod["status"].get("conditions", []) if one["status"] == "True"}
        for pod in pods
    )


@pytest.mark.rhoso
def test_every_pod_sits_where_it_belongs_and_a_lost_zone_is_what_fails(operated: Cluster, modules: Modules) -> None:
    until(lambda: are_placed(operated), "all pods are ready")
    answer = modules("pod_placement_info", **raw_map())
    assert rules(answer) == {"az0": [], "az1": [], "az2": []}, answer.result["msg"]
    assert len(answer.requests) == 11
    assert answer.written == []
    assert answer.result["spread"]["cinder-api"] == {"az0": 1, "az1": 1, "az2": 1}
    pods = [pod for verdict in answer.result["zones"].values() for pod in verdict["state"]["pods"]]
    assert sorted(pod["pod"] for pod in pods) == sorted(
        item["metadata"]["name"] for item in operated.api.list(core("pods"))
    )
    assert all(verdict["state"]["survives_loss"] for verdict in answer.result["zones"].values())

    lost = operated.kube.zones[-1]
    operated.kube.power_off(lost)

    def is_lost() -> bool:
        """The pods of a node are not ready a moment after it."""
        found = rules(modules("pod_placement_info", **raw_map()))
        return "nodes_not_ready" in found["az2"] and set(found["az0"]) == set(found["az1"]) == {"quorum"}

    until(is_lost, "the lost zone is what fails, and no other may be lost")
    answer = modules("pod_placement_info", **raw_map(az2="down"))
    assert answer.failures == {}
    assert "(expected: the zone is down)" in answer.warnings
    operated.kube.power_on(lost)


def test_without_kubernetes_nothing_is_asked_for(cluster: Cluster, modules: Modules) -> None:
    for name in ("pod_placement_info", "preflight_info", "data_plane"):
        answer = modules(name, zones={"az1": {}}, region={"zones": ["az1"]})
        assert (answer.requests, answer.failures) == ((), {}), name


@pytest.mark.rhoso
def test_the_page_before_anything_is_put_there(cluster: Cluster, modules: Modules) -> None:
    """The lab has no node health check and no MetalLB: the one is wrong, the other could not be seen."""
    options = data_planes()
    answer = modules("preflight_info", **options)
    assert answer.result["ready"] is False
    assert answer.written == []
    assert [one["rule"] for one in answer.result["region"]] == ["no_health_check", *["no_secret"] * 3]
    assert set(rules(answer)["az1"]) == {"no_health_check", "no_secret", "no_net_config"}
    assert "IPAddressPool: the cluster does not know this kind" in answer.result["unseen"]
    assert any("zone az1: Secret nova-cell1-compute-config does not exist" in line for line in answer.result["page"])


def data_planes() -> dict[str, Any]:
    zones = planes.zones(0, 1)
    return {"zones": zones, "region": {"zones": list(zones)}}


@pytest.mark.rhoso
def test_exactly_these_rights_look_at_pods_and_one_less_is_named(cluster: Cluster, modules: Modules) -> None:
    plane = {"nodes": {"c1": {"address": "192.168.1.1", "networks": [{"name": "ctlplane", "subnet": "s"}]}}}
    options = raw_map()
    options["zones"]["az1"]["data_plane"] = plane
    options["region"]["kubernetes"]["services"] = {"memcached": {"per_zone": True}}
    rights = needed("pod_placement_info", load_map(**options))
    assert len(rights) == len(RIGHTS["pod_placement_info"])
    user = cluster.kube.add_user("looker", [right.as_rule() for right in rights])
    assert "zones" in modules("pod_placement_info", user=user, **options).result
    for called, granted in less(rights):
        user = cluster.kube.add_user("looker", granted)
        answer = modules("pod_placement_info", user=user, **options).result
        # Pods are judged without instance HA.
        optional = "instancehas" in called
        assert ("zones" in answer) == optional, answer["msg"]
        told = str(answer["warnings"]) if optional else answer["msg"]
        assert called in told, told
        assert "Rights in Kubernetes" in told


@pytest.mark.usefixtures("impatient")
def test_exactly_these_rights_make_a_data_plane_and_one_less_is_named(cluster: Cluster, modules: Modules) -> None:
    # Without that to read Secrets a zone that names some has a note.
    rights = tuple(right for right in RIGHTS["data_plane"] if right.resource != "secrets")
    user = cluster.kube.add_user("planner", [right.as_rule() for right in rights])
    with DataPlaneOperator(cluster).running() as operator:
        assert modules("data_plane", user=user, **a_zone(0)).failures == {}
        named = a_zone(0)
        named["zones"]["az1"]["data_plane"]["ansible_vars_secrets"] = ["registry"]
        noted = modules("data_plane", user=user, **named, services=["run-os"])
        assert noted.failures == {}
        assert "has the current values of Secret registry" in str(noted.result["zones"]["az1"]["warnings"])
        for number, (called, granted) in enumerate(less(rights), start=1):
            # Deployments are deleted only where they failed.
            deletes = "cannot delete" in called
            operator.failing = {"bootstrap": "unreachable"} if deletes else {}
            if deletes:
                modules("data_plane", user=user, **a_zone(number))
            fewer = cluster.kube.add_user("planner-with-less", granted)
            answer = modules("data_plane", user=fewer, **a_zone(number))
            assert called in answer.result["msg"], (called, answer.result["msg"])
    page = modules("preflight_info", user=fewer, steps=["data_plane"], **a_zone(0)).result["page"]
    assert "data_plane needs the right to delete openstackdataplanedeployments.dataplane.openstack.org" in page[0]


def a_zone(number: int) -> dict[str, Any]:
    """A data plane of its own for each run: nothing of it is there."""
    zone = planes.zone(1, hosts=1)
    (node,) = zone["data_plane"]["nodes"].values()
    names = {key: f"{key.replace('_', '-')}-{number}" for key in ("node_set", "service", "config_map")}
    zone["data_plane"] |= {**names, "nodes": {f"c{number}": node}}
    return {"zones": {"az1": zone}, "region": {"zones": ["az1"]}}


def test_preflight_is_a_tag_of_verify(cluster: Cluster, play: KubePlayer, tmp_path: Path) -> None:
    """Nothing else is looked at: there is no cloud here to look at."""
    run = play("zoneops.openstack.verify", make_inventory(tmp_path / "inventory", cluster.kube), "--tags", "preflight")
    assert run.rc != 0
    assert run.written == []
    assert "WRONG  region: there is no NodeHealthCheck" in run.output
    assert "Compare the pods" not in run.output


@pytest.mark.rhoso
def test_zones_without_services_have_no_pods_out_of_place(cluster: Cluster, play: KubePlayer, tmp_path: Path) -> None:
    cluster.label_zones()
    inventory = make_inventory(tmp_path / "inventory", cluster.kube)
    assert play.role("rhoso_checks", inventory).rc == 0


@pytest.mark.parametrize("step", ["node_zones", "topologies"])
def test_exactly_these_rights_are_enough_and_one_less_is_named(cluster: Cluster, modules: Modules, step: str) -> None:
    """In check mode: a dry run wants the same rights."""
    # What is looked at while pods restart is not asked for in a dry run.
    rights = tuple(right for right in RIGHTS[step] if right.verbs != LIST)
    options = zone_map(cluster.kube)
    user = cluster.kube.add_user("keeper", [right.as_rule() for right in rights])
    assert modules(step, user=user, check=True, **options).failures == {}
    for called, granted in less(rights):
        user = cluster.kube.add_user("keeper", granted)
        message = modules(step, user=user, check=True, **options).result["msg"]
        assert called in message, (called, message)
