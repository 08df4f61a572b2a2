# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""At every write that takes a port from a lost server: killed, dropped, answered wrongly. No port is lost, and the next run gives it to the one new server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from zonelab.client import LabClient

from ..integration.harness.inventory import hosts_of
from ..integration.harness.wired import Wired, with_neutron
from .module_process import Modules
from .strike import Fault, strike
from .sweep import ANSWERS, DROPS, KILLS

# On a lab of their own.
pytestmark = pytest.mark.full

MODULE = "zone_restore_servers"
# The tag, no device, another MAC address.
WRITES = 3
SERVER = "db"


@dataclass
class Scene:
    """A server of a lost zone with a port that a user made."""

    wired: Wired
    port: str
    old: str
    address: str

    @classmethod
    def of(cls, wired: Wired) -> Scene:
        lost, port = wired.lost, wired.port()
        root = lost.volume("root", b"kept", bootable=True)
        old = lost.add(SERVER, root=root, networks=[{"port": port}])
        lost.back_up(root)
        lost.die()
        return cls(wired, port, old, address(wired.seen(port)))

    def new(self) -> list[dict[str, Any]]:
        path = "/servers/detail?all_tenants=1&tags=zoneops:restored"
        return list(self.wired.lost.cloud.compute.get(path).json()["servers"])

    def harmed(self) -> str:
        """Whose the port is, where that is neither of the two servers, and nothing says for whom it is kept."""
        found = self.wired.seen(self.port)
        servers = (self.old, *(one["id"] for one in self.new()))
        kept = not found["device_id"] and f"zoneops:restore:{self.old}" in found["tags"]
        fine = (kept or found["device_id"] in servers) and address(found) == self.address and len(servers) <= 2
        return "" if fine else f"{found}, {servers}"

    def wrong(self) -> str:
        """What is not as a whole run leaves it."""
        seen = [(one["status"], [port["id"] for port in self.wired.of(one["id"])]) for one in self.new()]
        return "" if seen == [("ACTIVE", [self.port])] else str(seen)

    def reset(self) -> None:
        """What was created goes, and the old server has its port again: at the beginning of a test, whatever the one before it left."""
        lost = self.wired.lost
        for server in self.new():
            lost.cloud.compute.delete(f"/servers/{server['id']}")
        lost.until_gone(self.new)
        if self.wired.seen(self.port)["device_id"] != self.old:
            self.wired.until_released(self.port)
        self.wired.neutron.put(f"/v2.0/ports/{self.port}/tags", json={"tags": []})
        self.wired.give(self.port, self.old)
        copies = [one for one in lost.volumes.all().values() if one["availability_zone"] == "az2"]
        for volume in copies:
            lost.volumes.settled("volume", volume["id"])
            lost.volumes.cinder.delete(f"/volumes/{volume['id']}")
        lost.until_gone(lambda: [one for one in lost.volumes.all().values() if one["availability_zone"] == "az2"])


def address(port: dict[str, Any]) -> str:
    return str(port["fixed_ips"][0]["ip_address"])


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with with_neutron(tmp_path_factory.mktemp("wired")) as lab:
        wired = Wired.make(lab)
        yield Scene.of(wired)
        wired.lost.clear()


@pytest.fixture(scope="module")
def processes(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Modules]:
    found = Modules(scene.wired.lost.lab.clouds_file, tmp_path_factory.mktemp("runs"))
    yield found
    found.close()


ASKED: dict[str, Any] = {
    "region": {"zones": ["az1", "az2"], "cloud": "lab"},
    "zones": {zone: {"compute": {"hosts": hosts_of(zone)}} for zone in ("az1", "az2")},
    "limit": ["az1"],
    "to": "az2",
    "servers": [SERVER],
    "ports": "take",
    "timeout": 60,
    "api_timeout": 20,
}


def written(lab: LabClient, mark: int) -> list[str]:
    return [f"{one.method} {one.path}" for one in lab.requests(mark) if one.writes and one.service == "neutron"]


def test_every_write_is_swept(scene: Scene, processes: Modules) -> None:
    """A number that is too high fails its sweep, one that is too low would leave the last writes out."""
    scene.reset()
    lab = scene.wired.lost.lab
    mark = lab.mark()
    ended = processes.run(MODULE, ASKED)
    assert not ended.failed, ended.answer["msg"]
    mine = [one for one in written(lab, mark) if scene.port in one]
    assert len(mine) == WRITES, mine
    assert (scene.wrong(), scene.harmed()) == ("", "")


@pytest.mark.parametrize("index", range(WRITES))
@pytest.mark.parametrize("fault", [*KILLS, *DROPS, *ANSWERS], ids=lambda fault: fault.name.replace(" ", "-"))
def test_ports(scene: Scene, processes: Modules, fault: Fault, index: int) -> None:
    scene.reset()
    lab = scene.wired.lost.lab
    ended = strike(lab, processes, MODULE, ASKED, fault, index, service="neutron", writes=True)
    assert scene.harmed() == ""
    assert ended is None or ended.failed or scene.wrong() == ""
    again = processes.run(MODULE, ASKED)
    assert not again.failed, again.answer["msg"]
    assert (scene.wrong(), scene.harmed()) == ("", "")
    last = processes.run(MODULE, ASKED)
    assert (last.failed, last.answer["changed"]) == (False, False)
