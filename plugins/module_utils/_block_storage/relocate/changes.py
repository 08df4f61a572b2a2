# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes that carry a volume into another zone, as data. The verdict that each belongs to is that of the volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..._plan.change import Change


@dataclass(frozen=True)
class CopyChange(Change):
    """A step with the copy of a volume. `volume` is how people know the source."""

    volume: str

    @property
    def target(self) -> str:
        return f"volume {self.volume}"


@dataclass(frozen=True)
class MakeCopy(CopyChange):
    """A volume is made from the backup, in the other zone, under a working name."""

    action: ClassVar[str] = "make_copy"
    where: str
    type: str | None

    @property
    def after(self) -> dict[str, Any]:
        return {"availability_zone": self.where, "volume_type": self.type}

    @property
    def text(self) -> str:
        typed = f" of type {self.type}" if self.type else ""
        return f"restore volume {self.volume} into a new volume{typed} in zone {self.where}"


@dataclass(frozen=True)
class AwaitCopy(CopyChange):
    """Nothing is sent: the restore ends."""

    action: ClassVar[str] = "await_copy"

    @property
    def text(self) -> str:
        return f"wait for the copy of volume {self.volume}"


@dataclass(frozen=True)
class FinishCopy(CopyChange):
    """The copy, which is whole now, gets the name, the metadata and the mark by which it is known; it is bootable where its source is."""

    action: ClassVar[str] = "finish_copy"

    @property
    def text(self) -> str:
        return f"give the copy of volume {self.volume} its name"


@dataclass(frozen=True)
class DeleteCopy(CopyChange):
    """An incomplete copy is deleted."""

    action: ClassVar[str] = "delete_copy"
    copy: str

    @property
    def before(self) -> str:
        return self.copy

    @property
    def text(self) -> str:
        return f"delete volume {self.copy}, an incomplete copy of volume {self.volume}"
