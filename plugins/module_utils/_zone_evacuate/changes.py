# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes of an evacuation."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar

from .._masakari.changes import SetMaintenance
from .._plan.change import Change, part
from .._plan.text.listing import first
from .._servers.maintenance.changes import count
from .._servers.model import PLANNED, Awaited, Done
from .evidence.fencing import Fence
from .model import Evacuation

SHOWN = 10


@dataclass(frozen=True)
class TakeOut(Change):
    """A dead host is disabled and forced down, in one write. Masakari ignores it before that.

    :ivar old: the disabled reason before, None where it was enabled.
    :ivar fence: why it is known to be cut off.
    :ivar ignored: what makes Masakari ignore it; None where it does, or does not know it.
    :ivar out: it is disabled and forced down already.
    """

    action: ClassVar[str] = "take_out_host"
    alone: ClassVar[bool] = True
    host: str
    old: str | None
    new: str
    fence: Fence
    ignored: SetMaintenance | None = None
    out: bool = False

    @property
    def target(self) -> str:
        return f"nova-compute on {self.host}"

    @property
    def before(self) -> dict[str, Any]:
        return {"status": "enabled"} if self.old is None else {"status": "disabled", "disabled_reason": self.old}

    @property
    def after(self) -> dict[str, Any]:
        return {"status": "disabled", "disabled_reason": self.new, "forced_down": True, "fencing": self.fence.as_dict()}

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        """A run that was interrupted has less to do."""
        first_part = () if self.ignored is None else (self.ignored.as_dict(),)
        if self.out:
            return first_part
        return (*first_part, part(self.action, self.target, self.before, self.after, self._out))

    @property
    def text(self) -> str:
        if self.ignored is None:
            return self._out
        return self.ignored.text if self.out else f"{self.ignored.text}, and {self._out}"

    @property
    def _out(self) -> str:
        return f"take host {self.host} out of service, which is cut off ({self.fence.text})"


@dataclass(frozen=True)
class Evacuate(Change):
    """Servers leave dead hosts of a zone, and get the power state that they had.

    :ivar awaited: evacuations that are under way already.
    :ivar watched: what is remembered of those.
    :ivar landed: servers that an earlier run evacuated, and that are not yet as they are to be.
    :ivar starts: whether those that ran are started; else they stay stopped, as nova leaves them.
    """

    action: ClassVar[str] = "evacuate"
    alone: ClassVar[bool] = True
    hosts: tuple[str, ...]
    evacuations: tuple[Evacuation, ...] = ()
    awaited: tuple[Awaited, ...] = ()
    watched: tuple[Evacuation, ...] = ()
    landed: tuple[Evacuation, ...] = ()
    starts: bool = True

    @property
    def writes(self) -> bool:
        return bool(self.evacuations or self.landed or (self.starts and self.awaited))

    @property
    def target(self) -> str:
        return f"servers of dead hosts of zone {self.zone}"

    @property
    def before(self) -> dict[str, str]:
        return {one.move.label: one.move.source for one in self.evacuations}

    @property
    def after(self) -> dict[str, str]:
        return {one.move.label: one.move.target for one in self.evacuations}

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        """Each server for itself, to a zone: a run that was interrupted has fewer to evacuate, and can find another host for one."""
        return tuple(
            one.move.as_part(one.zone, f"evacuate server {one.move.label} to {one.zone}") for one in self.evacuations
        )

    def as_dict(self) -> dict[str, Any]:
        moves = [
            {**Done(one.move, PLANNED, one.move.target or None).as_dict(self.zone), **extras(one)}
            for one in (*self.evacuations, *self.landed)
        ]
        return {**super().as_dict(), "moves": moves}

    @property
    def text(self) -> str:
        texts = [self._moves] if self.evacuations else []
        if self.awaited:
            texts.append(f"await {count(len(self.awaited), 'evacuation')} under way")
        if self.landed:
            rest = (f"{one.move.label} on {one.move.target}, {one.status}" for one in self.landed)
            texts.append(
                f"finish {count(len(self.landed), 'server')} that arrived: {first(SHOWN, rest, of=len(self.landed), separator='; ')}"
            )
        return ", ".join(texts)

    @property
    def _moves(self) -> str:
        zones = Counter(one.zone for one in self.evacuations)
        where = ", ".join(f"{number} to {zone}" for zone, number in sorted(zones.items()))
        boots = sum(one.boots for one in self.evacuations)
        made = sum(one.rebuilt for one in self.evacuations)
        told = f"; {boots} in status ERROR, which boot" if boots else ""
        told += f"; the disks of {made} are recreated" if made else ""
        return f"evacuate {count(len(self.evacuations), 'server')} from {count(len(self.hosts), 'host')}: {where}{told}"


def extras(one: Evacuation) -> dict[str, Any]:
    """What a result has of a server in addition to what it has of every move."""
    return {
        "to_zone": one.zone or None,
        "status": one.status,
        "priority": one.priority,
        "boots": one.boots,
        "rebuilt": one.rebuilt,
    }
