# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which moves may be started now. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .model import EVACUATION, LIVE, Move


@dataclass(frozen=True)
class Bounds:
    """How many moves are under way at a time.

    :ivar live_per_host: live migrations from one host.
    :ivar per_target: moves to one host that is named in the request. Where the scheduler chooses, nothing but its own weighing spreads them.
    :ivar at_once: altogether.
    :ivar per_back_end: moves of servers with volumes that one cinder-volume serves.
    """

    live_per_host: int = 1
    per_target: int = 2
    at_once: int = 10
    per_back_end: int = 10


def startable(waiting: Sequence[Move], moving: Iterable[Move], bounds: Bounds, *, alone: bool = False) -> list[Move]:
    """The moves to start, with which no bound is exceeded.

    Evacuations keep their order. Of other moves those come first on which the end of all depends: what leaves the host that most have to leave one by one.

    :param moving: those under way.
    :param alone: the first one is to end before another one begins.
    """
    moving = list(moving)
    if alone:
        return [] if moving else list(waiting[:1])
    left = Counter(move.source for move in waiting if move.way == LIVE)
    live = Counter(move.source for move in moving if move.way == LIVE)
    targets = Counter(move.target for move in moving)
    back_ends = Counter(name for move in moving for name in move.back_ends)

    def fits(move: Move) -> bool:
        return (
            (not move.named or targets[move.target] < bounds.per_target)
            and (move.way != LIVE or live[move.source] < bounds.live_per_host)
            and all(back_ends[name] < bounds.per_back_end for name in move.back_ends)
        )

    def rank(entry: tuple[int, Move]) -> tuple[object, ...]:
        index, move = entry
        if move.way == EVACUATION:
            return (index,)
        behind = left[move.source] if move.way == LIVE else 0
        # What has no target of its own would take the room of what has; the largest of it finds room first.
        return (not move.named, -behind, -move.memory, targets[move.target], index)

    found: list[Move] = []
    rest = dict(enumerate(waiting))
    while len(moving) + len(found) < bounds.at_once:
        chosen = min(((index, move) for index, move in rest.items() if fits(move)), key=rank, default=None)
        if chosen is None:
            break
        index, move = chosen
        del rest[index]
        found.append(move)
        targets[move.target] += move.named
        live[move.source] += move.way == LIVE
        left[move.source] -= move.way == LIVE
        back_ends.update(move.back_ends)
    return found
