# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast servers move beside a script that looks twice a second, and how many calls each costs: on a clock that only the calls and the pauses advance."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._servers import mover
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.model import (
    LIVE,
    LIVE_MIGRATION,
    MOVED,
    PENDING,
    Awaited,
    Move,
    Record,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.mover import (
    DOWN_SECONDS,
    GUARD_SECONDS,
    Guard,
    Mover,
    Outcome,
    Rules,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.waves import Bounds

CALL_SECONDS, LOOK_SECONDS, AT_ONCE = 0.05, 0.5, 10


@dataclass
class Nova:
    """Migrations that take their time; a stand-in for nova's list of them.

    :ivar ends: of each server's migration.
    :ivar dead: a host that is down, and when it died: what moves from or to it does not end.
    :ivar chooses: the target of a move that names none.
    """

    seconds: Callable[[], float]
    now: float = 0.0
    calls: int = 0
    ends: dict[str, tuple[Move, float]] = field(default_factory=dict)
    dead: tuple[str, float] | None = None
    chooses: Callable[[Move], str] = lambda move: move.target

    def _called(self) -> None:
        self.now += CALL_SECONDS
        self.calls += 1

    def start(self, move: Move) -> str:
        self._called()
        going = move if move.named else replace(move, target=self.chooses(move))
        self.ends[move.server] = going, self.now + self.seconds()
        return "request"

    def changed(self, _since: str) -> Iterator[Record]:
        self._called()
        for move, end in self.ends.values():
            ended = self.now >= end and not self._held(move, end)
            status = "queued" if self._waits_behind(move, end) else "completed" if ended else "running"
            yield Record(move.server, move.server, LIVE_MIGRATION, status, move.source, move.target, user="us")

    def look(self) -> Guard:
        self._called()
        down = [host for host, since in [self.dead or ("", 0.0)] if host and self.now >= since]
        return Guard(datetime(2030, 1, 1) + timedelta(seconds=self.now), down=down)

    def _waits_behind(self, move: Move, end: float) -> bool:
        """Whether an earlier migration from the same host does not end."""
        # Asked for each pair of moves: without a dead host the answer is known.
        return self.dead is not None and any(
            other.source == move.source and before < end and self._held(other, before)
            for other, before in self.ends.values()
        )

    def _held(self, move: Move, end: float) -> bool:
        """Whether a host of the move died before it ended."""
        if self.dead is None:
            return False
        host, since = self.dead
        return host in (move.source, move.target) and end >= since

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Slow(Nova):
    """In the first minute each look at the list takes 15 seconds.

    :ivar lost: seconds until it answers as usual, and the last of these looks.
    """

    lost: float = 75.0

    def changed(self, since: str) -> Iterator[Record]:
        self.now += 15.0 if self.now < 60.0 else 0.0
        return super().changed(since)


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


RULES = Rules(Bounds(live_per_host=1, per_target=2, at_once=AT_ONCE))


def moved(
    monkeypatch: pytest.MonkeyPatch,
    nova: Any,
    servers: int,
    hosts: int,
    rules: Rules = RULES,
    awaited: Sequence[Awaited] = (),
) -> Outcome:
    """What becomes of servers that leave hosts for seven others."""
    moves = [
        Move(f"s{number}", "", f"from-{number % hosts}", f"to-{number % 7}", LIVE, named=True)
        for number in range(servers)
    ]
    return ran(monkeypatch, nova, moves, rules, awaited)


def ran(
    monkeypatch: pytest.MonkeyPatch,
    nova: Any,
    moves: Sequence[Move],
    rules: Rules = RULES,
    awaited: Sequence[Awaited] = (),
) -> Outcome:
    monkeypatch.setattr(mover, "time", SimpleNamespace(monotonic=lambda: nova.now, sleep=nova.sleep))
    deadline: Any = SimpleNamespace(remaining=lambda: 10.0**9, seconds=10.0**9)
    return Mover(nova, rules, deadline, nova.look, lambda _move, _text: None, lambda _text: None).run(moves, awaited)


@pytest.mark.parametrize(("servers", "hosts", "usual"), [(300, 5, 5.0), (300, 10, 20.0), (100, 2, 10.0), (60, 1, 10.0)])
def test_it_is_as_fast_as_a_bare_script_with_few_calls(
    monkeypatch: pytest.MonkeyPatch, servers: int, hosts: int, usual: float
) -> None:
    nova = Nova(durations(1, usual))
    outcome = moved(monkeypatch, nova, servers, hosts)
    assert len(outcome.of(MOVED)) == servers
    assert nova.now <= 1.1 * floor(servers, hosts, Nova(durations(1, usual)))
    assert nova.calls <= 5 * servers


def test_a_nova_that_does_not_answer_for_a_moment_makes_no_later_look_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was seen late seems to have taken long. Were that believed, the next look would come late as well."""
    nova = Slow(durations(1, 5.0))
    outcome = moved(monkeypatch, nova, 300, 5)
    assert len(outcome.of(MOVED)) == 300
    assert nova.now <= 1.1 * floor(300, 5, Nova(durations(1, 5.0))) + nova.lost


def test_what_the_scheduler_places_waits_for_no_target(monkeypatch: pytest.MonkeyPatch) -> None:
    """It chooses other hosts than the plan: those planned for a host that it prefers would be left until the end, and move one by one."""
    nova = Nova(durations(1, 5.0), chooses=lambda _move: "to-0")
    moves = [Move(f"s{n}", "", f"from-{n % 5}", f"to-{n % 7}", LIVE, named=False) for n in range(300)]
    assert len(ran(monkeypatch, nova, moves).of(MOVED)) == 300
    assert nova.now <= 1.1 * floor(300, 5, Nova(durations(1, 5.0)))


@pytest.mark.parametrize("seed", range(3))
def test_no_host_is_left_to_be_emptied_alone(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """What leaves one host is to end with what leaves the others, whatever the names and the targets are."""
    drawn = random.Random(seed)
    sources = sorted(range(300), key=lambda number: (number % 5 == 0, drawn.random()))
    moves = [
        Move(f"s{place:03}", "", f"from-{number % 5}", f"to-{drawn.randrange(7)}", LIVE, named=True)
        for place, number in enumerate(sources)
    ]
    nova = Nova(durations(1, 5.0))
    rules = Rules(Bounds(live_per_host=1, per_target=2, at_once=4))
    assert len(ran(monkeypatch, nova, moves, rules).of(MOVED)) == 300
    # Four at a time instead of the floor's five.
    assert nova.now <= 1.1 * 5 / 4 * floor(300, 5, Nova(durations(1, 5.0)))


@pytest.mark.parametrize(("host", "of"), [("to-3", "target"), ("from-1", "source")])
def test_what_a_dead_host_holds_is_not_awaited_for_ever(monkeypatch: pytest.MonkeyPatch, host: str, of: str) -> None:
    """What is under way elsewhere arrives, nothing more is begun, and the reason names the host."""
    nova = Nova(durations(1, 5.0), dead=(host, 30.0))
    outcome = moved(monkeypatch, nova, 60, 5)
    held = outcome.of(PENDING)
    assert held
    assert {getattr(done.move, of) for done in held} == {host}
    assert {done.reason for done in held} == {
        f"host {host} is down, and the migration continues when nova-compute is started there"
    }
    assert len(outcome.of(MOVED)) + len(held) + len(outcome.left) == 60
    assert outcome.stopped == f"host {host} is down"
    assert min(done.seconds for done in held) >= DOWN_SECONDS - GUARD_SECONDS
    assert nova.now <= floor(60, 5, Nova(durations(1, 5.0))) + len(held) * (DOWN_SECONDS + 2 * GUARD_SECONDS)


def test_what_waits_behind_a_migration_to_a_dead_host_is_not_awaited_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several leave a host at a time as far as the run is concerned, and nova moves one after the other."""
    nova = Nova(iter([5.0, 50.0, 60.0, 70.0]).__next__, dead=("to-0", 2.0))
    rules = Rules(Bounds(live_per_host=4, per_target=2, at_once=AT_ONCE), canary=False)
    outcome = moved(monkeypatch, nova, 4, 1, rules)
    assert [done.outcome for done in outcome.done] == [PENDING] * 4
    behind = "it waits behind a migration that continues when nova-compute is started on host to-0, which is down"
    assert [done.reason for done in outcome.done].count(behind) == 3


def test_what_a_dead_host_held_before_is_said_at_once_and_the_others_move(monkeypatch: pytest.MonkeyPatch) -> None:
    nova = Nova(durations(1, 5.0), dead=("to-9", 0.0))
    old = Record("old", "old", LIVE_MIGRATION, "running", "from-9", "to-9", user="us")
    outcome = moved(monkeypatch, nova, 20, 5, awaited=[Awaited(old, "old", ours=True)])
    assert [done.move.server for done in outcome.of(PENDING)] == ["old"]
    assert outcome.of(PENDING)[0].seconds <= 1.0
    assert (len(outcome.of(MOVED)), outcome.stopped) == (20, "")
