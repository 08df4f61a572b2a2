# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes of a drain."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar

from .._plan.change import Change
from .._plan.text.listing import first
from .._servers.maintenance.changes import count
from .._servers.model import PLANNED, SHELVE, Awaited, Done
from .model import Crossing
from .tags import repins, status_in, zone_in

SHOWN = 10


@dataclass(frozen=True)
class Cross(Change):
    """Servers of a zone are moved to others.

    :ivar awaited: migrations that are under way already.
    :ivar tags: of servers that are awaited, and were on their way.
    :ivar resumed: servers that an earlier run shelved, or has still to stop.
    """

    action: ClassVar[str] = "drain"
    crossings: tuple[Crossing, ...]
    awaited: tuple[Awaited, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    resumed: tuple[Crossing, ...] = ()

    @property
    def alone(self) -> bool:
        """What an earlier run began ends also where nothing else may be moved."""
        return not self.crossings

    @property
    def writes(self) -> bool:
        return bool(self.crossings or self.tags or self.resumed)

    @property
    def target(self) -> str:
        return f"servers of zone {self.zone}"

    @property
    def before(self) -> dict[str, str]:
        return {one.move.label: one.move.source for one in self.crossings}

    @property
    def after(self) -> dict[str, str]:
        return {one.move.label: one.move.target for one in self.crossings}

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        """Each server for itself, to a zone: a run that was interrupted has fewer to move, and can find another host for one."""
        return tuple(one.move.as_part(one.zone, one.text) for one in self.crossings)

    def as_dict(self) -> dict[str, Any]:
        moves = [
            {
                **Done(one.move, PLANNED, one.move.target or None).as_dict(self.zone),
                "to_zone": one.zone or None,
                "repinned": repins(one.tag),
            }
            for one in (*self.crossings, *self.resumed)
        ]
        return {**super().as_dict(), "moves": moves}

    @property
    def text(self) -> str:
        texts = [self._moves] if self.crossings else []
        if self.awaited:
            where = "" if self.crossings else f" from or to the hosts of zone {self.zone}"
            texts.append(f"await {count(len(self.awaited), 'migration')} under way{where}")
        if self.resumed:
            rest = first(SHOWN, map(_rest, self.resumed), of=len(self.resumed), separator="; ")
            texts.append(f"finish shelve and unshelve of {count(len(self.resumed), 'server')}: {rest}")
        return ", ".join(texts)

    @property
    def _moves(self) -> str:
        zones = Counter(one.zone for one in self.crossings)
        where = ", ".join(f"{number} to {zone}" for zone, number in sorted(zones.items()))
        shelved = sum(one.move.way == SHELVE for one in self.crossings)
        how = f", {shelved} of them by shelve and unshelve" if shelved else ""
        return f"move {count(len(self.crossings), 'server')} out of zone {self.zone}: {where}{how}"


def _rest(one: Crossing) -> str:
    """The rest of the way of a server that was shelved."""
    where = f"in {one.zone}" if one.zone else f"in {zone_in(one.tag)} again"
    return f"{one.move.label} {where}, {status_in(one.tag)}"


@dataclass(frozen=True)
class Finish(Change):
    """A server that an earlier run left on its way, and that is not moved now: it is pinned to the zone that it is in.

    :ivar pin: that zone; None for one that is pinned already, or was not pinned.
    """

    action: ClassVar[str] = "finish_move"
    alone: ClassVar[bool] = True
    server: str
    label: str
    tag: str
    pin: str | None

    @property
    def target(self) -> str:
        return f"server {self.label}"

    @property
    def before(self) -> dict[str, Any]:
        return {"tag": self.tag}

    @property
    def after(self) -> dict[str, Any]:
        return {"tag": None, **({"pinned_availability_zone": self.pin} if self.pin else {})}

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        """Nothing: it ends what a saved plan began."""
        return ()

    @property
    def text(self) -> str:
        if self.pin is None:
            return f"take the tag {self.tag} off server {self.label}"
        return f"pin server {self.label} to zone {self.pin}"
