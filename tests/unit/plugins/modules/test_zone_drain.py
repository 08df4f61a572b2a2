# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module zone_drain: options that are refused before a request is sent, and what it returns."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.zoneops.openstack.plugins.module_utils._compute import run as compute_run
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack import module as frame
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Run
from ansible_collections.zoneops.openstack.plugins.modules import zone_drain
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers.migrating_cloud import FakeCloud

MAP: dict[str, Any] = {
    "zones": {name: {"compute": {"hosts": [f"{name}-0", f"{name}-1"]}} for name in ("az1", "az2")},
    "region": {"zones": ["az1", "az2"]},
    "limit": ["az1"],
}


def result(*, check: bool = False, **options: Any) -> dict[str, Any]:
    module = zone_drain.MODULE
    checked = ArgumentSpecValidator(dict(module.options), **module.rules).validate({**MAP, **options})
    if checked.error_messages:
        return {"failed": True, "msg": str(checked.errors.msg)}
    return module.result(Run(checked.validated_parameters, check_mode=check))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"to": ["az9"]}, "option 'to': no zone of the map is named az9 (did you mean az"),
        ({"to": ["az1"]}, "option 'to': zone az1 is to be emptied. Name other zones."),
        ({"to": []}, "option 'to' is empty"),
        ({"servers": []}, "option 'servers' is empty"),
        ({"hosts": ["az2-0"]}, "option 'hosts': the zone files of az1 do not name az2-0"),
        ({"moves_at_once": 0}, "option 'moves_at_once' is 0"),
        ({"moves_per_back_end": 0}, "option 'moves_per_back_end' is 0"),
        ({"allow": ["room"]}, "value of allow must be one or more of: stay"),
    ],
)
def test_options_that_are_refused(options: dict[str, Any], said: str) -> None:
    found = result(**options)
    assert found["failed"]
    assert said in found["msg"]


class NoLock(nullcontext[None]):
    """In place of the region's, which the cloud in memory does not have."""

    warnings = ("the lock was taken over",)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    found = FakeCloud(hosts_per_zone=2)
    monkeypatch.setattr(frame, "region_cloud", lambda _params, _region: found)
    monkeypatch.setattr(compute_run, "RegionLock", lambda *_args, **_more: NoLock())
    found.add("web", "az1-0")
    found.add("broken", "az1-1", status="ERROR")
    return found


def test_what_moves_and_what_stays_are_in_the_result(cloud: FakeCloud) -> None:
    planned = result(check=True)
    (one,) = planned["moves"]
    assert (one["name"], one["from"], one["to_zone"], one["outcome"]) == ("web", "az1-0", "az2", "planned")
    stays = [{"server": "broken", "name": "broken", "zone": "az1", "host": "az1-1", "reason": "it is in status ERROR"}]
    assert (planned["stays"], cloud.writes) == (stays, [])
    found = result()
    assert not found["failed"], found["msg"]
    assert [(one["to"], one["outcome"]) for one in found["moves"]] == [(planned["moves"][0]["to"], "moved")]
    assert (found["stays"], found["warnings"]) == (stays, ["the lock was taken over"])
    assert not result()["changed"]
