# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the lab keeps what is worth keeping between runs: the virtual environment and the snapshots."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def cache_root() -> Path:
    """The collection's cache folder, which every tool of the project shares."""
    explicit = os.environ.get("ZONEOPS_CACHE")
    if explicit:
        return Path(explicit).absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache").absolute() / "zoneops-openstack"


def default_state() -> Path:
    """The state folder of the lab that is meant when none is named."""
    return cache_root() / "lab" / "default"


# How often to try for a lock that another process holds, and how often to report that.
TRY_SECONDS = 0.2
REPORT_SECONDS = 10.0


@contextmanager
def locked(path: Path, waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold an exclusive lock on a file; it ends with the process, so a killed one never blocks the next.

    `waiting` is called when another process holds it, and again every few seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        reported = float("-inf")
        while not _taken(file):
            if waiting and time.monotonic() - reported >= REPORT_SECONDS:
                waiting()
                reported = time.monotonic()
            time.sleep(TRY_SECONDS)
        yield


def _taken(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
