# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendered objects on the disk: what differs, and writing it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._plan.errors import ZoneopsError
from .render import File

try:
    import yaml

    class _Dumper(yaml.SafeDumper):
        """Service configuration has many lines: it is written as such, so that a diff shows the line that changed."""

        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - kustomize reads no anchors
            return True

    def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)

    _Dumper.add_representer(str, _text)
except ImportError:  # reported by the module before anything here is used
    pass


@dataclass(frozen=True)
class Written:
    """One file as it is and as it shall be; before is None where there is none."""

    path: str
    before: str | None
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


def compare(folder: Path, files: Sequence[File]) -> list[Written]:
    """Every file of the rendering against the folder."""
    try:
        return [Written(file.path, _read(folder / file.path), text_of(file)) for file in files]
    except (OSError, UnicodeDecodeError) as error:
        raise ZoneopsError(f"{folder} cannot be read: {error}") from error


def surplus(folder: Path, files: Sequence[File]) -> list[str]:
    """Files in the folders of the region and of the zones that are not of this rendering."""
    wanted = {file.path for file in files}
    found = [path.relative_to(folder) for part in ("region", "zones") for path in (folder / part).rglob("*.yaml")]
    return sorted(str(path) for path in found if str(path) not in wanted)


def write(folder: Path, files: Sequence[Written]) -> None:
    """Write what differs, each file whole or not at all."""
    for file in files:
        if file.differs:
            try:
                _replace(folder / file.path, file.after)
            except OSError as error:
                raise ZoneopsError(
                    f"{folder / file.path} cannot be written: {error.strerror}. Files before it are written; run it again."
                ) from error


def text_of(file: File) -> str:
    """The file's content as YAML."""
    return "---\n" + yaml.dump(file.data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".zoneops-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        temporary = Path(name)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
