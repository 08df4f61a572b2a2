# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module zone_evacuate: options that are refused before a request is sent, and what it returns."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.zoneops.openstack.plugins.module_utils._compute import run as compute_run
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack import module as frame
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Run
from ansible_collections.zoneops.openstack.plugins.modules import zone_evacuate
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers.migrating_cloud import FakeCloud
from ansible_collections.zoneops.openstack.tests.unit.plugins.modules.recorded import like_recorded

MAP: dict[str, Any] = {
    "zones": {name: {"compute": {"hosts": [f"{name}-0", f"{name}-1"]}} for name in ("az1", "az2", "az3")},
    "region": {"zones": ["az1", "az2", "az3"]},
    "limit": ["az1"],
}

FENCE = {"hosts": ["az1-0"], "kind": "bmc", "by": "ops", "at": "2026-01-02T00:00Z", "what": "power off"}


def result(*, check: bool = False, **options: Any) -> dict[str, Any]:
    module = zone_evacuate.MODULE
    checked = ArgumentSpecValidator(dict(module.options), **module.rules).validate({**MAP, **options})
    if checked.error_messages:
        return {"failed": True, "msg": str(checked.errors.msg)}
    return module.result(Run(checked.validated_parameters, check_mode=check))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"to": ["az9"]}, "option 'to': no zone of the map is named az9 (did you mean az"),
        ({"to": ["az1"]}, "option 'to': servers leave zone az1. Name other zones."),
        ({"to": ["az2"], "limit": ["az1", "az3"]}, "az1, az3 would share the room there"),
        ({"hosts": ["az2-0"]}, "option 'hosts': the zone files of az1 do not name az2-0"),
        ({"reason": ""}, "option 'reason' has 0 characters"),
        ({"moves_at_once": 0}, "option 'moves_at_once' is 0"),
        ({"phase": "all"}, "value of phase must be one of: prepare, move, start"),
        ({"fencing": [{"host": "az1-0"}]}, "missing required arguments: at, by, kind, what found in fencing"),
        ({"fencing": [{**FENCE, "hosts": ["az9-0"]}]}, "no compute host in the zone files is named az9-0"),
        ({"allow": ["room"]}, "value of allow must be one or more of: instance_ha"),
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
    found.add("web")
    found.add("paused", status="PAUSED")
    found.kill("az1-0")
    # Of a host that is forced down, a record that is old is not watched: the others have reported since.
    for host, service in found.services.items():
        service["updated_at"] = f"2026-01-01T00:0{0 if host == 'az1-0' else 2}:00.000000"
    return found


def test_what_is_evacuated_what_is_left_and_what_happened_are_in_the_result(cloud: FakeCloud) -> None:
    planned = result(check=True, fencing=[FENCE])
    (one,) = planned["moves"]
    assert (one["name"], one["from"], one["to"], one["to_zone"], one["outcome"]) == (
        "web",
        "az1-0",
        "az1-1",
        "az1",
        "planned",
    )
    left = [{"server": "paused", "name": "paused", "zone": "az1", "host": "az1-0", "reason": "it is paused"}]
    assert (planned["left"], cloud.writes) == (left, [])
    assert planned["diagnosis"]["az1"]["dead"] == ["az1-0"]
    found = result(fencing=[FENCE])
    assert not found["failed"], found["msg"]
    assert like_recorded("zone_evacuate", found["zones"])
    assert [(one["to"], one["outcome"], one["status"]) for one in found["moves"]] == [("az1-1", "moved", "ACTIVE")]
    assert (found["left"], found["warnings"]) == (left, ["the lock was taken over"])
    assert not result(fencing=[FENCE])["changed"]
