# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs suites side by side, the longest first, those on labs beside one that needs a processor, and collects one result for each."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from runner.machine import IN_CI, Problem, cache
from runner.process import Failed, end_all
from runner.report import Result, Verdict, line, log_end
from runner.suite import Job, Kind, Suite
from runner.surroundings import forget_stray_collections, home, stray_collections

# Suites that bring a lab up, those of the demo among them: the machine has room for so many.
ON_LABS = {Kind.LAB, Kind.DEMO}


def in_order(suites: Iterable[Suite]) -> list[Suite]:
    """The quick ones, then the longest first: the short ones fill the gaps at the end."""
    return sorted(suites, key=lambda suite: (suite.kind is not Kind.QUICK, -suite.budget))


def fitting(waiting: Iterable[Suite], running: Collection[Suite]) -> Suite | None:
    """The first suite that may begin beside those that run, or none.

    While both kinds wait, there is place for one that needs a processor, or two that need half of one, and for no more: tests on labs wait for a part of
    their time, and three that calculate share two processors.
    """
    room = Kind.MAIN.at_once - sum(suite.kind.load for suite in running)
    labs = sum(suite.kind in ON_LABS for suite in running)
    demos = sum(suite.kind is Kind.DEMO for suite in running)
    lab_is_free, demo_is_free = labs < Kind.LAB.at_once, demos < Kind.DEMO.at_once
    able = [
        suite
        for suite in waiting
        if suite.kind.load <= room
        and (suite.kind not in ON_LABS or (lab_is_free and (suite.kind is not Kind.DEMO or demo_is_free)))
    ]
    of_labs = [suite for suite in able if suite.kind in ON_LABS]
    others = [suite for suite in able if suite.kind not in ON_LABS]
    if of_labs and others and others[0].kind is not Kind.QUICK:
        kept = max(1, Kind.MAIN.at_once - Kind.LAB.at_once)
        calculating = sum(suite.kind.load for suite in running if suite.kind not in ON_LABS)
        if calculating + others[0].kind.load > kept:
            return of_labs[0]
        if labs >= Kind.MAIN.at_once - kept:
            return others[0]
    return able[0] if able else None


@dataclass(frozen=True)
class Run:
    """One call of the runner: its layout, and what it hands to the suites."""

    layout: Path
    arguments: tuple[str, ...] = ()
    show: bool = False

    def suites(self, suites: Sequence[Suite]) -> list[Result]:
        """All results, in the order of the catalogue. A failure stops nothing: one run shows all there is to mend."""
        home()
        forget_stray_collections()
        results: dict[Suite, Result] = {}
        waiting, running = in_order(suites), dict[Future[Result], Suite]()
        with ThreadPoolExecutor(max(len(suites), 1)) as pool:
            try:
                while waiting or running:
                    while (suite := fitting(waiting, running.values())) is not None:
                        waiting.remove(suite)
                        running[pool.submit(self._one, suite)] = suite
                    for done in wait(running, return_when=FIRST_COMPLETED).done:
                        result = done.result()
                        results[running.pop(done)] = result
                        self._tell(result)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                end_all()
                raise
        return [results[suite] for suite in suites]

    def _one(self, suite: Suite) -> Result:
        log = cache() / "logs" / self.layout.name / f"{suite.name.replace(':', '-')}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(b"")
        if suite.missing:
            verdict = Verdict.FAILED if IN_CI else Verdict.NOT_RUN
            return Result(suite, verdict, 0, suite.missing, log)
        start = time.monotonic()
        try:
            said = suite.run(Job(suite, self.layout, log, self.arguments, self.show))
            if stray_collections().exists():
                raise Failed(f"a tool installed the collection into {stray_collections()}: it shadows the layout")
            verdict = Verdict.PASSED
        except (Failed, Problem) as problem:
            said, verdict = str(problem), Verdict.FAILED
        return Result(suite, verdict, time.monotonic() - start, said, log)

    def _tell(self, result: Result) -> None:
        print(line(result), flush=True)
        if result.verdict is Verdict.FAILED and not self.show:
            print(log_end(result.log), flush=True)
