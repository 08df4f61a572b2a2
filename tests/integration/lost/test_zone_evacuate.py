# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts and storage die: servers are evacuated as the plan says and are what they were, each once; the rest is left, and accounted for."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._servers import mover
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.servers import evacuator
from zonelab.client import LabClient

from ..conftest import MakeInventory
from ..harness.block_storage import BlockStorage
from ..harness.cloud import Cloud
from ..harness.inventory import hosts_of, lab_zones
from ..harness.maintenance import Answer, ZoneEvacuate, ZoneReturn, fenced
from ..harness.masakari import Masakari
from ..harness.mended import zones_of
from ..harness.pauses import slowness
from ..harness.play import Player, Run
from ..harness.servers import Servers
from ..harness.shares import Shares
from ..harness.waiting import until

HERE, THERE = hosts_of("az1")
PLAYBOOK = "zoneops.openstack.zone_evacuate"
MARK = "zoneops: dead: no answer"
#: More than half of what a host has.
BIG = 790_000
#: The tag, the evacuation, the start, the tag.
WRITES = {"on": 4, "volume": 4, "off": 3, "broken": 1}
#: Whether it is evacuated already. All else is in lists.
READS = 1
#: The lock, and the host.
AROUND = 3
#: Seconds in which the run looks at a server whose hypervisor hangs.
HANGS_ON = 3


@pytest.fixture
def servers(cloud: Cloud, lab: LabClient) -> Iterator[Servers]:
    """The lab's zones, and a flavor; afterwards everything runs and works again."""
    with zones_of(cloud, lab) as found:
        yield found


@pytest.fixture
def evacuate(cloud: Cloud, lab: LabClient, servers: Servers) -> ZoneEvacuate:
    del servers
    return ZoneEvacuate(cloud, lab)


def from_volume(
    cloud: Cloud, servers: Servers, name: str, host: str, zone: str | None = "az1", of: str = "az1"
) -> None:
    storage = BlockStorage(cloud)
    disk = storage.add_volume(f"disk-{name}", "__DEFAULT__", of)["id"]
    storage.api.post(f"/volumes/{disk}/action", json={"os-set_bootable": {"bootable": True}})
    servers.add(name, "small", host=host, zone=zone, volume=disk)


def fill(cloud: Cloud, servers: Servers) -> None:
    """One server of each kind on one host."""
    servers.add_many(["on", "broken"], "small", host=HERE, zone="az1")
    servers.add("off", "small", host=HERE)
    from_volume(cloud, servers, "volume", HERE)
    servers.stop("off")
    servers.act("broken", **{"os-resetState": {"state": "error"}})


def where(cloud: Cloud) -> dict[str, tuple[str, str]]:
    """Host and status of each server."""
    return {name: (one["OS-EXT-SRV-ATTR:host"], one["status"]) for name, one in cloud.servers().items()}


def plan(answer: Answer) -> list[str]:
    return [change["text"].partition(", which is cut off")[0] for change in answer.zone()["plan"]]


def unchanged(answer: Answer) -> str:
    verdict = answer.zone()
    assert (verdict["failed"], verdict["changed"], answer.written) == (False, False, []), verdict["msg"]
    return " ".join([verdict["msg"], *verdict["warnings"]])


def left(answer: Answer) -> dict[str, str]:
    return {one["name"]: one["reason"] for one in answer.result["left"]}


def accounted(answer: Answer, *names: str) -> None:
    """Each server is in one of the lists."""
    moved = [one["name"] for one in answer.result["moves"] if one["outcome"] == "moved"]
    assert sorted([*moved, *left(answer)]) == sorted(names), (answer.result["moves"], answer.result["left"])


def evacuated_once(servers: Servers, *names: str) -> None:
    """None of them twice, and each of them: what failed in between was tried again."""
    ended = ("done", "completed")
    records = [one for one in evacuations(servers) if one["status"] in ended]
    assert sorted(one["instance_uuid"] for one in records) == sorted(map(servers.id_of, names))


def once(servers: Servers, names: set[str]) -> None:
    """Each of them was evacuated once, and nothing else was."""
    assert sorted(one["instance_uuid"] for one in evacuations(servers)) == sorted(map(servers.id_of, names))


def evacuations(servers: Servers) -> list[dict[str, Any]]:
    return [one for one in servers.migrations() if one["migration_type"] == "evacuation"]


def test_a_host_dies_and_its_servers_are_what_they_were(
    cloud: Cloud, lab: LabClient, servers: Servers, evacuate: ZoneEvacuate, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A machine that is busy shows records late: no server is asked for because of that.
    monkeypatch.setattr(evacuator, "LOOK_SECONDS", 600.0)
    fill(cloud, servers)
    servers.add("paused", "small", host=HERE)
    servers.pause("paused")
    assert "no host of the zone is dead" in unchanged(evacuate())
    lab.stop_host(HERE, now=True)
    refused = evacuate(fencing=[])
    assert ([one["rule"] for one in refused.zone()["refusals"]], refused.written) == (["fencing"], [])
    looked = evacuate(check=True)
    ran = evacuate()
    assert not ran.result["failed"], ran.result["msg"]
    assert (looked.written, looked.repeated) == ([], {})
    assert plan(looked) == plan(ran)
    assert looked.zone()["diff"] == ran.zone()["diff"]
    assert looked.result["diagnosis"]["az1"]["verdict"] == "hosts dead"
    assert looked.result["diagnosis"]["az1"]["storage"] == "works"
    aged = {one["source"] for one in looked.result["diagnosis"]["az1"]["evidence"] if one["at"]}
    assert (
        aged == {one["source"] for one in looked.result["diagnosis"]["az1"]["evidence"]} >= {"nova", "cinder", "manila"}
    )
    planned = {one["name"]: one["to"] for one in looked.result["moves"]}
    assert planned == dict.fromkeys(WRITES, THERE)
    assert {one["name"]: (one["outcome"], one["to"]) for one in ran.result["moves"]} == {
        name: ("moved", to) for name, to in planned.items()
    }
    assert where(cloud) == {
        **dict.fromkeys(("on", "volume", "broken"), (THERE, "ACTIVE")),
        "off": (THERE, "SHUTOFF"),
        "paused": (HERE, "PAUSED"),
    }
    assert left(ran) == left(looked) == {"paused": "it is paused"}
    assert servers.tags() == {}
    once(servers, set(WRITES))
    assert len(ran.written) == sum(WRITES.values()) + AROUND
    # One in status ERROR has no tag, by which the others are listed.
    for name in WRITES.keys() - {"broken"}:
        asked = [f"{one.method} {one.path}" for one in ran.requests if servers.id_of(name) in one.path]
        assert len(asked) == WRITES[name] + READS, asked
    service = cloud.services()[HERE]
    assert (service["status"], service["disabled_reason"], service["forced_down"]) == ("disabled", MARK, True)
    assert "1 server left: paused" in unchanged(evacuate())


def test_a_zone_is_lost_with_its_storage(
    cloud: Cloud, lab: LabClient, servers: Servers, evacuate: ZoneEvacuate
) -> None:
    servers.add("pinned", "small", host=HERE, zone="az1")
    servers.add("free", "small", host=THERE)
    from_volume(cloud, servers, "data", HERE, None)
    lab.stop_zone("az1", now=True)
    # Guests without disks: nothing of them is lost with the storage.
    consent: dict[str, Any] = {"shared_disks": False, "rebuild_servers": ["free", "pinned"]}
    # One host is cut off for certain. The zone is dead all the same, and its services are disabled.
    part = evacuate(to=["az2"], fencing=[fenced(THERE)], **consent)
    assert [one["rule"] for one in part.zone()["refusals"]] == ["fencing"]
    assert {one["name"] for one in part.result["moves"]} == {"free"}
    assert disabled_of(cloud) == {"zoneops: dead of the zone: no answer"}
    ran = evacuate(to=["az2"], **consent)
    assert not ran.result["failed"], ran.result["msg"]
    assert ran.result["diagnosis"]["az1"]["verdict"] == "zone dead"
    found = where(cloud)
    assert found["free"][0] in hosts_of("az2")
    assert (found["pinned"], found["data"]) == ((HERE, "ACTIVE"), (HERE, "ACTIVE"))
    assert left(ran)["pinned"] == "it is pinned to zone az1"
    assert "is in zone az1. Wait for the storage, or restore it from a backup" in left(ran)["data"]
    once(servers, {"free"})
    assert {cloud.services()[host]["disabled_reason"] for host in hosts_of("az1")} == {
        "zoneops: dead of the zone: no answer"
    }
    assert "write 'zone_state: down' into its file" in unchanged(evacuate(to=["az2"], **consent))


def test_a_zone_is_lost_while_manila_does_not_answer(
    cloud: Cloud, lab: LabClient, servers: Servers, evacuate: ZoneEvacuate
) -> None:
    """It keeps no server away, and the next run disables the zone's share service."""
    servers.add("free", "small", host=HERE)
    shares = Shares(cloud)
    lab.stop_zone("az1", now=True)
    lab.add_fault("status", status=503, service="manila")
    asked: dict[str, Any] = {"to": ["az2"], "shared_disks": False, "rebuild_servers": ["free"]}
    ran = evacuate(**asked)
    lab.clear_faults()
    assert not ran.result["failed"], ran.result["msg"]
    assert ran.result["diagnosis"]["az1"]["verdict"] == "zone dead"
    assert set(ran.result["diagnosis"]["az1"]["unread"]) == {"manila"}
    assert "shared file systems is left as it is" in " ".join(ran.zone()["warnings"])
    accounted(ran, "free")
    assert shares.services()["lab@az1"]["status"] == "enabled"
    ran = evacuate(**asked)
    assert (ran.result["failed"], ran.written[1:-1]) == (False, ["manila PUT /v2/services/disable"])
    assert shares.services()["lab@az1"]["status"] == "disabled"
    unchanged(evacuate(**asked))
    once(servers, {"free"})


def test_a_zone_is_lost_while_cinder_does_not_answer(
    cloud: Cloud, lab: LabClient, servers: Servers, evacuate: ZoneEvacuate
) -> None:
    """What has no volumes is evacuated; the rest, and the zone's storage services, wait for a run that can read them."""
    servers.add("free", "small", host=HERE)
    from_volume(cloud, servers, "data", HERE, None)
    lab.stop_zone("az1", now=True)
    lab.add_fault("status", status=503, service="cinder")
    asked: dict[str, Any] = {"to": ["az2"], "shared_disks": False, "rebuild_servers": ["free"]}
    ran = evacuate(**asked)
    lab.clear_faults()
    assert not ran.result["failed"], ran.result["msg"]
    found = ran.result["diagnosis"]["az1"]
    assert (found["storage"], set(found["unread"])) == ("unknown", {"cinder"}), found
    accounted(ran, "free", "data")
    assert left(ran) == {"data": "its volumes could not be read"}
    assert BlockStorage(cloud).disabled() == {}
    ran = evacuate(**asked)
    assert not ran.result["failed"], ran.result["msg"]
    assert ran.result["diagnosis"]["az1"]["verdict"] == "zone dead"
    assert "is in zone az1. Wait for the storage, or restore it from a backup" in left(ran)["data"]
    assert disabled_of(cloud) == {"zoneops: dead of the zone: no answer"}
    unchanged(evacuate(**asked))
    once(servers, {"free"})


def disabled_of(cloud: Cloud) -> set[Any]:
    """Why the volume services of the zone are disabled."""
    services = BlockStorage(cloud).services().values()
    mine = [one for one in services if one["zone"] == "az1" and one["binary"] in ("cinder-volume", "cinder-backup")]
    return {one["disabled_reason"] for one in mine}


@pytest.mark.parametrize("storage", ["alive", "dead"])
def test_each_zone_is_lost_and_comes_back_in_turn(
    cloud: Cloud, lab: LabClient, servers: Servers, evacuate: ZoneEvacuate, storage: str
) -> None:
    """All of its hosts, with its storage or without."""
    volumes, shares = BlockStorage(cloud), Shares(cloud)
    zones = list(lab_zones())
    for zone, other in zip(zones, [*zones[1:], zones[0]], strict=True):
        here, there = hosts_of(zone)
        names = [f"{kind}-{zone}" for kind in ("pinned", "free", "data")]
        servers.add(names[0], "small", host=here, zone=zone)
        servers.add(names[1], "small", host=there)
        from_volume(cloud, servers, names[2], here, None, zone)
        lab.stop_zone(zone, now=True, services=None if storage == "dead" else ["nova"])
        asked: dict[str, Any] = {"limit": [zone], "to": [other]}
        # What is on the storage of a zone that is lost is gone with it: owners consent.
        asked |= {"shared_disks": False, "rebuild_servers": [servers.id_of(name) for name in names]}
        ran = evacuate(**asked)
        assert not ran.zone(zone)["failed"], ran.zone(zone)["msg"]
        found = ran.result["diagnosis"][zone]
        assert found["verdict"] == ("zone dead" if storage == "dead" else "hosts dead"), found
        accounted(ran, *names)
        assert set(left(ran)) == {names[0], names[2]}
        assert where(cloud)[names[1]] in [(host, "ACTIVE") for host in hosts_of(other)]
        again = evacuate(**asked)
        assert (again.zone(zone)["failed"], again.written) == (False, [])
        evacuated_once(servers, names[1])

        before = where(cloud)
        lab.start_zone(zone)
        volumes.new_backup_records(lab)
        until(lambda: all(one["status"] == "completed" for one in evacuations(servers)))
        until(lambda: all(one["state"] == "up" for one in (*volumes.services().values(), *shares.services().values())))
        back = ZoneReturn(cloud, lab)
        returned = back(limit=[zone])
        assert not returned.result["failed"], returned.result["msg"]
        assert {one["status"] for one in cloud.services().values()} == {"enabled"}
        assert {one["state"] for one in cloud.services().values()} == {"up"}
        assert (volumes.disabled(), where(cloud)) == ({}, before)
        assert back(limit=[zone]).written == []
        # The next zone is the one that it went to.
        cloud.delete_server(names[1])


def test_storage_that_is_dead_alone_evacuates_nothing(
    cloud: Cloud, lab: LabClient, servers: Servers, evacuate: ZoneEvacuate
) -> None:
    from_volume(cloud, servers, "data", HERE)
    servers.add("plain", "small", host=HERE, zone="az1")
    lab.stop_zone("az1", now=True, services=["cinder"])
    refused = evacuate()
    assert ([one["rule"] for one in refused.zone()["refusals"]], refused.written) == (["storage_only"], [])
    # A host dies as well: what needs no volume goes, the rest would end in ERROR.
    lab.stop_host(HERE, now=True)
    ran = evacuate()
    assert not ran.result["failed"], ran.result["msg"]
    assert where(cloud) == {"plain": (THERE, "ACTIVE"), "data": (HERE, "ACTIVE")}
    assert "which is down. Wait for the storage" in left(ran)["data"]
    once(servers, {"plain"})


def test_stop_points_and_a_newer_evacuation_of_others(
    cloud: Cloud, lab: LabClient, servers: Servers, evacuate: ZoneEvacuate
) -> None:
    fill(cloud, servers)
    lab.stop_host(HERE, now=True)
    prepared = evacuate(phase="prepare")
    assert (plan(prepared), len(prepared.written)) == ([f"take host {HERE} out of service"], AROUND)
    unchanged(evacuate(phase="prepare"))
    # A person does not wait.
    servers.act("off", evacuate={"host": THERE})
    moved = evacuate(phase="move")
    assert not moved.result["failed"], moved.result["msg"]
    assert where(cloud) == {
        "on": (THERE, "SHUTOFF"),
        "volume": (THERE, "SHUTOFF"),
        "off": (THERE, "SHUTOFF"),
        "broken": (THERE, "ACTIVE"),
    }
    assert servers.tags().keys() == {"on", "volume"}
    unchanged(evacuate(phase="move"))
    ended = evacuate()
    assert not ended.result["failed"], ended.result["msg"]
    assert plan(ended)[0].startswith("finish 2 servers that arrived: ")
    assert {name: status for name, (_host, status) in where(cloud).items()} == {
        **dict.fromkeys(("on", "volume", "broken"), "ACTIVE"),
        "off": "SHUTOFF",
    }
    assert servers.tags() == {}
    once(servers, set(WRITES))


def test_a_host_that_answers_again_is_evacuated_no_further(
    cloud: Cloud, lab: LabClient, servers: Servers, evacuate: ZoneEvacuate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is forced down, so that nova shows it as down: that it reports again is seen all the same."""
    monkeypatch.setattr(mover, "GUARD_SECONDS", 0.0)
    servers.add_many([f"web-{number}" for number in range(4)], "small", host=HERE, zone="az1")
    lab.stop_host(HERE, now=True)
    assert not evacuate(phase="prepare").result["failed"]
    begun: list[str] = []
    ran = evacuate(moves_at_once=1, heard=lambda text: back(lab, begun, text))
    assert ran.zone()["failed"]
    assert "answers again" in ran.zone()["msg"]
    assert {one["outcome"] for one in ran.result["moves"]} == {"moved", "elsewhere"}
    accounted(ran, *(f"web-{number}" for number in range(4)))
    # It lives, with what was left there, and is not evacuated any further.
    again = evacuate()
    assert ([one["rule"] for one in again.zone()["refusals"]], again.written) == (["alive"], [])
    assert again.result["diagnosis"]["az1"]["reporting"] == [HERE]
    assert sorted(found[1] for found in where(cloud).values()) == ["ACTIVE"] * 4


def test_a_source_that_starts_again_while_a_server_leaves_it(
    cloud: Cloud, lab: LabClient, servers: Servers, evacuate: ZoneEvacuate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nova then calls an evacuation that is under way completed. It is awaited, and no other is begun."""
    monkeypatch.setattr(mover, "GUARD_SECONDS", 0.0)
    names = ("one", "two")
    servers.add_many(names, "small", host=HERE, zone="az1")
    lab.stop_host(HERE, now=True)
    lab.fail("hypervisor", THERE, how="hang")
    begun: list[str] = []

    def restart(text: str) -> None:
        if "evacuation began" in text and not begun:
            begun.append(text)
            servers.until_evacuations("pre-migrating")
            lab.start_host(HERE)
            servers.until_evacuations("completed")
            threading.Timer(HANGS_ON, lab.heal).start()

    ran = evacuate(moves_at_once=1, heard=restart)
    assert begun
    assert "answers again" in ran.zone()["msg"]
    accounted(ran, *names)
    outcomes = {one["outcome"]: one["name"] for one in ran.result["moves"]}
    assert outcomes.keys() == {"moved", "elsewhere"}
    assert where(cloud) == {outcomes["moved"]: (THERE, "ACTIVE"), outcomes["elsewhere"]: (HERE, "ACTIVE")}
    evacuated_once(servers, outcomes["moved"])
    again = evacuate()
    assert ([one["rule"] for one in again.zone()["refusals"]], again.written) == (["alive"], [])


def test_a_host_that_lives_is_refused_although_people_forced_it_down(
    cloud: Cloud, servers: Servers, evacuate: ZoneEvacuate
) -> None:
    servers.add("web", "small", host=HERE, zone="az1")
    cloud.set_service(HERE, forced_down=True)
    for check in (True, False):
        refused = evacuate(check=check)
        assert ([one["rule"] for one in refused.zone()["refusals"]], refused.written) == (["alive"], [])
        assert "its nova-compute still reports" in refused.zone()["msg"]
    cloud.set_service(HERE, forced_down=False)
    assert "no host of the zone is dead" in unchanged(evacuate())


@pytest.mark.parametrize("forced", [False, True])
def test_evidence_of_another_night_is_refused(
    cloud: Cloud, lab: LabClient, servers: Servers, evacuate: ZoneEvacuate, forced: bool
) -> None:
    servers.add("web", "small", host=HERE, zone="az1")
    lab.stop_host(HERE, now=True)
    if forced:
        cloud.set_service(HERE, forced_down=True)
    refused = evacuate(fencing=[fenced(HERE, hours=24)])
    assert ([one["rule"] for one in refused.zone()["refusals"]], refused.written) == (["fencing"], [])
    assert "its nova-compute reported, or was" in refused.zone()["msg"]
    ran = evacuate(fencing=[fenced(HERE, hours=1 if forced else 0)])
    assert not ran.result["failed"], ran.result["msg"]
    assert where(cloud) == {"web": (THERE, "ACTIVE")}


def test_servers_without_room_and_of_a_group_without_a_host_are_left(
    cloud: Cloud, lab: LabClient, servers: Servers, evacuate: ZoneEvacuate
) -> None:
    """Nova would put each of them into status ERROR."""
    servers.flavor("big", BIG)
    servers.group("apart", "anti-affinity")
    servers.add("full", "big", host=THERE)
    for number, host in enumerate((HERE, THERE)):
        servers.add(f"member-{number}", "small", host=host, zone="az1", group="apart")
    servers.add("large", "big", host=HERE, zone="az1")
    servers.add("fits", "small", host=HERE, zone="az1")
    lab.stop_host(HERE, now=True)
    ran = evacuate()
    assert not ran.result["failed"], ran.result["msg"]
    accounted(ran, "member-0", "large", "fits")
    assert "its anti-affinity group apart has a member on every other host" in left(ran)["member-0"]
    assert left(ran).keys() == {"member-0", "large"}
    assert {name: status for name, (_host, status) in where(cloud).items()} == dict.fromkeys(where(cloud), "ACTIVE")
    once(servers, {"fits"})
    cloud.delete_server("full")
    cloud.delete_server("member-1")
    ran = evacuate()
    accounted(ran, "member-0", "large")
    assert left(ran) == {}
    evacuated_once(servers, "fits", "large", "member-0")


@pytest.mark.parametrize("service", ["cinder", "glance", "neutron", "nova", "placement"])
def test_an_api_that_dies_in_between_loses_no_server(
    cloud: Cloud, lab: LabClient, servers: Servers, evacuate: ZoneEvacuate, service: str
) -> None:
    names = ("one", "two", "data")
    servers.add_many(names[:2], "small", host=HERE, zone="az1")
    from_volume(cloud, servers, "data", HERE)
    lab.stop_host(HERE, now=True)
    begun: list[str] = []

    def die(text: str) -> None:
        if "evacuation began" in text and not begun:
            begun.append(text)
            # Nova's own is gone for a while; nothing would be known of the rest otherwise.
            lab.add_fault("status", status=503, service=service, count=16 if service == "nova" else None)

    ran = evacuate(moves_at_once=1, heard=die)
    lab.clear_faults()
    assert begun
    accounted(ran, *names)
    ran = evacuate()
    assert not ran.result["failed"], ran.result["msg"]
    assert where(cloud) == dict.fromkeys(names, (THERE, "ACTIVE"))
    assert servers.tags() == {}
    evacuated_once(servers, *names)
    unchanged(evacuate())


@pytest.mark.parametrize("service", ["neutron", "nova", "placement"])
def test_an_api_that_is_down_from_the_start(
    cloud: Cloud, lab: LabClient, servers: Servers, evacuate: ZoneEvacuate, service: str
) -> None:
    """Without nova or placement nothing is known, and nothing is written; without neutron there is less to know."""
    servers.add("web", "small", host=HERE, zone="az1")
    lab.stop_host(HERE, now=True)
    lab.add_fault("status", status=503, service=service)
    ran = evacuate()
    lab.clear_faults()
    assert ran.result["failed"] == (service != "neutron"), ran.result["msg"]
    assert where(cloud) == {"web": (THERE if service == "neutron" else HERE, "ACTIVE")}
    assert (ran.written == []) == (service != "neutron")
    assert not evacuate().result["failed"]
    assert where(cloud) == {"web": (THERE, "ACTIVE")}
    once(servers, {"web"})


def test_a_control_plane_that_is_slow(cloud: Cloud, lab: LabClient, servers: Servers, evacuate: ZoneEvacuate) -> None:
    names = ("one", "two")
    servers.add_many(names, "small", host=HERE, zone="az1")
    lab.stop_host(HERE, now=True)
    with slowness(lab):
        ran = evacuate()
    assert not ran.result["failed"], ran.result["msg"]
    accounted(ran, *names)
    assert where(cloud) == dict.fromkeys(names, (THERE, "ACTIVE"))
    once(servers, set(names))


def back(lab: LabClient, begun: list[str], text: str) -> None:
    """The host starts again once the first server moves."""
    if "evacuation began" in text and not begun:
        begun.append(text)
        lab.start_host(HERE)


def test_an_api_that_is_down_costs_what_depends_on_it(
    cloud: Cloud, lab: LabClient, servers: Servers, evacuate: ZoneEvacuate
) -> None:
    servers.add("plain", "small", host=HERE, zone="az1")
    from_volume(cloud, servers, "data", HERE)
    lab.stop_host(HERE, now=True)
    for service in ("cinder", "manila", "glance"):
        lab.add_fault("status", status=503, service=service)
    ran = evacuate()
    lab.clear_faults()
    assert not ran.result["failed"], ran.result["msg"]
    assert where(cloud) == {"plain": (THERE, "ACTIVE"), "data": (HERE, "ACTIVE")}
    assert left(ran) == {"data": "its volumes could not be read"}
    assert ran.result["diagnosis"]["az1"]["storage"] == "unknown"
    assert set(ran.result["diagnosis"]["az1"]["unread"]) == {"cinder", "manila"}
    assert "cinder could not be read, so it says nothing" in " ".join(ran.zone()["warnings"])
    ran = evacuate()
    assert where(cloud)["data"] == (THERE, "ACTIVE")


def test_masakari_and_this_never_evacuate_one_host(
    cloud: Cloud, lab: LabClient, servers: Servers, evacuate: ZoneEvacuate
) -> None:
    servers.add("web", "small", host=HERE, zone="az1")
    masakari = Masakari(cloud)
    try:
        masakari.add(HERE)
        lab.stop_host(HERE, now=True)
        refused = evacuate(masakari=False)
        assert ([one["rule"] for one in refused.zone()["refusals"]], refused.written) == (["instance_ha"], [])
        assert f"openstack segment host update --on_maintenance True racks {HERE}" in refused.zone()["msg"]
        masakari.report(HERE)
        refused = evacuate()
        assert ([one["rule"] for one in refused.zone()["refusals"]], refused.written) == (["instance_ha"], [])
        assert f"Masakari works on host {HERE} (COMPUTE_HOST, new)" in refused.zone()["msg"]
        masakari.empty(lab)
        masakari = Masakari(cloud)
        masakari.add(HERE)
        check = evacuate(check=True)
        assert (check.result["failed"], check.written, masakari.on_maintenance()) == (False, [], set())
        ran = evacuate()
        assert not ran.result["failed"], ran.result["msg"]
        assert ran.zone()["diff"] == check.zone()["diff"]
        # Before nova's own service is written.
        writes = [one.split(" /")[0] for one in ran.written]
        assert writes.index("masakari PUT") < writes.index("nova PUT")
        assert masakari.on_maintenance() == {HERE}
        key = f"zoneops:masakari {HERE}"
        assert dict(cloud.aggregates()["az1"].metadata)[key] == MARK
        assert where(cloud) == {"web": (THERE, "ACTIVE")}
        assert evacuate().written == []
        lab.start_host(HERE)
        back = ZoneReturn(cloud, lab)()
        assert not back.result["failed"], back.result["msg"]
        assert (masakari.on_maintenance(), key in dict(cloud.aggregates()["az1"].metadata)) == (set(), False)
        assert back.result["away"] == []
    finally:
        masakari.empty(lab)


@pytest.mark.aged
def test_a_nova_before_2_95(cloud: Cloud, lab: LabClient, servers: Servers) -> None:
    servers.add_many(["on", "off"], "small", host=HERE, zone="az1")
    servers.stop("off")
    lab.stop_host(HERE, now=True)
    lab.set_age("antelope")
    try:
        ran = ZoneEvacuate(Cloud(lab.clouds_file), lab)()
    finally:
        lab.set_age(os.environ.get("ZONEOPS_CLOUD_AGE", "current"))
    assert not ran.result["failed"], ran.result["msg"]
    assert where(cloud) == {"on": (THERE, "ACTIVE"), "off": (THERE, "SHUTOFF")}
    assert servers.tags() == {}


def test_the_playbook_and_its_saved_plan(
    play: Player, cloud: Cloud, lab: LabClient, servers: Servers, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    servers.add("web", "small", host=HERE, zone="az1")
    inventory, saved = make_inventory(), tmp_path / "plan.yml"

    def run(*arguments: str, **values: Any) -> Run:
        given = {"zoneops_capacity_shared_disks": True, "zoneops_plan": str(saved), **values}
        return play(PLAYBOOK, inventory, "--limit", "az1", *arguments, "-e", json.dumps(given))

    lab.stop_host(HERE, now=True)
    refused = run("--check", zoneops_plan="")
    assert (list(refused.failures), refused.written) == (["az1"], [])
    assert f"zoneops_fencing (option fencing): - {{host: {HERE}" in refused.failures["az1"]
    evidence = {"zoneops_fencing": [fenced(HERE)]}
    check = run("--check", **evidence)
    assert (check.rc, check.written, check.changed_hosts) == (0, [], {"az1"})
    ran = run(**evidence)
    assert (ran.rc, ran.changed_hosts) == (0, {"az1"}), ran.output
    assert where(cloud) == {"web": (THERE, "ACTIVE")}
    again = run(zoneops_plan="", **evidence)
    assert (again.rc, again.written, again.changed_hosts) == (0, [], set())
    everything = play(PLAYBOOK, inventory)
    assert (everything.requests, "Name one zone with --limit" in next(iter(everything.failures.values()))) == ((), True)
