# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A read is repeated after what may pass; a write only when the service said that it did nothing."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.service import Service
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    DROP,
    Answer,
    StandIn,
)

FOUND = Answer(body={"found": True})

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def service(cloud: StandIn) -> Service:
    return connect(cloud.params()).service("compute")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_read_is_repeated_three_times(cloud: StandIn, service: Service, status: int) -> None:
    cloud.on("GET", "/compute/x", Answer(status), Answer(status), Answer(status), FOUND)
    assert service.get("/x") == {"found": True}
    assert cloud.count("GET", "/compute/x") == 4


def test_then_the_error_is_reported(cloud: StandIn, service: Service) -> None:
    cloud.on("GET", "/compute/x", Answer(500, {"computeFault": {"message": "Unexpected API Error"}}))
    with pytest.raises(ApiError, match="500 Unexpected API Error") as caught:
        service.get("/x")
    assert not caught.value.uncertain
    assert cloud.count("GET", "/compute/x") == 4


def test_a_read_that_was_dropped_is_repeated_once(cloud: StandIn, service: Service) -> None:
    cloud.on("GET", "/compute/x", DROP, FOUND)
    assert service.get("/x") == {"found": True}
    assert cloud.count("GET", "/compute/x") == 2


def test_and_not_twice(cloud: StandIn, service: Service) -> None:
    cloud.on("GET", "/compute/x", DROP, DROP, FOUND)
    with pytest.raises(ApiError, match="Is the service running, and reachable from here") as caught:
        service.get("/x")
    assert not caught.value.uncertain
    assert cloud.count("GET", "/compute/x") == 2


def test_a_write_that_was_dropped_is_uncertain_and_not_repeated(cloud: StandIn, service: Service) -> None:
    cloud.on("POST", "/compute/x", DROP, FOUND)
    with pytest.raises(ApiError) as caught:
        service.post("/x", {})
    assert caught.value.uncertain
    assert cloud.count("POST", "/compute/x") == 1


def test_a_write_that_the_rate_limit_refused_is_repeated(cloud: StandIn, service: Service) -> None:
    cloud.on("POST", "/compute/x", Answer(429), Answer(429), FOUND)
    assert service.post("/x", {}) == {"found": True}
    assert cloud.count("POST", "/compute/x") == 3


def test_a_rate_limit_that_stays_is_certain(cloud: StandIn, service: Service) -> None:
    cloud.on("PUT", "/compute/x", Answer(429))
    with pytest.raises(ApiError, match="limits the rate of requests") as caught:
        service.put("/x", {})
    assert not caught.value.uncertain
    assert cloud.count("PUT", "/compute/x") == 4


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_what_does_not_pass_is_not_repeated(cloud: StandIn, service: Service, status: int) -> None:
    cloud.on("GET", "/compute/x", Answer(status))
    with pytest.raises(ApiError):
        service.get("/x")
    assert cloud.count("GET", "/compute/x") == 1


def test_retries_wait_longer_each_time(cloud: StandIn, service: Service, impatient: list[float]) -> None:
    cloud.on("GET", "/compute/x", Answer(503))
    with pytest.raises(ApiError):
        service.get("/x")
    assert len(impatient) == 3
    assert impatient == sorted(set(impatient))
    assert sum(impatient) < 10
