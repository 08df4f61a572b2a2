# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots: a folder with the databases, keys and data of a lab, from which another one starts in seconds."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from zonelab.cache import cache_root, locked
from zonelab.errors import LabError
from zonelab.options import Options
from zonelab.sparse import copy_folder

if TYPE_CHECKING:
    from zonelab.state import StateFolder

META = "snapshot.json"
KEPT = 6
# Where the databases hold paths of the state folder.
PATHS = {
    "nova_api": (("cell_mappings", "database_connection"),),
    "nova_cell1": (("block_device_mapping", "connection_info"),),
    "glance": (("image_locations", "value"),),
    "cinder": (("volume_attachment", "connection_info"),),
}


def snapshots() -> Path:
    """The folder of all snapshots."""
    return cache_root() / "lab" / "snapshots"


def automatic(options: Options, lock: Path) -> Path:
    """The snapshot of a lab's first boot: one for each lock file, version of this package and shape of the lab."""
    digest = hashlib.sha256(lock.read_bytes())
    package = Path(__file__).parent
    for file in sorted(package.rglob("*.py")):
        digest.update(file.relative_to(package).as_posix().encode())
        digest.update(file.read_bytes())
    digest.update(json.dumps([options.shape(), sys.version_info[:2]]).encode())
    return snapshots() / f"first-boot-{digest.hexdigest()[:16]}"


def named(name: str) -> Path:
    """The snapshot that a user has taken."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise LabError(f"snapshot name {name!r}: use letters, digits, dots, - and _")
    return snapshots() / f"user-{name}"


def options_of(snapshot: Path) -> Options:
    """The options of the lab that the snapshot was taken from."""
    try:
        return Options.from_dict(json.loads((snapshot / META).read_text())["options"])
    except FileNotFoundError:
        known = sorted(path.name.removeprefix("user-") for path in snapshots().glob("user-*"))
        name = snapshot.name.removeprefix("user-")
        raise LabError(f"snapshot {name!r}: there is none of that name; known: {known or 'none'}") from None


def save(state: StateFolder, options: Options, target: Path) -> None:
    """Copy a lab that is stopped, or whose processes stand still."""
    with locked(snapshots() / "lock"):
        aside = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.rmtree(aside, ignore_errors=True)
        (aside / "db").mkdir(parents=True)
        for database in sorted(state.db.glob("*.sqlite")):
            copy_database(database, aside / "db" / database.name)
        copy_folder(state.keys, aside / "keys")
        copy_folder(state.data, aside / "data")
        shutil.copy(state.hosts_file, aside)
        (aside / META).write_text(json.dumps({"state": str(state.path), "options": options.as_dict()}))
        shutil.rmtree(target, ignore_errors=True)
        aside.rename(target)
        prune()


def copy_database(source: Path, target: Path) -> None:
    """With what is still in the write-ahead log; sqlite's own backup needs no lock that a stopped writer could hold."""
    with closing(sqlite3.connect(source)) as reader, closing(sqlite3.connect(target)) as writer:
        reader.backup(writer)


def prune() -> None:
    """Automatic snapshots of older versions go."""
    first_boots = sorted(snapshots().glob("first-boot-*"), key=lambda path: path.stat().st_mtime)
    for old in first_boots[:-KEPT]:
        shutil.rmtree(old)


def restore(snapshot: Path, state: StateFolder) -> None:
    """Fill the state folder of a lab that does not run."""
    with locked(snapshots() / "lock"):
        meta = json.loads((snapshot / META).read_text())
        clear(state)
        for name, folder in (("db", state.db), ("keys", state.keys), ("data", state.data)):
            copy_folder(snapshot / name, folder)
        shutil.copy(snapshot / state.hosts_file.name, state.hosts_file)
    relocate(state, meta["state"])


def clear(state: StateFolder) -> None:
    """Forget what the lab holds; its ports and logs stay."""
    for folder in (state.db, state.keys, state.data):
        shutil.rmtree(folder, ignore_errors=True)
    state.hosts_file.unlink(missing_ok=True)


def relocate(state: StateFolder, old: str) -> None:
    """The databases name the folder that they were made in."""
    for name, columns in PATHS.items():
        with closing(sqlite3.connect(state.database(name))) as database, database:  # pylint: disable=confusing-with-statement
            for table, column in columns:
                database.execute(
                    f"UPDATE {table} SET {column} = replace({column}, ?, ?)", (f"{old}/", f"{state.path}/")
                )


def write_ahead(state: StateFolder) -> None:
    """Readers do not wait for writers in this mode, which stays with the file."""
    for file in state.db.glob("*.sqlite"):
        with closing(sqlite3.connect(file)) as database:
            database.execute("PRAGMA journal_mode=WAL")
