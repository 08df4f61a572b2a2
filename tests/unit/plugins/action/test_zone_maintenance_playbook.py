# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook zone_maintenance for a zone with a Kubernetes side: which calls it makes, in which order, and after which failure it makes no further one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .playing import bulk, verdict
from .standing_in import Playbook, Played

NAME = "zoneops.openstack.zone_maintenance"
CALLED = ("confirm_plan", "instance_ha", "node_maintenance", "pod_placement_info", "zone_maintenance")
QUORUM = {"etcd": {"size": 3, "members": {"az1": ["m1"], "az2": ["m2"]}}}
GOOD = {name: bulk(az1=verdict(changed=True, plan=[{"text": "work"}])) for name in CALLED}
GOOD["confirm_plan"] = {"changed": False, "msg": "confirmed"}
GOOD["pod_placement_info"] = {**bulk(az1=verdict("pods are missing", failed=True)), "quorum": QUORUM}
BEGIN = [("pod_placement_info", False), ("zone_maintenance", True), ("instance_ha", False), ("zone_maintenance", False)]
END = [("node_maintenance", False), ("zone_maintenance", False), ("instance_ha", False)]
FAILED = bulk(az1=verdict("no way", failed=True))


@dataclass(frozen=True)
class Maintenance:
    """The playbook, for `begin`, `end` or one after the other."""

    played: Playbook

    @property
    def folder(self) -> Path:
        return self.played.folder

    def __call__(self, what: str, *arguments: str, **more: Any) -> Played:
        steps = [{"import_playbook": NAME, "vars": {"zoneops_maintenance": one}} for one in what.split()]
        if len(steps) > 1:
            return self.played(*arguments, steps=steps, **more)
        return self.played(*arguments, zoneops_maintenance=what, **more)


@pytest.fixture
def playbook(playbook: Playbook) -> Maintenance:
    return Maintenance(playbook)


def test_what_is_refused_is_known_before_instance_ha_is_switched_off(playbook: Maintenance) -> None:
    begun = playbook("begin", zoneops_allow=["stay", "host_moves"])
    assert (begun.code, begun.order) == (0, BEGIN), begun.output
    options = begun.calls[-1][2]
    assert (options["limit"], options["quorum"], options["allow"]) == (["az1"], QUORUM, ["stay"])
    assert not {"reason", "until", "progress", "journal"} & options.keys()
    assert "changed=1" in begun.output

    check = playbook("begin", "--check")
    assert (check.code, check.order) == (
        0,
        [("pod_placement_info", True), ("zone_maintenance", True), ("instance_ha", True)],
    )
    refused = playbook("begin", answers={"zone_maintenance": FAILED})
    assert (refused.code != 0, refused.order) == (True, BEGIN[:2])
    assert "no way" in refused.output
    kept = playbook("begin", answers={"instance_ha": FAILED})
    assert (kept.code != 0, kept.order) == (True, BEGIN[:3])
    broken = playbook("begin", answers={"instance_ha": {"failed": True, "msg": "the token was refused"}})
    assert (broken.code != 0, broken.order, "the token was refused" in broken.output) == (True, BEGIN[:3], True)


def test_a_person_is_asked_before_the_first_write(playbook: Maintenance) -> None:
    asked, look = ("confirm_plan", False), ("instance_ha", True)
    begun = playbook("begin", zoneops_confirm=True)
    assert (begun.code, begun.order) == (0, [*BEGIN[:2], look, asked, *BEGIN[2:]]), begun.output
    shown = begun.calls[3][2]
    assert [bool(result.get("zones")) for result in shown["results"]] == [True, True, False]
    no = {"confirm_plan": {"failed": True, "msg": "not confirmed"}}
    left = playbook("begin", zoneops_confirm=True, answers=no)
    assert (left.code != 0, left.order) == (True, [*BEGIN[:2], look, asked])
    looks = [("zone_maintenance", True), ("node_maintenance", True), ("instance_ha", True)]
    ended = playbook("end", zoneops_confirm=True)
    assert (ended.code, ended.order) == (0, [*looks, asked, *END]), ended.output
    # What is refused of one host keeps no other from coming back.
    part = playbook("end", zoneops_confirm=True, answers={"zone_maintenance": FAILED})
    assert (part.code != 0, part.order) == (True, [*looks, asked, *END[:2]])
    left = playbook("end", zoneops_confirm=True, answers=no)
    assert (left.code != 0, left.order) == (True, [*looks, asked])
    assert playbook("end", "--check", zoneops_confirm=True).order == [(name, True) for name, _check in END]


def test_a_plan_has_what_every_call_would_change_and_is_handed_to_each(playbook: Maintenance) -> None:
    plan = str(playbook.folder / "plan.yml")
    saved = playbook("begin", "--check", zoneops_plan=plan, zoneops_maintenance_workers=True)
    assert saved.code == 0, saved.output
    assert Path(plan).read_text().count("text: work") == len(CALLED) - 2
    assert not any("saved_plan" in options for _name, _check, options in saved.calls)
    carried_out = playbook("begin", zoneops_plan=plan, zoneops_maintenance_workers=True)
    given = {name: options.get("saved_plan") for name, _check, options in carried_out.calls}
    assert given == {name: None if name == "pod_placement_info" else plan for name in CALLED if name != "confirm_plan"}


def test_worker_nodes_are_drained_once_the_zone_is_out_of_use(playbook: Maintenance) -> None:
    look, drain = ("node_maintenance", True), ("node_maintenance", False)
    begun = playbook("begin", zoneops_maintenance_workers=True, zoneops_maintenance_reason="power")
    assert (begun.code, begun.order) == (0, [*BEGIN[:2], look, *BEGIN[2:], drain]), begun.output
    assert (begun.calls[-1][2]["state"], begun.calls[-1][2]["reason"]) == ("begin", "power")
    refused = playbook("begin", zoneops_maintenance_workers=True, answers={"node_maintenance": FAILED})
    assert (refused.code != 0, refused.order, "no way" in refused.output) == (True, [*BEGIN[:2], look], True)


def test_what_is_only_prepared_is_not_worked_on(playbook: Maintenance) -> None:
    files = {}
    for what in ("before", "work", "after"):
        file = playbook.folder / f"{what}.yml"
        file.write_text(f"- name: Work\n  ansible.builtin.debug: {{msg: 'these are the {what} tasks'}}\n")
        files[f"zoneops_{what}_tasks"] = str(file)
    more = {**files, "zoneops_maintenance_workers": True, "zoneops_phase": "prepare"}
    look = ("node_maintenance", True)

    def worked(run: Played) -> list[str]:
        return [what for what in ("before", "work", "after") if f"these are the {what} tasks" in run.output]

    prepared = playbook("begin", **more)
    assert (prepared.code, prepared.order) == (0, [*BEGIN[:2], look, *BEGIN[2:]]), prepared.output
    assert worked(prepared) == ["before"]
    plan = playbook.folder / "plan.yml"
    assert playbook("begin", "--check", zoneops_plan=str(plan), **more).code == 0
    assert plan.read_text().count("text: work") == 2
    begun = playbook("begin", **{**more, "zoneops_phase": "move"})
    assert (begun.order[-1], worked(begun)) == (("node_maintenance", False), ["before", "work"])
    assert worked(playbook("end", **{**more, "zoneops_phase": "finish"})) == ["after"]
    # Whoever only plans has no task run, whatever comes of it.
    assert worked(playbook("begin", **{**more, "zoneops_phase": "plan"})) == []
    assert worked(playbook("end", **{**more, "zoneops_phase": "plan"})) == []


def test_a_workflow_names_the_phase_only(playbook: Maintenance) -> None:
    phase, plan = playbook.played, playbook.folder / "plan.yml"
    plan.write_text("zoneops_plan: 1\n")
    planned = phase(zoneops_phase="plan", zoneops_plan=str(plan), zoneops_confirm=True)
    assert (planned.code, planned.order) == (0, [BEGIN[0], ("zone_maintenance", True), ("instance_ha", True)])
    assert not any("saved_plan" in options for _name, _check, options in planned.calls)
    assert plan.read_text().count("text: work") == 2
    assert ("changed=0" in planned.output, "az1: work" in planned.output) == (True, True)
    check = phase("--check", zoneops_phase="plan")
    assert (check.order[1:], "changed=1" in check.output) == (planned.order[1:], True)
    assert "az1: work" in check.output

    prepared = phase(zoneops_phase="prepare", zoneops_plan=str(plan))
    assert (prepared.code, prepared.order) == (0, BEGIN), prepared.output
    assert (prepared.calls[-1][2]["phase"], prepared.calls[-1][2]["saved_plan"]) == ("prepare", str(plan))
    moved = phase(zoneops_phase="move", zoneops_plan=str(plan))
    assert (moved.order, "phase" in moved.calls[-1][2], "changed=1" in moved.output) == (BEGIN, False, True)
    finished = phase(zoneops_phase="finish")
    assert (finished.code, finished.order) == (0, END)
    assert {options["state"] for _name, _check, options in finished.calls} == {"end"}
    # The checks of the later steps, before their approvals.
    for step, calls, state in (("move", BEGIN, "begin"), ("finish", END, "end")):
        shown = phase("--check", zoneops_phase=step)
        assert (shown.code, "changed=1" in shown.output) == (0, True), shown.output
        assert {name for name, _check in shown.order} == {name for name, _check in calls}
        assert all(check for _name, check in shown.order), shown.order
        assert {options["state"] for name, _check, options in shown.calls if name == "zone_maintenance"} == {state}


def test_a_phase_that_only_plans_fails_where_check_mode_fails(playbook: Maintenance) -> None:
    refused = playbook.played(zoneops_phase="plan", answers={"zone_maintenance": FAILED})
    assert (refused.code != 0, refused.order, "no way" in refused.output) == (True, BEGIN[:2], True)
    broken = playbook("end", zoneops_phase="plan", answers={"node_maintenance": FAILED})
    assert (broken.code != 0, broken.order) == (True, [(name, True) for name, _check in END[:2]])
    ended = playbook("end", zoneops_phase="plan", zoneops_confirm=True)
    assert (ended.code, ended.order) == (0, [(name, True) for name, _check in END])
    assert "changed=0" in ended.output


def test_a_phase_of_the_other_half_is_refused(playbook: Maintenance) -> None:
    for what, phase in (("begin", "finish"), ("end", "prepare"), ("end", "move")):
        run = playbook(what, zoneops_phase=phase)
        assert (run.code != 0, run.order) == (True, [])
        said = f"zoneops_maintenance={what} has the phases plan, {'prepare, move' if what == 'begin' else 'finish'}, and not {phase}"
        assert said in run.output
        # Whoever left the other one out would begin instead of ending, or end instead of beginning.
        fitting = "prepare or move" if what == "begin" else "finish"
        assert f"to {what}, leave zoneops_phase out, or set it to {fitting}" in run.output
    nothing = playbook.played()
    assert (nothing.code != 0, nothing.order) == (True, [])
    assert "bring it back as it was), or set zoneops_phase" in nothing.output
    role = {"import_role": {"name": NAME}, "vars": {"zoneops_map": {"zones": {}, "region": {}}}}
    alone = playbook.played(steps=[{"hosts": "zones", "gather_facts": False, "tasks": [role]}])
    assert (alone.code != 0, "zoneops_maintenance: is not set" in alone.output) == (True, True)


def test_a_cluster_that_does_not_answer_is_one_of_the_reasons(playbook: Maintenance) -> None:
    silent = {"pod_placement_info": {"failed": True, "msg": "no answer in time"}}
    run = playbook("begin", answers={**silent, "zone_maintenance": FAILED})
    assert (run.code != 0, run.order) == (True, BEGIN[:2])
    assert "quorum" not in run.calls[-1][2]
    assert "no answer in time" in run.output
    assert "no way" in run.output
    allowed = playbook("begin", answers=silent, zoneops_allow=["quorum"], zoneops_maintenance_instance_ha=False)
    assert (allowed.code, allowed.order) == (0, [("zone_maintenance", True), ("zone_maintenance", False)])


def test_instance_ha_is_switched_on_last_and_only_when_the_zone_is_back(playbook: Maintenance) -> None:
    answer = {"zone_maintenance": {**GOOD["zone_maintenance"], "away": ["az2"]}}
    ended = playbook("end", answers=answer)
    assert (ended.code, ended.order) == (0, END)
    # It is told which zones keep it off.
    assert (ended.calls[-1][2]["limit"], ended.calls[-1][2]["away"]) == (["az1"], ["az2"])
    assert "away" not in playbook("begin", answers=answer).calls[2][2]
    looked = playbook("end", zoneops_confirm=True, answers=answer)
    assert [options["away"] for name, _check, options in looked.calls if name == "instance_ha"] == [["az2"]] * 2
    untouched = playbook("end", zoneops_maintenance_instance_ha=False)
    assert (untouched.code, untouched.order) == (0, END[:2])
    failed = playbook("end", answers={"zone_maintenance": FAILED})
    assert (failed.code != 0, failed.order) == (True, END[:2])
    # Without worker nodes the zone comes back all the same, and instance HA waits for them.
    away = playbook("end", answers={"node_maintenance": FAILED})
    assert (away.code != 0, away.order) == (True, END[:2])
    assert "instance HA stays off until the worker nodes are back" in away.output
    # What the beginning found in the same run says nothing about the end.
    both = playbook("begin end", answers={"node_maintenance": FAILED})
    assert (both.code != 0, both.order) == (True, [*BEGIN, *END[:2]]), both.output
