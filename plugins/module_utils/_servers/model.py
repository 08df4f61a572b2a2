# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that are moved, as plain data. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._plan.change import part

LIVE, COLD = "live", "cold"
#: Off its host, and on another one of another zone: an interruption.
SHELVE = "shelve and unshelve"
#: What becomes of a server that is switched on or off; FAILED, GONE, ELSEWHERE and PENDING as of a move.
STOPPED, STARTED = "stopped", "started"
#: What became of a move: the server is on another host, the move failed, the server was deleted, others moved it, or it was under way at the end.
MOVED, FAILED, GONE, ELSEWHERE, PENDING = "moved", "failed", "gone", "elsewhere", "pending"
PLANNED = "planned"

# How nova calls them in its records.
LIVE_MIGRATION, MIGRATION, RESIZE, EVACUATION = "live-migration", "migration", "resize", "evacuation"
#: The end of a live and of a cold migration that went well.
DONE = frozenset(("completed", "confirmed"))
#: The end of one that did not.
BROKEN = frozenset(("error", "failed", "cancelled", "reverted"))
#: A cold one that waits for a confirmation.
FINISHED = "finished"


@dataclass(frozen=True)
class Move:
    """A server that is to go.

    :ivar target: the host that has room for it together with all others.
    :ivar named: whether the request names the target; else the scheduler chooses one in the zone that the server is pinned to.
    :ivar back_ends: what serves its volumes, which are attached to the target and detached from the source.
    """

    server: str
    name: str
    source: str
    target: str
    way: str
    named: bool
    memory: int = 0
    back_ends: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.name} ({self.server})" if self.name else self.server

    @property
    def doing(self) -> str:
        """What is begun."""
        return self.way if self.way in (SHELVE, EVACUATION) else f"{self.way} migration"

    @property
    def text(self) -> str:
        return f"{self.label} {self.way} from {self.source} to {self.target if self.named else 'a host of its zone'}"

    def as_part(self, to: str | None, text: str) -> dict[str, Any]:
        """What a saved plan has of it.

        :param to: the host or the zone that it may go to; None for what the scheduler chooses.
        """
        return part("move", f"server {self.label}", self.source, to, text)


@dataclass(frozen=True)
class Powered:
    """A server that is to be stopped where it is, or started.

    :ivar remembered: an earlier run has begun to stop it.
    """

    server: str
    name: str
    host: str
    remembered: bool = False

    @property
    def label(self) -> str:
        return f"{self.name} ({self.server})" if self.name else self.server


@dataclass(frozen=True)
class Record:
    """A migration as nova records it.

    :ivar user: who began it; empty before 2.80.
    """

    uuid: str
    server: str
    kind: str
    status: str
    source: str
    target: str | None
    user: str = ""

    @property
    def under_way(self) -> bool:
        return self.status not in DONE | BROKEN | {FINISHED, "done"}

    def as_item(self) -> dict[str, Any]:
        return {
            "kind": "migration",
            "uuid": self.uuid,
            "server": self.server,
            "type": self.kind,
            "status": self.status,
            "source": self.source,
            "target": self.target,
        }

    @property
    def text(self) -> str:
        return self.about(self.server)

    def about(self, server: str) -> str:
        """For people, with the server as they know it."""
        return f"{self.kind} of server {server} from {self.source} to {self.target or 'no host yet'} ({self.status})"


@dataclass(frozen=True)
class Awaited:
    """A migration that was under way before this run.

    :ivar ours: whether an earlier run of this collection began it: a cold one is confirmed.
    """

    record: Record
    name: str = ""
    ours: bool = False


@dataclass(frozen=True)
class Done:
    """What became of a move.

    :ivar to: the host that it is on now, where that is known.
    """

    move: Move
    outcome: str
    to: str | None = None
    reason: str = ""
    seconds: float = 0.0

    def as_dict(self, zone: str) -> Mapping[str, Any]:
        return {
            "server": self.move.server,
            "name": self.move.name,
            "zone": zone,
            "from": self.move.source,
            "to": self.to,
            "way": self.move.way,
            "outcome": self.outcome,
            "reason": self.reason,
            "seconds": round(self.seconds, 1),
        }


@dataclass(frozen=True)
class Switched:
    """What became of a server."""

    powered: Powered
    outcome: str
    reason: str = ""
    seconds: float = 0.0

    def as_dict(self, zone: str) -> Mapping[str, Any]:
        return {
            "server": self.powered.server,
            "name": self.powered.name,
            "zone": zone,
            "host": self.powered.host,
            "outcome": self.outcome,
            "reason": self.reason,
            "seconds": round(self.seconds, 1),
        }
