# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the storage tasks by the number of zones: `make benchmark ARGS=storage`."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmark.measure import Failed, Figures, measure, median
from benchmark.storage.cloud import Storage
from benchmark.storage.tasks import CLIENTS, OTHER, OURS, TASKS, Task
from benchmark.storage.ways import Way

HEAD = ("ZONES", "TASK", "CASE", "CONTENDER", "WALL s", "CPU s", "CALLS", "MB")
LEFT = 4


def rows(storage: Storage, task: Task, ways: Sequence[Way], repeat: int) -> Iterator[tuple[str, ...]]:
    """Each contender makes everything, and then finds what it has made: what marks it as its own is its own."""
    for way in ways:
        for case in ("first", "no-op") if task.drop else ("no-op",):
            found = typical([run(storage, task, way, first=case == "first") for _turn in range(repeat)], case)
            cost = (f"{found.seconds:.1f}", f"{found.processor:.2f}", str(found.calls), f"{found.megabytes:.0f}")
            yield (str(len(storage.zones)), task.name, case, way.name, *cost)


def typical(runs: Sequence[Figures], case: str) -> Figures:
    """Calls of a no-op have to be the same every time. What waits asks as often as the wait takes."""
    if case == "first":
        calls = statistics.median_low(run.calls for run in runs)
        runs = [replace(run, calls=calls) for run in runs]
    return median(runs)


def run(storage: Storage, task: Task, way: Way, *, first: bool) -> Figures:
    """One run. Raises Failed where the cloud is not as wanted afterwards, or the contender says otherwise."""
    if first and task.drop:
        task.drop(storage)
    finished = measure(way.command(storage, first=first), storage.environ, storage.lab)
    if not task.done(storage):
        raise Failed(f"{way.name} left {task.name} in another state:\n{finished.output[-3000:]}")
    if way.changed(finished.output) not in (None, first):
        raise Failed(f"{way.name}, {task.name}: said changed={not first}:\n{finished.output[-3000:]}")
    return finished.figures


def main() -> int:
    parser = argparse.ArgumentParser(prog="make benchmark ARGS='storage …'", description=__doc__)
    parser.add_argument("--zones", default="3,10,30", help="numbers of zones (default: %(default)s)")
    parser.add_argument("--tasks", default="", help=f"of {', '.join(task.name for task in TASKS)} (default: all)")
    parser.add_argument("--contenders", default="", help=f"of {OURS}, {OTHER}, {CLIENTS} (default: all)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of which the median counts (default: %(default)s)")
    arguments = parser.parse_args()
    tasks, contenders = (
        {name.strip() for name in text.split(",")} - {""} for text in (arguments.tasks, arguments.contenders)
    )
    rule = ("---" if number < LEFT else "---:" for number in range(len(HEAD)))
    print(f"| {' | '.join(HEAD)} |\n| {' | '.join(rule)} |")
    try:
        for zones in map(int, arguments.zones.split(",")):
            with tempfile.TemporaryDirectory(prefix="zoneops-benchmark-") as folder:
                storage = Storage(Path(folder), zones)
                try:
                    storage.start()
                    for task in TASKS:
                        if not tasks or task.name in tasks:
                            ways = [way for way in task.ways if not contenders or way.name in contenders]
                            for row in rows(storage, task, ways, arguments.repeat):
                                print(f"| {' | '.join(row)} |", flush=True)
                finally:
                    storage.stop()
    except Failed as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
