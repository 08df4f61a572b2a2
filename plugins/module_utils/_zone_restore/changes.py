# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The write of a restore."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from .._plan.change import Change, part
from .._plan.text.listing import first
from .._servers.maintenance.changes import count
from .model import VOLUMES, Restoration

SHOWN = 5


@dataclass(frozen=True)
class Restore(Change):
    """Servers of a lost zone are created again in another one.

    :ivar phase: VOLUMES for their volumes only.
    """

    action: ClassVar[str] = "restore_servers"
    alone: ClassVar[bool] = True
    to: str
    restorations: tuple[Restoration, ...]
    phase: str

    @property
    def target(self) -> str:
        return f"servers of zone {self.zone}"

    @property
    def before(self) -> dict[str, Any]:
        return {one.label: [copy.as_dict() for copy in one.copies] for one in self.restorations}

    @property
    def after(self) -> dict[str, str]:
        return {one.label: self.to for one in self.restorations}

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        """Each server for itself, with the backups of its volumes: a run that was interrupted has fewer to restore, and finishes what was begun."""
        return tuple(self._part(one) for one in self.restorations if one.begun is None)

    def _part(self, one: Restoration) -> dict[str, Any]:
        backups = {copy.source.id: copy.backup for copy in one.copies}
        return part("restore", f"server {one.label}", backups, self.to, self._text(one))

    def _text(self, one: Restoration) -> str:
        what = "restore the volumes of" if self.phase == VOLUMES else "restore"
        times = ", ".join(f"{copy.source.label} of {copy.taken}" for copy in one.copies)
        return f"{what} server {one.label} in {self.to}{f', from backups: {times}' if times else ', without volumes'}"

    @property
    def text(self) -> str:
        what = "the volumes of " if self.phase == VOLUMES else ""
        names = first(SHOWN, (one.label for one in self.restorations), of=len(self.restorations))
        return f"restore {what}{count(len(self.restorations), 'server')} in {self.to}: {names}"
