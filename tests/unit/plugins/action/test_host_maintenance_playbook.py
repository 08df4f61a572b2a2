# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook host_maintenance: which calls each phase makes, which of them are in check mode, and what is refused."""

from __future__ import annotations

from typing import Any

from .playing import bulk, verdict
from .standing_in import Playbook

NAME = "zoneops.openstack.host_maintenance"
CALLED = ("confirm_plan", "host_maintenance", "region_info")
GOOD: dict[str, Any] = {
    "confirm_plan": {"changed": False, "msg": "confirmed"},
    "host_maintenance": bulk(az1=verdict(changed=True, plan=[{"text": "work"}])),
    "region_info": {"changed": False, "region": {"hosts": []}},
}
FAILED = bulk(az1=verdict("no way", failed=True))
LOOK, WRITE, ASKED = ("host_maintenance", True), ("host_maintenance", False), ("confirm_plan", False)
READ = ("region_info", False)


def test_a_workflow_names_the_phase_only(playbook: Playbook) -> None:
    plan, work = playbook.folder / "plan.yml", playbook.folder / "work.yml"
    work.write_text("- name: Work\n  ansible.builtin.debug: {msg: 'these are the tasks'}\n")
    tasks: dict[str, Any] = {f"zoneops_{when}_tasks": str(work) for when in ("before", "work", "after")}
    planned = playbook(zoneops_phase="plan", zoneops_plan=str(plan), zoneops_confirm=True, **tasks)
    assert (planned.code, planned.order) == (0, [LOOK]), planned.output
    assert "saved_plan" not in planned.calls[0][2]
    assert plan.read_text().count("text: work") == 1
    assert ("changed=0" in planned.output, "az1: work" in planned.output) == (True, True)
    assert "these are the tasks" not in planned.output

    prepared = playbook(zoneops_phase="prepare", zoneops_plan=str(plan), zoneops_confirm=True)
    # Asked in each of both rounds: the one with hosts of an earlier run has nothing to show.
    assert (prepared.code, prepared.order) == (0, [LOOK, ASKED, WRITE, ASKED]), prepared.output
    options = prepared.calls[2][2]
    assert (options["phase"], options["state"], options["saved_plan"]) == ("prepare", "begin", str(plan))
    moved = playbook(zoneops_phase="move", zoneops_plan=str(plan))
    assert (moved.order, "phase" in moved.calls[-1][2], "changed=1" in moved.output) == ([WRITE], False, True)
    # All hosts of the region are never meant, unless they come back.
    finished = playbook("-l", "az1,az2", zoneops_phase="finish")
    assert (finished.code, finished.order, finished.calls[0][2]["state"]) == (0, [WRITE], "end")
    everywhere = playbook("-l", "az1,az2", zoneops_phase="move")
    assert (everywhere.code != 0, everywhere.order) == (True, [])


def test_work_may_look_its_host_up_in_a_list_of_the_users_own(playbook: Playbook) -> None:
    """Ansible evaluates delegate_to also where the file is only read: no host but those of the zones is in that list."""
    work = playbook.folder / "work.yml"
    work.write_text(
        "- name: Work\n  ansible.builtin.debug: {msg: 'for {{ zoneops_host }}'}\n  delegate_to: '{{ fqdn[zoneops_host] }}'\n"
    )
    own: dict[str, Any] = {"zoneops_work_tasks": str(work), "fqdn": {"c1": "c1.example.org"}}
    for hosts in (None, ["c1"], "c9, c1"):
        looked = playbook("--check", zoneops_maintenance="begin", **own, zoneops_hosts=hosts)
        assert (looked.code, looked.order) == (0, [LOOK]), looked.output
    # The call refuses it, and names it.
    assert playbook("--check", zoneops_maintenance="begin", **own, zoneops_hosts=["c9"]).order == [LOOK]


def test_the_end_and_rolling_work_are_planned_too(playbook: Playbook) -> None:
    ended = playbook(zoneops_maintenance="end", zoneops_phase="plan", zoneops_confirm=True)
    assert (ended.code, ended.order, ended.calls[0][2]["state"]) == (0, [LOOK], "end")
    rolling = playbook(zoneops_maintenance="roll", zoneops_phase="plan", zoneops_confirm=True)
    assert (rolling.code, rolling.order, "changed=0" in rolling.output) == (0, [READ, LOOK], True)
    refused = playbook(zoneops_phase="plan", answers={"host_maintenance": FAILED})
    assert (refused.code != 0, refused.order, "no way" in refused.output) == (True, [LOOK], True)


def test_a_phase_of_the_other_half_is_refused(playbook: Playbook) -> None:
    phases = {"begin": "plan, prepare, move", "end": "plan, finish", "roll": "plan, move"}
    for what, phase in (("begin", "finish"), ("end", "prepare"), ("roll", "prepare"), ("roll", "finish")):
        run = playbook(zoneops_maintenance=what, zoneops_phase=phase)
        assert (run.code != 0, run.order) == (True, [])
        assert f"zoneops_maintenance={what} has the phases {phases[what]}, and not {phase}" in run.output
        others = phases[what].removeprefix("plan, ").replace(", ", " or ")
        assert f"to {what}, leave zoneops_phase out, or set it to {others}" in run.output
