# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""At every write of every converge: killed, dropped, answered wrongly or late; the next run ends where a clean one does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from .scenarios import SCENARIOS, Scenario
from .strike import Fault
from .sweep import ANSWERS, DROPS, KILLED_AFTER, KILLS, READS, Bench, chosen

# A converge that creates, moves, renames and deletes.
WHOLE = ("create_new", "swap", "rename_and_purge", "absent")


def sweeps() -> Iterator[Any]:
    """Every scenario with every fault. Killed after write k is killed before write k+1: `make test` does one of the two."""
    for scenario in SCENARIOS:
        for fault in (*KILLS, *DROPS, *ANSWERS, *READS):
            often = fault is KILLED_AFTER or (fault in DROPS and scenario.name in WHOLE)
            marks = () if often else (pytest.mark.full,)
            yield pytest.param(scenario, fault, id=f"{scenario.name}-{fault.name.replace(' ', '-')}", marks=marks)


@pytest.mark.parametrize(("scenario", "fault"), list(sweeps()))
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
