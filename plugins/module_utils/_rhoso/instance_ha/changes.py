# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes to instance HA, as a plan shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ..._plan.change import Change
from .model import BEFORE, FOR, KIND, OFF, InstanceHa, mark_of


@dataclass(frozen=True)
class Switch(Change):
    """A write to one object, and the wait until its operator has carried it out."""

    found: InstanceHa

    @property
    def target(self) -> str:
        return f"{KIND} {self.found.name}"

    @property
    def before(self) -> Any:
        return self.found.shown

    @property
    def value(self) -> str | None:
        """What `disabled` is afterwards."""
        return self.found.disabled

    @property
    def off_for(self) -> tuple[str, ...]:
        """Those that it is off for afterwards."""
        return self.found.zones

    @property
    def was(self) -> str | None:
        """What is remembered afterwards of `disabled`."""
        return self.found.before if self.off_for else None

    @property
    def awaits(self) -> bool:
        """Whether its operator has something to do; it does not read the marks."""
        return self.value != self.found.disabled

    @property
    def result(self) -> InstanceHa:
        """The object as the write leaves it."""
        return replace(self.found, disabled=self.value, zones=self.off_for, before=self.was)

    @property
    def after(self) -> Any:
        return self.result.shown

    def body(self, version: str) -> dict[str, Any]:
        """The merge patch, of this version of the object and no other."""
        marks = {FOR: mark_of(self.off_for), BEFORE: self.was}
        metadata = {"uid": self.found.uid, "resourceVersion": version, "annotations": marks}
        return {
            "metadata": metadata,
            **({} if self.value == self.found.disabled else {"spec": {"disabled": self.value}}),
        }


@dataclass(frozen=True)
class SwitchOff(Switch):
    action: ClassVar[str] = "switch off"

    @property
    def value(self) -> str:
        return OFF

    @property
    def off_for(self) -> tuple[str, ...]:
        # Others may have switched it on while it is off for other zones.
        return tuple(sorted({*self.found.zones, self.zone}))

    @property
    def was(self) -> str | None:
        return self.found.disabled

    @property
    def text(self) -> str:
        return f"switch {self.target} off: it fences and evacuates no host of the region until it is on again"


@dataclass(frozen=True)
class Join(Switch):
    """It is off for another zone, whose return would switch it on while this one is evacuated."""

    action: ClassVar[str] = "join"

    @property
    def off_for(self) -> tuple[str, ...]:
        return tuple(sorted((*self.found.zones, self.zone)))

    @property
    def awaits(self) -> bool:
        return not self.found.settled

    @property
    def text(self) -> str:
        return f"leave {self.target} off until zone {self.zone} is back as well: it is off for {', '.join(self.found.zones)}"


@dataclass(frozen=True)
class SwitchOn(Switch):
    """What it was before."""

    action: ClassVar[str] = "switch on"
    restored: str

    @property
    def value(self) -> str:
        return self.restored

    @property
    def off_for(self) -> tuple[str, ...]:
        return ()

    @property
    def text(self) -> str:
        return f"switch {self.target} on"


@dataclass(frozen=True)
class HandOver(Switch):
    """Other zones are still away: it stays off for them. The return of the last one, or the end of its maintenance, switches it on.

    :ivar to: these zones.
    """

    action: ClassVar[str] = "hand over"
    to: tuple[str, ...]

    @property
    def off_for(self) -> tuple[str, ...]:
        return self.to

    @property
    def text(self) -> str:
        return f"leave {self.target} off for {in_words(self.to)}"


@dataclass(frozen=True)
class Forget(Switch):
    """Others have switched it on: only the mark is removed."""

    action: ClassVar[str] = "remove mark"
    back: tuple[str, ...]

    @property
    def off_for(self) -> tuple[str, ...]:
        return tuple(name for name in self.found.zones if name not in self.back)

    @property
    def text(self) -> str:
        return f"remove the mark of {in_words(self.back)} from {self.target}, which others have switched on"


@dataclass(frozen=True)
class Await(Switch):
    """What an earlier run or others wrote is all that is left to wait for."""

    action: ClassVar[str] = "await"

    @property
    def awaits(self) -> bool:
        return True

    @property
    def writes(self) -> bool:
        return False

    @property
    def text(self) -> str:
        return f"wait until {self.target} is off"


def in_words(zones: Sequence[str]) -> str:
    return f"zone{'' if len(zones) == 1 else 's'} {', '.join(zones)}"
