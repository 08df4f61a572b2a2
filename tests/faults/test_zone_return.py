# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""At every write of a return: killed, dropped, answered wrongly. No host serves before it is up, and the next run ends where a clean one does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.dead import Dead, evacuation_tag
from keystoneauth1.adapter import Adapter
from zonelab.client import LabClient

from ..integration.harness.block_storage import BlockStorage
from ..integration.harness.cloud import Cloud
from ..integration.harness.inventory import hosts_of
from ..integration.harness.servers import Servers
from ..integration.harness.volumes import Volumes
from .module_process import Ended, Modules
from .strike import Fault, strike
from .sweep import ANSWERS, DROPS, KILLED_AFTER, KILLS

MODULE = "zone_return"
# The lock; forced_down, enabled, the canary and its end; forced_down, disabled as before; the tag; the attachment; the lock.
WRITES = 10
# Of these what opens the first host and the second, and the attachment.
OFTEN = [(KILLED_AFTER, index) for index in (1, 2, 5, 8)]
HERE, THERE = hosts_of("az1")
SERVER = "stays"
TAG = evacuation_tag(HERE, "SHUTOFF")
#: A server that nova does not know.
GONE = "00000000-0000-4000-8000-000000000404"
WANTED = {HERE: ("enabled", None, False, "up"), THERE: ("disabled", "ticket 4711", False, "up")}


@dataclass
class Zone:
    """Two hosts that were lost, of which one was disabled before, and a server on one of them, which was not evacuated. Its volume has a stray attachment."""

    cloud: Cloud
    volume: str

    def lose(self) -> None:
        server = self.cloud.servers()[SERVER]["id"]
        self.cloud.compute.put(f"/servers/{server}/tags/{TAG}")
        if not self.attachments():
            body = {"attachment": {"volume_uuid": self.volume, "instance_uuid": GONE}}
            self.storage.post("/attachments", json=body, microversion="3.27")
        for host, mark in ((HERE, Dead("fire", zone=True)), (THERE, Dead("fire", before="ticket 4711", zone=True))):
            self.cloud.set_service(host, status="disabled", disabled_reason=mark.text, forced_down=True)

    def found(self) -> dict[str, Any]:
        keys = ("status", "disabled_reason", "forced_down", "state")
        return {host: tuple(one[key] for key in keys) for host, one in self.cloud.services().items() if host in WANTED}

    @property
    def storage(self) -> Adapter:
        return BlockStorage(self.cloud).api

    def attachments(self) -> list[str]:
        listed = self.storage.get("/attachments?all_tenants=1", microversion="3.27").json()["attachments"]
        return [str(one["id"]) for one in listed]

    def wrong(self) -> str:
        """What is not as a whole run leaves it."""
        found, servers = self.found(), {name: one["tags"] for name, one in self.cloud.servers().items()}
        left = self.attachments()
        return "" if (found, servers, left) == (WANTED, {SERVER: []}, []) else f"{found}, {servers}, {left}"

    def harmed(self) -> str:
        """A host that serves and is not up, or that lost what it was."""
        for host, (status, reason, _forced_down, state) in self.found().items():
            if status == "enabled" and (state != "up" or host == THERE):
                return f"{host} is {status} and {state}"
            if status == "disabled" and not str(reason).startswith(("zoneops: dead", "ticket")):
                return f"{host} has the reason {reason}"
        return ""

    def locks(self) -> list[str]:
        return [name for name in self.cloud.aggregates() if name != "az1"]

    @property
    def asked(self) -> dict[str, Any]:
        """The image by its id: others may have left one of its name."""
        return {
            "region": {"zones": ["az1"], "cloud": "lab"},
            "zones": {"az1": {"compute": {"hosts": hosts_of("az1")}}},
            "canary_server": {"flavor": "small", "image": self.cloud.root(None)["imageRef"]},
            "repair": True,
            "timeout": 60,
            "api_timeout": 20,
        }


@pytest.fixture(scope="module")
def zone(lab: LabClient) -> Iterator[Zone]:
    lab.clear_faults()
    cloud = Cloud(lab.clouds_file)
    cloud.empty()
    cloud.add_aggregate("az1", "az1", hosts_of("az1"))
    servers = Servers(cloud)
    servers.flavor("small", 64)
    servers.add(SERVER, "small", host=HERE)
    yield Zone(cloud, Volumes(cloud, lab).make("disk", "az1"))
    cloud.empty()
    servers.clear()
    BlockStorage(cloud).empty()


def sweeps() -> Iterator[Any]:
    for fault in (*KILLS, *DROPS, *ANSWERS):
        for index in range(WRITES):
            marks = () if (fault, index) in OFTEN else (pytest.mark.full,)
            yield pytest.param(fault, index, id=f"{fault.name.replace(' ', '-')}-{index}", marks=marks)


def test_every_write_is_swept(lab: LabClient, zone: Zone, modules: Modules) -> None:
    """A number that is too high fails its sweep, one that is too low would leave the last writes out."""
    zone.lose()
    mark = lab.mark()
    ended = modules.run(MODULE, zone.asked)
    assert not ended.failed, ended.answer["msg"]
    writes = [f"{one.service} {one.method} {one.path}" for one in lab.requests(mark) if one.writes]
    assert len(writes) == WRITES, writes
    assert zone.wrong() == ""


@pytest.mark.parametrize(("fault", "index"), sweeps())
def test_return(lab: LabClient, zone: Zone, modules: Modules, fault: Fault, index: int) -> None:
    zone.lose()
    ended = strike(lab, modules, MODULE, zone.asked, fault, index)
    assert zone.harmed() == ""
    if ended is not None:
        honest(ended, zone.wrong())
    again = modules.run(MODULE, zone.asked)
    assert not again.failed, again.answer["msg"]
    assert zone.wrong() == ""
    assert zone.locks() == [] or not again.answer["changed"]
    last = modules.run(MODULE, zone.asked)
    assert (last.failed, last.answer["changed"]) == (False, False)


def honest(ended: Ended, problem: str) -> None:
    """A run that says that it did not fail is where it shall be."""
    assert ended.answer["msg"]
    assert ended.failed or problem == ""
