# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a command: own process group, output in a log file, a time limit, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_running: dict[int, subprocess.Popen[bytes]] = {}
_guard = threading.Lock()


class Failed(Exception):
    """A check failed; the message is its one-line verdict."""


def execute(
    argv: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], log: Path, limit: float, show: bool
) -> tuple[int, str]:
    """Exit code and output. The output goes to the end of the log while the command runs, and to the screen if wanted."""
    with log.open("ab") as sink, log.open("rb") as source:
        sink.write(f"$ {' '.join(map(str, argv))}\n".encode())
        sink.flush()
        start = source.seek(0, os.SEEK_END)
        child = subprocess.Popen(
            argv, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
        )
        with _guard:
            _running[child.pid] = child
        try:
            _follow(child, time.monotonic() + limit, source.fileno() if show else None)
        finally:
            with _guard:
                del _running[child.pid]
        source.seek(start)
        return child.returncode, source.read().decode(errors="replace")


def _follow(child: subprocess.Popen[bytes], end: float, shown: int | None) -> None:
    running = True
    while running:
        running = child.poll() is None
        if shown is not None:
            while chunk := os.read(shown, 65536):
                sys.stdout.buffer.write(chunk)
                sys.stdout.flush()
        if running and time.monotonic() > end:
            _end(child)
            raise Failed(f"no end within the time limit: {Path(str(child.args[0])).name}")  # type: ignore[index]
        if running:
            time.sleep(0.02)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask the process group to end, and kill what has not done so after ten seconds."""
    os.killpg(child.pid, signal.SIGTERM)
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def end_all() -> None:
    """End every command that still runs (the user pressed Ctrl-C, or the runner was told to stop)."""
    with _guard:
        children = list(_running.values())
    for child in children:
        if child.poll() is None:
            _end(child)
