# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stops servers where they are, and starts them again, a bounded number at a time: the only writer of their power state."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .._openstack.errors import ApiError
from .._plan.deadline import Deadline
from .._plan.errors import ZoneopsError
from .._plan.progress import Tally
from .._plan.text.listing import first
from .migrations import STOPPED, Migrations
from .model import ELSEWHERE, FAILED, PENDING, Powered, Switched
from .mover import SILENT_SECONDS, TELL_SECONDS, Rules
from .power import REQUEST, Kind, Step, Switch, next_step

# A guest that shuts itself down takes a minute: looks become rarer with the time that it takes.
FASTEST, SLOWEST, SHARE = 0.5, 5.0, 0.2
SHOWN = 10
Say = Callable[[Powered, str], None]


@dataclass
class Outcome:
    """What became of the servers of a call.

    :ivar left: not begun.
    :ivar stopped: why no more were begun; empty where all were.
    """

    done: list[Switched] = field(default_factory=list)
    left: list[Powered] = field(default_factory=list)
    stopped: str = ""

    def of(self, *outcomes: str) -> list[Switched]:
        return [one for one in self.done if one.outcome in outcomes]


class Switcher:
    """Stops or starts the servers of one availability zone.

    :param rules: how many at a time, whether the first one alone, and how many may fail.
    """

    def __init__(
        self, calls: Migrations, zone: str, rules: Rules, deadline: Deadline, say: Say, tell: Callable[[Tally], None]
    ) -> None:
        self.calls = calls
        self.zone = zone
        self.rules = rules
        self.deadline = deadline
        self.outcome = Outcome()
        self._say = say
        self._report = tell
        self._begun = time.monotonic()
        self._waiting: list[Powered] = []
        self._switches: list[Switch] = []
        self._answered = self._told = 0.0

    def run(self, kind: Kind, servers: Iterable[Powered]) -> Outcome:
        """Until nothing is under way. Ends early, and leaves what it has not begun, when too many failed or the time is over."""
        self._waiting = sorted(servers, key=lambda one: (one.name, one.server))
        self._answered = self._now
        while self._switches or (self._waiting and not self._may_not(kind)):
            try:
                self._once(kind)
                self._answered = self._now
            except ZoneopsError as error:
                # What is under way goes on while the API is away for a moment.
                if self._now - self._answered > SILENT_SECONDS:
                    self.outcome.stopped = error.message
                    break
            self._tell(kind)
            if not self.deadline.remaining() and (self._switches or self._waiting):
                reason = f"the run's deadline of {self.deadline.seconds:g} s has passed"
                self.outcome.stopped = self.outcome.stopped or reason
                break
            if self._switches or self._waiting:
                self._pause()
        for switch in list(self._switches):
            self._end(switch, Step(PENDING, "it was still under way when the run ended"))
        self.outcome.left = self._waiting
        return self.outcome

    @property
    def _now(self) -> float:
        return time.monotonic() - self._begun

    def _once(self, kind: Kind) -> None:
        """One look at all servers of the zone; then what it calls for."""
        while self._waiting and self._may_begin(kind):
            self._switches.append(Switch(self._waiting.pop(0), self._now))
        seen = {found.id: found for found in self.calls.servers_in(self.zone)}
        for switch in list(self._switches):
            # One that is elsewhere by now is not in the list.
            number = switch.powered.server
            found = seen[number] if number in seen else self.calls.server(number)
            step = next_step(kind, switch, found, self._now)
            if step.what == REQUEST:
                self._request(kind, switch)
            elif step.what:
                self._settle(kind, switch, step)

    def _may_begin(self, kind: Kind) -> bool:
        if self._may_not(kind):
            return False
        alone = self.rules.canary and not self.outcome.of(kind.outcome)
        return len(self._switches) < (1 if alone else self.rules.bounds.at_once)

    def _may_not(self, kind: Kind) -> str:
        """Why no further server is begun with; empty where one may be."""
        failed = len(self.outcome.of(FAILED))
        if not self.outcome.stopped and failed and self.rules.canary and not self.outcome.of(kind.outcome):
            self.outcome.stopped = f"the first server, the canary, could not be {kind.outcome}"
        elif not self.outcome.stopped and failed > self.rules.max_failed:
            self.outcome.stopped = f"more servers failed than max_failed ({self.rules.max_failed})"
        return self.outcome.stopped

    def _request(self, kind: Kind, switch: Switch) -> None:
        """What is to be known later is written first: a run can end between the two."""
        remembered = not kind.stops
        try:
            if not remembered:
                self.calls.remember(switch.powered.server)
                remembered = True
            switch.request = self.calls.act(switch.powered.server, kind.action)
        except ApiError as error:
            if error.uncertain and remembered:
                # Whether it began is seen at the next look.
                switch.accepted = self._now
            elif error.uncertain or error.status in (404, 409):
                # The tag is written again, or the server is not what it was when it was looked at.
                switch.refused = error.message
            else:
                self._settle(kind, switch, Step(FAILED, error.message))
        else:
            switch.accepted = self._now
            self._say(switch.powered, f"{kind.action.removeprefix('os-')} requested")

    def _settle(self, kind: Kind, switch: Switch, step: Step) -> None:
        # One that others stopped meanwhile is not to be started by us; one that could not be stopped runs.
        forgets = step.what in ((ELSEWHERE, FAILED) if kind.stops else (kind.outcome,))
        kept = forgets and not self.calls.forget(switch.powered.server)
        reason = step.reason
        if step.what == FAILED and switch.request:
            nova = self.calls.reason(switch.powered.server, switch.request)
            reason = f"{reason}: {nova}" if nova else reason
        if kept:
            # The end reports such a server, and does not start it.
            reason = f"{reason}; nova kept its tag {STOPPED}, remove that by hand".removeprefix("; ")
        self._end(switch, Step(step.what, reason))

    def _end(self, switch: Switch, step: Step) -> None:
        if switch in self._switches:
            self._switches.remove(switch)
        self.outcome.done.append(Switched(switch.powered, step.what, step.reason, self._now - switch.begun))
        self._say(switch.powered, f"{step.what}{f': {step.reason}' if step.reason else ''}")

    def _pause(self) -> None:
        oldest = max((self._now - switch.begun for switch in self._switches), default=0.0)
        time.sleep(min(max(FASTEST, SHARE * oldest), SLOWEST, self.deadline.remaining()))

    def _tell(self, kind: Kind) -> None:
        if self._now - self._told < TELL_SECONDS:
            return
        self._told = self._now
        done, failed = len(self.outcome.of(kind.outcome)), len(self.outcome.of(FAILED))
        self._report(Tally(kind.outcome, "under way", done, len(self._switches), len(self._waiting), failed))


def complain(outcome: Outcome, kind: Kind) -> None:
    """Raise what became of servers that was not asked for."""
    problems: list[str] = []
    for what, said in ((FAILED, f"could not be {kind.outcome}"), (PENDING, "still under way")):
        found = outcome.of(what)
        texts = (f"{one.powered.label} on {one.powered.host}: {one.reason}" for one in found)
        if found:
            problems.append(f"{len(found)} {said}: {first(SHOWN, texts, of=len(found), separator='; ')}")
    if outcome.stopped:
        problems.append(f"{outcome.stopped}{f', {len(outcome.left)} not begun' if outcome.left else ''}")
    if problems:
        raise ZoneopsError(". ".join(problem.rstrip(". ") for problem in problems) + ".")
