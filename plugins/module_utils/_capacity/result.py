# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An answer as data for a module's result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .facts.shapes import DISK, MEMORY, VCPU
from .headroom import Headroom
from .packing.model import Vector
from .plan import NO_ROOM, Answer, Fate

# Of what a result says how much the servers have.
SHOWN = {"vcpus": VCPU, "memory_mb": MEMORY, "disk_gb": DISK}
NEW_HOST = "a new host"


def as_dict(answer: Answer, lists: Collection[str]) -> dict[str, Any]:
    """The answer.

    :param lists: the outcomes whose servers are listed one by one.
    """
    return {
        "hosts": sorted(answer.away.hosts),
        "servers": len(answer.fates),
        **totals(answer),
        **answer.counts,
        "restorable": answer.restorable,
        "bears": answer.bears,
        "exact": answer.exact,
        "headroom": {zone: room.as_dict() for zone, room in answer.left.items()},
        "headroom_percent": answer.left_restored.percent,
        "additions": merged(answer),
        "lists": {
            outcome: [_server(fate, answer.resources) for fate in answer.fates if fate.outcome == outcome]
            for outcome in lists
        },
    }


def _server(fate: Fate, resources: Iterable[str]) -> dict[str, Any]:
    server = fate.server
    found: dict[str, Any] = {
        "id": server.id,
        "name": server.name,
        "project_id": server.project,
        "host": server.host,
        "reason": fate.reason,
    }
    if fate.target is not None:
        found["target"] = fate.target
    if fate.addition is not None:
        found["addition"] = {"host": fate.addition.host, "resources": amounts_of(fate.addition.lacks, resources)}
    return found


def totals(answer: Answer) -> dict[str, int]:
    """How much the servers have, altogether."""
    return {key: sum(fate.server.shape.amount(name) for fate in answer.fates) for key, name in SHOWN.items()}


def amounts_of(vector: Vector, resources: Iterable[str]) -> dict[str, int]:
    """By resource, without those of which it is nothing."""
    return {name: amount for name, amount in zip(resources, vector, strict=True) if amount}


def merged(answer: Answer) -> list[dict[str, Any]]:
    """The additions with which everything that finds no room would fit, those of one host together; of a new host for each server without any."""
    hosts: dict[str, Counter[str]] = {}
    new: list[dict[str, Any]] = []
    for fate in answer.fates:
        if fate.addition is None:
            continue
        amounts = amounts_of(fate.addition.lacks, answer.resources)
        if not amounts:
            # It would fit if servers were placed in another order.
            continue
        if fate.addition.host is None:
            traits = sorted(fate.server.shape.required)
            new.append({"host": None, "resources": amounts, "traits": traits})
        else:
            hosts.setdefault(fate.addition.host, Counter()).update(amounts)
    return [{"host": host, "resources": dict(sorted(hosts[host].items()))} for host in sorted(hosts)] + new


def least(answers: Mapping[str, Answer], now: Mapping[str, Headroom]) -> dict[str, tuple[Headroom, str | None]]:
    """What each zone has free at least, and while which other one is away; none where nothing comes to it, whichever it is.

    :param now: what zones have free while nothing is away.
    """
    found: dict[str, tuple[Headroom, str | None]] = {zone: (room, None) for zone, room in now.items()}
    for away, answer in answers.items():
        for zone, room in answer.left.items():
            if room.percent < found[zone][0].percent:
                found[zone] = (room, away)
    return found


def addition_text(host: str | None, resources: Mapping[str, int]) -> str:
    """For people."""
    where = f"on {host}" if host else f"on {NEW_HOST}"
    amounts = ", ".join(f"{amount} {name}" for name, amount in sorted(resources.items()))
    return f"{amounts} {where}" if amounts else f"none, {host} has room if servers are placed in another order"


def no_room(answer: Answer) -> list[Fate]:
    return [fate for fate in answer.fates if fate.outcome == NO_ROOM]


def message(answer: Answer) -> str:
    """The answer in a line."""
    counts = answer.counts
    named = ", ".join(
        f"{counts[outcome]} {TEXTS[outcome][counts[outcome] != 1]}" for outcome in TEXTS if counts[outcome]
    )
    servers = "1 server" if len(answer.fates) == 1 else f"{len(answer.fates)} servers"
    return f"{servers}: {named}" if answer.fates else "no servers"


# For one, and for several.
TEXTS = {
    "fits": ("fits inside its zone", "fit inside their zone"),
    "crosses": ("crosses to another zone", "cross to another zone"),
    "waits": ("waits", "wait"),
    "restore": ("needs a restore", "need a restore"),
    "no_room": ("finds no room", "find no room"),
}
