# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed, dropped, answered wrongly or late at the writes of every converge; the next run ends where a clean one does.

Every fault at every write of these converges is tried on nova's model in tests/unit/plugins/module_utils/_compute/test_sweep.py, and the model
against nova in tests/integration/model. Here every kind strikes a real nova, at writes spread over all converges; the whole is on request.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from .scenarios import SCENARIOS, Scenario
from .strike import Fault
from .sweep import ANSWERS, DROPS, KILLED_AFTER, KILLS, READS, Bench, chosen

# A converge that creates, moves, renames and deletes: killed and dropped at three of its writes.
WHOLE = ("create_new", "swap", "rename_and_purge", "absent")
OFTEN = (KILLED_AFTER, *DROPS)
# The others: the kinds take turns, each in the middle of one.
ONCE = (*KILLS, *DROPS, *ANSWERS)


def sample() -> Iterator[Any]:
    """Every converge with its faults. Those that strike at several writes do it in another order in each."""
    whole = [scenario for scenario in SCENARIOS if scenario.name in WHOLE]
    for turn, scenario in enumerate(whole):
        yield pytest.param(scenario, (*OFTEN[turn % 3 :], *OFTEN[: turn % 3]), id=scenario.name)
    for turn, scenario in enumerate(scenario for scenario in SCENARIOS if scenario.name not in WHOLE):
        yield pytest.param(scenario, ONCE[turn :: len(SCENARIOS) - len(WHOLE)], id=scenario.name)


@pytest.mark.parametrize(("scenario", "faults"), list(sample()))
def test_kinds(bench: Bench, scenario: Scenario, faults: Sequence[Fault]) -> None:
    """The faults at writes that are evenly spread over the converge."""
    number = chosen(bench.clean(scenario), writes=True)
    for turn, fault in enumerate(faults, start=1):
        bench.strike(scenario, fault, writes=True, index=number * turn // (len(faults) + 1))


def test_every_kind_strikes() -> None:
    struck = {fault.name for param in sample() for fault in param.values[1]}
    assert struck == {fault.name for fault in (*KILLS, *DROPS, *ANSWERS)}


@pytest.mark.full
@pytest.mark.parametrize("fault", (*KILLS, *DROPS, *ANSWERS, *READS), ids=lambda fault: fault.name.replace(" ", "-"))
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_sweep(bench: Bench, scenario: Scenario, fault: Fault) -> None:
    began = time.monotonic()
    writes = fault not in READS
    number = chosen(bench.clean(scenario), writes=writes)
    broken = []
    for index in range(number):
        try:
            bench.strike(scenario, fault, writes=writes, index=index)
        except AssertionError as error:
            broken.append(f"request {index + 1} of {number} {fault.name}: {error}")
    print(f"FIGURES {scenario.name}: {fault.name}: {number} requests, {time.monotonic() - began:.1f} s")
    assert not broken, "\n".join(broken)
