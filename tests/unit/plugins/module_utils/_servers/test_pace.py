# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast servers move beside a script that looks twice a second, and how many calls each costs: on a clock that only the calls and the pauses advance."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._servers import mover
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.model import (
    LIVE,
    LIVE_MIGRATION,
    MOVED,
    Move,
    Record,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.mover import Guard, Mover, Rules
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.waves import Bounds

CALL_SECONDS, LOOK_SECONDS, AT_ONCE = 0.05, 0.5, 10


@dataclass
class Nova:
    """Migrations that take their time; a stand-in for nova's list of them.

    :ivar ends: of each server's migration.
    """

    seconds: Callable[[], float]
    now: float = 0.0
    calls: int = 0
    ends: dict[str, tuple[Move, float]] = field(default_factory=dict)

    def _called(self) -> None:
        self.now += CALL_SECONDS
        self.calls += 1

    def start(self, move: Move) -> str:
        self._called()
        self.ends[move.server] = move, self.now + self.seconds()
        return "request"

    def changed(self, _since: str) -> Iterator[Record]:
        self._called()
        for move, end in self.ends.values():
            status = "completed" if self.now >= end else "running"
            yield Record(move.server, move.server, LIVE_MIGRATION, status, move.source, move.target, user="us")

    def look(self) -> Guard:
        self._called()
        return Guard(datetime(2030, 1, 1) + timedelta(seconds=self.now))

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def durations(seed: int, usual: float) -> Callable[[], float]:
    drawn = random.Random(seed)
    return lambda: usual * drawn.uniform(0.8, 1.3)


def floor(servers: int, hosts: int, nova: Nova) -> float:
    """One at a time from each host, and a look twice a second."""
    waiting = dict.fromkeys(range(hosts), servers // hosts)
    moving: dict[int, float] = {}
    while any(waiting.values()) or moving:
        for host in waiting:
            if waiting[host] and host not in moving and len(moving) < AT_ONCE:
                waiting[host] -= 1
                nova.now += CALL_SECONDS
                moving[host] = nova.now + nova.seconds()
        nova.now += LOOK_SECONDS + CALL_SECONDS
        moving = {host: end for host, end in moving.items() if end > nova.now}
    return nova.now


@pytest.mark.parametrize(("servers", "hosts", "usual"), [(300, 5, 5.0), (300, 10, 20.0), (100, 2, 10.0), (60, 1, 10.0)])
def test_it_is_as_fast_as_a_bare_script_with_few_calls(
    monkeypatch: pytest.MonkeyPatch, servers: int, hosts: int, usual: float
) -> None:
    nova: Any = Nova(durations(1, usual))
    monkeypatch.setattr(mover, "time", SimpleNamespace(monotonic=lambda: nova.now, sleep=nova.sleep))
    moves = [
        Move(f"s{number}", "", f"from-{number % hosts}", f"to-{number % 7}", LIVE, named=True)
        for number in range(servers)
    ]
    deadline: Any = SimpleNamespace(remaining=lambda: 10.0**9, seconds=10.0**9)
    rules = Rules(Bounds(live_per_host=1, per_target=2, at_once=AT_ONCE))
    outcome = Mover(nova, rules, deadline, nova.look, lambda _move, _text: None, lambda _text: None).run(moves)
    assert len(outcome.of(MOVED)) == servers
    assert nova.now <= 1.1 * floor(servers, hosts, Nova(durations(1, usual)))
    assert nova.calls <= 5 * servers
