# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark (tests/benchmark): the collection beside a bare script and beside openstack.cloud, all in one environment."""

from __future__ import annotations

from collections.abc import Sequence

from runner import kubernetes
from runner.environments import BENCHMARK, CORE_219, ensure
from runner.layout import laid_out
from runner.machine import COLLECTION, call
from runner.surroundings import surroundings

# What is measured in a room of its own: `make benchmark ARGS='storage …'`.
ROOMS = ("audit", "capacity", "drain", "evacuate", "rhoso", "storage")


def benchmark(arguments: Sequence[str]) -> int:
    """Measure and print the table. The exit code is that of the benchmark."""
    python = ensure(BENCHMARK) / "bin" / "python"
    room = next((name for name in ROOMS if arguments[:1] == [name]), "")
    # The public clients need a newer openstacksdk than openstack.cloud bears; the Python is the same.
    clients = ensure(CORE_219) / "bin"
    with laid_out() as folder:
        tests = folder / COLLECTION / "tests"
        path = f"{folder}:{tests}:{tests / 'lab'}"
        crds = kubernetes.definitions() / kubernetes.NEWEST
        more = {"ZONEOPS_CRDS": crds} if any(crds.glob("*.yaml")) else {}
        environ = surroundings(BENCHMARK, folder, PYTHONPATH=path, ZONEOPS_CLIENTS=clients, **more)
        module, rest = (f"benchmark.{room}", arguments[1:]) if room else ("benchmark", arguments)
        return call([python, "-m", module, *rest], folder, environ)
