# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes that backups of volumes need, as data. The verdict that each belongs to is that of a volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..._plan.change import Change


@dataclass(frozen=True)
class MakeBackup(Change):
    """A backup is begun."""

    action: ClassVar[str] = "make_backup"
    volume: str
    where: str | None
    incremental: bool = False
    metadata: tuple[tuple[str, str], ...] = ()
    name: str = ""
    forced: bool = False

    @property
    def target(self) -> str:
        return f"volume {self.volume}"

    @property
    def after(self) -> dict[str, Any]:
        return {"backup_zone": self.where, "incremental": self.incremental}

    @property
    def text(self) -> str:
        kind = "an incremental" if self.incremental else "a full"
        return f"create {kind} backup of volume {self.volume}" + (f" in zone {self.where}" if self.where else "")


@dataclass(frozen=True)
class AwaitBackup(Change):
    """Nothing is sent: a backup that was begun, by this run or an earlier one, becomes good."""

    action: ClassVar[str] = "await_backup"
    volume: str

    @property
    def target(self) -> str:
        return f"volume {self.volume}"

    @property
    def before(self) -> str:
        return "creating"

    @property
    def after(self) -> str:
        return "available"

    @property
    def text(self) -> str:
        return f"wait for the backup of volume {self.volume}"


@dataclass(frozen=True)
class DeleteBackup(Change):
    """A backup of ours goes. `why` is for people; without an id it is the one that is made before."""

    action: ClassVar[str] = "delete_backup"
    backup: str | None
    made: str | None
    why: str

    @property
    def target(self) -> str:
        return f"backup {self.backup}" if self.backup else "the new backup"

    @property
    def before(self) -> str | None:
        return self.made

    @property
    def text(self) -> str:
        made = f" of {self.made}" if self.made else ""
        return f"delete {self.target}{made}: {self.why}"
