# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""At every write of an evacuation: killed, dropped, answered wrongly. No server is evacuated twice, and the next run ends where a clean one does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from zonelab.client import LabClient

from ..integration.harness.cloud import Cloud
from ..integration.harness.inventory import hosts_of
from ..integration.harness.maintenance import fenced
from ..integration.harness.masakari import Masakari
from ..integration.harness.mended import mend
from ..integration.harness.servers import Servers
from .module_process import Ended, Modules
from .strike import Fault, strike
from .sweep import ANSWERS, DROPS, KILLED_AFTER, KILLS

MODULE = "zone_evacuate"
# The lock, the host remembered and on maintenance in Masakari, the host, the tag, the evacuation, the start, the tag, the lock.
WRITES = 9
OFTEN = (KILLED_AFTER,)
SERVER = "web"


@dataclass
class Pair:
    """Two hosts of a zone, both in one segment of Masakari, and a server on one of them."""

    cloud: Cloud
    servers: Servers
    masakari: Masakari
    lab: LabClient

    def host(self) -> str:
        return self.servers.host(SERVER)

    def kill(self) -> str:
        """The host that has the server dies. Another one that a test which failed has left dead is brought back first."""
        for host, one in self.cloud.services().items():
            if (one["status"], one["forced_down"], one["state"]) != ("enabled", False, "up"):
                self.bring_back(host)
        found = self.host()
        self.lab.stop_host(found, now=True)
        return found

    def wrong(self, dead: str) -> str:
        """What is not as a whole run leaves it."""
        (server,) = self.cloud.servers().values()
        service = self.cloud.services()[dead]
        seen = [server["OS-EXT-SRV-ATTR:host"] != dead, server["status"], server["tags"]]
        seen += [service["status"], service["forced_down"], service["disabled_reason"]]
        # What is remembered of Masakari is the same text.
        seen += [dict(self.cloud.aggregates()["az1"].metadata).get(f"zoneops:masakari {dead}")]
        seen += [self.masakari.on_maintenance()]
        mark = "zoneops: dead: fire"
        return "" if seen == [True, "ACTIVE", [], "disabled", True, mark, mark, {dead}] else str(seen)

    def harmed(self, before: int) -> str:
        """Evacuated twice, which nova would have done."""
        mine = self.evacuations()
        return "" if len(mine) <= before + 1 else f"evacuated {len(mine) - before} times"

    def evacuations(self) -> list[dict[str, Any]]:
        return [one for one in self.servers.migrations() if one["migration_type"] == "evacuation"]

    def locks(self) -> list[str]:
        return [name for name in self.cloud.aggregates() if name != "az1"]

    def bring_back(self, host: str) -> None:
        """As an operator does: nova-compute removes the old guest when it starts."""
        self.lab.start_host(host)
        self.cloud.set_service(host, forced_down=False)
        self.cloud.set_service(host, status="enabled")
        self.masakari.set(host, on=False)
        key = f"zoneops:masakari {host}"
        if key in dict(self.cloud.aggregates()["az1"].metadata):
            self.cloud.act("az1", set_metadata={"metadata": {key: None}})


@pytest.fixture(scope="module")
def pair(lab: LabClient) -> Iterator[Pair]:
    lab.clear_faults()
    cloud = Cloud(lab.clouds_file)
    cloud.empty()
    cloud.add_aggregate("az1", "az1", hosts_of("az1"))
    servers = Servers(cloud)
    servers.flavor("small", 64)
    servers.add(SERVER, "small", zone="az1")
    masakari = Masakari(cloud)
    for host in hosts_of("az1"):
        masakari.add(host)
    yield Pair(cloud, servers, masakari, lab)
    masakari.empty(lab)
    mend(cloud, lab)
    servers.clear()


def asked(dead: str) -> dict[str, Any]:
    return {
        "region": {"zones": ["az1", "az2"], "cloud": "lab"},
        "zones": {"az1": {"compute": {"hosts": hosts_of("az1")}}, "az2": {}},
        "limit": ["az1"],
        "fencing": [fenced(dead)],
        "reason": "fire",
        "shared_disks": True,
        "timeout": 60,
        "api_timeout": 20,
    }


def sweeps() -> Iterator[Any]:
    for fault in (*KILLS, *DROPS, *ANSWERS):
        marks = () if fault in OFTEN else (pytest.mark.full,)
        for index in range(WRITES):
            yield pytest.param(fault, index, id=f"{fault.name.replace(' ', '-')}-{index}", marks=marks)


def test_every_write_is_swept(lab: LabClient, pair: Pair, modules: Modules) -> None:
    """A number that is too high fails its sweep, one that is too low would leave the last writes out."""
    dead = pair.kill()
    mark = lab.mark()
    ended = modules.run(MODULE, asked(dead))
    assert not ended.failed, ended.answer["msg"]
    writes = [f"{one.service} {one.method} {one.path}" for one in lab.requests(mark) if one.writes]
    assert len(writes) == WRITES, writes
    assert pair.wrong(dead) == ""
    pair.bring_back(dead)


@pytest.mark.parametrize(("fault", "index"), sweeps())
def test_evacuation(lab: LabClient, pair: Pair, modules: Modules, fault: Fault, index: int) -> None:
    before = len(pair.evacuations())
    dead = pair.kill()
    arguments = asked(dead)
    ended = strike(lab, modules, MODULE, arguments, fault, index)
    assert pair.harmed(before) == ""
    if ended is not None:
        honest(ended, pair.wrong(dead))
    again = modules.run(MODULE, arguments)
    assert not again.failed, again.answer["msg"]
    assert (pair.wrong(dead), pair.harmed(before)) == ("", "")
    assert pair.locks() == [] or not again.answer["changed"]
    last = modules.run(MODULE, arguments)
    assert (last.failed, last.answer["changed"]) == (False, False)
    pair.bring_back(dead)


def honest(ended: Ended, problem: str) -> None:
    """A run that says that it did not fail is where it shall be."""
    assert ended.answer["msg"]
    assert ended.failed or problem == ""
