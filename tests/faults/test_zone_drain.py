# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""At every write of a drain: killed, dropped, answered wrongly. No server stays without its pin, and the next run ends where a clean one does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from zonelab.client import LabClient

from ..integration.harness.cloud import Cloud
from ..integration.harness.inventory import hosts_of
from ..integration.harness.servers import Servers
from .module_process import Ended, Modules
from .strike import Fault, strike, until_hit
from .sweep import ANSWERS, DROPS, KILLED_AFTER, KILLS

MODULE = "zone_drain"
ZONES = ("az1", "az2")
# The lock, the tag, the unpin, the migration, its confirmation, the pin, the tag, the lock.
WRITES = 8
OFTEN = (KILLED_AFTER,)
PINS_SHOWN = "2.96"
SERVER = "off"


@dataclass
class Pair:
    """Two zones of one host each, and a server that is off and pinned to the one that it is in."""

    cloud: Cloud
    servers: Servers

    def found(self) -> dict[str, Any]:
        listed = self.cloud.compute.get("/servers/detail?all_tenants=1", microversion=PINS_SHOWN).json()["servers"]
        (server,) = listed
        return dict(server)

    def zone(self) -> str:
        return str(self.found()["OS-EXT-AZ:availability_zone"])

    def wrong(self, zone: str) -> str:
        """What is not as a whole run to this zone leaves it."""
        server = self.found()
        keys = ("OS-EXT-AZ:availability_zone", "pinned_availability_zone", "status", "tags")
        seen = [server[key] for key in keys]
        return "" if seen == [zone, zone, "SHUTOFF", []] else str(seen)

    def locks(self) -> list[str]:
        return [name for name in self.cloud.aggregates() if name not in ZONES]

    def harmed(self) -> str:
        """A server that lost its pin, and does not say which it had."""
        server = self.found()
        lost = server["pinned_availability_zone"] is None and not server["tags"]
        return f"the pin is lost: {server}" if lost else ""


@pytest.fixture(scope="module")
def pair(lab: LabClient) -> Iterator[Pair]:
    lab.clear_faults()
    cloud = Cloud(lab.clouds_file)
    cloud.empty()
    for zone in ZONES:
        cloud.add_aggregate(zone, zone, hosts_of(zone)[:1])
    servers = Servers(cloud)
    servers.flavor("small", 64)
    servers.add(SERVER, "small", zone="az1")
    servers.stop(SERVER)
    yield Pair(cloud, servers)
    cloud.empty()
    servers.clear()


def asked(zone: str) -> dict[str, Any]:
    """That the other zone is emptied into this one."""
    return {
        "region": {"zones": list(ZONES), "cloud": "lab"},
        "zones": {name: {"compute": {"hosts": hosts_of(name)[:1]}} for name in ZONES},
        "limit": [name for name in ZONES if name != zone],
        "shared_disks": True,
        "storage_reachable": True,
        "timeout": 60,
        "api_timeout": 20,
    }


def other(zone: str) -> str:
    return next(name for name in ZONES if name != zone)


def sweeps() -> Iterator[Any]:
    for fault in (*KILLS, *DROPS, *ANSWERS):
        marks = () if fault in OFTEN else (pytest.mark.full,)
        for index in range(WRITES):
            yield pytest.param(fault, index, id=f"{fault.name.replace(' ', '-')}-{index}", marks=marks)


def test_every_write_is_swept(lab: LabClient, pair: Pair, modules: Modules) -> None:
    """A number that is too high fails its sweep, one that is too low would leave the last writes out."""
    to = other(pair.zone())
    mark = lab.mark()
    ended = modules.run(MODULE, asked(to))
    assert not ended.failed, ended.answer["msg"]
    writes = [f"{one.service} {one.method} {one.path}" for one in lab.requests(mark) if one.writes]
    assert len(writes) == WRITES, writes
    assert pair.wrong(to) == ""


@pytest.mark.parametrize(("fault", "index"), sweeps())
def test_drain(lab: LabClient, pair: Pair, modules: Modules, fault: Fault, index: int) -> None:
    to = other(pair.zone())
    arguments = asked(to)
    ended = strike(lab, modules, MODULE, arguments, fault, index)
    assert pair.harmed() == ""
    if ended is not None:
        honest(ended, pair.wrong(to))
    again = modules.run(MODULE, arguments)
    assert not again.failed, again.answer["msg"]
    assert pair.wrong(to) == ""
    assert pair.locks() == [] or not again.answer["changed"]
    last = modules.run(MODULE, arguments)
    assert (last.failed, last.answer["changed"]) == (False, False)


def honest(ended: Ended, problem: str) -> None:
    """A run that says that it did not fail is where it shall be."""
    assert ended.answer["msg"]
    assert ended.failed or problem == ""


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_server_that_is_deleted_meanwhile(lab: LabClient, pair: Pair, modules: Modules, method: str) -> None:
    """Before it is unpinned, or before it is moved: the run says so, and fails of nothing."""
    start = pair.zone()
    pair.servers.add("gone", "small", zone=start)
    mark = lab.mark()
    number = lab.add_fault("hang", service="nova", method=method, path="/servers/", count=1)
    running = modules.start(MODULE, {**asked(other(start)), "servers": ["gone"]})
    until_hit(lab, number, mark, running.ended)
    pair.cloud.delete_server("gone")
    lab.clear_faults()
    ended = running.wait()
    assert not ended.failed, ended.answer["msg"]
    assert [(one["name"], one["outcome"]) for one in ended.answer["moves"]] == [("gone", "gone")]
    assert pair.wrong(start) == ""
