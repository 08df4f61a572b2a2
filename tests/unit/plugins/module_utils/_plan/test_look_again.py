# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""After a write only what is seen counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import Postponed, ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._plan.toy_reconciler import (
    Clock,
    Put,
    ToyReconciler,
    failing,
    items,
)


def run(reconciler: ToyReconciler, deadline: Deadline | None = None) -> dict[str, Verdict]:
    return Converge(reconciler, check=False, deadline=deadline or Deadline(600), settle=10).run()


def test_a_service_that_says_ok_and_does_nothing_fails_the_zone(clock: Clock) -> None:
    reconciler = ToyReconciler(items(az1="a", az2="b"), {}, on_write=lambda change: change.zone != "az1")
    verdicts = run(reconciler)
    assert verdicts["az1"].failed
    assert verdicts["az1"].errors == ["had no effect 10 s after the write: add a to az1"]
    assert not verdicts["az1"].changed
    assert verdicts["az2"].changed
    assert not verdicts["az2"].failed
    assert 10 <= clock.slept <= 11


def test_a_reconciler_may_know_better_what_it_has_changed(clock: Clock) -> None:
    """Where what was done for one zone is seen in another, or is not seen in the state at all."""
    reconciler = ToyReconciler(items(az1="a", az2="b", az3="c"), {}, written={"az1": True, "az2": False})
    reconciler.on_write = lambda change: change.zone != "az1"
    assert {zone: one.changed for zone, one in run(reconciler).items()} == {"az1": True, "az2": False, "az3": True}
    assert clock.slept > 0


def test_waits_no_longer_than_it_takes(clock: Clock) -> None:
    reconciler = ToyReconciler(items(az1="a"), {}, slow=3)
    assert not run(reconciler)["az1"].failed
    assert 0 < clock.slept <= 2


def test_does_not_wait_when_it_took_at_once(clock: Clock) -> None:
    reconciler = ToyReconciler(items(az1="a"), {})
    run(reconciler)
    assert clock.slept == 0
    assert reconciler.observed == 2, "before and after the write"


def test_looks_anew_when_it_has_the_lock() -> None:
    """Another run may have written while this one waited for it."""
    reconciler = ToyReconciler(items(az1="a"), {})

    @contextmanager
    def locked() -> Iterator[None]:
        reconciler.current = items(az1="a")
        yield

    verdict = Converge(reconciler, check=False, deadline=Deadline(600), lock=locked(), settle=10).run()["az1"]
    assert (verdict.changed, verdict.failed) == (False, False)
    assert (reconciler.observed, reconciler.log) == (2, [])


def test_does_not_wait_for_a_zone_that_failed(clock: Clock) -> None:
    reconciler = ToyReconciler(items(az1="a", az2="b"), {}, on_write=failing("add a to az1"))
    verdicts = run(reconciler)
    assert clock.slept == 0
    assert verdicts["az1"].errors == ["add a to az1: the service said no"]


def test_what_waits_for_another_zone_is_left_over_and_no_fault(clock: Clock) -> None:
    def wait(change: Put) -> None:
        if change.item == "b":
            raise Postponed("b waits for az2")

    reconciler = ToyReconciler(items(az1="a b", az2="c"), {}, on_write=wait)
    verdict = run(reconciler)["az1"]
    assert clock.slept == 0
    assert (verdict.failed, verdict.changed, verdict.warnings) == (False, True, ("b waits for az2",))
    assert [change.text for change in verdict.left] == ["add b to az1"]
    assert verdict.message() == "add a to az1"


def test_a_write_whose_answer_was_lost_is_seen() -> None:
    def lose(change: Put) -> None:
        reconciler.current = reconciler.simulate(reconciler.current, change)
        raise ZoneopsError("connection lost", uncertain=True)

    reconciler = ToyReconciler(items(az1="a"), {}, on_write=lose)
    verdict = run(reconciler)["az1"]
    assert verdict.failed
    assert verdict.changed
    assert verdict.after == {"items": ["a"]}


def test_what_cannot_be_read_afterwards_fails_the_zones_that_were_written() -> None:
    def once(times: int) -> None:
        if times > 1:
            raise ZoneopsError("nova went away")

    reconciler = ToyReconciler(items(az1="a", az2="b"), items(az2="b"), on_observe=once)
    verdicts = run(reconciler)
    assert verdicts["az1"].message() == "the zone could not be read afterwards: nova went away\nkept: add a to az1"
    assert verdicts["az1"].changed
    assert not verdicts["az2"].failed
    assert not verdicts["az2"].changed


def test_a_zone_that_wrote_nothing_has_not_changed_when_it_cannot_be_read() -> None:
    def once(times: int) -> None:
        if times > 1:
            raise ZoneopsError("nova went away")

    verdict = run(ToyReconciler(items(az1="a"), {}, on_observe=once, on_write=failing("add a to az1")))["az1"]
    assert not verdict.changed
    assert verdict.errors == [
        "add a to az1: the service said no",
        "the zone could not be read afterwards: nova went away",
    ]


def test_the_last_look_has_time_after_the_deadline(clock: Clock) -> None:
    deadline = Deadline(5)
    reconciler = ToyReconciler(
        items(az1="a"),
        {},
        on_write=lambda _change: clock.sleep(6),
        on_observe=lambda _times: deadline.check("look"),
    )
    verdict = run(reconciler, deadline)["az1"]
    assert not verdict.failed
    assert verdict.after == {"items": ["a"]}
