# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One writer at a time: the lock of the region, its owner and age, and who may take it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from .module_process import PATIENCE, Running
from .region import LOCK
from .scenarios import SCENARIOS, Scenario
from .sweep import Bench

Spacer = Callable[[], int]
CREATE = next(scenario for scenario in SCENARIOS if scenario.name == "create_new")
OWNER = r"another run is writing to this region: \S+@\S+, process {}, for \d+ s\. Its lock expires at 20\d\d-"


def asked(**options: object) -> Scenario:
    return replace(CREATE, asked={**CREATE.asked, **options})


@pytest.fixture
def spacer(bench: Bench) -> Iterator[Spacer]:
    """Makes an aggregate after the lock: the lab's SQLite gives the id of a deleted last row again, which real databases do not."""
    yield lambda: bench.region.create("spacer", None)
    bench.region.delete("spacer")


def hold(bench: Bench, *, owner: str = "root@elsewhere", since: float = -10, until: float = 600) -> None:
    """The lock of a run on another machine."""
    now = time.time()
    bench.region.create(
        LOCK, f"lock of {owner} process 1 in abcdef012345 since {now + since:.0f} until {now + until:.0f}"
    )


def at_work(bench: Bench) -> Running:
    """A run that has the lock and waits for the answer to its next write until the faults are cleared."""
    return _caught(bench, kind="delay", seconds=PATIENCE)


def _caught(bench: Bench, **fault: Any) -> Running:
    """A run whose first write after the lock is in a fault."""
    number = bench.lab.add_fault(service="nova", writes=True, skip=1, count=1, **fault)
    running = bench.modules.start(CREATE.module, CREATE.arguments)
    bench.until_caught(number)
    return running


def test_second_run_is_refused_with_the_owner_and_the_age_of_the_first(bench: Bench) -> None:
    bench.start(CREATE)
    first = at_work(bench)
    mark = bench.lab.mark()
    second = bench.run(CREATE)
    assert second.failed
    assert re.search(OWNER.format(first.pid), second.answer["msg"]), second.answer["msg"]
    tried = [request.status for request in bench.lab.requests(mark) if request.writes and request.fault is None]
    assert tried[:1] == [409], "the second run writes nothing but the lock, which is refused"
    bench.lab.clear_faults()
    assert not first.wait().failed
    assert bench.region.state() == CREATE.end
    assert bench.region.locks() == []


def test_lock_of_another_machine_is_respected_until_its_time_is_over(bench: Bench) -> None:
    bench.start(CREATE)
    hold(bench)
    refused = bench.run(CREATE)
    assert re.search(OWNER.format(1), refused.answer["msg"]), refused.answer["msg"]
    assert "option break_lock" in refused.answer["msg"]
    assert bench.region.state() == CREATE.start
    bench.region.delete(LOCK)
    hold(bench, since=-900, until=-1)
    ended = bench.run(CREATE)
    assert not ended.failed
    assert any("of root@elsewhere was taken over: it expired at" in text for text in ended.warnings)
    assert bench.region.state() == CREATE.end
    assert bench.region.locks() == []


def test_break_lock_takes_any_lock(bench: Bench) -> None:
    for text in (None, "an aggregate that somebody called so"):
        bench.start(CREATE)
        if text is None:
            hold(bench)
        else:
            bench.region.create(LOCK, text)
            assert "nova has an aggregate zoneops:lock" in bench.run(CREATE).answer["msg"]
        ended = bench.run(asked(break_lock=True))
        assert not ended.failed
        assert any("was taken over: break_lock" in warning for warning in ended.warnings)
        assert bench.region.state() == CREATE.end
        assert bench.region.locks() == []


def test_run_whose_lock_was_broken_says_so_and_leaves_the_other_lock(bench: Bench, spacer: Spacer) -> None:
    bench.start(CREATE)
    first = at_work(bench)
    spacer()
    bench.region.delete(LOCK)
    hold(bench)
    bench.lab.clear_faults()
    ended = first.wait()
    assert any("was removed while this run was writing" in warning for warning in ended.warnings), ended.warnings
    assert len(bench.region.locks()) == 1


def killed(bench: Bench) -> tuple[int, str]:
    """A run that was killed while it had the lock: its process, and the text of the lock that it left."""
    bench.start(CREATE)
    # Not one that waits: nova would act on it once it is let go, whatever the test has made of the region by then.
    running = _caught(bench, kind="hang")
    running.kill()
    bench.lab.until_answered()
    bench.lab.clear_faults()
    (text,) = bench.region.locks()
    return running.pid, text


def test_killed_run_of_this_machine_is_recognised(bench: Bench) -> None:
    pid, _text = killed(bench)
    ended = bench.run(CREATE)
    assert not ended.failed, ended.answer["msg"]
    assert any(f"process {pid} on this machine has ended" in warning for warning in ended.warnings), ended.warnings
    assert bench.region.state() == CREATE.end
    assert bench.region.locks() == []


@pytest.mark.parametrize(
    ("part", "other"),
    [(r"lock of \S+ ", "lock of root@elsewhere "), (r" in \w+ ", " in 0123456789ab ")],
    ids=["machine", "boot or container"],
)
def test_killed_run_of_another_place_is_not_recognised(bench: Bench, part: str, other: str) -> None:
    """Also with the same name and process, but of another boot or container: nobody can say from here whether it lives."""
    pid, text = killed(bench)
    theirs, changed = re.subn(part, other, text)
    assert changed == 1
    bench.start(CREATE)
    bench.region.create(LOCK, theirs)
    refused = bench.run(CREATE)
    assert refused.failed
    assert re.search(OWNER.format(pid), refused.answer["msg"]), refused.answer["msg"]
    assert bench.region.locks() == [theirs]
    assert bench.region.state() == CREATE.start


def test_of_two_runs_that_take_over_at_once_one_writes(bench: Bench, spacer: Spacer) -> None:
    bench.start(CREATE)
    hold(bench, since=-900, until=-1)
    spacer()
    # Both find the dead lock before either has removed it.
    number = bench.lab.add_fault(
        "delay", service="nova", method="DELETE", path=r"os-aggregates/\d+$", count=2, seconds=PATIENCE
    )
    runs = [bench.modules.start(CREATE.module, CREATE.arguments) for _number in range(2)]
    bench.until_caught(number, times=2)
    bench.lab.clear_faults()
    ended = [run.wait() for run in runs]
    (refused,) = (run for run in ended if run.failed)
    assert "took the lock zoneops:lock at the same moment" in refused.answer["msg"]
    assert bench.region.locks() == []
    bench.region.delete("spacer")
    assert bench.region.state() == CREATE.end


def test_lock_whose_creation_was_answered_by_nothing_is_used_and_given_back(bench: Bench) -> None:
    bench.start(CREATE)
    bench.lab.add_fault("drop-after", service="nova", writes=True, count=1)
    ended = bench.run(CREATE)
    assert not ended.failed, ended.answer["msg"]
    assert bench.region.state() == CREATE.end
    assert bench.region.locks() == []


@pytest.mark.parametrize("kind", ["drop-before", "hang"])
def test_lock_that_cannot_be_given_back_is_a_warning_and_ends_by_itself(bench: Bench, kind: str) -> None:
    bench.start(CREATE)
    bench.lab.add_fault(kind, service="nova", method="DELETE", count=1)
    ended = bench.run(asked(api_timeout=5))
    assert not ended.failed, ended.answer["msg"]
    assert any("could not be released" in warning for warning in ended.warnings)
    assert len(bench.region.locks()) == 1


def test_check_mode_and_a_run_with_nothing_to_do_take_no_lock(bench: Bench) -> None:
    bench.start(CREATE)
    hold(bench)
    mark = bench.lab.mark()
    check = bench.modules.run(CREATE.module, CREATE.arguments, check=True)
    assert check.answer["changed"]
    bench.lab.clear_faults()
    bench.region.make(CREATE.end)
    hold(bench)
    idle = bench.run(CREATE)
    assert not idle.answer["changed"]
    ours = [request for request in bench.lab.requests(mark) if (request.user_agent or "").startswith("zoneops")]
    assert ours
    assert not [request for request in ours if request.writes]
