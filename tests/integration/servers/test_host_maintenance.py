# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts are emptied, worked on and enabled again: servers stay what they were, and a run that ended early is resumed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from zonelab.client import LabClient

from ..conftest import MakeInventory
from ..harness.cloud import Cloud
from ..harness.inventory import hosts_of
from ..harness.maintenance import Maintenance
from ..harness.mended import zones_of
from ..harness.play import Player, Run, surroundings
from ..harness.servers import Servers
from ..harness.waiting import until

PLAYBOOK = "zoneops.openstack.host_maintenance"
HERE, THERE = hosts_of("az1")
# The fake hypervisor has 800000 MB, of which nova keeps 512.
BIG, SMALL = 790_000, 64
FACTS = {"zoneops_capacity_shared_disks": True}
MARK = "zoneops: maintenance"
CALLS_PER_SERVER = 5


@pytest.fixture
def servers(cloud: Cloud, lab: LabClient) -> Iterator[Servers]:
    """The lab's zones, and two flavors; afterwards everything runs and works again."""
    with zones_of(cloud, lab, small=SMALL, big=BIG) as found:
        yield found


@pytest.fixture
def maintenance(cloud: Cloud, lab: LabClient, servers: Servers) -> Maintenance:
    return Maintenance(cloud, lab)


def asked(play: Player, inventory: Path, what: str, *arguments: str, **values: Any) -> Run:
    return play(PLAYBOOK, inventory, *arguments, "-e", json.dumps({**FACTS, "zoneops_maintenance": what, **values}))


def placed(cloud: Cloud) -> dict[str, tuple[str, str]]:
    """Host and status of each server by name."""
    return {name: (one["OS-EXT-SRV-ATTR:host"], one["status"]) for name, one in cloud.servers().items()}


def reason(cloud: Cloud, host: str) -> str | None:
    """The disabled reason, none of an enabled host."""
    service = cloud.services()[host]
    return None if service["status"] == "enabled" else str(service["disabled_reason"])


def moved_often(servers: Servers) -> dict[str, int]:
    """How often each server of now was begun to be moved."""
    counts: dict[str, int] = {}
    for record in servers.migrations():
        counts[record["instance_uuid"]] = counts.get(record["instance_uuid"], 0) + 1
    return counts


def test_a_host_is_emptied_and_comes_back(
    play: Player, cloud: Cloud, servers: Servers, make_inventory: MakeInventory
) -> None:
    servers.add_many(["active", "paused", "off"], "small", host=HERE)
    servers.add_many(["pinned", "pinned-off"], "small", host=HERE, zone="az1")
    servers.pause("paused")
    servers.stop("off", "pinned-off")
    before = placed(cloud)
    inventory = make_inventory()

    check = asked(play, inventory, "begin", "--check", "--diff", zoneops_hosts=HERE)
    assert (check.rc, check.written, placed(cloud)) == (0, [], before)
    run = asked(play, inventory, "begin", "--diff", zoneops_hosts=HERE)
    assert run.rc == 0
    assert run.plans == check.plans
    assert run.changed_hosts == check.changed_hosts == {"az1"}
    assert placed(cloud) == {name: (THERE, status) for name, (_host, status) in before.items()}
    assert (reason(cloud, HERE) or "").startswith(f"{MARK}, emptied: host maintenance")
    again = asked(play, inventory, "begin", zoneops_hosts=HERE)
    assert (again.rc, again.written, again.changed_hosts) == (0, [], set())

    check = asked(play, inventory, "end", "--check", "--diff", zoneops_hosts=HERE)
    assert (check.rc, check.written) == (0, [])
    run = asked(play, inventory, "end", "--diff", zoneops_hosts=HERE)
    assert (run.rc, run.plans, run.changed_hosts) == (0, check.plans, check.changed_hosts)
    assert reason(cloud, HERE) is None
    again = asked(play, inventory, "end", zoneops_hosts=HERE)
    assert (again.rc, again.written, again.changed_hosts) == (0, [], set())
    assert set(moved_often(servers).values()) == {1}


def test_a_plan_of_moves_is_carried_out_and_no_other_server_moves(
    play: Player, cloud: Cloud, servers: Servers, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    servers.add("web", "small", host=HERE)
    inventory, plan = make_inventory(), tmp_path / "plan.yml"
    values = {"zoneops_hosts": HERE, "zoneops_plan": str(plan)}
    assert asked(play, inventory, "begin", "--check", **values).rc == 0
    servers.add("late", "small", host=HERE)
    refused = asked(play, inventory, "begin", **values)
    assert f"the plan {plan} of" in refused.failures["az1"]
    assert "late" in refused.failures["az1"]
    assert (refused.written, reason(cloud, HERE)) == ([], None)
    cloud.delete_server("late")
    run = asked(play, inventory, "begin", **values)
    assert run.rc == 0, run.failures
    assert placed(cloud) == {"web": (THERE, "ACTIVE")}
    rolling = asked(play, inventory, "roll", **values)
    assert "rolling work cannot be planned in advance" in rolling.output


def test_what_is_refused_changes_nothing(cloud: Cloud, servers: Servers, maintenance: Maintenance) -> None:
    servers.add("pinned", "small", host=HERE, zone="az1")
    servers.add("waits", "small", host=HERE)
    servers.act("waits", migrate={"host": "compute-az2-0"})
    servers.wait({"waits": "VERIFY_RESIZE"})

    def refused(*hosts: str, **options: Any) -> str:
        before = placed(cloud), reason(cloud, HERE)
        answer = maintenance.begin(*hosts, **options)
        assert (answer.zone()["failed"], answer.written) == (True, [])
        assert (placed(cloud), reason(cloud, HERE)) == before
        return str(answer.zone()["msg"])

    assert servers.id_of("waits") in refused(HERE)
    servers.act("waits", revertResize=None)
    servers.wait({"waits": "ACTIVE"})
    cloud.set_service(HERE, status="disabled", disabled_reason="disk is dying")
    assert "disk is dying" in refused(HERE)
    cloud.set_service(HERE, status="enabled")
    cloud.set_service(THERE, status="disabled", disabled_reason="disk is dying")
    assert "pinned" in refused(HERE)
    cloud.set_service(THERE, status="enabled")
    servers.add("large-0", "big", host=HERE)
    servers.add("large-1", "big", host=THERE)
    assert "large-0" in refused(HERE)
    unknown = maintenance.begin("compute-az2-0")
    assert (unknown.result["failed"], unknown.written) == (True, [])
    assert "compute-az2-0" in unknown.result["msg"]


def test_moves_that_fail_leave_their_servers_and_are_made_by_the_next_run(
    cloud: Cloud, lab: LabClient, servers: Servers, maintenance: Maintenance
) -> None:
    names = ["one", "two", "three", "off"]
    servers.add_many(names, "small", host=HERE)
    servers.stop("off")
    before = placed(cloud)
    lab.fail("hypervisor", HERE)

    first = maintenance.begin(HERE)
    assert first.result["failed"]
    # The first one moves alone: the others are not even tried.
    assert [outcome for _way, outcome in first.moves.values()] == ["failed"]
    assert placed(cloud) == before
    assert (reason(cloud, HERE) or "").startswith(f"{MARK}, incomplete: ")
    second = maintenance.begin(HERE, canary=False, max_failed=4, live_per_host=4)
    assert second.result["failed"]
    assert second.moves == {name: ("cold" if name == "off" else "live", "failed") for name in names}
    assert all(move["reason"] for move in second.result["moves"])
    assert placed(cloud) == before

    lab.fail("hypervisor", HERE, how="1")
    third = maintenance.begin(HERE)
    assert not third.result["failed"], third.result["msg"]
    assert {outcome for _way, outcome in third.moves.values()} == {"moved"}
    assert min(move["seconds"] for move in third.result["moves"]) >= 1
    assert placed(cloud) == {name: (THERE, status) for name, (_host, status) in before.items()}
    assert third.host(HERE)["emptied"]


def test_others_stop_delete_and_enable_meanwhile(
    cloud: Cloud, lab: LabClient, servers: Servers, maintenance: Maintenance
) -> None:
    servers.add_many(["first", "second", "third", "fourth"], "small", host=HERE)
    # However long the others take.
    lab.fail("hypervisor", HERE, how="hang")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(maintenance.begin, HERE, moves_at_once=1)
        try:
            until(lambda: running.done() or [one for one in servers.migrations() if one["status"] == "running"])
            assert not running.done()
            (moving,) = {record["instance_uuid"] for record in servers.migrations()}
            left = [name for name in ("first", "second", "third", "fourth") if servers.id_of(name) != moving]
            cloud.delete_server(left[0])
            servers.stop(left[1])
        finally:
            lab.heal()
    answer = running.result()
    assert not answer.result["failed"], answer.result["msg"]
    found = placed(cloud)
    assert left[0] not in found
    assert found == {name: (THERE, "SHUTOFF" if name == left[1] else "ACTIVE") for name in found}
    assert len(found) == 3
    cloud.set_service(HERE, status="enabled")
    ended = maintenance.end(HERE)
    assert (ended.result["failed"], ended.result["changed"], ended.written) == (False, False, [])


def test_a_killed_run_is_resumed_by_the_same_command(
    play: Player, cloud: Cloud, lab: LabClient, servers: Servers, make_inventory: MakeInventory
) -> None:
    names = [f"s{number}" for number in range(4)]
    servers.add_many(names, "small", host=HERE)
    servers.stop("s3")
    before = placed(cloud)
    inventory = make_inventory()
    lab.fail("hypervisor", HERE, how="2")
    values = json.dumps({**FACTS, "zoneops_maintenance": "begin", "zoneops_hosts": HERE})
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.Popen(
            ["ansible-playbook", "-i", str(inventory), PLAYBOOK, "-e", values],
            cwd=folder,
            env=surroundings() | {"OS_CLIENT_CONFIG_FILE": str(play.clouds)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until(lambda: len([one for one in servers.migrations() if one["status"] == "completed"]) >= 1)
        until(lambda: [one for one in servers.migrations() if one["status"] == "running"])
        # The module runs in a worker of ansible-playbook, which newer cores put into a group of its own.
        mark = reason(cloud, HERE) or ""
        assert mark.startswith(f"{MARK}, draining")
        for process in (int(mark.partition(" process ")[2].split()[0]), run.pid):
            os.kill(process, signal.SIGKILL)
        run.wait()
    lab.until_answered()

    resumed = asked(play, inventory, "begin", zoneops_hosts=HERE)
    assert resumed.rc == 0
    assert placed(cloud) == {name: (THERE, status) for name, (_host, status) in before.items()}
    assert moved_often(servers) == dict.fromkeys((servers.id_of(name) for name in names), 1)
    assert (reason(cloud, HERE) or "").startswith(f"{MARK}, emptied")


def test_more_servers_cost_few_calls_each(
    cloud: Cloud, lab: LabClient, servers: Servers, maintenance: Maintenance
) -> None:
    for host in (HERE, THERE):
        lab.fail("hypervisor", host, how="1")
    bounds: dict[str, Any] = {"live_per_host": 4, "moves_per_target": 8}

    def calls(host: str) -> int:
        answer = maintenance.begin(host, **bounds)
        assert not answer.result["failed"], answer.result["msg"]
        assert not maintenance.end(host).result["failed"]
        return len([one for one in answer.requests if one.service != "keystone"])

    few, more = ["live-0", "off-0"], ["live-1", "live-2", "off-1", "off-2", "off-3", "off-4"]
    servers.add_many(few, "small", host=HERE)
    servers.stop("off-0")
    alone = calls(HERE)
    servers.add_many(more, "small", host=THERE)
    servers.stop(*[name for name in more if name.startswith("off")])
    assert (calls(THERE) - alone) / len(more) <= CALLS_PER_SERVER
    assert {host for host, _status in placed(cloud).values()} == {HERE}


WORK = """
- name: Remember that it was worked on
  ansible.builtin.shell: echo "$WHAT {{ zoneops_host }}" >> "{{ lookup('env', 'WORKED') }}"
  environment: {WHAT: WORD}
  changed_when: true
"""
FAILS = """
- name: New firmware
  ansible.builtin.command: test -e {{ lookup('env', 'WORKED') }}.right
  changed_when: false
"""


@pytest.mark.edge
def test_rolling_work_stops_where_it_fails_and_continues_there(
    play: Player, cloud: Cloud, servers: Servers, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    servers.add_many(["here", "also-here"], "small", host=HERE, zone="az1")
    servers.add("there", "small", host=THERE)
    files = {}
    for what in ("before", "work", "after"):
        file = tmp_path / f"{what}.yml"
        file.write_text(WORK.replace("WORD", what) + (FAILS if what == "work" else ""))
        files[f"zoneops_{what}_tasks"] = str(file)
    worked = tmp_path / "worked"
    inventory = make_inventory()

    def roll(*arguments: str) -> Run:
        values = json.dumps({**FACTS, "zoneops_maintenance": "roll", **files})
        return play(PLAYBOOK, inventory, "--limit", "az1", *arguments, "-e", values, environ={"WORKED": str(worked)})

    def log() -> list[str]:
        return worked.read_text().splitlines() if worked.exists() else []

    check = roll("--check")
    assert (check.rc, check.written, log(), check.changed_hosts) == (0, [], [], {"az1"})

    failed = roll()
    assert failed.rc != 0
    said = failed.of("Verify the maintenance of the hosts")["az1"].msg
    assert f"host {HERE}: task 'New firmware' of {files['zoneops_work_tasks']} failed" in said
    assert "run the same command again" in said
    assert log() == [f"before {HERE}", f"work {HERE}"]
    assert (reason(cloud, HERE) or "").startswith(f"{MARK}, emptied")
    assert reason(cloud, THERE) is None

    Path(f"{worked}.right").touch()
    worked.unlink()
    done = roll()
    assert done.rc == 0
    assert log() == [f"{what} {host}" for host in (HERE, THERE) for what in ("before", "work", "after")]
    assert (reason(cloud, HERE), reason(cloud, THERE)) == (None, None)
    assert {host for host, _status in placed(cloud).values()} == {HERE}
    assert {status for _host, status in placed(cloud).values()} == {"ACTIVE"}


@pytest.mark.usefixtures("servers")
@pytest.mark.parametrize("what", ["work", "before"])
def test_work_that_stops_in_a_zone_is_said_in_the_others(
    play: Player, make_inventory: MakeInventory, tmp_path: Path, what: str
) -> None:
    """Also where the hosts of both are worked on together."""
    file = tmp_path / "work.yml"
    file.write_text(FAILS)
    values = {"zoneops_maintenance": "begin" if what == "before" else "roll", f"zoneops_{what}_tasks": str(file)}
    asked = ("--limit", "az1,az2", "-e", json.dumps({**FACTS, **values}))
    run = play(PLAYBOOK, make_inventory(), *asked, environ={"WORKED": "/none"})
    assert run.rc != 0
    said = run.of("Verify the maintenance of the hosts")
    assert "task 'New firmware'" in said["az1"].msg
    hosts = ", ".join(hosts_of("az2"))
    assert f"{hosts}: not worked on, because the work stopped when it failed in zone az1" in said["az2"].msg


def test_a_maintenance_in_phases(
    play: Player, cloud: Cloud, servers: Servers, make_inventory: MakeInventory, tmp_path: Path
) -> None:
    servers.add("here", "small", host=HERE)
    work, worked, inventory, plan = tmp_path / "work.yml", tmp_path / "worked", make_inventory(), tmp_path / "plan.yml"
    work.write_text(WORK.replace("WORD", "work"))
    values = {**FACTS, "zoneops_hosts": HERE, "zoneops_work_tasks": str(work)}

    def phase(name: str, *arguments: str, **more: Any) -> Run:
        asked = json.dumps({**values, "zoneops_phase": name, **more})
        return play(PLAYBOOK, inventory, *arguments, "-e", asked, environ={"WORKED": str(worked)})

    check = phase("plan", "--check")
    planned = phase("plan", zoneops_plan=str(plan))
    assert (planned.rc, planned.written, planned.changed_hosts) == (0, [], set())
    assert (planned.plans, planned.stats) == (check.plans, check.stats)
    assert f"az1: disable host {HERE}" in planned.output
    assert (reason(cloud, HERE), worked.exists()) == (None, False)

    assert phase("prepare", zoneops_plan=str(plan)).rc == 0
    assert (reason(cloud, HERE) or "").startswith(f"{MARK}, left")
    assert (placed(cloud)["here"], worked.exists()) == ((HERE, "ACTIVE"), False)
    again = phase("prepare", zoneops_plan=str(plan))
    assert (again.rc, again.written, again.changed_hosts) == (0, [], set())
    assert phase("move", zoneops_plan=str(plan)).rc == 0
    assert worked.read_text() == f"work {HERE}\n"
    assert {host for host, _status in placed(cloud).values()} == {THERE}
    again = phase("move", zoneops_plan=str(plan), zoneops_work_tasks="")
    assert (again.rc, again.written, again.changed_hosts) == (0, [], set())

    # The plan of the begin does not have the end, which is planned for itself.
    refused = phase("finish", zoneops_plan=str(plan))
    assert (f"the plan {plan} of" in refused.failures["az1"], refused.written) == (True, [])
    planned = phase("plan", zoneops_maintenance="end", zoneops_plan=str(plan))
    assert (planned.rc, planned.written, planned.changed_hosts) == (0, [], set())
    finished = phase("finish", zoneops_plan=str(plan))
    assert (finished.rc, finished.changed_hosts, reason(cloud, HERE)) == (0, {"az1"}, None)
    again = phase("finish")
    assert (again.rc, again.written, again.changed_hosts) == (0, [], set())


def test_rolling_work_does_not_begin_where_a_later_host_cannot_be_emptied(
    play: Player, servers: Servers, make_inventory: MakeInventory
) -> None:
    servers.add("moves", "small", host=HERE)
    servers.add("stuck", "small", host=THERE)
    servers.act("stuck", suspend=None)
    servers.wait({"stuck": "SUSPENDED"})
    run = asked(play, make_inventory(), "roll", "--limit", "az1")
    assert run.rc != 0
    assert run.written == []
    assert "stuck" in run.failures["az1"]


def test_it_says_what_is_missing(play: Player, servers: Servers, make_inventory: MakeInventory) -> None:
    inventory = make_inventory()
    run = play(PLAYBOOK, inventory)
    assert "zoneops_maintenance: is not set" in next(iter(run.failures.values()))
    run = asked(play, inventory, "begin")
    assert "zoneops_hosts=HOST" in next(iter(run.failures.values()))
    assert run.requests == ()
