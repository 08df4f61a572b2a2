# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evacuates servers, a bounded number at a time, and gives each the power state that it had; the most important ones first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from ..._openstack.errors import ApiError
from ..._plan.deadline import Deadline
from ..._plan.progress import Tally
from ..._servers.dead import ACTIVE
from ..._servers.flight import AGAIN, ATTEMPTS, LOOK_SECONDS, Flight, Step
from ..._servers.migrations import Found
from ..._servers.model import ELSEWHERE, EVACUATION, FAILED, GONE, MOVED, PENDING, Awaited, Done, Move, Record
from ..._servers.mover import DOWN_SECONDS, Guard, Mover, Rules, Say
from ..model import Evacuation
from .arrival import AGAIN_IT, REQUESTS, SETTLE_SECONDS, Arrival, next_step, unseen
from .calls import Evacuations

BROKEN = ("error", "failed", "cancelled")
#: Of one that has arrived, until its source starts again: it cannot be on a host that is still dead.
DONE = "done"


class Evacuator(Mover):
    """The mover, where a move is an evacuation, and ends only once the server is as it was.

    :param going: what is known of each server, also of those that an earlier run evacuated and of those that are awaited.
    :param landed: those that an earlier run evacuated.
    :param starts: whether servers are started; else they stay stopped.
    :param stops: whether nova stops a server at its arrival.
    """

    def __init__(
        self,
        calls: Evacuations,
        rules: Rules,
        deadline: Deadline,
        look: Callable[[], Guard],
        say: Say,
        tell: Callable[[Tally], None],
        *,
        going: Iterable[Evacuation],
        landed: Iterable[Evacuation] = (),
        starts: bool,
        stops: bool,
    ) -> None:
        super().__init__(calls, rules, deadline, look, say, tell)
        self._evacuations = calls
        self._known = {one.move.server: one for one in going}
        self._landed = tuple(landed)
        self._starts = starts
        self._stops = stops
        self._arrivals: dict[str, Arrival] = {}
        self._found: dict[str, Found] = {}

    def _in_order(self, moves: Iterable[Move]) -> list[Move]:
        """By priority, large ones first; the canary is the smallest one that ran, of the least priority."""

        def priority(move: Move) -> int:
            return self._known[move.server].priority

        ordered = sorted(moves, key=lambda move: (-priority(move), -move.memory, move.name, move.server))
        if self.rules.canary and ordered:
            first = min(
                ordered,
                key=lambda move: (
                    self._known[move.server].status != ACTIVE,
                    priority(move),
                    move.memory,
                    move.name,
                    move.server,
                ),
            )
            ordered.remove(first)
            ordered.insert(0, first)
        return ordered

    def _guard(self) -> None:
        """Nothing goes to a host that has died since the plan was made: nova would take that, and leave the server in status ERROR."""
        super()._guard()
        gone = [entry for entry in self._waiting if entry[0].target in self._down]
        self._waiting = [entry for entry in self._waiting if entry not in gone]
        for move, _attempts, _after in gone:
            reason = f"host {move.target}, to which servers would go, is down: run it again, and they go to others"
            self.outcome.done.append(Done(move, ELSEWHERE, move.source, reason))

    def _adopt(self, awaited: Iterable[Awaited]) -> list[Flight]:
        flights = [Flight(one.move, self._now, looked=self._now) for one in self._landed]
        for one in self._landed:
            # It has arrived long ago: what it shows is what it is.
            self._arrival(one.move.server).since = self._now - SETTLE_SECONDS
        for found in awaited:
            record = found.record
            move = Move(record.server, found.name, record.source, record.target or "", EVACUATION, named=False)
            flights.append(Flight(move, self._now, ours=False, record=record, looked=self._now))
        return flights

    def _judging(self, outcome: str) -> list[Done]:
        """Without those that an earlier run evacuated: what became of them since is no matter of the others."""
        old = {one.move.server for one in self._landed}
        return [done for done in super()._judging(outcome) if done.move.server not in old]

    def _arrival(self, server: str) -> Arrival:
        if server not in self._arrivals:
            known = self._known.get(server)
            stops = self._stops and not (known is not None and known.boots)
            self._arrivals[server] = Arrival(known.status if known is not None else "", self._starts, stops)
        return self._arrivals[server]

    def _read(self) -> None:
        """Also the servers that have arrived, in one list."""
        super()._read()
        # At once: what is seen to have arrived now is in the list.
        arrived = [flight for flight in self._flights if self._has_landed(flight) or self._record_of(flight)]
        flying = [self._known.get(flight.move.server) for flight in arrived if self._has_arrived(flight)]
        tags = {one.tag for one in flying if one is not None and one.tag}
        self._found = {found.id: found for found in self._evacuations.tagged(tags)} if tags else {}

    def _has_landed(self, flight: Flight) -> bool:
        """Whether an earlier run evacuated it."""
        return any(one.move is flight.move for one in self._landed)

    def _has_arrived(self, flight: Flight) -> bool:
        if flight.record is None:
            return self._has_landed(flight)
        return not flight.record.under_way and flight.record.status not in BROKEN

    def _record_of(self, flight: Flight) -> Record | None:
        """The evacuation of the server from this source, and no other migration of it."""
        if flight.record is not None:
            flight.record = self._records.get(flight.record.uuid, flight.record)
        else:
            mine = (record for record in self._records.values() if _is_of(record, flight.move))
            flight.record = next(
                (record for record in mine if record.uuid not in flight.known or record.under_way), None
            )
        return flight.record

    def _settle(self, flight: Flight) -> None:
        if self._has_landed(flight):
            self._land(flight, flight.move.target)
            return
        record = self._record_of(flight)
        if record is None:
            if self._now - flight.looked >= LOOK_SECONDS:
                flight.looked = self._now
                self._follow(flight, self._again(flight, self.calls.server(flight.move.server)))
        elif record.status in BROKEN:
            self._follow(flight, Step(FAILED, f"nova's record of the evacuation says {record.status}"))
        elif record.under_way:
            step = Step()
            if record.uuid not in self._seen and self._now - flight.looked >= LOOK_SECONDS:
                # The records of a server that is deleted vanish.
                flight.looked = self._now
                if self.calls.server(flight.move.server) is None:
                    step = Step(GONE, "the server was deleted while the run was working")
            self._follow(flight, step if step.what else self._by_hosts(flight))
        else:
            self._land(flight, record.target or "")

    def _again(self, flight: Flight, found: Found | None) -> Step:
        step = unseen(flight, found, self._now)
        if step.what != AGAIN_IT:
            return step
        if flight.attempts >= ATTEMPTS:
            return Step(FAILED, step.reason)
        return replace(step, what=AGAIN, move=flight.move)

    def _land(self, flight: Flight, target: str) -> None:
        """The next step of a server that has arrived."""
        server = flight.move.server
        found = self._found.get(server) or self.calls.server(server)
        arrival = self._arrival(server)
        arrival.since = self._now if arrival.since is None else arrival.since
        if not arrival.status and found is not None:
            # Others evacuate it, and remember nothing. What is stopped at its arrival shows ACTIVE before.
            if arrival.stops and self._now - arrival.since < SETTLE_SECONDS:
                return
            arrival.status = found.status
        step = next_step(arrival, target, found, self._now)
        if step.what in REQUESTS:
            self._ask(flight, arrival, step.what)
        elif step.what == MOVED and found is not None:
            self._follow(flight, self._finished(flight, found, step))
        else:
            self._follow(flight, step if step.what else self._by_hosts(flight))

    def _finished(self, flight: Flight, found: Found, step: Step) -> Step:
        """Without its tag, unless it is still to be started."""
        known = self._known.get(flight.move.server)
        if known is None or not known.tag or found.status != known.status:
            return step
        for tag in (*known.stale, known.tag):
            if tag in found.tags and not self._evacuations.forget(flight.move.server, tag):
                return Step(FAILED, f"it is on {found.host}, and nova keeps its tag {tag}")
        return step

    def _ask(self, flight: Flight, arrival: Arrival, what: str) -> None:
        request = ""
        try:
            request = self._evacuations.act(flight.move.server, what)
        except ApiError as error:
            if not error.uncertain and error.status not in (404, 409):
                self._follow(flight, Step(FAILED, f"it is evacuated, and {what} was refused: {error.message}"))
                return
        else:
            self._say(flight.move, f"{what.removeprefix('os-')} requested")
        arrival.note(what, request, self._now)

    def _by_hosts(self, flight: Flight) -> Step:
        """A server does not arrive on a host that has died as well. That its source is down is no matter."""
        host = flight.going.target
        since = self._down.get(host, self._now)
        if self._now - since < DOWN_SECONDS:
            return Step()
        if since >= 0:
            self.outcome.stopped = self.outcome.stopped or f"host {host} is down"
        return Step(
            PENDING, f"host {host}, to which it goes, is down: start nova-compute there, or evacuate it as well"
        )

    def _refused(self, flight: Flight, server: Found | None, reason: str) -> Step:
        """Nova refuses an evacuation: the server is not what it was at the look, or it is evacuated by others."""
        if server is None:
            return Step(GONE, "the server was deleted while the run was working")
        if server.host != flight.move.source:
            told = f"the server is on {server.host or 'no host'}, and this run did not move it there"
            return Step(ELSEWHERE, told, server.host)
        running = [record for record in self._evacuations.under_way() if _is_of(record, flight.move)]
        if running:
            # Awaited, whoever began it.
            flight.record = running[0]
            self._records[running[0].uuid] = running[0]
            return Step()
        return Step(FAILED, reason)

    def _leave_to_others(self) -> None:
        """Servers that others evacuate, or have evacuated, since the plan was made."""
        for entry in list(self._waiting):
            move, attempts, _after = entry
            record = self._newest.get(move.server)
            if record is None or not _is_of(record, move) or not (record.under_way or record.status == DONE):
                continue
            self._waiting.remove(entry)
            self._flights.append(
                Flight(move, self._now, attempts=attempts, ours=False, record=record, looked=self._now)
            )


def _is_of(record: Record, move: Move) -> bool:
    return record.kind == EVACUATION and record.server == move.server and record.source == move.source
