# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers leave a zone for others: nova moves and pins them as the plan says, and what an older nova cannot do is said."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zonelab.client import LabClient

from ..conftest import MakeInventory
from ..harness.block_storage import BlockStorage
from ..harness.cloud import Cloud
from ..harness.inventory import hosts_of
from ..harness.maintenance import Answer, ZoneDrain
from ..harness.mended import zones_of
from ..harness.play import Player, Run
from ..harness.servers import Servers

HERE, THERE = hosts_of("az1")
# The tag, the unpin, the migration, its confirmation, the pin and the tag; of the whole the mean.
WRITES = {"free": 1, "off": 4, "pinned": 5, "pinned-off": 6, "volume": 5, "paused": 5}
MOST_PER_SERVER = 5
# The tag, the shelve, the unshelve, the stop of one that was off, the tag.
SHELVE_WRITES = {"on": 4, "off": 5}
CONSENT = {"zoneops:may_shelve": "true"}
# The lock.
AROUND = 2
PINS_SHOWN = "2.96"
PLAYBOOK = "zoneops.openstack.zone_drain"


@pytest.fixture
def servers(cloud: Cloud, lab: LabClient) -> Iterator[Servers]:
    """The lab's zones, and a flavor; afterwards everything runs and works again."""
    with zones_of(cloud, lab) as found:
        yield found


@pytest.fixture
def drain(cloud: Cloud, lab: LabClient, servers: Servers) -> ZoneDrain:
    return ZoneDrain(cloud, lab)


def fill(cloud: Cloud, servers: Servers) -> None:
    """One server of each kind; the pinned ones are told from the others by their names."""
    servers.add_many(["free", "off"], "small", host=HERE)
    servers.add_many(["pinned", "pinned-off", "paused"], "small", host=THERE, zone="az1")
    disk = BlockStorage(cloud).add_volume("disk", "__DEFAULT__", "az1")["id"]
    BlockStorage(cloud).api.post(f"/volumes/{disk}/action", json={"os-set_bootable": {"bootable": True}})
    servers.add("volume", "small", zone="az1", volume=disk)
    servers.stop("off", "pinned-off")
    servers.pause("paused")


def where(cloud: Cloud) -> dict[str, tuple[str, str | None, str]]:
    """Zone, pin and status of each server."""
    listed = cloud.compute.get("/servers/detail?all_tenants=1", microversion=PINS_SHOWN).json()["servers"]
    return {
        one["name"]: (one["OS-EXT-AZ:availability_zone"], one["pinned_availability_zone"], one["status"])
        for one in listed
    }


def where_now(cloud: Cloud) -> dict[str, tuple[str, str, str]]:
    """Host, zone and status of each server, also of a nova that shows no pins."""
    return {
        name: (one["OS-EXT-SRV-ATTR:host"], one["OS-EXT-AZ:availability_zone"], one["status"])
        for name, one in cloud.servers().items()
    }


def plan(answer: Answer) -> list[str]:
    return [change["text"] for change in answer.zone()["plan"]]


def succeeds(answer: Answer) -> Answer:
    assert not answer.result["failed"], answer.result["msg"]
    return answer


def unchanged(answer: Answer) -> str:
    """What a call says that has nothing to do."""
    verdict = answer.zone()
    assert (verdict["failed"], verdict["changed"], answer.written) == (False, False, []), verdict["msg"]
    return " ".join([verdict["msg"], *verdict["warnings"]])


def calls(answer: Answer) -> list[str]:
    """What was asked of the services, looks at the migrations apart."""
    asked = [one for one in answer.requests if one.service != "keystone" and "/os-migrations?changes" not in one.path]
    return [f"{one.service} {one.method} {one.path}" for one in asked]


def test_a_zone_is_emptied_and_its_servers_are_pinned_elsewhere(
    cloud: Cloud, servers: Servers, drain: ZoneDrain
) -> None:
    fill(cloud, servers)
    looked = drain(check=True)
    cost = len(calls(looked))
    before = where(cloud)
    ran = succeeds(drain())
    assert looked.written == []
    assert plan(looked) == plan(ran) == [plan(ran)[0]]
    assert looked.zone()["diff"] == ran.zone()["diff"]
    planned = {one["name"]: (one["way"], one["to"], one["to_zone"]) for one in looked.result["moves"]}
    assert {one["name"]: (one["way"], one["to"], one["to_zone"]) for one in ran.result["moves"]} == planned
    assert {name: way for name, (way, _host, _zone) in planned.items()} == {
        **dict.fromkeys(("free", "pinned", "volume", "paused"), "live"),
        **dict.fromkeys(("off", "pinned-off"), "cold"),
    }
    found = where(cloud)
    for name, (_zone, pin, status) in before.items():
        to = planned[name][2]
        assert to != "az1"
        assert found[name] == (to, None if pin is None else to, status)
    assert servers.tags() == {}
    assert len(ran.written) == sum(WRITES.values()) + AROUND
    assert sum(WRITES.values()) <= MOST_PER_SERVER * len(WRITES)
    # Looked at before the lock, behind it, and at the end; and at the guard of the moves.
    assert len(calls(ran)) <= 3 * cost + len(ran.written) + 4
    assert {one["status"] for one in cloud.services().values()} == {"enabled"}
    told = unchanged(drain())
    assert "2 hosts of the zone are enabled, and nova may place servers there again" in told


def test_named_zones_hosts_and_servers_and_a_look_that_does_not_grow(
    cloud: Cloud, servers: Servers, drain: ZoneDrain
) -> None:
    servers.add_many(["one", "two"], "small", host=HERE, zone="az1")
    cost = len(calls(drain(check=True)))
    servers.add_many(["three", "four", "five"], "small", host=THERE, zone="az1")
    assert len(calls(drain(check=True))) == cost
    succeeds(drain(to=["az3"], servers=["one"]))
    assert {name: zone for name, (zone, _pin, _status) in where(cloud).items() if zone != "az1"} == {"one": "az3"}
    succeeds(drain(to=["az2"], hosts=[THERE]))
    zones = {name: zone for name, (zone, _pin, _status) in where(cloud).items()}
    assert zones == {"one": "az3", "two": "az1", **dict.fromkeys(("three", "four", "five"), "az2")}
    assert {pin for zone, pin, _status in where(cloud).values() if pin != zone} == set()


def test_what_is_refused_changes_nothing(cloud: Cloud, servers: Servers, drain: ZoneDrain) -> None:
    servers.add("web", "small", host=HERE, zone="az1")
    for host in hosts_of("az2"):
        cloud.set_service(host, status="disabled", disabled_reason="fan")
    options: dict[str, Any] = {"to": ["az2"]}
    refused = drain(**options)
    assert [one["rule"] for one in refused.zone()["refusals"]] == ["no_room"]
    assert "az2: no host there is up, enabled and not away" in refused.zone()["msg"]
    refused = drain(files={"az2": {"zone_state": "maintenance"}}, **options)
    assert [one["rule"] for one in refused.zone()["refusals"]] == ["target_zone"]
    assert "zone az2 is in maintenance, by zone_state of its file" in refused.zone()["msg"]
    assert refused.written == []
    allowed = drain(allow=["stay"], **options)
    assert "no room for 1 server" in unchanged(allowed)
    assert where(cloud) == {"web": ("az1", "az1", "ACTIVE")}


@pytest.mark.aged
def test_a_nova_that_shows_no_pins_moves_nothing(cloud: Cloud, lab: LabClient, servers: Servers) -> None:
    servers.add("web", "small", zone="az1")
    lab.set_age("antelope")
    try:
        answer = ZoneDrain(Cloud(lab.clouds_file), lab)()
    finally:
        lab.set_age(os.environ.get("ZONEOPS_CLOUD_AGE", "current"))
    told = unchanged(answer)
    assert "it counts as pinned (nova shows pins from 2.96 on) to zone az1, and this nova (2.95) cannot change" in told
    assert [one["name"] for one in answer.result["stays"]] == ["web"]


@pytest.fixture
def old(cloud: Cloud, lab: LabClient, servers: Servers) -> Iterator[ZoneDrain]:
    """Of a nova that cannot change pins, and shows none."""
    del servers
    lab.set_age("antelope")
    yield ZoneDrain(cloud, lab)
    lab.set_age(os.environ.get("ZONEOPS_CLOUD_AGE", "current"))


def add_from_volume(cloud: Cloud, servers: Servers, name: str, host: str, *, consents: bool = True) -> None:
    """A server of az1 that boots from a volume of az1."""
    storage = BlockStorage(cloud)
    disk = storage.add_volume(f"disk-{name}", "__DEFAULT__", "az1")["id"]
    storage.api.post(f"/volumes/{disk}/action", json={"os-set_bootable": {"bootable": True}})
    servers.add(name, "small", host=host, zone="az1", volume=disk)
    if consents:
        servers.compute.post(f"/servers/{servers.id_of(name)}/metadata", json={"metadata": CONSENT})


@pytest.mark.aged
def test_servers_of_an_older_nova_are_shelved_and_unshelved_elsewhere(
    cloud: Cloud, servers: Servers, old: ZoneDrain
) -> None:
    for name, host in (("on", HERE), ("off", THERE), ("alone", HERE)):
        add_from_volume(cloud, servers, name, host, consents=name != "alone")
    servers.add("image", "small", host=HERE, zone="az1")
    servers.stop("off")
    told = unchanged(old())
    assert "with option 'shelve'" in told
    looked = old(check=True, shelve=True)
    ran = succeeds(old(shelve=True))
    assert (looked.written, looked.zone()["diff"], plan(looked)) == ([], ran.zone()["diff"], plan(ran))
    planned = {one["name"]: (one["way"], one["to"], one["to_zone"]) for one in looked.result["moves"]}
    assert planned.keys() == {"on", "off"}
    assert {one["name"]: (one["way"], one["to"], one["to_zone"]) for one in ran.result["moves"]} == planned
    assert len(ran.written) == SHELVE_WRITES["on"] + SHELVE_WRITES["off"] + AROUND
    found = where_now(cloud)
    assert {name: found[name] for name in planned} == {
        name: (to, zone, {"on": "ACTIVE", "off": "SHUTOFF"}[name]) for name, (_way, to, zone) in planned.items()
    }
    assert servers.tags() == {}
    stays = {one["name"]: one["reason"].partition("; ")[2] for one in ran.result["stays"]}
    assert "it lacks its owner's consent (metadata zoneops:may_shelve=true" in stays["alone"]
    assert "since it does not boot from a volume" in stays["image"]
    unchanged(old(shelve=True))
    succeeds(old(shelve=True, shelve_servers=["alone"]))
    assert {name for name, (_host, zone, _status) in where_now(cloud).items() if zone == "az1"} == {"image"}


@pytest.fixture
def posing(cloud: Cloud, lab: LabClient, servers: Servers, request: pytest.FixtureRequest) -> Iterator[ZoneDrain]:
    """Of a nova of the version that the test names."""
    del servers
    lab.set_age(f"nova-{request.param}")
    yield ZoneDrain(cloud, lab)
    lab.set_age(os.environ.get("ZONEOPS_CLOUD_AGE", "current"))


@pytest.mark.parametrize("posing", ["2.100"], indirect=True)
def test_a_nova_that_shows_pins_and_cannot_change_them(cloud: Cloud, servers: Servers, posing: ZoneDrain) -> None:
    """From 2.96 to 2.103: what is not pinned moves, what is goes by shelve and unshelve."""
    servers.add("free", "small", host=HERE)
    servers.add("pinned", "small", host=THERE, zone="az1")
    add_from_volume(cloud, servers, "disk", HERE)
    looked = posing(check=True)
    ran = succeeds(posing())
    assert (looked.written, plan(looked), looked.zone()["diff"]) == ([], plan(ran), ran.zone()["diff"])
    assert ran.moves == {"free": ("live", "moved")}
    stays = {one["name"]: one["reason"] for one in ran.result["stays"]}
    assert stays.keys() == {"pinned", "disk"}
    assert "it is pinned to zone az1, and this nova (2.100) cannot change that (from 2.104 on)" in stays["pinned"]
    looked = posing(check=True, shelve=True)
    ran = succeeds(posing(shelve=True))
    assert (looked.written, plan(looked), looked.zone()["diff"]) == ([], plan(ran), ran.zone()["diff"])
    assert ran.moves == {"disk": ("shelve and unshelve", "moved")}
    found = where(cloud)
    assert (found["pinned"], found["free"][1]) == (("az1", "az1", "ACTIVE"), None)
    zone, pin, status = found["disk"]
    assert (zone, status) == (pin, "ACTIVE")
    assert zone in ("az2", "az3")
    assert servers.tags() == {}
    assert "this nova (2.100) cannot change" in unchanged(posing(shelve=True))


@pytest.mark.parametrize("posing", ["2.90"], indirect=True)
def test_a_nova_that_unshelves_to_a_zone_only(cloud: Cloud, servers: Servers, posing: ZoneDrain) -> None:
    """From 2.77 to 2.90: nova chooses the host."""
    add_from_volume(cloud, servers, "on", HERE)
    add_from_volume(cloud, servers, "off", THERE)
    servers.stop("off")
    options: dict[str, Any] = {"to": ["az3"], "shelve": True}
    looked = posing(check=True, **options)
    ran = succeeds(posing(**options))
    assert (looked.written, plan(looked)) == ([], plan(ran))
    assert ran.moves == dict.fromkeys(("on", "off"), ("shelve and unshelve", "moved"))
    found = where_now(cloud)
    assert {name: (zone, status) for name, (_host, zone, status) in found.items()} == {
        "on": ("az3", "ACTIVE"),
        "off": ("az3", "SHUTOFF"),
    }
    assert {host for host, _zone, _status in found.values()} <= set(hosts_of("az3"))
    assert servers.tags() == {}
    unchanged(posing(**options))


def test_what_a_run_on_an_older_nova_began_is_finished_by_a_newer_one(
    cloud: Cloud, servers: Servers, drain: ZoneDrain
) -> None:
    """A server that an earlier run shelved and did not unshelve any more; one that its owner shelved stays so."""
    for name in ("ours", "owners", "moves"):
        add_from_volume(cloud, servers, name, HERE)
    servers.stop("ours")
    tag = "zoneops:shelve=az1:SHUTOFF"
    servers.compute.put(f"/servers/{servers.id_of('ours')}/tags/{tag}", microversion=PINS_SHOWN)
    for name in ("ours", "owners"):
        cloud.shelve(name)
    looked = drain(check=True, shelve=True)
    ran = succeeds(drain(shelve=True))
    assert (plan(looked), looked.zone()["diff"]) == (plan(ran), ran.zone()["diff"])
    assert "finish shelve and unshelve of 1 server: ours" in plan(ran)[0]
    assert ran.moves == {"ours": ("shelve and unshelve", "moved"), "moves": ("live", "moved")}
    found = where(cloud)
    assert found["ours"][0] == found["ours"][1] != "az1"
    assert found["moves"][0] == found["moves"][1] != "az1"
    assert {name: status for name, (_zone, _pin, status) in found.items()} == {
        "ours": "SHUTOFF",
        "owners": "SHELVED_OFFLOADED",
        "moves": "ACTIVE",
    }
    assert servers.tags() == {}


def test_a_move_that_nova_cannot_make_leaves_the_pin(
    cloud: Cloud, lab: LabClient, servers: Servers, drain: ZoneDrain
) -> None:
    servers.add("web", "small", host=HERE, zone="az1")
    servers.add("off", "small", host=THERE, zone="az1")
    servers.stop("off")
    before = where(cloud)
    lab.fail("hypervisor", HERE)
    lab.fail("hypervisor", THERE)
    answer = drain(canary=False, max_failed=2)
    lab.heal()
    assert answer.zone()["failed"]
    assert "2 could not be moved" in answer.zone()["msg"]
    assert (where(cloud), servers.tags()) == (before, {})
    succeeds(drain())
    assert {zone for zone, _pin, _status in where(cloud).values()} <= {"az2", "az3"}


def test_the_playbook_and_its_saved_plan(
    play: Player, cloud: Cloud, servers: Servers, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    servers.add("web", "small", host=HERE, zone="az1")
    inventory, plan = make_inventory(), tmp_path / "plan.yml"

    def run(*arguments: str, **values: Any) -> Run:
        storage = {"zoneops_capacity_shared_disks": True, "zoneops_capacity_storage_reachable": True}
        given = {"zoneops_drain_to": "az3", "zoneops_plan": str(plan), **storage, **values}
        return play(PLAYBOOK, inventory, "--limit", "az1", *arguments, "-e", json.dumps(given))

    check = run("--check")
    assert (check.rc, check.written, check.changed_hosts) == (0, [], {"az1"})
    assert f"move server web ({servers.id_of('web')}) to az3" in plan.read_text()
    servers.add("late", "small", host=THERE, zone="az1")
    refused = run()
    assert (list(refused.failures), refused.written) == (["az1"], [])
    assert f"does not have: move server late ({servers.id_of('late')}) to az3" in refused.failures["az1"]
    ran = run(zoneops_drain_servers=["web"])
    assert (ran.rc, ran.changed_hosts) == (0, {"az1"})
    assert where(cloud) == {"web": ("az3", "az3", "ACTIVE"), "late": ("az1", "az1", "ACTIVE")}
    again = run(zoneops_drain_servers=["web"])
    assert (again.rc, again.written, again.changed_hosts) == (0, [], set())
    everything = play(PLAYBOOK, inventory)
    assert (everything.requests, "Name the zone to be emptied" in next(iter(everything.failures.values()))) == (
        (),
        True,
    )
