# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each behaviour of the stand-in that a user of the real operators stumbles on, on the objects that were read after them."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from zonelab.operators import cinder, control_plane, data_plane, glance, infrastructure, manila
from zonelab.operators.conditions import ready_of
from zonelab.operators.controller import KINDS
from zonelab.operators.world import Wanted, World, digest

from .harness import fixtures

Object = dict[str, Any]

pytestmark = pytest.mark.rhoso


@pytest.fixture
def world() -> World:
    return fixtures.world("plain")


def one(world: World, kind: str, name: str) -> Object:
    found = world.find(kind, name)
    assert found, f"{kind} {name}"
    return found


def says(wanted: Wanted, kind: str = "Ready") -> tuple[str, str]:
    conditions = {one["type"]: one for one in (wanted.status or {})["conditions"]}
    return conditions[kind]["status"], conditions[kind]["message"]


def not_ready(found: Object, message: str = "Deployment in progress") -> None:
    condition = ready_of(found)
    assert condition
    condition |= {"status": "False", "reason": "Requested", "message": message}


def reconciled(world: World, kind: str, name: str) -> Wanted:
    return KINDS[kind][1](one(world, kind, name), world)


@pytest.mark.behaviour("stale-ready")
def test_control_plane_is_ready_on_what_a_service_said_before(world: World) -> None:
    service, plane = one(world, "Cinder", "cinder"), one(world, "OpenStackControlPlane", "controlplane")
    service["metadata"]["generation"] += 1
    wanted = control_plane.control_plane(plane, world)
    assert says(wanted) == ("True", "Setup complete")
    assert says(wanted, "OpenStackControlPlaneCinderReady") == ("True", "Cinder: Setup complete")
    not_ready(service)
    assert says(control_plane.control_plane(plane, world)) == ("False", "Cinder: Deployment in progress")


@pytest.mark.behaviour("last-key-decides")
def test_glance_is_ready_when_the_last_api_is(world: World) -> None:
    not_ready(one(world, "GlanceAPI", "glance-az0-edge"))
    one(world, "GlanceAPI", "glance-az0-edge")["status"]["readyCount"] = 0
    wanted = reconciled(world, "Glance", "glance")
    assert says(wanted) == ("True", "Setup complete")
    assert (wanted.status or {})["glanceAPIReadyCounts"]["az0"] == 0
    not_ready(one(world, "GlanceAPI", "glance-default-internal"))
    assert says(reconciled(world, "Glance", "glance"))[0] == "False"


@pytest.mark.behaviour("all-parts-count")
@pytest.mark.parametrize(
    ("kind", "name", "service"),
    [
        ("CinderVolume", "cinder-volume-ontap-az1", "Cinder"),
        ("CinderBackup", "cinder-backup-az0", "Cinder"),
        ("ManilaShare", "manila-share-az2", "Manila"),
    ],
)
def test_one_part_that_is_not_ready_counts(world: World, kind: str, name: str, service: str) -> None:
    not_ready(one(world, kind, name))
    assert says(reconciled(world, service, service.lower())) == ("False", "Deployment in progress")


@pytest.mark.behaviour("dns-data")
def test_names_and_addresses_of_the_zones(world: World) -> None:
    """As the real operators wrote them."""
    (real,) = [found for found in fixtures.read("plain", "dnsdata") if found["metadata"]["name"] == "dns-svc"]
    plane = one(world, "OpenStackControlPlane", "controlplane")
    mine = infrastructure.dns_data(plane, world)
    assert (mine["metadata"]["name"], mine["spec"]) == (real["metadata"]["name"], real["spec"])
    one(world, "Service", "glance-az1-internal")["status"]["loadBalancer"] = {}
    hosts = infrastructure.dns_data(plane, world)["spec"]["hosts"]
    assert [host["ip"] for host in hosts] == ["172.17.0.81", "172.17.0.83"]


@pytest.mark.behaviour("quorum-pods")
@pytest.mark.parametrize(("kind", "pods"), [("Galera", "openstack-galera"), ("OVNDBCluster", "ovndbcluster-nb")])
def test_members_of_the_quorum_have_pods(world: World, kind: str, pods: str) -> None:
    plane = one(world, "OpenStackControlPlane", "controlplane")
    (own, *_others) = [found for found in control_plane.control_plane(plane, world).children if found["kind"] == kind]
    own["metadata"] |= {"uid": "1", "generation": 1}
    (made,) = [found for found in KINDS[kind][1](own, world).children if found["kind"] == "StatefulSet"]
    assert (made["metadata"]["name"], made["spec"]["replicas"]) == (pods, own["spec"]["replicas"])
    del world.objects[kind]
    assert says(control_plane.control_plane(plane, world))[0] == "False"


@pytest.mark.behaviour("networks-error-first")
def test_pods_that_do_not_run_are_an_error_of_their_networks(world: World) -> None:
    pod = one(world, "Pod", "glance-az0-edge-api-1")
    pod["status"]["phase"] = "Pending"
    wanted = reconciled(world, "GlanceAPI", "glance-az0-edge")
    status, message = says(wanted)
    assert status == "False"
    assert message.startswith("NetworkAttachments error occurred not all pods have interfaces")
    assert message.endswith("NetworkAttachments: [storage]")
    pod["status"]["phase"] = "Running"
    one(world, "StatefulSet", "glance-az0-edge-api")["status"]["readyReplicas"] = 1
    assert says(reconciled(world, "GlanceAPI", "glance-az0-edge")) == ("False", "Deployment in progress")


@pytest.mark.behaviour("missing-topology")
def test_a_missing_topology_is_told_and_nothing_is_deployed(world: World) -> None:
    del world.objects["Topology"]["azone-node-affinity"]
    wanted = reconciled(world, "CinderVolume", "cinder-volume-ontap-az0")
    assert says(wanted)[1] == (
        "Topology config create error occurred waiting for Topology requirements:"
        ' Topology.topology.openstack.org "azone-node-affinity" not found'
    )
    assert wanted.children == []


@pytest.mark.behaviour("missing-secret")
def test_a_missing_secret_is_told_and_nothing_is_deployed(world: World) -> None:
    del world.objects["Secret"]["osp-secret-manila-az1"]
    wanted = reconciled(world, "ManilaShare", "manila-share-az1")
    assert says(wanted) == ("False", "Input data resources missing")
    assert wanted.children == []


@pytest.mark.behaviour("changed-secret")
def test_another_value_in_a_secret_replaces_pods(world: World) -> None:
    def template() -> Any:
        (made,) = (
            child
            for child in reconciled(world, "ManilaShare", "manila-share-az1").children
            if child["kind"] == "StatefulSet"
        )
        return made["spec"]["template"]

    before = template()
    assert template() == before
    world.objects["Secret"]["osp-secret-manila-az1"]["data"] = {"netapp-secrets.conf": "bmV3"}
    assert template() != before


@pytest.mark.behaviour("long-names")
@pytest.mark.parametrize(("length", "status"), [(36, "Unknown"), (37, "False")])
def test_a_long_name_fails_as_a_finalizer(world: World, length: int, status: str) -> None:
    own = copy.deepcopy(one(world, "CinderBackup", "cinder-backup-az0"))
    own["metadata"]["name"] = f"cinder-backup-{'a' * length}"
    assert says(cinder.cinder_part(own, world))[0] == status


@pytest.mark.behaviour("backups-look-alike")
def test_backups_of_all_zones_share_their_addresses(world: World) -> None:
    for number, pod in enumerate(world.all("Pod")):
        pod["status"]["podIP"] = f"10.0.0.{number}"
    wanted = reconciled(world, "CinderBackup", "cinder-backup-az0")
    assert len((wanted.status or {})["networkAttachments"]["openstack/storage"]) == 6


@pytest.mark.behaviour("counts-stay")
def test_ready_counts_of_removed_keys(world: World) -> None:
    for kind, part in (("Cinder", "cinderVolumes"), ("Cinder", "cinderBackups"), ("Manila", "manilaShares")):
        spec = one(world, kind, kind.lower())["spec"]
        del spec[part][min(spec[part])]
    del one(world, "Glance", "glance")["spec"]["glanceAPIs"]["az0"]
    status = reconciled(world, "Cinder", "cinder").status or {}
    assert (status["cinderVolumesReadyCounts"]["ontap-az0"], status["cinderBackupsReadyCounts"]["az0"]) == (1, 2)
    assert "az0" not in (reconciled(world, "Manila", "manila").status or {})["manilaSharesReadyCounts"]
    assert "az0" not in (reconciled(world, "Glance", "glance").status or {})["glanceAPIReadyCounts"]


def deleted(world: World, kind: str, name: str) -> Wanted:
    one(world, kind, name)["metadata"]["deletionTimestamp"] = "2026-11-21T00:00:00Z"
    return reconciled(world, kind, name)


@pytest.mark.behaviour("glance-key-removed")
def test_a_removed_api_leaves_nothing(world: World) -> None:
    del one(world, "Glance", "glance")["spec"]["glanceAPIs"]["az0"]
    assert glance.glance(one(world, "Glance", "glance"), world).gone == [("GlanceAPI", "glance-az0-edge")]
    wanted = deleted(world, "GlanceAPI", "glance-az0-edge")
    assert wanted == Wanted(marks=[("azone-node-affinity", "openstack.org/glanceapi-az0", False)], releases=True)


@pytest.mark.behaviour("volume-key-removed")
def test_a_removed_volume_leaves_its_finalizer(world: World) -> None:
    del one(world, "Cinder", "cinder")["spec"]["cinderVolumes"]["ontap-az0"]
    assert reconciled(world, "Cinder", "cinder").gone == [("CinderVolume", "cinder-volume-ontap-az0")]
    assert deleted(world, "CinderVolume", "cinder-volume-ontap-az0") == Wanted(releases=True)


@pytest.mark.behaviour("backup-key-removed")
def test_a_removed_backup_stays_unless_it_had_no_replicas(world: World) -> None:
    backups = one(world, "Cinder", "cinder")["spec"]["cinderBackups"]
    before = backups.pop("az0")
    wanted = reconciled(world, "Cinder", "cinder")
    assert wanted.gone == []
    assert says(wanted) == ("True", "Setup complete")
    backups["az0"] = {**before, "replicas": 0}
    assert reconciled(world, "Cinder", "cinder").gone == [("CinderBackup", "cinder-backup-az0")]
    marks = deleted(world, "CinderBackup", "cinder-backup-az0").marks
    assert marks == [("azone-node-affinity", "openstack.org/cinderbackup-cinder-backup-az0", False)]


@pytest.mark.behaviour("share-key-removed")
def test_a_removed_share_leaves_its_finalizer_and_a_job(world: World) -> None:
    own = one(world, "Manila", "manila")
    del own["spec"]["manilaShares"]["az0"]
    wanted = manila.manila(own, world)
    assert wanted.gone == [("ManilaShare", "manila-share-az0")]
    (job,) = [child for child in wanted.children if child["kind"] == "Job"]
    assert job["metadata"]["name"].startswith("manila-service-cleanup-")
    assert deleted(world, "ManilaShare", "manila-share-az0") == Wanted(releases=True)


@pytest.mark.behaviour("memcached-key-removed")
def test_a_removed_memcached_leaves_its_finalizer(world: World) -> None:
    plane = one(world, "OpenStackControlPlane", "controlplane")
    plane["spec"]["memcached"]["templates"]["memcached-azone"] = {"replicas": 1}
    made = control_plane.control_plane(plane, world).children
    (cache,) = [found for found in made if found["metadata"]["name"] == "memcached-azone"]
    assert "finalizers" not in cache["metadata"]
    metadata = {**cache["metadata"], "uid": "cache", "generation": 1}
    world.objects.setdefault("Memcached", {})["memcached-azone"] = {**cache, "metadata": metadata}
    del plane["spec"]["memcached"]["templates"]["memcached-azone"]
    assert ("Memcached", "memcached-azone") in control_plane.control_plane(plane, world).gone
    assert deleted(world, "Memcached", "memcached-azone") == Wanted(releases=True)


def data_world(**deployment: Any) -> World:
    """One node set, one service with a ConfigMap of its own, one deployment of it."""
    nodes = {"services": ["nova-custom-az1"], "nodes": {"compute-0": {}}, "nodeTemplate": {}}
    sources = [{"configMapRef": {"name": "extra"}}, {"secretRef": {"name": "nova-cell1-compute-config"}}]
    spec = {"nodeSets": ["az1"], **deployment}
    meta = {"namespace": "openstack", "uid": "1", "generation": 1}
    found = World.of(
        [
            {
                "apiVersion": "x",
                "kind": "OpenStackDataPlaneNodeSet",
                "metadata": {"name": "az1", **meta},
                "spec": nodes,
            },
            {
                "kind": "OpenStackDataPlaneService",
                "metadata": {"name": "nova-custom-az1"},
                "spec": {"dataSources": sources},
            },
            {"kind": "ConfigMap", "metadata": {"name": "extra"}, "data": {"25-zone.conf": "a"}},
            {"kind": "Secret", "metadata": {"name": "nova-cell1-compute-config"}, "data": {"01-nova.conf": "b"}},
            {"kind": "OpenStackDataPlaneDeployment", "metadata": {"name": "dz", **meta}, "spec": spec},
        ]
    )
    settle(found)
    return found


def settle(world: World) -> None:
    """Each function's status, until they agree: node set, deployment, node set."""
    for kind in ("OpenStackDataPlaneNodeSet", "OpenStackDataPlaneDeployment", "OpenStackDataPlaneNodeSet"):
        for own in world.all(kind):
            wanted = KINDS[kind][1](own, world)
            own["status"] = {**own.get("status", {}), **(wanted.status or {})}


def said_of(world: World) -> tuple[str, str]:
    condition = ready_of(one(world, "OpenStackDataPlaneNodeSet", "az1"))
    assert condition
    return condition["status"], condition["message"]


@pytest.mark.behaviour("partial-deployment")
def test_a_deployment_of_one_service_makes_a_changed_node_set_ready() -> None:
    world = data_world()
    own = one(world, "OpenStackDataPlaneNodeSet", "az1")
    assert said_of(world) == ("True", "NodeSet Ready")
    own["spec"]["services"] = ["bootstrap", "nova-custom-az1"]
    settle(world)
    assert said_of(world) == ("False", data_plane.WAITS)
    assert own["status"]["configHash"] != own["status"]["deployedConfigHash"]
    later = copy.deepcopy(one(world, "OpenStackDataPlaneDeployment", "dz"))
    later["metadata"]["name"], later["spec"]["servicesOverride"] = "dz-2", ["nova-custom-az1"]
    del later["status"]
    world.objects["OpenStackDataPlaneDeployment"]["dz-2"] = later
    settle(world)
    assert said_of(world) == ("True", "NodeSet Ready")
    assert own["status"]["configHash"] == own["status"]["deployedConfigHash"]


@pytest.mark.behaviour("config-map-hash")
def test_a_changed_config_map_shows_only_in_the_hash() -> None:
    world = data_world()
    one(world, "ConfigMap", "extra")["data"] = {"25-zone.conf": "changed"}
    settle(world)
    assert said_of(world) == ("True", "NodeSet Ready")
    told = one(world, "OpenStackDataPlaneNodeSet", "az1")["status"]["configMapHashes"]["extra"]
    assert told == digest({"25-zone.conf": "a"})


@pytest.mark.behaviour("key-twice")
def test_a_key_in_two_sources_fails_the_job() -> None:
    world = data_world()
    one(world, "Secret", "nova-cell1-compute-config")["data"] = {"25-zone.conf": "b"}
    del one(world, "OpenStackDataPlaneDeployment", "dz")["status"]
    settle(world)
    status = one(world, "OpenStackDataPlaneDeployment", "dz")["status"]
    assert "deployed" not in status
    assert "/var/lib/openstack/configs/nova-custom-az1/25-zone.conf" in says(Wanted(status=status))[1]
    assert said_of(world)[0] == "False"


@pytest.mark.behaviour("unknown-node-set")
def test_a_deployment_of_an_unknown_node_set_stays_unchecked() -> None:
    world = data_world(nodeSets=["elsewhere"])
    status = one(world, "OpenStackDataPlaneDeployment", "dz")["status"]
    assert says(Wanted(status=status), "InputReady") == ("Unknown", "Input data not checked")
