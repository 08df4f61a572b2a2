# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection laid out as ansible_collections/zoneops/openstack: a copy, because ansible-test resolves symbolic links,
outside the work tree, because ansible-test finds nothing to test in a git-ignored folder and says so with exit code 0."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from runner.machine import COLLECTION, ROOT, Problem, cache


def _git(folder: Path, *arguments: str) -> str:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(["git", *arguments], cwd=folder, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Problem(f"git {arguments[0]} failed in {folder}: {done.stderr.strip()}")
    return done.stdout


def source_files() -> list[Path]:
    """The files of the checkout that are tracked or could be (not ignored), without those deleted in the work tree."""
    names = _git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    return sorted(Path(name) for name in set(names) if name and (ROOT / name).is_file())


@contextlib.contextmanager
def laid_out() -> Iterator[Path]:
    """A layout of this runner's own while it runs: <cache>/layout, or <cache>/layout-2 … beside other runners."""
    number = 1
    while True:
        folder = cache() / ("layout" if number == 1 else f"layout-{number}")
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                number += 1
                continue
            sync(folder / COLLECTION)
            yield folder
            return


def sync(target: Path) -> None:
    """Make the target equal to the checkout; unchanged files keep their time, so that caches beside them stay valid."""
    wanted = source_files()
    target.mkdir(parents=True, exist_ok=True)
    for name in wanted:
        _copy(ROOT / name, target / name)
    _remove_others(target, {target / name for name in wanted})
    # Its own repository: whatever surrounds the cache folder, the files of the copy count as tracked.
    if not (target / ".git").exists():
        _git(target, "init", "--quiet")
    _git(target, "add", "--all", "--force")


def _copy(source: Path, target: Path) -> None:
    have = target.stat() if target.is_file() else None
    want = source.stat()
    if have and (have.st_size, have.st_mtime_ns, have.st_mode) == (want.st_size, want.st_mtime_ns, want.st_mode):
        return
    if target.is_dir():
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)


def _remove_others(target: Path, wanted: set[Path]) -> None:
    for folder, folders, files in os.walk(target, topdown=False):
        here = Path(folder)
        if ".git" in here.relative_to(target).parts:
            continue
        for name in files:
            if here / name not in wanted:
                (here / name).unlink()
        for name in folders:
            if name != ".git" and not any((here / name).iterdir()):
                (here / name).rmdir()
