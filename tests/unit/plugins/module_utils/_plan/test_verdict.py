# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module returns: one verdict per zone, and one for the call."""

from __future__ import annotations

import json

from ansible_collections.zoneops.openstack.plugins.module_utils._plan.change import Refusal
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict, bulk_result, joined
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._plan.toy_room import Put
from hypothesis import given
from hypothesis import strategies as st

A, B = Put("az1", "a"), Put("az1", "b")
NO = Refusal("az1", "rule", "it stands in the way")
CHANGES = st.lists(st.sampled_from([A, B])).map(tuple)
VERDICTS = st.builds(
    Verdict,
    changed=st.booleans(),
    errors=st.lists(st.sampled_from(["nova said no", "it did not take"])),
    plan=st.just((A, B)),
    done=CHANGES,
    undone=CHANGES,
    left=CHANGES,
    refusals=st.lists(st.just(NO)).map(tuple),
)


def test_message_of_a_change_is_its_plan() -> None:
    assert Verdict(changed=True, plan=(A, B)).message() == "add a to az1; add b to az1"


def test_message_without_a_change() -> None:
    assert Verdict().message() == "nothing to change"


def test_message_of_a_failure_says_what_stands_and_what_was_put_back() -> None:
    verdict = Verdict(errors=["add b to az1: no"], refusals=(NO,), done=(A,), undone=(B,))
    assert (
        verdict.message() == "it stands in the way | add b to az1: no | put back: add b to az1 | stands: add a to az1"
    )


def test_as_data() -> None:
    verdict = Verdict(
        changed=True,
        plan=(A,),
        done=(A,),
        warnings=("careful",),
        before={"items": []},
        after={"items": ["a"]},
        state={"items": ["a"]},
    )
    assert verdict.as_dict() == {
        "changed": True,
        "failed": False,
        "msg": "add a to az1",
        "plan": [A.as_dict()],
        "done": [A.as_dict()],
        "undone": [],
        "left": [],
        "refusals": [],
        "warnings": ["careful"],
        "diff": {"before": {"items": []}, "after": {"items": ["a"]}},
        "state": {"items": ["a"]},
    }


@given(st.dictionaries(st.sampled_from(["az1", "az2", "az3"]), VERDICTS))
def test_the_call_failed_or_changed_when_a_zone_did(verdicts: dict[str, Verdict]) -> None:
    result = bulk_result(verdicts)
    assert result["failed"] == any(zone["failed"] for zone in result["zones"].values())
    assert result["changed"] == any(zone["changed"] for zone in result["zones"].values())
    assert result["msg"]
    assert all(zone["msg"] for zone in result["zones"].values())
    assert all(zone in result["msg"] for zone, verdict in verdicts.items() if verdict.failed)
    assert json.loads(json.dumps(result)) == result


def test_the_call_names_the_zones_that_changed() -> None:
    assert bulk_result({"az1": Verdict(changed=True, plan=(A,)), "az2": Verdict()})["msg"] == "changed: az1"
    assert bulk_result({"az2": Verdict()})["msg"] == "nothing to change"


def test_diff_shows_the_zones_that_changed_and_only_when_asked_for() -> None:
    verdicts = {"az1": Verdict(changed=True, plan=(A,), before={"x": 1}, after={"x": 2}), "az2": Verdict()}
    assert "diff" not in bulk_result(verdicts)
    assert bulk_result(verdicts, diff=True)["diff"] == [
        {"before": {"x": 1}, "after": {"x": 2}, "before_header": "az1", "after_header": "az1"}
    ]


def test_verdicts_of_several_rooms_become_one() -> None:
    fine = Verdict(state={"aggregate": "az1"}, before={"aggregate": "az1"}, after={"aggregate": "az1"})
    other = Verdict(
        changed=True, plan=(A,), warnings=("look",), state={"types": 1}, before={"types": 1}, after={"types": 2}
    )
    both = joined([fine, other])
    assert (both.changed, both.failed, both.message(), both.warnings) == (True, False, "add a to az1", ("look",))
    assert both.state == {"aggregate": "az1", "types": 1}
    assert (both.before, both.after) == ({"types": 1}, {"types": 2})


def test_one_failure_fails_the_verdict_of_all() -> None:
    wrong = joined([Verdict(errors=["cinder said no"]), Verdict(changed=True, plan=(A,)), Verdict(refusals=(NO,))])
    assert wrong.failed
    assert wrong.message() == "it stands in the way | cinder said no"


def test_no_verdict_says_nothing_to_change() -> None:
    assert joined([]).message() == "nothing to change"
