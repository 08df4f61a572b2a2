# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The line between the lab's parent and each service process: JSON lines over a socket pair.

The child tells when it is ready and answers commands. When the parent is gone, by whatever end, the line is closed and
the child ends too: nothing of a lab survives its parent.
"""

from __future__ import annotations

import json
import os
import queue
import threading
import traceback
from typing import TYPE_CHECKING, Any

from zonelab.errors import LabError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable


class ServiceEnd:
    """The child's end."""

    def __init__(self, sock: socket.socket) -> None:
        """Listen at once: the parent may die while the service still imports."""
        self._writer = sock.makefile("w")
        self._reader = sock.makefile("r")
        self._commands: dict[str, Callable[..., Any]] = {}
        self._go = threading.Event()
        self._lock = threading.Lock()
        threading.Thread(target=self._read, name="channel", daemon=True).start()

    def command(self, name: str, function: Callable[..., Any]) -> None:
        """Answer this command by calling the function."""
        self._commands[name] = function

    def ready(self) -> None:
        """Tell the parent that the service serves."""
        self._send({"ready": True})

    def wait_for_identity(self) -> None:
        """Hosts and back ends start when keystone and placement serve."""
        self._go.wait()

    def _send(self, message: dict[str, Any]) -> None:
        with self._lock:
            self._writer.write(json.dumps(message) + "\n")
            self._writer.flush()

    def _read(self) -> None:
        for line in self._reader:
            message = json.loads(line)
            if "go" in message:
                self._go.set()
            else:
                threading.Thread(target=self._run, args=(message,), name="command", daemon=True).start()
        os._exit(0)

    def _run(self, message: dict[str, Any]) -> None:
        try:
            result = self._commands[message["command"]](**message["arguments"])
        except LabError as error:
            self._send({"id": message["id"], "error": str(error)})
        except BaseException as error:
            traceback.print_exc()
            self._send({"id": message["id"], "error": f"{type(error).__name__}: {error}"})
            raise
        else:
            self._send({"id": message["id"], "result": result})


class ParentEnd:
    """The parent's end of one service."""

    def __init__(self, sock: socket.socket) -> None:
        """Reading begins with start(): no thread may run before all services are forked."""
        self._writer = sock.makefile("w")
        self._reader = sock.makefile("r")
        self._lock = threading.Lock()
        self._answers: dict[int, queue.SimpleQueue[dict[str, Any]]] = {}
        self._number = 0
        self.ready = threading.Event()
        self.closed = threading.Event()

    def start(self, on_change: Callable[[], None]) -> None:
        """Read from now on; tell when the service became ready or ended."""
        threading.Thread(target=self._read, args=(on_change,), daemon=True).start()

    def go(self) -> None:
        """Identity serves: the others may start their hosts and back ends."""
        self._send({"go": True})

    def call(self, command: str, timeout: float = 120, **arguments: Any) -> Any:
        """Have the service do something, and give its result."""
        answer: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        with self._lock:
            self._number += 1
            number = self._number
            self._answers[number] = answer
        self._send({"id": number, "command": command, "arguments": arguments})
        try:
            message = answer.get(timeout=timeout)
        except queue.Empty:
            raise LabError(f"{command}: no answer from the service within {timeout:.0f} s") from None
        if "error" in message:
            raise LabError(message["error"])
        return message["result"]

    def _send(self, message: dict[str, Any]) -> None:
        try:
            with self._lock:
                self._writer.write(json.dumps(message) + "\n")
                self._writer.flush()
        except OSError:
            raise LabError("the service process has ended; see `zonelab status`") from None

    def _read(self, on_change: Callable[[], None]) -> None:
        for line in self._reader:
            message = json.loads(line)
            if "ready" in message:
                self.ready.set()
                on_change()
            else:
                self._answers.pop(message["id"]).put(message)
        self.closed.set()
        for answer in list(self._answers.values()):
            answer.put({"error": "the service process has ended; see `zonelab status`"})
        on_change()
