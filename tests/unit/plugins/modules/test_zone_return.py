# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module zone_return: options that are refused before a request is sent, and what it returns."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.zoneops.openstack.plugins.module_utils._compute import run as compute_run
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack import module as frame
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Run
from ansible_collections.zoneops.openstack.plugins.modules import zone_return
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._zone_return.lost_zone import MARK, LostNova
from ansible_collections.zoneops.openstack.tests.unit.plugins.modules.recorded import like_recorded

MAP: dict[str, Any] = {
    "zones": {name: {"compute": {"hosts": [f"{name}-0", f"{name}-1"]}} for name in ("az1", "az2")},
    "region": {"zones": ["az1", "az2"]},
    "limit": ["az1"],
}


def result(*, check: bool = False, **options: Any) -> dict[str, Any]:
    module = zone_return.MODULE
    checked = ArgumentSpecValidator(dict(module.options), **module.rules).validate({**MAP, **options})
    if checked.error_messages:
        return {"failed": True, "msg": str(checked.errors.msg)}
    return module.result(Run(checked.validated_parameters, check_mode=check))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"hosts": ["az2-0"]}, "option 'hosts': the zone files of az1 do not name az2-0"),
        ({"guests": {"az1-7": []}}, "option 'guests': no compute host of the map is named az1-7"),
        ({"guests": {"az1-0": "a b"}}, "option 'guests': give a list of ids of servers for host az1-0"),
        ({"up_timeout": 0}, "option 'up_timeout' is 0"),
        ({"canary_server": {"flavor": "f", "image": "i", "volume_size": 0}}, "option 'canary_server.volume_size' is 0"),
        ({"pods": {"quorum": {"etcd": {}}}}, "option 'pods' has no size and members for etcd"),
        ({"allow": ["room"]}, "value of allow must be one or more of: agents, foreign_reasons, pods, storage, thaw"),
    ],
)
def test_options_that_are_refused(options: dict[str, Any], said: str) -> None:
    found = result(**options)
    assert found["failed"]
    assert said in found["msg"]


class NoLock(nullcontext[None]):
    """In place of the region's, which the cloud in memory does not have."""

    warnings = ("the lock was taken over",)


def test_hosts_come_back_and_what_is_on_them_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = LostNova(hosts_per_zone=2)
    monkeypatch.setattr(frame, "region_cloud", lambda _params, _region: cloud)
    monkeypatch.setattr(compute_run, "RegionLock", lambda *_args, **_more: NoLock())
    cloud.add("web", "az1-0")
    cloud.lose("az1-0")
    cloud.start("az1-0")
    planned = result(check=True)
    assert (planned["changed"], planned["zones"]["az1"]["state"]["compute"]["az1-0"]["disabled_reason"]) == (True, MARK)
    guests = {"az1-0": [" WEB \n".lower(), ""]}
    found = result(guests=guests)
    assert not found["failed"], found["msg"]
    assert like_recorded("zone_return", found["zones"])
    assert found["zones"]["az1"]["state"]["compute"]["az1-0"] == {
        "id": "az1-0",
        "status": "enabled",
        "disabled_reason": None,
        "forced_down": False,
        "up": True,
        "servers": 1,
        "evacuated": [],
    }
    assert found["warnings"] == ["the lock was taken over"]
    assert not result()["changed"]
