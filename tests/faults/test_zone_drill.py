# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""At every write of a drill: killed, dropped, answered wrongly. No host stays disabled, and nothing is left, once the next run has ended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_drill.record import KEY
from zonelab.client import LabClient

from ..integration.harness.block_storage import BlockStorage
from ..integration.harness.cloud import Cloud
from ..integration.harness.inventory import hosts_of
from .module_process import Modules
from .strike import Fault, strike
from .sweep import ANSWERS, DROPS, KILLED_AFTER, KILLS

MODULE = "zone_drill"
ZONES = ("az1", "az2")
# The lock, the host, a volume and its end, both once more, the host, the record, the lock.
WRITES = 9
# The host is disabled, a volume was created, the host is enabled.
OFTEN = [(KILLED_AFTER, 1), (KILLED_AFTER, 2), (KILLED_AFTER, 6)]


@dataclass
class Pair:
    """Two zones of one host each."""

    cloud: Cloud

    def wrong(self) -> str:
        """What is not as a drill leaves it."""
        hosts = [host for zone in ZONES for host in hosts_of(zone)[:1]]
        services = self.cloud.services()
        found = [f"{host} is disabled" for host in hosts if services[host]["status"] != "enabled"]
        volumes = BlockStorage(self.cloud).api.get("/volumes/detail?all_tenants=1").json()["volumes"]
        found += [f"volume {one['name']} is {one['status']}" for one in volumes if one["status"] != "deleting"]
        return "; ".join(found)

    def outcome(self) -> str:
        stored = dict(self.cloud.aggregates()["az1"].metadata).get(KEY)
        return str(json.loads(stored)["outcome"]) if stored else ""

    def locks(self) -> list[str]:
        return [name for name in self.cloud.aggregates() if name not in ZONES]


@pytest.fixture(scope="module")
def pair(lab: LabClient) -> Iterator[Pair]:
    lab.clear_faults()
    cloud = Cloud(lab.clouds_file)
    cloud.empty()
    for zone in ZONES:
        cloud.add_aggregate(zone, zone, hosts_of(zone)[:1])
    yield Pair(cloud)
    cloud.empty()
    BlockStorage(cloud).empty()


ASKED: dict[str, Any] = {
    "region": {"zones": list(ZONES), "cloud": "lab"},
    "zones": {name: {"compute": {"hosts": hosts_of(name)[:1]}} for name in ZONES},
    "limit": ["az1"],
    "level": "soft",
    "seconds": 1,
    "allow": ["defaults"],
    "timeout": 60,
    "api_timeout": 20,
}


def sweeps() -> Iterator[Any]:
    for fault in (*KILLS, *DROPS, *ANSWERS):
        for index in range(WRITES):
            marks = () if (fault, index) in OFTEN else (pytest.mark.full,)
            yield pytest.param(fault, index, id=f"{fault.name.replace(' ', '-')}-{index}", marks=marks)


def test_every_write_is_swept(lab: LabClient, pair: Pair, modules: Modules) -> None:
    """A number that is too high fails its sweep, one that is too low would leave the last writes out."""
    mark = lab.mark()
    ended = modules.run(MODULE, ASKED)
    assert not ended.failed, ended.answer["msg"]
    writes = [f"{one.service} {one.method} {one.path}" for one in lab.requests(mark) if one.writes]
    assert len(writes) == WRITES, writes
    assert (pair.wrong(), pair.outcome()) == ("", "SUCCEEDED")


@pytest.mark.parametrize(("fault", "index"), sweeps())
def test_drill(lab: LabClient, pair: Pair, modules: Modules, fault: Fault, index: int) -> None:
    ended = strike(lab, modules, MODULE, ASKED, fault, index)
    if ended is not None:
        assert ended.answer["msg"]
        assert ended.failed or pair.wrong() == ""
    again = modules.run(MODULE, ASKED)
    assert not again.failed, again.answer["msg"]
    assert (pair.wrong(), pair.outcome(), pair.locks()) == ("", "SUCCEEDED", [])
