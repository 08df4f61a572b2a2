# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is there, is wanted and fails: what is reported is what happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set as AbstractSet
from itertools import count

from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._plan.toy_reconciler import (
    Items,
    Put,
    ToyReconciler,
)
from hypothesis import given
from hypothesis import strategies as st

ZONES = ("az1", "az2", "az3")
ITEMS = ("a", "b", "c", "fixed")
MAPS = st.fixed_dictionaries({zone: st.frozensets(st.sampled_from(ITEMS)) for zone in ZONES})
# Which writes fail, by their number; undos count as writes.
FAILING = st.sets(st.integers(0, 20))


def run(reconciler: ToyReconciler, *, check: bool = False) -> dict[str, Verdict]:
    return Converge(reconciler, check=check, deadline=Deadline(60), settle=0).run()


def reconciler_of(wanted: Items, current: Items, failing: AbstractSet[int] = frozenset()) -> ToyReconciler:
    number = count()

    def fail(_change: Put) -> None:
        if next(number) in failing:
            raise ZoneopsError("no")

    return ToyReconciler(wanted, current, on_write=fail)


@given(MAPS, MAPS)
def test_a_run_reaches_what_is_wanted_and_a_second_one_has_nothing_to_do(wanted: Items, current: Items) -> None:
    reconciler = reconciler_of(wanted, current)
    run(reconciler)
    assert reconciler.current == wanted
    written = len(reconciler.log)
    again = run(reconciler)
    assert len(reconciler.log) == written
    assert not any(verdict.changed or verdict.failed or verdict.plan for verdict in again.values())


@given(MAPS, MAPS)
def test_check_mode_is_what_a_run_does(wanted: Items, current: Items) -> None:
    foreseen, came = run(reconciler_of(wanted, current), check=True), run(reconciler_of(wanted, current))
    for zone in ZONES:
        assert (foreseen[zone].changed, foreseen[zone].after) == (came[zone].changed, came[zone].after)


@given(MAPS, MAPS, FAILING)
def test_done_undone_and_left_are_the_plan(wanted: Items, current: Items, failing: set[int]) -> None:
    for verdict in run(reconciler_of(wanted, current, failing)).values():
        assert Counter(verdict.plan) == Counter((*verdict.done, *verdict.undone, *verdict.left))
        assert verdict.failed == bool(verdict.left)


@given(MAPS, MAPS, FAILING)
def test_what_is_there_afterwards_is_what_is_reported(wanted: Items, current: Items, failing: set[int]) -> None:
    reconciler = reconciler_of(wanted, current, failing)
    verdicts = run(reconciler)
    for zone, verdict in verdicts.items():
        expected: Items = dict(current)
        for change in verdict.done:
            assert isinstance(change, Put)
            expected = reconciler.simulate(expected, change)
        assert reconciler.current[zone] == expected[zone]
        assert verdict.changed == (reconciler.current[zone] != current[zone])
        assert verdict.message()


@given(MAPS, MAPS, FAILING)
def test_a_failed_zone_is_as_it_was_unless_the_verdict_says_why_not(
    wanted: Items, current: Items, failing: set[int]
) -> None:
    reconciler = reconciler_of(wanted, current, failing)
    for zone, verdict in run(reconciler).items():
        if verdict.failed and reconciler.current[zone] != current[zone]:
            stuck = any(isinstance(change, Put) and change.item.startswith("fixed") for change in verdict.done)
            assert stuck or "could not undo" in verdict.message()


@given(MAPS, MAPS, FAILING)
def test_a_run_after_a_failed_one_finishes_the_work(wanted: Items, current: Items, failing: set[int]) -> None:
    broken = reconciler_of(wanted, current, failing)
    run(broken)
    mended = reconciler_of(wanted, broken.current)
    assert not any(verdict.failed for verdict in run(mended).values())
    assert mended.current == wanted
