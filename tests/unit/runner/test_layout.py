# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The copy equals the checkout: what is ignored or deleted is not in it, and what is outdated goes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from runner import layout


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "checkout"
    (folder / "plugins").mkdir(parents=True)
    (folder / "plugins" / "tracked.py").write_text("one")
    (folder / "deleted.py").write_text("gone soon")
    (folder / ".gitignore").write_text("*.pyc\n")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    (folder / "deleted.py").unlink()
    (folder / "new.py").write_text("not yet added")
    (folder / "ignored.pyc").write_text("never copied")
    monkeypatch.setattr(layout, "ROOT", folder)
    return folder


def files(folder: Path) -> set[str]:
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {str(path) for path in paths if path.parts[0] != ".git"}


def test_copy_equals_the_checkout(checkout: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    layout.sync(target)
    assert files(target) == {".gitignore", "new.py", "plugins/tracked.py"}

    (target / "left").mkdir()
    (target / "left" / "over.py").write_text("of an earlier run")
    (checkout / "plugins" / "tracked.py").write_text("two")
    (checkout / "new.py").unlink()
    layout.sync(target)
    assert files(target) == {".gitignore", "plugins/tracked.py"}
    assert (target / "plugins" / "tracked.py").read_text() == "two"
    assert not (target / "left").exists()


def test_every_file_of_the_copy_counts_as_tracked(checkout: Path) -> None:
    target = checkout / "ignored.pyc.d"
    (checkout / ".gitignore").write_text("*.d/\n")
    layout.sync(target)
    said = subprocess.run(["git", "ls-files"], cwd=target, capture_output=True, text=True, check=True).stdout
    assert set(said.split()) == files(target)
    assert "plugins/tracked.py" in said


@pytest.mark.usefixtures("checkout")
def test_two_runners_have_two_layouts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZONEOPS_CACHE", str(tmp_path / "cache"))
    with layout.laid_out() as first, layout.laid_out() as second:
        assert (first.name, second.name) == ("layout", "layout-2")
        assert files(first / "ansible_collections") == files(second / "ansible_collections")
