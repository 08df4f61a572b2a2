# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing waits longer than it may."""

from __future__ import annotations

import time

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.service import Service
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import DeadlineExceeded, ZoneopsError
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    HANG,
    TOKEN_PATH,
    Answer,
    StandIn,
)


@pytest.mark.usefixtures("impatient")
def test_a_read_that_hangs_is_given_up_after_the_read_timeout(cloud: StandIn) -> None:
    cloud.on("GET", "/compute/x", HANG)
    with pytest.raises(ApiError, match="no answer in time") as caught:
        connect(cloud.params(api_timeout=0.2)).service("compute").get("/x")
    assert not caught.value.uncertain
    assert cloud.count("GET", "/compute/x") == 2


def test_a_write_that_hangs_is_uncertain_and_not_repeated(cloud: StandIn) -> None:
    cloud.on("POST", "/compute/x", HANG)
    with pytest.raises(ApiError, match="no answer in time") as caught:
        connect(cloud.params(api_timeout=0.2)).service("compute").post("/x", {})
    assert caught.value.uncertain
    assert cloud.count("POST", "/compute/x") == 1


def logged_in(cloud: StandIn, monkeypatch: pytest.MonkeyPatch, left: float) -> Service:
    """A service after the login, however long that took, with so much time left."""
    connected = connect(cloud.params(api_timeout=60.0))
    service = connected.service("compute")
    assert service.present()
    monkeypatch.setattr(connected.deadline, "_end", time.monotonic() + left)
    return service


@pytest.mark.usefixtures("impatient")
def test_a_hang_ends_with_the_deadline_and_is_not_repeated_after_it(
    cloud: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.on("GET", "/compute/x", HANG)
    service = logged_in(cloud, monkeypatch, left=0.7)
    begun = time.monotonic()
    with pytest.raises(DeadlineExceeded, match=r"deadline of 60 s has passed before: GET .*/compute/x"):
        service.get("/x")
    assert time.monotonic() - begun < 20
    assert cloud.count("GET", "/compute/x") == 1


def test_the_deadline_holds_for_the_login(cloud: StandIn) -> None:
    cloud.on("POST", TOKEN_PATH, HANG)
    begun = time.monotonic()
    with pytest.raises(ZoneopsError):
        connect(cloud.params(api_timeout=60.0, timeout=0.7)).service("compute").get("/x")
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(("method", "status"), [("GET", 503), ("POST", 429)])
def test_a_service_cannot_make_it_wait_beyond_the_deadline(cloud: StandIn, method: str, status: int) -> None:
    cloud.on(method, "/compute/x", Answer(status, headers={"Retry-After": "3600"}))
    service = connect(cloud.params()).service("compute")
    with pytest.raises(DeadlineExceeded, match=rf"{method} .*/compute/x: {status}, to be repeated after 3600 s"):
        service.get("/x") if method == "GET" else service.post("/x", {})
    assert cloud.count(method, "/compute/x") == 1


def test_what_is_not_repeated_keeps_its_own_error(cloud: StandIn) -> None:
    cloud.on("POST", "/compute/x", Answer(503, headers={"Retry-After": "3600"}))
    with pytest.raises(ApiError) as caught:
        connect(cloud.params()).service("compute").post("/x", {})
    assert caught.value.uncertain


def test_no_request_is_begun_after_the_deadline(cloud: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.on("POST", "/compute/x", Answer())
    service = logged_in(cloud, monkeypatch, left=0)
    with pytest.raises(DeadlineExceeded) as caught:
        service.post("/x", {})
    assert not caught.value.uncertain
    assert cloud.seen == []
