# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing: in order, per zone all or nothing as far as it can be undone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import ClassVar

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.apply import Outcome, apply
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._plan.ctrl_c import ctrl_c
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._plan.toy_reconciler import (
    Clock,
    Put,
    ToyReconciler,
    failing,
    items,
)


def applied(reconciler: ToyReconciler, deadline: Deadline | None = None) -> dict[str, Outcome[Put]]:
    return apply(reconciler.plan(reconciler.observe()).changes, reconciler.write, deadline or Deadline(60))


def texts(changes: list[Put]) -> list[str]:
    return [change.text for change in changes]


def test_writes_in_the_order_of_the_plan() -> None:
    reconciler = ToyReconciler(items(az1="a b", az2="c"), {})
    outcomes = applied(reconciler)
    assert reconciler.log == ["add a to az1", "add b to az1", "add c to az2"]
    assert texts(outcomes["az1"].done) == ["add a to az1", "add b to az1"]
    assert reconciler.current == reconciler.wanted


def test_a_failed_zone_is_put_back_in_reverse_and_the_others_go_on() -> None:
    reconciler = ToyReconciler(items(az1="a b c d", az2="e"), {}, on_write=failing("add c to az1"))
    outcomes = applied(reconciler)
    assert reconciler.log[2:5] == ["add c to az1", "remove b from az1", "remove a from az1"]
    assert reconciler.current == items(az1="", az2="e")
    failed = outcomes["az1"]
    assert failed.done == []
    assert texts(failed.undone) == ["add b to az1", "add a to az1"]
    assert texts(failed.left) == ["add c to az1", "add d to az1"]
    assert failed.errors == ["add c to az1: the service said no"]
    assert not outcomes["az2"].errors


def test_nothing_is_undone_where_a_step_cannot_be() -> None:
    reconciler = ToyReconciler(items(az1="a fixed z zz"), {}, on_write=failing("add zz to az1"))
    outcome = applied(reconciler)["az1"]
    assert not outcome.undone
    assert texts(outcome.done) == ["add a to az1", "add fixed to az1", "add z to az1"]
    assert reconciler.current == items(az1="a fixed z")
    assert outcome.errors == [
        "add zz to az1: the service said no",
        "what was done before this is kept: run it again to continue from here",
    ]


class Alone(Put):
    """A put that stands by itself."""

    alone: ClassVar[bool] = True


def test_what_stands_alone_fails_alone() -> None:
    reconciler = ToyReconciler({}, {}, on_write=failing("add b to az1"))
    changes = [Alone("az1", "a"), Alone("az1", "b"), Alone("az1", "c"), Put("az1", "d")]
    outcome = apply(changes, reconciler.write, Deadline(60))["az1"]
    assert texts(outcome.done) == ["add a to az1", "add c to az1"]
    assert texts(outcome.left) == ["add b to az1", "add d to az1"]
    assert outcome.errors == ["add b to az1: the service said no"]
    assert not outcome.undone


def test_a_change_that_touches_a_zone_that_failed_is_not_made() -> None:
    class Give(Put):
        """Out of az1."""

        @property
        def zones(self) -> tuple[str, ...]:
            return (self.zone, "az1")

    reconciler = ToyReconciler({}, {}, on_write=failing("add a to az1"))
    outcomes = apply([Put("az1", "a"), Put("az2", "b"), Give("az2", "c")], reconciler.write, Deadline(60))
    assert outcomes["az2"].errors == ["add c to az2: needs zone az1, which failed"]
    assert texts(outcomes["az2"].undone) == ["add b to az2"]
    assert reconciler.log == ["add a to az1", "add b to az2", "remove b from az2"]


def test_an_undo_that_fails_is_reported_and_nothing_below_it_is_undone() -> None:
    reconciler = ToyReconciler(items(az1="a b c"), {}, on_write=failing("add c to az1", "remove b from az1"))
    outcome = applied(reconciler)["az1"]
    assert outcome.errors == [
        "add c to az1: the service said no",
        "could not undo 'add b to az1': the service said no",
    ]
    assert texts(outcome.done) == ["add a to az1", "add b to az1"]
    assert outcome.undone == []


@pytest.mark.parametrize("uncertain", [True, False])
def test_a_lost_answer_counts_as_written(uncertain: bool) -> None:
    reconciler = ToyReconciler(items(az1="a"), {}, on_write=failing("add a to az1", uncertain=uncertain))
    outcome = applied(reconciler)["az1"]
    assert outcome.uncertain is uncertain
    assert outcome.wrote is uncertain


def test_nothing_is_written_after_the_deadline() -> None:
    reconciler = ToyReconciler(items(az1="a b", az2="c"), {})
    outcomes = applied(reconciler, Deadline(0))
    assert reconciler.log == []
    assert "deadline of 0 s has passed" in outcomes["az1"].errors[0]
    assert texts(outcomes["az2"].left) == ["add c to az2"]


def test_what_another_change_may_have_done_is_told_after_the_deadline(clock: Clock) -> None:
    class Joint(Put):
        joint = True

    told = []

    def write(change: Put) -> None:
        told.append(change.text)
        clock.sleep(11)

    outcomes = apply([Joint("az1", "a"), Joint("az2", "a"), Put("az3", "a")], write, Deadline(10))
    assert told == ["add a to az1", "add a to az2"]
    assert [zone for zone, outcome in outcomes.items() if outcome.errors] == ["az3"]


def test_the_time_for_the_undo_of_one_zone_is_not_time_for_another(clock: Clock) -> None:
    deadline = Deadline(10)
    left_for_undo = []

    def take_long(change: Put) -> None:
        if change.there:
            clock.sleep(11)
        else:
            left_for_undo.append(deadline.remaining())

    reconciler = ToyReconciler(items(az1="a b", az2="c"), {}, on_write=take_long)
    outcomes = applied(reconciler, deadline)
    assert reconciler.log == ["add a to az1", "remove a from az1"]
    assert left_for_undo == [30]
    assert "deadline" in outcomes["az2"].errors[0]


def crashing(*texts: str, error: BaseException | None = None) -> Callable[[Put], None]:
    """For `on_write`: these writes have a bug."""

    def crash(change: Put) -> None:
        if change.text in texts:
            raise error or KeyError("a bug")

    return crash


def test_a_bug_in_a_write_is_an_uncertain_failure_of_that_change_alone() -> None:
    reconciler = ToyReconciler(items(az1="a b", az2="c"), {}, on_write=crashing("add b to az1"))
    outcomes = applied(reconciler)
    assert reconciler.log == ["add a to az1", "add b to az1", "remove a from az1", "add c to az2"]
    assert texts(outcomes["az1"].undone) == ["add a to az1"]
    assert outcomes["az1"].uncertain
    (error,) = outcomes["az1"].errors
    assert error.startswith("add b to az1: unexpected KeyError: 'a bug' (at ")
    assert "in crash" in outcomes["az1"].traces[0]
    assert texts(outcomes["az2"].done) == ["add c to az2"]


def test_a_bug_in_an_undo_is_a_message_too() -> None:
    def write(change: Put) -> None:
        failing("add c to az1")(change)
        crashing("remove b from az1")(change)

    outcome = applied(ToyReconciler(items(az1="a b c"), {}, on_write=write))["az1"]
    assert outcome.errors[1].startswith("could not undo 'add b to az1': unexpected KeyError: 'a bug'")
    assert texts(outcome.done) == ["add a to az1", "add b to az1"]


@pytest.mark.parametrize("end", [KeyboardInterrupt(), SystemExit(3)])
def test_what_ends_the_run_is_no_error_of_a_change(end: BaseException) -> None:
    reconciler = ToyReconciler(items(az1="a", az2="b"), {}, on_write=crashing("add a to az1", error=end))
    with pytest.raises(type(end)):
        applied(reconciler)
    assert reconciler.log == ["add a to az1"]


def test_zoneops_error_says_its_message() -> None:
    assert str(ZoneopsError("what is wrong")) == "what is wrong"


class Begin(Put):
    """The first write of a new zone."""

    begins: ClassVar[bool] = True


class Meet(Begin):
    """Touches az3 as well."""

    @property
    def zones(self) -> tuple[str, ...]:
        return (self.zone, "az3")


def side_by_side(*changes: Put, reconciler: ToyReconciler) -> dict[str, Outcome[Put]]:
    return apply(changes, reconciler.write, Deadline(60), at_once=2)


def test_new_zones_are_made_side_by_side_and_before_the_others() -> None:
    both = threading.Barrier(2)

    def wait_for_the_other(change: Put) -> None:
        if change.item == "a":
            both.wait(timeout=10)

    reconciler = ToyReconciler({}, {}, on_write=wait_for_the_other)
    outcomes = side_by_side(
        Put("az3", "c"), Begin("az1", "a"), Put("az1", "b"), Begin("az2", "a"), reconciler=reconciler
    )
    assert sorted(reconciler.log[:2]) == ["add a to az1", "add a to az2"]
    assert reconciler.log[-1] == "add c to az3"
    assert texts(outcomes["az1"].done) == ["add a to az1", "add b to az1"]
    assert set(outcomes) == {"az1", "az2", "az3"}


@pytest.mark.parametrize("failing_write", [False, True], ids=["the write succeeds", "the write fails"])
def test_after_ctrl_c_no_zone_begins_another_change(failing_write: bool) -> None:
    """Two zones are at work and one waits for its turn; the zones that come afterwards are not reached either."""
    deadline, both = Deadline(60), threading.Barrier(2)

    def on_write(change: Put) -> None:
        if change.item != "b" or change.zone == "az3":
            return
        both.wait(timeout=10)
        press(deadline)
        if failing_write:
            raise ZoneopsError("no time")

    zones = ("az1", "az2", "az3")
    changes = [Begin(zone, item) if item == "a" else Put(zone, item) for zone in zones for item in "abc"]
    reconciler = ToyReconciler({}, {}, on_write=on_write)
    with pytest.raises(KeyboardInterrupt), ctrl_c() as press:
        apply([*changes, Put("az4", "a")], reconciler.write, deadline, at_once=2)
    assert sorted(reconciler.log) == [f"add {item} to {zone}" for item in "ab" for zone in ("az1", "az2")]


@pytest.mark.parametrize(
    ("changes", "order"),
    [
        pytest.param(
            [Put("az1", "x"), Begin("az1", "a"), Begin("az2", "a")], "az2 az1 az1", id="begun after another write"
        ),
        pytest.param([Meet("az1", "a"), Put("az3", "b"), Begin("az2", "a")], "az2 az1 az3", id="shares a write"),
    ],
)
def test_a_zone_that_is_not_new_or_not_alone_waits_for_its_turn(changes: list[Put], order: str) -> None:
    reconciler = ToyReconciler({}, {})
    side_by_side(*changes, reconciler=reconciler)
    assert [text.rpartition(" ")[2] for text in reconciler.log] == order.split()


def test_a_new_zone_that_fails_is_put_back_beside_the_others() -> None:
    reconciler = ToyReconciler({}, {}, on_write=failing("add b to az1"))
    outcomes = side_by_side(
        Begin("az1", "a"),
        Put("az1", "b"),
        Begin("az2", "a"),
        Meet("az4", "m"),
        Begin("az3", "n"),
        reconciler=reconciler,
    )
    assert texts(outcomes["az1"].undone) == ["add a to az1"]
    assert not outcomes["az2"].errors
    assert not outcomes["az4"].errors


def test_a_bug_in_a_new_zone_is_a_failure_of_that_zone_alone() -> None:
    reconciler = ToyReconciler({}, {}, on_write=crashing("add a to az1"))
    outcomes = side_by_side(Begin("az1", "a"), Begin("az2", "b"), reconciler=reconciler)
    assert "unexpected KeyError: 'a bug'" in outcomes["az1"].errors[0]
    assert texts(outcomes["az2"].done) == ["add b to az2"]


def test_the_time_for_the_undo_of_one_zone_is_not_time_for_one_beside_it() -> None:
    deadline, seen, inside = Deadline(5), [], threading.Event()

    def look() -> None:
        inside.wait(10)
        seen.append(deadline.remaining())

    beside = threading.Thread(target=look)
    beside.start()
    with deadline.grace(60):
        inside.set()
        beside.join()
        assert deadline.remaining() > 50
    assert seen[0] <= 5
    assert deadline.remaining() <= 5


def test_one_zone_at_a_time_keeps_the_order_of_the_plan() -> None:
    """Also where a change that zones share comes behind others."""
    reconciler = ToyReconciler({}, {})
    apply([Begin("az1", "a"), Put("az2", "b"), Begin("az3", "c")], reconciler.write, Deadline(60), at_once=1)
    assert reconciler.log == ["add a to az1", "add b to az2", "add c to az3"]


def test_a_run_that_was_stopped_begins_nothing() -> None:
    deadline, reconciler = Deadline(60), ToyReconciler({}, {})
    deadline.stop()
    assert apply([Put("az1", "a")], reconciler.write, deadline) == {}
    assert reconciler.log == []
