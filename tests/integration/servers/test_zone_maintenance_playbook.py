# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook zone_maintenance: what it shows in check mode it does, a second run changes nothing, and the tasks of the user run in their place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from zonelab.client import LabClient

from ..conftest import MakeInventory
from ..harness.block_storage import BlockStorage
from ..harness.cloud import Cloud
from ..harness.inventory import hosts_of, lab_zones
from ..harness.mended import zones_of
from ..harness.play import Player, Run
from ..harness.servers import Servers

PLAYBOOK = "zoneops.openstack.zone_maintenance"
VERDICT = "Verify that the zone is as wanted"
HOSTS = hosts_of("az2")
MARK = "zoneops: maintenance of the zone"
LINE = "zone_state: maintenance"
TASKS = """
- name: Remember when it ran
  ansible.builtin.shell: echo "WORD {{ zoneops_zone_name }}" >> "{{ lookup('env', 'WORKED') }}"
  changed_when: true
- name: Switch the power off
  ansible.builtin.command: test ! -e {{ lookup('env', 'WORKED') }}.WORD
  delegate_to: "{{ zoneops_zone_name }}"
  changed_when: false
"""


@pytest.fixture
def servers(cloud: Cloud, lab: LabClient) -> Iterator[Servers]:
    """A server that runs in the zone and one that does not; afterwards everything works again."""
    with zones_of(cloud, lab) as found:
        found.add("web", "small", host=HOSTS[0], zone="az2")
        found.add("off", "small", host=HOSTS[1])
        found.stop("off")
        yield found


def files_of(state: str) -> dict[str, Any]:
    zones = lab_zones()
    zones["az2"]["zone_state"] = state
    return zones


def statuses(cloud: Cloud) -> dict[str, str]:
    return {name: str(one["status"]) for name, one in cloud.servers().items()}


def reasons(cloud: Cloud) -> set[str]:
    """How the zone's hosts are disabled, empty text for one that is enabled."""
    found = [cloud.services()[host] for host in HOSTS]
    return {"" if one["status"] == "enabled" else str(one["disabled_reason"]) for one in found}


def test_a_zone_is_taken_out_of_use_and_comes_back(
    play: Player, cloud: Cloud, lab: LabClient, servers: Servers, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    inventory = make_inventory(files_of("maintenance"))
    worked = tmp_path / "worked"
    files = {}
    for word in ("before", "work", "after"):
        path = tmp_path / f"{word}.yml"
        path.write_text(TASKS.replace("WORD", word))
        files[f"zoneops_{word}_tasks"] = str(path)

    def run(what: str, *arguments: str, **values: Any) -> Run:
        given = {"zoneops_maintenance": what, "zoneops_servers": "stop", "zoneops_allow": ["thaw"], **values}
        extra = ("--limit", "az2", *arguments, "-e", json.dumps(given))
        return play(PLAYBOOK, inventory, *extra, environ={"WORKED": str(worked)})

    def log() -> list[str]:
        found = worked.read_text().splitlines() if worked.exists() else []
        worked.unlink(missing_ok=True)
        return found

    # The first half alone, where a person decides; a task that fails keeps the zone as it is.
    Path(f"{worked}.work").touch()
    half = run("begin", **files, zoneops_servers="leave", zoneops_until="2039-01-31T06:00Z")
    assert half.rc != 0
    said = half.of(VERDICT)["az2"].msg
    assert f"task 'Switch the power off' of {files['zoneops_work_tasks']} failed" in said
    assert "run the same command again" in said
    assert log() == ["before az2", "work az2"]
    assert statuses(cloud) == {"web": "ACTIVE", "off": "SHUTOFF"}
    assert reasons(cloud) == {f"{MARK} until 2039-01-31T06:00Z, left: zone maintenance"}

    Path(f"{worked}.work").unlink()
    check = run("begin", "--check", "--diff", **files)
    assert (check.rc, check.written, log(), check.changed_hosts) == (0, [], [], {"az2"})
    begun = run("begin", "--diff", **files)
    assert (begun.rc, begun.plans["az2"][: len(check.plans["az2"])]) == (0, check.plans["az2"])
    assert log() == ["before az2", "work az2"]
    assert statuses(cloud) == {"web": "SHUTOFF", "off": "SHUTOFF"}
    assert reasons(cloud) == {f"{MARK} until 2039-01-31T06:00Z, stopped: zone maintenance"}
    again = run("begin")
    assert (again.rc, again.written, again.changed_hosts) == (0, [], set())

    # No call of the lab's cinder enables a cinder-backup.
    BlockStorage(cloud).new_backup_records(lab)
    check = run("end", "--check", **files)
    assert (check.rc, check.written, log(), check.changed_hosts) == (0, [], [], {"az2"})
    ended = run("end", **files)
    assert (ended.rc, ended.plans, ended.changed_hosts) == (0, check.plans, {"az2"})
    assert log() == ["after az2"]
    assert statuses(cloud) == {"web": "ACTIVE", "off": "SHUTOFF"}
    assert reasons(cloud) == {""}
    again = run("end")
    assert (again.rc, again.written, again.changed_hosts) == (0, [], set())


def test_a_maintenance_in_phases(
    play: Player, cloud: Cloud, lab: LabClient, servers: Servers, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    inventory, plan = make_inventory(files_of("maintenance")), tmp_path / "plan.yml"

    def phase(name: str, **more: Any) -> Run:
        values = {"zoneops_servers": "stop", "zoneops_allow": ["thaw"], "zoneops_phase": name, **more}
        return play(PLAYBOOK, inventory, "--limit", "az2", "-e", json.dumps(values))

    def unchanged(run: Run) -> bool:
        return (run.rc, run.written, run.changed_hosts) == (0, [], set())

    refused = play(PLAYBOOK, make_inventory(files_of("active")), "--limit", "az2", "-e", "zoneops_phase=plan")
    assert (refused.rc != 0, refused.written, LINE in refused.failures["az2"]) == (True, [], True)
    assert unchanged(phase("plan", zoneops_plan=str(plan)))
    assert reasons(cloud) == {""}
    assert phase("prepare", zoneops_plan=str(plan)).changed_hosts == {"az2"}
    assert (reasons(cloud), statuses(cloud)["web"]) == ({f"{MARK}, left: zone maintenance"}, "ACTIVE")
    assert unchanged(phase("prepare", zoneops_plan=str(plan)))
    assert phase("move", zoneops_plan=str(plan)).changed_hosts == {"az2"}
    assert (reasons(cloud), statuses(cloud)["web"]) == ({f"{MARK}, stopped: zone maintenance"}, "SHUTOFF")
    assert unchanged(phase("move", zoneops_plan=str(plan)))

    BlockStorage(cloud).new_backup_records(lab)
    planned = phase("plan", zoneops_maintenance="end", zoneops_plan=str(plan))
    assert (unchanged(planned), planned.plans["az2"] != []) == (True, True)
    finished = phase("finish", zoneops_plan=str(plan))
    assert (finished.rc, finished.plans, finished.changed_hosts) == (0, planned.plans, {"az2"})
    assert (reasons(cloud), statuses(cloud)) == ({""}, {"web": "ACTIVE", "off": "SHUTOFF"})
    assert unchanged(phase("finish"))


def test_what_is_refused_runs_no_task_and_verify_says_what_is_left(
    play: Player, cloud: Cloud, servers: Servers, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    worked = tmp_path / "worked"
    before = tmp_path / "before.yml"
    before.write_text(TASKS.replace("WORD", "before"))
    values = json.dumps({"zoneops_maintenance": "begin", "zoneops_before_tasks": str(before)})
    active, away = make_inventory(files_of("active")), make_inventory(files_of("maintenance"))

    refused = play(PLAYBOOK, active, "--limit", "az2", "-e", values, environ={"WORKED": str(worked)})
    assert (list(refused.failures), refused.written, worked.exists()) == (["az2"], [], False)
    assert f"host_vars/az2.yml): '{LINE}'" in refused.failures["az2"]
    everything = play(PLAYBOOK, away, "-e", values)
    assert (everything.requests, "Name one zone with --limit" in next(iter(everything.failures.values()))) == ((), True)
    for more, said in (
        ((), "set it to begin (take"),
        (("-e", "zoneops_maintenance=roll"), "a zone is not rolled over"),
    ):
        unasked = play(PLAYBOOK, away, "--limit", "az2", *more)
        assert (unasked.requests, said in next(iter(unasked.failures.values()))) == ((), True)

    for host in HOSTS:
        reason = f"{MARK} until 2026-01-31T06:00Z, left: power"
        cloud.set_service(host, status="disabled", disabled_reason=reason)
    verified = play("zoneops.openstack.verify", away, "--tags", "availability_zones")
    assert "was to end at 2026-01-31T06:00Z" in verified.failures["az2"]
    verified = play("zoneops.openstack.verify", active, "--tags", "availability_zones")
    assert f"a maintenance of the zone keeps {', '.join(HOSTS)} disabled" in verified.failures["az2"]
