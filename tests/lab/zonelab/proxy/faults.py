# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults that the proxies inject: which requests they hit, and what happens to those."""

from __future__ import annotations

import itertools
import re
import threading
from dataclasses import asdict, dataclass
from typing import Any

from zonelab.errors import LabError
from zonelab.proxy.log import KUBERNETES, is_write
from zonelab.state import ON_REQUEST, SERVICES, WEB

KINDS = {
    "delay": "wait for `seconds`, then go on",
    "hang": "never answer; the server does not see the request",
    "drop-before": "close the connection; the server does not see the request",
    "drop-after": "close the connection after the server has acted",
    "status": "answer with `status` (and Retry-After); the server does not see the request",
    "hang-after": "never answer, after the server has acted",
    "status-after": "answer with `status` after the server has acted, as a gateway does that gave up waiting",
    "throttle": "spread the file over `seconds` (web server)",
    "cut": "close the connection half way through the file (web server)",
    "wrong-length": "announce and send half of the file as if that were all (web server)",
    "wrong-content": "send one byte of the file wrong (web server)",
}
OF_WEB = ("throttle", "cut", "wrong-length", "wrong-content")
HIT = (*SERVICES, *ON_REQUEST, WEB, KUBERNETES)
TIMED = ("delay", "throttle")


@dataclass(frozen=True)
class Fault:
    """What to hit: requests of a service, by method and path; the first `skip` ones pass, then `count` are hit.

    :ivar after: the number of another fault that is set: nothing is seen by this one until that one has hit.
    """

    kind: str
    service: str | None = None
    method: str = ".*"
    path: str = ".*"
    skip: int = 0
    count: int | None = None
    seconds: float = 0.0
    status: int | None = None
    retry_after: int | None = None
    writes: bool = False
    after: int | None = None

    def __post_init__(self) -> None:
        """Refuse what could never do what it seems to say."""
        if self.kind not in KINDS:
            raise LabError(f"fault kind {self.kind!r}: give one of {', '.join(KINDS)}")
        if self.service is not None and self.service not in HIT:
            raise LabError(f"fault service {self.service!r}: give one of {', '.join(HIT)}")
        if self.kind in OF_WEB and self.service not in (None, WEB):
            raise LabError(f"fault kind {self.kind!r}: only the web server ({WEB}) does that, not {self.service}")
        if self.kind.startswith("status") != (self.status is not None):
            raise LabError("a fault has a `status` exactly when its kind is status or status-after")
        if self.kind in TIMED and self.seconds <= 0:
            raise LabError(f"a fault of kind {self.kind} needs `seconds` above 0")
        for name, pattern in (("method", self.method), ("path", self.path)):
            try:
                re.compile(pattern)
            except re.error as error:
                raise LabError(f"fault {name} {pattern!r}: not a regular expression: {error}") from None

    def matches(self, service: str, method: str, path: str) -> bool:
        """Method and path are regular expressions: the method's for the whole, the path's for any part of it.

        The web server is no service of the cloud: a fault that names none does not mean it, unless it is of its kinds.
        """
        wanted = (WEB,) if self.kind in OF_WEB else (self.service or (service if service != WEB else None),)
        return (
            service in wanted
            and re.fullmatch(self.method, method, re.IGNORECASE) is not None
            and re.search(self.path, path) is not None
            and (not self.writes or is_write(service, method, path))
        )


class ActiveFault:
    """A fault that is set, with its counters."""

    def __init__(self, number: int, fault: Fault) -> None:
        """Nothing seen yet."""
        self.number = number
        self.fault = fault
        self.seen = 0
        self.hits = 0
        self.cleared = threading.Event()

    def hit(self) -> bool:
        """Count a matching request; whether it is one of those to hit."""
        self.seen += 1
        end = None if self.fault.count is None else self.fault.skip + self.fault.count
        if self.seen <= self.fault.skip or (end is not None and self.seen > end):
            return False
        self.hits += 1
        return True

    def as_dict(self) -> dict[str, Any]:
        """For the control interface."""
        return {"id": self.number, **asdict(self.fault), "seen": self.seen, "hits": self.hits}


class Faults:
    """All faults that are set, in order; a request is hit by the first one that wants it."""

    def __init__(self) -> None:
        """None."""
        self._active: list[ActiveFault] = []
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> int:
        """Set a fault."""
        with self._lock:
            if fault.after is not None and self._set(fault.after) is None:
                raise LabError(f"fault after {fault.after}: no such fault is set")
            active = ActiveFault(next(self._numbers), fault)
            self._active.append(active)
            return active.number

    def clear(self, number: int | None = None) -> None:
        """Remove one fault or all; requests that hang or wait in it go on."""
        with self._lock:
            gone = [active for active in self._active if number in (None, active.number)]
            if number is not None and not gone:
                raise LabError(f"fault {number}: no such fault is set")
            self._active = [active for active in self._active if active not in gone]
        for active in gone:
            active.cleared.set()

    def match(self, service: str, method: str, path: str) -> ActiveFault | None:
        """The fault that hits this request; counts it."""
        with self._lock:
            for active in self._active:
                if self._began(active.fault) and active.fault.matches(service, method, path) and active.hit():
                    return active
        return None

    def _set(self, number: int) -> ActiveFault | None:
        return next((active for active in self._active if active.number == number), None)

    def _began(self, fault: Fault) -> bool:
        """Whether the fault that this one comes after has hit; one that was cleared does not any more."""
        if fault.after is None:
            return True
        first = self._set(fault.after)
        return first is not None and first.hits > 0

    def list(self) -> list[dict[str, Any]]:
        """All that are set."""
        with self._lock:
            return [active.as_dict() for active in self._active]
