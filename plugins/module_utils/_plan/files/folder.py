# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text files of a folder: what differs from what they shall be, and writing that, each file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import ZoneopsError


@dataclass(frozen=True)
class Written:
    """One file as it is and as it shall be; before is None where there is none."""

    path: str
    before: str | None
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after

    def as_diff(self) -> dict[str, str]:
        """As diff mode shows it."""
        return {
            "before": self.before or "",
            "after": self.after,
            "before_header": self.path,
            "after_header": self.path,
        }


def compare(folder: Path, texts: Mapping[str, str]) -> list[Written]:
    """Every text, by its path in the folder, against the file there."""
    try:
        return [Written(path, _read(folder / path), text) for path, text in texts.items()]
    except (OSError, UnicodeDecodeError) as error:
        raise ZoneopsError(f"{folder} cannot be read: {error}") from error


def write(folder: Path, files: Iterable[Written]) -> None:
    """Write what differs."""
    for file in files:
        if file.differs:
            try:
                replace(folder / file.path, file.after)
            except OSError as error:
                raise ZoneopsError(
                    f"{folder / file.path} cannot be written: {error.strerror}. The files before it were written; run it again."
                ) from error


def _read(path: Path) -> str | None:
    if not path.exists():
        return None
    if not path.is_file():
        # A pipe would be waited for until somebody writes into it.
        raise ZoneopsError(f"{path} is not a file: remove it, or give another folder.")
    return path.read_text(encoding="utf-8")


def replace(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Write a file whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".zoneops-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        temporary = Path(name)
        temporary.chmod(mode)
        temporary.replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
