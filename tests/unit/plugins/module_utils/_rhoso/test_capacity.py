# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many pods a Topology has room for, and what is refused because of it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.capacity import Room, room
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.topologies import topologies
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import small
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.operated_cluster import (
    OperatedCluster,
    node,
    run,
)

MASTER = "node-role.kubernetes.io/master"
NODES = [
    node("worker-0"),
    node("worker-1"),
    node("master-0", taint=MASTER),
    node("worker-2", "az2"),
    node("master-1", "az2", MASTER),
]
OURS = {part.ref.name: part.body["spec"] for part in topologies(small(), ["az1", "az2"])}
PIN = OURS["az1-node-affinity"]


def ignoring(spec: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The Topology as it was written before: tainted nodes count."""
    (rule,) = spec["topologySpreadConstraints"]
    rule = {key: value for key, value in rule.items() if key != "nodeTaintsPolicy"}
    return {**spec, "topologySpreadConstraints": [{**rule, **more}]}


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_topologies_have_room_for_any_number(name: str) -> None:
    assert room(OURS[name], NODES).most is None


@pytest.mark.parametrize(
    ("spec", "nodes", "expected"),
    [
        # As measured: the third of three waits for ever (rhoso-operators-behaviour.md, hostname spread and tainted masters).
        (ignoring(PIN), NODES, Room(2, ("worker-0", "worker-1"), ("master-0",))),
        (ignoring(PIN, maxSkew=2), NODES, Room(4, ("worker-0", "worker-1"), ("master-0",))),
        (ignoring(PIN, whenUnsatisfiable="ScheduleAnyway"), NODES, Room(None, ("worker-0", "worker-1"))),
        (ignoring(PIN), NODES[:2], Room(None, ("worker-0", "worker-1"))),
        (ignoring(PIN, minDomains=3), NODES[:2], Room(2, ("worker-0", "worker-1"))),
        (PIN, NODES[2:3], Room(0, (), ("master-0",))),
        (PIN, [], Room(0, ())),
        # Nodes of other zones count where the affinity is not looked at.
        (
            ignoring(PIN, nodeAffinityPolicy="Ignore"),
            [*NODES[:2], NODES[3]],
            Room(2, ("worker-0", "worker-1"), ("worker-2",)),
        ),
        # A zone of masters only.
        (OURS["spread-quorum-pods"], [NODES[0], NODES[4]], Room(1, ("worker-0",), ("master-1",))),
        # What passes is no reason.
        (
            ignoring(PIN),
            [NODES[0], node("worker-1", taint="node.kubernetes.io/unreachable")],
            Room(None, ("worker-0", "worker-1")),
        ),
        ({}, NODES[:1], Room(None, ("worker-0",))),
    ],
)
def test_room(spec: dict[str, Any], nodes: list[dict[str, Any]], expected: Room) -> None:
    assert room(spec, nodes) == expected


def zones_with(rule: dict[str, Any]) -> OperatedCluster:
    cluster = OperatedCluster()
    cluster.nodes = NODES
    cluster.rules = {**OURS, "az1-node-affinity": rule}
    return cluster


BACKUPS = (("region.backup", {"mode": "zone", "zone": "az1", "target": {"type": "ceph", "pool": "backups"}}),)


def test_more_pods_than_there_is_room_for_are_refused_before_anything_is_written() -> None:
    cluster = zones_with(ignoring(PIN))
    found = run(cluster, small(*BACKUPS))
    (refusal,) = found["az1"].refusals
    assert refusal.message == (
        "glance, cinder, manila of az1: CinderBackup az1 of zone az1 would have 3 pods, "
        "and Topology az1-node-affinity has room for 2 of them on worker-0, worker-1, "
        "because it counts master-0, whose taints keep pods away, as empty: give the Topology nodeTaintsPolicy: Honor (role topologies), "
        "or set kubernetes.services.cinder.backup_replicas of the region to at most 2."
    )
    assert "zoneops-az1" not in cluster.managers
    foreseen = run(zones_with(ignoring(PIN)), small(*BACKUPS), check=True)
    assert not foreseen["az1"].failed  # a step before it puts the Topology right
    assert any("has room for 2 of them" in text for text in foreseen["az1"].warnings)
    assert not run(zones_with(PIN), small(*BACKUPS))["az1"].failed
    fewer = (*BACKUPS, ("region.kubernetes.services.cinder.backup_replicas", 2))
    assert not run(zones_with(ignoring(PIN)), small(*fewer))["az1"].failed


def test_a_zone_that_does_not_change_is_not_refused_for_another_one() -> None:
    cluster = zones_with(PIN)
    assert not any(verdict.failed for verdict in run(cluster, small(*BACKUPS)).values())
    cluster.rules["az1-node-affinity"] = ignoring(PIN)
    found = run(cluster, small(*BACKUPS, ("az2.volume_backends", [{"options": {"max_over_subscription_ratio": 2}}])))
    assert {name: bool(verdict.plan) for name, verdict in found.items()} == {"az1": False, "az2": True}
    assert not any(verdict.failed for verdict in found.values())


def test_what_zones_share_is_looked_at_too() -> None:
    cluster = zones_with(PIN)
    cluster.nodes = [*NODES[:3], NODES[4]]
    found = run(cluster, small())
    shared, own = (refusal.message for refusal in found["az2"].refusals)
    assert "each of openstack, openstack-cell1, rabbitmq, rabbitmq-cell1, ovndbcluster-nb, ovndbcluster-sb" in shared
    assert "would have 3 pods, and Topology spread-quorum-pods has room for 1 of them on worker-0, worker-1" in shared
    assert "kubernetes.services.quorum.replicas of the region to at most 1" in shared
    assert "GlanceAPI az2 of zone az2 would have 2 pods" in own
    assert "room for 0 of them on no worker: add workers, or label those that there are (role node_zones)." in own
    assert all(found[zone].failed for zone in found)
    assert cluster.managers == []
    # A zone that is down has none either, and is not waited for.
    assert not run(zones_with(PIN), small(("az2.zone_state", "down")), "az2")["az2"].failed
