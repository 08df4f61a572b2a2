# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module returns: one verdict per zone, and one for the call."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._plan.change import Refusal
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import (
    Verdict,
    as_written,
    bulk_result,
    joined,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._plan.toy_reconciler import Put
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
    assert verdict.message().splitlines() == [
        "it stands in the way",
        "add b to az1: no",
        "rolled back: add b to az1",
        "kept: add a to az1",
    ]


def test_what_is_wrong_twice_is_said_once() -> None:
    assert Verdict(errors=["nova said no", "nova said no"], refusals=(NO, NO)).message().splitlines() == [
        "it stands in the way",
        "nova said no",
    ]


def test_a_change_that_another_zone_of_the_call_made_is_one() -> None:
    """A host that moves changes both its zones, and is moved for one of them."""
    zones = {
        "az1": Verdict(changed=True, plan=(A,)).as_dict(),
        "az2": Verdict(changed=True, plan=(A,), done=(A,)).as_dict(),
    }
    assert {zone: as_written(zones, zone) for zone in zones} == zones


def test_what_a_look_would_have_changed_is_no_change() -> None:
    zones = {"az1": Verdict(changed=True, plan=(A,)).as_dict(), "az2": Verdict(errors=["no"], plan=(B,)).as_dict()}
    looked = as_written(zones, "az1")
    assert (looked["changed"], looked["plan"], looked["msg"]) == (False, [], "nothing written")
    assert as_written(zones, "az2") == zones["az2"]


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


def test_a_zone_that_stays_as_it_is_has_no_diff() -> None:
    verdict = Verdict(before={"items": ["a"]}, after={"items": ["a"]}, state={"items": ["a"]}).as_dict()
    assert verdict["diff"] == {"before": {}, "after": {}}
    assert verdict["state"] == {"items": ["a"]}


@given(st.dictionaries(st.sampled_from(["az1", "az2", "az3"]), VERDICTS))
def test_the_call_failed_or_changed_when_a_zone_did(verdicts: dict[str, Verdict]) -> None:
    result = bulk_result(verdicts)
    assert result["failed"] == any(zone["failed"] for zone in result["zones"].values())
    assert result["changed"] == any(zone["changed"] for zone in result["zones"].values())
    assert result["msg"]
    assert all(zone["msg"] for zone in result["zones"].values())
    wrong = [zone for zone, verdict in verdicts.items() if verdict.failed]
    assert all(zone in result["msg"] for zone in wrong) or "all 3 zones" in result["msg"]
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


def test_a_call_says_once_what_is_wrong_with_several_zones() -> None:
    verdicts = {
        "az1": Verdict(errors=["nova said no", "host c1 is unknown"]),
        "az2": Verdict(errors=["nova said no"]),
        "az3": Verdict(errors=["host c3 is unknown"]),
    }
    assert bulk_result(verdicts)["msg"].splitlines() == [
        "failed: az1, az2: nova said no",
        "az1: host c1 is unknown",
        "az3: host c3 is unknown",
    ]
    assert not any("common" in verdict for verdict in bulk_result(verdicts)["zones"].values())
    assert bulk_result({zone: Verdict(errors=["nova said no"]) for zone in verdicts})["msg"] == (
        "failed: all 3 zones: nova said no"
    )


def test_reasons_of_all_zones_are_marked() -> None:
    down = Verdict(errors=["nova is down", "host c1 is unknown"])

    def common(**verdicts: Verdict) -> list[list[str]]:
        return [verdict.get("common", []) for verdict in bulk_result(verdicts)["zones"].values()]

    assert common(az1=down, az2=Verdict(errors=["nova is down"])) == [["nova is down"]] * 2
    assert common(az1=down, az2=Verdict(errors=["host c1 is unknown", "x"])) == [["host c1 is unknown"]] * 2
    # Of one zone it is its own, and so it is where another zone works.
    assert common(az1=down) == [[]]
    assert common(az1=down, az2=down, az3=Verdict()) == [[], [], []]
    marked = bulk_result({"az1": down, "az2": down})["zones"]["az1"]
    assert joined({"a": marked, "b": Verdict().as_dict()})["common"] == marked["common"] == down.errors


def parts(**verdicts: Verdict) -> dict[str, dict[str, Any]]:
    return {part: verdict.as_dict() for part, verdict in verdicts.items()}


def test_verdicts_of_several_parts_become_one() -> None:
    fine = Verdict(state={"aggregate": "az1"}, before={"aggregate": "az1"}, after={"aggregate": "az1"})
    other = Verdict(
        changed=True, plan=(A,), warnings=("look",), state={"types": 1}, before={"types": 1}, after={"types": 2}
    )
    both = joined(parts(compute=fine, types=other))
    assert both == {
        "changed": True,
        "failed": False,
        "msg": "add a to az1",
        "plan": [A.as_dict()],
        "done": [],
        "undone": [],
        "left": [],
        "refusals": [],
        "warnings": ["look"],
        "state": {"compute": {"aggregate": "az1"}, "types": {"types": 1}},
        "diff": {"before": {"types": {"types": 1}}, "after": {"types": {"types": 2}}},
        "parts": ["compute", "types"],
    }


def test_objects_of_one_name_in_two_parts_stay_apart() -> None:
    """A volume type and a share type may both be called az1-gold, as in the shipped example."""
    volume = Verdict(changed=True, plan=(A,), before={}, after={"az1-gold": {"public": True}}, state={"az1-gold": 1})
    share = Verdict(
        changed=True, plan=(B,), before={"az1-gold": {}}, after={"az1-gold": {"x": 1}}, state={"az1-gold": 2}
    )
    both = joined(parts(volume=volume, share=share))
    assert both["diff"] == {
        "before": {"share": {"az1-gold": {}}},
        "after": {"volume": {"az1-gold": {"public": True}}, "share": {"az1-gold": {"x": 1}}},
    }
    assert both["state"] == {"volume": {"az1-gold": 1}, "share": {"az1-gold": 2}}
    assert both["msg"] == "add a to az1; add b to az1"


def test_one_failure_fails_the_verdict_of_all() -> None:
    wrong = joined(
        parts(
            cinder=Verdict(errors=["no", "broken"]),
            nova=Verdict(changed=True, plan=(A,)),
            manila=Verdict(refusals=(NO,), errors=["no"]),
        )
    )
    assert (wrong["failed"], wrong["changed"]) == (True, True)
    assert wrong["msg"].splitlines() == ["no", "broken", "it stands in the way"]
    assert wrong["refusals"] == [NO.as_dict()]


def test_no_verdict_says_nothing_to_change() -> None:
    assert joined({})["msg"] == joined(parts(nova=Verdict()))["msg"] == "nothing to change"
