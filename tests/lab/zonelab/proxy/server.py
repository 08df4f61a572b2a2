# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One reverse proxy before each service: it logs every request, injects faults and poses as an older cloud."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

from zonelab.connections import is_open
from zonelab.ports import ADDRESS
from zonelab.proxy import age
from zonelab.proxy.front import PIECE, Front, FrontServer, head

if TYPE_CHECKING:
    import socket

    from zonelab.proxy.faults import ActiveFault
    from zonelab.proxy.front import Switchboard

PER_CONNECTION = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
    "upgrade", "expect",
})  # fmt: skip
REQUEST_IDS = ("x-openstack-request-id", "x-compute-request-id", "audit-id")


class Proxy(FrontServer):
    """The proxy of one service."""

    def __init__(self, service: str, sock: socket.socket, upstream: int, switchboard: Switchboard) -> None:
        """Requests go on to the port `upstream`."""
        super().__init__(service, sock, switchboard, Relay)
        self.upstream = upstream

    def connect(self) -> http.client.HTTPConnection:
        """A connection to the service itself, not yet open."""
        return http.client.HTTPConnection(ADDRESS, self.upstream)


class Relay(Front):
    """One client connection, with one connection of its own to the service."""

    server: Proxy
    upstream: http.client.HTTPConnection | None = None

    def finish(self) -> None:
        """The client is gone."""
        if self.upstream is not None:
            self.upstream.close()
        super().finish()

    def relay(self) -> None:
        """Answer one request."""
        active = self.begin()
        self.pose = age.pose(self.server.switchboard.age, self.server.service, dict(self.headers.items()))
        if active is None:
            self._forward()
        elif active.fault.kind == "delay":
            active.cleared.wait(active.fault.seconds)
            self._forward()
        elif active.fault.kind == "status":
            for _piece in self.body():
                pass
            self.answer(active.fault)
        elif active.fault.kind.endswith("-after"):
            self._forward(lose=active)
        else:
            self.swallow(active)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = relay

    def _forward(self, lose: ActiveFault | None = None) -> None:
        """Pass the request on and its answer back, unless that answer is to be lost."""
        try:
            response = self._send().getresponse()
        except (OSError, http.client.HTTPException) as error:
            self._no_service(error)
            return
        request_id = next(filter(None, map(response.getheader, REQUEST_IDS)), None)
        if lose is not None:
            while response.read(PIECE):
                pass
            if lose.fault.kind == "status-after":
                self.answer(lose.fault, request_id)
            else:
                self.swallow(lose, request_id)
            return
        self.log(response.status, request_id)
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
            connection.endheaders(self.body(), encode_chunked=True)
        elif int(self.headers.get("Content-Length") or 0) <= PIECE:
            connection.endheaders(b"".join(self.body()) or None)
        else:
            connection.endheaders(self.body())
        return connection

    def _connection(self) -> http.client.HTTPConnection:
        """The open connection, or a new one when the service has closed it meanwhile."""
        if self.upstream is not None:
            if is_open(self.upstream):
                return self.upstream
            self.upstream.close()
        self.upstream = self.server.connect()
        return self.upstream

    def _no_service(self, error: Exception) -> None:
        """The service itself is gone: that is not a fault which was asked for."""
        if self.upstream is not None:
            self.upstream.close()
        self.close_connection = True
        self.log(502, None)
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
