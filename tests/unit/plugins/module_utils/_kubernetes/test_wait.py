# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting: one look that finds nothing missing is not believed, and what is missing is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes import wait
from ansible_collections.zoneops.openstack.plugins.module_utils._kubernetes.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.progress import report, reported_to
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.control_plane.progress import Progress
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._kubernetes.passing_time import Time


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time.of_waits(monkeypatch)


class Look:
    """Finds this, one after the other, and the last for ever."""

    def __init__(self, *found: str | ApiError) -> None:
        self.found = list(found)
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        found = self.found.pop(0) if len(self.found) > 1 else self.found[0]
        if isinstance(found, ApiError):
            raise found
        return found


def run(look: Callable[[], str], seconds: float = 60, **more: Any) -> list[str]:
    said: list[str] = []
    wait.Wait(Deadline(600), seconds, say=said.append, **more).until(look, "zone az1")
    return said


def test_a_moment_in_which_all_seems_ready_is_not_believed() -> None:
    """An operator that has not begun says that it is ready: what flips is waited for until it is so twice in a row."""
    look = Look("not begun", "", "rolling", "", "")
    assert run(look) == ["zone az1: not begun", "zone az1: rolling"]
    assert look.times == 5


def test_ready_is_looked_at_twice() -> None:
    look = Look("")
    assert run(look) == []
    assert look.times == 2


def test_what_is_gone_stays_gone() -> None:
    look = Look("")
    run(look, stable=1)
    assert look.times == 1


def test_what_flips_for_ever_fails(clock: Time) -> None:
    class Flips(Look):
        def __call__(self) -> str:
            self.times += 1
            return "" if self.times % 2 else "rolling"

    with pytest.raises(ZoneopsError, match=r"zone az1: not reached after \d+ s: rolling\. Check that"):
        run(Flips("x"), seconds=30)
    assert 26 <= clock.now <= 30


def test_a_run_that_is_stopped_says_what_is_missing_and_waits_no_longer(clock: Time) -> None:
    """Not which request had no time left."""
    deadline = Deadline(600)

    def look() -> str:
        deadline.stop()
        deadline.check("GET the pods")
        return "rolling"

    with pytest.raises(ZoneopsError, match=r"^zone az1: not reached after 0 s: rolling\. Check that"):
        wait.Wait(deadline, 60, say=lambda _text: None).until(look, "zone az1")
    assert clock.now == 0


def test_seen_once_at_the_end_is_said() -> None:
    with pytest.raises(ZoneopsError, match="there was time for one check only"):
        run(Look(""), seconds=1)


@pytest.mark.parametrize("say", [{}, {"say": report}, {"say": Progress(None)}], ids=["left out", "report", "progress"])
def test_the_same_is_reported_every_30_seconds(say: dict[str, Any]) -> None:
    """What does not change for an hour is never silent for more than 30 s; nobody hears a line twice."""
    heard: list[str] = []
    with reported_to(heard.append):
        wait.Wait(Deadline(600), 120, **say).until(Look(*["not begun"] * 40, ""), "zone az1")
    assert heard == ["zone az1: not begun", *(f"zone az1: not begun ({seconds} s so far)" for seconds in (30, 60))]


def test_the_same_is_said_once() -> None:
    assert run(Look("a", "a", "b", "b", "")) == ["zone az1: a", "zone az1: b"]


def test_an_api_that_is_away_is_waited_for() -> None:
    assert run(Look(ApiError("503 not now", status=503), "")) == ["zone az1: 503 not now"]


@pytest.mark.parametrize("status", [401, 403])
def test_what_is_refused_is_not_waited_for(status: int) -> None:
    look = Look(ApiError("no", status=status))
    with pytest.raises(ApiError):
        run(look)
    assert look.times == 1
