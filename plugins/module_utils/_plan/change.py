# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan: the changes that lead from what is observed to what is wanted, and what blocks it. Data only."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar


@dataclass(frozen=True)
class Change(ABC):
    """One write. A reconciler subclasses it per kind of write; `zone` is the inventory name of the zone whose verdict it belongs to."""

    zone: str
    action: ClassVar[str]

    @property
    def begins(self) -> bool:
        """Whether the zone begins with it: nobody uses what comes after, so it can be made beside other new zones."""
        return False

    @property
    def alone(self) -> bool:
        """Whether it stands by itself: where it fails, the zone's other changes go on, and where they fail, so does it."""
        return False

    @property
    def joint(self) -> bool:
        """Whether another change of the run may have carried it out as well: what became of it can be told after the deadline too."""
        return False

    @property
    def writes(self) -> bool:
        """Whether it changes anything: what an earlier run wrote can be all that is left to wait for."""
        return True

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones that the write touches: its own, and another one where something moves between them."""
        return (self.zone,)

    @property
    @abstractmethod
    def target(self) -> str:
        """The object that is written, for example "aggregate az1"."""

    @property
    def before(self) -> Any:
        """The value that the write replaces, None where there is nothing yet."""
        return None

    @property
    def after(self) -> Any:
        """The value after the write, None where the object is gone then."""
        return None

    @property
    @abstractmethod
    def text(self) -> str:
        """One line for people, for example "add host c1 to aggregate az1"."""

    @property
    def parts(self) -> tuple[dict[str, Any], ...] | None:
        """What a saved plan has in its place: of several things that are done together each one, and what is resumed as what was begun.

        None for a change that is saved as it is; empty for one that only waits for what was begun, or records it.
        """
        return None

    def as_dict(self) -> dict[str, Any]:
        itself = part(self.action, self.target, self.before, self.after, self.text)
        return itself if self.parts is None else {**itself, "parts": list(self.parts)}


def part(action: str, target: str, before: Any, after: Any, text: str) -> dict[str, Any]:
    """A change, or a part of one, as data."""
    return {"action": action, "target": target, "before": before, "after": after, "text": text}


@dataclass(frozen=True)
class Refusal:
    """Why a zone is not touched: the rule that blocks it and what the operator can do.

    :param rule: short stable name, also the word for the option `allow` where the refusal can be lifted.
    :param items: the blockers, each with what identifies it.
    """

    zone: str
    rule: str
    message: str
    items: tuple[dict[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {"rule": self.rule, "message": self.message, "items": list(self.items)}


@dataclass(frozen=True)
class Note:
    """Something the operator should know about a zone.

    :param mended: a write of this run mends it, and it is worth saying all the same; else it is looked for again after the writes.
    :param past: it is true only after the writes: neither a run that refuses the zone nor check mode says it.
    :param wrong: something is not as it should be, and no write of this kind of run mends it: verification fails on it.
    :param owed: beside `wrong`: an earlier run ended before it could say so, and this one fails on it in its place.
    """

    zone: str
    message: str
    mended: bool = False
    past: bool = False
    wrong: bool = False
    owed: bool = False


C = TypeVar("C", bound=Change)


@dataclass(frozen=True)
class Plan(Generic[C]):
    """Ordered changes; refusals and notes by zone. A zone with a refusal is refused before the first write: it has no changes but those that stand alone.

    :ivar candidates: the changes with those of refused zones: guards look at these too, so that all blockers are reported at once.
    """

    changes: tuple[C, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    notes: tuple[Note, ...] = ()
    candidates: tuple[C, ...] = ()

    @classmethod
    def of(cls, changes: Iterable[C], refusals: Iterable[Refusal], notes: Iterable[Note]) -> Plan[C]:
        """A plan without the changes of refused zones; a zone that shares a change with a refused one is refused as well.

        A change that stands alone is kept: the planner that refused the others left out what it meant to refuse.
        """
        changes, refusals = tuple(changes), list(refusals)
        refused = {refusal.zone for refusal in refusals}
        while waiting := next(
            (
                change
                for change in changes
                if change.zone not in refused and refused & set(change.zones) and not change.alone
            ),
            None,
        ):
            other = next(zone for zone in waiting.zones if zone in refused)
            refused.add(waiting.zone)
            refusals.append(Refusal(waiting.zone, "depends", f"'{waiting.text}' needs zone {other}, which is refused"))
        return cls(
            tuple(change for change in changes if change.alone or not refused & set(change.zones)),
            tuple(refusals),
            tuple(notes),
            changes,
        )

    def of_zone(self, zone: str) -> Plan[C]:
        return Plan(
            tuple(change for change in self.changes if zone in change.zones),
            tuple(refusal for refusal in self.refusals if refusal.zone == zone),
            tuple(note for note in self.notes if note.zone == zone),
        )
