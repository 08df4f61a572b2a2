# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs suites stage by stage and collects one result for each."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from runner.machine import IN_CI, Problem, cache
from runner.process import Failed, end_all
from runner.report import Result, Verdict, line, log_end
from runner.suite import Job, Stage, Suite
from runner.surroundings import forget_stray_collections, home, stray_collections


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
        for stage in Stage:
            chosen = [suite for suite in suites if suite.stage is stage]
            with ThreadPoolExecutor(stage.at_once) as pool:
                waiting: list[Future[Result]] = [pool.submit(self._one, suite) for suite in chosen]
                try:
                    for done in as_completed(waiting):
                        result = done.result()
                        results[result.suite] = result
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
