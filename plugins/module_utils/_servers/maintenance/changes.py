# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes of a maintenance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ..._plan.change import Change, part
from ..._plan.text.listing import first
from ..migrations import STOPPED as TAG
from ..model import PLANNED, Awaited, Done, Move, Powered, Switched
from .marks import EMPTIED, LEFT, STOPPED

SHOWN = 5


@dataclass(frozen=True)
class HostChange(Change):
    """A change of one compute service.

    :ivar old: the disabled reason before, None where it was enabled.
    :ivar new: the one after.
    """

    host: str
    old: str | None
    new: str | None

    @property
    def target(self) -> str:
        return f"nova-compute on {self.host}"

    @property
    def before(self) -> dict[str, Any]:
        return _status(self.old)

    @property
    def after(self) -> dict[str, Any]:
        return _status(self.new)

    @property
    def itself(self) -> tuple[dict[str, Any], ...]:
        """As a part: a run that resumes another one finds the mark of that one before it."""
        return (part(self.action, self.target, None, self.after, self.text),)

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        return self.itself


def _status(reason: str | None) -> dict[str, Any]:
    return {"status": "enabled"} if reason is None else {"status": "disabled", "disabled_reason": reason}


@dataclass(frozen=True)
class Disable(HostChange):
    """The scheduler places nothing there from now on, and no other run works on it."""

    action: ClassVar[str] = "disable_host"
    resumed: bool = False

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        return replace(self, resumed=False).itself

    @property
    def text(self) -> str:
        return f"{'resume the maintenance of' if self.resumed else 'disable'} host {self.host}"


@dataclass(frozen=True)
class Drain(Change):
    """The servers of a zone's hosts are moved.

    :ivar out: to other zones; else inside the zone.
    :ivar awaited: migrations that are under way already.
    :ivar staying: ids of servers that remain where they are.
    """

    action: ClassVar[str] = "drain"
    hosts: tuple[str, ...]
    moves: tuple[Move, ...]
    awaited: tuple[Awaited, ...] = ()
    staying: frozenset[str] = frozenset()
    out: bool = False

    @property
    def target(self) -> str:
        return "servers on " + ", ".join(self.hosts)

    @property
    def before(self) -> dict[str, str]:
        return {move.label: move.source for move in self.moves}

    @property
    def after(self) -> dict[str, str]:
        return {move.label: move.target for move in self.moves}

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        """Each server for itself: a run that was interrupted has fewer to move."""
        return tuple(move.as_part(move.target if move.named else None, f"move {move.text}") for move in self.moves)

    def as_dict(self) -> dict[str, Any]:
        moves = [Done(move, PLANNED, move.target).as_dict(self.zone) for move in self.moves]
        return {**super().as_dict(), "moves": moves}

    @property
    def text(self) -> str:
        waits = f"await {count(len(self.awaited), 'migration')} under way"
        if not self.moves:
            return f"{waits} from or to {', '.join(self.hosts)}"
        where = "to other zones" if self.out else "inside the zone"
        more = f", {waits}" if self.awaited else ""
        return f"move {count(len(self.moves), 'server')} from {', '.join(self.hosts)} {where}{more}"


@dataclass(frozen=True)
class Stop(Change):
    """The servers of a zone's hosts are stopped where they are, and remembered.

    :ivar awaited: whether migrations end before: what arrives with them is stopped as well.
    """

    action: ClassVar[str] = "stop"
    hosts: tuple[str, ...]
    servers: tuple[Powered, ...]
    awaited: bool = False

    @property
    def target(self) -> str:
        return "servers on " + ", ".join(self.hosts)

    @property
    def before(self) -> dict[str, str]:
        return {one.label: "ACTIVE" for one in self.servers}

    @property
    def after(self) -> dict[str, str]:
        return {one.label: "SHUTOFF" for one in self.servers}

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        return tuple(_power(self.action, one, "ACTIVE", "SHUTOFF") for one in self.servers)

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), **_switched(self.zone, self.servers)}

    @property
    def text(self) -> str:
        return f"stop {count(len(self.servers), 'server')} on {', '.join(self.hosts)}"


@dataclass(frozen=True)
class Start(Change):
    """The servers of a host that a zone's maintenance stopped are started. The host itself was enabled by others."""

    action: ClassVar[str] = "start"
    alone: ClassVar[bool] = True
    host: str
    servers: tuple[Powered, ...]

    @property
    def target(self) -> str:
        return f"servers on {self.host}"

    @property
    def before(self) -> dict[str, str]:
        return {one.label: "SHUTOFF" for one in self.servers}

    @property
    def after(self) -> dict[str, str]:
        return {one.label: "ACTIVE" for one in self.servers}

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        return tuple(_power(self.action, one, "SHUTOFF", "ACTIVE") for one in self.servers)

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), **_switched(self.zone, self.servers)}

    @property
    def text(self) -> str:
        return f"start {count(len(self.servers), 'server')} on host {self.host}"


@dataclass(frozen=True)
class Forget(Change):
    """Servers that a maintenance stopped, and their owners ran and stopped again: they stay off, and lose our tag."""

    action: ClassVar[str] = "forget"
    alone: ClassVar[bool] = True
    servers: tuple[Powered, ...]

    @property
    def target(self) -> str:
        return "servers " + ", ".join(one.label for one in self.servers)

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        return tuple(
            part(self.action, f"server {one.label}", TAG, None, f"remove the tag {TAG} of server {one.label}")
            for one in self.servers
        )

    @property
    def text(self) -> str:
        shown = first(SHOWN, (one.label for one in self.servers), of=len(self.servers))
        return f"leave {count(len(self.servers), 'server')} off that others ran and stopped again: {shown}"


@dataclass(frozen=True)
class Renew(HostChange):
    """The mark names another end; nothing else changes."""

    action: ClassVar[str] = "set_end"

    @property
    def text(self) -> str:
        return f"record the new end of the maintenance on host {self.host}"


@dataclass(frozen=True)
class Close(HostChange):
    """What was to go is gone, or stopped: it is proved, and recorded.

    :ivar staying: ids of servers that remain.
    """

    action: ClassVar[str] = "record_empty"
    staying: frozenset[str] = frozenset()
    phase: str = EMPTIED

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        """Nothing where the servers are left: a run that may disable the host may stop there."""
        return () if self.phase == LEFT else self.itself

    @property
    def text(self) -> str:
        if self.phase == LEFT:
            return f"record that host {self.host} is in maintenance"
        if self.phase == STOPPED:
            return f"check that no server runs on host {self.host}, and record it"
        if self.staying:
            return f"record that only {count(len(self.staying), 'server')} remain on host {self.host}"
        return f"check that host {self.host} is empty, and record it"


@dataclass(frozen=True)
class Reopen(HostChange):
    """Every host for itself: what is wrong with one keeps no other in maintenance.

    :ivar canary: whether a server is to start there before it stays enabled.
    :ivar starting: what the maintenance stopped there, and starts again before.
    """

    action: ClassVar[str] = "end_maintenance"
    alone: ClassVar[bool] = True
    canary: bool = False
    starting: tuple[Powered, ...] = ()

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        starts = (_power("start", one, "SHUTOFF", "ACTIVE") for one in self.starting)
        return (*starts, *replace(self, starting=()).itself)

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), **(_switched(self.zone, self.starting) if self.starting else {})}

    @property
    def text(self) -> str:
        starts = f"start {count(len(self.starting), 'server')} there, and " if self.starting else ""
        if self.new is not None:
            return f"{starts}end the maintenance of host {self.host}, disabled as before"
        return f"{starts}enable host {self.host}{' if a canary server starts there' if self.canary else ''}"


def _power(action: str, server: Powered, before: str, after: str) -> dict[str, Any]:
    return part(action, f"server {server.label}", before, after, f"{action} server {server.label}")


def _switched(zone: str, servers: tuple[Powered, ...]) -> dict[str, Any]:
    """As the result of a call has them, planned."""
    return {"switched": [dict(Switched(one, PLANNED).as_dict(zone)) for one in servers]}


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
