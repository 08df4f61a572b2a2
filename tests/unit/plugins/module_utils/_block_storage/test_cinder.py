# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of cinder, and how its answers are shown."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.cinder import Cinder
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import ImageVolume
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.volume_calls import VolumeApi
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._types.model import FoundType
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import Answer, StandIn


@pytest.fixture
def cinder(cloud: StandIn) -> Cinder:
    return Cinder(connect(cloud.params()).service("block-storage"))


def test_services_as_cinder_answers_them(cloud: StandIn, cinder: Cinder) -> None:
    entries = [{"binary": "cinder-volume", "host": "lab@az1", "zone": "az1"}, {"binary": "cinder-backup"}]
    cloud.on_get("/volume/os-services", {"services": entries})
    assert cinder.services() == entries
    assert cloud.seen == [("GET", "/volume/os-services")]


def test_availability_zones(cloud: StandIn, cinder: Cinder) -> None:
    entries = [
        {"zoneName": "az1", "zoneState": {"available": True}},
        {"zoneName": "az2", "zoneState": {"available": False}},
    ]
    cloud.on_get("/volume/os-availability-zone", {"availabilityZoneInfo": entries})
    assert cinder.availability_zones() == [{"name": "az1", "available": True}, {"name": "az2", "available": False}]


def test_services_are_listed_without_the_scheduler(cloud: StandIn, cinder: Cinder) -> None:
    """From 3.49 on cinder asks it for the state of back ends first; the clusters of services are shown from 3.7 on."""
    cloud.on_get("/volume/os-services", {"services": []})
    api = VolumeApi(connect(cloud.params()).service("block-storage"), Deadline(60))
    for listed in (cinder.services, cinder.found_services, api.services):
        assert listed() == []
        assert cloud.headers[-1]["OpenStack-API-Version"] == "volume 3.7"


@pytest.mark.parametrize("name", ["volumev3", "block-storage"])
def test_is_found_under_the_names_that_catalogs_use(cloud: StandIn, name: str) -> None:
    cloud.services = {name: "volume"}
    assert connect(cloud.params()).service("block-storage").present()


def test_types_of_all_pages_public_and_private(cloud: StandIn, cinder: Cinder) -> None:
    entry = {"id": "1", "name": "gold", "description": None, "is_public": False, "extra_specs": {"a": "b"}}
    links = [{"rel": "next", "href": "http://x/types?is_public=none&marker=1"}]
    pages = [{"volume_types": [entry], "volume_type_links": links}, {"volume_types": [{"id": "2", "name": "plain"}]}]
    cloud.on("GET", "/volume/types", *(Answer(body=page) for page in pages))
    assert cinder.types() == [FoundType("1", "gold", False, None, {"a": "b"}), FoundType("2", "plain")]
    assert [path for _method, path in cloud.seen] == [
        "/volume/types?is_public=none",
        "/volume/types?is_public=none&marker=1",
    ]


def test_pools_that_cannot_tell_their_space(cloud: StandIn, cinder: Cinder) -> None:
    pools = [
        {"name": "lab@az1#a", "capabilities": {"volume_backend_name": "a", "free_capacity_gb": 1.5}},
        {"name": "lab@az1#b", "capabilities": {"volume_backend_name": "b", "free_capacity_gb": "infinite"}},
        {"name": "lab@az1#c", "capabilities": {"free_capacity_gb": 0, "backend_state": "down"}},
    ]
    cloud.on_get("/volume/scheduler-stats/get_pools", {"pools": pools})
    assert [(pool.host, pool.backend_name, pool.free, pool.up) for pool in cinder.pools()] == [
        ("lab@az1", "a", 1.5, True),
        ("lab@az1", "b", None, True),
        ("lab@az1", "", 0.0, False),
    ]


@pytest.mark.parametrize("status", [404, 500])
def test_a_default_type_that_does_not_exist(cloud: StandIn, cinder: Cinder, status: int) -> None:
    cloud.on("GET", "/volume/types/default", Answer(status))
    assert cinder.default_type() is None


def test_a_default_type_that_may_not_be_read_is_an_error(cloud: StandIn, cinder: Cinder) -> None:
    cloud.on("GET", "/volume/types/default", Answer(403))
    with pytest.raises(ApiError, match="403"):
        cinder.default_type()


def test_qos_specs_that_are_there_or_gone_already(cloud: StandIn, cinder: Cinder) -> None:
    cloud.on_get("/volume/qos-specs", {"qos_specs": [{"name": "mine", "id": "1", "specs": {}}]})
    assert cinder.qos_specs() == {"mine": "1"}
    cloud.on("POST", "/volume/qos-specs", Answer(409))
    cinder.add_qos_spec("mine")
    cloud.on("DELETE", "/volume/qos-specs/1", Answer(404))
    with pytest.raises(ApiError, match="404"):
        cinder.delete_qos_spec("1")  # it is there: 404 was for something else
    cloud.on_get("/volume/qos-specs", {"qos_specs": []})
    cinder.delete_qos_spec("1")
    cloud.on("POST", "/volume/qos-specs", Answer(403))
    with pytest.raises(ApiError, match="403"):
        cinder.add_qos_spec("mine")
    cloud.on("DELETE", "/volume/qos-specs/1", Answer(400))
    with pytest.raises(ApiError, match="400"):
        cinder.delete_qos_spec("1")


def test_volumes_that_were_made_from_images(cloud: StandIn, cinder: Cinder) -> None:
    made = {"id": "1", "availability_zone": "az1", "volume_image_metadata": {"image_id": "i", "min_disk": "0"}}
    others = [{"id": "2", "availability_zone": "az1"}, {"id": "3", "volume_image_metadata": {"os_distro": "x"}}]
    cloud.on_get("/volume/volumes/detail", {"volumes": [made, *others]})
    assert cinder.image_volumes() == [ImageVolume("1", "i", "az1")]
    assert cloud.seen[-1][1] == "/volume/volumes/detail?all_tenants=1&bootable=true"


def test_services_as_the_reconciler_knows_them(cloud: StandIn, cinder: Cinder) -> None:
    entry = {"binary": "cinder-volume", "host": "lab@az1", "zone": "az1", "status": "disabled", "state": "down"}
    rest = {"disabled_reason": "frozen", "frozen": True, "replication_status": "enabled"}
    cloud.on_get("/volume/os-services", {"services": [{**entry, **rest}]})
    (service,) = cinder.found_services()
    assert (service.enabled, service.up, service.reason, service.frozen, service.replicated) == (
        False,
        False,
        "frozen",
        True,
        True,
    )
    assert (service.backend, service.works) == ("az1", False)
    cinder.found_services(service)
    assert cloud.seen[-1][1] == "/volume/os-services?binary=cinder-volume&host=lab%40az1"
