# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""At every write of a restore: killed, dropped, answered wrongly. No server and no volume is created twice, and the next run ends where a clean one does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from zonelab.client import LabClient

from ..integration.harness.cloud import Cloud
from ..integration.harness.inventory import hosts_of
from ..integration.harness.lost import Lost
from .module_process import Ended, Modules
from .strike import Fault, strike
from .sweep import ANSWERS, DROPS, KILLED_AFTER, KILLS

MODULE = "zone_restore_servers"
# The lock, the volume, that it is bootable, its marks, the server, the stop, the tag, the lock.
WRITES = 8
# Of these the volume, its marks, the server, the tag.
OFTEN = [(KILLED_AFTER, index) for index in (1, 3, 4, 6)]
SERVER = "db"
CONTENT = b"kept"


class Scene(Lost):
    """A server that was off, and its volume, in a zone that is lost."""

    def new(self) -> list[dict[str, Any]]:
        listed = self.cloud.compute.get("/servers/detail?all_tenants=1&tags=zoneops:restored").json()["servers"]
        return list(listed)

    def copies(self) -> list[dict[str, Any]]:
        return [one for one in self.volumes.all().values() if one["availability_zone"] == "az2"]

    def wrong(self) -> str:
        """What is not as a whole run leaves it."""
        servers, copies = self.new(), self.copies()
        seen = [[one["status"], one["tags"]] for one in servers]
        seen += [[one["name"], one["status"], "zoneops_restored_as" in one["metadata"]] for one in copies]
        if seen != [["SHUTOFF", ["zoneops:restored"]], ["root", "in-use", True]]:
            return str(seen)
        return "" if self.contents(servers[0]["id"]) == [CONTENT] else "another content"

    def harmed(self) -> str:
        """Created twice, or what was there changed."""
        found = [len(self.new()) > 1 and "two servers", len(self.copies()) > 1 and "two volumes"]
        old = self.cloud.compute.get(f"/servers/{self.servers.id_of(SERVER)}").json()["server"]
        found.append((old["status"], old["OS-EXT-SRV-ATTR:host"] in hosts_of("az1")) != ("SHUTOFF", True) and str(old))
        return ", ".join(str(one) for one in found if one)

    def remove(self) -> None:
        """What was created."""
        for server in self.new():
            self.cloud.compute.delete(f"/servers/{server['id']}")
        self.until_gone(self.new)
        for volume in self.copies():
            self.volumes.settled("volume", volume["id"])
            self.volumes.cinder.delete(f"/volumes/{volume['id']}")
        self.until_gone(self.copies)


@pytest.fixture(scope="module")
def scene(lab: LabClient) -> Iterator[Scene]:
    lab.clear_faults()
    cloud = Cloud(lab.clouds_file)
    cloud.empty()
    found = Scene.of(cloud, lab)
    root = found.volume("root", CONTENT, bootable=True)
    found.add(SERVER, root=root)
    found.servers.stop(SERVER)
    found.back_up(root)
    found.die()
    yield found
    found.clear()


def asked() -> dict[str, Any]:
    return {
        "region": {"zones": ["az1", "az2"], "cloud": "lab"},
        "zones": {"az1": {"compute": {"hosts": hosts_of("az1")}}, "az2": {"compute": {"hosts": hosts_of("az2")}}},
        "limit": ["az1"],
        "to": "az2",
        "servers": [SERVER],
        "timeout": 60,
        "api_timeout": 20,
    }


def sweeps() -> Iterator[Any]:
    for fault in (*KILLS, *DROPS, *ANSWERS):
        for index in range(WRITES):
            marks = () if (fault, index) in OFTEN else (pytest.mark.full,)
            yield pytest.param(fault, index, id=f"{fault.name.replace(' ', '-')}-{index}", marks=marks)


def test_every_write_is_swept(lab: LabClient, scene: Scene, modules: Modules) -> None:
    """A number that is too high fails its sweep, one that is too low would leave the last writes out."""
    mark = lab.mark()
    ended = modules.run(MODULE, asked())
    assert not ended.failed, ended.answer["msg"]
    writes = [f"{one.service} {one.method} {one.path}" for one in lab.requests(mark) if one.writes]
    assert len(writes) == WRITES, writes
    assert scene.wrong() == ""
    scene.remove()


@pytest.mark.parametrize(("fault", "index"), sweeps())
def test_restore(lab: LabClient, scene: Scene, modules: Modules, fault: Fault, index: int) -> None:
    # What a test that failed has left.
    scene.remove()
    ended = strike(lab, modules, MODULE, asked(), fault, index)
    assert scene.harmed() == ""
    if ended is not None:
        honest(ended, scene.wrong())
    again = modules.run(MODULE, asked())
    assert not again.failed, again.answer["msg"]
    assert (scene.wrong(), scene.harmed()) == ("", "")
    last = modules.run(MODULE, asked())
    assert (last.failed, last.answer["changed"]) == (False, False)
    scene.remove()


def honest(ended: Ended, problem: str) -> None:
    """A run that says that it did not fail is where it shall be."""
    assert ended.answer["msg"]
    assert ended.failed or problem == ""
