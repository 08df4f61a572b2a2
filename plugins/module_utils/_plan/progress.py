# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far long work has come, to be watched while it goes on: a module says nothing before its end."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .scrub import SCRUBBER


class Progress:
    """Keeps every step, and appends a line for it to a file where one is given.

    :param path: the file; made where it is missing.
    :param what: what a step calls its object, for example "image".
    :param where: what it calls the place that the object goes to.
    :ivar warnings: why the file could not be written. The work goes on all the same.
    """

    def __init__(self, path: str | None, what: str, where: str) -> None:
        self.steps: list[dict[str, Any]] = []
        self.warnings: list[str] = []
        self._path = path
        self._keys = (what, where)
        self._begun = time.monotonic()

    def __call__(self, what: str, where: str, step: str) -> None:
        seconds = round(time.monotonic() - self._begun, 1)
        self.steps.append({**dict(zip(self._keys, (what, where), strict=True)), "step": step, "seconds": seconds})
        if self._path is None or self.warnings:
            return
        now = datetime.now(UTC).strftime("%H:%M:%S")
        try:
            with Path(self._path).open("a", encoding="utf-8") as file:
                file.write(f"{SCRUBBER.text(f'{now} {what} -> {where}: {step}')}\n")
        except OSError as error:
            self.warnings.append(f"the progress file {self._path} cannot be written ({error.strerror}).")
