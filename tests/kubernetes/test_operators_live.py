# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in on the real API server, scheduler and StatefulSet controller: pods, outages, switches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from zonelab.kube.client import Switches

from .harness import region
from .harness.cluster import CONTROL_PLANES, NODES, STATEFUL_SETS, Cluster, core, custom, until

Object = dict[str, Any]
GLANCE_APIS = custom("glance", "glanceapis")

pytestmark = pytest.mark.rhoso


@pytest.fixture
def operated(cluster: Cluster) -> Iterator[Cluster]:
    """The region of the fixtures, with operators that have brought it to Ready."""
    cluster.kube.operate()
    region.make(cluster)
    region.settle(cluster)
    yield cluster
    cluster.kube.operate(on=False)


def zone_of(cluster: Cluster, node: str) -> str:
    return str(cluster.api.get(f"{NODES}/{node}")["metadata"]["labels"]["topology.kubernetes.io/zone"])


def zones_of(cluster: Cluster, prefix: str) -> list[str]:
    pods = [pod for pod in cluster.api.list(core("pods")) if pod["metadata"]["name"].startswith(prefix)]
    return sorted(zone_of(cluster, pod["spec"]["nodeName"]) for pod in pods if pod["spec"].get("nodeName"))


def generations(cluster: Cluster) -> dict[str, int]:
    return {one["metadata"]["name"]: one["metadata"]["generation"] for one in cluster.api.list(STATEFUL_SETS)}


def test_pods_sit_where_they_belong_and_a_lost_zone_is_seen(operated: Cluster) -> None:
    """Placed by the real scheduler; one service of a zone not ready; one operator gone; a zone without power."""
    assert zones_of(operated, "glance-az1-edge-api") == ["zoneB", "zoneB"]
    assert zones_of(operated, "cinder-backup-az2") == ["zoneC", "zoneC"]
    assert zones_of(operated, "cinder-api") == zones_of(operated, "memcached") == ["zoneA", "zoneB", "zoneC"]
    ingress = operated.api.get(core("services") + "/glance-az0-internal")["status"]["loadBalancer"]["ingress"]
    assert [one["ip"] for one in ingress] == ["172.17.0.81"]

    kube = operated.kube
    kube.switch(Switches(unready=("cinder-volume-ontap-az0",)))
    until(lambda: region.says(region.plane(operated)) == "Cinder: Deployment in progress", "a volume is not ready")
    kube.switch(Switches())
    region.settle(operated)

    before = generations(operated)
    kube.switch(Switches(stopped=("cinder",)))
    change = {"cinderVolumes": {"ontap-az1": {"customServiceConfig": "[DEFAULT]\nchanged = yes\n"}}}
    operated.api.merge(f"{CONTROL_PLANES}/{region.NAME}", {"spec": {"cinder": {"template": change}}}, "kubectl-edit")
    region.settle(operated)
    assert generations(operated) == before, "Ready although the operator has done nothing"
    kube.switch(Switches())
    until(lambda: generations(operated) != before, "the operator is back and rolls")
    region.settle(operated)
    assert {name for name, number in generations(operated).items() if number != before[name]} == {
        "cinder-volume-ontap-az1"
    }

    kube.power_off("az2")
    until(lambda: not region.is_settled(operated), "the lost zone is seen")
    kube.power_on("az2")
    region.settle(operated)


@pytest.mark.behaviour("long-api-keys")
def test_an_api_of_which_the_key_is_too_long_has_no_pods(operated: Cluster) -> None:
    """The webhook lets 40 characters pass; the pods' label with the revision has no room for them, whatever its hash is (8 to 10)."""
    key = "a" * 40
    name = f"glance-{key}-edge"
    apis = region.plane(operated)["spec"]["glance"]["template"]["glanceAPIs"]
    longer = {"spec": {"glance": {"template": {"glanceAPIs": {key: apis["az0"]}}}}}
    operated.api.merge(f"{CONTROL_PLANES}/{region.NAME}", longer, "kubectl-edit")

    def failures() -> list[Object]:
        events = operated.api.list(core("events"))
        return [
            one for one in events if one["reason"] == "FailedCreate" and one["involvedObject"]["name"] == f"{name}-api"
        ]

    until(lambda: failures() != [], "the StatefulSet says that it cannot make its pods")
    assert "must be no more than 63" in failures()[0]["message"]
    assert zones_of(operated, name) == []

    def said() -> str:
        (found,) = [one for one in operated.api.list(GLANCE_APIS) if one["metadata"]["name"] == name]
        return str(found["status"]["conditions"][0]["message"])

    until(lambda: said().startswith("NetworkAttachments error occurred"), "the condition tells of something else")
