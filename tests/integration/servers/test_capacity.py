# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is predicted of a loss is what happens: hosts die, servers are evacuated, and those move that were predicted to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zonelab.client import LabClient

from ..conftest import MakeInventory
from ..harness.cloud import Cloud
from ..harness.inventory import ZONES, hosts_of
from ..harness.mended import zones_of
from ..harness.play import Player, Run
from ..harness.servers import Servers
from ..harness.volumes import Volumes

CAPACITY = "zoneops.openstack.zone_capacity"
ASK = "Calculate the capacity without the hosts or zones, one call for all zones"
# The fake hypervisor has 800000 MB, of which nova keeps 512.
BIG, SMALL = 390_000, 64
HERE, THERE = hosts_of("az1")
ALL = ["fits", "crosses", "waits", "restore", "no_room"]
# Guests have no disks in the lab, and its storage is one.
FACTS = {"zoneops_capacity_shared_disks": True, "zoneops_capacity_storage_reachable": True}


@pytest.fixture
def servers(cloud: Cloud, lab: LabClient) -> Iterator[Servers]:
    """The lab's zones, and two flavors; afterwards all hosts run again, as they were."""
    with zones_of(cloud, lab, small=SMALL, big=BIG) as found:
        yield found


def asked(play: Player, inventory: Path, **values: Any) -> Run:
    return play(CAPACITY, inventory, "-e", json.dumps({**FACTS, **values}))


def predicted(answer: dict[str, Any]) -> dict[str, str]:
    """The outcome of each server by name."""
    return {server["name"]: outcome for outcome, listed in answer["lists"].items() for server in listed}


def counts(answer: dict[str, Any]) -> dict[str, int]:
    return {outcome: answer[outcome] for outcome in ALL if answer[outcome]}


def evacuated(servers: Servers, names: list[str], answer: dict[str, Any]) -> tuple[set[str], set[str]]:
    """The servers that moved, and those that did not: those that are predicted to stay come last, when all the others have their places."""
    staying = {name for name in names if predicted(answer).get(name) in ("waits", "restore", "no_room")}
    before = {name: servers.host(name) for name in names}
    moved = {name for name in sorted(names, key=lambda name: name in staying) if servers.evacuate(name) != before[name]}
    return moved, set(names) - moved


def test_a_zone_is_lost(
    play: Player, lab: LabClient, cloud: Cloud, servers: Servers, make_inventory: MakeInventory
) -> None:
    volumes = Volumes(cloud, lab)
    servers.flavor("gold", SMALL, {"aggregate_instance_extra_specs:tier": "gold"})
    cloud.add_aggregate("gold", None, [HERE, "compute-az3-0"], {"tier": "gold"})
    servers.group("apart", "anti-affinity")
    servers.group("crowded", "anti-affinity")
    servers.group("together", "affinity")
    # Of six places for big servers in the other zones, three are taken, and two are on a spare host.
    for number, host in enumerate(("compute-az2-0", "compute-az2-0", "compute-az2-1")):
        servers.add(f"there-{number}", "big", host=host)
    for host in ("compute-az2-0", "compute-az2-1", "compute-az3-0"):
        servers.add(f"crowd-{host}", "small", host=host, group="crowded")
    servers.add("apart-there", "small", host="compute-az2-0", group="apart")
    cloud.set_service("compute-az3-1", status="disabled", disabled_reason="spare")
    here = {f"big-{number}": {"flavor": "big", "host": host} for number, host in enumerate((HERE, HERE, THERE, THERE))}
    here |= {f"small-{number}": {"flavor": "small", "host": HERE} for number in range(3)}
    here |= {
        "gold": {"flavor": "gold", "host": HERE},
        "apart-0": {"flavor": "small", "host": HERE, "group": "apart"},
        "apart-1": {"flavor": "small", "host": THERE, "group": "apart"},
        "crowd": {"flavor": "small", "host": HERE, "group": "crowded"},
        "together-0": {"flavor": "small", "host": THERE, "group": "together"},
        "together-1": {"flavor": "small", "host": THERE, "group": "together"},
        "pinned": {"flavor": "small", "zone": "az1"},
        "paused": {"flavor": "small", "host": THERE},
    }
    for name, how in here.items():
        servers.add(name, **how)
    servers.pause("paused")
    disk = volumes.make("disk", "az1")
    volumes.act(disk, "os-set_bootable", bootable=True)
    servers.add("of-volume", "small", host=THERE, volume=disk)
    names = [*here, "of-volume"]

    run = asked(play, make_inventory(), zoneops_capacity_threshold=0)
    result = run.one(ASK).result
    answer = result["zones"]["az1"]["state"]
    assert counts(answer) == {"crosses": 10, "waits": 5, "no_room": 1}
    (without,) = answer["lists"]["no_room"]
    assert without["name"].startswith("big-")
    waits = {server["name"]: server["reason"] for server in answer["lists"]["waits"]}
    assert waits == {
        "crowd": "its anti-affinity group crowded has a member on every other host",
        "together-0": "its affinity group has no member on another host",
        "together-1": "its affinity group has no member on another host",
        "pinned": "it is pinned to zone az1",
        "paused": "it is paused",
    }
    # Without zone az2, its big servers and those of the crowded group would be too many as well.
    assert (run.rc != 0, set(run.shown_failures)) == (True, {"az1", "az2"})
    assert "with zone az1 lost, 1 server finds no room: big-" in run.shown_failures["az1"]
    assert run.stats["zoneops_capacity_short_zones"] == ["az1", "az2"]
    assert run.written == []
    assert max(map(len, result["table"])) <= 80
    assert any(line.startswith("no room: big-") for line in run.output.splitlines())

    lab.stop_zone("az1", now=True, services=["nova"])
    moved, stayed = evacuated(servers, names, answer)
    assert stayed == {*waits, without["name"]}
    assert len(moved) == answer["crosses"]
    volumes_left = {servers.host(name) for name in moved}
    assert volumes_left <= {"compute-az2-0", "compute-az2-1", "compute-az3-0"}
    assert servers.host("gold") == "compute-az3-0"


def test_a_host_is_lost(play: Player, lab: LabClient, servers: Servers, make_inventory: MakeInventory) -> None:
    servers.add("there", "big", host=THERE)
    names = ["big-0", "big-1", "small"]
    for name in names[:2]:
        servers.add(name, "big", host=HERE, zone="az1")
    servers.add("small", "small", host=HERE, zone="az1")

    run = asked(play, make_inventory(), zoneops_hosts=[HERE])
    answer = run.one(ASK).result["hosts"]
    assert (run.rc, counts(answer)) == (0, {"fits": 2, "no_room": 1})
    (without,) = answer["lists"]["no_room"]
    assert without["addition"]["host"] == THERE
    # Two big ones are there already, and this is what the third lacks.
    assert without["addition"]["resources"] == {"MEMORY_MB": 3 * BIG + SMALL - (800_000 - 512)}
    failed = asked(play, make_inventory(), zoneops_hosts=[HERE], zoneops_capacity_threshold=0)
    assert failed.rc != 0
    assert "with host compute-az1-0 lost, 1 server finds no room" in failed.shown_failures[ZONES[0]]

    lab.stop_host(HERE, now=True)
    moved, stayed = evacuated(servers, names, answer)
    assert (len(moved), stayed) == (2, {without["name"]})


def test_verify_asks_only_with_a_threshold(
    play: Player, cloud: Cloud, servers: Servers, make_inventory: MakeInventory
) -> None:
    inventory = make_inventory()
    verify = play("zoneops.openstack.verify", inventory)
    assert verify.rc == 0
    assert not [call for call in verify.calls("placement") if "allocation_candidates" in call]
    servers.add("small", "small", host=HERE)
    bears = play("zoneops.openstack.verify", inventory, "-e", json.dumps({**FACTS, "zoneops_capacity_threshold": 10}))
    assert bears.rc == 0
    for host in (*hosts_of("az2"), *hosts_of("az3")):
        cloud.set_service(host, status="disabled", disabled_reason="work")
    fails = play("zoneops.openstack.verify", inventory, "-e", json.dumps({**FACTS, "zoneops_capacity_threshold": 10}))
    assert fails.rc != 0
    assert "with zone az1 lost, 1 server finds no room: small" in fails.failures["az1"]


def test_calls_do_not_grow_with_hosts_or_servers(
    play: Player, lab: LabClient, cloud: Cloud, servers: Servers, make_inventory: MakeInventory
) -> None:
    inventory = make_inventory()

    def calls() -> list[str]:
        run = asked(play, inventory)
        assert run.rc == 0, run.output
        found = [f"{one.service} {one.method} {one.path.partition('?')[0]}" for one in run.requests]
        return sorted(call for call in found if not call.startswith("keystone"))

    servers.add("first", "small", host=HERE)
    once = calls()
    assert [call for call in once if "hypervisors" in call] == []
    assert len([call for call in once if "allocation_candidates" in call]) == 2
    for number in range(4):
        servers.add(f"more-{number}", "small", host=THERE)
    for number in range(3):
        lab.add_host(f"capacity-record-{number}", running=False)
    try:
        assert calls() == once
    finally:
        services = cloud.services()
        for number in range(3):
            cloud.compute.delete(f"/os-services/{services[f'capacity-record-{number}']['id']}")
