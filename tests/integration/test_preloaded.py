# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the integration tests run instead of the command shows what the command shows, and ends as it ends."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .harness.preloaded import Preloaded

PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Surroundings
      ansible.builtin.debug:
        msg: "{{ lookup('env', 'ZONEOPS_WORD') }} in {{ lookup('pipe', 'pwd') }} {{ word }} {{ lookup('env', 'OS_CLOUD') | default('no', true) }}"
    - name: A module of its own process
      ansible.builtin.command: sh -c 'echo $ZONEOPS_WORD $OS_CLOUD'
      changed_when: false
    - name: A plugin of the collection
      zoneops.openstack.availability_zones:
        region: {zones: [az1]}
        zones: {az1: {compute: {hosts: wrong}}}
      register: refused
      failed_when: refused.msg is not defined
    - name: Its result
      ansible.builtin.debug:
        var: refused.msg
    - name: The end
      ansible.builtin.fail:
        msg: on purpose
      when: word == 'fails'
"""
SLOW = """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.command: sh -c 'echo $$ > pid; exec sleep 60'
"""


@pytest.fixture(scope="module")
def preloaded() -> Iterator[Preloaded]:
    made = Preloaded()
    yield made
    made.close()


def run(
    preloaded: Preloaded, folder: Path, play: str, word: str, patience: float = 120, **more: str
) -> tuple[int, str]:
    (folder / "play.yml").write_text(play)
    environ = {**os.environ, "ANSIBLE_PYTHON_INTERPRETER": sys.executable, "ZONEOPS_WORD": word, **more}
    arguments = ["-i", "localhost,", "play.yml", "-e", f"word={word}", "-c", "local"]
    status = preloaded.run(arguments, cwd=folder, environ=environ, output=folder / "output", patience=patience)
    return status, (folder / "output").read_text()


@pytest.mark.edge
def test_runs_are_those_of_the_command(preloaded: Preloaded, tmp_path: Path) -> None:
    """The first run is the command, the others are not: same exit codes, same output, nothing left from the run before."""
    words = ("one", "one", "fails", "one")
    runs = [run(preloaded, tmp_path, PLAY, word, OS_CLOUD="here") for word in words]
    assert [status for status, _output in runs] == [0, 0, 2, 0]
    assert f"one in {tmp_path} one here" in runs[0][1]
    assert '"refused.msg": "' in runs[0][1]
    assert "NOT DEFINED" not in runs[0][1]
    assert "on purpose" in runs[2][1]
    assert runs[1] == runs[0] == runs[3]
    assert preloaded.forked == 3
    assert f"two in {tmp_path} two no" in run(preloaded, tmp_path, PLAY, "two")[1]


def test_what_ansible_reads_at_its_import_is_not_that_of_another_run(preloaded: Preloaded, tmp_path: Path) -> None:
    before = preloaded.forked
    hidden = run(preloaded, tmp_path, PLAY, "one", ANSIBLE_DISPLAY_OK_HOSTS="false")[1]
    (tmp_path / "ansible.cfg").write_text("[defaults]\ndisplay_ok_hosts = false\n")
    assert "ok: [localhost]" not in hidden
    assert "ok: [localhost]" not in run(preloaded, tmp_path, PLAY, "one")[1]
    assert preloaded.forked == before


@pytest.mark.parametrize("forked", [False, True])
def test_what_takes_too_long_is_ended_whole(tmp_path: Path, *, forked: bool) -> None:
    """The first run of a kind, which is the command, and a later one."""
    preloaded = Preloaded()
    if forked:
        run(preloaded, tmp_path, PLAY, "one")
    file = tmp_path / "pid"
    for patience in (10, 30, 90):
        # On a busy machine a run takes a while to begin.
        with pytest.raises(subprocess.TimeoutExpired):
            run(preloaded, tmp_path, SLOW, "one", patience=patience)
        if file.exists() and file.read_text():
            break
    sleeping = int(file.read_text())
    end = time.monotonic() + 20
    while Path(f"/proc/{sleeping}").exists():
        assert time.monotonic() < end, "a process of the run is left"
        time.sleep(0.05)
    preloaded.close()
