# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark (tests/benchmark): the collection beside a bare script and beside openstack.cloud, all in one environment."""

from __future__ import annotations

from collections.abc import Sequence

from runner.environments import BENCHMARK, ensure
from runner.layout import laid_out
from runner.machine import COLLECTION, call
from runner.surroundings import surroundings


def benchmark(arguments: Sequence[str]) -> int:
    """Measure and print the table. The exit code is that of the benchmark."""
    python = ensure(BENCHMARK) / "bin" / "python"
    with laid_out() as folder:
        tests = folder / COLLECTION / "tests"
        environ = surroundings(BENCHMARK, folder, PYTHONPATH=f"{folder}:{tests}:{tests / 'lab'}")
        return call([python, "-m", "benchmark", *arguments], folder, environ)
