# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts and zones die and come back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from selftest.api import Api, settled, until
from zonelab.client import LabError

if TYPE_CHECKING:
    from zonelab.client import LabClient


def test_stopped_host_is_down_after_the_service_down_time_and_comes_back(lab: LabClient, api: Api) -> None:
    lab.stop_host("compute-az1-0")
    assert api.compute_states()["compute-az1-0"] == "up", "nobody can know yet"
    began = time.monotonic()
    until(lambda: api.compute_states()["compute-az1-0"], "down")
    assert time.monotonic() - began > 3, "sooner than service_down_time after the last report"
    assert api.compute_states()["compute-az1-1"] == "up"
    lab.start_host("compute-az1-0")
    assert api.compute_states()["compute-az1-0"] == "up"


def test_host_that_is_stopped_now_is_down_now(lab: LabClient, api: Api) -> None:
    lab.stop_host("compute-az2-1", now=True)
    assert api.compute_states()["compute-az2-1"] == "down"
    lab.start_host("compute-az2-1")
    assert api.compute_states()["compute-az2-1"] == "up"


def test_dead_zone_takes_its_services_and_no_others(lab: LabClient, api: Api) -> None:
    lab.stop_zone("az3", now=True)
    states = {**api.compute_states(), **api.volume_states()}
    assert {host for host, state in states.items() if state == "down"} == {
        "compute-az3-0", "compute-az3-1", "lab@az3", "lab-az3",
    }  # fmt: skip
    assert {host for host, state in api.share_states().items() if state == "down"} == {"lab@az3"}
    time.sleep(10)  # the others report on
    states = {**api.compute_states(), **api.volume_states()}
    assert len([host for host, state in states.items() if state == "down"]) == 4
    lab.start_zone("az3")
    assert set({**api.compute_states(), **api.volume_states(), **api.share_states()}.values()) == {"up"}
    body = {"volume": {"size": 1, "availability_zone": "az3"}}
    number = api.call("cinder", "POST", "/volumes", body)["volume"]["id"]
    until(lambda: api.call("cinder", "GET", f"/volumes/{number}")["volume"]["status"], "available")


def test_storage_of_a_zone_dies_alone(lab: LabClient, api: Api) -> None:
    lab.stop_zone("az2", now=True, services=["cinder"])
    assert api.volume_states()["lab@az2"] == "down"
    assert set(api.compute_states().values()) | set(api.share_states().values()) == {"up"}
    lab.start_zone("az2", services=["cinder"])
    assert set(api.volume_states().values()) == {"up"}


@pytest.mark.usefixtures("zones")
def test_guests_of_a_stopped_host_run_on(lab: LabClient, api: Api) -> None:
    server = {
        "name": "g",
        "flavorRef": "1",
        "imageRef": "",
        "availability_zone": "az1:compute-az1-1",
        "networks": "none",
    }
    body = {"server": {**server, "block_device_mapping_v2": [root_disk(api)]}}
    number = api.call("nova", "POST", "/servers", body, version="2.90")["server"]["id"]
    until(lambda: api.call("nova", "GET", f"/servers/{number}")["server"]["status"], "ACTIVE")
    lab.stop_host("compute-az1-1", now=True)
    lab.start_host("compute-az1-1")
    api.call("nova", "POST", f"/servers/{number}/action", {"reboot": {"type": "SOFT"}})
    until(lambda: api.call("nova", "GET", f"/servers/{number}")["server"]["OS-EXT-STS:task_state"], None)
    assert api.call("nova", "GET", f"/servers/{number}")["server"]["status"] == "ACTIVE"
    api.call("nova", "DELETE", f"/servers/{number}")


def served(api: Api, server: dict[str, Any]) -> dict[str, Any]:
    """A server once nova is done with it, well or not."""
    number = api.call("nova", "POST", "/servers", {"server": server}, version="2.90")["server"]["id"]
    return settled(
        lambda: dict(api.call("nova", "GET", f"/servers/{number}")["server"]),
        lambda made: made["status"] in ("ACTIVE", "ERROR"),
    )


@pytest.mark.usefixtures("zones")
def test_a_disabled_host_takes_no_server_also_when_it_is_named(lab: LabClient, api: Api) -> None:
    """Placement leaves it out by a trait, before any filter: a host has to be enabled for its canary."""
    services = api.call("nova", "GET", "/os-services?binary=nova-compute", version="2.53")["services"]
    (service,) = (one["id"] for one in services if one["host"] == "compute-az1-1")
    image = api.upload("tiny", [bytes(1 << 16)])["id"]
    server = {"name": "c", "flavorRef": "1", "imageRef": image, "networks": "none"}
    api.call("nova", "PUT", f"/os-services/{service}", {"status": "disabled"}, version="2.53")
    try:
        for place in ({"host": "compute-az1-1"}, {"availability_zone": "az1:compute-az1-1"}):
            made = served(api, {**server, **place})
            api.call("nova", "DELETE", f"/servers/{made['id']}")
            assert (made["status"], made["fault"]["message"].partition(" ")[0]) == ("ERROR", "No")
    finally:
        api.call("nova", "PUT", f"/os-services/{service}", {"status": "enabled"}, version="2.53")


def root_disk(api: Api) -> dict[str, object]:
    """A volume to boot from."""
    image = api.upload("root", [bytes(1 << 16)])
    body = {"volume": {"size": 1, "imageRef": image["id"]}}
    volume = api.call("cinder", "POST", "/volumes", body)["volume"]["id"]
    until(lambda: api.call("cinder", "GET", f"/volumes/{volume}")["volume"]["status"], "available")
    return {"boot_index": 0, "uuid": volume, "source_type": "volume", "destination_type": "volume"}


def test_added_host_is_known_at_once(lab: LabClient, api: Api) -> None:
    lab.add_host("compute-az1-new")
    lab.add_host("compute-az1-record", running=False)
    states = api.compute_states()
    assert (states["compute-az1-new"], states["compute-az1-record"]) == ("up", "up")
    with pytest.raises(LabError, match=r"compute-az1-new.*already"):
        lab.add_host("compute-az1-new")


@pytest.mark.parametrize("name", ["compute-az9-0", ""])
def test_unknown_host_is_told(lab: LabClient, name: str) -> None:
    with pytest.raises(LabError, match="no such host"):
        lab.stop_host(name)


def test_unknown_zone_is_told(lab: LabClient) -> None:
    with pytest.raises(LabError, match="'az9': the lab has the zones"):
        lab.stop_zone("az9")
