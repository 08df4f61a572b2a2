# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is to be moved: no bound is exceeded, each server is moved once, and every move gets its turn."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

from ansible_collections.zoneops.openstack.plugins.module_utils._servers.model import COLD, LIVE, Move
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.waves import Bounds, startable
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.ways import in_order
from hypothesis import given
from hypothesis import strategies as st

SEEDS = st.integers(0, 2**32)


def drawn(rng: random.Random) -> tuple[list[Move], Bounds]:
    moves = [
        Move(
            server=f"s{number}",
            name=f"web-{rng.randint(0, 9)}",
            source=f"a{rng.randint(0, 3)}",
            target=f"b{rng.randint(0, 3)}",
            way=rng.choice((LIVE, LIVE, COLD)),
            named=rng.random() < 0.5,
            memory=rng.choice((512, 1024, 4096)),
            back_ends=tuple(sorted(rng.sample(("c1", "c2", "c3"), rng.randint(0, 2)))),
        )
        for number in range(rng.randint(0, 30))
    ]
    return moves, Bounds(rng.randint(1, 3), rng.randint(1, 3), rng.randint(1, 8), rng.randint(1, 4))


def within(moving: list[Move], bounds: Bounds) -> bool:
    live = Counter(move.source for move in moving if move.way == LIVE)
    targets = Counter(move.target for move in moving if move.named)
    back_ends = Counter(name for move in moving for name in move.back_ends)
    return (
        len(moving) <= bounds.at_once
        and max(live.values(), default=0) <= bounds.live_per_host
        and max(targets.values(), default=0) <= bounds.per_target
        and max(back_ends.values(), default=0) <= bounds.per_back_end
    )


@given(SEEDS)
def test_every_server_moves_once_and_no_bound_is_exceeded(seed: int) -> None:
    rng = random.Random(seed)
    moves, bounds = drawn(rng)
    waiting, moving, begun = in_order(moves, canary=True), list[Move](), list[Move]()
    while waiting or moving:
        found = startable(waiting, moving, bounds, alone=not begun)
        assert found == startable(waiting, moving, bounds, alone=not begun)
        assert found or moving, "something can always be started when nothing moves"
        assert not (begun or moving) or not found or begun, "the canary is alone"
        waiting = [move for move in waiting if move not in found]
        moving += found
        begun += found
        assert within(moving, bounds)
        moving.remove(rng.choice(moving))
    assert sorted(begun, key=str) == sorted(moves, key=str)


@given(SEEDS)
def test_nothing_more_could_be_started(seed: int) -> None:
    moves, bounds = drawn(random.Random(seed))
    found = startable(moves, [], bounds)
    assert all(not within([*found, move], bounds) for move in moves if move not in found)


@given(SEEDS)
def test_the_order_does_not_depend_on_the_listing(seed: int) -> None:
    rng = random.Random(seed)
    moves, _bounds = drawn(rng)
    shuffled = rng.sample(moves, len(moves))
    for canary in (True, False):
        assert in_order(moves, canary=canary) == in_order(shuffled, canary=canary)


def test_the_canary_is_small_and_those_with_a_target_come_first() -> None:
    def move(name: str, memory: int, *, named: bool = True, way: str = LIVE) -> Move:
        return Move(name, name, "a", "b", way, named, memory)

    moves = [move("pinned", 8192, named=False), move("small", 512), move("big", 4096), move("off", 256, way=COLD)]
    assert [one.name for one in in_order(moves, canary=True)] == ["small", "big", "off", "pinned"]
    assert [one.name for one in in_order(moves, canary=False)] == ["big", "small", "off", "pinned"]


def test_the_canary_waits_for_what_moves_already() -> None:
    moves = [Move(name, name, "a", "b", COLD, named=True) for name in ("one", "two", "three")]
    assert startable(moves[1:], moves[:1], Bounds(), alone=True) == []
    assert startable(moves, [], Bounds(), alone=True) == moves[:1]


def test_a_back_end_is_not_given_more_than_its_bound_and_others_move_past_it() -> None:
    one, two, three = (Move(name, name, "a", name, COLD, named=True, back_ends=("ceph@1",)) for name in "xyz")
    other = replace(three, server="o", back_ends=("ceph@2",))
    free = replace(three, server="f", back_ends=())
    assert startable([two, three, other, free], [one], Bounds(per_back_end=2)) == [two, other, free]
