# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes to objects of the Kubernetes API, as a plan shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..._plan.change import Change
from ..._plan.text.listing import first
from ..display import shown
from ..objects import Applied
from . import fields
from .observe import Seen

NAMED = 6


@dataclass(frozen=True)
class Write(Change):
    """A write of one part.

    :param asked: the zones of this call, whose all shared parts are.
    :param joins: whether the zone is there already: then nothing begins with it.
    """

    seen: Seen
    asked: tuple[str, ...]
    joins: bool = field(default=False, kw_only=True)

    @property
    def applied(self) -> Applied:
        return self.seen.applied

    @property
    def shared(self) -> bool:
        """Whether it belongs to no zone of its own."""
        return not self.applied.zones

    @property
    def part(self) -> str:
        """The zone whose own it is; empty for what zones share."""
        return "" if self.shared else self.zone

    @property
    def zones(self) -> tuple[str, ...]:
        return self.asked if self.shared else self.applied.zones

    # A shared part is right by itself, also where a zone is refused.
    @property
    def alone(self) -> bool:
        return self.shared

    @property
    def begins(self) -> bool:
        return self.seen.new and not self.joins

    @property
    def target(self) -> str:
        return f"{self.applied.ref} ({self.applied.manager})"


@dataclass(frozen=True)
class ApplyFields(Write):
    """One server-side apply."""

    action: ClassVar[str] = "apply"

    @property
    def before(self) -> Any:
        return None if self.seen.base is None else shown(self.seen.base, self.seen.before)

    @property
    def after(self) -> Any:
        return shown(self.seen.after, self.seen.wanted, self.seen.before)

    @property
    def text(self) -> str:
        applied = self.applied
        if self.seen.base is None:
            return f"{applied.step}: create {applied.ref}"
        changed = list(fields.differing(self.seen.before, self.seen.wanted))
        if not changed:
            return f"{applied.step}: own the fields of {applied.ref} as {applied.manager}; their values are kept"
        verb = "remove from" if applied.removes else "change"
        return f"{applied.step}: {verb} {applied.ref}: {some(changed)}"


@dataclass(frozen=True)
class TakeOver(Write):
    """Fields that this collection's manager owns are no longer owned by another one, too. No value changes."""

    manager: str
    action: ClassVar[str] = "hand_over"

    @property
    def names(self) -> list[str]:
        return fields.top(self.seen.shared.get(self.manager, {}))

    @property
    def before(self) -> Any:
        return {"owners": sorted({self.manager, self.applied.manager}), "fields": self.names}

    @property
    def after(self) -> Any:
        return {"owners": [self.applied.manager], "fields": self.names}

    @property
    def text(self) -> str:
        return f"{self.applied.step}: take over from {self.manager}: {some(self.names)} of {self.applied.ref}; their values are kept"


@dataclass(frozen=True)
class Await(Write):
    """What is applied already, by an earlier run that did not see it come. Nothing is written."""

    lacks: str
    action: ClassVar[str] = "wait"
    writes: ClassVar[bool] = False
    begins: ClassVar[bool] = False

    @property
    def before(self) -> Any:
        return self.lacks

    @property
    def after(self) -> Any:
        return "ready"

    @property
    def text(self) -> str:
        return f"{self.applied.step}: wait for what is applied already: {self.lacks}"


def some(names: list[str]) -> str:
    """The first few, and how many more."""
    return first(NAMED, names, of=len(names))
