# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request log: one JSON line per request in a file, and the offset of each line in memory.

The number of a request is its position, so "all since mark N" is one seek, however long the lab runs.
"""

from __future__ import annotations

import json
import re
import threading
from array import array
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

KUBERNETES = "kubernetes"  # the API server's name in logs and faults
READING = {
    "keystone": re.compile(r"\A/v3/auth/"),
    KUBERNETES: re.compile(r"[?&]dryRun=All(&|\Z)|\A/apis/authorization\.k8s\.io/"),
}


@dataclass(frozen=True)
class Request:
    """One request of a client and how it was answered; status None: the client got no answer from the lab."""

    number: int
    time: float
    service: str
    method: str
    path: str
    status: int | None
    microversion: str | None
    milliseconds: float
    request_id: str | None
    user_agent: str | None
    fault: int | None = None

    @property
    def writes(self) -> bool:
        """Whether it may have changed something; signing in does not count."""
        return is_write(self.service, self.method, self.path)


def is_write(service: str, method: str, path: str) -> bool:
    """GET, HEAD and OPTIONS read, and so do a request for a token, a dry run, and the question what one may do."""
    reading = READING.get(service)
    return method not in ("GET", "HEAD", "OPTIONS") and not (reading and reading.search(path))


class RequestLog:
    """Appended by many threads."""

    def __init__(self, file: Path) -> None:
        """A new log for each start of the lab."""
        self._file = file.open("w+b")
        self._offsets = array("Q")
        self._end = 0
        self._lock = threading.Lock()

    def mark(self) -> int:
        """The number that the next request will get."""
        return len(self._offsets)

    def append(
        self,
        *,
        time: float,
        service: str,
        method: str,
        path: str,
        status: int | None,
        microversion: str | None,
        milliseconds: float,
        request_id: str | None,
        user_agent: str | None,
        fault: int | None,
    ) -> None:
        """Log one request."""
        with self._lock:
            entry = Request(
                number=len(self._offsets),
                time=time,
                service=service,
                method=method,
                path=path,
                status=status,
                microversion=microversion,
                milliseconds=round(milliseconds, 1),
                request_id=request_id,
                user_agent=user_agent,
                fault=fault,
            )
            line = json.dumps(asdict(entry)).encode() + b"\n"
            self._file.seek(self._end)
            self._file.write(line)
            self._file.flush()
            self._offsets.append(self._end)
            self._end += len(line)

    def since(self, number: int = 0) -> bytes:
        """The lines from this number on."""
        with self._lock:
            if number >= len(self._offsets):
                return b""
            self._file.seek(self._offsets[max(0, number)])
            return self._file.read()


def parse(lines: str) -> list[Request]:
    """Requests from the log's lines."""
    return [Request(**json.loads(line)) for line in lines.splitlines()]
