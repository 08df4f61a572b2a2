# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where marks on Secrets and Topologies are left and waited for, and where not."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.secrets_read import marked
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.topologies import MARK
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec import secrets as secrets_made
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.status.topology_users import behind
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso import test_following as topologies
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import small
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.operated_cluster import (
    OperatedCluster,
    run,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.test_secrets_read import secret


def zones(*more: tuple[str, Any]) -> ZoneMap:
    """Each with a Secret of its own for its volume service."""
    found: list[tuple[str, Any]] = []
    for name in ("az1", "az2"):
        made = {"name": f"array-{name}", "data": [{"key": "array.conf", "variable": "vault_array"}]}
        found += [
            (f"{name}.kubernetes", {"secrets": [made]}),
            (f"{name}.volume_backends", [{"config_secrets": [f"array-{name}"]}]),
        ]
    return small(*found, *more)


def given(value: str, zone_map: ZoneMap) -> Any:
    values = {"region": {}, "zones": {name: {"vault_array": value} for name in zone_map.zones}}
    return secrets_made.parts(zone_map, tuple(zone_map.zones), values)


@pytest.fixture
def cluster() -> OperatedCluster:
    found = OperatedCluster()
    assert not any(verdict.failed for verdict in run(found, zones(), secrets=given("old", zones())).values())
    return found


def test_a_zones_secret_is_its_own_turns(cluster: OperatedCluster) -> None:
    more = {"config_secrets": ["array-az1"], "options": {"max_over_subscription_ratio": 2}}
    again = zones(("az1.volume_backends", [more]))
    before = copy.deepcopy(secret(cluster, "array-az2"))
    cluster.asleep = True
    found = run(cluster, again, secrets=given("new", again))
    assert "does not have the new values of Secret array-az1 yet" in found["az1"].message()
    assert "not begun, since zone az1 failed" in found["az2"].message()
    assert secret(cluster, "array-az2") == before
    cluster.asleep = False
    assert not any(verdict.failed for verdict in run(cluster, again, secrets=given("new", again)).values())


def test_the_secret_of_a_zone_that_is_away_is_waited_for_by_nobody(cluster: OperatedCluster) -> None:
    away = zones(("az1.zone_state", "down"))
    assert not any(verdict.failed for verdict in run(cluster, away, secrets=given("old", away)).values())
    cluster.asleep = True
    assert not run(cluster, away, secrets=given("new", away))["az1"].failed
    assert not marked(secret(cluster, "array-az1"))


def test_a_set_that_was_made_again_has_read_it(cluster: OperatedCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its count begins anew, and comes to the number that it had."""
    cluster.asleep = True
    assert "does not have the new values" in run(cluster, zones(), secrets=given("new", zones()))["az1"].message()
    old = cluster._rolled

    def made_again(item: Any, plane: Any) -> Any:
        found = old(item, plane)
        found["metadata"]["uid"] += "-2"
        return found

    monkeypatch.setattr(cluster, "_rolled", made_again)
    plan = run(cluster, zones(), secrets=given("new", zones()), check=True)["az1"].plan
    assert "wait until" in plan[0].text
    waits = run(cluster, zones(), secrets=given("new", zones()))
    assert not [text for verdict in waits.values() for text in verdict.errors if "array-az1" in text]
    assert not marked(secret(cluster, "array-az1"))


def test_a_secret_that_others_made_is_owned_without_a_restart() -> None:
    cluster = OperatedCluster()
    assert not any(verdict.failed for verdict in run(cluster, zones()).values())
    for part in given("same", zones()):
        cluster.apply(part.ref, part.body, "external-secrets", dry_run=False)
    cluster.asleep = True
    found = run(cluster, zones(), secrets=given("same", zones()))
    assert {name: verdict.errors for name, verdict in found.items()} == {"az1": [], "az2": []}
    assert found["az1"].plan


def test_a_topology_that_changes_again_before_its_pods_followed() -> None:
    cluster = topologies.Followed()
    cluster.stopped = {"az1"}
    cluster.killed = True
    with pytest.raises(topologies.Killed):
        topologies.run(cluster)
    cluster.killed = False
    cluster.stopped = set()
    again = small(("az1.kubernetes.node_label", "rack-1"))
    found = topologies.run(cluster, maps=again)
    assert not [name for name, verdict in found.items() if verdict.failed]
    assert "rack-1" in str(cluster.topology("az1")["spec"])
    assert MARK not in str(cluster.topology("az1"))
    assert not any(verdict.plan for verdict in topologies.run(cluster, maps=again).values())


def test_pods_that_are_to_be_on_other_nodes_are_behind() -> None:
    new = topologies.SPECS["az1-node-affinity"]
    old = copy.deepcopy(new)
    required = old["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    required["nodeSelectorTerms"][0]["matchExpressions"][0]["values"] = ["rack-1"]
    (found,) = behind(topologies.USERS, new, [topologies.stateful_set("s", topologies.VOLUME, old)])
    assert "its operator has not processed the changed Topology yet" in found.text
