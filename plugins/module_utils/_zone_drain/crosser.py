# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves servers to other zones, and pins those that were pinned to the zone that they come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from .._openstack.errors import ApiError
from .._plan.deadline import Deadline
from .._plan.errors import ZoneopsError
from .._servers.flight import Flight, Step
from .._servers.model import ELSEWHERE, FAILED, FINISHED, MOVED, Awaited, Move
from .._servers.mover import Guard, Mover, Outcome, Rules, Say
from .calls import Crossings

AGAIN = "Run it again, which finishes that."
# Servers that were not moved after all are pinned again also when the deadline has passed.
LAST_SECONDS = 30.0


class Crosser(Mover):
    """The mover, where a move ends only once the server's pin is right.

    :param zones: the availability zone of each host.
    """

    def __init__(
        self,
        calls: Crossings,
        rules: Rules,
        deadline: Deadline,
        look: Callable[[], Guard],
        say: Say,
        tell: Callable[[str], None],
        zones: Mapping[str, str],
    ) -> None:
        super().__init__(calls, rules, deadline, look, say, tell)
        self._crossings = calls
        self._zones = zones

    def run(self, moves: Iterable[Move], awaited: Iterable[Awaited] = ()) -> Outcome:
        outcome = super().run(moves, awaited)
        tried = [move for move in outcome.left if move.server in self._crossings.begun]
        with self.deadline.grace(LAST_SECONDS):
            for move in tried:
                if reason := self._finish(move):
                    outcome.stopped = f"{outcome.stopped}; {move.label} is not pinned again: {reason}. {AGAIN}"
        return outcome

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
            step = self._pinned(flight.move.server, tag, step)
        super()._end(flight, step)

    def _pinned(self, server: str, tag: str, step: Step) -> Step:
        arrived = (step.to or "") if step.what == MOVED else ""
        try:
            reason = self._crossings.finish(server, tag, self._zones, arrived=arrived)
        except ApiError as error:
            if error.uncertain:
                raise
            reason = error.message
        if not reason:
            return step
        where = f"it is on {arrived}, and its move is not finished" if arrived else f"{step.reason}; its move is open"
        return replace(step, what=FAILED, reason=f"{where}: {reason.rstrip('.')}. {AGAIN.rstrip('.')}")
