# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""At every write that takes a whole dead zone out of service: killed, dropped, answered wrongly. The next run ends where a clean one does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
from zonelab.client import LabClient

from ..integration.harness.block_storage import BlockStorage
from ..integration.harness.cloud import Cloud
from ..integration.harness.inventory import hosts_of
from ..integration.harness.maintenance import fenced
from ..integration.harness.shares import Shares
from ..integration.harness.volumes import Volumes
from .module_process import Ended, Modules
from .strike import Fault, strike
from .sweep import ANSWERS, DROPS, KILLS

# What dies here, starts again only at the end.
pytestmark = pytest.mark.full

MODULE = "zone_evacuate"
ZONES = ("az1", "az2")
HOSTS = hosts_of("az1")
# The lock; manila-share, cinder-backup and cinder-volume; two hosts; the lock.
WRITES = 7
MARK = "zoneops: dead of the zone: fire"
SHARE = "lab@az1"


@dataclass
class Dead:
    """A zone that died with its storage, and nobody has done anything yet."""

    cloud: Cloud
    lab: LabClient

    def computes(self) -> list[tuple[str, bool, str]]:
        services = self.cloud.services()
        return [
            (services[host]["status"], services[host]["forced_down"], services[host]["disabled_reason"])
            for host in HOSTS
        ]

    def storage(self) -> dict[str, str]:
        """The reason of each service of cinder and manila that is disabled."""
        shares = Shares(self.cloud).services().items()
        reasons = {
            f"manila-share {host}": str(one["disabled_reason"]) for host, one in shares if one["status"] != "enabled"
        }
        return {**BlockStorage(self.cloud).disabled(), **reasons}

    def wrong(self) -> str:
        """What is not as a whole run leaves it."""
        computes, storage = self.computes(), self.storage()
        names = {"cinder-volume lab@az1", "cinder-backup lab-az1", f"manila-share {SHARE}"}
        fine = computes == [("disabled", True, MARK)] * 2 and storage == dict.fromkeys(names, MARK)
        return "" if fine else f"{computes}, {storage}"

    def locks(self) -> list[str]:
        return [name for name in self.cloud.aggregates() if name not in ZONES]

    def reset(self) -> None:
        """Cinder enables nothing that is down: by its database."""
        for host in HOSTS:
            self.cloud.set_service(host, forced_down=False)
            self.cloud.set_service(host, status="enabled")
        with closing(sqlite3.connect(self.lab.state.database("cinder"), timeout=30)) as database:
            database.execute("UPDATE services SET disabled = 0, disabled_reason = NULL, frozen = 0")
            database.commit()
        Shares(self.cloud).switch(SHARE, enabled=True)


@pytest.fixture(scope="module")
def dead(lab: LabClient) -> Iterator[Dead]:
    lab.clear_faults()
    cloud = Cloud(lab.clouds_file)
    cloud.empty()
    for zone in ZONES:
        cloud.add_aggregate(zone, zone, hosts_of(zone))
    lab.stop_zone("az1", now=True)
    found = Dead(cloud, lab)
    yield found
    lab.clear_faults()
    found.reset()
    lab.start_zone("az1")
    Volumes(cloud, lab).until_up()
    cloud.empty()


def sweeps() -> Iterator[Any]:
    for fault in (*KILLS, *DROPS, *ANSWERS):
        for index in range(WRITES):
            yield pytest.param(fault, index, id=f"{fault.name.replace(' ', '-')}-{index}")


def asked() -> dict[str, Any]:
    return {
        "region": {"zones": list(ZONES), "cloud": "lab"},
        "zones": {name: {"compute": {"hosts": hosts_of(name)}} for name in ZONES},
        "limit": ["az1"],
        "fencing": [fenced(*HOSTS)],
        "reason": "fire",
        "phase": "prepare",
        "shared_disks": True,
        "timeout": 60,
        "api_timeout": 20,
    }


def test_every_write_is_swept(lab: LabClient, dead: Dead, modules: Modules) -> None:
    """A number that is too high fails its sweep, one that is too low would leave the last writes out."""
    mark = lab.mark()
    ended = modules.run(MODULE, asked())
    assert not ended.failed, ended.answer["msg"]
    writes = [f"{one.service} {one.method} {one.path}" for one in lab.requests(mark) if one.writes]
    assert len(writes) == WRITES, writes
    assert dead.wrong() == ""
    dead.reset()


@pytest.mark.parametrize(("fault", "index"), sweeps())
def test_zone_out_of_service(lab: LabClient, dead: Dead, modules: Modules, fault: Fault, index: int) -> None:
    ended = strike(lab, modules, MODULE, asked(), fault, index)
    if ended is not None:
        honest(ended, dead.wrong())
    again = modules.run(MODULE, asked())
    assert not again.failed, again.answer["msg"]
    assert dead.wrong() == ""
    assert dead.locks() == [] or not again.answer["changed"]
    last = modules.run(MODULE, asked())
    assert (last.failed, last.answer["changed"]) == (False, False)
    dead.reset()


def honest(ended: Ended, problem: str) -> None:
    """A run that says that it did not fail is where it shall be."""
    assert ended.answer["msg"]
    assert ended.failed or problem == ""
