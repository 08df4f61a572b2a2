# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a program: how long it took, how much processor and memory, and what it asked of the cloud."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from zonelab.front_client import FrontClient


class Failed(Exception):
    """A contender did not do what it is measured for: its figures would be worth nothing."""


@dataclass(frozen=True)
class Figures:
    """What one run cost.

    :ivar seconds: of the wall clock.
    :ivar processor: seconds of processor time of the program and of all that it started; other load on the machine disturbs it less.
    :ivar calls: requests to the services of the cloud, those for authentication apart.
    :ivar megabytes: resident memory of the largest of its processes at its peak.
    """

    seconds: float
    processor: float
    calls: int
    megabytes: float


@dataclass(frozen=True)
class Finished:
    figures: Figures
    output: str


def measure(command: Sequence[str | Path], environ: Mapping[str, str], lab: FrontClient) -> Finished:
    """Run a program to its end. Raises Failed when its exit code is not 0."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryDirectory(prefix="zoneops-benchmark-") as folder:
        mark, start = lab.mark(), time.perf_counter()
        # From an empty folder, where no ansible.cfg and no clouds.yaml is found by chance.
        process = subprocess.Popen(command, cwd=folder, env=dict(environ), stdout=output, stderr=subprocess.STDOUT)
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors="replace")
    if process.returncode:
        raise Failed(f"{Path(command[0]).name} ended with exit code {process.returncode}:\n{text[-3000:]}")
    calls = sum(request.service != "keystone" for request in lab.requests(mark))
    return Finished(Figures(seconds, usage.ru_utime + usage.ru_stime, calls, usage.ru_maxrss / 1024), text)


def median(runs: Sequence[Figures]) -> Figures:
    """Of each figure by itself; calls have to be the same every time."""
    if len({run.calls for run in runs}) > 1:
        raise Failed(f"the number of calls differs from run to run: {[run.calls for run in runs]}")
    return Figures(
        statistics.median(run.seconds for run in runs),
        statistics.median(run.processor for run in runs),
        runs[0].calls,
        max(run.megabytes for run in runs),
    )
