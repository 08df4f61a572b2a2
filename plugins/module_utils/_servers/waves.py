# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which moves may be started now. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .model import LIVE, Move


@dataclass(frozen=True)
class Bounds:
    """How many moves are under way at a time.

    :ivar live_per_host: live migrations from one host.
    :ivar per_target: moves to one host.
    :ivar at_once: altogether.
    """

    live_per_host: int = 1
    per_target: int = 2
    at_once: int = 10


def startable(waiting: Sequence[Move], moving: Iterable[Move], bounds: Bounds, *, alone: bool = False) -> list[Move]:
    """The moves to start, in their order, with which no bound is exceeded.

    :param moving: those under way.
    :param alone: the first one is to end before another one begins.
    """
    moving = list(moving)
    if alone:
        return [] if moving else list(waiting[:1])
    live = Counter(move.source for move in moving if move.way == LIVE)
    targets = Counter(move.target for move in moving)
    free = bounds.at_once - len(moving)
    found: list[Move] = []
    for move in waiting:
        if len(found) >= free:
            break
        if targets[move.target] >= bounds.per_target:
            continue
        if move.way == LIVE and live[move.source] >= bounds.live_per_host:
            continue
        found.append(move)
        targets[move.target] += 1
        live[move.source] += move.way == LIVE
    return found
