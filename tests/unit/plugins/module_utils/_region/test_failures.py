# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that does not answer, or is not there, costs its own part only."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import CloudError
from ansible_collections.zoneops.openstack.plugins.module_utils._region.choice import SECTIONS
from ansible_collections.zoneops.openstack.plugins.module_utils._region.region import Region
from ansible_collections.zoneops.openstack.plugins.module_utils._region.sections import gather
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    Answer,
    StandIn,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._region.small_region import fill

pytestmark = pytest.mark.usefixtures("impatient")


def gathered(cloud: StandIn) -> Region:
    return gather(connect(cloud.params()), frozenset(SECTIONS))


def services(region: Region) -> set[str]:
    return {entry["service"] for entry in region.services}


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/volume/os-services", "cinder services"),
        ("/volume/os-availability-zone", "cinder availability_zones"),
        ("/share/services", "manila services"),
        ("/share/availability-zones", "manila availability_zones"),
        ("/network/v2.0/agents", "neutron services"),
        ("/network/v2.0/availability_zones", "neutron availability_zones"),
        ("/compute/os-availability-zone", "nova availability_zones"),
    ],
)
def test_a_listing_that_fails_is_named_and_empty(cloud: StandIn, path: str, what: str) -> None:
    fill(cloud)
    cloud.on("GET", path, Answer(403, {"forbidden": {"message": "no right"}}))
    region = gathered(cloud)
    assert list(region.errors) == [what]
    assert "403 no right" in region.errors[what]
    service, _space, section = what.partition(" ")
    assert services(region) == {"nova", "cinder", "manila", "neutron"} - ({service} if section == "services" else set())
    assert (not region.availability_zones[service]) == (section == "availability_zones")
    assert len(region.hosts) == 2


@pytest.mark.parametrize("path", ["os-aggregates", "os-services"])
def test_hosts_need_both_listings(cloud: StandIn, path: str) -> None:
    fill(cloud)
    cloud.on("GET", f"/compute/{path}", Answer(403))
    region = gathered(cloud)
    assert region.hosts == []
    assert region.default_availability_zone is None
    assert len(region.errors) == 1


def test_nova_that_is_down_costs_what_is_novas(cloud: StandIn) -> None:
    fill(cloud)
    for path in ("", "/os-aggregates", "/os-services", "/os-availability-zone"):
        cloud.on("GET", f"/compute{path}", Answer(503))
    region = gathered(cloud)
    assert set(region.errors) == {"nova aggregates", "nova services", "nova availability_zones"}
    assert all("503" in message for message in region.errors.values())
    assert services(region) == {"cinder", "manila", "neutron"}


def test_a_service_that_nobody_serves(cloud: StandIn) -> None:
    fill(cloud)
    cloud.services["network"] = "http://127.0.0.1:1"
    region = gathered(cloud)
    assert set(region.errors) == {"neutron services", "neutron availability_zones"}
    assert "127.0.0.1:1" in region.errors["neutron services"]
    assert region.absent == []


def test_services_that_the_cloud_does_not_have(cloud: StandIn) -> None:
    fill(cloud)
    del cloud.services["shared-file-system"], cloud.services["network"]
    region = gathered(cloud)
    assert region.absent == ["manila", "neutron"]
    assert region.errors == {}
    assert set(region.availability_zones) == {"nova", "cinder"}
    assert services(region) == {"nova", "cinder"}


def test_a_cell_that_is_down_is_an_error_of_the_hosts(cloud: StandIn) -> None:
    fill(cloud)
    up = {"id": "s", "binary": "nova-compute", "zone": "az1", "state": "up", "status": "enabled"}
    unknown = {"id": "t", "binary": "nova-compute", "host": "compute-9", "status": "UNKNOWN"}
    cloud.on_get("/compute/os-services", {"services": [{**up, "host": "compute-2"}, unknown]})
    region = gathered(cloud)
    assert [host["name"] for host in region.hosts] == ["compute-2"]
    assert list(region.errors) == ["nova hosts"]
    assert "compute-9" in region.errors["nova hosts"]
    assert region.services[-1] == {
        "service": "nova",
        "binary": "nova-compute",
        "host": "compute-9",
        "availability_zone": None,
        "state": "unknown",
        "status": "unknown",
        "disabled_reason": None,
    }


def test_wrong_credentials_are_no_matter_of_a_section(cloud: StandIn) -> None:
    auth = {**cloud.params()["auth"], "password": "wrong"}
    with pytest.raises(CloudError, match="refused the credentials"):
        gather(connect(cloud.params(auth=auth)), frozenset(SECTIONS))
