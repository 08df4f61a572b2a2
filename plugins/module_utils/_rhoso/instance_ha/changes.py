# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes to instance HA, as a plan shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..._plan.change import Change
from .model import BEFORE, FOR, KIND, OFF, InstanceHa


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
    def marks(self) -> dict[str, str | None]:
        """The annotations afterwards; None for one that is removed."""
        return {FOR: None, BEFORE: None}

    @property
    def after(self) -> Any:
        return InstanceHa(self.found.name, self.found.uid, self.value, self.marks[FOR] or "").shown

    @property
    def body(self) -> dict[str, Any]:
        """The merge patch. With the uid, it is no write to another object of that name."""
        metadata = {"uid": self.found.uid, "annotations": self.marks}
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
    def marks(self) -> dict[str, str | None]:
        return {FOR: self.zone, BEFORE: self.found.disabled}

    @property
    def text(self) -> str:
        return f"switch {self.target} off: it fences and evacuates no host of the region until it is on again"


@dataclass(frozen=True)
class SwitchOn(Switch):
    """What it was before."""

    action: ClassVar[str] = "switch on"
    restored: str

    @property
    def value(self) -> str:
        return self.restored

    @property
    def text(self) -> str:
        return f"switch {self.target} on"


@dataclass(frozen=True)
class HandOver(Switch):
    """Another zone is still away: it stays off for that one, whose return, or the end of whose maintenance, switches it on.

    :ivar to: that zone.
    """

    action: ClassVar[str] = "hand over"
    to: str

    @property
    def marks(self) -> dict[str, str | None]:
        return {FOR: self.to, BEFORE: self.found.before}

    @property
    def text(self) -> str:
        return f"leave {self.target} off for zone {self.to}, which is still away, until that one is back"


@dataclass(frozen=True)
class Forget(Switch):
    """Others have switched it on: only the marks are removed."""

    action: ClassVar[str] = "remove mark"

    @property
    def text(self) -> str:
        return f"remove the mark of the maintenance from {self.target}, which others have switched on"


@dataclass(frozen=True)
class Await(Switch):
    """What an earlier run wrote is all that is left to wait for."""

    action: ClassVar[str] = "await"

    @property
    def marks(self) -> dict[str, str | None]:
        return {FOR: self.found.zone, BEFORE: self.found.before}

    @property
    def writes(self) -> bool:
        return False

    @property
    def text(self) -> str:
        return f"wait until {self.target} is off"
