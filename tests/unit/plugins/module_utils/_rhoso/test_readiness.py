# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wait rule: each thing that can lie does, and is not believed. Objects of the real operators are ready by the same rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.control_plane import region_spec, zone_spec
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.status.pod_failures import reason
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.status.readiness import Looked, gone, missing
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.status.service_objects import pieces
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import small
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.ready_planes import Plane, thing

NFS = {"type": "nfs", "address": "10.0.0.1", "path": "/b"}
ZONE_MAP = small(
    ("region.backup", {"zone": "az1", "target": NFS}),
    ("region.kubernetes.services.memcached", {"per_zone": True}),
)
ZONE = list(pieces(zone_spec(ZONE_MAP, "az1")))
REGION = list(pieces(region_spec(ZONE_MAP)))


def texts(plane: Plane, *, all_ready: bool = True) -> list[str]:
    return [item.text for item in missing(ZONE, plane.looked(), all_ready=all_ready)]


def test_pieces_of_a_zone_and_of_the_region() -> None:
    assert [str(piece) for piece in ZONE] == [
        "GlanceAPI az1",
        "CinderVolume az1",
        "CinderBackup az1",
        "ManilaShare az1",
        "Memcached memcached-az1",
    ]
    assert [(str(piece), piece.count, piece.ending) for piece in REGION] == [
        ("GlanceAPI default", 2, ""),
        ("CinderAPI", 1, "-api"),
        ("CinderScheduler", 1, "-scheduler"),
        ("ManilaAPI", 1, "-api"),
        ("ManilaScheduler", 1, "-scheduler"),
        ("Memcached memcached", 1, "memcached"),
    ]


@pytest.mark.parametrize("suffix", ["", "-1a2b3"])
def test_everything_ready(suffix: str) -> None:
    assert texts(Plane(ZONE, suffix)) == []
    assert list(missing(REGION, Plane(REGION, suffix).looked(), all_ready=True)) == []


def part(kind: str) -> Callable[[Plane], dict[str, Any]]:
    return lambda plane: plane.objects[kind][0]


def stateful_set(plane: Plane) -> dict[str, Any]:
    return plane.sets[1]  # that of the volume service


NOT_READY = {"type": "Ready", "status": "False", "message": "waiting for the moon"}
LIES: list[tuple[Callable[[Plane], dict[str, Any]], str, Any, str]] = [
    # A control plane that mirrors what its services said before.
    (part("Cinder"), "status.observedGeneration", 2, "Cinder: its operator has not processed"),
    (part("Glance"), "status.observedGeneration", 2, "Glance: its operator has not processed"),
    (part("Manila"), "status.conditions", [NOT_READY], "Manila: waiting for the moon"),
    (
        lambda plane: plane.control_plane or {},
        "status.observedGeneration",
        2,
        "the control plane: its operator has not",
    ),
    (
        lambda plane: plane.control_plane or {},
        "status.conditions",
        [NOT_READY],
        "the control plane: waiting for the moon",
    ),
    # Glance is ready whatever this API says.
    (part("GlanceAPI"), "status.conditions", [NOT_READY], "glanceapi-az1-0: waiting for the moon"),
    (part("GlanceAPI"), "status.observedGeneration", 2, "glanceapi-az1-0: its operator has not processed"),
    (part("GlanceAPI"), "status.readyCount", 1, "1 of 2 pods ready"),
    (part("GlanceAPI"), "spec.customServiceConfig", "old", "does not have the new values yet"),
    (part("CinderVolume"), "spec.replicas", 0, "does not have the new values yet"),
    (part("CinderVolume"), "status.lastAppliedTopology", None, "follow Topology (none), not az1-node-affinity"),
    (part("CinderBackup"), "status.lastAppliedTopology", {"name": "other"}, "follow Topology other, not az1-node"),
    (part("ManilaShare"), "status.conditions", [], "not ready yet"),
    # The control plane is ready long before a new memcached is.
    (part("Memcached"), "status.observedGeneration", 2, "Memcached memcached-az1: its operator has not processed"),
    (part("Memcached"), "status.readyCount", 0, "Memcached memcached-az1: 0 of 1 pods ready"),
    (stateful_set, "status.observedGeneration", 2, "is about to change"),
    (stateful_set, "spec.replicas", 2, "is about to change"),
    (
        stateful_set,
        "status.updatedReplicas",
        0,
        "0 of 1 pods of StatefulSet cinder-cindervolume-az1-0-set are of the new",
    ),
    (stateful_set, "status.readyReplicas", None, "0 of 1 pods of StatefulSet cinder-cindervolume-az1-0-set are ready"),
]


@pytest.mark.parametrize(("find", "path", "value", "words"), LIES, ids=[words for *_rest, words in LIES])
def test_not_ready(find: Callable[[Plane], dict[str, Any]], path: str, value: Any, words: str) -> None:
    plane = Plane(ZONE)
    first, second = path.split(".")
    find(plane)[first][second] = value
    assert [text for text in texts(plane) if words in text]


@pytest.mark.parametrize(
    "name", ["GlanceAPI az1", "CinderVolume az1", "CinderBackup az1", "ManilaShare az1", "Memcached memcached-az1"]
)
def test_what_is_not_made_yet(name: str) -> None:
    plane = Plane(ZONE)
    plane.objects[name.partition(" ")[0]] = []
    assert f"{name}: 0 of 1 created yet" in texts(plane)


def test_the_api_for_all_is_two() -> None:
    plane = Plane(REGION)
    del plane.objects["GlanceAPI"][1]
    assert [item.text for item in missing(REGION, plane.looked(), all_ready=True)] == [
        "GlanceAPI default: 1 of 2 created yet"
    ]


def test_backups_of_zones_are_told_apart_by_name() -> None:
    plane = Plane(ZONE)
    plane.objects["CinderBackup"][0]["metadata"]["name"] = "cinder-backup-other-backup-az1"
    assert "CinderBackup az1: 0 of 1 created yet" in texts(plane)


def test_no_stateful_set_and_no_control_plane() -> None:
    plane = Plane(ZONE)
    del plane.sets[0]
    assert "its StatefulSet is not created yet" in texts(plane)[0]
    plane.control_plane = None
    assert texts(plane) == ["the control plane object is gone"]


def test_while_a_zone_is_away_only_the_new_values_are_asked_of_the_whole() -> None:
    plane = Plane(ZONE)
    for found in (plane.control_plane, plane.objects["Cinder"][0]):
        assert found
        found["status"]["conditions"] = [NOT_READY]
    assert texts(plane, all_ready=False) == []
    plane.objects["Cinder"][0]["status"]["observedGeneration"] = 2
    assert texts(plane, all_ready=False) == ["Cinder: its operator has not processed the new values yet"]


def test_gone() -> None:
    plane = Plane(ZONE)
    assert [item.text for item in gone(ZONE, plane.looked())] == [
        "GlanceAPI glance-glanceapi-az1-0 is still there",
        "CinderVolume cinder-cindervolume-az1-0 is still there",
        "CinderBackup cinder-backup-az1 is still there",
        "ManilaShare manila-manilashare-az1-0 is still there",
        "Memcached memcached-az1 is still there",
    ]
    assert list(gone(ZONE, Looked(plane.control_plane, {"Cinder": plane.objects["Cinder"]}))) == []


def pod(name: str, **status: Any) -> dict[str, Any]:
    return thing("Pod", name, "set") | {"status": status}


def test_reasons() -> None:
    own = thing("StatefulSet", "set")
    unscheduled = {"type": "PodScheduled", "status": "False", "message": "0/9 nodes are available"}
    waiting = {"name": "api", "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}}
    starting = {"name": "api", "state": {"waiting": {"reason": "ContainerCreating"}}}
    failed = [
        {"reason": "FailedCreate", "lastTimestamp": "2", "message": "must be unique"},
        {"reason": "FailedCreate", "lastTimestamp": "1", "message": "older"},
        {"reason": "SuccessfulCreate", "lastTimestamp": "3", "message": "made"},
    ]
    foreign = pod("other-0", conditions=[unscheduled])
    foreign["metadata"]["ownerReferences"] = []
    assert reason(own, [pod("set-0", conditions=[unscheduled])], failed) == "pod set-0: 0/9 nodes are available"
    assert reason(own, [pod("set-0", containerStatuses=[waiting])], []) == (
        "pod set-0: container api is waiting: CrashLoopBackOff (back-off)"
    )
    assert (
        reason(own, [foreign, pod("set-0", containerStatuses=[starting])], failed) == "StatefulSet set: must be unique"
    )
    assert reason(own, [foreign], []) == ""
