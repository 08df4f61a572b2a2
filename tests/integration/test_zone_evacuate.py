# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts and storage die: servers are evacuated as the plan says and are what they were, each once; the rest is left, and accounted for."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._servers import mover
from zonelab.client import LabClient

from .conftest import MakeInventory
from .harness.block_storage import BlockStorage
from .harness.cloud import Cloud
from .harness.inventory import hosts_of, lab_zones
from .harness.maintenance import Answer, ZoneEvacuate, fenced
from .harness.masakari import Masakari
from .harness.play import Player, Run
from .harness.servers import Servers
from .harness.shares import Shares

HERE, THERE = hosts_of("az1")
PLAYBOOK = "zoneops.openstack.zone_evacuate"
MARK = "zoneops: dead: no answer"
#: The tag, the evacuation, the start, the tag.
WRITES = {"on": 4, "volume": 4, "off": 3, "broken": 1}
#: The lock, and the host.
AROUND = 3


@pytest.fixture
def servers(cloud: Cloud, lab: LabClient) -> Iterator[Servers]:
    """The lab's zones, and a flavor; afterwards all hosts run again, as they were."""
    for zone in lab_zones():
        cloud.add_aggregate(zone, zone, hosts_of(zone))
    found = Servers(cloud)
    found.flavor("small", 64)
    yield found
    # First the storage: nova waits for it when a server with a volume is deleted.
    lab.start_zone("az1")
    cloud.empty()
    storage = BlockStorage(cloud)
    storage.new_backup_records(lab)
    storage.empty()
    Shares(cloud).empty()
    found.clear()


@pytest.fixture
def evacuate(cloud: Cloud, lab: LabClient, servers: Servers) -> ZoneEvacuate:
    del servers
    return ZoneEvacuate(cloud, lab)


def from_volume(cloud: Cloud, servers: Servers, name: str, host: str, zone: str | None = "az1") -> None:
    storage = BlockStorage(cloud)
    disk = storage.add_volume(f"disk-{name}", "__DEFAULT__", "az1")["id"]
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


def once(servers: Servers, names: set[str]) -> None:
    """Each of them was evacuated once, and nothing else was."""
    records = [one for one in servers.migrations() if one["migration_type"] == "evacuation"]
    assert sorted(one["instance_uuid"] for one in records) == sorted(servers.id_of(name) for name in names)


def test_a_host_dies_and_its_servers_are_what_they_were(
    cloud: Cloud, lab: LabClient, servers: Servers, evacuate: ZoneEvacuate
) -> None:
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
    assert looked.written == []
    assert plan(looked) == plan(ran)
    assert looked.zone()["diff"] == ran.zone()["diff"]
    assert looked.result["diagnosis"]["az1"]["verdict"] == "hosts dead"
    assert looked.result["diagnosis"]["az1"]["storage"] == "works"
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
    ran = evacuate(to=["az2"], **consent)
    assert not ran.result["failed"], ran.result["msg"]
    assert ran.result["diagnosis"]["az1"]["verdict"] == "zone dead"
    found = where(cloud)
    assert found["free"][0] in hosts_of("az2")
    assert (found["pinned"], found["data"]) == ((HERE, "ACTIVE"), (HERE, "ACTIVE"))
    assert left(ran)["pinned"] == "it is pinned to zone az1"
    assert "is in zone az1. Wait for the storage, or restore it from a backup" in left(ran)["data"]
    once(servers, {"free"})
    services = BlockStorage(cloud).services().values()
    mine = [one for one in services if one["zone"] == "az1" and one["binary"] in ("cinder-volume", "cinder-backup")]
    assert {one["disabled_reason"] for one in mine} == {"zoneops: dead of the zone: no answer"}
    assert {cloud.services()[host]["disabled_reason"] for host in hosts_of("az1")} == {
        "zoneops: dead of the zone: no answer"
    }
    assert "write 'zone_state: down' into its file" in unchanged(evacuate(to=["az2"], **consent))


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
        refused = evacuate()
        assert ([one["rule"] for one in refused.zone()["refusals"]], refused.written) == (["instance_ha"], [])
        assert f"openstack segment host update --on_maintenance True racks {HERE}" in refused.zone()["msg"]
        masakari.report(HERE)
        refused = evacuate(check=True)
        assert f"host {HERE} is what it works on (COMPUTE_HOST, new). Wait for its end" in refused.zone()["msg"]
    finally:
        masakari.empty(lab)
    ran = evacuate()
    assert not ran.result["failed"], ran.result["msg"]
    assert where(cloud) == {"web": (THERE, "ACTIVE")}


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
