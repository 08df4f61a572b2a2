# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever runs a body hears what it waits for, from every thread, and never nothing for more than 30 s."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan import progress
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.progress import (
    Awaited,
    Progress,
    Tally,
    report,
    reported_to,
)


class Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    passing = Clock()
    monkeypatch.setattr(progress, "time", passing)
    return passing


def test_a_reporter_hears_every_thread_and_only_while_it_listens() -> None:
    heard: list[str] = []
    report("before")
    with reported_to(heard.append), ThreadPoolExecutor(2) as pool:
        list(pool.map(report, ["one", "two"]))
    report("after")
    assert sorted(heard) == ["one", "two"]


def test_a_reporter_that_fails_leaves_nothing_behind() -> None:
    heard: list[str] = []
    with pytest.raises(KeyError), reported_to(heard.append):
        raise KeyError
    report("after")
    assert heard == []


def test_a_state_is_reported_at_once_and_every_30_seconds(clock: Clock) -> None:
    heard: list[str] = []
    awaited = Awaited("backup b1", heard.append)
    for clock.now in range(0, 100, 5):
        awaited.is_now("creating" if clock.now < 80 else "available")
    assert heard == [
        "backup b1: creating",
        "backup b1: creating (30 s so far)",
        "backup b1: creating (60 s so far)",
        "backup b1: available",
    ]


def test_an_amount_that_changes_all_the_time_is_reported_every_30_seconds(clock: Clock) -> None:
    heard: list[str] = []
    awaited = Awaited("", heard.append)
    for clock.now in range(0, 65, 5):
        awaited.goes_on(f"{clock.now} %")
    assert heard == ["30 % (30 s so far)", "60 % (60 s so far)"]


def test_steps_are_reported_with_a_file_and_without() -> None:
    heard: list[str] = []
    with reported_to(heard.append):
        Progress(None, "image", "store")("cirros", "az2", "begun")
    assert heard == ["image cirros -> az2: begun"]


def test_what_is_reported_holds_no_secret() -> None:
    heard: list[str] = []
    with reported_to(heard.append):
        report("copying https://user:secret@images.example/x")
    assert heard == ["copying https://********@images.example/x"]


@pytest.mark.parametrize("suffix", ["json", "jsonl"])
def test_a_file_of_json_has_the_numbers_too(clock: Clock, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"progress.{suffix}"
    done = Progress(str(path), "server", "host")
    heard: list[str] = []
    clock.now = 20.0
    with reported_to(heard.append):
        done('w"eb', "c1", "moved")
        done.tally("az1", Tally("moved", "moving", 1, 2, 3, 0, 99.6))
        done.tally("az1", Tally("stopped", "under way", 1, 0, 0, 1))
    assert heard[1:] == [
        "az1: servers: 1 moved, 2 moving, 3 left, 0 failed, about 100 s to go",
        "az1: servers: 1 stopped, 0 under way, 0 left, 1 failed",
    ]
    step, moved, stopped = (json.loads(line) for line in path.read_text().splitlines())
    assert datetime.fromisoformat(step.pop("at")).tzinfo is UTC
    assert step == {"server": 'w"eb', "host": "c1", "step": "moved", "seconds": 20.0}
    del moved["at"], stopped["at"]
    counts = {"under_way": 2, "left": 3, "failed": 0, "seconds_to_go": 100}
    assert moved == {"zone": "az1", "moved": 1, **counts, "seconds": 20.0}
    assert (stopped["stopped"], stopped["failed"], stopped["seconds_to_go"]) == (1, 1, None)


def test_a_file_of_text_has_steps_only(tmp_path: Path) -> None:
    path = tmp_path / "progress.log"
    Progress(str(path), "server", "host").tally("az1", Tally("moved", "moving", 1, 2, 3, 0))
    assert not path.exists()


def test_steps_are_kept_with_their_time_and_appended_to_the_file(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "progress.log"
    done = Progress(str(path), "image", "store")
    clock.now = 1.26
    done("i1", "az1", "copying")
    assert done.steps == [{"image": "i1", "store": "az1", "step": "copying", "seconds": 1.3}]
    assert path.read_text().endswith(" i1 -> az1: copying\n")
    assert done.warnings == []

    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    for step in ("copying", "copied"):
        done("i1", "az1", step)
    assert done.warnings == [f"the progress file {path} cannot be written (No space left on device)."]
    assert [step["step"] for step in done.steps] == ["copying", "copying", "copied"]
