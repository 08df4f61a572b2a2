# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of a region: kept in nova, given back, taken over from the dead only."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.lock import (
    Locked,
    RegionLock,
    abandoned,
    adds_hosts,
    of_another,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import LOCK_NAME
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.nova import Nova
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import cloud
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.stand_in import (
    LOST,
    REFUSED,
    StandIn,
    standing_in,
)


def lock_of(region: StandIn, *, break_lock: bool = False, seconds: float = 60) -> RegionLock:
    return RegionLock(region.nova(), Deadline(seconds), break_lock=break_lock)


def held_text(region: StandIn) -> str:
    return region.observed.by_name[LOCK_NAME].availability_zone or ""


def hold(region: StandIn, text: str) -> None:
    region.model.create(LOCK_NAME, text)


@pytest.fixture
def text() -> str:
    """What this process writes into the lock."""
    region = standing_in(cloud())
    with lock_of(region):
        return held_text(region)


def test_it_is_there_while_it_is_held_and_users_see_no_zone_of_it() -> None:
    region = standing_in(cloud())
    with lock_of(region):
        assert region.observed.by_name[LOCK_NAME].hosts == ()
        assert region.nova().aggregates() == ()
    assert region.observed.aggregates == ()


def test_it_is_given_back_after_an_error() -> None:
    region = standing_in(cloud())
    with pytest.raises(ZoneopsError, match="half way"), lock_of(region):
        raise ZoneopsError("half way")
    assert region.observed.aggregates == ()


@pytest.mark.parametrize("held", [True, False])
def test_a_404_to_its_deletion_is_believed_only_after_a_look(monkeypatch: pytest.MonkeyPatch, held: bool) -> None:
    """A proxy or a cell can answer 404 for an aggregate that is there."""

    def not_found(_nova: Nova, number: int) -> None:
        if not held:
            region.model.delete(number)
        raise ApiError("404 page not found", status=404)

    region = standing_in(cloud())
    lock = lock_of(region)
    with lock:
        monkeypatch.setattr(Nova, "delete_aggregate", not_found)
    (warning,) = lock.warnings
    assert ("was removed while this run was writing" in warning) is not held
    assert ("404 page not found" in warning) is held
    if held:
        again = lock_of(region, break_lock=True)
        with pytest.raises(ApiError, match="404 page not found"), again:
            pass


def test_a_second_run_is_refused_with_owner_and_age() -> None:
    region = standing_in(cloud())
    with (
        lock_of(region),
        pytest.raises(Locked, match=rf"process {os.getpid()}, for \d+ s\. Its lock expires at .* UTC"),
        lock_of(region),
    ):
        pass
    assert region.observed.aggregates == (), "and the first one still gives it back"


def test_the_lock_of_a_run_whose_time_is_over_is_taken_over(text: str) -> None:
    region = standing_in(cloud())
    hold(region, text.partition(" since ")[0] + " since 1 until 2")
    lock = lock_of(region)
    with lock:
        assert "until 2" not in held_text(region)
    assert "it expired at 1970-01-01" in lock.warnings[0]


def test_the_lock_of_a_dead_process_of_this_machine_is_taken_over(text: str) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    region = standing_in(cloud())
    hold(region, text.replace(f"process {os.getpid()} ", f"process {gone.pid} "))
    lock = lock_of(region)
    with lock:
        pass
    assert f"process {gone.pid} on this machine has ended" in lock.warnings[0]


def test_a_killed_process_that_nobody_has_waited_for_is_dead(text: str) -> None:
    killed = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    region = standing_in(cloud())
    hold(region, text.replace(f"process {os.getpid()} ", f"process {killed.pid} "))
    with pytest.raises(Locked, match=f"process {killed.pid}"), lock_of(region):
        pass
    killed.kill()
    os.waitid(os.P_PID, killed.pid, os.WEXITED | os.WNOWAIT)
    lock = lock_of(region)
    with lock:
        pass
    killed.wait()
    assert f"process {killed.pid} on this machine has ended" in lock.warnings[0]


def test_the_lock_of_a_process_that_is_gone_here_but_was_somebody_elses_is_respected(text: str) -> None:
    """On another machine that number means another process."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    region = standing_in(cloud())
    mine = text.replace(f"process {os.getpid()} ", f"process {gone.pid} ")
    hold(region, f"lock of someone@elsewhere {mine[mine.index('process') :]}")
    with pytest.raises(Locked, match=rf"someone@elsewhere, process {gone.pid}, for \d+ s"), lock_of(region):
        pass


@pytest.mark.parametrize("owner", ["someone@elsewhere", None])
def test_the_lock_of_another_machine_is_broken_only_on_request(text: str, owner: str | None) -> None:
    region = standing_in(cloud())
    hold(region, "somebody's" if owner is None else f"lock of {owner} {text[text.index('process') :]}")
    with pytest.raises(Locked, match="option break_lock"), lock_of(region):
        pass
    lock = lock_of(region, break_lock=True)
    with lock:
        assert held_text(region) != "somebody's"
    assert "was taken over: break_lock" in lock.warnings[0]
    assert region.observed.aggregates == ()


def test_a_lock_whose_answer_got_lost_is_held_and_given_back() -> None:
    region = standing_in(cloud(), faults={0: LOST})
    with lock_of(region):
        pass
    assert region.observed.aggregates == ()


def test_a_lock_that_cannot_be_given_back_is_said_and_ends_by_itself() -> None:
    region = standing_in(cloud(), faults={1: REFUSED})
    lock = lock_of(region)
    with lock:
        pass
    assert "could not be released" in lock.warnings[0]


def test_a_user_without_a_name_has_a_lock_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 1000660000")

    monkeypatch.setattr("getpass.getuser", nameless)
    region = standing_in(cloud())
    with lock_of(region):
        assert held_text(region).startswith(f"lock of uid {os.getuid()}@")


@pytest.mark.parametrize("until", ["9999999999", "1000000000000000", "9" * 100])
def test_a_lock_with_a_far_end_is_refused_and_can_be_broken(text: str, until: str) -> None:
    """A year above 9999, and what no float holds: no calendar has such a time."""
    region = standing_in(cloud())
    hold(region, f"{text.rpartition(' ')[0]} {until}")
    with (
        pytest.raises(Locked, match=r"Its lock expires in more than 30 days\. If that run is dead"),
        lock_of(region),
    ):
        pass
    lock = lock_of(region, break_lock=True)
    with lock:
        pass
    assert "was taken over: break_lock" in lock.warnings[0]


INSIDE = r"does not delete it while hosts are in it \(h1\)\. Remove them, .*: openstack aggregate remove host zoneops:lock h1\."


def test_a_lock_with_hosts_is_not_taken_over(text: str) -> None:
    region = standing_in(cloud(hosts="h1"))
    hold(region, text.partition(" since ")[0] + " since 1 until 2")
    region.model.add_host(region.observed.by_name[LOCK_NAME].id or 0, "h1")
    with pytest.raises(Locked, match=INSIDE), lock_of(region):
        pass


def test_a_host_that_is_put_into_the_lock_meanwhile_is_named() -> None:
    region = standing_in(cloud(hosts="h1"))
    lock = lock_of(region)
    with lock:
        region.model.add_host(region.observed.by_name[LOCK_NAME].id or 0, "h1")
    (warning,) = lock.warnings
    assert re.search(INSIDE, warning)
    assert "expires by itself" not in warning


def test_a_lost_answer_does_not_give_the_lock_of_another_run() -> None:
    def take_it_away() -> None:
        region.model.delete(region.observed.by_name[LOCK_NAME].id or 0)
        hold(region, "lock of someone@elsewhere process 1 in abcdef012345 since 1 until 9999999999")

    region = standing_in(cloud(), faults={0: LOST})
    region.on_write = take_it_away
    with pytest.raises(ZoneopsError, match="no answer in time"), lock_of(region):
        pass
    assert "someone@elsewhere" in held_text(region)


def test_a_nova_that_refuses_the_lock_is_not_taken_for_another_run() -> None:
    region = standing_in(cloud(), faults={0: REFUSED})
    with pytest.raises(ZoneopsError, match="503 no") as raised, lock_of(region):
        pass
    assert not isinstance(raised.value, Locked)


def test_the_same_process_number_of_another_boot_or_container_is_nobodys_to_judge(text: str) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    region = standing_in(cloud())
    room = text.partition(" in ")[2].split()[0]
    hold(region, text.replace(f"process {os.getpid()} in {room}", f"process {gone.pid} in 0123456789ab"))
    with pytest.raises(Locked, match=f"process {gone.pid}"), lock_of(region):
        pass


class Owing:
    """A run that added hosts which placement does not mirror."""

    def adds_hosts(self) -> bool:
        return True

    def owes(self) -> bool:
        return True


def owing(region: StandIn) -> RegionLock:
    return RegionLock(region.nova(), Deadline(60), adding=Owing())


def test_a_lock_that_stays_keeps_nobody_out_and_is_inherited_until_somebody_looks() -> None:
    region = standing_in(cloud())
    with owing(region):
        assert abandoned(region.nova().lock()) is False
    for _again in range(2):
        left = region.nova().lock()
        assert abandoned(left) and adds_hosts(left) and of_another(left)
        lock = lock_of(region)
        with lock:
            assert adds_hosts(region.nova().lock()), "also where this one is killed"
        assert "was taken over" in lock.warnings[0]


def test_a_lock_that_was_to_stay_and_was_broken_is_told() -> None:
    region = standing_in(cloud())
    lock = owing(region)
    with lock:
        (number,) = (found.id for found in region.observed.aggregates)
        region.model.delete(number or 0)
        hold(region, "somebody's")
    assert "was removed while this run was writing" in lock.warnings[0]
    assert held_text(region) == "somebody's"


def test_a_lock_that_cannot_be_kept_is_told() -> None:
    region = standing_in(cloud())
    lock = owing(region)
    with lock:
        region.faults[len(region.writes)] = REFUSED
    assert "could not be released" in lock.warnings[0]
    assert adds_hosts(region.nova().lock())
