# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action confirm_plan in real runs: on a terminal it asks, without one it fails, and it never takes silence for a yes."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.tests.unit.plugins.action.playing import (
    INVENTORY,
    bulk,
    command,
    play,
    surroundings,
    verdict,
)

PLANNED = bulk(
    az1=verdict("planned", changed=True, plan=[{"text": "add host c1"}, {"text": "add host c2"}]),
    az2=verdict("no room", failed=True, plan=[{"text": "add host c3"}]),
    az3=verdict(),
)
TASKS: list[dict[str, Any]] = [
    {"name": "ask", "run_once": True, "zoneops.openstack.confirm_plan": {"results": ["{{ planned }}", {}]}},
    {"name": "write", "ansible.builtin.debug": {"msg": "written"}},
]
SECONDS = 120.0
# The terminal is the one that controls the run, which is in the foreground there.
TAKES_TERMINAL = "import os, sys; os.login_tty(os.dup(0)); os.execv(sys.argv[1], sys.argv[1:])"


def on_terminal(folder: Path, answer: bytes) -> tuple[int, str]:
    """A run on a terminal of its own, on which somebody types the answer when asked."""
    book = [{"hosts": "zones", "gather_facts": False, "tasks": TASKS}]
    contents = {"book.yml": book, "hosts.json": INVENTORY, "values.json": {"planned": PLANNED}}
    for name, content in contents.items():
        (folder / name).write_text(json.dumps(content))
    (folder / "record").touch()
    ours, theirs = pty.openpty()
    run = subprocess.Popen(
        [sys.executable, "-c", TAKES_TERMINAL, *command()],
        cwd=folder,
        env={**surroundings(folder / "record"), "TERM": "dumb"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said, answered, end = b"", False, time.monotonic() + SECONDS
    while time.monotonic() < end:
        ready, _write, _error = select.select([ours], [], [], 0.5)
        if ready:
            try:
                read = os.read(ours, 4096)
            except OSError:
                break
            said += read
        if b"Type yes" in said and not answered:
            time.sleep(1)
            os.write(ours, answer)
            answered = True
        if not ready and run.poll() is not None:
            break
    run.wait(timeout=SECONDS)
    os.close(ours)
    return run.returncode, said.decode()


def test_the_changes_are_shown_and_yes_continues(tmp_path: Path) -> None:
    code, said = on_terminal(tmp_path, b"yes\r")
    assert code == 0, said
    assert "az1: add host c1" in said
    assert "az1: add host c2" in said
    assert "add host c3" not in said
    assert "written" in said


@pytest.mark.parametrize("answer", [b"no\r", b"\r", b"y\r"])
def test_anything_else_stops_before_the_first_write(tmp_path: Path, answer: bytes) -> None:
    code, said = on_terminal(tmp_path, answer)
    assert code != 0
    assert "not confirmed: nothing was changed" in said
    assert "written" not in said


def test_without_a_terminal_it_is_an_error(tmp_path: Path) -> None:
    played = play(tmp_path, TASKS, planned=PLANNED)
    assert played.code != 0
    assert "this run has no terminal: nothing was changed" in played.output
    assert "approval node" in played.output
    assert "write" not in played.outcomes


def test_nothing_to_change_and_check_mode_ask_nothing(tmp_path: Path) -> None:
    assert play(tmp_path, TASKS, planned=bulk(az1=verdict())).code == 0
    assert play(tmp_path, TASKS, "--check", planned=PLANNED).code == 0
