# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a server is moved, and in which order. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from .._capacity.facts.shapes import MEMORY
from .._capacity.model import Facts, Workload
from .model import COLD, LIVE, Move

#: By the status that nova shows. Live migration takes a paused server as well, and leaves it paused.
WAYS = {"ACTIVE": LIVE, "PAUSED": LIVE, "SHUTOFF": COLD}


def way_of(status: str) -> str | None:
    """None for a server that is not moved as it is."""
    return WAYS.get(status)


def move_of(server: Workload, facts: Facts, target: str, way: str, *, named: bool) -> Move:
    """Off the host that it is on."""
    memory = server.shape.amount(MEMORY)
    return Move(server.id, server.name, server.host, target, way, named, memory, facts.back_ends(server))


def in_order(moves: Iterable[Move], *, canary: bool) -> list[Move]:
    """Those with a target of their own first, since the scheduler would take their room; the largest first, since small ones fit later, too.

    :param canary: the smallest one comes first of all: it shows soonest whether servers can be moved here.
    """
    ordered = sorted(moves, key=lambda move: (not move.named, -move.memory, move.name, move.server))
    if canary and ordered:
        first = min(ordered, key=lambda move: (move.way != LIVE, move.memory, move.name, move.server))
        ordered.remove(first)
        ordered.insert(0, first)
    return ordered
