# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What answers clients: the request log and the injected faults, for the proxies and the web server alike.

The standard library's threading server and client are enough here: a blocked thread is exactly what a hanging server
looks like, bodies stream through in pieces, and the cost is about a millisecond per request.
"""

from __future__ import annotations

import http.client
import json
import socket
import socketserver
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from zonelab.ports import ADDRESS
from zonelab.proxy import age
from zonelab.proxy.faults import Faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zonelab.proxy.faults import ActiveFault, Fault
    from zonelab.proxy.log import RequestLog

PIECE = 1 << 16


class Switchboard:
    """What the proxies share and the control interface turns."""

    def __init__(self, log: RequestLog) -> None:
        """No fault, the cloud as it is."""
        self.log = log
        self.faults = Faults()
        self.age = "current"
        self._under_way = 0
        self._lock = threading.Lock()

    @property
    def under_way(self) -> int:
        """How many requests have come and were neither answered nor lost in a fault."""
        return self._under_way

    def count(self, change: int) -> None:
        """A request has come, or is over."""
        with self._lock:
            self._under_way += change


class FrontServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """A server on a socket that the lab has bound."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, service: str, sock: socket.socket, switchboard: Switchboard, handler: type[Front]) -> None:
        """Take over the listening socket."""
        super().__init__((ADDRESS, 0), handler, bind_and_activate=False)
        self.socket.close()
        self.socket = sock
        self.server_address = sock.getsockname()
        self.service = service
        self.switchboard = switchboard

    def start(self) -> None:
        """Serve in a thread."""
        threading.Thread(target=self.serve_forever, name=f"front-{self.service}", daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in mid-answer is no error of the lab."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Front(BaseHTTPRequestHandler):
    """One client connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: FrontServer
    _under_way = False

    def handle_one_request(self) -> None:
        """Also one whose client ends within it is over then."""
        try:
            super().handle_one_request()
        finally:
            self._over()

    def _over(self) -> None:
        if self._under_way:
            self._under_way = False
            self.server.switchboard.count(-1)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """The request log is another one."""

    def begin(self) -> ActiveFault | None:
        """Take the time; the fault that hits this request."""
        self._under_way = True
        self.server.switchboard.count(1)
        self.began, self.clock = time.time(), time.perf_counter()
        active = self.server.switchboard.faults.match(self.server.service, self.command, self.path)
        self.fault = active.number if active else None
        return active

    def swallow(self, active: ActiveFault, request_id: str | None = None) -> None:
        """No answer."""
        self.log(None, request_id)
        if active.fault.kind.startswith("hang"):
            active.cleared.wait()
        self.hang_up()

    def hang_up(self) -> None:
        """Close the connection."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def answer(self, fault: Fault, request_id: str | None = None) -> None:
        """The status that the fault tells."""
        status = fault.status or 500
        title = http.client.responses.get(status, "Unknown")
        message = f"The lab was told to answer {status} here."
        body = json.dumps({"error": {"code": status, "title": title, "message": message}}).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        if fault.retry_after is not None:
            headers.append(("Retry-After", str(fault.retry_after)))
        self.log(status, request_id)
        self.wfile.write(head(status, title, headers) + (b"" if self.command == "HEAD" else body))

    def body(self) -> Iterator[bytes]:
        """The request's body in pieces, whichever way it is framed."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield from self._exactly(size)
                self.rfile.readline()
            while self.rfile.readline() not in (b"\r\n", b"\n", b""):
                pass
        else:
            yield from self._exactly(int(self.headers.get("Content-Length") or 0))

    def _exactly(self, size: int) -> Iterator[bytes]:
        while size:
            piece = self.rfile.read(min(size, PIECE))
            if not piece:
                raise ConnectionError("the client ended within the body")
            size -= len(piece)
            yield piece

    def log(self, status: int | None, request_id: str | None) -> None:
        """Before the client has its answer, so that whoever has the answer finds the request in the log."""
        self.server.switchboard.log.append(
            time=self.began,
            service=self.server.service,
            method=self.command,
            path=self.path,
            status=status,
            microversion=age.asked(self.server.service, dict(self.headers.items())),
            milliseconds=(time.perf_counter() - self.clock) * 1000,
            request_id=request_id,
            user_agent=self.headers.get("User-Agent"),
            fault=self.fault,
        )
        self._over()


def head(status: int, reason: str, headers: list[tuple[str, str]]) -> bytes:
    """The head of an answer, in one piece."""
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")
