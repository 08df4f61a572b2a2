# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots: what tells one from another, and moving a lab to another folder."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from zonelab import snapshot
from zonelab.errors import LabError
from zonelab.options import Options
from zonelab.sparse import copy_sparse
from zonelab.state import StateFolder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A cache of its own."""
    monkeypatch.setenv("ZONEOPS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def new_state(folder: Path, location: str) -> StateFolder:
    """A lab's folder with the tables that name it."""
    state = StateFolder(folder)
    for path in (state.db, state.keys, state.data / "glance"):
        path.mkdir(parents=True)
    for name, columns in snapshot.PATHS.items():
        with closing(sqlite3.connect(state.database(name))) as database, database:  # pylint: disable=confusing-with-statement
            for table, column in columns:
                database.execute(f"CREATE TABLE {table} ({column} TEXT)")
                database.execute(f"INSERT INTO {table} VALUES (?)", (location,))
    (state.data / "glance" / "image").write_text("content")
    state.hosts_file.write_text("[]")
    return state


def test_restored_lab_names_its_own_folder(tmp_path: Path) -> None:
    first = new_state(tmp_path / "first", f"file://{tmp_path}/first/data/x")
    target = snapshot.named("copy")
    snapshot.save(first, Options(hosts=5), target)
    assert snapshot.options_of(target) == Options(hosts=5)
    second = StateFolder(tmp_path / "second")
    second.path.mkdir()
    snapshot.restore(target, second)
    assert (second.data / "glance" / "image").read_text() == "content"
    with closing(sqlite3.connect(second.database("glance"))) as database:
        assert database.execute("SELECT value FROM image_locations").fetchall() == [
            (f"file://{tmp_path}/second/data/x",)
        ]


def test_first_boot_is_told_by_lock_and_shape(tmp_path: Path) -> None:
    lock, other = tmp_path / "lock", tmp_path / "other"
    lock.write_text("a==1")
    other.write_text("a==2")
    first = snapshot.automatic(Options(), lock)
    assert snapshot.automatic(Options(service_down_time=9), lock) == first
    assert snapshot.automatic(Options(hosts=1), lock) != first
    assert snapshot.automatic(Options(), other) != first


def test_unknown_snapshot_is_told_with_those_that_exist(tmp_path: Path) -> None:
    snapshot.save(new_state(tmp_path / "first", ""), Options(), snapshot.named("mine"))
    with pytest.raises(LabError, match=r"snapshot 'yours': there is none of that name; known: \['mine'\]"):
        snapshot.options_of(snapshot.named("yours"))
    with pytest.raises(LabError, match=r"snapshot name '../x'"):
        snapshot.named("../x")


def test_holes_stay_holes(tmp_path: Path) -> None:
    source = tmp_path / "source"
    with source.open("wb") as file:
        file.truncate(1 << 30)
        file.seek(5 << 20)
        file.write(b"here")
    copy_sparse(source, tmp_path / "target")
    copied = (tmp_path / "target").stat()
    assert copied.st_size == 1 << 30
    assert copied.st_blocks * 512 < 1 << 20
    with (tmp_path / "target").open("rb") as file:
        file.seek(5 << 20)
        assert file.read(4) == b"here"
