# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves servers to other zones, and pins those that were pinned to the zone that they come to; others are shelved, and unshelved there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from .._openstack.errors import ApiError
from .._plan.deadline import Deadline
from .._plan.errors import ZoneopsError
from .._plan.progress import Tally
from .._servers.flight import AGAIN as LATER
from .._servers.flight import ATTEMPTS, Flight, Step, by_server
from .._servers.migrations import Found
from .._servers.model import ELSEWHERE, FAILED, FINISHED, MOVED, SHELVE, Awaited, Move
from .._servers.mover import Guard, Mover, Outcome, Rules, Say
from .calls import VERIFY_RESIZE, Crossings
from .model import Crossing
from .shelf import BACK, REQUESTS, SHELVING, UNSHELVING, Shelf, next_step
from .tags import status_in, zone_in

AGAIN = "Run it again, which finishes that."
# Servers that were not moved after all are pinned again also when the deadline has passed.
LAST_SECONDS = 30.0


class Crosser(Mover):
    """The mover, where a move ends only once the server's pin is right.

    :param zones: the availability zone of each host.
    :param resumed: servers that an earlier run shelved.
    """

    def __init__(
        self,
        calls: Crossings,
        rules: Rules,
        deadline: Deadline,
        look: Callable[[], Guard],
        say: Say,
        tell: Callable[[Tally], None],
        zones: Mapping[str, str],
        resumed: Iterable[Crossing] = (),
    ) -> None:
        super().__init__(calls, rules, deadline, look, say, tell)
        self._crossings = calls
        self._zones = zones
        self._resumed = tuple(resumed)
        self._shelves: dict[str, Shelf] = {}
        self._found: dict[str, Found] = {}

    def run(self, moves: Iterable[Move], awaited: Iterable[Awaited] = ()) -> Outcome:
        outcome = super().run(moves, awaited)
        tried = [move for move in outcome.left if move.server in self._crossings.begun]
        with self.deadline.grace(LAST_SECONDS):
            for move in tried:
                if reason := self._finish(move):
                    outcome.stopped = f"{outcome.stopped}; {move.label} is not pinned again: {reason}. {AGAIN}"
        return outcome

    def _adopt(self, awaited: Iterable[Awaited]) -> list[Flight]:
        for one in self._resumed:
            self._shelves[one.move.server] = self._shelf(one.move, one.why)
        return [*(Flight(one.move, self._now, looked=self._now) for one in self._resumed), *super()._adopt(awaited)]

    def _shelf(self, move: Move, why: str = "") -> Shelf:
        tag, zone = self._crossings.tags[move.server], self._zones.get(move.target, "")
        shelf = Shelf(zone_in(tag), zone, move.target if move.named else "", status_in(tag))
        if not zone:
            shelf.turn(why or "no host of the target zones may take it")
        return shelf

    def _read(self) -> None:
        """Also the servers that are shelved, in one list."""
        super()._read()
        tags = {self._crossings.tags[flight.move.server] for flight in self._flights if _is_shelved(flight)}
        self._found = {found.id: found for found in self._crossings.tagged(tags)} if tags else {}

    def _settle(self, flight: Flight) -> None:
        if _is_shelved(flight):
            self._go_on(flight)
        else:
            super()._settle(flight)

    def _go_on(self, flight: Flight) -> None:
        """The next step of a server that is shelved and unshelved."""
        move = flight.move
        if move.server not in self._shelves:
            self._shelves[move.server] = self._shelf(move)
            self._shelves[move.server].note(SHELVING, flight.request, sure=not flight.uncertain)
        shelf = self._shelves[move.server]
        found = self._found.get(move.server) or self._crossings.server(move.server)
        step = next_step(shelf, found, self._zones)
        if step.what in REQUESTS:
            self._ask(flight, shelf, step.what)
            return
        if step.what in (BACK, FAILED) and (nova := self._crossings.reason(move.server, shelf.request)):
            step = replace(step, reason=f"{step.reason}: {nova}")
        if step.what == BACK:
            shelf.turn(step.reason)
        else:
            self._follow(flight, step)

    def _ask(self, flight: Flight, shelf: Shelf, what: str) -> None:
        move = flight.move
        try:
            if what == SHELVING:
                request = self._crossings.start(move)
            elif what == UNSHELVING:
                request = self._crossings.unshelve(move.server, *shelf.goal)
            else:
                request = self._crossings.act(move.server, "os-stop")
        except ApiError as error:
            if error.uncertain:
                shelf.note(what, "", sure=False)
            else:
                self._denied(flight, shelf, what, error.message)
        else:
            shelf.note(what, request, sure=True)
            where = f" in zone {shelf.goal[0]}" if what == UNSHELVING else ""
            self._say(move, f"{what}{where} began")

    def _denied(self, flight: Flight, shelf: Shelf, what: str, reason: str) -> None:
        """Nova refuses a request: the server is not what it was at the look, or it cannot be."""
        found = self._crossings.server(flight.move.server)
        if found is None:
            self._follow(flight, by_server(flight, None, self._now))
        elif found.task:
            # Somebody else has begun something: looked at again once that has ended.
            return
        elif what == UNSHELVING and not shelf.why:
            shelf.turn(reason)
        else:
            self._follow(flight, Step(FAILED, f"{shelf.why}; {reason}" if shelf.why else reason))

    def _refused(self, flight: Flight, server: Found | None, reason: str) -> Step:
        step = super()._refused(flight, server, reason)
        if flight.move.way != SHELVE or server is None or step.what == ELSEWHERE:
            return step
        if server.task and flight.attempts < ATTEMPTS:
            return Step(LATER, reason, move=flight.move)
        return Step(FAILED, reason)

    def _finish(self, move: Move) -> str:
        try:
            return self._crossings.finish(move.server, self._crossings.tags[move.server], self._zones)
        except ZoneopsError as error:
            return error.message

    def _end(self, flight: Flight, step: Step) -> None:
        """An answer that is lost is raised: the next look comes here again."""
        tag = self._crossings.tags.get(flight.move.server, "")
        waits = flight.record is not None and flight.record.status == FINISHED
        if tag and not waits and step.what in (MOVED, FAILED, ELSEWHERE):
            arrived = (step.to or "") if step.what == MOVED else ""
            if reason := self._unpinned(flight.move.server, tag, arrived):
                if step.what != ELSEWHERE and self._is_early(flight):
                    return
                where = (
                    f"it is on {arrived}, and its move is not finished"
                    if arrived
                    else f"{step.reason}; its move is open"
                )
                step = replace(step, what=FAILED, reason=f"{where}: {reason.rstrip('.')}. {AGAIN.rstrip('.')}")
        super()._end(flight, step)

    def _unpinned(self, server: str, tag: str, arrived: str) -> str:
        """Why it is not pinned where it is, with its tag off; empty where it is."""
        try:
            return self._crossings.finish(server, tag, self._zones, arrived=arrived)
        except ApiError as error:
            if error.uncertain:
                raise
            return error.message

    def _is_early(self, flight: Flight) -> bool:
        """Nova's record of a migration may end a moment before nova has finished with the server: the next look comes here again."""
        if flight.record is None or self._is_late(flight):
            return False
        found = self._crossings.server(flight.move.server)
        return found is not None and (found.task is not None or found.status == VERIFY_RESIZE)


def _is_shelved(flight: Flight) -> bool:
    """Whether it goes by shelve and unshelve, and not as others migrate it."""
    return flight.move.way == SHELVE and flight.record is None
