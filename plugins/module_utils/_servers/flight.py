# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A move from its request to its end, as far as nova's record of it tells. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .migrations import Found
from .model import BROKEN, DONE, ELSEWHERE, FAILED, FINISHED, GONE, MIGRATION, MOVED, PENDING, Move, Record
from .ways import way_of

# A record appears within seconds of the answer 202.
RECORD_SECONDS = 15.0
# After so long, nova has lost a request that it shows as a task of the server only.
LATE_SECONDS = 300.0
# How often a move whose record is not seen is looked at by its server.
LOOK_SECONDS = 5.0
# A server that is busy with something else is tried again, so many times and so many seconds later.
ATTEMPTS = 5
AGAIN_SECONDS = 3.0
# Tasks of a server that is being migrated.
MIGRATING = ("migrating", "resize_")
CONFIRM = "confirm"
AGAIN = "again"


@dataclass
class Flight:
    """A move under way.

    :ivar begun: seconds of the run's clock.
    :ivar request: the id of the request that began it; empty for one that was under way before.
    :ivar uncertain: the answer to the request was lost.
    :ivar known: the records of the server that are older than the request.
    :ivar ours: whether a cold migration may be confirmed.
    :ivar looked: when the server was last looked at.
    :ivar lasted: seconds that it was seen under way.
    :ivar ended: seconds after which nova's record of it was seen to have ended, where something follows.
    :ivar refused: when nova first refused what ends it, such as a confirmation.
    :ivar confirmed: whether nova has accepted the confirmation.
    """

    move: Move
    begun: float
    request: str = ""
    uncertain: bool = False
    known: frozenset[str] = frozenset()
    ours: bool = True
    record: Record | None = None
    looked: float = 0.0
    lasted: float = 0.0
    ended: float = 0.0
    confirmed: bool = False
    attempts: int = 0
    refused: float | None = None

    @property
    def going(self) -> Move:
        """The move, to the host that nova has chosen for it."""
        target = self.record.target if self.record is not None else None
        return replace(self.move, target=target) if target else self.move


@dataclass(frozen=True)
class Step:
    """What follows: an outcome, CONFIRM or AGAIN; nothing while it is under way."""

    what: str = ""
    reason: str = ""
    to: str | None = None
    move: Move | None = None


def by_record(flight: Flight, record: Record) -> Step:
    """What nova's record says: the only thing that tells how a live migration ended."""
    if record.status in DONE:
        return Step(MOVED, to=record.target)
    if record.status in BROKEN:
        return Step(FAILED, f"nova's record of the migration says {record.status}")
    if record.status == FINISHED:
        if flight.ours and record.kind == MIGRATION:
            return Step() if flight.confirmed else Step(CONFIRM)
        return Step(ELSEWHERE, f"others began a {record.kind} of it, which they must confirm or revert", record.target)
    return Step()


def by_server(flight: Flight, server: Found | None, now: float) -> Step:
    """What the server says, where there is no record to be seen."""
    move = flight.move
    if server is None:
        return Step(GONE, "the server was deleted while the run was working")
    if server.task:
        late = flight.record is None and server.task.startswith(MIGRATING) and now - flight.begun >= LATE_SECONDS
        return Step(PENDING, _unrecorded(move, server.task)) if late else Step()
    if server.host != move.source:
        return Step(
            ELSEWHERE, f"the server is on {server.host or 'no host'}, and this run did not move it there", server.host
        )
    if now - flight.begun < RECORD_SECONDS:
        return Step()
    if flight.uncertain:
        return again(flight, server, "the answer to the request was lost, and no migration began")
    if flight.request:
        return Step(FAILED, "nova accepted the request, and no migration began")
    return Step(PENDING, "nova shows neither a migration nor a task of the server")


def _unrecorded(move: Move, task: str) -> str:
    return (
        f"nova shows it as {task} and has had no record of a migration for {LATE_SECONDS:.0f} s; "
        f"if nova-conductor has lost the request, free it: openstack server set --state active {move.server}"
    )


def refused(flight: Flight, server: Found | None, reason: str) -> Step:
    """What follows when nova refuses a move: the server is not what it was when it was planned."""
    move = flight.move
    if server is None:
        return Step(GONE, "the server was deleted while the run was working")
    if server.task and server.task.startswith(MIGRATING):
        # By a person, or by a request whose answer was lost: awaited.
        return Step()
    if server.host != move.source and not server.task:
        return Step(
            ELSEWHERE, f"the server is on {server.host or 'no host'}, and this run did not move it there", server.host
        )
    return again(flight, server, reason)


def again(flight: Flight, server: Found, reason: str) -> Step:
    """Try it once more, in the way that the server's status now asks for."""
    move = flight.move
    way = way_of(server.status)
    changed = server.task or (way is not None and (way != move.way or flight.uncertain))
    if changed and flight.attempts < ATTEMPTS:
        return Step(AGAIN, reason, move=replace(move, way=way or move.way))
    if way is None:
        return Step(FAILED, f"the server is in status {server.status} now: {reason}")
    return Step(FAILED, reason)
