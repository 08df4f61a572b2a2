# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carry out the changes of a plan, the only place that writes: in order, and a zone that fails is rolled back. New zones are created in parallel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from .change import C, Change
from .deadline import Deadline
from .errors import Postponed, Unexpected, ZoneopsError, unexpected
from .progress import report
from .threads import threads

# Undo must have a chance also when the deadline has passed.
UNDO_SECONDS = 30.0

Undo = Callable[[], None]
Write = Callable[[C], "Undo | None"]


@dataclass
class Outcome(Generic[C]):
    """What became of one zone's changes.

    :ivar done: took effect and is kept.
    :ivar undone: took effect and was rolled back after a failure.
    :ivar left: not begun, or failed.
    :ivar postponed: those of `left` that wait for something that failed elsewhere.
    :ivar notes: what they wait for.
    :ivar errors: what went wrong, the cause first, then what could not be rolled back.
    :ivar uncertain: the answer of the failed write was lost, so it may stand.
    :ivar traces: tracebacks of errors that nobody foresaw.
    """

    done: list[C] = field(default_factory=list)
    undone: list[C] = field(default_factory=list)
    left: list[C] = field(default_factory=list)
    postponed: list[C] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    uncertain: bool = False
    traces: list[str] = field(default_factory=list)

    def fails(self, what: str, error: Exception) -> None:
        """Note an error, whatever its kind: what was done, what is rolled back and the other zones must not be lost for it."""
        known = error if isinstance(error, ZoneopsError) else unexpected(error)
        self.errors.append(f"{what}: {known.message}")
        self.uncertain = self.uncertain or known.uncertain
        if isinstance(known, Unexpected):
            self.traces.append(known.trace)

    @property
    def wrote(self) -> bool:
        return self.uncertain or any(change.writes for change in (*self.done, *self.undone))


_C = TypeVar("_C", bound=Change)


def apply(changes: Iterable[_C], write: Write[_C], deadline: Deadline, *, at_once: int = 1) -> dict[str, Outcome[_C]]:
    """Write the changes in order, per zone all or nothing as far as they can be undone. A zone that fails does not stop the others.

    :param at_once: how many new zones are created in parallel, behind what zones share and before the other zones are changed one by one.
    """
    changes = tuple(changes)
    first, rest = _shared_first(changes) if at_once > 1 else ((), changes)
    new = _new_zones(rest) if at_once > 1 else {}
    outcomes = _apply_in_order(first, write, deadline)
    with threads(at_once, deadline) as pool:
        # What has become of a shared change is in the outcome of its zone already.
        made = pool.map(
            lambda item: _apply_in_order(item[1], write, deadline, _only(outcomes, item[0])), list(new.items())
        )
        for outcome in list(made):
            outcomes |= outcome
    return _apply_in_order([change for change in rest if change.zone not in new], write, deadline, outcomes)


def _shared_first(changes: Sequence[_C]) -> tuple[tuple[_C, ...], tuple[_C, ...]]:
    """What zones share and stands by itself, where it leads: new zones wait for it and not for each other."""
    count = next((index for index, change in enumerate(changes) if not _is_shared(change)), len(changes))
    return tuple(changes[:count]), tuple(changes[count:])


def _is_shared(change: Change) -> bool:
    return change.alone and len(change.zones) > 1


def _only(outcomes: Mapping[str, Outcome[_C]], zone: str) -> dict[str, Outcome[_C]]:
    return {zone: outcomes[zone]} if zone in outcomes else {}


def _new_zones(changes: Sequence[_C]) -> dict[str, list[_C]]:
    """The changes of the zones that begin with this run and share none with another one."""
    by_zone: dict[str, list[_C]] = {}
    for change in changes:
        by_zone.setdefault(change.zone, []).append(change)
    shared = {zone for change in changes if len(change.zones) > 1 for zone in change.zones}
    return {zone: own for zone, own in by_zone.items() if own[0].begins and zone not in shared}


def _apply_in_order(
    changes: Iterable[_C], write: Write[_C], deadline: Deadline, before: Mapping[str, Outcome[_C]] | None = None
) -> dict[str, Outcome[_C]]:
    """Write them one by one.

    :param before: what became of changes before these; the same outcomes go on.
    """
    changes = tuple(changes)
    outcomes: dict[str, Outcome[_C]] = dict(before or {})
    undos: dict[str, list[tuple[_C, Undo | None]]] = {}
    for number, change in enumerate(changes, start=1):
        if deadline.stopped:
            break
        outcome = outcomes.setdefault(change.zone, Outcome())
        if outcome.errors and not change.alone:
            outcome.left.append(change)
            continue
        try:
            if not change.joint:
                deadline.check(change.text)
            if not change.alone:
                _check_others(change, outcomes)
            report(f"{change.zone}: {change.text} ({number} of {len(changes)})")
            undo = write(change)
        except Postponed as reason:
            outcome.left.append(change)
            outcome.postponed.append(change)
            outcome.notes.append(reason.message)
        except Exception as error:  # noqa: BLE001 - it is said, and counts as a failure of this change
            outcome.left.append(change)
            outcome.fails(change.text, error)
            if change.alone or deadline.stopped:
                continue
            with deadline.grace(UNDO_SECONDS):
                _roll_back(outcome, undos.get(change.zone, []))
        else:
            outcome.done.append(change)
            undos.setdefault(change.zone, []).append((change, undo))
    return outcomes


def _check_others(change: Change, outcomes: Mapping[str, Outcome[_C]]) -> None:
    """A change that touches a zone that failed was planned for what is not there now."""
    failed = next((zone for zone in change.zones if zone in outcomes and outcomes[zone].errors), None)
    if failed is not None:
        raise ZoneopsError(f"needs zone {failed}, which failed")


def _roll_back(outcome: Outcome[_C], steps: list[tuple[_C, Undo | None]]) -> None:
    """Undo the zone's steps in reverse order. Behind a step that cannot be undone there is no way back: then all of them stand."""
    undos = [(change, undo) for change, undo in steps if undo is not None]
    if len(undos) < len(steps):
        outcome.errors.append("what was done before this is kept: run it again to continue from here")
        return
    for change, undo in reversed(undos):
        try:
            undo()
        except Exception as error:  # noqa: BLE001 - it is said, and the zone stands as it is
            outcome.fails(f"could not undo '{change.text}'", error)
            return
        outcome.done.remove(change)
        outcome.undone.append(change)
