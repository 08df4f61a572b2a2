# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a region bears the loss of a zone. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from .._plan.change import Refusal
from .._plan.text.listing import first
from .model import LOST
from .plan import Answer
from .result import addition_text, merged, no_room

RULE = "capacity"
# Servers and additions that a message names.
NAMED = 3


def refusals(zone: str, answer: Answer, event: str, threshold: float | None) -> tuple[Refusal, ...]:
    """Why the region does not bear that a zone is away."""
    return tuple(Refusal(zone, RULE, message) for message in messages(f"with zone {zone}", answer, event, threshold))


def messages(what: str, answer: Answer, event: str, threshold: float | None) -> list[str]:
    """What is wrong; nothing where nobody asked.

    :param what: is away, for example "with zone az1".
    :param threshold: percent of the vCPUs and of the memory of the hosts that stay, which have to be free with everything in place.
    """
    if threshold is None:
        return []
    return list(_messages(f"{what} {'lost' if event == LOST else 'drained'}", answer, threshold))


def _messages(when: str, answer: Answer, threshold: float) -> Iterator[str]:
    lacking = no_room(answer)
    if lacking:
        names = first(NAMED, (fate.server.label for fate in lacking), of=len(lacking))
        add = "; ".join(addition_text(one["host"], one["resources"]) for one in merged(answer)[:NAMED])
        remedy = f"add {add}" if add else "place them first, there is room in another order"
        found = "1 server finds" if len(lacking) == 1 else f"{len(lacking)} servers find"
        yield f"{when}, {found} no room: {names}; {remedy}"
    restore = answer.counts["restore"]
    if restore > answer.restorable:
        yield f"{when}, {restore - answer.restorable} of {restore} servers that need a restore have no room; add hosts elsewhere"
    percent = answer.left_restored.percent
    if not lacking and restore == answer.restorable and percent < threshold:
        yield f"{when}, {percent:g} % is free on the other hosts, less than zoneops_capacity_threshold ({threshold:g} %); add hosts"
