# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reconciler without a service: every zone is a set of items, and a write adds or removes one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ansible_collections.zoneops.openstack.plugins.module_utils._plan.apply import Undo
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.change import Change, Note, Plan, Refusal
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Reconciler
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError

Items = dict[str, frozenset[str]]


@dataclass(frozen=True)
class Put(Change):
    """Add an item to a zone, or remove it. Items that begin with "fixed" cannot be put back."""

    item: str
    there: bool = True
    action: ClassVar[str] = "put"

    @property
    def target(self) -> str:
        return f"zone {self.zone}"

    @property
    def before(self) -> Any:
        return None if self.there else self.item

    @property
    def after(self) -> Any:
        return self.item if self.there else None

    @property
    def text(self) -> str:
        return f"{'add' if self.there else 'remove'} {self.item} {'to' if self.there else 'from'} {self.zone}"

    @property
    def opposite(self) -> Put:
        return Put(self.zone, self.item, not self.there)


@dataclass
class ToyReconciler(Reconciler[Items, Put]):
    """What is wanted and what is there.

    :ivar refused: why a zone is refused, by zone.
    :ivar on_write: runs before a write takes effect; may raise, or return False for a service that says ok and does nothing.
    :ivar slow: how many looks it takes until writes are seen.
    :ivar hidden: what only a closer look shows.
    :ivar written: by zone whether something was changed there, where it knows that better than the states tell it.
    :ivar log: texts of the writes that were asked for, undos included.
    """

    wanted: Items
    current: Items
    refused: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    on_write: Callable[[Put], bool | None] = lambda _change: None
    on_observe: Callable[[int], None] = lambda _times: None
    slow: int = 0
    hidden: Items = field(default_factory=dict)
    written: dict[str, bool] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    observed: int = 0

    def __post_init__(self) -> None:
        self._seen = dict(self.current)

    @property
    def zones(self) -> tuple[str, ...]:
        return tuple(self.wanted)

    def observe(self) -> Items:
        self.observed += 1
        self.on_observe(self.observed)
        if self.observed == 1 or self.observed - 1 > self.slow:
            self._seen = dict(self.current)
        return dict(self._seen)

    def observe_details(self, observed: Items, plan: Plan[Put]) -> Items | None:
        return {**observed, **self.hidden} if plan.changes and self.hidden else None

    def plan(self, observed: Items) -> Plan[Put]:
        changes = [
            Put(zone, item, item in wanted)
            for zone, wanted in self.wanted.items()
            for item in sorted(wanted ^ observed.get(zone, frozenset()))
        ]
        refusals = [Refusal(zone, "toy", message) for zone, message in self.refused.items()]
        return Plan.of(changes, refusals, [Note(zone, message) for zone, message in self.notes.items()])

    def write(self, change: Put) -> Undo | None:
        self._put(change)
        return None if change.item.startswith("fixed") else lambda: self._put(change.opposite)

    def _put(self, change: Put) -> None:
        self.log.append(change.text)
        if self.on_write(change) is not False:
            self.current = self.simulate(self.current, change)

    def simulate(self, observed: Items, change: Put) -> Items:
        there = observed.get(change.zone, frozenset())
        return {**observed, change.zone: there | {change.item} if change.there else there - {change.item}}

    def describe(self, observed: Items, zone: str) -> Mapping[str, Any]:
        return {"items": sorted(observed.get(zone, frozenset()))}

    def has_written(self, zone: str) -> bool | None:
        return self.written.get(zone)


def items(**zones: str) -> Items:
    """items(az1="a b") is a zone with two items."""
    return {zone: frozenset(text.split()) for zone, text in zones.items()}


def failing(*texts: str, uncertain: bool = False) -> Callable[[Put], None]:
    """For `on_write`: these writes fail."""

    def fail(change: Put) -> None:
        if change.text in texts:
            raise ZoneopsError("the service said no", uncertain=uncertain)

    return fail


class Clock:
    """Stands for the module time: sleeping is what makes time pass."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds
