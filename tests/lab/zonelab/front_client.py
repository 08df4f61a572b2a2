# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the clients of all labs can ask: the log of requests, and faults."""

from __future__ import annotations

import http.client
import json
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from zonelab.errors import LabError
from zonelab.ports import ADDRESS
from zonelab.proxy.log import Request, parse

if TYPE_CHECKING:
    from pathlib import Path


PATIENCE = 60
CALM = 3


class FrontClient(ABC):
    """One lab, by the port of its control interface."""

    @property
    @abstractmethod
    def control(self) -> int:
        """The port of the control interface; an error when the lab is not up."""

    @property
    @abstractmethod
    def where(self) -> Path:
        """The lab's folder, for messages."""

    def mark(self) -> int:
        """The position in the request log: pass it to requests() later."""
        return int(self._call("mark"))

    def requests(self, since: int | None = None) -> list[Request]:
        """The requests of clients, all or since a mark; each is logged before its client has the answer."""
        return parse(self._call("requests", since=since or 0))

    def until_answered(self) -> None:
        """Until no request is under way: what a client had sent before it was killed, a service may still act on. Those that hang do not count."""
        end, calm = time.monotonic() + PATIENCE, 0
        # More than one look: what was sent a moment ago may not have been taken yet.
        while calm < CALM:
            number = int(self._call("under_way"))
            calm = 0 if number else calm + 1
            if time.monotonic() > end:
                raise LabError(f"{self.where}: {number} requests are still not answered")
            time.sleep(0.02)

    def add_fault(
        self,
        kind: str,
        *,
        service: str | None = None,
        method: str = ".*",
        path: str = ".*",
        skip: int = 0,
        count: int | None = None,
        seconds: float = 0.0,
        status: int | None = None,
        retry_after: int | None = None,
        writes: bool = False,
        after: int | None = None,
    ) -> int:
        """Set a fault (see zonelab.proxy.faults); its number."""
        fault = {key: value for key, value in locals().items() if key != "self"}
        return int(self._call("add_fault", **fault))

    def faults(self) -> list[dict[str, Any]]:
        """All faults that are set, with how often each was seen and has hit."""
        return list(self._call("faults"))

    def clear_faults(self, number: int | None = None) -> None:
        """Remove all faults, or one; whoever hangs in it is let go."""
        self._call("clear_faults", number=number)

    def _call(self, command: str, **arguments: Any) -> Any:
        connection = http.client.HTTPConnection(ADDRESS, self.control, timeout=180)
        try:
            connection.request("POST", f"/{command}", json.dumps(arguments))
            answer = json.loads(connection.getresponse().read())
        except OSError as error:
            raise LabError(f"{self.where}: the lab does not answer: {error}") from error
        finally:
            connection.close()
        if "error" in answer:
            raise LabError(answer["error"])
        return answer["result"]
