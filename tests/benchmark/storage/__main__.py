# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the storage tasks by the number of zones: `make benchmark ARGS=storage`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmark.measure import Failed, Figures, measure, median
from benchmark.storage.cloud import Storage
from benchmark.storage.tasks import TASKS, Task
from benchmark.storage.ways import Way

HEAD = ("ZONES", "TASK", "CASE", "CONTENDER", "WALL s", "CPU s", "CALLS", "MB")
LEFT = 4


def rows(storage: Storage, task: Task, repeat: int) -> Iterator[tuple[str, ...]]:
    """First everything is made, then there is nothing to do."""
    for case in ("first", "no-op") if task.drop else ("no-op",):
        runs: dict[str, list[Figures]] = {way.name: [] for way in task.ways}
        for way in task.ways:
            for _turn in range(repeat):
                runs[way.name].append(run(storage, task, way, first=case == "first"))
        for name, figures in runs.items():
            found = median(figures)
            cost = (f"{found.seconds:.1f}", f"{found.processor:.2f}", str(found.calls), f"{found.megabytes:.0f}")
            yield (str(len(storage.zones)), task.name, case, name, *cost)


def run(storage: Storage, task: Task, way: Way, *, first: bool) -> Figures:
    """One run. Raises Failed where the cloud is not as wanted afterwards, or the contender says otherwise."""
    if first and task.drop:
        task.drop(storage)
    elif task.drop:
        # Each finds what it made itself: what marks it as its own is its own.
        make_sure(storage, task, way)
    finished = measure(way.command(storage, first=first), storage.environ, storage.lab)
    if not task.done(storage):
        raise Failed(f"{way.name} left {task.name} in another state:\n{finished.output[-3000:]}")
    if way.changed(finished.output) not in (None, first):
        raise Failed(f"{way.name}, {task.name}: said changed={not first}:\n{finished.output[-3000:]}")
    return finished.figures


_made: dict[tuple[int, str], str] = {}


def make_sure(storage: Storage, task: Task, way: Way) -> None:
    """The cloud as this contender has made it."""
    key = (id(storage), task.name)
    if _made.get(key) == way.name and task.done(storage):
        return
    run(storage, task, way, first=True)
    _made[key] = way.name


def main() -> int:
    parser = argparse.ArgumentParser(prog="make benchmark ARGS='storage …'", description=__doc__)
    parser.add_argument("--zones", default="3,10,30", help="numbers of zones (default: %(default)s)")
    parser.add_argument("--tasks", default="", help=f"of {', '.join(task.name for task in TASKS)} (default: all)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of which the median counts (default: %(default)s)")
    arguments = parser.parse_args()
    wanted = [name.strip() for name in arguments.tasks.split(",") if name.strip()]
    print(
        "\n".join(
            f"| {' | '.join(line)} |" for line in (HEAD, ["---" if n < LEFT else "---:" for n in range(len(HEAD))])
        )
    )
    try:
        for zones in map(int, arguments.zones.split(",")):
            with tempfile.TemporaryDirectory(prefix="zoneops-benchmark-") as folder:
                storage = Storage(Path(folder), zones)
                try:
                    storage.start()
                    for task in TASKS:
                        if not wanted or task.name in wanted:
                            for row in rows(storage, task, arguments.repeat):
                                print(f"| {' | '.join(row)} |", flush=True)
                finally:
                    storage.stop()
    except Failed as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
