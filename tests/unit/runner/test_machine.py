# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Python of a version is taken where a machine has several."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from runner import machine
from runner.environments import CORE_219, CORE_NEWEST, quick_leg


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    machine.pythons.cache_clear()
    yield
    machine.pythons.cache_clear()


@pytest.fixture
def several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The distribution has 3.12 and 3.13, a user's folder 3.13 and 3.14; some of the names answer with an error, or are too old."""
    interpreter(tmp_path / "system", "python3", "3 9")
    interpreter(tmp_path / "system", "python3.12", "3 12")
    interpreter(tmp_path / "system", "python3.13", "3 13")
    interpreter(tmp_path / "others", "python3.13", "3 13")
    interpreter(tmp_path / "others", "python3.14", "3 14")
    (tmp_path / "others" / "python3.12").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "others" / "python3.12").chmod(0o755)
    monkeypatch.setattr(machine, "SYSTEM", tmp_path / "system")
    monkeypatch.setenv("PATH", str(tmp_path / "others"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "none"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "others" / "python3.14"))
    return tmp_path


def interpreter(folder: Path, name: str, version: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\necho {version} {folder / name}\n")
    (folder / name).chmod(0o755)


def test_the_distributions_own_goes_before_others_of_its_version(several: Path) -> None:
    assert {version: python.path for version, python in machine.pythons().items()} == {
        (3, 12): several / "system" / "python3.12",
        (3, 13): several / "system" / "python3.13",
        (3, 14): several / "others" / "python3.14",
    }


def test_long_suites_run_where_the_distributions_own_python_runs_a_core(several: Path) -> None:
    assert quick_leg() is CORE_NEWEST
    machine.pythons.cache_clear()
    interpreter(several / "others", "python3.11", "3 11")
    assert quick_leg() is CORE_NEWEST, "another one is no faster"
    machine.pythons.cache_clear()
    interpreter(several / "system", "python3.11", "3 11")
    assert quick_leg() is CORE_219


def test_the_newest_for_a_leg_and_the_distributions_own_for_tools(several: Path) -> None:
    def minors(lowest: int, highest: int) -> list[int]:
        found = [choose((3, lowest), (3, highest)) for choose in (machine.newest, machine.fastest)]
        return [python.version[1] for python in found if python]

    assert minors(11, 14) == [14, 13]
    assert minors(11, 12) == [12, 12]
    assert minors(14, 14) == [14, 14], "where the distribution has none, the newest"
    assert minors(10, 11) == []
