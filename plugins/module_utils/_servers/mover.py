# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves servers, a bounded number at a time, and waits for the end of each: the only writer of moves."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .._openstack.errors import ApiError
from .._plan.deadline import Deadline
from .._plan.errors import ZoneopsError
from .._plan.progress import Tally
from .flight import AGAIN, AGAIN_SECONDS, CONFIRM, LOOK_SECONDS, Flight, Step, by_record, by_server, refused
from .migrations import Found, Migrations
from .model import BROKEN, COLD, ELSEWHERE, FAILED, LIVE, LIVE_MIGRATION, MOVED, PENDING, Awaited, Done, Move, Record
from .pace import Pace
from .waves import Bounds, startable
from .ways import in_order

# A look at the list of migrations: at least so many seconds after the last one, and at most.
FASTEST, SLOWEST = 0.5, 15.0
# How long nova may refuse to confirm a cold migration that is finished.
CONFIRM_SECONDS = 60.0
# How often the number of moved servers is reported. With the longest pause it is every 30 s.
TELL_SECONDS = 15.0
# How often nova is asked why a server could not be placed.
REASON_ATTEMPTS = 4
# How long nova may not answer while servers move.
SILENT_SECONDS = 90.0
# How often it is looked whether the hosts are still ours.
GUARD_SECONDS = 30.0
# By default nova lets one live migration at a time leave a host. The others have this status.
QUEUED = "queued"
# How long a move is awaited while a host of it is down: nova itself ends most of them at its RPC timeout, 60 s by default.
DOWN_SECONDS = 90.0
# What clocks of nova's services may differ.
SKEW = timedelta(seconds=120)
# Takes a move and the step that is reported of it.
Say = Callable[[Move, str], None]


@dataclass
class Rules:
    """How servers are moved.

    :ivar max_failed: how many moves may fail before no other is started.
    """

    bounds: Bounds = field(default_factory=Bounds)
    canary: bool = True
    max_failed: int = 0


@dataclass
class Outcome:
    """What became of the moves of a call.

    :ivar left: not begun.
    :ivar stopped: why no more were begun; empty where all were.
    """

    done: list[Done] = field(default_factory=list)
    left: list[Move] = field(default_factory=list)
    stopped: str = ""

    def of(self, *outcomes: str) -> list[Done]:
        return [done for done in self.done if done.outcome in outcomes]


@dataclass(frozen=True)
class Guard:
    """What the services of hosts say at a look.

    :ivar now: nova's own time.
    :ivar lost: hosts that are not this run's any more, and why.
    :ivar down: hosts whose nova-compute does not report.
    """

    now: datetime
    lost: Mapping[str, str] = field(default_factory=dict)
    down: Collection[str] = ()


class Mover:
    """Moves the servers of one zone.

    :param look: at the services of the hosts.
    """

    def __init__(
        self,
        calls: Migrations,
        rules: Rules,
        deadline: Deadline,
        look: Callable[[], Guard],
        say: Say,
        tell: Callable[[Tally], None],
    ) -> None:
        self.calls = calls
        self.rules = rules
        self.deadline = deadline
        self.outcome = Outcome()
        self._look = look
        self._say = say
        self._report = tell
        self._begun = time.monotonic()
        self._waiting: list[tuple[Move, int, float]] = []
        self._flights: list[Flight] = []
        self._records: dict[str, Record] = {}
        self._newest: dict[str, Record] = {}
        self._seen: set[str] = set()
        self._pace = Pace()
        # Since when hosts are seen to be down, and which of them holds up the migrations of a source.
        self._down: dict[str, float] = {}
        self._held: dict[str, str] = {}
        self._answered = self._guarded = self._told = 0.0
        self._clock = datetime.min

    def run(self, moves: Iterable[Move], awaited: Iterable[Awaited] = ()) -> Outcome:
        """Until nothing is under way. Ends early, and leaves what it has not begun, when too many failed or the time is over."""
        self._guard()
        self._answered = self._now
        self._waiting = [(move, 0, 0.0) for move in self._in_order(moves)]
        self._flights = self._adopt(awaited)
        while self._flights or (self._waiting and not self._may_not()):
            try:
                self._once()
                self._answered = self._now
            except ZoneopsError as error:
                # What moves goes on while the API is away for a moment.
                if self._now - self._answered > SILENT_SECONDS:
                    self.outcome.stopped = error.message
                    break
            self._tell()
            if self._out_of_time():
                break
            if self._flights or self._waiting:
                self._pause()
        for flight in list(self._flights):
            self._end(flight, Step(PENDING, "it was still under way when the run ended"))
        self.outcome.left = [move for move, _attempts, _after in self._waiting]
        return self.outcome

    def _in_order(self, moves: Iterable[Move]) -> list[Move]:
        return in_order(moves, canary=self.rules.canary)

    def _adopt(self, awaited: Iterable[Awaited]) -> list[Flight]:
        """What was under way before."""
        return [_adopted(one, self._now) for one in awaited]

    def _once(self) -> None:
        """Look at what is under way, and start what may be started."""
        if self._now - self._guarded >= GUARD_SECONDS:
            self._guard()
        self._read()
        for flight in list(self._flights):
            self._settle(flight)
        for flight in self._flights:
            if flight.record is None or flight.record.under_way:
                flight.lasted = self._now - flight.begun
            elif not flight.ended:
                flight.ended = self._now - flight.begun
        self._leave_to_others()
        self._start()

    @property
    def _now(self) -> float:
        return time.monotonic() - self._begun

    def _pause(self) -> None:
        waits = [self._pace.wait(flight, self._now - flight.begun) for flight in self._flights]
        waits += [after - self._now for _move, _attempts, after in self._waiting if after > self._now]
        time.sleep(min(max(FASTEST, min(waits, default=FASTEST)), SLOWEST, self.deadline.remaining()))

    def _out_of_time(self) -> bool:
        if self.deadline.remaining():
            return False
        self.outcome.stopped = self.outcome.stopped or f"the run's deadline of {self.deadline.seconds:g} s has passed"
        return True

    def _may_not(self) -> str:
        """Why no further move is begun; empty where one may be."""
        failed = len(self._judging(FAILED))
        if not self.outcome.stopped and failed and self.rules.canary and not self._judging(MOVED):
            self.outcome.stopped = "the first server, the canary, could not be moved"
        elif not self.outcome.stopped and failed > self.rules.max_failed:
            self.outcome.stopped = f"more moves failed than max_failed ({self.rules.max_failed})"
        return self.outcome.stopped

    def _judging(self, outcome: str) -> list[Done]:
        """The moves that ended so and tell whether others can succeed."""
        return self.outcome.of(outcome)

    def _guard(self) -> None:
        found = self._look()
        # A host that is down at the first look has been for a while.
        since = -DOWN_SECONDS if self._clock == datetime.min else self._now
        self._guarded, self._clock = self._now, found.now
        self._down = {host: self._down.get(host, since) for host in found.down}
        for host, reason in found.lost.items():
            taken = [entry for entry in self._waiting if entry[0].source == host]
            if taken:
                self._waiting = [entry for entry in self._waiting if entry[0].source != host]
                for move, _attempts, _after in taken:
                    self.outcome.done.append(Done(move, ELSEWHERE, move.source, reason))

    def _startable(self) -> list[Move]:
        if self._may_not():
            return []
        ready = [move for move, _attempts, after in self._waiting if after <= self._now]
        alone = self.rules.canary and not self._judging(MOVED)
        return startable(ready, [flight.going for flight in self._flights], self.rules.bounds, alone=alone)

    def _leave_to_others(self) -> None:
        """Servers that a person moves, or has moved, since the plan was made: nova would move them on."""
        for entry in list(self._waiting):
            move, attempts, _after = entry
            record = self._newest.get(move.server)
            if record is None or record.source != move.source or record.status in BROKEN:
                continue
            self._waiting.remove(entry)
            flight = Flight(move, self._now, attempts=attempts, ours=False, record=record, looked=self._now)
            self._flights.append(flight)
            if not record.under_way:
                self._end(flight, Step(ELSEWHERE, "the server was moved by others", record.target))

    def _start(self) -> None:
        for move in self._startable():
            entry = next(entry for entry in self._waiting if entry[0] == move)
            self._waiting.remove(entry)
            known = frozenset(record.uuid for record in self._records.values() if record.server == move.server)
            flight = Flight(move, self._now, known=known, attempts=entry[1] + 1, looked=self._now)
            self._flights.append(flight)
            self._request(flight)

    def _request(self, flight: Flight) -> None:
        move = flight.move
        # Whatever else is raised: what became of it is seen at the next look.
        flight.uncertain = True
        try:
            flight.request = self.calls.start(move)
        except ApiError as error:
            if error.uncertain:
                return
            if error.status not in (404, 409):
                self._end(flight, Step(FAILED, error.message))
                return
            # A migration that it has now was begun by others.
            flight.ours = False
            server = self.calls.server(move.server)
            flight.uncertain = False
            self._follow(flight, self._refused(flight, server, error.message))
        else:
            flight.uncertain = False
            self._say(move, f"{move.doing} began")

    def _refused(self, flight: Flight, server: Found | None, reason: str) -> Step:
        return refused(flight, server, reason)

    def _read(self) -> None:
        """The one list of a look."""
        since = self._clock - SKEW
        if self._flights:
            oldest = min(flight.begun for flight in self._flights)
            since -= timedelta(seconds=self._guarded - min(oldest, self._guarded))
        found = list(self.calls.changed(since.isoformat()))
        self._seen = {record.uuid for record in found}
        self._records |= {record.uuid: record for record in found}
        # The newest one comes first.
        self._newest |= {record.server: record for record in reversed(found)}

    def _settle(self, flight: Flight) -> None:
        """End it, confirm it or try it again, if it is time for that."""
        record = self._record_of(flight)
        seen = record is not None and record.uuid in self._seen
        step = Step() if record is None else by_record(flight, record)
        if not step.what and not seen and self._now - flight.looked >= LOOK_SECONDS:
            flight.looked = self._now
            step = by_server(flight, self.calls.server(flight.move.server), self._now)
        if step.what == CONFIRM:
            self._confirm(flight)
        else:
            self._follow(flight, step if step.what else self._by_hosts(flight))

    def _by_hosts(self, flight: Flight) -> Step:
        """A move to or from a host that has died does not end before nova-compute is started there again. Where it died in this run, no other is begun."""
        for host in (flight.going.target, flight.move.source):
            since = self._down.get(host or "", self._now)
            if self._now - since >= DOWN_SECONDS:
                self._held[flight.move.source] = host or ""
                if since >= 0:
                    self.outcome.stopped = self.outcome.stopped or f"host {host} is down"
                return Step(
                    PENDING, f"host {host} is down, and the migration continues when nova-compute is started there"
                )
        held = self._held.get(flight.move.source)
        if held is not None and flight.record is not None and flight.record.status == QUEUED:
            return Step(
                PENDING,
                f"it waits behind a migration that continues when nova-compute is started on host {held}, which is down",
            )
        return Step()

    def _record_of(self, flight: Flight) -> Record | None:
        if flight.record is not None:
            flight.record = self._records.get(flight.record.uuid, flight.record)
        else:
            flight.record = next(
                (
                    record
                    for record in self._records.values()
                    if record.server == flight.move.server and record.uuid not in flight.known
                ),
                None,
            )
        return flight.record

    def _confirm(self, flight: Flight) -> None:
        """The record is finished a moment before the server can be confirmed."""
        try:
            self.calls.confirm(flight.move.server)
        except ApiError as error:
            if error.status == 404 and self.calls.server(flight.move.server) is None:
                self._follow(flight, by_server(flight, None, self._now))
            elif (error.status not in (404, 409) and not error.uncertain) or self._is_late(flight):
                self._follow(flight, Step(FAILED, f"it is moved and not confirmed: {error.message}"))
        else:
            flight.confirmed, flight.refused = True, None

    def _is_late(self, flight: Flight) -> bool:
        """Whether nova refuses the confirmation for too long, as while the source is down."""
        flight.refused = self._now if flight.refused is None else flight.refused
        return self._now - flight.refused >= CONFIRM_SECONDS

    def _follow(self, flight: Flight, step: Step) -> None:
        if step.what == AGAIN and step.move is not None:
            self._flights.remove(flight)
            self._waiting.append((step.move, flight.attempts, self._now + AGAIN_SECONDS))
        elif step.what:
            self._end(flight, step)

    def _end(self, flight: Flight, step: Step) -> None:
        reason = step.reason
        if step.what == FAILED and flight.record is not None:
            nova = self._reason(flight)
            reason = f"{reason}: {nova or _unsaid(flight.record)}"
        if flight in self._flights:
            self._flights.remove(flight)
        seconds = self._now - flight.begun
        if step.what == MOVED:
            self._pace.note(flight, seconds)
        self.outcome.done.append(Done(flight.move, step.what, step.to, reason, seconds))
        where = f" to {step.to}" if step.to and step.what == MOVED else ""
        self._say(flight.move, f"{step.what}{where}{f': {reason}' if reason else ''}")

    def _reason(self, flight: Flight) -> str:
        """Nova's own account of it is written a moment after the record."""
        for _attempt in range(REASON_ATTEMPTS):
            found = self.calls.reason(flight.move.server, flight.request)
            if found or not flight.request or flight.record is None or flight.record.status != "error":
                return found
            time.sleep(FASTEST)
        return ""

    def _tell(self) -> None:
        if self._now - self._told < TELL_SECONDS:
            return
        self._told = self._now
        moved, failed = len(self.outcome.of(MOVED)), len(self.outcome.of(FAILED))
        left = len(self._waiting)
        to_go = self._now / moved * (left + len(self._flights)) if moved and left else None
        self._report(Tally(MOVED, "moving", moved, len(self._flights), left, failed, to_go))


def _adopted(one: Awaited, now: float) -> Flight:
    record = one.record
    way = LIVE if record.kind == LIVE_MIGRATION else COLD
    move = Move(record.server, one.name, record.source, record.target or "", way, named=False)
    return Flight(move, now, ours=one.ours, record=record, looked=now)


def _unsaid(record: Record) -> str:
    return f"nova names no reason, see the log of nova-compute on {record.source} and {record.target or 'its target'}"
