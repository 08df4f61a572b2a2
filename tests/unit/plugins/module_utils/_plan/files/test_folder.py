# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text files of a folder, each whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.files.folder import Written, compare, write


def test_what_differs_is_written_and_can_be_read_by_all(tmp_path: Path) -> None:
    (tmp_path / "same.yml").write_text("same")
    before = (tmp_path / "same.yml").stat()
    files = compare(tmp_path, {"same.yml": "same", "below/new.yml": "new"})
    assert files == [Written("same.yml", "same", "same"), Written("below/new.yml", None, "new")]
    assert [file.differs for file in files] == [False, True]
    write(tmp_path, files)
    assert (tmp_path / "same.yml").stat() == before
    new = tmp_path / "below" / "new.yml"
    assert new.read_text() == "new"
    assert stat.S_IMODE(new.stat().st_mode) == 0o644
    assert compare(tmp_path, {"below/new.yml": "new"})[0].as_diff() == {
        "before": "new",
        "after": "new",
        "before_header": "below/new.yml",
        "after_header": "below/new.yml",
    }


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "odd.yml").write_bytes(b"\xff")
    with pytest.raises(ZoneopsError, match=f"^{tmp_path} cannot be read: "):
        compare(tmp_path, {"odd.yml": ""})


def test_what_cannot_be_written_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    files = [Written("first.yml", None, "1"), Written("there", None, "2")]
    with pytest.raises(ZoneopsError, match=f"^{tmp_path}/there cannot be written: .*The files before it were written"):
        write(tmp_path, files)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.yml", "there"]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "a")
    with pytest.raises(ZoneopsError, match=r"a is not a file: remove it"):
        compare(tmp_path, {"a": "text"})
