# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run: check mode, refusals, closer looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.change import Plan
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._plan.toy_reconciler import (
    Items,
    Put,
    ToyReconciler,
    failing,
    items,
)


def run(reconciler: ToyReconciler, *, check: bool = False) -> dict[str, Verdict]:
    return Converge(reconciler, check=check, deadline=Deadline(60), settle=0).run()


def test_check_mode_writes_nothing_and_says_what_a_run_then_does() -> None:
    reconciler = ToyReconciler(items(az1="a b", az2="c"), items(az1="a x", az2="c"))
    foreseen = run(reconciler, check=True)
    assert reconciler.log == []
    came = run(reconciler)
    assert {zone: (verdict.changed, verdict.plan, verdict.before, verdict.after) for zone, verdict in came.items()} == {
        zone: (verdict.changed, verdict.plan, verdict.before, verdict.after) for zone, verdict in foreseen.items()
    }
    assert foreseen["az1"].changed
    assert foreseen["az1"].done == ()
    assert foreseen["az1"].state == {"items": ["a", "x"]}
    assert came["az1"].state == {"items": ["a", "b"]}
    assert not came["az2"].changed


def test_a_run_with_nothing_to_do_looks_once() -> None:
    reconciler = ToyReconciler(items(az1="a"), items(az1="a"))
    assert not run(reconciler)["az1"].changed
    assert reconciler.observed == 1
    assert reconciler.log == []


def test_no_write_belongs_to_a_look() -> None:
    """What is asked for once in a look is asked for again after a write."""
    looking: list[bool] = []

    @contextmanager
    def look() -> Iterator[None]:
        looking.append(True)
        yield
        looking.append(False)

    def observed(_times: int) -> None:
        assert looking[-1]

    def written(_change: Put) -> None:
        assert not looking[-1]

    reconciler = ToyReconciler(items(az1="a"), {}, on_observe=observed, on_write=written)
    verdict = Converge(reconciler, check=False, deadline=Deadline(60), settle=0, one_look=look).run()["az1"]
    assert (verdict.errors, verdict.changed) == ([], True)
    assert looking == [True, False] * reconciler.observed


@pytest.mark.parametrize("check", [True, False])
def test_a_refused_zone_is_not_touched_and_the_others_go_on(check: bool) -> None:
    reconciler = ToyReconciler(items(az1="a", az2="b"), {}, refused={"az1": "a stands in the way"})
    verdicts = run(reconciler, check=check)
    assert verdicts["az1"].failed
    assert verdicts["az1"].message() == "a stands in the way"
    assert not verdicts["az1"].changed
    assert verdicts["az2"].changed
    assert not verdicts["az2"].failed
    assert reconciler.log == ([] if check else ["add b to az2"])


def test_notes_become_warnings_in_every_way_a_run_can_end() -> None:
    def reconciler() -> ToyReconciler:
        return ToyReconciler(items(az1="a"), {}, notes={"az1": "a host is down"})

    broken = reconciler()
    broken.on_write = failing("add a to az1")
    for verdicts in (run(reconciler(), check=True), run(reconciler()), run(broken)):
        assert verdicts["az1"].warnings == ("a host is down",)


def test_what_the_plan_needs_is_read_before_it_is_followed() -> None:
    reconciler = ToyReconciler(items(az1="a b"), items(az1="a"), hidden=items(az1="a b"))
    assert not run(reconciler)["az1"].changed
    assert reconciler.log == []


def test_an_error_before_the_first_write_is_raised() -> None:
    def fail(_times: int) -> None:
        raise ZoneopsError("nova does not answer")

    with pytest.raises(ZoneopsError, match="nova does not answer"):
        run(ToyReconciler(items(az1="a"), {}, on_observe=fail))


def test_a_bug_in_the_look_afterwards_loses_nothing_of_what_was_done() -> None:
    def look(times: int) -> None:
        if times > 1:
            raise TypeError("NoneType")

    reconciler = ToyReconciler(items(az1="a", az2="b"), items(az2="b"), on_observe=look)
    flow = Converge(reconciler, check=False, deadline=Deadline(60))
    verdicts = flow.run()
    assert verdicts["az1"].changed
    assert [change.text for change in verdicts["az1"].done] == ["add a to az1"]
    assert (
        verdicts["az1"]
        .errors[0]
        .startswith("the zone could not be read afterwards: unexpected TypeError: NoneType (at ")
    )
    assert not verdicts["az2"].failed
    assert "TypeError: NoneType" in flow.traces[0]


class Finishing(ToyReconciler):
    """Its notes are true only after its writes."""

    def plan(self, observed: Items) -> Plan[Put]:
        plan = super().plan(observed)
        return replace(plan, notes=tuple(replace(note, past=True, mended=True) for note in plan.notes))


def test_what_is_true_only_after_the_writes_is_no_note_before_them() -> None:
    def reconciler() -> ToyReconciler:
        return Finishing(items(az1="a"), {}, notes={"az1": "host h was on its way: finished now"})

    refused = reconciler()
    refused.refused = {"az1": "a server is in the way"}
    assert run(reconciler(), check=True)["az1"].warnings == ()
    assert run(refused)["az1"].warnings == ()
    assert run(reconciler())["az1"].warnings == ("host h was on its way: finished now",)
