# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""At every write of a zone's maintenance, its begin and its end: killed, dropped, answered wrongly. The next run ends where a clean one does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from zonelab.client import LabClient

from ..integration.harness.block_storage import BlockStorage
from ..integration.harness.cloud import Cloud
from ..integration.harness.inventory import hosts_of
from ..integration.harness.masakari import Masakari
from ..integration.harness.servers import Servers
from ..integration.harness.shares import Shares
from .module_process import Ended, Modules
from .strike import Fault, strike
from .sweep import ANSWERS, DROPS, KILLED_AFTER, KILLS

MODULE = "zone_maintenance"
HOST = hosts_of("az1")[0]
# The host remembered and on maintenance in Masakari; it, cinder-volume and -backup, and manila-share disabled; the tag, a server stopped; the host
# recorded. Manila-share enabled; the run in the host's mark, the server started, the tag taken off; the host enabled; off maintenance, and forgotten.
WRITES = {"begin": 9, "end": 7}
OFTEN = (KILLED_AFTER,)
MARK = "zoneops: maintenance of the zone"
TAG = "zoneops:stopped"
RUNS, STOPPED = {"web": "ACTIVE", "off": "SHUTOFF"}, {"web": "SHUTOFF", "off": "SHUTOFF"}


@dataclass
class Zone:
    """One host of a zone with a server that runs and one that is off, and the zone's services."""

    cloud: Cloud
    servers: Servers
    volumes: BlockStorage
    shares: Shares
    masakari: Masakari
    lab: LabClient

    def reasons(self) -> dict[str, str]:
        """The reason of everything that is disabled."""
        computes = {
            host: str(one["disabled_reason"])
            for host, one in self.cloud.services().items()
            if one["status"] != "enabled"
        }
        shares = {
            host: str(one["disabled_reason"])
            for host, one in self.shares.services().items()
            if one["status"] != "enabled"
        }
        return {**computes, **self.volumes.disabled(), **shares}

    def in_masakari(self) -> tuple[set[str], set[str]]:
        """The hosts on maintenance there, and those that are remembered."""
        memory = dict(self.cloud.aggregates()["az1"].metadata)
        return self.masakari.on_maintenance(), {key.rpartition(" ")[2] for key in memory}

    def statuses(self) -> dict[str, str]:
        return {name: one["status"] for name, one in self.cloud.servers().items()}

    def cinder_enabled(self) -> None:
        """By hand: how cinder 29 enables a cinder-volume has faults of its own tested, and it enables no cinder-backup."""
        self.volumes.new_backup_records(self.lab)
        self.volumes.empty()


@pytest.fixture(scope="module")
def zone(lab: LabClient) -> Iterator[Zone]:
    lab.clear_faults()
    cloud = Cloud(lab.clouds_file)
    cloud.empty()
    cloud.add_aggregate("az1", "az1", hosts_of("az1"))
    servers = Servers(cloud)
    servers.flavor("small", 64)
    servers.add_many(list(RUNS), "small", host=HOST)
    servers.stop("off")
    masakari = Masakari(cloud)
    masakari.add(HOST)
    found = Zone(cloud, servers, BlockStorage(cloud), Shares(cloud), masakari, lab)
    yield found
    masakari.empty(lab)
    found.cinder_enabled()
    found.shares.empty()
    cloud.empty()
    servers.clear()


def asked(state: str) -> dict[str, Any]:
    return {
        "region": {"zones": ["az1"], "cloud": "lab"},
        "zones": {"az1": {"zone_state": "maintenance", "compute": {"hosts": [HOST]}}},
        "state": state,
        "servers": "stop",
        "shared_disks": True,
        "timeout": 60,
        "api_timeout": 20,
    }


def wrong(zone: Zone, state: str) -> str:
    """What is not as a whole run leaves it."""
    reasons, statuses, ignored = zone.reasons(), zone.statuses(), zone.in_masakari()
    if state == "end":
        fine = (reasons, statuses, zone.servers.tags(), ignored) == ({}, RUNS, {}, (set(), set()))
    else:
        marked = all(text.startswith(MARK) for text in reasons.values()) and len(reasons) == 4
        finished = reasons.get(HOST, "").startswith(f"{MARK}, stopped: ")
        there = (statuses, zone.servers.tags(), ignored) == (STOPPED, {"web": [TAG]}, ({HOST}, {HOST}))
        fine = marked and finished and there
    return "" if fine else f"{reasons}, {statuses}, {zone.servers.tags()}, {ignored}"


def sweeps() -> Iterator[Any]:
    """Begin and end in turn: each leaves what the other one starts from."""
    for fault in (*KILLS, *DROPS, *ANSWERS):
        marks = () if fault in OFTEN else (pytest.mark.full,)
        for index in range(max(WRITES.values())):
            for state, writes in WRITES.items():
                if index < writes:
                    name = f"{state}-{fault.name.replace(' ', '-')}-{index}"
                    yield pytest.param(state, fault, index, id=name, marks=marks)


def prepared(zone: Zone, modules: Modules, state: str) -> None:
    other = {"begin": "end", "end": "begin"}[state]
    if other == "end":
        zone.cinder_enabled()
    if wrong(zone, other):
        ended = modules.run(MODULE, asked(other))
        assert not ended.failed, ended.answer["msg"]
    if state == "end":
        zone.cinder_enabled()


@pytest.mark.parametrize("state", WRITES)
def test_every_write_is_swept(lab: LabClient, zone: Zone, modules: Modules, state: str) -> None:
    """A number that is too high fails its sweep, one that is too low would leave the last writes out."""
    prepared(zone, modules, state)
    mark = lab.mark()
    assert modules.run(MODULE, asked(state)).answer["changed"]
    writes = [f"{one.service} {one.method} {one.path}" for one in lab.requests(mark) if one.writes]
    assert len(writes) == WRITES[state], writes
    assert wrong(zone, state) == ""


@pytest.mark.parametrize(("state", "fault", "index"), sweeps())
def test_maintenance(lab: LabClient, zone: Zone, modules: Modules, state: str, fault: Fault, index: int) -> None:
    prepared(zone, modules, state)
    arguments = asked(state)
    ended = strike(lab, modules, MODULE, arguments, fault, index)
    if ended is not None:
        honest(ended, wrong(zone, state))
    again = modules.run(MODULE, arguments)
    assert not again.failed, again.answer["msg"]
    assert wrong(zone, state) == ""
    last = modules.run(MODULE, arguments)
    assert (last.failed, last.answer["changed"]) == (False, False)


def honest(ended: Ended, problem: str) -> None:
    """A run that says that it did not fail is where it shall be."""
    assert ended.answer["msg"]
    assert ended.failed or problem == ""
