# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""At every write of a drain: killed, dropped, answered wrongly. No server stays without its pin, and the next run ends where a clean one does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from zonelab.client import LabClient

from ..integration.harness.cloud import Cloud
from ..integration.harness.inventory import hosts_of
from ..integration.harness.servers import Servers
from .draining import MODULE, SERVER, ZONES, Pair, asked, other, struck, sweeps, writes_of
from .module_process import Modules
from .strike import Fault, until_hit
from .sweep import KILLED_AFTER

# The lock, the tag, the unpin, the migration, its confirmation, the pin, the tag, the lock.
WRITES = 8


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


def test_every_write_is_swept(lab: LabClient, pair: Pair, modules: Modules) -> None:
    """A number that is too high fails its sweep, one that is too low would leave the last writes out."""
    to = other(pair.zone())
    writes = writes_of(lab, pair, modules, asked(to), to)
    assert len(writes) == WRITES, writes


@pytest.mark.parametrize(("fault", "index"), sweeps(WRITES, lambda fault, _index: fault is KILLED_AFTER))
def test_drain(lab: LabClient, pair: Pair, modules: Modules, fault: Fault, index: int) -> None:
    to = other(pair.zone())
    struck(lab, pair, modules, asked(to), to, fault, index)


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
