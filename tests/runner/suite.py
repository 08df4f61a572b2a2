# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A suite is a named check with a budget in seconds; a job is one run of it: where it runs, with which environment."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from runner.environments import Environment
from runner.machine import COLLECTION
from runner.process import Failed, execute
from runner.surroundings import surroundings

# A machine may be slower than the one the budgets were written on; what takes this many times its budget hangs.
PATIENCE = 6

# How many of the tests that failed the table names, and how much of each error.
SHOWN, WIDTH = 3, 300


class Kind(Enum):
    """What a suite needs of the machine."""

    QUICK = "seconds: before all others"
    MAIN = "a processor"
    PLAYS = "half a processor: plays that it runs wait for each other and for time limits"
    LAB = "a lab, which is five processes, and the tests on it are timed"
    DEMO = "a lab, and what there is one of: the demo's lab"

    @property
    def at_once(self) -> int:
        """How many of this kind run side by side: one more than there are processors, as tests wait for a fifth of their time."""
        all_together = (os.cpu_count() or 1) + 1
        return {Kind.LAB: min(3, all_together), Kind.DEMO: 1}.get(self, all_together)

    @property
    def load(self) -> float:
        """What part of a place it takes among all that run side by side."""
        return 0.5 if self is Kind.PLAYS else 1.0


@dataclass(frozen=True)
class Suite:
    """A named check.

    :ivar on_request: runs only where it is named: what takes too long for every run.
    :ivar needs: why it cannot run on this machine, or nothing, beside what its environment needs.
    """

    name: str
    budget: int
    kind: Kind
    environment: Environment
    run: Callable[[Job], str] = field(repr=False)
    on_request: bool = False
    needs: Callable[[], str] = field(repr=False, default=str)

    @property
    def missing(self) -> str:
        """Why it cannot run on this machine, or nothing."""
        return self.environment.missing or self.needs()

    def chosen_by(self, names: list[str]) -> bool:
        """`unit` chooses every `unit:…`, `unit:core-2.19` only that one; no name chooses all but those on request."""
        return (not names and not self.on_request) or self.name in names or self.name.partition(":")[0] in names


@dataclass(frozen=True)
class Job:
    """What a suite's function works with."""

    suite: Suite
    layout: Path
    log: Path
    arguments: tuple[str, ...] = ()
    show: bool = False

    @property
    def collection(self) -> Path:
        return self.layout / COLLECTION

    def environ(self, **more: str | Path) -> dict[str, str]:
        """Where a command of this suite runs: its environment's programs, the layout, and nothing of the user's."""
        return surroundings(self.suite.environment, self.layout, **more)

    def run(self, *argv: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
        """Run a command in the laid-out collection; fail with its exit code, else return its output."""
        code, output = execute(
            argv,
            cwd=cwd or self.collection,
            env=env or self.environ(),
            log=self.log,
            limit=self.suite.budget * PATIENCE,
            show=self.show,
        )
        if code:
            raise Ended(f"{Path(argv[0]).name} ended with exit code {code}", output)
        return output

    def pytest(self, *arguments: str | Path, env: Mapping[str, str] | None = None) -> str:
        """Run pytest and return its own count; tests that were skipped, or none at all, are a failure."""
        command = ["python", "-m", "pytest", "-rfEsx", "-q", "--import-mode=importlib", "-p", "no:cacheprovider"]
        command += ["--durations=10", "--durations-min=5"]
        chosen = [part for part in self.arguments if (self.collection / part.partition("::")[0]).exists()]
        options = [part for part in self.arguments if part not in chosen]
        # A narrow terminal would leave no room for the errors beside the names of the tests.
        environ = {**(env or self.environ(PYTHONPATH=self.layout)), "COLUMNS": str(WIDTH)}
        try:
            output = self.run(*command, *(chosen or arguments), *options, env=environ)
        except Ended as ended:
            raise Failed(failed_tests(ended.output) or str(ended)) from None
        summary = output.strip().rpartition("\n")[2].strip("= ")
        if re.search(r"skipped|xfailed|xpassed", summary) or not re.search(r"\d+ passed", summary):
            raise Failed(f"every test must run and pass: {summary}")
        return summary


class Ended(Failed):
    """A command's exit code was not 0."""

    def __init__(self, message: str, output: str) -> None:
        super().__init__(message)
        self.output = output


def failed_tests(output: str) -> str:
    """The tests that failed, each with its error, as pytest lists them at its end."""
    _before, heading, listed = output.rpartition("short test summary info")
    found = [line for line in listed.splitlines() if heading and line.startswith(("FAILED ", "ERROR "))]
    more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    return "; ".join([*(textwrap.shorten(line, WIDTH, placeholder=" …") for line in found[:SHOWN]), *more])
