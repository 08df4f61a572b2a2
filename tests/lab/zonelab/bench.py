# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's own figures: how fast it is up, how much memory it takes, what its proxies cost."""

from __future__ import annotations

import http.client
import statistics
import time
from typing import TYPE_CHECKING

from zonelab import launch
from zonelab.cache import cache_root
from zonelab.client import LabClient
from zonelab.environment import Environment
from zonelab.errors import LabError
from zonelab.memory import processor_seconds
from zonelab.options import Options
from zonelab.ports import ADDRESS
from zonelab.state import StateFolder

if TYPE_CHECKING:
    from collections.abc import Callable

PROBES = 200
TARGETS = {"from packages to serving": 30.0, "from a snapshot to serving": 8.0, "memory (PSS)": 700.0}


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def answer_time(port: int) -> float:
    """Milliseconds that keystone's version document takes on a kept connection: the median."""
    connection = http.client.HTTPConnection(ADDRESS, port, timeout=10)

    def ask() -> None:
        connection.request("GET", "/v3")
        if connection.getresponse().read() == b"":
            raise LabError("keystone gives an empty answer")

    try:
        return statistics.median(timed(ask) for _number in range(PROBES)) * 1000
    finally:
        connection.close()


def measure(state: StateFolder, options: Options) -> list[tuple[str, float, str]]:
    """Name, figure and unit of each."""
    Environment().ensure()
    figures = [
        ("from packages to serving", timed(lambda: launch.up(state, options, use_first_boot=False)), "s"),
        ("stop", timed(lambda: launch.down(state)), "s"),
        ("start again", timed(lambda: launch.up(state, options)), "s"),
    ]
    launch.down(state)
    launch.up(state, options, fresh=True)  # makes the snapshot where there is none
    launch.down(state)
    figures.append(("from a snapshot to serving", timed(lambda: launch.up(state, options, fresh=True)), "s"))
    lab = LabClient(state.path)
    seconds = sum(processor_seconds(pid) for pid in lab.record.processes.values())
    figures.append(("processor time of this start", seconds, "s"))
    direct = answer_time(lab.record.internal["keystone"])
    proxied = answer_time(lab.record.public["keystone"])
    figures.append(("the proxy's part of a request", proxied - direct, "ms"))
    megabytes = sum(process["megabytes"] for process in lab.info()["processes"].values())
    figures.append(("memory (PSS)", megabytes, "MB"))
    return figures


def bench(options: Options) -> int:
    """Print a table; 1 when a figure misses its target."""
    state = StateFolder(cache_root() / "lab" / "bench")
    launch.down(state)
    try:
        state.wipe()
        figures = measure(state, options)
    finally:
        launch.down(state)
    print(f"{'':32}{'figure':>9}    {'target':>9}")
    for name, figure, unit in figures:
        target = f"{TARGETS[name]:9.0f} {unit}" if name in TARGETS else ""
        print(f"{name:32}{figure:9.1f} {unit:2} {target}")
    return 1 if any(figure > TARGETS.get(name, figure) for name, figure, _unit in figures) else 0
