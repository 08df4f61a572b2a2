# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state folder and who runs in it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from zonelab.cache import cache_root
from zonelab.client import LabClient
from zonelab.errors import LabError
from zonelab.launch import choose, down
from zonelab.options import Options
from zonelab.state import LabRecord, StateFolder

if TYPE_CHECKING:
    from pathlib import Path

RECORD = LabRecord(Options(), pid=1, public={"nova": 2}, internal={"nova": 3}, control=4, processes={"nova": 5})


def test_record_survives_the_file(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    assert state.read() is None
    state.write(RECORD)
    assert state.read() == RECORD


def test_lab_runs_as_long_as_somebody_holds_its_lock(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    assert not state.is_running()
    descriptor = state.hold_running()
    assert state.is_running()
    with pytest.raises(LabError, match="another lab runs in this folder"):
        state.hold_running()
    os.close(descriptor)
    assert not state.is_running()


def test_lab_that_was_never_up_is_down_already(tmp_path: Path) -> None:
    assert down(StateFolder(tmp_path / "none")) is False
    assert not (tmp_path / "none").exists()


def test_client_of_a_lab_that_is_not_up_says_how_to_start_it(tmp_path: Path) -> None:
    StateFolder(tmp_path).write(RECORD)
    with pytest.raises(LabError, match=f"no lab is up here; start one with `zonelab --state {tmp_path} up`"):
        print(LabClient(tmp_path).ports)


def test_lab_keeps_its_shape_unless_it_starts_anew(tmp_path: Path) -> None:
    state, last = StateFolder(tmp_path), Options(hosts=3, service_down_time=9)
    assert choose(state, None, last, None) == last
    assert choose(state, Options(hosts=3, service_down_time=20), last, None) == Options(hosts=3, service_down_time=20)
    assert choose(state, None, None, None) == Options()
    with pytest.raises(LabError, match="add --fresh to start anew"):
        choose(state, Options(hosts=4), last, None)


def test_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("ZONEOPS_CACHE", raising=False)
    assert cache_root() == tmp_path / "zoneops-openstack"
    monkeypatch.setenv("ZONEOPS_CACHE", str(tmp_path / "own"))
    assert cache_root() == tmp_path / "own"
