# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services are real: each zone gives servers, volumes, backups, images and shares."""

from __future__ import annotations

import hashlib
import os
from contextlib import ExitStack
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pytest
from selftest.api import Api, backup, until

if TYPE_CHECKING:
    from zonelab.client import LabClient

ZONES = ("az1", "az2", "az3")
MEGABYTE = 1 << 20


@pytest.fixture(scope="session")
def image(api: Api) -> dict[str, Any]:
    """A small raw image in the default store."""
    return api.upload("small", [os.urandom(MEGABYTE)])


def test_catalog_gives_clients_the_proxies_and_services_each_other(lab: LabClient, api: Api) -> None:
    record = lab.record
    services = {
        "identity": "keystone",
        "compute": "nova",
        "image": "glance",
        "block-storage": "cinder",
        "shared-file-system": "manila",
        "placement": "placement",
        "network": "neutron",
    }
    assert {entry["type"] for entry in api.catalog} == set(services)
    for entry in api.catalog:
        name = services[entry["type"]]
        ports = {"public": record.public[name], "internal": record.internal[name]}
        for endpoint in entry["endpoints"]:
            assert f"http://127.0.0.1:{ports[endpoint['interface']]}" in endpoint["url"]


def test_computes_are_up_and_there_is_a_flavor(api: Api) -> None:
    hosts = {f"compute-{zone}-{index}" for zone in ZONES for index in range(2)}
    states = api.compute_states()
    assert {host: states[host] for host in hosts} == dict.fromkeys(hosts, "up")
    flavors = api.call("nova", "GET", "/flavors")["flavors"]
    assert [flavor["name"] for flavor in flavors] == ["m1.tiny"]


@pytest.mark.parametrize("name", ["keystone", "placement"])
def test_a_service_answers_beside_connections_that_are_kept_open(lab: LabClient, name: str) -> None:
    """Each compute host keeps one to both; a region of the benchmark has hundreds."""
    with ExitStack() as stack:
        for _one in range(150):
            connection = HTTPConnection("127.0.0.1", lab.record.internal[name], timeout=30)
            stack.callback(connection.close)
            connection.request("GET", "/")
            connection.getresponse().read()


def test_a_plain_member_may_not_list_services(lab: LabClient) -> None:
    member = Api(lab, "member", "demo")
    assert member.request("nova", "GET", "/v2.1/os-services").status == 403
    assert member.call("nova", "GET", "/servers") == {"servers": []}


@pytest.mark.usefixtures("zones")
@pytest.mark.parametrize("zone", ZONES)
def test_server_becomes_active_in_its_zone(api: Api, image: dict[str, Any], zone: str) -> None:
    server = {"name": zone, "flavorRef": "1", "imageRef": image["id"], "availability_zone": zone, "networks": "none"}
    number = api.call("nova", "POST", "/servers", {"server": server}, version="2.90")["server"]["id"]
    until(lambda: api.call("nova", "GET", f"/servers/{number}")["server"]["status"], "ACTIVE")
    made = api.call("nova", "GET", f"/servers/{number}")["server"]
    assert made["OS-EXT-AZ:availability_zone"] == zone
    assert made["OS-EXT-SRV-ATTR:host"].startswith(f"compute-{zone}-")
    api.call("nova", "DELETE", f"/servers/{number}")
    until(lambda: api.request("nova", "GET", f"/v2.1/servers/{number}").status, 404)


def new_volume(api: Api, **values: object) -> dict[str, Any]:
    """A volume of one gigabyte, available."""
    number = api.call("cinder", "POST", "/volumes", {"volume": {"size": 1, **values}})["volume"]["id"]
    until(lambda: api.call("cinder", "GET", f"/volumes/{number}")["volume"]["status"], "available")
    volume: dict[str, Any] = api.call("cinder", "GET", f"/volumes/{number}")["volume"]
    return volume


@pytest.mark.parametrize("zone", ZONES)
def test_volume_is_made_by_the_back_end_of_its_zone(api: Api, zone: str) -> None:
    volume = new_volume(api, name=zone, availability_zone=zone)
    assert (volume["availability_zone"], volume["os-vol-host-attr:host"]) == (zone, f"lab@{zone}#{zone}")


def test_volume_from_an_image_without_a_zone_goes_to_the_first_zone(api: Api, image: dict[str, Any]) -> None:
    volume = new_volume(api, imageRef=image["id"])
    assert (volume["availability_zone"], volume["bootable"]) == ("az1", "true")


def test_volume_in_an_unknown_zone_is_refused(api: Api) -> None:
    body = {"volume": {"size": 1, "availability_zone": "nowhere"}}
    assert api.request("cinder", "POST", "/v3/volumes", body).status == 400


def test_backup_is_made_in_the_zone_of_its_volume(api: Api) -> None:
    made = backup(api, new_volume(api, availability_zone="az2")["id"], name="b")
    assert (made["status"], made["fail_reason"], made["availability_zone"]) == ("available", None, "az2")


def test_image_is_stored_where_it_is_asked_for_and_copied_to_all_stores(api: Api) -> None:
    image = api.upload("in-az3", [os.urandom(MEGABYTE)], store="az3")
    assert image["stores"] == "az3"
    body = {"method": {"name": "copy-image"}, "all_stores": True}
    api.call("glance", "POST", f"/images/{image['id']}/import", body)
    until(lambda: sorted(api.call("glance", "GET", f"/images/{image['id']}")["stores"].split(",")), list(ZONES))


@pytest.mark.parametrize("zone", ZONES)
def test_share_is_made_by_the_back_end_of_its_zone(api: Api, zone: str) -> None:
    body = {"share": {"share_proto": "NFS", "size": 1, "availability_zone": zone}}
    number = api.call("manila", "POST", "/shares", body, version="2.65")["share"]["id"]
    until(lambda: api.call("manila", "GET", f"/shares/{number}", version="2.65")["share"]["status"], "available")
    share = api.call("manila", "GET", f"/shares/{number}", version="2.65")["share"]
    assert share["host"].startswith(f"lab@{zone}#")


def test_large_image_streams_through_the_proxy_both_ways(lab: LabClient, api: Api) -> None:
    before = lab.info()["processes"]["lab"]["megabytes"]
    piece, count = os.urandom(MEGABYTE), 200
    image = api.upload("large", (piece for _number in range(count)))
    digest = hashlib.sha512()
    for _number in range(count):
        digest.update(piece)
    assert (image["size"], image["os_hash_value"]) == (count * MEGABYTE, digest.hexdigest())
    body = api.request("glance", "GET", f"/v2/images/{image['id']}/file").body
    assert hashlib.sha512(body).hexdigest() == image["os_hash_value"]
    assert lab.info()["processes"]["lab"]["megabytes"] - before < 30, "the proxy held the body in memory"
    api.call("glance", "DELETE", f"/images/{image['id']}")


def test_all_processes_take_at_most_700_megabytes(started: tuple[LabClient, dict[str, dict[str, float]]]) -> None:
    processes = started[1]
    assert len(processes) == 6
    assert sum(process["megabytes"] for process in processes.values()) <= 700
