# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendered objects on the disk: what differs, and writing it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..._plan.files import folder as on_disk
from ..._plan.files.folder import Written
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


def compare(folder: Path, files: Sequence[File]) -> list[Written]:
    """Every file of the rendering against the folder."""
    return on_disk.compare(folder, {file.path: text_of(file) for file in files})


def surplus(folder: Path, files: Sequence[File]) -> list[str]:
    """Files in the folders of the region and of the zones that are not of this rendering."""
    wanted = {file.path for file in files}
    found = [path.relative_to(folder) for part in ("region", "zones") for path in (folder / part).rglob("*.yaml")]
    return sorted(str(path) for path in found if str(path) not in wanted)


def text_of(file: File) -> str:
    """The file's content as YAML."""
    return "---\n" + yaml.dump(file.data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
