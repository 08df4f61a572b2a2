# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Secret that was changed is waited for, also by the run behind one that was killed before an operator had seen it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.objects import Ref
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.secrets_read import MARK, marked
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec import secrets as secrets_made
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.maps import small
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso.operated_cluster import (
    PLANE,
    Killed,
    OperatedCluster,
    run,
)

KEY = [{"key": "array.conf", "variable": "vault_array"}]
MAP = small(
    ("az1.kubernetes", {"secrets": [{"name": "array", "data": KEY}]}),
    ("az1.volume_backends", [{"config_secrets": ["array"]}]),
    ("region.kubernetes.secrets", [{"name": "common", "data": KEY}]),
    ("region.kubernetes.services.glance", {"config_secrets": ["common"]}),
)
VOLUME = "cinder-cindervolume-az1-0-set"
SECRETS = {"az1": "array", "": "common"}


def given(own: str = "old", common: str = "old") -> Any:
    values = {"region": {"vault_array": common}, "zones": {"az1": {"vault_array": own}}}
    return secrets_made.parts(MAP, tuple(MAP.zones), values)


def secret(cluster: OperatedCluster, name: str) -> dict[str, Any]:
    return cluster.objects[Ref("v1", "Secret", name, PLANE.namespace).path]


@pytest.fixture
def cluster() -> OperatedCluster:
    found = OperatedCluster()
    assert not any(verdict.failed for verdict in run(found, MAP, secrets=given()).values())
    # What is made with the services is no change for them.
    assert not marked(secret(found, "array"))
    found.writes.clear()
    return found


def test_a_changed_secret_is_waited_for(cluster: OperatedCluster) -> None:
    foreseen = run(cluster, MAP, secrets=given("new"), check=True)["az1"]
    assert cluster.writes == []
    found = run(cluster, MAP, secrets=given("new"))["az1"]
    assert (found.errors, found.changed) == ([], True)
    assert [change.text for change in found.plan] == ["Secret array of az1: change Secret array: .data.array.conf"]
    assert [change.as_dict() for change in found.plan] == [change.as_dict() for change in foreseen.plan]
    assert not marked(secret(cluster, "array"))
    assert not run(cluster, MAP, secrets=given("new"))["az1"].plan


@pytest.mark.parametrize("zone", SECRETS)
def test_an_operator_that_sleeps_fails_every_run_until_it_wakes(cluster: OperatedCluster, zone: str) -> None:
    new = given("new") if zone else given(common="new")
    cluster.asleep = True
    for _again in range(2):
        found = run(cluster, MAP, secrets=new)["az1"]
        assert f"does not have the new values of Secret {SECRETS[zone]} yet" in found.message()
        assert run(cluster, MAP, secrets=new, check=True)["az1"].plan
    cluster.asleep = False
    assert run(cluster, MAP, secrets=new)["az1"].errors == []
    assert not run(cluster, MAP, secrets=new)["az1"].plan


@pytest.mark.parametrize("zone", SECRETS)
def test_a_run_behind_one_that_was_killed_waits_for_the_same(cluster: OperatedCluster, zone: str) -> None:
    new = given("new") if zone else given(common="new")
    cluster.kill_behind = 1
    cluster.asleep = True
    with pytest.raises(Killed):
        run(cluster, MAP, secrets=new)
    assert marked(secret(cluster, SECRETS[zone]))
    found = run(cluster, MAP, secrets=new)["az1"]
    assert "does not have the new values" in found.message()
    assert any("restarts the pods of the services that read it" in warning for warning in found.warnings)
    cluster.asleep = False
    (change,) = run(cluster, MAP, secrets=new)["az1"].plan
    assert change.text.startswith(f"Secret {SECRETS[zone]} of {zone or 'all zones'}: wait until ")
    assert not marked(secret(cluster, SECRETS[zone]))


def test_without_waiting_nothing_is_marked_and_no_mark_is_taken_away(cluster: OperatedCluster) -> None:
    run(cluster, MAP, secrets=given("new"), wait=False)
    assert not marked(secret(cluster, "array"))
    cluster.asleep = True
    run(cluster, MAP, secrets=given("newer"))
    assert not run(cluster, MAP, secrets=given("newer"), wait=False)["az1"].plan
    assert marked(secret(cluster, "array")) == {VOLUME: f"uid-{VOLUME} 5"}


def test_a_mark_that_nobody_can_read_is_none(cluster: OperatedCluster) -> None:
    assert marked({"metadata": {"annotations": {MARK: "[1"}}}) == {}
    assert marked({"metadata": {"annotations": {MARK: '["a"]'}}}) == {}
    assert marked(None) == {}
