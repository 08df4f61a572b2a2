# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the folders of all labs have: logs, and the two locks that tell who uses the folder."""

from __future__ import annotations

import fcntl
import os
import time
from typing import TYPE_CHECKING

from zonelab.cache import locked
from zonelab.errors import LabError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path


class LabFolder:
    """The folder of one lab."""

    def __init__(self, path: Path) -> None:
        """No file is touched yet."""
        self.path = path.absolute()
        self.state = self.path  # what `--state` names
        self.log = self.path / "log"
        self.running_file = self.path / "running.lock"
        self.command_file = self.path / "command.lock"

    def log_of(self, process: str) -> Path:
        """The log of one process of the lab."""
        return self.log / f"{process}.log"

    def command_lock(self) -> AbstractContextManager[None]:
        """Held by the commands that start, stop or copy the lab: one at a time."""
        return locked(self.command_file)

    def is_running(self) -> bool:
        """Whether any process of the lab lives: each holds the lock on running.lock from its parent, until it ends."""
        try:
            descriptor = os.open(self.running_file, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def hold_running(self) -> int:
        """Become the running lab of this folder; the descriptor must stay open, and the children inherit it."""
        descriptor = os.open(self.running_file, os.O_RDWR | os.O_CREAT, 0o600)
        for _attempt in range(20):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:  # somebody looks (is_running), or another lab runs here
                time.sleep(0.1)
            else:
                return descriptor
        raise LabError(
            f"{self.path}: another lab runs in this folder; stop it with `zonelab --state {self.state} down`"
        )


def replace_file(file: Path, text: str) -> None:
    """At once: no reader ever sees half of it."""
    aside = file.with_suffix(".new")
    aside.write_text(text)
    aside.replace(file)
