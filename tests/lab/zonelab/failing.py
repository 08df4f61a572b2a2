# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage and hypervisors that fail while their service lives: a file per failing part, which the lab's drivers look for.

Nothing is broken for good: what a part holds is there again when it is healed. (Permissions would not do: root
passes them by.)
"""

from __future__ import annotations

import math
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from zonelab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = {
    "store": "a zone's image store",
    "backend": "a volume back end",
    "share-backend": "a zone's share back end",
    "backup-target": "a backup target",
    "hypervisor": "the hypervisor of a compute host, when servers leave it or are evacuated to it",
}
WAYS = ("error", "hang")
POLL = 0.1
VARIABLE = "ZONELAB_FAILING"


class Failing:
    """The parts that fail now."""

    def __init__(self, folder: Path) -> None:
        """One file each in this folder."""
        self._folder = folder

    @classmethod
    def of_this_process(cls) -> Failing:
        """For drivers, which the services make: see zonelab.config.files.set_environment."""
        return cls(Path(os.environ[VARIABLE]))

    def fail(self, kind: str, name: str, how: str) -> None:
        """From now on: with errors, by not answering, or by taking that many seconds."""
        if how not in WAYS and not seconds_of(how):
            raise LabError(f"failing {how!r}: give one of {', '.join(WAYS)}, or a number of seconds")
        self._folder.mkdir(parents=True, exist_ok=True)
        aside = self._folder / f".{kind}.{name}"
        aside.write_text(how)
        aside.replace(self._file(kind, name))

    def heal(self, kind: str, name: str) -> None:
        """No longer; who waits goes on."""
        self._file(kind, name).unlink(missing_ok=True)

    def list(self) -> list[dict[str, str]]:
        """Kind, name and how."""
        files = sorted(self._folder.glob("[!.]*")) if self._folder.exists() else []
        return [dict(zip(("kind", "name", "how"), (*f.name.split(".", 1), f.read_text()), strict=True)) for f in files]

    def how(self, kind: str, name: str) -> str | None:
        """None when it works."""
        try:
            return self._file(kind, name).read_text()
        except FileNotFoundError:
            return None

    def complaint(self, kind: str, name: str, *, stop: Callable[[], bool] = lambda: False) -> str | None:
        """What its driver has to say now; while it hangs or is slow, nothing comes back until it is healed.

        :param stop: whether the wait is to end although nothing is healed.
        """
        began = time.monotonic()
        while (how := self.how(kind, name)) and not stop():
            if how != "hang" and time.monotonic() - began >= seconds_of(how):
                break
            time.sleep(POLL)
        return f"{KINDS[kind]} ({name}) was told to fail" if how == "error" else None

    def _file(self, kind: str, name: str) -> Path:
        return self._folder / f"{kind}.{name}"


def seconds_of(how: str) -> float:
    """How much longer everything takes; 0 for the other ways."""
    try:
        seconds = float(how)
    except ValueError:
        return 0
    return seconds if math.isfinite(seconds) and seconds > 0 else 0
