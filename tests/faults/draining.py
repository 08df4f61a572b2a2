# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sweeps of a drain have in common: a server that goes to and fro between two zones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from zonelab.client import LabClient

from ..integration.harness.cloud import Cloud
from ..integration.harness.inventory import hosts_of
from ..integration.harness.servers import Servers
from .module_process import Ended, Modules
from .strike import Fault, strike
from .sweep import ANSWERS, DROPS, KILLS

MODULE = "zone_drain"
ZONES = ("az1", "az2")
PINS_SHOWN = "2.96"
SERVER = "off"


@dataclass
class Pair:
    """Two zones of one host each, and a server that is off and pinned to the one that it is in."""

    cloud: Cloud
    servers: Servers

    def found(self) -> dict[str, Any]:
        listed = self.cloud.compute.get("/servers/detail?all_tenants=1", microversion=PINS_SHOWN).json()["servers"]
        (server,) = listed
        return dict(server)

    def zone(self) -> str:
        return str(self.found()["OS-EXT-AZ:availability_zone"])

    def wrong(self, zone: str) -> str:
        """What is not as a whole run to this zone leaves it."""
        server = self.found()
        keys = ("OS-EXT-AZ:availability_zone", "pinned_availability_zone", "status", "tags")
        seen = [server[key] for key in keys]
        return "" if seen == [zone, zone, "SHUTOFF", []] else str(seen)

    def locks(self) -> list[str]:
        return [name for name in self.cloud.aggregates() if name not in ZONES]

    def harmed(self) -> str:
        """A server that lost its pin, and does not say which it had."""
        server = self.found()
        lost = server["pinned_availability_zone"] is None and not server["tags"]
        return f"the pin is lost: {server}" if lost else ""


def asked(zone: str) -> dict[str, Any]:
    """That the other zone is emptied into this one."""
    return {
        "region": {"zones": list(ZONES), "cloud": "lab"},
        "zones": {name: {"compute": {"hosts": hosts_of(name)[:1]}} for name in ZONES},
        "limit": [name for name in ZONES if name != zone],
        "shared_disks": True,
        "storage_reachable": True,
        "timeout": 60,
        "api_timeout": 20,
    }


def other(zone: str) -> str:
    return next(name for name in ZONES if name != zone)


def sweeps(writes: int, often: Callable[[Fault, int], bool]) -> Iterator[Any]:
    """Each fault at each write; the others than those of `often` on request only."""
    for fault in (*KILLS, *DROPS, *ANSWERS):
        for index in range(writes):
            marks = () if often(fault, index) else (pytest.mark.full,)
            yield pytest.param(fault, index, id=f"{fault.name.replace(' ', '-')}-{index}", marks=marks)


def writes_of(lab: LabClient, pair: Pair, modules: Modules, arguments: Mapping[str, Any], to: str) -> list[str]:
    """Of a run that nothing disturbs."""
    mark = lab.mark()
    ended = modules.run(MODULE, dict(arguments))
    assert not ended.failed, ended.answer["msg"]
    assert pair.wrong(to) == ""
    return [f"{one.service} {one.method} {one.path}" for one in lab.requests(mark) if one.writes]


def struck(
    lab: LabClient, pair: Pair, modules: Modules, arguments: Mapping[str, Any], to: str, fault: Fault, index: int
) -> None:
    """A run that is struck at a write harms nothing, and the next one ends where a clean one does."""
    given = dict(arguments)
    ended = strike(lab, modules, MODULE, given, fault, index)
    assert pair.harmed() == ""
    if ended is not None:
        honest(ended, pair.wrong(to))
    again = modules.run(MODULE, given)
    assert not again.failed, again.answer["msg"]
    assert pair.wrong(to) == ""
    assert pair.locks() == [] or not again.answer["changed"]
    last = modules.run(MODULE, given)
    assert (last.failed, last.answer["changed"]) == (False, False)


def honest(ended: Ended, problem: str) -> None:
    """A run that says that it did not fail is where it shall be."""
    assert ended.answer["msg"]
    assert ended.failed or problem == ""
