# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server from the end of its evacuation until it is as it is to be. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ..._servers.dead import ACTIVE, SHUTOFF
from ..._servers.flight import RECORD_SECONDS, Flight, Step
from ..._servers.migrations import Found
from ..._servers.model import ELSEWHERE, FAILED, GONE, MOVED
from .sorting import REBUILDING

START_IT, STOP_IT, AGAIN_IT = "os-start", "os-stop", "again"
REQUESTS = (START_IT, STOP_IT)
#: A server that is stopped at its arrival shows ACTIVE before, and its old host: what it shows so early says nothing.
SETTLE_SECONDS = 15.0
#: A task appears within seconds of the answer 202.
TASK_SECONDS = 15.0
TRIES = 3
#: How long nova may work on a server without a record of it: its own timeout of a call, twice.
LATE_SECONDS = 120.0


@dataclass
class Arrival:
    """A server on its way.

    :ivar status: what it is to be.
    :ivar starts: whether it is started where it is to be ACTIVE; else it stays as it arrives.
    :ivar stops: whether nova stops it at its arrival.
    :ivar since: when it was first seen that the evacuation has ended.
    :ivar asked: what was last asked of nova, `at` when, and how often (`tries`).
    """

    status: str
    starts: bool
    stops: bool
    since: float | None = None
    asked: str = ""
    request: str = ""
    at: float = 0.0
    tries: int = 0

    def note(self, what: str, request: str, now: float) -> None:
        """A request was made, whether its answer arrived or not."""
        self.tries = self.tries + 1 if what == self.asked else 1
        self.asked, self.request, self.at = what, request, now


def next_step(arrival: Arrival, target: str, found: Found | None, now: float) -> Step:
    """What follows from what the server shows once nova's record says that it is evacuated: a request or an outcome; nothing while it is under way."""
    if found is None:
        return Step(GONE, "the server was deleted while the run was working")
    if found.task:
        return Step()
    settled = now - (now if arrival.since is None else arrival.since) >= SETTLE_SECONDS
    if found.host != target:
        reason = f"nova says that it is evacuated to {target}, and the server is on {found.host or 'no host'}"
        return Step(ELSEWHERE, reason, found.host) if settled else Step()
    if found.status == arrival.status:
        early = arrival.stops and found.status == ACTIVE and not arrival.asked and not settled
        return Step() if early else Step(MOVED, to=found.host)
    if found.status == ACTIVE and arrival.status == SHUTOFF:
        return _ask(arrival, STOP_IT, found, now) if settled or not arrival.stops or arrival.asked else Step()
    if found.status == SHUTOFF and arrival.status == ACTIVE:
        return _ask(arrival, START_IT, found, now) if arrival.starts else Step(MOVED, to=found.host)
    return Step(FAILED, f"it is on {found.host}, in status {found.status}")


def _ask(arrival: Arrival, what: str, found: Found, now: float) -> Step:
    if arrival.asked == what and now - arrival.at < TASK_SECONDS:
        return Step()
    if arrival.asked == what and arrival.tries >= TRIES:
        return Step(FAILED, f"it is on {found.host}, and still {found.status} after {TRIES} requests ({what})")
    return Step(what)


def unseen(flight: Flight, found: Found | None, now: float) -> Step:
    """What follows for a server that nova shows no record of: its request never arrived, or it was not taken up."""
    if found is None:
        return Step(GONE, "the server was deleted while the run was working")
    if found.host != flight.move.source:
        reason = f"the server is on {found.host or 'no host'}, and this run did not move it there"
        return Step(ELSEWHERE, reason, found.host)
    if now - flight.begun < RECORD_SECONDS:
        return Step()
    if (found.task or "").startswith(REBUILDING):
        # Nova has taken the request, and its record may still come: a second one would lose the guest.
        late = now - flight.begun >= LATE_SECONDS
        return Step(FAILED, f"nova works on it ({found.task}), and has no record of its evacuation") if late else Step()
    if flight.uncertain:
        return Step(AGAIN_IT, "the answer to the request was lost, and no evacuation began")
    return Step(FAILED, "nova accepted the request, and no evacuation began")
