# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""At every write of a drain that shelves and unshelves: killed, dropped, answered wrongly. The next run ends where a clean one does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from zonelab.client import LabClient

from ..integration.harness.block_storage import BlockStorage
from ..integration.harness.cloud import Cloud
from ..integration.harness.inventory import hosts_of
from ..integration.harness.servers import Servers
from .draining import MODULE, SERVER, ZONES, Pair, asked, other, struck, sweeps, writes_of
from .module_process import Modules
from .strike import Fault, until_hit
from .sweep import KILLED_AFTER

# The lock, the tag, the shelve, the unshelve, the stop, the tag, the lock.
WRITES = 7
#: Those after which the server is off its host, or runs although it was off.
OFTEN = (2, 3, 4)


class Shelves(Pair):
    """Two zones of a nova that shows and changes no pins, and a server that is off and boots from a volume."""

    def zone(self) -> str:
        return str(self.cloud.servers()[SERVER]["OS-EXT-AZ:availability_zone"])

    def wrong(self, zone: str) -> str:
        server = self.cloud.servers()[SERVER]
        seen = [server[key] for key in ("OS-EXT-AZ:availability_zone", "status", "tags")]
        return "" if seen == [zone, "SHUTOFF", []] else str(seen)

    def harmed(self) -> str:
        """A server that is not as it was, and does not say how that was."""
        server = self.cloud.servers()[SERVER]
        return "" if server["status"] == "SHUTOFF" or server["tags"] else f"nobody knows that it was off: {server}"


@pytest.fixture(scope="module")
def shelves(lab: LabClient) -> Iterator[Shelves]:
    lab.clear_faults()
    cloud = Cloud(lab.clouds_file)
    cloud.empty()
    for zone in ZONES:
        cloud.add_aggregate(zone, zone, hosts_of(zone))
    servers = Servers(cloud)
    servers.flavor("small", 64)
    storage = BlockStorage(cloud)
    disk = storage.add_volume("disk", "__DEFAULT__", "az1")["id"]
    storage.api.post(f"/volumes/{disk}/action", json={"os-set_bootable": {"bootable": True}})
    servers.add(SERVER, "small", zone="az1", volume=disk)
    servers.stop(SERVER)
    lab.set_age("antelope")
    yield Shelves(cloud, servers)
    lab.set_age("current")
    cloud.empty()
    servers.clear()


def wanted(zone: str) -> dict[str, Any]:
    """That the other zone is emptied into this one, by shelve and unshelve."""
    hosts = {name: {"compute": {"hosts": hosts_of(name)}} for name in ZONES}
    return {**asked(zone), "zones": hosts, "shelve": True, "shelve_servers": [SERVER]}


def test_every_write_is_swept(lab: LabClient, shelves: Shelves, modules: Modules) -> None:
    """A number that is too high fails its sweep, one that is too low would leave the last writes out."""
    to = other(shelves.zone())
    writes = writes_of(lab, shelves, modules, wanted(to), to)
    assert len(writes) == WRITES, writes


@pytest.mark.parametrize(
    ("fault", "index"), sweeps(WRITES, lambda fault, index: fault is KILLED_AFTER and index in OFTEN)
)
def test_drain_by_shelve(lab: LabClient, shelves: Shelves, modules: Modules, fault: Fault, index: int) -> None:
    to = other(shelves.zone())
    struck(lab, shelves, modules, wanted(to), to, fault, index)


@pytest.mark.parametrize("number", [1, pytest.param(2, marks=pytest.mark.full)])
def test_room_that_is_gone_when_the_server_comes(
    lab: LabClient, shelves: Shelves, modules: Modules, number: int
) -> None:
    """The one host, or all hosts of the zone are disabled: nova accepts the unshelve and finds none, or refuses it. The server is then where it was."""
    start = shelves.zone()
    arguments = wanted(other(start))
    planned = modules.run(MODULE, {**arguments, "_ansible_check_mode": True}).answer["moves"][0]["to"]
    hosts = sorted(hosts_of(other(start)), key=lambda name: name != planned)[:number]
    mark = lab.mark()
    fault = lab.add_fault("hang", service="nova", method="POST", path="/servers/", count=1)
    running = modules.start(MODULE, arguments)
    until_hit(lab, fault, mark, running.ended)
    for host in hosts:
        shelves.cloud.set_service(host, status="disabled", disabled_reason="fan")
    lab.clear_faults()
    ended = running.wait()
    for host in hosts:
        shelves.cloud.set_service(host, status="enabled")
    assert ended.failed
    reason = "No valid host was found" if number == 1 else "The requested availability zone is not available"
    assert reason in ended.answer["msg"]
    assert f"it is in zone {start} as it was" in ended.answer["msg"]
    assert shelves.wrong(start) == ""
