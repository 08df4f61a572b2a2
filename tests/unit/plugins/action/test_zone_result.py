# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action zone_result in real runs: every host gets its zone's verdict, and one dead zone does not stop the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import call_result
from ansible_collections.zoneops.openstack.tests.unit.plugins.action.playing import Played, bulk, play, verdict

ZONE_RESULT = {"name": "verdict", "zoneops.openstack.zone_result": {"result": "{{ bulk }}"}}
NEXT = {"name": "next", "ansible.builtin.debug": {"msg": "going on"}}
STEP = {"action": "add_host", "target": "aggregate az2", "before": None, "after": "c2", "text": "add host c2"}
BULK = bulk(
    az1=verdict("host c1 is unknown", failed=True, refusals=[{"rule": "unknown_host"}]),
    az2=verdict(
        "add host c2",
        changed=True,
        plan=[STEP],
        done=[STEP],
        warnings=["host c9 is down"],
        state={"hosts": ["c2"]},
        diff={"before": {"hosts": []}, "after": {"hosts": ["c2"], "metadata": {"Ort": "Zürich"}}},
    ),
    az3=verdict(diff={"before": {"hosts": ["c3"]}, "after": {"hosts": ["c3"]}}),
)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(tmp_path_factory.mktemp("checked"), [ZONE_RESULT, NEXT], "--check", "--diff", bulk=BULK)


def test_a_failed_zone_leaves_the_play_and_the_others_go_on(checked: Played) -> None:
    assert checked.code == 2
    assert checked.outcomes["verdict"] == {"az1": "failed", "az2": "ok", "az3": "ok"}
    assert checked.outcomes["next"] == {"az2": "ok", "az3": "ok"}


def test_every_host_has_the_message_and_the_change_of_its_zone(checked: Played) -> None:
    results = checked.results["verdict"]
    assert {zone: (result["msg"], result["changed"]) for zone, result in results.items()} == {
        "az1": ("host c1 is unknown", False),
        "az2": ("add host c2", True),
        "az3": ("nothing to change", False),
    }


def test_plan_and_state_are_handed_on(checked: Played) -> None:
    results = checked.results["verdict"]
    assert results["az1"]["refusals"] == [{"rule": "unknown_host"}]
    assert results["az2"]["plan"] == results["az2"]["done"] == [STEP]
    assert results["az2"]["state"] == {"hosts": ["c2"]}
    assert "zones" not in results["az2"]


def test_a_failed_zone_has_no_more_than_there_is(checked: Played) -> None:
    """Callbacks print all of it, on one line: no empty lists, and not the state of the zone."""
    assert set(checked.results["verdict"]["az1"]) & {"plan", "done", "undone", "left", "refusals", "state"} == {
        "refusals"
    }


def test_warnings_name_the_zone(checked: Played) -> None:
    assert checked.results["verdict"]["az2"]["warnings"] == ["az2: host c9 is down"]
    assert "az2: host c9 is down" in " ".join(checked.output.split())


def test_where_a_report_follows_ansible_does_not_print_what_it_prints(tmp_path: Path) -> None:
    """In the playbooks of the collection; where a program reads what is printed, there is no report, and the warnings stay."""
    noted = bulk(
        az1=verdict(warnings=["near"]),
        az2=verdict("bad", failed=True, warnings=["near"], refusals=[{"rule": "limit"}]),
        az3=verdict(),
    )
    task = {"name": "verdict", "zoneops.openstack.zone_result": {"result": "{{ bulk }}"}}
    played = play(tmp_path, [task], bulk=noted, zoneops_playbook="site")
    results = played.results["verdict"]
    assert results["az1"]["notes"] == ["az1: near"]
    assert not any("warnings" in result for result in results.values())
    assert not {"notes", "refusals"} & set(results["az2"])
    assert "WARNING" not in played.output
    silent = {"ANSIBLE_STDOUT_CALLBACK": "house_json"}
    (tmp_path / "record").unlink()
    results = play(tmp_path, [task], environ=silent, bulk=noted, zoneops_playbook="site").results["verdict"]
    assert results["az1"]["warnings"] == ["az1: near"]
    assert results["az2"]["refusals"] == [{"rule": "limit"}]


@pytest.mark.parametrize("playbook", ["zone_capacity", "zone_maintenance", "mine"])
def test_where_no_report_follows_nothing_is_left_to_it(tmp_path: Path, playbook: str) -> None:
    found = call_result(
        {zone: verdict("nova is down", failed=True, warnings=["near"]) for zone in ("az1", "az2", "az3")}
    )
    task = {"name": "verdict", "zoneops.openstack.zone_result": {"result": "{{ bulk }}"}, "ignore_errors": True}
    results = play(tmp_path, [task], bulk=found, zoneops_playbook=playbook).results["verdict"]
    assert {one["msg"] for one in results.values()} == {"nova is down"}
    assert results["az1"]["warnings"] == ["az1: near"]


SAME = "same reason as the other zones, see below the table"
MAP = '{{ {"msg": broken.msg, "zones": {inventory_hostname: {}}} }}'


@pytest.mark.parametrize("environ", [{}, {"ANSIBLE_STDOUT_CALLBACK": "house_json"}])
def test_what_concerns_all_zones_is_not_said_for_each(tmp_path: Path, environ: dict[str, str]) -> None:
    """Where a report follows; where a program reads what is printed, each zone has all of it."""
    zones = {zone: verdict(f"nova is down\nhost c{zone} is unknown", failed=True) for zone in ("az1", "az2", "az3")}
    zones["az3"]["msg"] = "nova is down"
    result = call_result(zones)
    tasks = [
        {"name": "own", "zoneops.openstack.zone_result": {"result": "{{ bulk }}"}, "ignore_errors": True},
        {"name": "whole", "zoneops.openstack.zone_result": {"result": MAP}, "ignore_errors": True},
    ]
    played = play(tmp_path, tasks, environ=environ, bulk=result, broken={"msg": "no cloud"}, zoneops_playbook="site")
    said = {task: {zone: one["msg"] for zone, one in found.items()} for task, found in played.results.items()}
    reason, whole = ("nova is down", "no cloud") if environ else (SAME, SAME)
    own = {zone: {f"host c{zone} is unknown", reason} for zone in ("az1", "az2")} | {"az3": {reason}}
    assert {zone: set(message.splitlines()) for zone, message in said["own"].items()} == own
    assert said["whole"] == dict.fromkeys(zones, whole)


def test_diff_shows_the_zones_that_change_and_no_others(checked: Played) -> None:
    assert [zone for zone, result in checked.results["verdict"].items() if "diff" in result] == ["az2"]
    shown = checked.output[checked.output.index("--- before: az2: observed") :]
    assert "+++ after: az2: desired" in shown
    assert "-hosts: []" in shown
    assert "+- c2" in shown
    assert "Ort: Zürich" in shown
    assert checked.output.count("--- ") == 1


def test_objects_of_one_name_in_two_steps_stay_apart(tmp_path: Path) -> None:
    """A volume type and a share type may both be called az1-gold."""
    made = [verdict(kind, changed=True, plan=[STEP], diff={"before": {}, "after": {"az1-gold": kind}}) for kind in "vs"]
    volumes, shares = (
        {"part": name, **bulk(**dict.fromkeys(("az1", "az2", "az3"), one))}
        for name, one in zip(("volume types", "share types"), made, strict=True)
    )
    task = {"name": "verdict", "zoneops.openstack.zone_result": {"result": volumes, "also": [shares]}}
    diff = play(tmp_path, [task], "--check", "--diff").results["verdict"]["az1"]["diff"]
    assert diff["after"] == "volume types:\n  az1-gold: v\nshare types:\n  az1-gold: s\n"


def test_in_batches_every_zone_has_its_own_verdict_and_without_diff_mode_no_diff(tmp_path: Path) -> None:
    played = play(tmp_path, [ZONE_RESULT, NEXT], bulk=BULK, serial=2)
    assert played.outcomes["verdict"] == {"az1": "failed", "az2": "ok", "az3": "ok"}
    assert played.outcomes["next"] == {"az2": "ok", "az3": "ok"}
    assert played.results["verdict"]["az2"]["changed"]
    assert not any("diff" in result for result in played.results["verdict"].values())


def test_verification_fails_what_would_change(tmp_path: Path) -> None:
    task = {"name": "verdict", "zoneops.openstack.zone_result": {"result": "{{ bulk }}", "verify": True}}
    played = play(tmp_path, [task], bulk=BULK)
    assert played.outcomes["verdict"] == {"az1": "failed", "az2": "failed", "az3": "ok"}
    results = played.results["verdict"]
    assert results["az1"]["msg"] == "host c1 is unknown"
    assert results["az2"]["msg"] == "zone az2 differs from its file; a run would: add host c2"
    assert not any(result["changed"] for result in results.values())
    assert results["az2"]["plan"] == [STEP]


def test_verification_says_what_would_change_line_by_line(tmp_path: Path) -> None:
    missing = verdict("add host c1; add host c2", changed=True, plan=[{"text": "add host c1"}, {"text": "add host c2"}])
    task = {"name": "verdict", "zoneops.openstack.zone_result": {"result": "{{ bulk }}", "verify": True}}
    played = play(tmp_path, [task], bulk=bulk(az1=missing, az2=missing, az3=missing))
    assert played.results["verdict"]["az1"]["msg"].splitlines() == [
        "zone az1 differs from its file; a run would:",
        "add host c1",
        "add host c2",
    ]


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Two of three zones: first the verdict of another zone, then results without one."""
    bulks = {"az1": {"failed": True, "msg": "keystone refused the credentials"}, "az3": {}}
    tasks = [
        {"name": "other", "zoneops.openstack.zone_result": {"result": "{{ bulk }}", "zone": "az2"}},
        {"name": "none", "zoneops.openstack.zone_result": {"result": "{{ bulks[inventory_hostname] }}"}},
    ]
    return play(tmp_path_factory.mktemp("limited"), tasks, "--limit", "az1,az3", bulk=BULK, bulks=bulks)


def test_another_zone_than_the_host_can_be_named(limited: Played) -> None:
    assert {zone: result["msg"] for zone, result in limited.results["other"].items()} == {
        "az1": "add host c2",
        "az3": "add host c2",
    }


def test_a_result_without_a_verdict_is_a_failure_with_its_reason(limited: Played) -> None:
    assert limited.outcomes["none"] == {"az1": "failed", "az3": "failed"}
    assert {zone: result["msg"] for zone, result in limited.results["none"].items()} == {
        "az1": "keystone refused the credentials",
        "az3": "no verdict for zone az3: the given result is not that of a bulk module",
    }


def test_verdicts_of_several_steps_are_joined(tmp_path: Path) -> None:
    other = bulk(
        az1=verdict("share service down", failed=True, refusals=[{"rule": "service_down"}]),
        az2=verdict(state={"lab@az2": {}}, warnings=["nearly full"]),
        az3=verdict("set spec", changed=True, plan=[STEP], diff={"before": {"gold": 1}, "after": {"gold": 2}}),
    )
    joined = {"result": {"part": "hosts", **BULK}, "also": ["{{ other }}"]}
    played = play(
        tmp_path, [{"name": "verdict", "zoneops.openstack.zone_result": joined}], "--check", "--diff", other=other
    )
    results = played.results["verdict"]
    assert played.outcomes["verdict"] == {"az1": "failed", "az2": "ok", "az3": "ok"}
    assert {zone: (result["msg"], result["changed"]) for zone, result in results.items()} == {
        "az1": ("host c1 is unknown\nshare service down", False),
        "az2": ("add host c2", True),
        "az3": ("set spec", True),
    }
    assert results["az1"]["refusals"] == [{"rule": "unknown_host"}, {"rule": "service_down"}]
    assert results["az2"]["state"] == {"hosts": {"hosts": ["c2"]}, "step 2": {"lab@az2": {}}}
    assert results["az2"]["warnings"] == ["az2: host c9 is down", "az2: nearly full"]
    assert results["az3"]["diff"]["after"] == "step 2:\n  gold: 2\n"


def test_a_step_without_a_verdict_fails_the_joined_one(tmp_path: Path) -> None:
    """Beside what the other steps say."""
    task = {"name": "verdict", "zoneops.openstack.zone_result": {"result": "{{ bulk }}", "also": ["{{ other }}"]}}
    played = play(tmp_path, [task], bulk=BULK, other={"failed": True, "msg": "manila does not answer"})
    assert {zone: result["msg"] for zone, result in played.results["verdict"].items()} == {
        "az1": "host c1 is unknown\nmanila does not answer",
        "az2": "manila does not answer",
        "az3": "manila does not answer",
    }
    assert set(played.outcomes["verdict"].values()) == {"failed"}


def test_verification_of_several_steps_says_all_that_is_wrong(tmp_path: Path) -> None:
    other = bulk(**{zone: verdict("share service down", failed=True) for zone in ("az1", "az2", "az3")})
    asked = {"result": "{{ bulk }}", "also": ["{{ other }}"], "verify": True}
    played = play(tmp_path, [{"name": "verdict", "zoneops.openstack.zone_result": asked}], bulk=BULK, other=other)
    assert set(played.outcomes["verdict"].values()) == {"failed"}
    assert {zone: (result["msg"], result["changed"]) for zone, result in played.results["verdict"].items()} == {
        "az1": ("host c1 is unknown\nshare service down", False),
        "az2": ("zone az2 differs from its file; a run would: add host c2\nshare service down", False),
        "az3": ("share service down", False),
    }


def test_verification_fails_on_what_no_run_of_the_step_mends(tmp_path: Path) -> None:
    odd = verdict("nothing to change", warnings=["look", "mirror"], wrong=["mirror"])
    results = {"az1": odd, "az2": verdict("add c2", changed=True, plan=[STEP], wrong=["mirror"]), "az3": verdict()}
    verifying = {**ZONE_RESULT["zoneops.openstack.zone_result"], "verify": True}  # type: ignore[dict-item]
    tasks = [{"name": "verdict", "zoneops.openstack.zone_result": verifying}]
    played = play(tmp_path, tasks, bulk=bulk(**results))
    assert played.outcomes["verdict"] == {"az1": "failed", "az2": "failed", "az3": "ok"}
    assert played.results["verdict"]["az1"]["msg"] == "mirror"
    assert played.results["verdict"]["az2"]["msg"].splitlines()[-1] == "mirror"
    assert "a run would" in played.results["verdict"]["az2"]["msg"]


def of_registered(**options: dict[str, str]) -> dict[str, Any]:
    return {"name": "verdict", "zoneops.openstack.zone_result": options}


def test_registered_results_are_joined_by_name(tmp_path: Path) -> None:
    """A step that did not run, and one that a zone was not in, say nothing of it."""
    shares = bulk(
        az3=verdict("set spec", changed=True, plan=[STEP], done=[STEP], diff={"before": {}, "after": {"g": 1}})
    )
    task = of_registered(of={"hosts": "bulk", "share types": "shares", "images": "zoneops_never_registered"})
    played = play(tmp_path, [task, NEXT], "--diff", bulk=BULK, shares=shares)
    assert played.outcomes["verdict"] == {"az1": "failed", "az2": "ok", "az3": "ok"}
    assert played.outcomes["next"] == {"az2": "ok", "az3": "ok"}
    results = played.results["verdict"]
    assert {zone: (result["msg"], result["changed"]) for zone, result in results.items()} == {
        "az1": ("host c1 is unknown", False),
        "az2": ("add host c2", True),
        "az3": ("set spec", True),
    }
    assert results["az3"]["diff"]["after"] == "share types:\n  g: 1\n"


def test_a_zone_of_which_nothing_was_asked_is_fine(tmp_path: Path) -> None:
    played = play(tmp_path, [of_registered(of={"hosts": "none"})])
    assert set(played.outcomes["verdict"].values()) == {"ok"}
    assert played.results["verdict"]["az1"]["msg"] == "nothing was done in this zone"


def test_a_registered_call_that_failed_as_a_whole_fails_every_zone(tmp_path: Path) -> None:
    failed = {"failed": True, "msg": "manila does not answer"}
    played = play(tmp_path, [of_registered(of={"hosts": "bulk", "share types": "shares"})], bulk=BULK, shares=failed)
    results = played.results["verdict"]
    assert {zone: (result["msg"], result["changed"]) for zone, result in results.items()} == {
        "az1": ("host c1 is unknown\nmanila does not answer", False),
        "az2": ("manila does not answer", True),
        "az3": ("manila does not answer", False),
    }
    assert set(played.outcomes["verdict"].values()) == {"failed"}


def test_a_variable_that_is_no_result_is_named(tmp_path: Path) -> None:
    played = play(tmp_path, [of_registered(of={"hosts": "bulk"})], bulk="text")
    assert played.results["verdict"]["az1"]["msg"] == "variable bulk is not the result of a bulk module"


@pytest.mark.parametrize("arguments", [(), ("--check",)])
def test_what_a_look_foresaw_and_no_step_did_is_a_change_in_check_mode_only(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """The first look of site runs in check mode; a zone that another part refuses is then written by none."""
    diff = {"before": {}, "after": {"zone": "az1"}}
    seen = bulk(**{zone: verdict("label node", changed=True, plan=[STEP], diff=diff) for zone in ("az1", "az2", "az3")})
    refused = {"refused": {"az1": verdict("host is elsewhere", failed=True)}, "zones": {"az2": verdict(failed=True)}}
    task = of_registered(of={"node labels": "seen", "site": "refused"})
    played = play(tmp_path, [task], *arguments, "--diff", seen=seen, refused=refused)
    results = played.results["verdict"]
    assert {zone: result["changed"] for zone, result in results.items()} == dict.fromkeys(results, bool(arguments))
    assert {zone: "diff" in result for zone, result in results.items()} == dict.fromkeys(results, bool(arguments))
    assert results["az1"]["msg"] == "host is elsewhere"
    # What site_info leaves to the parts is theirs to say.
    assert played.outcomes["verdict"] == {"az1": "failed", "az2": "ok", "az3": "ok"}


def test_registered_results_that_verify(tmp_path: Path) -> None:
    """Beside those that have nothing to change."""
    pods = bulk(**{zone: verdict("a pod waits", failed=zone == "az3") for zone in ("az1", "az2", "az3")})
    task = of_registered(of={"pods": "pods"}, verified={"hosts": "bulk"})
    played = play(tmp_path, [task], bulk=BULK, pods=pods)
    assert {zone: (result["msg"], result["changed"]) for zone, result in played.results["verdict"].items()} == {
        "az1": ("host c1 is unknown", False),
        "az2": ("zone az2 differs from its file; a run would: add host c2", False),
        "az3": ("a pod waits", False),
    }
    assert set(played.outcomes["verdict"].values()) == {"failed"}


def test_what_was_written_and_is_not_seen_by_the_look_behind_it_is_wrong(tmp_path: Path) -> None:
    """The zone changed, and what verification would change did not."""
    made = verdict("add host c2", changed=True, plan=[STEP], done=[STEP])
    seen = bulk(az1=made, az2=made, az3=verdict())
    behind = bulk(
        az1=verdict(), az2=verdict("add host c2", changed=True, plan=[STEP]), az3=verdict("add", changed=True)
    )
    task = of_registered(of={"hosts": "seen"}, verified={"hosts afterwards": "behind"})
    played = play(tmp_path, [task], seen=seen, behind=behind)
    results = played.results["verdict"]
    assert {zone: result["changed"] for zone, result in results.items()} == {"az1": True, "az2": True, "az3": False}
    assert played.outcomes["verdict"] == {"az1": "ok", "az2": "failed", "az3": "failed"}
    assert results["az2"]["msg"] == "zone az2 differs from its file; a run would: add host c2"


def test_verdicts_come_in_one_way_only(tmp_path: Path) -> None:
    for options in ({}, {"result": {}, "of": {"hosts": "bulk"}}):
        played = play(tmp_path, [of_registered(**options)], bulk=BULK)
        assert set(played.outcomes["verdict"].values()) == {"failed"}
