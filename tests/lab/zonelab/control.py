# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control interface: JSON over HTTP on 127.0.0.1, for the lab's clients and the command line."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Any

from zonelab.errors import LabError
from zonelab.ports import ADDRESS
from zonelab.proxy.faults import Fault

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from zonelab.proxy.front import Switchboard


class FrontCommands:
    """What can be asked of any lab: its proxies' log of requests, and their faults. Each public method is a command."""

    def __init__(self, switchboard: Switchboard) -> None:
        """All commands work on it."""
        self._board = switchboard

    def mark(self) -> int:
        """The number of the next request."""
        return self._board.log.mark()

    def under_way(self) -> int:
        """How many requests are neither answered nor lost in a fault yet."""
        return self._board.under_way

    def requests(self, since: int = 0) -> str:
        """The log's lines from a number on."""
        return self._board.log.since(since).decode()

    def add_fault(self, **fault: Any) -> int:
        """Set a fault."""
        return self._board.faults.add(Fault(**fault))

    def faults(self) -> list[dict[str, Any]]:
        """All that are set."""
        return self._board.faults.list()

    def clear_faults(self, number: int | None = None) -> None:
        """Remove one fault, or all."""
        self._board.faults.clear(number)


class Control(ThreadingMixIn, TCPServer):
    """The HTTP server, on a socket that the lab has bound."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, commands: FrontCommands, sock: socket.socket) -> None:
        """Take over the listening socket."""
        super().__init__((ADDRESS, 0), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = sock
        self.server_address = sock.getsockname()
        self.commands = commands

    def start(self) -> None:
        """Serve in a thread."""
        threading.Thread(target=self.serve_forever, name="control", daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    """POST /<command> with its arguments as a JSON object."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Control

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Nobody reads it."""

    def do_POST(self) -> None:
        """Run one command."""
        arguments = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        try:
            self._send(200, {"result": self._command()(**arguments)})
        except LabError as error:
            self._send(400, {"error": str(error)})
        except TypeError as error:
            self._send(400, {"error": f"{self.path[1:]}: {error}"})

    def _command(self) -> Callable[..., Any]:
        name = self.path[1:]
        command: Callable[..., Any] | None = None if name.startswith("_") else getattr(self.server.commands, name, None)
        if command is None:
            raise LabError(f"control command {name!r}: there is none of that name")
        return command

    def _send(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
