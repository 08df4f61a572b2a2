# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No processor waits while a suite could run on it, and nothing runs beside what it must not run beside."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from runner import schedule
from runner.environments import TOOLS
from runner.process import Failed
from runner.report import Verdict
from runner.schedule import Run, fitting, in_order
from runner.suite import Job, Kind, Suite


@pytest.fixture(autouse=True)
def _two_processors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr(schedule, "home", lambda: tmp_path)
    monkeypatch.setattr(schedule, "cache", lambda: tmp_path)


def one(name: str, budget: int, kind: Kind, run: Callable[[Job], str] = lambda _job: "done") -> Suite:
    return Suite(name, budget, kind, TOOLS, run)


QUICK, UNIT = one("lint", 5, Kind.QUICK), one("unit", 100, Kind.MAIN)
PLAYS, MORE = one("plays", 90, Kind.PLAYS), one("more", 80, Kind.PLAYS)
LONG, SHORT = one("faults", 500, Kind.LAB), one("model", 50, Kind.LAB)
DEMO, OTHER = one("pages", 200, Kind.DEMO), one("molecule", 150, Kind.DEMO)


def test_quick_ones_come_first_then_the_longest() -> None:
    assert in_order([SHORT, UNIT, LONG, DEMO, QUICK]) == [QUICK, LONG, DEMO, UNIT, SHORT]


@pytest.mark.parametrize(
    ("running", "begins"),
    [
        ([], DEMO),
        ([UNIT], DEMO),
        ([LONG], DEMO),
        ([OTHER], SHORT),
        ([LONG, UNIT], DEMO),
        ([LONG, UNIT, SHORT], None),
        ([LONG, UNIT, PLAYS], None),
        ([LONG, PLAYS, MORE], DEMO),
    ],
    ids=lambda value: "+".join(suite.name for suite in value) if isinstance(value, list) else None,
)
def test_what_may_begin(running: list[Suite], begins: Suite | None) -> None:
    assert fitting([DEMO, SHORT], running) is begins


@pytest.mark.parametrize(
    ("running", "waiting", "begins"),
    [
        ([SHORT, DEMO], [LONG, UNIT], UNIT),
        ([UNIT], [UNIT, SHORT], SHORT),
        ([LONG, UNIT], [UNIT, SHORT], SHORT),
        ([UNIT], [UNIT], UNIT),
        ([LONG, SHORT], [DEMO], DEMO),
        ([LONG, SHORT], [QUICK, DEMO, UNIT], QUICK),
        ([LONG, SHORT], [DEMO, PLAYS], PLAYS),
        ([LONG, SHORT, PLAYS], [DEMO, UNIT, MORE], MORE),
        ([LONG, PLAYS], [SHORT, UNIT, MORE], SHORT),
    ],
    ids=lambda value: "+".join(suite.name for suite in value) if isinstance(value, list) else value.name,
)
def test_one_that_calculates_runs_beside_two_on_labs(running: list[Suite], waiting: list[Suite], begins: Suite) -> None:
    """Whichever is the longest, while there are both."""
    assert fitting(waiting, running) is begins


def test_with_many_processors_three_labs_run_beside_what_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    assert fitting([SHORT, DEMO, UNIT], [LONG, one("article", 60, Kind.LAB), one("model", 60, Kind.LAB)]) is UNIT
    assert fitting([OTHER, UNIT], [DEMO]) is UNIT


def test_all_run_and_each_result_is_at_its_place(tmp_path: Path) -> None:
    """A failure stops nothing, and never do more than three run at once on two processors."""
    guard, now, most = threading.Lock(), [0], [0]

    def work(job: Job) -> str:
        with guard:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.1)
        with guard:
            now[0] -= 1
        if job.suite.name == "suite-3":
            raise Failed("broken")
        return job.suite.name

    kinds = [Kind.LAB, Kind.DEMO, Kind.MAIN, Kind.QUICK]
    suites = [one(f"suite-{number}", number, kinds[number % 4], work) for number in range(12)]
    results = Run(tmp_path / "layout").suites(suites)
    assert [result.suite for result in results] == suites
    assert [result.suite.name for result in results if result.verdict is Verdict.FAILED] == ["suite-3"]
    assert most == [3]


def test_nothing_chosen_is_no_error(tmp_path: Path) -> None:
    assert Run(tmp_path / "layout").suites([]) == []
