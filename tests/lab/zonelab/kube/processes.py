# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's processes: started by one thread, which the kernel ends them with; each holds the lab's lock."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

from zonelab.errors import LabError
from zonelab.family import die_with_parent, tail

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from zonelab.kube.folder import KubeFolder


def child_of_lab() -> None:
    """Run in the new process."""
    die_with_parent(signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the supervisor ends its children


class Processes:
    """By name; `kwok@az1` is the program kwok."""

    def __init__(self, folder: KubeFolder, programs: Mapping[str, Path], lock: int) -> None:
        """None runs yet."""
        self._folder = folder
        self._programs = programs
        self._lock = lock
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, arguments: Sequence[str]) -> None:
        """In the supervisor's main thread only: a child dies with the thread that started it."""
        with self._folder.log_of(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                [self._programs[name.partition("@")[0]], *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder.path,
                env={"GOGC": "400", **os.environ},  # memory for processor time: a fifth less of the API server's
                pass_fds=(self._lock,),
                preexec_fn=child_of_lab,  # noqa: PLW1509 - nothing but two system calls
            )

    def end(self, name: str) -> None:
        """At once: a clean end would only cost time."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def end_all(self) -> None:
        """All of them."""
        for process in self._running.values():
            process.kill()
        for name in list(self._running):
            self.end(name)

    def check(self) -> None:
        """An error when one has ended by itself."""
        for name, process in self._running.items():
            if process.poll() is not None:
                log = self._folder.log_of(name)
                raise LabError(f"{name} ended with {process.returncode}\n{tail(log)}\n(the last lines of {log})")

    def pids(self) -> dict[str, int]:
        """Of all that were started and not ended."""
        return {name: process.pid for name, process in self._running.items()}

    def is_up(self, name: str) -> bool:
        """Whether it lives."""
        return name in self._running and self._running[name].poll() is None
