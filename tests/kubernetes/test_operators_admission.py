# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's admission webhooks: what they refuse and in which words, what they let pass, what they fill in."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from zonelab.kube.client import ApiError, Switches
from zonelab.operators import admission
from zonelab.operators.defaults import filled, wants_images
from zonelab.operators.world import World

from .harness import fixtures, region
from .harness.cluster import CONTROL_PLANES, NODE_SETS, Cluster

Object = dict[str, Any]

pytestmark = pytest.mark.rhoso

LONG = "a" * 41
LABEL = "a lowercase RFC 1123 label must consist of"


@pytest.fixture
def plane() -> Object:
    return fixtures.world("plain").all("OpenStackControlPlane")[0]


def glance(own: Object) -> Object:
    found: Object = own["spec"]["glance"]["template"]
    return found


def cinder(own: Object) -> Object:
    found: Object = own["spec"]["cinder"]["template"]
    return found


def renamed(part: Object, old: str, new: str) -> None:
    part[new] = part.pop(old)


REFUSED: list[tuple[Callable[[Object], Any], str]] = [
    (
        lambda own: glance(own).pop("keystoneEndpoint"),
        'spec.glance.template.keystoneEndpoint: Invalid value: "": Keystone',
    ),
    (
        lambda own: glance(own).update(keystoneEndpoint="az1"),
        'value: "az1": KeystoneEndpoint is assigned to an invalid',
    ),
    (lambda own: glance(own).update(keystoneEndpoint="no"), 'value: "no": KeystoneEndpoint is assigned to an invalid'),
    (
        lambda own: glance(own)["glanceAPIs"]["az1"].update(type="split"),
        'spec.glance.template.glanceAPIs[az1]: Invalid value: "az1": The GlanceAPI layout (type) cannot be modified.',
    ),
    (
        lambda own: glance(own)["glanceAPIs"]["default"].pop("customServiceConfig"),
        'glanceAPIs[default]: Invalid value: "default": The GlanceAPI layout type: split cannot be used in combination',
    ),
    (
        lambda own: cinder(own).update(cinderBackup={}),
        'spec.cinder.template: Invalid value: "cinderBackup": Usage of the',
    ),
    (lambda own: cinder(own).pop("cinderBackup"), 'spec.cinder.template: Invalid value: "cinderBackup": Usage of the'),
    (
        lambda own: glance(own)["glanceAPIs"]["az0"]["topologyRef"].update(namespace="other"),
        'glanceAPIs[az0].topologyRef.namespace: Invalid value: "namespace": Customizing namespace field is not supported',
    ),
    (
        lambda own: renamed(glance(own)["glanceAPIs"], "az0", "az_0"),
        f'glanceAPIs[az_0]: Invalid value: "az_0": {LABEL}',
    ),
    (
        lambda own: renamed(cinder(own)["cinderVolumes"], "ontap-az0", "a.b"),
        '[a.b]: Invalid value: "a.b": must not contain dots',
    ),
    (lambda own: renamed(glance(own)["glanceAPIs"], "az0", LONG), "must be no more than 40 characters"),
    (lambda own: renamed(cinder(own)["cinderVolumes"], "ontap-az0", LONG[2:]), "must be no more than 38 characters"),
    (
        lambda own: glance(own)["glanceAPIs"]["az0"]["override"]["service"].update(admin={}),
        'override.service[admin]: Invalid value: "admin": invalid endpoint type: admin',
    ),
    (
        lambda own: own["spec"]["memcached"].update(enabled=False),
        "spec.glance.enabled: Invalid value: true: Glance requires these services to be enabled: Galera, Memcached, Keystone.",
    ),
]


@pytest.mark.behaviour("refused")
@pytest.mark.parametrize(("spoil", "message"), REFUSED)
def test_what_is_wrong_is_refused(plane: Object, spoil: Callable[[Object], Any], message: str) -> None:
    before = copy.deepcopy(plane)
    spoil(plane)
    verdict = admission.control_plane(plane, before, World.of([before]))
    assert verdict.message.startswith('OpenStackControlPlane.core.openstack.org "controlplane" is invalid: ')
    assert message in verdict.message
    assert verdict.code == 422


@pytest.mark.behaviour("refused")
def test_a_second_control_plane_is_forbidden(plane: Object) -> None:
    other = copy.deepcopy(plane)
    other["metadata"]["name"] = "other"
    verdict = admission.control_plane(other, None, World.of([plane]))
    assert verdict.message == (
        'OpenStackControlPlane.core.openstack.org "other" is forbidden: : Forbidden:'
        " Only one OpenStackControlPlane instance per namespace is supported at this time."
    )
    assert verdict.code == 403


ACCEPTED: list[Callable[[Object], Any]] = [
    lambda own: None,
    lambda own: glance(own)["glanceAPIs"]["az0"].pop("customServiceConfig"),
    lambda own: glance(own)["glanceAPIs"]["az0"]["topologyRef"].update(name="missing"),
    lambda own: glance(own)["glanceAPIs"]["az0"]["topologyRef"].update(namespace=own["metadata"]["namespace"]),
    lambda own: renamed(cinder(own)["cinderBackups"], "az0", "az_0" + LONG),
    lambda own: renamed(own["spec"]["manila"]["template"]["manilaShares"], "az0", "az_0" + LONG),
    lambda own: own["spec"].pop("secret"),
    lambda own: glance(own)["glanceAPIs"].update(new={"replicas": 0}),
]


@pytest.mark.behaviour("accepted-although-wrong")
@pytest.mark.parametrize("number", range(len(ACCEPTED)))
def test_what_the_real_ones_let_pass_is_let_pass(plane: Object, number: int) -> None:
    before = copy.deepcopy(plane)
    ACCEPTED[number](plane)
    assert admission.control_plane(filled(plane, before), before, World.of([before])).message == ""


def test_a_complete_control_plane_is_left_as_it_is(plane: Object) -> None:
    assert filled(plane, None) == plane


@pytest.mark.behaviour("images-filled")
def test_images_are_filled_where_the_definition_wants_them(plane: Object) -> None:
    required: Object = {"glanceAPIs": {"additionalProperties": {"required": ["containerImage"]}}}
    schema = {
        "properties": {"spec": {"properties": {"glance": {"properties": {"template": {"properties": required}}}}}}
    }
    definition = {"spec": {"versions": [{"schema": {"openAPIV3Schema": schema}}]}}
    assert wants_images(definition)
    del required["glanceAPIs"]["additionalProperties"]["required"]
    assert not wants_images(definition)
    assert {api["containerImage"] for api in glance(filled(plane, None, images=True))["glanceAPIs"].values()} == {""}


@pytest.mark.behaviour("default-injected")
def test_an_api_called_default_is_injected(plane: Object) -> None:
    zones = glance(plane).pop("glanceAPIs")
    made = filled(plane, None)
    assert glance(made)["glanceAPIs"] == {"default": {"type": "split", "replicas": 0, "apiTimeout": 60}}
    glance(made).update(apiTimeout=600)
    glance(made)["glanceAPIs"]["az0"] = {key: value for key, value in zones["az0"].items() if key != "apiTimeout"}
    later = glance(filled(made, made))["glanceAPIs"]
    assert (later["default"]["apiTimeout"], later["az0"]["apiTimeout"]) == (60, 600)


@pytest.mark.behaviour("suffix-once")
def test_the_suffix_is_drawn_once(plane: Object) -> None:
    plane["spec"]["glance"]["uniquePodNames"] = True
    first, second = (filled(plane, None)["spec"]["glance"]["serviceName"] for _turn in range(2))
    assert first != second
    assert first.startswith("glance-")
    made = filled(plane, None)
    assert filled(plane, made)["spec"]["glance"]["serviceName"] == made["spec"]["glance"]["serviceName"]


@pytest.mark.behaviour("node-set-conflict")
@pytest.mark.parametrize(("status", "code"), [({"conditions": []}, 409), ({"deployed": True}, 0), ({}, 0)])
def test_a_node_set_is_not_changed_while_it_is_deployed(status: Object, code: int) -> None:
    before: Object = {"metadata": {"name": "az1"}, "spec": {"nodes": {}, "services": ["nova"]}}
    own = {**before, "spec": {**before["spec"], "services": []}}
    running = {
        "kind": "OpenStackDataPlaneDeployment",
        "metadata": {"name": "dz-2"},
        "spec": {"nodeSets": ["az1"]},
        "status": status,
    }
    verdict = admission.node_set(own, before, World.of([running]))
    assert (verdict.code if verdict.message else 0) == code
    if code:
        assert verdict.message == (
            "could not patch openstackdataplanenodeset while openstackdataplanedeployment dz-2"
            " (blocked on NodeSetDeploymentReady condition) is running"
        )


@pytest.fixture
def asked(cluster: Cluster) -> Iterator[Cluster]:
    """A cluster with webhooks whose operators do nothing else."""
    cluster.kube.operate()
    cluster.kube.switch(Switches(stopped=("openstack", "glance", "cinder", "manila", "infra")))
    yield cluster
    cluster.kube.operate(on=False)


@pytest.mark.behaviour("refused")
@pytest.mark.behaviour("owned-by-nobody")
def test_the_api_server_asks_them(asked: Cluster) -> None:
    """A dry run that is refused, a no-op that is none, a node set with a wrong address."""
    region.make(asked)
    path = f"{CONTROL_PLANES}/{region.NAME}"
    zone = {"replicas": 2, "type": "edge", "topologyRef": {"name": "spread-pods"}}
    body: Object = {
        "apiVersion": "core.openstack.org/v1beta1",
        "kind": "OpenStackControlPlane",
        "metadata": {"name": region.NAME, "uid": region.plane(asked)["metadata"]["uid"]},
        "spec": {"glance": {"template": {"glanceAPIs": {"new": zone}}}},
    }
    made = asked.api.apply(path, body, "zoneops-new")
    assert made["spec"]["glance"]["template"]["glanceAPIs"]["new"]["apiTimeout"] == 600
    managed = str([one for one in made["metadata"]["managedFields"] if one["manager"] == "zoneops-new"])
    assert "f:replicas" in managed
    assert "apiTimeout" not in managed
    for dry_run in (True, False):
        again = asked.api.apply(path, body, "zoneops-new", dry_run=dry_run)
        assert again["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]
    zone["override"] = {"service": {"admin": {}}}
    with pytest.raises(ApiError) as refused:
        asked.api.apply(path, body, "zoneops-new", dry_run=True)
    assert refused.value.status == 422
    assert refused.value.body["message"].startswith(
        'admission webhook "vopenstackcontrolplane-v1beta1.kb.io" denied the request: OpenStackControlPlane.core.openstack.org'
        ' "controlplane" is invalid: spec.glance.template.glanceAPIs[new].override.service[admin]: Invalid value: "admin"'
    )
    nodes = {"compute-0": {"ansible": {"ansibleHost": "not an address"}, "hostName": "compute-0"}}
    spec = {"preProvisioned": True, "nodes": nodes, "nodeTemplate": {"ansibleSSHPrivateKeySecret": "key"}}
    version = "dataplane.openstack.org/v1beta1"
    node_set = {"apiVersion": version, "kind": "OpenStackDataPlaneNodeSet", "metadata": {"name": "az1"}, "spec": spec}
    with pytest.raises(ApiError, match="ansibleHost must be a valid IP address for pre-provisioned nodes"):
        asked.api.create(NODE_SETS, node_set)
