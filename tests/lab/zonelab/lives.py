# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start and stop a supervisor, the process that a lab consists of and ends with."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

from zonelab.environment import say
from zonelab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from zonelab.folder import LabFolder

STOP_TIMEOUT = 20


def run_supervisor(folder: LabFolder, command: Sequence[str], variables: Mapping[str, str]) -> subprocess.Popen[str]:
    """Run it in a session of its own, and relay its progress until the lab serves."""
    log = folder.log_of("lab")
    with log.open("w") as errors:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=variables,
            cwd=folder.path,
            start_new_session=True,
        )
    relay(process, log)
    return process


def relay(process: subprocess.Popen[str], log: Path) -> None:
    """Show the progress; return when the lab serves."""
    if process.stdout is None:
        raise LabError("the lab's process has no output to read")
    for line in process.stdout:
        if line == "ready\n":
            return
        if line.startswith("failed: "):
            raise LabError(line.removeprefix("failed: ") + process.stdout.read().rstrip())
        say(line.rstrip())
    code = process.wait()
    lines = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
    raise LabError(f"the lab's process ended with {code} while it booted\n{lines}\n(the last lines of {log})")


def stop(folder: LabFolder, pid: Callable[[], int | None]) -> bool:
    """Stop the lab; whether there was one to stop."""
    if not folder.is_running():  # also before any lock: there may be no folder at all
        return False
    with folder.command_lock():
        end = time.monotonic() + STOP_TIMEOUT
        for number in (signal.SIGTERM, signal.SIGKILL):
            supervisor = pid()
            if supervisor is None or not folder.is_running():
                break
            os.kill(supervisor, number)  # its process: it holds the lock
            while folder.is_running() and time.monotonic() < end:
                time.sleep(0.05)
            end = time.monotonic() + STOP_TIMEOUT
        if folder.is_running():
            raise LabError(f"{folder.path}: processes of the lab are still there; see {folder.log_of('lab')}")
    return True
