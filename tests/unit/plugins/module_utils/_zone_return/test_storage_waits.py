# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage services whose pods have just started, or that have just been enabled, are given a while; others are refused at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import Pool, Service
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Aggregate
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.zones.agents import share_service_key
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError, NoApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.progress import reported_to
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.api.model import ShareService
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_return.build import POOL_SECONDS, Call
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_return.model import Wanted
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._shared_filesystem.test_services import (
    Manila as Shares,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._zone_return.lost_zone import MARK

UP = Service("cinder-volume", "a@ceph", "az1")
DOWN = replace(UP, up=False)
BACK: dict[str, Any] = {"waited": {"az1": 9.0}, "zones": {"az1": {"state": {"missing": []}}}}
SHARE = ShareService("b@nfs", "manila-share", "az1", enabled=False, disabled_reason=MARK)
ZONES = load_map({"az1": {"kubernetes": {}}}, {"zones": ["az1"]})


class LateShares(Shares):
    """A manila whose share service comes up at the third look."""

    def share_services(self, *, reasons: bool = False) -> tuple[ShareService, ...]:
        found = super().share_services(reasons=reasons and self.keeps_reasons)
        return tuple(replace(one, up=len(self.calls) > 2) for one in found)


def enabled(call: Call) -> str:
    """The wait once the services are enabled."""
    return call.until_known("az1")


WAITS = {"started": Call.until_up, "enabled": enabled}


@pytest.fixture(params=WAITS)
def wait(request: pytest.FixtureRequest) -> Callable[[Call], Any]:
    return WAITS[request.param]


def looks(
    monkeypatch: pytest.MonkeyPatch,
    *seen: Service | ZoneopsError,
    allow: str = "",
    manila: Shares | None = None,
    cinder: bool = True,
    wait: Callable[[Call], Any] = Call.until_up,
    **pods: Any,
) -> tuple[int, list[str]]:
    """How often it looked, and what it said."""
    clock, left, said, asked = [0.0], list(seen), list[str](), list[int]()
    monkeypatch.setattr(time, "sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    cloud: Any = SimpleNamespace(deadline=Deadline(600))
    aggregate = Aggregate("az1", "az1", {share_service_key(SHARE.host): MARK}, id=1)
    nova: Any = SimpleNamespace(aggregates=lambda: (aggregate,))
    call = Call(cloud, nova, ZONES, Wanted(("az1",), pods={**BACK, **pods}, allow=frozenset({allow})), None)

    def services() -> list[Service]:
        asked.append(1)
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, ZoneopsError):
            raise found
        return [found]

    volumes = SimpleNamespace(found_services=services, pools=lambda: [Pool("a@ceph#p", "ceph")])
    monkeypatch.setattr(call, "cinder", lambda: volumes if cinder else None)
    monkeypatch.setattr(call, "manila", lambda: manila)
    with reported_to(said.append):
        wait(call)
    return len(asked), said


def test_a_service_that_comes_is_waited_for(monkeypatch: pytest.MonkeyPatch, wait: Callable[[Call], Any]) -> None:
    assert looks(monkeypatch, DOWN, DOWN, UP, wait=wait) == (3, ["storage: cinder-volume a@ceph is down"])
    assert looks(monkeypatch, UP, wait=wait) == (1, [])


def test_one_that_does_not_come_is_left_to_the_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert looks(monkeypatch, DOWN)[0] == POOL_SECONDS + 1


@pytest.mark.parametrize(
    ("seen", "wrong"),
    [
        (DOWN, "cinder-volume a@ceph is down."),
        (ApiError("block-storage API: GET /pools: 500 Oops. (request req-1)", status=500), "GET /pools: 500 Oops."),
        (ApiError("GET /pools: no answer. Is it reachable?"), "GET /pools: no answer. Is it reachable?"),
    ],
)
def test_a_service_that_does_not_come_once_it_is_enabled_fails_a_host(
    monkeypatch: pytest.MonkeyPatch, seen: Service | ZoneopsError, wrong: str
) -> None:
    """It is waited for once: the next host of the zone fails at the first look."""
    said: list[str] = []

    def twice(call: Call) -> None:
        said.extend(call.until_known("az1") for _host in range(2))

    assert looks(monkeypatch, seen, wait=twice)[0] == POOL_SECONDS + 2
    assert said[0] == said[1]
    assert said[0].startswith("the storage of zone az1 does not work: ")
    assert said[0].endswith(wrong)


@pytest.mark.parametrize(
    "more",
    [
        {"waited": {}},
        {"zones": {"az1": {"state": {"missing": ["pod a is not ready."]}}}},
    ],
)
def test_nothing_is_asked_where_no_pod_has_just_started(monkeypatch: pytest.MonkeyPatch, more: dict[str, Any]) -> None:
    assert looks(monkeypatch, DOWN, **more) == (0, [])


@pytest.mark.parametrize("cinder", [True, False])
@pytest.mark.parametrize("keeps_reasons", [True, False])
def test_a_share_service_of_a_lost_zone_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, wait: Callable[[Call], Any], *, keeps_reasons: bool, cinder: bool
) -> None:
    """Manila before 2.83 does not say why it is disabled: the zone's aggregate does."""
    manila = LateShares(SHARE, keeps_reasons=keeps_reasons)
    said = ["storage: manila-share b@nfs is down"]
    assert looks(monkeypatch, UP, manila=manila, cinder=cinder, wait=wait) == (3 if cinder else 0, said)
    assert len(manila.calls) == 3


@pytest.mark.parametrize(
    "away",
    [
        ApiError("block-storage API: GET /pools: 500 (request req-1) Try again.", status=500),
        ApiError("block-storage API: GET /pools"),
        NoApiError("block-storage API: GET /pools"),
    ],
)
def test_an_api_that_is_away_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, wait: Callable[[Call], Any], away: ZoneopsError
) -> None:
    asked, (text,) = looks(monkeypatch, away, away, UP, wait=wait)
    assert (asked, text.startswith("storage: block-storage API: GET /pools")) == (3, True)
    assert "req-1" not in text


def test_an_api_that_refuses_is_not(monkeypatch: pytest.MonkeyPatch, wait: Callable[[Call], Any]) -> None:
    with pytest.raises(ApiError, match="forbidden"):
        looks(monkeypatch, ApiError("forbidden", status=403), wait=wait)


def test_storage_that_does_not_count_is_not_asked_for(
    monkeypatch: pytest.MonkeyPatch, wait: Callable[[Call], Any]
) -> None:
    assert looks(monkeypatch, DOWN, allow="storage", wait=wait) == (0, [])
