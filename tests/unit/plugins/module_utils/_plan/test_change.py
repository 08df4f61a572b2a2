# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan: refused zones have no changes, and zones that share a change stand or fall together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ansible_collections.zoneops.openstack.plugins.module_utils._plan.change import Note, Plan, Refusal
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._plan.toy_reconciler import Put


@dataclass(frozen=True)
class Move(Put):
    """An item that comes from another zone."""

    source: str = ""

    @property
    def zones(self) -> tuple[str, ...]:
        return (self.zone, self.source)


NO = Refusal("az1", "rule", "az1 may not be touched", ({"id": "x"},))


def test_a_refused_zone_has_no_changes_and_the_others_keep_theirs() -> None:
    plan = Plan.of([Put("az1", "a"), Put("az2", "b")], [NO], [])
    assert plan.changes == (Put("az2", "b"),)


def test_who_needs_a_refused_zone_is_refused_too_however_long_the_chain() -> None:
    plan = Plan.of([Move("az3", "c", source="az2"), Move("az2", "b", source="az1"), Put("az3", "d")], [NO], [])
    assert plan.changes == ()
    assert [(refusal.zone, refusal.rule) for refusal in plan.refusals] == [
        ("az1", "rule"),
        ("az2", "depends"),
        ("az3", "depends"),
    ]
    assert "needs zone az1" in plan.refusals[1].message


def test_the_part_of_one_zone() -> None:
    shared = Move("az2", "b", source="az1")
    plan = Plan.of([Put("az1", "a"), shared, Put("az3", "c")], [], [Note("az1", "look here"), Note("az3", "there")])
    assert plan.of_zone("az1") == Plan((Put("az1", "a"), shared), (), (Note("az1", "look here"),))
    assert plan.of_zone("az2").changes == (shared,)


def test_as_data() -> None:
    assert Put("az1", "a").as_dict() == {
        "action": "put",
        "target": "zone az1",
        "before": None,
        "after": "a",
        "text": "add a to az1",
    }
    assert NO.as_dict() == {"rule": "rule", "message": "az1 may not be touched", "items": [{"id": "x"}]}


class Alone(Put):
    """A put that stands by itself."""

    alone: ClassVar[bool] = True


def test_what_stands_alone_is_kept_beside_a_refusal() -> None:
    alone, other = Alone("az1", "a"), Put("az1", "b")
    plan = Plan.of([alone, other], [Refusal("az1", "rule", "no")], [])
    assert plan.changes == (alone,)
