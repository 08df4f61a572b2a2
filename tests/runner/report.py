# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the reader sees: one line per suite as it ends, the end of the log when it failed, a table, and the count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from runner.suite import Suite

TAIL = 40


class Verdict(Enum):
    PASSED = "passed"
    FAILED = "FAILED"
    NOT_RUN = "NOT RUN"


@dataclass(frozen=True)
class Result:
    """How one suite ended."""

    suite: Suite
    verdict: Verdict
    seconds: float
    said: str
    log: Path

    @property
    def budget(self) -> str:
        return f"{self.suite.budget}{' (over)' if self.seconds > self.suite.budget else ''}"


def line(result: Result) -> str:
    return f"{result.verdict.value:7} {result.seconds:6.1f} s  {result.suite.name:22} {result.said}"


def log_end(log: Path) -> str:
    """The last lines of a failed suite's log, and where the rest is."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join([*(f"    {text}" for text in lines[-TAIL:]), f"    (the whole output: {log})"])


def table(results: Sequence[Result]) -> str:
    rows = [("suite", "seconds", "budget", "verdict", "")]
    rows += [(r.suite.name, f"{r.seconds:.1f}", r.budget, r.verdict.value, r.said) for r in results]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]) for row in rows
    )


def closing(results: Iterable[Result]) -> str:
    """The lines after the table: what did not run, loudly, and then the count."""
    by_verdict = {verdict: [result for result in results if result.verdict is verdict] for verdict in Verdict}
    not_run = [f"NOT RUN: {result.suite.name}: {result.said}" for result in by_verdict[Verdict.NOT_RUN]]
    count = f"{len(by_verdict[Verdict.PASSED])} passed, {len(by_verdict[Verdict.FAILED])} failed"
    return "\n".join([*not_run, count])
