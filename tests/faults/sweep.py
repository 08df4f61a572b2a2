# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One fault at one request of a converge, and what must be true after it and after the next run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from zonelab.client import LabClient, Request

from .harm import at_home, difference, unharmed
from .module_process import PATIENCE, Ended, Modules
from .region import Region, State
from .scenarios import Scenario
from .strike import Fault, strike, until_hit

KILLED_AFTER = Fault("killed after nova acted", {"kind": "hang-after"}, kill=True)
KILLS = (Fault("killed before nova acts", {"kind": "hang"}, kill=True), KILLED_AFTER)
DROPS = (
    Fault("dropped before", {"kind": "drop-before"}),
    Fault("dropped after", {"kind": "drop-after"}),
)
ANSWERS = (
    Fault("500 before", {"kind": "status", "status": 500}),
    Fault("504 after", {"kind": "status-after", "status": 504}),
    Fault("409", {"kind": "status", "status": 409}),
    Fault("429", {"kind": "status", "status": 429, "retry_after": 1}, harmless=True),
    Fault("slow", {"kind": "delay", "seconds": 0.3}, harmless=True),
)
# Reads are repeated.
READS = (
    Fault("read dropped", {"kind": "drop-before"}, harmless=True),
    Fault("read 503", {"kind": "status", "status": 503}, harmless=True),
)


@dataclass(frozen=True)
class Bench:
    """A lab, its region, and the modules that work on it."""

    lab: LabClient
    region: Region
    modules: Modules

    def start(self, scenario: Scenario) -> None:
        self.lab.clear_faults()
        self.region.make(scenario.start)

    def run(self, scenario: Scenario) -> Ended:
        return self.modules.run(scenario.module, scenario.arguments)

    def clean(self, scenario: Scenario) -> list[Request]:
        """Run without a fault; the requests of the module."""
        self.start(scenario)
        mark = self.lab.mark()
        ended = self.run(scenario)
        requests = self.lab.requests(mark)
        assert not ended.failed, ended.answer["msg"]
        assert ended.answer["changed"]
        assert self.region.state() == scenario.end
        assert self.region.locks() == []
        return requests

    def strike(self, scenario: Scenario, fault: Fault, *, writes: bool, index: int) -> None:
        """The fault at the write or read with this index, then a second run."""
        self.start(scenario)
        which = {"writes": True} if writes else {"method": "GET"}
        ended = strike(self.lab, self.modules, scenario.module, scenario.arguments, fault, index, **which)
        left = self.region.locks()
        found = self.region.state()
        unharmed(scenario, found)
        if ended is not None:
            at_home(scenario, found)
            honest(scenario, found, ended)
            assert left == [] or not writes or index == 0 or "zoneops:lock" in " ".join(ended.warnings)
        again = self.run(scenario)
        assert not again.failed, f"the next run failed: {again.answer['msg']}"
        end = self.region.state()
        assert end == scenario.end, f"the next run ended elsewhere: {difference(scenario.end, end)}"
        if again.answer["changed"]:
            assert self.region.locks() == []
            taken_over = any("was taken over" in warning for warning in again.warnings)
            assert taken_over == bool(left), again.warnings

    def hits(self, number: int) -> int:
        return next(int(fault["hits"]) for fault in self.lab.faults() if fault["id"] == number)

    def until_caught(self, number: int, times: int = 1) -> None:
        """Until so many requests wait in the fault."""
        end = time.monotonic() + PATIENCE
        while self.hits(number) < times:
            assert time.monotonic() < end, "the request was never made"
            time.sleep(0.02)

    def until_hit(self, number: int, mark: int, ended: Callable[[], object]) -> None:
        """Until the request of the run hangs: it is in the log by then, and the server has acted where it should."""
        until_hit(self.lab, number, mark, ended)


def honest(scenario: Scenario, found: State, ended: Ended, *, alone: bool = True) -> None:
    """What the run says is what is there; `alone`, nobody else changed anything meanwhile."""
    answer = ended.answer
    assert answer["msg"]
    if not ended.failed:
        assert found == scenario.end, f"not failed, but {difference(scenario.end, found)}"
    zones = answer.get("zones")
    if zones is None:
        assert ended.failed
        assert found == scenario.start, f"failed as a whole, but wrote: {difference(scenario.start, found)}"
        return
    assert answer["failed"] == any(verdict["failed"] for verdict in zones.values())
    assert answer["changed"] == any(verdict["changed"] for verdict in zones.values())
    for name, verdict in zones.items():
        assert verdict["msg"], f"{name}: an empty message"
        if scenario.module == "availability_zones":
            assert_shown(verdict["state"], found)
    wrote = difference(scenario.start, found)
    assert not alone or answer["changed"] == bool(wrote), (
        f"changed is {answer['changed']}, but: {wrote or 'nothing changed'}"
    )


def assert_shown(shown: dict[str, Any], found: State) -> None:
    if not shown:
        return
    real = found.aggregates[shown["aggregate"]]
    assert shown["availability_zone"] == real.zone
    assert set(shown["hosts"]) == real.hosts
    assert dict(shown["metadata"]) == dict(real.metadata)
    assert shown["disabled_hosts"] == {host: found.disabled[host] for host in real.hosts if host in found.disabled}


def chosen(requests: Sequence[Request], *, writes: bool) -> int:
    """How many requests of a run are writes, or reads."""
    if writes:
        return sum(request.writes for request in requests)
    return sum(request.method == "GET" for request in requests)
