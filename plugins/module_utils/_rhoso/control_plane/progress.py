# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the control plane has come, to be watched while it is waited for: a module returns nothing before its end."""

from __future__ import annotations

from datetime import UTC, datetime

from ..._plan.progress import ProgressFile, report
from ..._plan.text.scrub import SCRUBBER


class Progress:
    """Keeps every line, reports it, and appends it to a file where one is given.

    :param path: the file.
    """

    def __init__(self, path: str | None) -> None:
        self.lines: list[str] = []
        self._file = ProgressFile(path)

    @property
    def warnings(self) -> list[str]:
        """Why the file could not be written."""
        return self._file.warnings

    def __call__(self, text: str) -> None:
        report(text)
        self.lines.append(SCRUBBER.text(f"{datetime.now(UTC):%H:%M:%S} {text}"))
        self._file.append(text, {"step": text})
