# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One writer at a time per region: a lock that is kept in nova itself, so that it holds wherever a run comes from.

It is a host aggregate without hosts, so users see nothing of it. Nova makes no second aggregate of the same name (409), so making it is taking
the lock. Its availability zone, the only text that nova takes in the same request, says whose it is and until when it can be needed.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol

from .._openstack.errors import ApiError, gone
from .._plan.deadline import Deadline
from .._plan.errors import ZoneopsError
from .._plan.limits import MOST_SECONDS
from .._plan.user import user
from .model import AZ_KEY, LOCK_NAME, LOCK_ZONE, Aggregate
from .nova import Nova

# What a run may need beyond its deadline: the rollback and the last look.
MARGIN_SECONDS = 120.0
_TEXT = re.compile(
    r"lock of (?P<owner>.*) process (?P<process>\d+) in (?P<room>\w+) since (?P<since>\d+) until (?P<until>\d+)(?P<adds> adding hosts)?"
)
#: Behind such a run placement may not mirror all hosts.
ADDS = " adding hosts"


class Locked(ZoneopsError):
    """Another run holds the lock."""


class HostsInside(Locked):
    """The lock's aggregate has hosts: nova deletes none that has."""


class Adding(Protocol):
    """What a run that may add hosts tells its lock."""

    def adds_hosts(self) -> bool:
        """Whether its plan does."""

    def owes(self) -> bool:
        """Whether placement is not seen to mirror what was added, by this run or by a dead one."""


class RegionLock:
    """Taken on entry, given back on exit.

    :param break_lock: take the lock away from a run that is known to be dead.
    :param adding: knows whether hosts are added, and at the end whether a later run has to look at what this one, or a dead one, added: then the lock stays,
        as one whose time is over. Without it only the lock of a dead run that added hosts does.
    :ivar warnings: what should be said about it afterwards.
    """

    def __init__(
        self,
        nova: Nova,
        deadline: Deadline,
        *,
        break_lock: bool = False,
        adding: Adding | None = None,
    ) -> None:
        self.nova = nova
        self.deadline = deadline
        self.break_lock = break_lock
        self.adding = adding
        self.warnings: list[str] = []
        self._id: int | None = None
        self._inherited = False

    def __enter__(self) -> None:
        try:
            self._take()
        except ApiError as error:
            if error.status != 409:
                raise
            self._take_over(self.nova.lock())

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._id is None:
            return
        try:
            with self.deadline.grace(MARGIN_SECONDS / 4):
                owes = self._inherited if self.adding is None else self.adding.owes()
                (self._end if owes else self._release)(self._id)
        except HostsInside as error:
            self.warnings.append(f"the lock {LOCK_NAME} could not be released: {error.message}")
        except ZoneopsError as error:
            self._keep(error)

    def _release(self, number: int) -> None:
        try:
            self.nova.delete_aggregate(number)
        except ApiError as error:
            if error.status in (400, 409):
                _refuse_hosts(self.nova.lock())
            if error.status != 404 or self._is_there(number):
                raise
            self.warnings.append(
                f"the lock {LOCK_NAME} was removed while this run was writing (break_lock): another run may have written at the same time. "
                "Run it again once both have ended."
            )

    def _end(self, number: int) -> None:
        try:
            self.nova.set_metadata(number, {AZ_KEY: self._text(time.time() - 1, adds=True)})
        except ApiError as error:
            if error.status != 404:
                raise
            self._release(number)

    def _is_there(self, number: int) -> bool:
        held = self.nova.lock()
        return held is not None and held.id == number

    def _keep(self, error: ZoneopsError) -> None:
        self.warnings.append(f"the lock {LOCK_NAME} could not be released: {error.message} It expires by itself.")

    def _take(self) -> None:
        adds = self._inherited or (self.adding is not None and self.adding.adds_hosts())
        text = self._text(time.time() + self.deadline.remaining() + MARGIN_SECONDS, adds=adds)
        try:
            self._id = self.nova.create_aggregate(LOCK_NAME, text).id
        except ApiError as error:
            if not error.uncertain:
                raise
            # The answer was lost: nova may have made it all the same, and nobody else would give it back.
            held = self.nova.lock()
            if held is None or held.availability_zone != text:
                raise
            self._id = held.id

    @staticmethod
    def _text(until: float, *, adds: bool) -> str:
        times = f"since {time.time():.0f} until {until:.0f}"
        return f"{LOCK_ZONE}{me()} process {os.getpid()} in {room()} {times}{ADDS if adds else ''}"

    def _take_over(self, held: Aggregate | None) -> None:
        """Take a lock that nobody holds any more; else raise Locked, with its owner and age."""
        if held is not None and held.id is not None:
            text = _text_of(held)
            dead = "break_lock" if self.break_lock else text and _why_dead(text)
            if not dead:
                raise Locked(_refusal(text))
            _refuse_hosts(held)
            owner = text["owner"] if text else "an unknown run"
            self.warnings.append(f"the lock {LOCK_NAME} of {owner} was taken over: {dead}")
            self._inherited = adds_hosts(held)
            # By its id: of two runs that take over at once the other one finds it gone.
            number = held.id
            with gone(lambda: self._is_there(number)):
                self.nova.delete_aggregate(number)
        try:
            self._take()
        except ApiError as error:
            if error.status != 409:
                raise
            raise Locked(f"another run took the lock {LOCK_NAME} at the same moment. Run it again.") from error


def of_another(held: Aggregate | None) -> bool:
    """Whether it is the lock of another run, dead or alive, that adds hosts."""
    text = _text_of(held)
    mine = text is not None and _is_here(text) and int(text["process"]) == os.getpid()
    return adds_hosts(held) and (abandoned(held) or not mine)


def adds_hosts(held: Aggregate | None) -> bool:
    """Whether its run adds hosts."""
    text = _text_of(held)
    return text is not None and text["adds"] is not None


def abandoned(held: Aggregate | None) -> bool:
    """Whether it is the lock of a run that cannot be at work any more: it was killed, and what it had still to look at was not looked at."""
    text = _text_of(held)
    return text is not None and _why_dead(text) is not None


def _text_of(held: Aggregate | None) -> re.Match[str] | None:
    """What the lock says of its run; None where it is not there, or not of this collection."""
    return _TEXT.fullmatch(held.availability_zone or "") if held is not None else None


def _is_here(text: re.Match[str]) -> bool:
    """Whether its process is one of this person's, where process ids mean the same."""
    return (text["owner"], text["room"]) == (me(), room())


def _refuse_hosts(held: Aggregate | None) -> None:
    if held is not None and held.hosts:
        commands = "; ".join(f"openstack aggregate remove host {LOCK_NAME} {host}" for host in held.hosts)
        raise HostsInside(
            f"aggregate {LOCK_NAME} is the lock of runs, and nova does not delete it while hosts are in it ({', '.join(held.hosts)}). "
            f"Remove them, then run it again: {commands}."
        )


def _refusal(text: re.Match[str] | None) -> str:
    advice = "If that run is dead, set zoneops_break_lock=true (option break_lock)."
    if text is None:
        return f"another run is writing to this region: nova has an aggregate {LOCK_NAME}. {advice}"
    age = max(0.0, time.time() - int(text["since"]))
    return (
        f"another run is writing to this region: {text['owner']}, process {text['process']}, for {age:.0f} s. "
        f"Its lock expires {_end(int(text['until']))}. {advice}"
    )


def _why_dead(text: re.Match[str]) -> str | None:
    """Why the lock's owner cannot be at work any more, None where it may be."""
    if time.time() > int(text["until"]):
        return f"it expired at {_date(int(text['until']))}"
    if _is_here(text) and not alive(int(text["process"])):
        return f"process {text['process']} on this machine has ended"
    return None


def me() -> str:
    return f"{user()}@{platform.node()}"[:100]


def room() -> str:
    """Where process ids mean the same: this boot of this machine, this container. Its name alone does not tell two of them apart."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
        place = f"{boot}{Path('/proc/self/ns/pid').readlink()}"
    except OSError:  # no Linux
        place = str(uuid.getnode())
    return hashlib.sha256(place.encode()).hexdigest()[:12]


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return not _ended(process)


def _ended(process: int) -> bool:
    """A killed process whose parent has not asked for its end yet still has its number: in containers whose first process never asks, for ever."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except ProcessLookupError:
        return True
    except OSError:  # no Linux, or not ours to read
        return False
    # The name before it is in parentheses and may hold anything (proc_pid_stat(5)).
    return stat.rpartition(")")[2].split()[:1] in (["Z"], ["X"])


def _end(until: int) -> str:
    """When a lock ends. One of another release may have a time that no calendar has."""
    return f"at {_date(until)}" if until < time.time() + MOST_SECONDS + MARGIN_SECONDS else "in more than 30 days"


def _date(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
