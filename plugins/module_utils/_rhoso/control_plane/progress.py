# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the control plane has come, to be watched while it is waited for: a module returns nothing before its end."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ..._plan.files import unfit
from ..._plan.progress import report
from ..._plan.scrub import SCRUBBER


class Progress:
    """Keeps every line, reports it, and appends it to a file where one is given.

    :param path: the file; made where it is missing.
    :ivar warnings: why the file could not be written. The work goes on all the same.
    """

    def __init__(self, path: str | None) -> None:
        self.lines: list[str] = []
        # Looked at once: a pipe that nobody reads would hold the work up.
        reason = unfit(path) if path else ""
        self.warnings = [f"the progress file {path} {reason}."] if reason else []
        self._path = path

    def __call__(self, text: str) -> None:
        report(text)
        line = SCRUBBER.text(f"{datetime.now(UTC).strftime('%H:%M:%S')} {text}")
        self.lines.append(line)
        if self._path is None or self.warnings:
            return
        try:
            with Path(self._path).open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")
        except OSError as error:
            self.warnings.append(f"the progress file {self._path} cannot be written ({error.strerror}).")
