# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage services whose pods have just started are given a while to report; others are refused at once."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import Pool, Service
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.progress import reported_to
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_return.build import POOL_SECONDS, Call
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_return.model import Wanted
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map

UP = Service("cinder-volume", "a@ceph", "az1")
DOWN = replace(UP, up=False)
BACK: dict[str, Any] = {"waited": {"az1": 9.0}, "zones": {"az1": {"state": {"missing": []}}}}
ZONES = load_map({"az1": {"kubernetes": {}}}, {"zones": ["az1"]})


def looks(monkeypatch: pytest.MonkeyPatch, *seen: Service, allow: str = "", **pods: Any) -> tuple[int, list[str]]:
    """How often it looked, and what it said."""
    clock, left, said, asked = [0.0], list(seen), list[str](), list[int]()
    monkeypatch.setattr(time, "sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    cloud: Any = SimpleNamespace(deadline=Deadline(600))
    nova: Any = None
    call = Call(cloud, nova, ZONES, Wanted(("az1",), pods={**BACK, **pods}, allow=frozenset({allow})), None)

    def services() -> list[Service]:
        asked.append(1)
        return [left.pop(0) if len(left) > 1 else left[0]]

    monkeypatch.setattr(call, "cinder", lambda: SimpleNamespace(pools=lambda: [Pool("a@ceph#p", "ceph")]))
    monkeypatch.setattr(call, "manila", lambda: None)
    monkeypatch.setattr(call, "volume_services", services)
    with reported_to(said.append):
        call.until_up()
    return len(asked), said


def test_a_service_that_comes_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert looks(monkeypatch, DOWN, DOWN, UP) == (3, ["storage: cinder-volume a@ceph is down"])
    assert looks(monkeypatch, UP) == (1, [])


def test_one_that_does_not_come_is_left_to_the_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert looks(monkeypatch, DOWN)[0] == POOL_SECONDS


@pytest.mark.parametrize(
    "more",
    [
        {"waited": {}},
        {"zones": {"az1": {"state": {"missing": ["pod a is not ready."]}}}},
        {"allow": "storage"},
    ],
)
def test_nothing_is_asked_where_no_pod_has_just_started(monkeypatch: pytest.MonkeyPatch, more: dict[str, Any]) -> None:
    assert looks(monkeypatch, DOWN, **more) == (0, [])
