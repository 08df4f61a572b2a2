# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time of a run."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import BEYOND_SECONDS, Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import DeadlineExceeded
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._plan.toy_reconciler import Clock


def test_counts_down_and_never_below_zero(clock: Clock) -> None:
    deadline = Deadline(10)
    clock.sleep(4)
    assert deadline.remaining() == 6
    deadline.check("anything")
    clock.sleep(7)
    assert deadline.remaining() == 0


def test_says_what_was_not_begun_and_what_to_do(clock: Clock) -> None:
    deadline = Deadline(1.5)
    clock.sleep(1.5)
    with pytest.raises(
        DeadlineExceeded, match=r"deadline of 1\.5 s has passed before: add a\. .*zoneops_deadline; option timeout\)"
    ):
        deadline.check("add a")


def test_grace_gives_time_inside_and_none_after_it(clock: Clock) -> None:
    deadline = Deadline(1)
    clock.sleep(2)
    with deadline.grace(5):
        assert deadline.remaining() == 5
        clock.sleep(1)
        deadline.check("undo")
    with pytest.raises(DeadlineExceeded):
        deadline.check("another zone")


def test_all_graces_together_have_an_end(clock: Clock) -> None:
    deadline = Deadline(1)
    clock.sleep(1)
    spent = 0.0
    for _zone in range(10):
        with deadline.grace(30):
            spent += deadline.remaining()
            clock.sleep(deadline.remaining())
    assert spent == BEYOND_SECONDS


def test_grace_takes_no_time_away(clock: Clock) -> None:
    deadline = Deadline(100)
    with deadline.grace(5):
        assert deadline.remaining() == 100
    clock.sleep(1)
    assert deadline.remaining() == 99


def test_grace_ends_with_an_error_as_well(clock: Clock) -> None:
    deadline = Deadline(1)
    clock.sleep(2)
    with pytest.raises(ValueError, match="undo failed"), deadline.grace(5):
        raise ValueError("undo failed")
    assert deadline.remaining() == 0


def test_stopped_leaves_time_only_for_what_must_not_be_left_half_done(clock: Clock) -> None:
    deadline = Deadline(100)
    deadline.stop()
    assert deadline.remaining() == 0
    with pytest.raises(DeadlineExceeded, match=r"^the run was stopped before: add a\.$"):
        deadline.check("add a")
    with deadline.grace(5):
        deadline.check("give the lock back")
    assert clock.slept == 0


def test_a_look_has_time_and_a_stop_is_seen_after_it(clock: Clock) -> None:
    deadline = Deadline(100)
    with deadline.look():
        deadline.check("GET the image")
    deadline.stop()
    with deadline.look():
        deadline.check("GET the image")
    assert deadline.remaining() == 0
