# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control plane under faults: killed or dropped at every write, and an API that is ill in every way. The next run finishes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.control_plane import zone_spec
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import as_dict
from ansible_collections.zoneops.openstack.tests.faults.module_process import Ended
from ansible_collections.zoneops.openstack.tests.faults.module_process import Modules as Processes
from ansible_collections.zoneops.openstack.tests.faults.strike import Fault
from ansible_collections.zoneops.openstack.tests.faults.sweep import DROPS, KILLED_AFTER, KILLS
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import example
from zonelab.kube import definitions
from zonelab.kube.api import JSON_PATCH
from zonelab.kube.client import ApiError, KubeClient

from .harness.cluster import CONTROL_PLANES, Cluster, core, until
from .harness.control_planes import PATH, base, control_plane, install, managers, uninstall
from .harness.strikes import limits, named, strike

CEPH = example("rhoso-ceph")
MANAGERS = ("zoneops-region", *(f"zoneops-{zone}" for zone in CEPH.zones))
TOPOLOGY_NAMES = ("spread-pods", "spread-quorum-pods", *(f"zone{number}-node-affinity" for number in (1, 2, 3)))
MODULE = "control_plane"
# What only the newer of two releases declares, and the zone that has it.
NEWER = (
    "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/cinder/properties/template/properties"
    "/cinderBackups"
)
(WITH_NEWER,) = (zone for zone in CEPH.zones if "cinderBackups" in zone_spec(CEPH, zone)["cinder"]["template"])
# Before the first write nothing is there; before any other it is as after the one before it.
STRIKES = [
    *((fault, index) for index in range(len(MANAGERS)) for fault in (KILLED_AFTER, DROPS[1])),
    (KILLS[0], 0),
    (DROPS[0], 0),
    (Fault("500", {"kind": "status", "status": 500}), 1),
    (Fault("504 after", {"kind": "status-after", "status": 504}, harmless=True), 1),
]
SECRET, RULE = f"{core('secrets')}/array", f"{core('configmaps')}/zoneops-glance-policy"
BESIDES = [(fault, index) for index in range(2) for fault in (KILLED_AFTER, *DROPS)]
PASSING: tuple[dict[str, Any], ...] = (
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 429, "retry_after": 1},
    {"kind": "delay", "seconds": 0.5},
)


@pytest.fixture(scope="module")
def region(kube: KubeClient) -> Cluster:
    """Emptied once: only the control plane is made anew."""
    found = Cluster(kube)
    found.reset()
    install(found, TOPOLOGY_NAMES)
    return found


@pytest.fixture
def installed(region: Cluster) -> Iterator[Cluster]:
    install(region)
    yield region
    region.kube.clear_faults()
    uninstall(region)


@pytest.fixture(scope="module")
def end(region: Cluster, processes: Processes) -> dict[str, Any]:
    """Where a run without a fault ends."""
    install(region)
    made = processes.run(MODULE, arguments(region.kube))
    assert not made.failed, made.answer["msg"]
    found = state(region)
    uninstall(region)
    assert set(MANAGERS) < set(found["owners"])
    return found


def arguments(kube: KubeClient, **more: Any) -> dict[str, Any]:
    # One zone after the other, so that a write has a number.
    return {**as_dict(CEPH), **limits(kube), "wait": False, "parallel": 1, "allow": ["force_conflicts"], **more}


def state(cluster: Cluster) -> dict[str, Any]:
    """What the object has, and whose it is."""
    found = control_plane(cluster)
    owners = {item["manager"]: item["fieldsV1"] for item in found["metadata"]["managedFields"]}
    return {"spec": found["spec"], "owners": owners}


@pytest.mark.parametrize(("fault", "index"), STRIKES, ids=[named(*one) for one in STRIKES])
def test_strike(installed: Cluster, processes: Processes, end: dict[str, Any], fault: Fault, index: int) -> None:
    kube = installed.kube
    ended = strike(kube, processes, MODULE, arguments(kube), fault, index)
    # Each write is whole: what an earlier one brought is there, and nothing of a later one unless the run went on.
    assert set(MANAGERS[:index]) <= managers(installed)
    if ended is not None and ended.failed:
        # Behind what failed nothing is begun.
        assert managers(installed) & set(MANAGERS[index + 1 :]) == set()
        assert ended.answer["changed"] is bool(managers(installed) & set(MANAGERS))
    again = processes.run(MODULE, arguments(kube))
    assert not again.failed, again.answer["msg"]
    assert state(installed) == end


@pytest.fixture
def besides(installed: Cluster) -> Iterator[Cluster]:
    yield installed
    for path in (SECRET, RULE):
        installed.api.delete(path)


@pytest.mark.parametrize(("fault", "index"), BESIDES, ids=[named(*one) for one in BESIDES])
def test_strike_at_what_is_made_besides(besides: Cluster, processes: Processes, fault: Fault, index: int) -> None:
    """A Secret of the map and the rule for copies, which come before all that refers to them."""
    kube = besides.kube
    wanted = arguments(kube, secret_values={"region": {"vault_array": "x"}})
    kubernetes = wanted["region"]["kubernetes"]
    kubernetes["secrets"] = [{"name": "array", "data": [{"key": "conf", "variable": "vault_array"}]}]
    kubernetes["services"]["glance"]["copy_image_rule"] = "role:images"
    ended = strike(kube, processes, MODULE, wanted, fault, index)
    if ended is None:
        assert managers(besides) == {"installer"}
        assert sum(besides.api.find(path) is not None for path in (SECRET, RULE)) == index + 1
    again = processes.run(MODULE, wanted)
    assert not again.failed, again.answer["msg"]
    assert besides.api.get(SECRET)["data"] == {"conf": "eA=="}
    assert "role:images" in str(besides.api.get(RULE)["data"])
    assert set(MANAGERS) < managers(besides)
    last = processes.run(MODULE, wanted)
    assert not last.answer["changed"]


def test_an_api_that_is_slow_and_wants_to_be_asked_again(
    installed: Cluster, processes: Processes, end: dict[str, Any]
) -> None:
    kube = installed.kube
    numbers = [
        kube.add_fault(**fault, service="kubernetes", writes=True, skip=index, count=1)
        for index, fault in enumerate(PASSING)
    ]
    ended = processes.run(MODULE, arguments(kube))
    assert not ended.failed, ended.answer["msg"]
    assert {fault["id"] for fault in kube.faults() if fault["hits"]} == set(numbers)
    assert state(installed) == end


def test_an_api_that_is_gone(installed: Cluster, processes: Processes) -> None:
    kube = installed.kube
    kube.add_fault("drop-before", service="kubernetes", skip=3)
    gone = refused(processes, kube).answer
    assert "no answer" in gone["msg"]
    assert "Is the API running, and reachable from here?" in gone["msg"]
    assert managers(installed) == {"installer"}


def test_an_api_that_goes_while_pods_are_waited_for(installed: Cluster, processes: Processes) -> None:
    """It is waited for as well, and what is missing when it is back is named."""
    kube = installed.kube
    assert not processes.run(MODULE, arguments(kube)).failed
    # Not in the look before the first write, which a run does not begin without.
    kube.add_fault("drop-before", service="kubernetes", path="/glanceapis", skip=1, count=6)
    wanted = arguments(kube, wait=True, wait_timeout=6)
    wanted["zones"]["az1"]["volume_backends"][0]["pool"] = "other"
    ended = processes.run(MODULE, wanted)
    assert any("no answer" in line for line in ended.answer["progress"])
    assert "the shared part of the control plane: not reached after" in ended.answer["msg"]
    assert "GlanceAPI default: 0 of 2 created yet" in ended.answer["msg"]


def refused(processes: Processes, kube: KubeClient, **more: Any) -> Ended:
    ended = processes.run(MODULE, arguments(kube, **more))
    assert ended.failed
    return ended


def test_an_expired_token_and_no_rights_write_nothing(installed: Cluster, processes: Processes) -> None:
    kube = installed.kube
    expired = refused(processes, kube, kubeconfig=str(kube.unknown_user()))
    assert "401" in expired.answer["msg"]
    assert "it may have expired; sign in again" in expired.answer["msg"]
    nobody = refused(processes, kube, kubeconfig=str(kube.add_user("nobody", [])))
    assert 'cannot get resource "openstackcontrolplanes"' in nobody.answer["msg"]
    assert "'Rights in Kubernetes'" in nobody.answer["msg"]
    assert managers(installed) == {"installer"}


def test_a_token_that_expires_on_the_way(installed: Cluster, processes: Processes, end: dict[str, Any]) -> None:
    """What is written stands, the rest is left, and is finished with a new one."""
    kube = installed.kube
    kube.add_fault("status", service="kubernetes", status=401, writes=True, skip=1)
    ended = refused(processes, kube)
    assert "sign in again" in ended.answer["msg"]
    assert ended.answer["changed"]
    assert managers(installed) == {"installer", "zoneops-region"}
    kube.clear_faults()
    assert not processes.run(MODULE, arguments(kube)).failed
    assert state(installed) == end


@pytest.mark.rhoso
def test_a_definition_that_is_older_or_missing(installed: Cluster, processes: Processes) -> None:
    """A field that is not declared is answered with 500, which is no failure of the server: it is not asked again."""
    kube = installed.kube
    with definition(installed) as path:
        installed.api.call("PATCH", path, [{"op": "remove", "path": NEWER}], content_type=JSON_PATCH)
        until(lambda: not declared(installed), "the older definition is in use")
        mark = kube.mark()
        older = processes.run(MODULE, arguments(kube), check=True).answer["zones"]
        assert [zone for zone, verdict in older.items() if verdict["failed"]] == [WITH_NEWER]
        assert ".spec.cinder.template.cinderBackups: field not declared in schema" in older[WITH_NEWER]["msg"]
        assert "its operators are older than the zone map requires" in older[WITH_NEWER]["msg"]
        assert [request.status for request in kube.requests(mark)].count(500) == 1

        installed.api.delete(path)
        until(lambda: installed.api.find(CONTROL_PLANES) is None, "the kind is no longer served")
        missing = refused(processes, kube).answer
        assert "This cluster does not know the kind of OpenStackControlPlane controlplane" in missing["msg"]
        assert "Is the openstack-operator installed" in missing["msg"]


@contextmanager
def definition(cluster: Cluster) -> Iterator[str]:
    """The definition of control planes; it is put back."""
    name = "openstackcontrolplanes.core.openstack.org"
    try:
        yield f"{definitions.PATH}/{name}"
    finally:
        text = definitions.definitions(cluster.kube.schema)[name]
        cluster.api.apply(f"{definitions.PATH}/{name}", text, "zonelab-crds", force=True)
        until(lambda: is_served(cluster, name), "the definition is back")


def is_served(cluster: Cluster, name: str) -> bool:
    try:
        return definitions.established(cluster.api, name)
    except ApiError as error:
        assert error.status == 404
        return False


def declared(cluster: Cluster) -> bool:
    """Whether the API server has the field that came with a newer release."""
    spec = {"cinder": {"template": {"cinderBackups": {"x": {"replicas": 0}}}}}
    try:
        cluster.api.apply(PATH, {**base(), "spec": spec}, "asking", dry_run=True)
    except ApiError as error:
        return "not declared" not in str(error)
    return True


def test_three_processes_at_once(installed: Cluster, processes: Processes, end: dict[str, Any]) -> None:
    """A zone each, beside a person who edits something else all the time: nothing is lost."""
    kube = installed.kube
    running = [processes.start(MODULE, arguments(kube, limit=[zone])) for zone in CEPH.zones]
    for number in range(20):
        installed.api.merge(PATH, {"metadata": {"annotations": {"example.org/edit": str(number)}}}, "kubectl-edit")
        time.sleep(0.02)
    elsewhere = {"spec": {"keystone": {"template": {"databaseInstance": "openstack", "secret": "osp-secret"}}}}
    installed.api.merge(PATH, elsewhere, "kubectl-edit")
    for one in running:
        ended = one.wait()
        assert not ended.failed, ended.answer["msg"]
    found = control_plane(installed)
    assert found["metadata"]["annotations"]["example.org/edit"] == "19"
    edited = found["spec"]["keystone"]
    assert edited["template"]["secret"] == "osp-secret"
    assert {**found["spec"], "keystone": None} == {**end["spec"], "keystone": None}

    # Then each zone has something to change, and the person has set what one of them owns.
    mine = {"spec": {"glance": {"template": {"glanceAPIs": {"az2": {"replicas": 1}}}}}}
    installed.api.merge(PATH, mine, "kubectl-edit")
    running = [processes.start(MODULE, changed(kube, zone)) for zone in CEPH.zones]
    told = {zone: one.wait().answer["zones"][zone] for zone, one in zip(CEPH.zones, running, strict=True)}
    assert {zone for zone, verdict in told.items() if verdict["failed"]} == {"az2"}
    assert "glanceAPIs.az2.replicas is owned by manager kubectl-edit" in told["az2"]["msg"]
    spec = control_plane(installed)["spec"]
    assert spec["keystone"] == edited
    assert spec["glance"]["template"]["glanceAPIs"]["az2"]["replicas"] == 1
    volumes = spec["cinder"]["template"]["cinderVolumes"]
    pools = {key: "elsewhere" in volume["customServiceConfig"] for key, volume in volumes.items()}
    assert pools == {"az1": True, "az2": False, "az3": True}


def changed(kube: KubeClient, zone: str) -> dict[str, Any]:
    """The same map with another pool in that zone, which takes nothing from others."""
    wanted = arguments(kube, limit=[zone], allow=[])
    wanted["zones"][zone]["volume_backends"][0]["pool"] = "elsewhere"
    return wanted
