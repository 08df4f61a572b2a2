# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which microversion is used, and what finding out costs."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError, CloudError
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.service import Service
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    HANG,
    Answer,
    StandIn,
    version_document,
)

BEST, LEAST = (2, 90), (2, 53)


@pytest.fixture
def service(cloud: StandIn) -> Service:
    return connect(cloud.params()).service("compute")


@pytest.mark.parametrize(("offered", "used"), [("2.96", "2.90"), ("2.90", "2.90"), ("2.72", "2.72"), ("2.53", "2.53")])
def test_the_best_that_both_know(cloud: StandIn, service: Service, offered: str, used: str) -> None:
    cloud.on("GET", "/compute", version_document(offered))
    assert service.negotiate(BEST, LEAST) == used


@pytest.mark.parametrize("offered", ["2.52", "2.9", ""])
def test_too_old(cloud: StandIn, service: Service, offered: str) -> None:
    cloud.on("GET", "/compute", version_document(offered))
    with pytest.raises(CloudError) as caught:
        service.negotiate(BEST, LEAST)
    assert caught.value.message == (
        f"compute API: this cloud offers microversions up to {offered or 'none'}, at least 2.53 is needed. "
        "The service is too old for this collection."
    )


def test_the_version_document_is_read_once(cloud: StandIn, service: Service) -> None:
    cloud.on("GET", "/compute", version_document("2.96"))
    assert service.maximum() == (2, 96)
    assert service.maximum() == (2, 96)
    service.negotiate(BEST, LEAST)
    assert cloud.seen == [("GET", "/compute")]


def test_a_request_names_its_microversion(cloud: StandIn, service: Service) -> None:
    cloud.on_get("/compute/x", {})
    service.get("/x", microversion="2.72")
    assert cloud.headers[-1]["OpenStack-API-Version"] == "compute 2.72"
    assert cloud.count("GET", "/compute") == 0


@pytest.mark.usefixtures("impatient")
def test_a_service_that_is_down_is_not_too_old(cloud: StandIn, service: Service) -> None:
    cloud.on("GET", "/compute", Answer(503))
    with pytest.raises(ApiError, match="503 Service Unavailable"):
        service.negotiate(BEST, LEAST)


@pytest.mark.usefixtures("impatient")
def test_a_service_that_hangs_is_not_too_old(cloud: StandIn) -> None:
    cloud.on("GET", "/compute", HANG)
    with pytest.raises(ApiError, match="no answer in time"):
        connect(cloud.params(api_timeout=0.2)).service("compute").negotiate(BEST, LEAST)


@pytest.mark.usefixtures("impatient")
def test_a_service_that_nobody_serves_is_not_too_old(cloud: StandIn) -> None:
    cloud.services["compute"] = "http://127.0.0.1:1"
    with pytest.raises(ApiError, match="Connection refused"):
        connect(cloud.params()).service("compute").negotiate(BEST, LEAST)


def test_a_failure_that_passes_costs_nothing_but_a_second_try(cloud: StandIn, service: Service) -> None:
    cloud.on("GET", "/compute", Answer(503), version_document("2.96"))
    assert service.negotiate(BEST, LEAST) == "2.90"
