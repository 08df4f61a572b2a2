# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's child processes: forked from the preloaded parent, each with its log, all gone when the parent is."""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import signal
import socket
import threading
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zonelab.channel import ParentEnd, ServiceEnd
from zonelab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from zonelab.lab import Lab


PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Child:
    """One process of the lab."""

    name: str
    pid: int
    log: Path
    line: ParentEnd


def die_with_parent(number: signal.Signals) -> None:
    """Have the kernel send this process a signal when its parent ends, however that happens (Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


def fork(log: Path, work: Callable[[], None]) -> int:
    """Do the work in a child whose output goes to the log; its exit code is 0 when the work came to its end."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        die_with_parent(signal.SIGKILL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends its children
        redirect(log)
        work()
        code = 0
    except SystemExit as exit_:  # how some projects' commands end, well or not
        code = int(bool(exit_.code))
        if code:
            traceback.print_exc()
    except BaseException:  # noqa: BLE001 - nothing may escape into the parent's code
        traceback.print_exc()
    finally:
        os._exit(code)


def redirect(log: Path) -> None:
    """Standard output and error into the log, no input."""
    log.parent.mkdir(parents=True, exist_ok=True)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)


def run_all(works: Mapping[str, Callable[[], None]], logs: Path, done: Callable[[str], None]) -> None:
    """Fork all works at once and wait for all; tell each one's end; the first that fails is an error."""
    running = {fork(logs / f"bootstrap-{name}.log", work): name for name, work in works.items()}
    while running:
        pid, status = os.wait()
        name = running.pop(pid)
        if status:
            for other in running:
                os.kill(other, signal.SIGKILL)
                os.waitpid(other, 0)
            raise ServiceError(f"making the databases of {name} failed", logs / f"bootstrap-{name}.log")
        done(name)


class ServiceError(LabError):
    """A process of the lab failed; its log tells why."""

    def __init__(self, message: str, log: Path) -> None:
        """With the end of the log."""
        super().__init__(f"{message}\n{tail(log)}\n(the last lines of {log})")


def tail(path: Path, lines: int = 25) -> str:
    """The last lines of a log."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""


def fork_service(name: str, lab: Lab, sockets: Mapping[str, socket.socket]) -> Child:
    """Fork the process of zonelab.services.<name>."""
    log = lab.state.log_of(name)
    ours, theirs = socket.socketpair()

    def work() -> None:
        ours.close()
        channel = ServiceEnd(theirs)
        gc.disable()  # what is imported and configured stays: to look through it for garbage is a tenth of a start
        module = importlib.import_module(f"zonelab.services.{name}")
        module.run(lab, sockets, channel)
        gc.freeze()
        gc.set_threshold(10_000, 50, 50)
        gc.enable()
        channel.ready()
        threading.Event().wait()

    pid = fork(log, work)
    theirs.close()
    return Child(name, pid, log, ParentEnd(ours))
