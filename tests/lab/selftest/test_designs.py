# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab of another design: a second volume back end per zone, all backup services where the target is, a neutron, masakari and swift."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

import pytest
from selftest.api import Api, backup, until
from selftest.commands import zonelab
from zonelab.client import LabClient

if TYPE_CHECKING:
    from collections.abc import Iterator

OPTIONS = (
    "--zones",
    "2",
    "--hosts",
    "1",
    "--volume-backends",
    "2",
    "--backups",
    "zone",
    "--neutron",
    "--masakari",
    "--swift",
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabClient]:
    """Two zones; the first one hosts the backup target."""
    state = tmp_path_factory.mktemp("design") / "state"
    zonelab(state, "up", *OPTIONS, "--with-parent", str(os.getpid()))
    yield LabClient(state)
    zonelab(state, "down")


@pytest.fixture(scope="module")
def api(lab: LabClient) -> Api:
    """The administrator."""
    return Api(lab)


def volume(api: Api, zone: str) -> dict[str, Any]:
    body = {"volume": {"size": 1, "availability_zone": zone}}
    number = api.call("cinder", "POST", "/volumes", body)["volume"]["id"]
    until(lambda: api.call("cinder", "GET", f"/volumes/{number}")["volume"]["status"], "available")
    made: dict[str, Any] = api.call("cinder", "GET", f"/volumes/{number}")["volume"]
    return made


def test_each_zone_has_two_back_ends_and_the_first_one_all_backup_services(api: Api) -> None:
    services = api.call("cinder", "GET", "/os-services")["services"]
    found = {service["host"]: (service["binary"], service["zone"]) for service in services}
    assert found == {
        "lab": ("cinder-scheduler", "az1"),
        **{f"lab@{zone}{second}": ("cinder-volume", zone) for zone in ("az1", "az2") for second in ("", "-2")},
        **{f"lab-az1-{number}": ("cinder-backup", "az1") for number in range(3)},
    }
    assert {volume(api, "az2")["os-vol-host-attr:host"] for _number in range(4)} == {"lab@az2#az2", "lab@az2-2#az2-2"}


def test_backup_is_made_here_and_restored_there_by_the_zone_of_the_target(api: Api) -> None:
    source = volume(api, "az2")["id"]
    without = backup(api, source)
    assert (without["status"], without["fail_reason"]) == ("error", "Service not found for creating backup.")
    made = backup(api, source, availability_zone="az1")
    assert (made["status"], made["availability_zone"]) == ("available", "az1")
    target = volume(api, "az2")["id"]
    api.call("cinder", "POST", f"/backups/{made['id']}/restore", {"restore": {"volume_id": target}})
    until(lambda: api.call("cinder", "GET", f"/volumes/{target}")["volume"]["status"], "available", 60)


def test_backup_services_that_start_again_take_backups_at_once(lab: LabClient, api: Api) -> None:
    """Also when their target is slow: a service that was announced too early would take none for a minute."""
    source = volume(api, "az2")["id"]
    lab.stop_zone("az1", now=True, services=["cinder"])
    lab.fail("backup-target", "target", how="1")
    try:
        lab.start_zone("az1", services=["cinder"])
    finally:
        lab.heal()
    made = backup(api, source, availability_zone="az1")
    assert (made["status"], made["fail_reason"]) == ("available", None)


def test_second_back_end_fails_alone_and_dies_with_its_zone(lab: LabClient, api: Api) -> None:
    lab.fail("backend", "az2-2")

    def failing() -> list[str]:
        services = api.call("cinder", "GET", "/os-services?binary=cinder-volume", version="3.49")["services"]
        return [service["host"] for service in services if service["backend_state"] == "down"]

    # The scheduler hears of it a moment later.
    until(failing, ["lab@az2-2"])
    lab.heal()
    lab.stop_zone("az2", now=True)
    assert {host for host, state in api.volume_states().items() if state == "down"} == {"lab@az2", "lab@az2-2"}
    lab.start_zone("az2")
    assert set(api.volume_states().values()) == {"up"}


def agents(api: Api) -> dict[tuple[str, str], bool]:
    found = api.call("neutron", "GET", "/agents")["agents"]
    return {(agent["host"], agent["binary"].split("-")[1]): agent["alive"] for agent in found}


def test_each_zone_has_its_agents_and_they_die_with_it(lab: LabClient, api: Api) -> None:
    expected = {(f"compute-{zone}-0", kind) for zone in ("az1", "az2") for kind in ("openvswitch", "dhcp", "l3")}
    assert agents(api) == dict.fromkeys(expected, True)
    listed = api.call("neutron", "GET", "/availability_zones")["availability_zones"]
    assert {(zone["name"], zone["resource"], zone["state"]) for zone in listed} == {
        (zone, kind, "available") for zone in ("az1", "az2") for kind in ("network", "router")
    }
    lab.stop_zone("az2", now=True, services=["neutron"])
    assert {host for (host, _kind), alive in agents(api).items() if not alive} == {"compute-az2-0"}
    assert set(api.compute_states().values()) == {"up"}
    lab.start_zone("az2")
    assert set(agents(api).values()) == {True}
    lab.add_host("compute-az2-new")
    assert agents(api)["compute-az2-new", "openvswitch"]


def test_server_of_a_member_has_its_port_in_its_zone(lab: LabClient, api: Api) -> None:
    aggregate = {"name": "az2", "availability_zone": "az2"}
    number = api.call("nova", "POST", "/os-aggregates", {"aggregate": aggregate})["aggregate"]["id"]
    api.call("nova", "POST", f"/os-aggregates/{number}/action", {"add_host": {"host": "compute-az2-0"}})
    member = Api(lab, "member", "demo")
    network = member.call("neutron", "POST", "/networks", {"network": {"name": "n"}})["network"]["id"]
    subnet = {"network_id": network, "ip_version": 4, "cidr": "10.1.0.0/24"}
    member.call("neutron", "POST", "/subnets", {"subnet": subnet})
    group = {"name": "basic"}
    member.call("neutron", "POST", "/security-groups", {"security_group": group})
    image = member.upload("root", [bytes(1 << 16)])["id"]
    body = {"volume": {"size": 1, "availability_zone": "az2", "imageRef": image}}
    disk = member.call("cinder", "POST", "/volumes", body)["volume"]["id"]
    until(lambda: member.call("cinder", "GET", f"/volumes/{disk}")["volume"]["status"], "available")
    server = {
        "name": "s",
        "flavorRef": "1",
        "imageRef": "",
        "availability_zone": "az2",
        "networks": [{"uuid": network}],
        "security_groups": [{"name": "basic"}],
        "block_device_mapping_v2": [
            {"boot_index": 0, "uuid": disk, "source_type": "volume", "destination_type": "volume"}
        ],
    }
    number = member.call("nova", "POST", "/servers", {"server": server}, version="2.90")["server"]["id"]
    until(lambda: member.call("nova", "GET", f"/servers/{number}")["server"]["status"], "ACTIVE", 60)
    [port] = api.call("neutron", "GET", f"/ports?device_id={number}")["ports"]
    # The agent of its host sets it up, which nova does not wait for.
    until(lambda: api.call("neutron", "GET", f"/ports/{port['id']}")["port"]["status"], "ACTIVE", 60)
    assert port["binding:vif_type"] == "ovs"
    assert port["binding:host_id"] == api.call("nova", "GET", f"/servers/{number}")["server"]["OS-EXT-SRV-ATTR:host"]
    [address] = port["fixed_ips"]
    assert address["ip_address"].startswith("10.1.0.")


def masakari_hosts(api: Api, segment: str, *names: str) -> list[str]:
    """What masakari knows from now on, as paths."""
    path = f"/segments/{segment}/hosts"
    bodies = [{"name": name, "type": "COMPUTE", "control_attributes": "SSH"} for name in names]
    return [f"{path}/{api.call('masakari', 'POST', path, {'host': body})['host']['uuid']}" for body in bodies]


def test_masakari_changes_no_host_of_a_segment_while_it_works_there(api: Api) -> None:
    """The facts that zone_maintenance rests on."""
    body = {"name": "all", "recovery_method": "auto", "service_type": "COMPUTE"}
    segment = api.call("masakari", "POST", "/segments", {"segment": body})["segment"]["uuid"]
    hosts = masakari_hosts(api, segment, "compute-az1-0", "compute-az2-0")
    on, off = ({"host": {"on_maintenance": wanted}} for wanted in (True, False))

    made = api.call("masakari", "PUT", hosts[0], on)["host"]
    assert (made["on_maintenance"], made["failover_segment"]["name"]) == (True, "all")
    payload = {"event": "STOPPED", "cluster_status": "OFFLINE", "host_status": "NORMAL"}
    report = {"type": "COMPUTE_HOST", "hostname": "compute-az1-0", "generated_time": "2030-01-01T00:00:00"}
    notification = {"notification": {**report, "payload": payload}}
    ignored = api.request("masakari", "POST", "/v1/notifications", notification)
    assert ignored.status == 409
    assert "ignored as the host is already under maintenance" in ignored.body.decode()
    api.call("masakari", "PUT", hosts[0], off)
    assert api.call("masakari", "PUT", hosts[0], off)["host"]["on_maintenance"] is False

    new = api.call("masakari", "POST", "/notifications", notification)["notification"]
    assert (new["status"], new["failover_segment_uuid"]) == ("new", segment)
    refused = [api.request("masakari", "PUT", f"/v1{host}", on) for host in hosts]
    assert [answer.status for answer in refused] == [409, 409]
    assert "in-use to process notifications" in refused[1].body.decode()
    assert len(api.call("masakari", "GET", "/notifications?status=new")["notifications"]) == 1


def test_masakari_cuts_lists_without_a_word(api: Api) -> None:
    """No answer has a link to the next page: whoever wants all entries asks on behind the last one."""
    path = "/segments"
    for number in range(2):
        body = {"name": f"s{number}", "recovery_method": "auto", "service_type": "COMPUTE"}
        api.call("masakari", "POST", path, {"segment": body})
    first = api.call("masakari", "GET", f"{path}?limit=1")
    assert (len(first["segments"]), set(first)) == (1, {"segments"})
    marker = first["segments"][0]["id"]
    rest = api.call("masakari", "GET", f"{path}?marker={marker}")["segments"]
    assert marker not in {one["id"] for one in rest}
    assert {"s0", "s1"} <= {one["name"] for one in (*rest, *first["segments"])}
    last = rest[-1]["id"]
    assert api.call("masakari", "GET", f"{path}?marker={last}") == {"segments": []}


def test_masakari_is_the_administrators_and_knows_the_computes_of_nova(lab: LabClient, api: Api) -> None:
    assert Api(lab, "member", "demo").request("masakari", "GET", "/v1/segments").status == 403
    segment = api.call("masakari", "GET", "/segments")["segments"][0]["uuid"]
    body = {"host": {"name": "none", "type": "COMPUTE", "control_attributes": "SSH"}}
    unknown = api.request("masakari", "POST", f"/v1/segments/{segment}/hosts", body)
    assert (unknown.status, "could not be found" in unknown.body.decode()) == (400, True)


def account(api: Api) -> str:
    """The path of the project's account, as the catalog has it."""
    [entry] = [entry for entry in api.catalog if entry["type"] == "object-store"]
    url = next(endpoint["url"] for endpoint in entry["endpoints"] if endpoint["interface"] == "public")
    return "/v1/" + str(url).rpartition("/v1/")[2]


def test_swift_keeps_what_a_project_gives_it(lab: LabClient, api: Api) -> None:
    member = Api(lab, "member", "demo")
    box = f"{account(member)}/box"
    assert member.request("swift", "PUT", f"{account(member)}/none/page", b"x").status == 404
    assert [member.request("swift", "PUT", box).status for _again in range(2)] == [201, 202]
    kept = member.request("swift", "PUT", f"{box}/page.html", b"<p>", headers={"Content-Type": "text/html"})
    assert (kept.status, kept.headers["etag"]) == (201, hashlib.md5(b"<p>", usedforsecurity=False).hexdigest())
    found = member.request("swift", "GET", f"{box}/page.html")
    assert (found.status, found.body, found.headers["content-type"]) == (200, b"<p>", "text/html")
    assert api.request("swift", "GET", f"{box}/page.html").status == 403
    assert member.request("swift", "DELETE", f"{box}/page.html").status == 204
    assert member.request("swift", "GET", f"{box}/page.html").status == 404


def test_an_object_whose_time_is_over_is_gone(api: Api) -> None:
    box = f"{account(api)}/box"
    api.request("swift", "PUT", box)
    assert api.request("swift", "PUT", f"{box}/short", b"x", headers={"X-Delete-After": "2"}).status == 201
    until(lambda: api.request("swift", "HEAD", f"{box}/short").status, 404)
