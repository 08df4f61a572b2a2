# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The count is the last line, and what did not run is named before it."""

from __future__ import annotations

from pathlib import Path

from runner.environments import TOOLS
from runner.report import Result, Verdict, closing, log_end, table
from runner.suite import Kind, Suite


def result(name: str, verdict: Verdict, seconds: float = 1) -> Result:
    suite = Suite(name, 10, Kind.MAIN, TOOLS, lambda _job: "")
    return Result(suite, verdict, seconds, "said", Path("nowhere"))


def test_closing_counts_and_names_what_did_not_run() -> None:
    results = [result("a", Verdict.PASSED), result("b", Verdict.NOT_RUN), result("c", Verdict.FAILED)]
    assert closing(results) == "NOT RUN: b: said\n1 passed, 1 failed"


def test_table_marks_what_took_longer_than_its_budget() -> None:
    rows = table([result("short", Verdict.PASSED), result("long", Verdict.PASSED, 10.1)]).splitlines()
    assert [row.split()[:2] for row in rows[1:]] == [["short", "1.0"], ["long", "10.1"]]
    assert "(over)" not in rows[1]
    assert "10 (over)" in rows[2]


def test_log_end_names_the_log(tmp_path: Path) -> None:
    log = tmp_path / "suite.log"
    log.write_text("\n".join(map(str, range(100))))
    assert log_end(log).splitlines()[0] == "    60"
    assert log_end(log).endswith(f"    99\n    (the whole output: {log})")
