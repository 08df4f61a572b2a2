# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow of every writer: observe, plan, apply, look again. Knows neither OpenStack nor Kubernetes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import reduce
from typing import Any, Generic, Protocol, TypeVar

from .apply import Outcome, Undo, apply
from .change import Change, Plan
from .deadline import Deadline
from .errors import Unexpected, ZoneopsError, unexpected
from .files.journal import Journal
from .progress import Awaited
from .saved.model import SavedPlan
from .verdict import Verdict

# How often to look whether a write has taken.
LOOK_SECONDS = 0.5
# What was written is looked at also when the deadline has passed.
LAST_LOOK_SECONDS = 30.0

O = TypeVar("O")  # noqa: E741 - what is observed
_C = TypeVar("_C", bound=Change)


class Reconciler(Protocol[O, _C]):
    """What a service brings to the flow."""

    @property
    def warnings(self) -> Sequence[str]:
        """What concerns no zone alone, once the flow has ended."""
        return ()

    @property
    def zones(self) -> Sequence[str]:
        """Inventory names of the zones this call may touch."""

    def observe(self) -> O:
        """List what is there, a few calls for all zones together."""

    def observe_details(self, observed: O, plan: Plan[_C]) -> O | None:
        """Read what the guards of this plan need and `observed` lacks; None when it lacks nothing."""

    def plan(self, observed: O) -> Plan[_C]:
        """Pure: the changes that lead to what is wanted."""

    def start_from(self, observed: O, plan: Plan[_C]) -> None:
        """Called before the first write of a plan, for what writes need to know besides their change."""
        del observed, plan

    def write(self, change: _C) -> Undo | None:
        """Carry out one change; return how to undo it where that is possible."""

    def simulate(self, observed: O, change: _C) -> O:
        """Pure: what would be observed after the change."""

    def describe(self, observed: O, zone: str) -> Mapping[str, Any]:
        """The state of a zone as far as this reconciler manages it, for diff and report."""

    def has_written(self, zone: str) -> bool | None:
        """Whether this run has changed something for the zone; None where the states before and after it tell that."""
        del zone
        return None


class Converge(Generic[O, _C]):
    """One run of the flow.

    :param one_look: is around each look.
    :param lock: keeps other runs out while this one writes; entered only when there is something to write. None where the service itself keeps
        writers apart.
    :param journal: where every write is noted, None for nowhere.
    :param settle: seconds that writes may take until they are seen.
    :param saved: what may be done; a zone in which anything else is to be done is refused. None for a run without a saved plan.
    :param at_once: how many new zones are created in parallel. With a journal one after the other: a line there names the requests of its write.
    """

    def __init__(
        self,
        reconciler: Reconciler[O, _C],
        *,
        check: bool,
        deadline: Deadline,
        one_look: Callable[[], AbstractContextManager[None]] = nullcontext,
        lock: AbstractContextManager[None] | None = None,
        journal: Journal | None = None,
        settle: float = 10.0,
        at_once: int = 1,
        saved: SavedPlan | None = None,
    ) -> None:
        self.reconciler = reconciler
        self.one_look = one_look
        self.lock = lock
        self.journal = journal
        self.check = check
        self.deadline = deadline
        self.settle = settle
        self.at_once = at_once
        self.saved = saved
        #: Tracebacks of errors that nobody foresaw; they are a failure of a zone like any other.
        self.traces: list[str] = []
        #: Behind writes: of each zone that did not fail, what a run in check mode would say, by the look that is taken anyway.
        self.verified: dict[str, Verdict] = {}

    def run(self) -> dict[str, Verdict]:
        """One verdict per zone. Raises ZoneopsError only before the first write."""
        observed, plan = self._permitted()
        if self.check or not plan.changes:
            return self._unwritten(observed, plan)
        if self.lock is None:
            return self._written(observed, plan)
        with self.lock:
            # Another run may have written before this one had the lock.
            observed, plan = self._permitted()
            return self._written(observed, plan) if plan.changes else self._unwritten(observed, plan)

    def _written(self, observed: O, plan: Plan[_C]) -> dict[str, Verdict]:
        # Before the first write: what cannot be described now is an error that costs nothing.
        before = {zone: self.reconciler.describe(observed, zone) for zone in self.reconciler.zones}
        self.reconciler.start_from(observed, plan)
        outcomes = self._apply(before, plan)
        self.traces += [trace for outcome in outcomes.values() for trace in outcome.traces]
        return self._look_again(before, plan, outcomes)

    def _apply(self, before: Mapping[str, Mapping[str, Any]], plan: Plan[_C]) -> dict[str, Outcome[_C]]:
        if self.journal is None:
            return apply(plan.changes, self.reconciler.write, self.deadline, at_once=self.at_once)
        self.journal.begin({zone: dict(state) for zone, state in before.items()}, plan.changes)
        return apply(plan.changes, self.journal.noting(self.reconciler.write), self.deadline)

    def _unwritten(self, observed: O, plan: Plan[_C]) -> dict[str, Verdict]:
        """The verdicts of a run that writes nothing: in check mode, or because there is nothing to write."""
        after = reduce(self.reconciler.simulate, plan.changes, observed)
        return {zone: self._planned(zone, observed, after, plan) for zone in self.reconciler.zones}

    def _permitted(self) -> tuple[O, Plan[_C]]:
        """What is to be written. What is seen after the writes is compared with everything that is wanted."""
        observed, plan = self._observe_and_plan()
        return observed, plan if self.saved is None else self.saved.limit(plan)

    def _observe_and_plan(self) -> tuple[O, Plan[_C]]:
        with self.one_look():
            observed = self.reconciler.observe()
            plan = self.reconciler.plan(observed)
            closer = self.reconciler.observe_details(observed, plan)
        return (observed, plan) if closer is None else (closer, self.reconciler.plan(closer))

    def _planned(self, zone: str, observed: O, after: O, plan: Plan[_C]) -> Verdict:
        mine = plan.of_zone(zone)
        return Verdict(
            changed=any(change.writes for change in mine.changes),
            errors=_owed(mine),
            plan=mine.changes,
            refusals=mine.refusals,
            warnings=_told(mine),
            wrong=_wrong(mine),
            before=self.reconciler.describe(observed, zone),
            after=self.reconciler.describe(after, zone),
            state=self.reconciler.describe(observed, zone),
        )

    def _look_again(
        self, before: Mapping[str, Mapping[str, Any]], plan: Plan[_C], outcomes: Mapping[str, Outcome[_C]]
    ) -> dict[str, Verdict]:
        """Services exist that answer 200 and do nothing: only what is seen afterwards counts."""
        wanted = [zone for zone, outcome in outcomes.items() if not outcome.errors]
        postponed = [change for outcome in outcomes.values() for change in outcome.postponed]
        try:
            with self.deadline.grace(LAST_LOOK_SECONDS):
                seen, rest = self._settled(wanted, postponed)
                after = {zone: self.reconciler.describe(seen, zone) for zone in self.reconciler.zones}
                checked = self._unwritten(seen, rest)
        except Exception as error:  # noqa: BLE001 - it is said of each zone, and what was done is not lost for it
            known = error if isinstance(error, ZoneopsError) else unexpected(error)
            if isinstance(known, Unexpected):
                self.traces.append(known.trace)
            return {zone: self._unseen(zone, before[zone], plan, outcomes, known) for zone in self.reconciler.zones}
        verdicts = {
            zone: self._seen(zone, before[zone], after[zone], plan, rest, outcomes) for zone in self.reconciler.zones
        }
        self.verified = {zone: checked[zone] for zone, verdict in verdicts.items() if not verdict.failed}
        return verdicts

    def _settled(self, wanted: Sequence[str], postponed: Sequence[_C]) -> tuple[O, Plan[_C]]:
        end = time.monotonic() + self.settle
        seen = Awaited("look again")
        while True:
            observed, rest = self._observe_and_plan()
            awaited = [change for change in rest.changes if change.zone in wanted and change not in postponed]
            if time.monotonic() >= end or not awaited:
                return observed, rest
            seen.is_now(f"{len(awaited)} changes are pending, such as: {awaited[0].text}")
            time.sleep(LOOK_SECONDS)

    def _seen(
        self,
        zone: str,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        plan: Plan[_C],
        rest: Plan[_C],
        outcomes: Mapping[str, Outcome[_C]],
    ) -> Verdict:
        verdict, outcome = self._outcome(zone, before, plan, outcomes), outcomes.get(zone, Outcome[_C]())
        verdict.after = verdict.state = after
        missing = rest.of_zone(zone)
        if not verdict.plan:
            verdict.errors += _owed(missing)
        else:
            written = self.reconciler.has_written(zone)
            verdict.changed = verdict.before != verdict.after if written is None else written
            mended = [
                note.message for note in plan.of_zone(zone).notes if note.mended and not (note.past and verdict.errors)
            ]
            verdict.warnings = (*mended, *outcome.notes, *_told(missing))
            verdict.wrong = _wrong(missing)
            if not verdict.errors:
                # A change of another zone that touches this one is that zone's to answer for.
                verdict.errors += [
                    f"had no effect {self.settle:g} s after the write: {change.text}"
                    for change in missing.changes
                    if change.zone == zone and change not in outcome.postponed
                ]
                verdict.errors += [refusal.message for refusal in missing.refusals if refusal not in verdict.refusals]
                # What was not so before is the doing of this run.
                before_it = _wrong(plan.of_zone(zone))
                verdict.errors += [message for message in verdict.wrong if message not in before_it]
                verdict.errors += [message for message in _owed(missing) if message in before_it]
        return verdict

    def _unseen(
        self,
        zone: str,
        before: Mapping[str, Any],
        plan: Plan[_C],
        outcomes: Mapping[str, Outcome[_C]],
        error: ZoneopsError,
    ) -> Verdict:
        verdict = self._outcome(zone, before, plan, outcomes)
        if verdict.plan:
            wrote = any(outcomes[change.zone].wrote for change in verdict.plan)
            verdict.changed = wrote or bool(self.reconciler.has_written(zone))
            verdict.errors.append(f"the zone could not be read afterwards: {error.message}")
        return verdict

    def _outcome(
        self, zone: str, state: Mapping[str, Any], plan: Plan[_C], outcomes: Mapping[str, Outcome[_C]]
    ) -> Verdict:
        mine, outcome = plan.of_zone(zone), outcomes.get(zone, Outcome[_C]())
        return Verdict(
            errors=list(outcome.errors),
            plan=mine.changes,
            done=tuple(outcome.done),
            undone=tuple(outcome.undone),
            left=tuple(outcome.left),
            refusals=mine.refusals,
            warnings=(*_told(mine), *outcome.notes),
            wrong=_wrong(mine),
            before=state,
            after=state,
            state=state,
        )


def _told(plan: Plan[_C]) -> tuple[str, ...]:
    """The notes of a zone, as long as nothing is written there."""
    return tuple(note.message for note in plan.notes if not note.past)


def _owed(plan: Plan[_C]) -> list[str]:
    return [note.message for note in plan.notes if note.owed]


def _wrong(plan: Plan[_C]) -> tuple[str, ...]:
    return tuple(note.message for note in plan.notes if note.wrong)
