# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones of two workers and a labelled, tainted master, as the article wants them: the real scheduler and the real StatefulSet controller.

rhoso-operators-behaviour.md, 2026-11-28, hostname spread and tainted masters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import as_dict
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import example

from .harness.cluster import STATEFUL_SETS, TOPOLOGIES, Cluster, core, until
from .harness.control_planes import PATH, install
from .harness.modules import Modules
from .harness.runs import Runs, errors

pytestmark = pytest.mark.rhoso

CEPH = example("rhoso-ceph")
WORKERS = 2
BACKUP = "cinder-backup-az1"
PINNED = f"{TOPOLOGIES}/zone1-node-affinity"


@pytest.fixture
def operated(cluster: Cluster, modules: Modules) -> Iterator[Cluster]:
    """An installation without zones, operators, and the zones' Topologies."""
    zones = [zone.kubernetes for zone in CEPH.zones.values() if zone.kubernetes]
    for lab_zone, zone in zip(cluster.kube.zones, zones, strict=True):
        nodes = cluster.kube.nodes(lab_zone)
        masters = [name for name in nodes if name.startswith("master")]
        for name in (*masters, *[name for name in nodes if name not in masters][:WORKERS]):
            cluster.label_node(name, zone.node_label)
    install(cluster)
    assert modules("topologies", **as_dict(CEPH)).failures == {}
    cluster.kube.operate()
    yield cluster
    cluster.kube.operate(on=False)


def with_backups(number: int) -> ZoneMap:
    services = CEPH.region.kubernetes.services
    services = replace(services, cinder=replace(services.cinder, backup_replicas=number))
    kubernetes = replace(CEPH.region.kubernetes, services=services)
    return ZoneMap(region=replace(CEPH.region, kubernetes=kubernetes), zones=CEPH.zones)


def counting_masters(cluster: Cluster) -> None:
    """The zone's Topology as it was written before: a tainted master counts as an empty host."""
    (rule,) = cluster.api.get(PINNED)["spec"]["topologySpreadConstraints"]
    rule = {key: value for key, value in rule.items() if key != "nodeTaintsPolicy"}
    cluster.api.merge(PINNED, {"spec": {"topologySpreadConstraints": [rule]}}, "kubectl-edit")


def pods(cluster: Cluster) -> dict[str, dict[str, Any]]:
    found = {item["metadata"]["name"]: item for item in cluster.api.list(core("pods"))}
    return {name: item for name, item in found.items() if name.startswith(BACKUP)}


def test_three_pods_go_on_two_workers(operated: Cluster) -> None:
    assert errors(Runs.on(operated, seconds=90)(CEPH, wait=True, at_once=3)) == []
    nodes = sorted(item["spec"]["nodeName"] for item in pods(operated).values())
    assert (len(nodes), len(set(nodes))) == (3, WORKERS)


def test_more_than_fit_are_refused_and_a_stuck_roll_out_is_named(operated: Cluster, modules: Modules) -> None:
    counting_masters(operated)
    refused = Runs.on(operated)(CEPH, "az1")["az1"].message()
    assert "CinderBackup az1 of zone az1 would have 3 pods, and Topology zone1-node-affinity has room for 2" in refused
    assert "nodeTaintsPolicy: Honor (role topologies), or set kubernetes.services.cinder.backup_replicas" in refused
    assert errors(Runs.on(operated, seconds=90)(with_backups(2), wait=True, at_once=3)) == []

    # Somebody asks for a third one all the same.
    more = {"cinderBackups": {"az1": {"replicas": 3}}}
    operated.api.merge(PATH, {"spec": {"cinder": {"template": more}}}, "kubectl-edit")
    until(lambda: len(pods(operated)) == 3, "the third pod is made")
    until(lambda: "0/" in str(pods(operated)[f"{BACKUP}-2"]["status"]), "it finds no node")

    # The right Topology does not mend it: the set waits for the pod of its earlier revision.
    stuck = modules("topologies", allow=["force_conflicts"], wait_timeout=12, **as_dict(CEPH)).failures
    advice = (
        f"StatefulSet {BACKUP} waits for this pod of an earlier revision and does not replace it: "
        f"delete it (oc delete pod {BACKUP}-2)"
    )
    assert advice in stuck["az1"]
    verify = Runs.on(operated)
    assert advice in verify(CEPH, "az1", check=True, verify=True)["az1"].message()
    placed = modules("pod_placement_info", **as_dict(CEPH))
    rules = [refusal["rule"] for refusal in placed.result["zones"]["az1"]["refusals"]]
    assert "stuck_rollout" in rules
    assert advice in placed.failures["az1"]

    operated.api.delete(f"{core('pods')}/{BACKUP}-2")
    assert errors(Runs.on(operated, seconds=90)(CEPH, wait=True)) == []
    status = operated.api.get(f"{STATEFUL_SETS}/{BACKUP}")["status"]
    assert (status["readyReplicas"], status["updatedReplicas"]) == (3, 3)
