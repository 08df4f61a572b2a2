# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One reverse proxy before each service: it logs every request, injects faults and poses as an older cloud.

The standard library's threading server and client are enough here: a blocked thread is exactly what a hanging server
looks like, bodies stream through in pieces, and the cost is about a millisecond per request.
"""

from __future__ import annotations

import http.client
import json
import select
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
PER_CONNECTION = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
    "upgrade", "expect",
})  # fmt: skip


class Switchboard:
    """What the proxies share and the control interface turns."""

    def __init__(self, log: RequestLog) -> None:
        """No fault, the cloud as it is."""
        self.log = log
        self.faults = Faults()
        self.age = "current"


class Proxy(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """The proxy of one service, on a socket that the lab has bound."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, service: str, sock: socket.socket, upstream: int, switchboard: Switchboard) -> None:
        """Take over the listening socket."""
        super().__init__((ADDRESS, 0), Relay, bind_and_activate=False)
        self.socket.close()
        self.socket = sock
        self.server_address = sock.getsockname()
        self.service = service
        self.upstream = upstream
        self.switchboard = switchboard

    def start(self) -> None:
        """Serve in a thread."""
        threading.Thread(target=self.serve_forever, name=f"proxy-{self.service}", daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in mid-answer is no error of the lab."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Relay(BaseHTTPRequestHandler):
    """One client connection, with one connection of its own to the service."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Proxy
    upstream: http.client.HTTPConnection | None = None

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """The request log is another one."""

    def finish(self) -> None:
        """The client is gone."""
        if self.upstream is not None:
            self.upstream.close()
        super().finish()

    def relay(self) -> None:
        """Answer one request."""
        self.began, self.clock = time.time(), time.perf_counter()
        board = self.server.switchboard
        self.pose = age.pose(board.age, self.server.service, dict(self.headers.items()))
        active = board.faults.match(self.server.service, self.command, self.path)
        self.fault = active.number if active else None
        if active is None:
            self._forward()
        elif active.fault.kind == "delay":
            active.cleared.wait(active.fault.seconds)
            self._forward()
        elif active.fault.kind == "status":
            for _piece in self._body():
                pass
            self._answer(active.fault)
        elif active.fault.kind.endswith("-after"):
            self._forward(lose=active)
        else:
            self._swallow(active)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = relay

    def _swallow(self, active: ActiveFault, request_id: str | None = None) -> None:
        self._log(None, request_id)
        if active.fault.kind.startswith("hang"):
            active.cleared.wait()
        self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, fault: Fault, request_id: str | None = None) -> None:
        status = fault.status or 500
        title = http.client.responses.get(status, "Unknown")
        message = f"The lab was told to answer {status} here."
        body = json.dumps({"error": {"code": status, "title": title, "message": message}}).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        if fault.retry_after is not None:
            headers.append(("Retry-After", str(fault.retry_after)))
        self._log(status, request_id)
        self.wfile.write(head(status, title, headers) + (b"" if self.command == "HEAD" else body))

    def _body(self) -> Iterator[bytes]:
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

    def _forward(self, lose: ActiveFault | None = None) -> None:
        """Pass the request on and its answer back, unless that answer is to be lost."""
        try:
            response = self._send().getresponse()
        except (OSError, http.client.HTTPException) as error:
            self._no_service(error)
            return
        request_id = response.getheader("x-openstack-request-id") or response.getheader("x-compute-request-id")
        if lose is not None:
            while response.read(PIECE):
                pass
            if lose.fault.kind == "status-after":
                self._answer(lose.fault, request_id)
            else:
                self._swallow(lose, request_id)
            return
        self._log(response.status, request_id)
        self._deliver(response)

    def _send(self) -> http.client.HTTPConnection:
        """Pass the request on, a small body in one packet with the head, a large or chunked one in pieces."""
        connection = self._connection()
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in PER_CONNECTION:
                connection.putheader(name, self.pose.header(name, value) if self.pose else value)
        if "Transfer-Encoding" in self.headers:
            connection.putheader("Transfer-Encoding", "chunked")
            connection.endheaders(self._body(), encode_chunked=True)
        elif int(self.headers.get("Content-Length") or 0) <= PIECE:
            connection.endheaders(b"".join(self._body()) or None)
        else:
            connection.endheaders(self._body())
        return connection

    def _connection(self) -> http.client.HTTPConnection:
        """The open connection, or a new one when the service has closed it meanwhile."""
        if self.upstream is not None and self.upstream.sock is not None:
            poll = select.poll()  # select() itself ends at 1024 descriptors
            poll.register(self.upstream.sock, select.POLLIN)
            if not poll.poll(0):
                return self.upstream
            self.upstream.close()
        self.upstream = http.client.HTTPConnection(ADDRESS, self.server.upstream)
        return self.upstream

    def _no_service(self, error: Exception) -> None:
        """The service itself is gone: that is not a fault which was asked for."""
        if self.upstream is not None:
            self.upstream.close()
        self.close_connection = True
        self._log(502, None)
        body = f"zonelab: {self.server.service} does not answer: {error}\n".encode()
        self.wfile.write(head(502, "Bad Gateway", [("Content-Length", str(len(body))), ("Connection", "close")]) + body)

    def _deliver(self, response: http.client.HTTPResponse) -> None:
        rewrite = self.pose if self.pose and self.pose.touches(self.path) else None
        headers = [
            (name, rewrite.text(value) if rewrite and rewrite.refused else value)
            for name, value in response.getheaders()
            if name.lower() not in PER_CONNECTION and name.lower() != "content-length"
        ]
        bodiless = self.command == "HEAD" or response.status in (204, 304)
        if bodiless:
            length = response.getheader("Content-Length")
            self.wfile.write(self._head(response, headers, length))
            response.read()
        elif rewrite or (response.length is not None and response.length <= PIECE):
            body = response.read()
            body = rewrite.body(body) if rewrite else body
            self.wfile.write(self._head(response, headers, str(len(body))) + body)
        else:
            self._stream(response, headers)

    def _head(self, response: http.client.HTTPResponse, headers: list[tuple[str, str]], length: str | None) -> bytes:
        sized = headers if length is None else [*headers, ("Content-Length", length)]
        return head(response.status, response.reason, sized)

    def _stream(self, response: http.client.HTTPResponse, headers: list[tuple[str, str]]) -> None:
        if response.length is not None:
            self.wfile.write(self._head(response, headers, str(response.length)))
            while piece := response.read(PIECE):
                self.wfile.write(piece)
            return
        self.wfile.write(self._head(response, [*headers, ("Transfer-Encoding", "chunked")], None))
        while piece := response.read1(PIECE):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def _log(self, status: int | None, request_id: str | None) -> None:
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


def head(status: int, reason: str, headers: list[tuple[str, str]]) -> bytes:
    """The head of an answer, in one piece."""
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1")
