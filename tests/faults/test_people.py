# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person changes aggregates while a run works: the run ends honestly, and no host is in two zones or silently in none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .module_process import PATIENCE, Ended
from .region import Region, aggregate
from .scenarios import A0, A1, B0, B1, Scenario, state, zone
from .sweep import Bench, honest

START = state(az1=aggregate("az1", A0, A1), az2=aggregate("az2", B0))
MOVE = Scenario(
    "move",
    START,
    {"az1": zone(A0), "az2": zone(B0, A1)},
    state(az1=aggregate("az1", A0), az2=aggregate("az2", B0, A1)),
    asked={"allow": ["host_moves"]},
)
ADD = Scenario(
    "add",
    START,
    {"az1": zone(A0, A1), "az2": zone(B0, B1)},
    state(az1=aggregate("az1", A0, A1), az2=aggregate("az2", B0, B1)),
)
PURGE = Scenario(
    "purge",
    START,
    {"az1": zone(A0), "az2": zone(B0)},
    state({A1: "zoneops:az1->"}, az1=aggregate("az1", A0), az2=aggregate("az2", B0)),
    asked={"purge_hosts": True},
)


def to_third_zone(region: Region, host: str, source: str | None) -> None:
    if source:
        region.remove_host(source, host)
    region.create("theirs", "az3")
    region.add_host("theirs", host)


def meanwhile(bench: Bench, scenario: Scenario, fault: dict[str, Any], act: Callable[[Region], None]) -> Ended:
    """The person acts while the run waits for the answer to one of its requests."""
    bench.start(scenario)
    number = bench.lab.add_fault("delay", service="nova", seconds=PATIENCE, count=1, **fault)
    running = bench.modules.start(scenario.module, scenario.arguments)
    bench.until_caught(number)
    act(bench.region)
    bench.lab.clear_faults()
    return running.wait()


def writes(method: str, skip: int = 0) -> dict[str, Any]:
    """The writes after the lock."""
    return {"method": method, "path": r"os-(aggregates/\d+|services)", "writes": True, "skip": skip}


BEFORE_DISABLE = writes("PUT")
BEFORE_REMOVE = writes("POST")
BEFORE_ADD = writes("POST", 1)
MOVES: list[Any] = [
    pytest.param(BEFORE_DISABLE, lambda region: to_third_zone(region, A1, "az1"), {"az3"}, id="moved before disable"),
    pytest.param(BEFORE_REMOVE, lambda region: to_third_zone(region, A1, "az1"), {"az3"}, id="moved before remove"),
    pytest.param(BEFORE_ADD, lambda region: to_third_zone(region, A1, None), {"az3"}, id="added elsewhere before add"),
    pytest.param(BEFORE_REMOVE, lambda region: region.delete("az2"), {"az1"}, id="target deleted before remove"),
    pytest.param(BEFORE_ADD, lambda region: region.delete("az2"), {"az1"}, id="target deleted before add"),
]


@pytest.mark.parametrize(("fault", "act", "zones"), MOVES)
def test_move(bench: Bench, fault: dict[str, Any], act: Callable[[Region], None], zones: set[str]) -> None:
    ended = meanwhile(bench, MOVE, fault, act)
    found = bench.region.state()
    assert ended.failed, "what was asked for is not there"
    honest(MOVE, found, ended, alone=False)
    assert found.zones_of(A1) == zones
    assert A1 not in found.disabled, found.disabled
    assert "NO zone" not in ended.answer["msg"], ended.answer["msg"]
    assert bench.region.locks() == []


def test_source_deleted_before_the_host_is_taken_out(bench: Bench) -> None:
    """The person has left the host in no zone, where the run wants it out of as well: it goes on, or keeps it disabled."""
    ended = meanwhile(bench, MOVE, BEFORE_REMOVE, lambda region: region.delete("az1"))
    found = bench.region.state()
    honest(MOVE, found, ended, alone=False)
    assert found.zones_of(A1) == {"az2"} or A1 in found.disabled
    bench.run(MOVE)
    again = bench.run(MOVE)
    assert not again.failed, again.answer["msg"]
    assert bench.region.state() == MOVE.end


def test_host_disabled_by_a_person_keeps_his_reason(bench: Bench) -> None:
    # The last read before the disable is that of the service; the person is in time until then.
    last_read = {"method": "GET", "path": f"os-services.*host={A1}"}
    ended = meanwhile(bench, MOVE, last_read, lambda region: region.switch(A1, "smoke"))
    assert ended.failed
    assert "disabled (smoke)" in ended.answer["msg"]
    found = bench.region.state()
    assert found.zones_of(A1) == {"az1"}
    assert found.disabled[A1] == "smoke"


def test_host_added_elsewhere_by_a_person(bench: Bench) -> None:
    ended = meanwhile(bench, ADD, BEFORE_REMOVE, lambda region: to_third_zone(region, B1, None))
    assert ended.failed
    found = bench.region.state()
    honest(ADD, found, ended, alone=False)
    assert found.zones_of(B1) == {"az3"}
    assert "already in availability zone" in ended.answer["msg"]


def test_host_that_a_person_moves_is_not_left_disabled_by_its_removal(bench: Bench) -> None:
    ended = meanwhile(bench, PURGE, BEFORE_REMOVE, lambda region: to_third_zone(region, A1, "az1"))
    assert ended.failed
    found = bench.region.state()
    assert found.zones_of(A1) == {"az3"}
    assert A1 not in found.disabled


def test_aggregate_deleted_by_a_person_before_a_host_joins(bench: Bench) -> None:
    ended = meanwhile(bench, ADD, BEFORE_REMOVE, lambda region: region.delete("az2"))
    assert ended.failed
    honest(ADD, bench.region.state(), ended, alone=False)
    again = bench.run(ADD)
    assert not again.failed, again.answer["msg"]
    assert bench.region.state() == ADD.end
