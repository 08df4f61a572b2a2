# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module zone_maintenance: options that are refused before a request is sent, and what it returns."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack import module as frame
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Run
from ansible_collections.zoneops.openstack.plugins.modules import zone_maintenance
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers.migrating_cloud import FakeCloud
from ansible_collections.zoneops.openstack.tests.unit.plugins.modules.recorded import like_recorded

MAP: dict[str, Any] = {
    "zones": {
        "az1": {"zone_state": "maintenance", "compute": {"hosts": ["az1-0", "az1-1"]}},
        "az2": {"compute": {"hosts": ["az2-0", "az2-1"]}},
    },
    "region": {"zones": ["az1", "az2"]},
    "limit": ["az1"],
}


def result(*, check: bool = False, **options: Any) -> dict[str, Any]:
    module = zone_maintenance.MODULE
    checked = ArgumentSpecValidator(dict(module.options), **module.rules).validate({**MAP, **options})
    if checked.error_messages:
        return {"failed": True, "msg": str(checked.errors.msg)}
    return module.result(Run(checked.validated_parameters, check_mode=check))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "missing required arguments: state"),
        ({"state": "begin", "servers": "move"}, "value of servers must be one of: leave, drain, stop"),
        ({"state": "begin", "reason": "x" * 121}, "option 'reason' has 121 characters: 1 to 120 are allowed"),
        ({"state": "begin", "until": "tomorrow"}, "option 'until' is 'tomorrow', which is no time"),
        ({"state": "begin", "until": "2020-01-01T00:00Z"}, "which has passed"),
        ({"state": "begin", "moves_at_once": 0}, "option 'moves_at_once' is 0"),
        ({"state": "begin", "quorum": {"etcd": 3}}, "option 'quorum' has no size and members for etcd"),
        ({"state": "begin", "quorum": {"etcd": {"size": 3}}}, "option 'quorum' has no size and members for etcd"),
        ({"state": "begin", "allow": ["other_zone"]}, "value of allow must be one or more of"),
    ],
)
def test_options_that_are_refused(options: dict[str, Any], said: str) -> None:
    found = result(**options)
    assert found["failed"]
    assert said in found["msg"]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    found = FakeCloud(hosts_per_zone=2)
    monkeypatch.setattr(frame, "region_cloud", lambda _params, _region: found)
    found.add("web", "az1-0")
    found.looks_off = 0
    return found


def test_the_servers_that_stop_and_start_are_in_the_result(cloud: FakeCloud) -> None:
    planned = result(check=True, state="begin", servers="stop", until="2999-01-01T00:00Z")
    (one,) = planned["switched"]
    assert (one["server"], one["host"], one["outcome"]) == ("web", "az1-0", "planned")
    assert cloud.writes == []
    begun = result(state="begin", servers="stop", until="2999-01-01T00:00Z")
    assert not begun["failed"], begun["msg"]
    assert (begun["moves"], [one["outcome"] for one in begun["switched"]]) == ([], ["stopped"])
    assert begun["zones"]["az1"]["state"]["compute"]["az1-0"]["status"] == "disabled"
    assert [one["outcome"] for one in result(check=True, state="end")["switched"]] == ["planned"]
    ended = result(state="end")
    assert not ended["failed"], ended["msg"]
    assert all(like_recorded("zone_maintenance", one["zones"]) for one in (begun, ended))
    assert [one["outcome"] for one in ended["switched"]] == ["started"]


def test_a_zone_that_is_not_announced_is_refused(cloud: FakeCloud) -> None:
    found = result(state="begin", limit=["az2"])
    assert [refusal["rule"] for refusal in found["zones"]["az2"]["refusals"]] == ["zone_state", "other_zone"]
    assert cloud.writes == []
