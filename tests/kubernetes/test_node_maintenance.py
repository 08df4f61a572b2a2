# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Worker nodes on a real API, with the definition of the Node Maintenance Operator: drained for a zone's maintenance, one after the other, and back."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.names import FOR_ZONE
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.preflight.rights import RIGHTS

from .harness.cluster import Cluster, until
from .harness.modules import Modules
from .harness.node_maintenance import PATH, NodeMaintenanceOperator, cordoned
from .harness.play import zone_map
from .harness.rights import less

MODULE = "node_maintenance"


@pytest.fixture
def operator(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[NodeMaintenanceOperator]:
    """What it does is looked at again at once."""
    patient = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: patient(min(seconds, 0.1)))
    found = NodeMaintenanceOperator(cluster)
    yield found
    cluster.empty(PATH)
    found.round()


@pytest.mark.rhoso
def test_worker_nodes_are_drained_and_come_back(
    cluster: Cluster, modules: Modules, operator: NodeMaintenanceOperator
) -> None:
    workers = [name for name in cluster.kube.nodes("az1") if name.startswith("worker")]
    options = {**zone_map(cluster.kube, az1={"workers": workers}), "limit": ["az1"]}
    begin, end = {**options, "state": "begin", "reason": "power work"}, {**options, "state": "end"}
    check = modules(MODULE, check=True, **begin)
    assert (check.changed, check.written) == ({"az1"}, [])
    with operator.running():
        begun = modules(MODULE, **begin)
        assert (begun.failures, begun.plans) == ({}, check.plans)
        assert begun.written == [f"POST {PATH}?fieldManager=zoneops-az1"] * len(workers)
        assert cordoned(cluster) == set(workers)
        found = {item["spec"]["nodeName"]: item["metadata"] for item in cluster.api.list(PATH)}
        assert {name: one["annotations"][FOR_ZONE] for name, one in found.items()} == dict.fromkeys(workers, "az1")
        again = modules(MODULE, **begin)
        assert (again.changed, again.written, len(again.requests)) == (set(), [], 2)
        other = modules(MODULE, **{**end, "limit": ["az2"]})
        assert (other.changed, other.written) == (set(), [])

        ended = modules(MODULE, **end)
        assert (ended.failures, ended.changed) == ({}, {"az1"})
    assert (cordoned(cluster), cluster.api.list(PATH)) == (set(), [])
    assert modules(MODULE, **end).written == []


@pytest.mark.rhoso
def test_rights_that_are_enough_and_one_less(
    cluster: Cluster, modules: Modules, operator: NodeMaintenanceOperator
) -> None:
    (worker, *_rest) = [name for name in cluster.kube.nodes("az1") if name.startswith("worker")]
    options = {**zone_map(cluster.kube, az1={"workers": [worker]}), "limit": ["az1"]}
    rights = RIGHTS[MODULE]
    with operator.running():
        for called, granted in less(rights):
            user = cluster.kube.add_user("looker", granted)
            said = [modules(MODULE, user=user, state=state, **options) for state in ("begin", "end")]
            assert any(called in f"{one.result['msg']} {one.result.get('zones')}".replace('\\"', '"') for one in said)
            cluster.empty(PATH)
            until(lambda: not cordoned(cluster), "the operator uncordons a node without an object")
        user = cluster.kube.add_user("drainer", [right.as_rule() for right in rights])
        for state in ("begin", "end"):
            assert modules(MODULE, user=user, state=state, **options).failures == {}
