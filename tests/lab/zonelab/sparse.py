# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copy files with holes: volumes of gigabytes that hold a few bytes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def copy_sparse(source: str | Path, target: str | Path) -> None:
    """Copy what is written of a file; its holes stay holes."""
    with Path(source).open("rb") as reader, Path(target).open("wb") as writer:
        size = os.fstat(reader.fileno()).st_size
        position = 0
        while position < size:
            try:
                start = os.lseek(reader.fileno(), position, os.SEEK_DATA)
            except OSError:  # ENXIO: only a hole is left
                break
            position = os.lseek(reader.fileno(), start, os.SEEK_HOLE)
            writer.seek(start)
            while start < position:
                start += os.sendfile(writer.fileno(), reader.fileno(), start, position - start)
        writer.truncate(size)


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder with all that is in it."""
    shutil.copytree(source, target, copy_function=copy_sparse, dirs_exist_ok=True)
