# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server from the request to stop or start it to the end of that, as far as it shows. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from .migrations import Found
from .model import ELSEWHERE, FAILED, GONE, STARTED, STOPPED, Powered

# A task appears within seconds of the answer 202.
TASK_SECONDS = 15.0
# How long a server that is busy with something else is waited for.
BUSY_SECONDS = 120.0
REQUEST = "request"
POWERING_OFF = "powering-off"


@dataclass(frozen=True)
class Kind:
    """What is done to servers.

    :ivar action: nova's.
    :ivar origin: the status that it needs; `goal`, the one that it leads to.
    :ivar stops: whether the server is to be remembered, or forgotten.
    """

    action: str
    origin: str
    goal: str
    outcome: str
    stops: bool


STOP = Kind("os-stop", "ACTIVE", "SHUTOFF", STOPPED, stops=True)
START = Kind("os-start", "SHUTOFF", "ACTIVE", STARTED, stops=False)


@dataclass
class Switch:
    """One server.

    :ivar begun: seconds of the run's clock.
    :ivar accepted: when nova took the request, or its answer got lost; None before.
    :ivar request: its id.
    :ivar refused: what nova said instead.
    """

    powered: Powered
    begun: float
    accepted: float | None = None
    request: str = ""
    refused: str = ""


@dataclass(frozen=True)
class Step:
    """What follows: an outcome or REQUEST; nothing while it is under way."""

    what: str = ""
    reason: str = ""


def next_step(kind: Kind, switch: Switch, found: Found | None, now: float) -> Step:
    """What follows from what the server shows. `found` is None where it is gone."""
    if found is None:
        return Step(GONE, "the server was deleted while the run was working")
    if found.task:
        return _busy(switch, found, now)
    if found.status == kind.goal:
        ours = switch.accepted is not None or switch.powered.remembered or not kind.stops
        return Step(kind.outcome) if ours else Step(ELSEWHERE, f"the server is {found.status} without this run")
    if kind.stops and found.host != switch.powered.host:
        return Step(ELSEWHERE, f"the server is on {found.host or 'no host'} now")
    if found.status != kind.origin:
        return Step(FAILED, f"the server is in status {found.status} now")
    if switch.accepted is None:
        late = now - switch.begun >= BUSY_SECONDS
        return Step(FAILED, switch.refused) if switch.refused and late else Step(REQUEST)
    if now - switch.accepted >= TASK_SECONDS:
        return Step(FAILED, f"nova accepted the request, and the server is still {found.status}")
    return Step()


def _busy(switch: Switch, found: Found, now: float) -> Step:
    # The guest decides how long it takes to shut down, whichever run asked for it.
    ours = switch.accepted is not None or (switch.powered.remembered and found.task == POWERING_OFF)
    if not ours and now - switch.begun >= BUSY_SECONDS:
        return Step(FAILED, f"a task is under way ({found.task})")
    return Step()
