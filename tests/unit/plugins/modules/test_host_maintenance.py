# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module host_maintenance: options that are refused before a request is sent, and what it returns."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack import module as frame
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Run
from ansible_collections.zoneops.openstack.plugins.modules import host_maintenance
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers.migrating_cloud import FakeCloud
from ansible_collections.zoneops.openstack.tests.unit.plugins.modules.recorded import like_recorded

MAP: dict[str, Any] = {
    "zones": {zone: {"compute": {"hosts": [f"{zone}-0", f"{zone}-1"]}} for zone in ("az1", "az2")},
    "region": {"zones": ["az1", "az2"]},
    "shared_disks": True,
}
BIRD = {"flavor": "tiny", "image": "cirros"}


def result(*, check: bool = False, **options: Any) -> dict[str, Any]:
    module = host_maintenance.MODULE
    checked = ArgumentSpecValidator(dict(module.options), **module.rules).validate({**MAP, **options})
    if checked.error_messages:
        return {"failed": True, "msg": str(checked.errors.msg)}
    return module.result(Run(checked.validated_parameters, check_mode=check))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "missing required arguments: state"),
        ({"state": "begin", "hosts": []}, "option 'hosts' is empty: leave it out"),
        ({"state": "begin", "hosts": ["az1-2"]}, "the zone files of az1, az2 do not name az1-2"),
        ({"state": "end", "hosts": ["az2-0"], "limit": ["az1"]}, "the zone files of az1 do not name az2-0"),
        ({"state": "begin", "reason": "x" * 121}, "option 'reason' has 121 characters: 1 to 120 are allowed"),
        ({"state": "begin", "reason": ""}, "option 'reason' has 0 characters"),
        ({"state": "begin", "live_per_host": 0}, "option 'live_per_host' is 0: give a number of at least 1"),
        ({"state": "begin", "moves_per_target": -1}, "option 'moves_per_target' is -1"),
        ({"state": "begin", "moves_at_once": 0}, "option 'moves_at_once' is 0"),
        ({"state": "begin", "max_failed": -1}, "option 'max_failed' is -1: give a number of at least 0"),
        ({"state": "end", "canary_server": {"flavor": "tiny"}}, "missing required arguments: image"),
        ({"state": "end", "canary_server": {**BIRD, "seconds": 0}}, "option 'canary_server.seconds' is 0"),
        ({"state": "end", "canary_server": {**BIRD, "volume_size": 0}}, "option 'canary_server.volume_size' is 0"),
        ({"state": "begin", "allow": ["force"]}, "value of allow must be one or more of"),
    ],
)
def test_options_that_are_refused(options: dict[str, Any], said: str) -> None:
    found = result(**options)
    assert found["failed"]
    assert said in found["msg"]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    found = FakeCloud(hosts_per_zone=2)
    found.add("web-0")
    found.add("web-1", "az2-0", pinned="az2")
    monkeypatch.setattr(frame, "region_cloud", lambda _params, _region: found)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    return found


def test_moves_of_all_zones_are_returned(cloud: FakeCloud) -> None:
    asked: dict[str, Any] = {"state": "begin", "hosts": ["az1-0", "az2-0"]}
    planned = result(check=True, **asked)
    assert [(move["server"], move["zone"], move["outcome"]) for move in planned["moves"]] == [
        ("web-0", "az1", "planned"),
        ("web-1", "az2", "planned"),
    ]
    assert cloud.writes == []
    found = result(**asked)
    assert (found["changed"], found["failed"]) == (True, False), found["msg"]
    assert [(move["server"], move["from"], move["to"], move["outcome"]) for move in found["moves"]] == [
        ("web-0", "az1-0", "az1-1", "moved"),
        ("web-1", "az2-0", "az2-1", "moved"),
    ]
    assert found["zones"]["az2"]["state"]["az2-0"]["emptied"]
    assert planned["zones"]["az1"]["diff"] == found["zones"]["az1"]["diff"]
    back = result(state="end", hosts=["az1-0", "az2-0"])
    assert all(like_recorded("host_maintenance", one["zones"]) for one in (found, back))
    assert (back["changed"], back["moves"]) == (True, [])
    assert {service["status"] for service in cloud.services.values()} == {"enabled"}


def test_a_zone_that_is_refused_leaves_the_others(cloud: FakeCloud) -> None:
    cloud.services["az1-1"] |= {"status": "disabled", "disabled_reason": "fan"}
    found = result(state="begin", hosts=["az1-0", "az2-0"])
    assert (found["zones"]["az1"]["failed"], found["zones"]["az2"]["failed"]) == (True, False)
    assert [refusal["rule"] for refusal in found["zones"]["az1"]["refusals"]] == ["no_room"]
    assert cloud.hosts() == {"web-0": "az1-0", "web-1": "az2-1"}


def test_steps_are_in_the_progress_file(cloud: FakeCloud, tmp_path: Any) -> None:
    path = tmp_path / "progress"
    result(state="begin", hosts=["az1-0"], progress=str(path))
    lines = [line.partition(" ")[2] for line in path.read_text().splitlines()]
    assert lines == [
        "web-0 (web-0) -> az1-1: live migration began",
        "web-0 (web-0) -> az1-1: moved to az1-1",
    ]
