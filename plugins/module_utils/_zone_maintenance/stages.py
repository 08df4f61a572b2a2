# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts, servers and services of zones as one plan: all blockers are known before the first write, and each stage is over before the next one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._plan.apply import Undo
from .._plan.change import Change, Note, Plan, Refusal
from .._plan.converge import Reconciler
from .._plan.errors import ZoneopsError

Seen = Mapping[str, Any]
# What blocks a zone as a whole, by what the parts have seen.
Guard = Callable[[Seen, str], Iterable[Refusal]]


@dataclass(frozen=True)
class Part:
    """One of the reconcilers.

    :ivar kinds: of its changes.
    :ivar accompanies: changes of other parts without which its own changes and refusals are none; empty where they stand for themselves.
    :ivar applies: whether it has to do with a zone, by what all parts have seen.
    :ivar optional: where it cannot be read, that is said, and the other parts go on without it.
    """

    reconciler: Reconciler[Any, Any]
    kinds: tuple[type[Change], ...]
    accompanies: tuple[type[Change], ...] = ()
    applies: Callable[[Seen, str], bool] = lambda _seen, _zone: True
    optional: bool = False

    def observe(self) -> Any:
        try:
            return self.reconciler.observe()
        except ZoneopsError as error:
            if not self.optional:
                raise
            return Unread(error.message)


@dataclass(frozen=True)
class Unread:
    """In place of what would be seen: why it could not be read."""

    reason: str


class Stages(Reconciler[Seen, Change]):
    """The reconciler that `_plan.converge` works in.

    :param stage: the number of the stage that a change belongs to.
    :param guard: asked for each zone in which something is to be done; elsewhere what it says is a note.
    :param more: what is observed for it besides the parts, by other names than theirs.
    :param notes: of a zone, from all that was seen.
    :param abandon: told of a zone that goes no further.
    :param shown: how the states of the parts are shown together.
    """

    def __init__(
        self,
        zones: Sequence[str],
        parts: Mapping[str, Part],
        stage: Callable[[Change], int],
        guard: Guard,
        more: Callable[[], Seen] = dict,
        notes: Callable[[Seen, str], Iterable[str]] = lambda _seen, _zone: (),
        abandon: Callable[[str], None] = lambda _zone: None,
        shown: Callable[[Mapping[str, Seen]], Seen] = dict,
    ) -> None:
        self._zones = zones
        self.parts = parts
        self._stage = stage
        self._guard = guard
        self._more = more
        self._notes = notes
        self._abandon = abandon
        self._shown = shown

    @property
    def zones(self) -> Sequence[str]:
        return self._zones

    @property
    def warnings(self) -> Sequence[str]:
        return [text for part in self.parts.values() for text in part.reconciler.warnings]

    def observe(self) -> Seen:
        return {**{name: part.observe() for name, part in self.parts.items()}, **self._more()}

    def _read(self, observed: Seen) -> dict[str, Part]:
        """The parts that could be read."""
        return {name: part for name, part in self.parts.items() if not isinstance(observed[name], Unread)}

    def observe_details(self, observed: Seen, plan: Plan[Change]) -> Seen | None:
        read = self._read(observed)
        closer = {name: part.reconciler.observe_details(observed[name], plan) for name, part in read.items()}
        found = {name: details for name, details in closer.items() if details is not None}
        return {**observed, **found} if found else None

    def plan(self, observed: Seen) -> Plan[Change]:
        plans = {name: self._plan_of(name, observed) for name in self.parts}
        changes = [change for plan in plans.values() for change in plan.candidates or plan.changes]
        refusals = [
            refusal
            for name, plan in plans.items()
            for refusal in plan.refusals
            if _is_called_for(self.parts[name], refusal.zone, changes)
        ]
        changes = [one for one in changes if _is_called_for(self._part_of(one)[1], one.zone, changes)]
        notes = [note for plan in plans.values() for note in plan.notes]
        notes += [Note(zone, text) for zone in self._zones for text in self._notes(observed, zone)]
        for zone in self._zones:
            blocked = list(self._guard(observed, zone))
            if any(change.zone == zone for change in changes):
                refusals += blocked
                # Nothing of a zone that is blocked as a whole stands by itself.
                changes = [one for one in changes if not (blocked and one.zone == zone and one.alone)]
            else:
                notes += [Note(zone, refusal.message) for refusal in blocked]
        return Plan.of(sorted(changes, key=self._stage), refusals, notes)

    def _plan_of(self, name: str, observed: Seen) -> Plan[Change]:
        """Without the zones that the part has nothing to do with."""
        part, seen = self.parts[name], observed[name]
        mine = [zone for zone in self._zones if part.applies(observed, zone)]
        if isinstance(seen, Unread):
            return Plan.of(
                (),
                (),
                [Note(zone, f"{name} is left as it is, since it could not be read: {seen.reason}") for zone in mine],
            )
        plan: Plan[Change] = part.reconciler.plan(seen)
        return Plan(
            tuple(change for change in plan.changes if change.zone in mine),
            tuple(refusal for refusal in plan.refusals if refusal.zone in mine),
            tuple(note for note in plan.notes if note.zone in mine),
            tuple(change for change in plan.candidates if change.zone in mine),
        )

    def start_from(self, observed: Seen, plan: Plan[Change]) -> None:
        for name, part in self._read(observed).items():
            part.reconciler.start_from(observed[name], plan)

    def write(self, change: Change) -> Undo | None:
        _name, part = self._part_of(change)
        try:
            # What a stage leaves behind is where the next run goes on: nothing is undone.
            part.reconciler.write(change)
        except Exception:
            self._abandon(change.zone)
            raise
        return None

    def simulate(self, observed: Seen, change: Change) -> Seen:
        name, part = self._part_of(change)
        return {**observed, name: part.reconciler.simulate(observed[name], change)}

    def describe(self, observed: Seen, zone: str) -> Mapping[str, Any]:
        found = {name: part.reconciler.describe(observed[name], zone) for name, part in self._read(observed).items()}
        return self._shown({name: state for name, state in found.items() if state})

    def _part_of(self, change: Change) -> tuple[str, Part]:
        for name, part in self.parts.items():
            if isinstance(change, part.kinds):
                return name, part
        raise ZoneopsError(f"'{change.text}' is no change of this kind.")


def _is_called_for(part: Part, zone: str, changes: Sequence[Change]) -> bool:
    """Whether what a part has to say of a zone counts."""
    others = (other for other in changes if isinstance(other, part.accompanies) and other.zone == zone)
    return not part.accompanies or any(others)
