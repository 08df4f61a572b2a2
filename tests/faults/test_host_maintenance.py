# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""At every write of a maintenance's begin and end: killed, dropped, answered wrongly; the next run ends where a clean one does, and moves nothing twice."""

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
from .strike import Fault, strike
from .sweep import ANSWERS, DROPS, KILLED_AFTER, KILLS

MODULE = "host_maintenance"
# Disabled, a server migrated live, another one cold and confirmed, recorded as empty; enabled.
WRITES = {"begin": 5, "end": 1}
OFTEN = (KILLED_AFTER,)
MARK = "zoneops: maintenance, emptied"


@dataclass
class Zone:
    """Two hosts of a zone, and two servers that are on one of them: an active one without a pin, and one that is off with one."""

    cloud: Cloud
    servers: Servers

    @property
    def here(self) -> str:
        """The host that both are on."""
        (host,) = {one["OS-EXT-SRV-ATTR:host"] for one in self.cloud.servers().values()}
        return str(host)

    def statuses(self) -> dict[str, str]:
        return {name: one["status"] for name, one in self.cloud.servers().items()}

    def reason(self, host: str) -> str | None:
        service = self.cloud.services()[host]
        return None if service["status"] == "enabled" else str(service["disabled_reason"])

    def moves(self) -> int:
        return len(self.servers.migrations())


@pytest.fixture(scope="module")
def zone(lab: LabClient) -> Iterator[Zone]:
    cloud = Cloud(lab.clouds_file)
    cloud.empty()
    cloud.add_aggregate("az1", "az1", hosts_of("az1"))
    servers = Servers(cloud)
    servers.flavor("small", 64)
    servers.add("active", "small", host=hosts_of("az1")[0])
    servers.add("off", "small", host=hosts_of("az1")[0], zone="az1")
    servers.stop("off")
    yield Zone(cloud, servers)
    cloud.empty()
    servers.clear()


def asked(state: str, host: str) -> dict[str, Any]:
    return {
        "region": {"zones": ["az1"], "cloud": "lab"},
        "zones": {"az1": {"compute": {"hosts": hosts_of("az1")}}},
        "hosts": [host],
        "state": state,
        "shared_disks": True,
        # One after the other, so that the writes of two runs have the same order.
        "moves_at_once": 1,
        "timeout": 60,
        "api_timeout": 20,
    }


def wrong(zone: Zone, state: str, host: str) -> str:
    """What is not as a whole run leaves it."""
    reason = zone.reason(host)
    if state == "end":
        return "" if reason is None else f"host {host} is disabled: {reason}"
    if not (reason or "").startswith(MARK):
        return f"host {host} has the reason {reason}"
    found = {name: one["OS-EXT-SRV-ATTR:host"] for name, one in zone.cloud.servers().items()}
    return f"the servers are on {found}" if host in found.values() or len(set(found.values())) != 1 else ""


def sweeps() -> Iterator[Any]:
    for state, writes in WRITES.items():
        for fault in (*KILLS, *DROPS, *ANSWERS):
            marks = () if fault in OFTEN else (pytest.mark.full,)
            for index in range(writes):
                yield pytest.param(
                    state, fault, index, id=f"{state}-{fault.name.replace(' ', '-')}-{index}", marks=marks
                )


def prepared(zone: Zone, modules: Modules, state: str) -> str:
    """The host that is worked on: where the servers are, or the one that they have left."""
    for host in hosts_of("az1"):
        if zone.reason(host) is not None:
            zone.cloud.set_service(host, status="enabled")
    host = zone.here
    if state == "end":
        assert not modules.run(MODULE, asked("begin", host)).failed
    return host


@pytest.mark.parametrize("state", WRITES)
def test_every_write_is_swept(lab: LabClient, zone: Zone, modules: Modules, state: str) -> None:
    """A number that is too high fails its sweep, one that is too low would leave the last writes out."""
    host = prepared(zone, modules, state)
    mark = lab.mark()
    assert modules.run(MODULE, asked(state, host)).answer["changed"]
    writes = [f"{one.method} {one.path}" for one in lab.requests(mark) if one.service == "nova" and one.writes]
    assert len(writes) == WRITES[state], writes
    assert wrong(zone, state, host) == ""


@pytest.mark.parametrize(("state", "fault", "index"), sweeps())
def test_maintenance(lab: LabClient, zone: Zone, modules: Modules, state: str, fault: Fault, index: int) -> None:
    host = prepared(zone, modules, state)
    statuses, moves = zone.statuses(), zone.moves()
    arguments = asked(state, host)
    ended = strike(lab, modules, MODULE, arguments, fault, index, service="nova", writes=True)
    if ended is not None:
        honest(ended, wrong(zone, state, host))
    again = modules.run(MODULE, arguments)
    assert not again.failed, again.answer["msg"]
    assert wrong(zone, state, host) == ""
    assert zone.statuses() == statuses
    assert zone.moves() - moves == (2 if state == "begin" else 0)
    last = modules.run(MODULE, arguments)
    assert (last.failed, last.answer["changed"]) == (False, False)


def honest(ended: Ended, problem: str) -> None:
    """A run that says that it did not fail is where it shall be."""
    assert ended.answer["msg"]
    assert ended.failed or problem == ""
