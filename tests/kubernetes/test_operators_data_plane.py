# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's data plane: errors that pass, the one that does not, addresses, and the services that come with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from zonelab.kube.client import Switches
from zonelab.operators import data_plane
from zonelab.operators.certificates import Certificates, wanted
from zonelab.operators.controller import KINDS
from zonelab.operators.world import World

from .harness.cluster import DATA_PLANE_SERVICES, DEPLOYMENTS, NODE_SETS, Cluster, core, until

SPACE = "openstack"
CIDR = "192.168.123.0/24"


def made(kind: str, name: str, spec: dict[str, Any] | None = None) -> dict[str, Any]:
    meta = {"name": name, "namespace": SPACE, "uid": name, "generation": 1}
    return {"apiVersion": "x", "kind": kind, "metadata": meta, "spec": spec or {}}


def node(address: str) -> dict[str, Any]:
    return {"hostName": "compute-0", "networks": [{"name": "ctlplane", "subnetName": "subnet1", "fixedIP": address}]}


def world(address: str = "192.168.123.100", **node_set: Any) -> World:
    """One node set with one host, one service with a certificate, one deployment."""
    spec = {
        "services": ["nova"],
        "nodes": {"node-0": node(address)},
        "nodeTemplate": {},
        "tlsEnabled": True,
        **node_set,
    }
    config = {"networks": [{"name": "ctlplane", "subnets": [{"name": "subnet1", "cidr": CIDR}]}]}
    found = World.of(
        [
            made("NetConfig", "netconfig", config),
            made("OpenStackDataPlaneNodeSet", "az1", spec),
            made("OpenStackDataPlaneService", "nova", {"tlsCerts": {"default": {}}}),
            made("OpenStackDataPlaneDeployment", "dz", {"nodeSets": ["az1"]}),
        ]
    )
    settle(found)
    return found


def settle(found: World) -> None:
    for kind in ("OpenStackDataPlaneNodeSet", "OpenStackDataPlaneDeployment", "OpenStackDataPlaneNodeSet"):
        for own in found.all(kind):
            own["status"] = {**own.get("status", {}), **(KINDS[kind][1](own, found).status or {})}


def conditions(found: World, kind: str, name: str) -> dict[str, tuple[str, str, str]]:
    own = found.find(kind, name)
    assert own is not None
    return {one["type"]: (one["status"], one["reason"], one["message"]) for one in own["status"]["conditions"]}


@pytest.mark.behaviour("passing-error")
def test_a_certificate_that_is_not_there_is_an_error_until_it_is() -> None:
    found = world()
    late = ("False", "Error", data_plane.LATE.format(name="cert-nova-compute-0"))
    told = conditions(found, "OpenStackDataPlaneDeployment", "dz")
    assert (told["InputReady"], told["Ready"]) == (late, late)
    assert list(wanted(found)) == ["cert-nova-compute-0"]
    found.objects["Secret"] = {"cert-nova-compute-0": made("Secret", "cert-nova-compute-0")}
    settle(found)
    assert (found.find("OpenStackDataPlaneDeployment", "dz") or {})["status"]["deployed"] is True
    assert conditions(found, "OpenStackDataPlaneDeployment", "dz")["Ready"][0] == "True"
    assert list(wanted(found)) == []


def test_without_tls_no_certificate_is_asked_for() -> None:
    found = world(tlsEnabled=False)
    assert (found.find("OpenStackDataPlaneDeployment", "dz") or {})["status"]["deployed"] is True


class Written:
    """An API server that keeps the names of what is made."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def create(self, _path: str, body: dict[str, Any]) -> None:
        self.names.append(body["metadata"]["name"])


def test_certificates_come_some_time_after_they_are_asked_for() -> None:
    found, api = world(), Written()
    certificates = Certificates(api)  # type: ignore[arg-type]
    assert not certificates.work(found, 60)
    assert api.names == []
    assert not certificates.work(found, 0)
    assert api.names == ["cert-nova-compute-0"]
    found.objects["Secret"] = {"cert-nova-compute-0": made("Secret", "cert-nova-compute-0")}
    assert certificates.work(found, 60)


@pytest.mark.behaviour("final-error")
def test_only_the_end_of_all_retries_is_final() -> None:
    found = world(tlsEnabled=False, services=["bootstrap", "nova"])
    own = found.find("OpenStackDataPlaneDeployment", "dz")
    assert own is not None
    told = conditions(found, "OpenStackDataPlaneDeployment", "dz")["DeploymentReady"]
    assert told == ("False", "Error", 'OpenStackDataPlaneService.dataplane.openstack.org "bootstrap" not found')
    found.objects["OpenStackDataPlaneService"]["bootstrap"] = made("OpenStackDataPlaneService", "bootstrap")
    found.failing = ("nova",)
    settle(found)
    told = conditions(found, "OpenStackDataPlaneDeployment", "dz")["DeploymentReady"]
    assert told[:2] == ("False", "BackoffLimitExceeded")
    assert "backoff limit reached for execution.name nova-dz-az1" in told[2]
    found.failing = ()
    settle(found)
    assert "deployed" not in own["status"], "nobody looks at it again"


@pytest.mark.behaviour("address-outside")
def test_an_address_outside_its_subnet_is_said_by_one_condition_only() -> None:
    told = conditions(world("192.168.122.100"), "OpenStackDataPlaneNodeSet", "az1")
    reserved = told["NodeSetIPReservationReady"]
    assert reserved[:2] == ("False", "Error")
    assert 'fixedIP: Invalid value: "192.168.122.100": address not in IP address prefix (CIDR)' in reserved[2]
    assert (told["SetupReady"][2], told["Ready"]) == ("Setup started", reserved)


@pytest.mark.behaviour("stock-services")
def test_a_node_set_brings_the_services_of_the_release() -> None:
    found = world()
    own = found.find("OpenStackDataPlaneNodeSet", "az1")
    assert own is not None
    services = {one["metadata"]["name"] for one in data_plane.node_set(own, found).children}
    assert len(services | {"nova"}) == 37
    assert {"frr", "ovn-bgp-agent", "neutron-ovn"} < services


@pytest.fixture
def operated(cluster: Cluster) -> Iterator[Cluster]:
    cluster.kube.operate()
    yield cluster
    cluster.kube.switch(Switches())
    cluster.kube.operate(on=False)
    cluster.empty(DEPLOYMENTS, NODE_SETS, DATA_PLANE_SERVICES)
    for item in cluster.api.list(core("secrets")):
        if item["metadata"]["name"].startswith("cert-"):
            cluster.api.delete(f"{core('secrets')}/{item['metadata']['name']}")


def test_on_the_api_server_a_late_certificate_holds_a_deployment_up_and_no_more(operated: Cluster) -> None:
    api, group = operated.api, "dataplane.openstack.org/v1beta1"
    operated.kube.switch(Switches(certificates=3))
    template = {"ansibleSSHPrivateKeySecret": "key", "ansible": {"ansibleUser": "x"}}
    one = {"hostName": "compute-0", "ansible": {"ansibleHost": "192.168.123.100"}}
    spec = {"preProvisioned": True, "services": ["ovn"], "nodes": {"node-0": one}, "nodeTemplate": template}
    body = {"apiVersion": group, "kind": "OpenStackDataPlaneNodeSet", "metadata": {"name": "az1"}, "spec": spec}
    api.create(NODE_SETS, body)
    until(lambda: api.find(f"{DATA_PLANE_SERVICES}/ovn") is not None, "the services are there")
    deployment = {"apiVersion": group, "kind": "OpenStackDataPlaneDeployment", "metadata": {"name": "dz"}}
    api.create(DEPLOYMENTS, {**deployment, "spec": {"nodeSets": ["az1"]}})

    def status() -> dict[str, Any]:
        found: dict[str, Any] = api.get(f"{DEPLOYMENTS}/dz").get("status") or {}
        return found

    until(lambda: "cert-ovn-compute-0" in str(status()), "it misses the certificate")
    assert not status().get("deployed")
    until(lambda: status().get("deployed"), "it goes on by itself")
