# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the planner of zone_capacity_info takes, and how that grows: `make benchmark ARGS=capacity`. No cloud: what is measured is the planning alone."""

from __future__ import annotations

import argparse
import gc
import math
import os
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.model import Away, Question
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.plan import OUTCOMES, Planner

from benchmark.capacity.region import Draw, drawn

SERVERS = "1000,3000,10000,30000"
# Hosts of a zone and servers of a host stay the same while the region grows.
HOSTS, PER_HOST = 30, 10
# How much of the hosts is used. Where room is scarce, placing takes longer.
FULL = {"roomy": 0.3, "tight": 0.93, "full": 1.0}
LIMIT_SECONDS, LIMIT_MB = 10.0, 500


@dataclass(frozen=True)
class Measured:
    """One size."""

    draw: Draw
    kind: str
    seconds: float
    megabytes: int
    counts: dict[str, int]

    def cells(self, before: Measured | None) -> tuple[str, ...]:
        growth = ""
        if before is not None:
            times = self.draw.servers / before.draw.servers
            floor = times * math.log(self.draw.servers) / math.log(before.draw.servers)
            growth = f"{self.seconds / before.seconds:.1f} ({floor:.1f})"
        size = f"{self.draw.zones}x{self.draw.hosts}"
        counts = " ".join(str(self.counts[outcome]) for outcome in OUTCOMES)
        return self.kind, str(self.draw.servers), size, f"{self.seconds:.2f}", str(self.megabytes), growth, counts


HEAD = ("room", "servers", "zones x hosts", "CPU s", "MB", "growth (n log n)", " ".join(OUTCOMES))


def _measured(draw: Draw, kind: str) -> Measured:
    """Each zone in turn, in a process of its own: memory is that of its own largest moment."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        facts = drawn(draw)
        gc.collect()
        begun = time.process_time()
        planner = Planner(facts, Question())
        counts = dict.fromkeys(OUTCOMES, 0)
        answers = [
            planner.away(
                Away(
                    frozenset(name for name in facts.hosts if name.startswith(f"az{zone}/")), frozenset((f"az{zone}",))
                )
            )
            for zone in range(draw.zones)
        ]
        for answer in answers:
            for outcome in OUTCOMES:
                counts[outcome] += answer.counts[outcome]
        seconds = time.process_time() - begun
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        os.write(writer, " ".join(map(str, (seconds, megabytes, *counts.values()))).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answered:
        text = answered.read().split()
    _child, status = os.waitpid(child, 0)
    if status:
        raise SystemExit("the planner failed, see above")
    return Measured(draw, kind, float(text[0]), int(text[1]), dict(zip(OUTCOMES, map(int, text[2:]), strict=True)))


def _rows(sizes: list[int], kinds: list[str]) -> Iterator[tuple[Measured, Measured | None]]:
    for kind in kinds:
        before: Measured | None = None
        for servers in sizes:
            zones = max(2, round(servers / (HOSTS * PER_HOST)))
            found = _measured(Draw(zones, HOSTS, servers, full=FULL[kind]), kind)
            yield found, before
            before = found


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make benchmark ARGS='capacity …'", description=sys.modules["__main__"].__doc__
    )
    parser.add_argument("--servers", default=SERVERS, help="numbers of servers (default: %(default)s)")
    parser.add_argument("--room", default=",".join(FULL), help="of %(default)s")
    arguments = parser.parse_args()
    sizes = sorted(int(size) for size in arguments.servers.split(","))
    print(f"| {' | '.join(HEAD)} |\n|{' --- |' * len(HEAD)}")
    over = []
    for found, before in _rows(sizes, arguments.room.split(",")):
        print(f"| {' | '.join(found.cells(before))} |", flush=True)
        if found.seconds > LIMIT_SECONDS or found.megabytes > LIMIT_MB:
            over.append(f"{found.kind}, {found.draw.servers} servers")
    limit = f"{LIMIT_SECONDS:g} s and {LIMIT_MB} MB"
    print(f"\n{f'over {limit}: ' + '; '.join(over) if over else f'all within {limit}'}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
