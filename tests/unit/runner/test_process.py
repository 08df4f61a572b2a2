# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A command's output is kept and returned, its group ends with it, and it cannot hang a run."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from runner.process import Failed, execute

ENVIRON = {"PATH": os.environ["PATH"]}


def run(folder: Path, script: str, limit: float = 20) -> tuple[int, str]:
    log = folder / "log"
    return execute(["bash", "-c", script], cwd=folder, env=ENVIRON, log=log, limit=limit, show=False)


def test_output_is_returned_and_logged(tmp_path: Path) -> None:
    assert run(tmp_path, "echo one; echo two >&2; exit 3") == (3, "one\ntwo\n")
    assert run(tmp_path, "echo three") == (0, "three\n")
    assert "one\ntwo\n" in (tmp_path / "log").read_text()
    assert "three\n" in (tmp_path / "log").read_text()


def test_what_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="no end within the time limit: bash"):
        run(tmp_path, "sleep 60 & echo $! > child; wait", limit=3)
    child = int((tmp_path / "child").read_text())
    for _attempt in range(100):
        if not Path(f"/proc/{child}").exists():
            return
        time.sleep(0.05)
    pytest.fail(f"process {child} is still there")
