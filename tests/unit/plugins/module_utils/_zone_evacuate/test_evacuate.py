# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers of dead hosts evacuated, on a cloud in memory: which, in which order, as what they were; what is left and why, and runs that end in between."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.model import Volume
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.nova import Nova
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.progress import Progress
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.model import SavedPlan, as_entries
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.dead import dead_in
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance import owner
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.mover import Rules
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.waves import Bounds
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate import reconcile
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.evidence.fencing import Fence
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.model import Seen, Sign, Wanted
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.reconcile import Evacuating
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import zone_map
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers.migrating_cloud import (
    FakeCloud,
    Killed,
)

MAP = zone_map(az1="az1-0 az1-1 az1-2", az2="az2-0 az2-1 az2-2")
FENCE = Fence("bmc", "ops", datetime(2026, 1, 1, 10, tzinfo=UTC), "power off read back")
FENCED = {"az1-0": FENCE}
TAG = "zoneops:evacuate=az1-0"
#: What each server is to be afterwards.
AFTER = {"on": "ACTIVE", "off": "SHUTOFF", "broken": "ACTIVE", "far": "ACTIVE"}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    no_waiting(monkeypatch)


def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second passes at each look."""
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += max(seconds, 1.0)

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(owner, "alive", lambda _process: False)


@pytest.fixture
def cloud() -> FakeCloud:
    return filled()


def filled() -> FakeCloud:
    """One server of each kind on the host that is dead, and one elsewhere."""
    found = FakeCloud(hosts_per_zone=3)
    found.add("on", pinned="az1")
    found.add("off", status="SHUTOFF")
    found.add("broken", status="ERROR", pinned="az1")
    found.add("far", "az1-1")
    found.kill("az1-0")
    return found


def run(cloud: FakeCloud, *, check: bool = False, zones: ZoneMap = MAP, **wanted: Any) -> Verdict:
    return ran(cloud, check=check, zones=zones, **wanted)[0]


def ran(cloud: FakeCloud, *, check: bool = False, zones: ZoneMap = MAP, **wanted: Any) -> tuple[Verdict, Evacuating]:
    rules, saved, seconds = wanted.pop("rules", Rules()), wanted.pop("saved", None), wanted.pop("seconds", 3600)
    given: dict[str, Any] = {"shared_disks": True, "fencing": FENCED, "reason": "fire", **wanted}
    asked = Wanted(given.pop("only", ("az1",)), **given)
    cloud.deadline = Deadline(seconds)
    found = Evacuating(cloud.as_cloud(), cloud.nova(), zones, asked, rules, Progress(None, "server", "host"))
    verdict = Converge(found, check=check, deadline=cloud.deadline, settle=0, saved=saved).run()["az1"]
    return verdict, found


def statuses(cloud: FakeCloud) -> dict[str, str]:
    return {name: server["status"] for name, server in cloud.servers.items()}


def evacuated(cloud: FakeCloud, after: Mapping[str, str] | None = None) -> None:
    """The servers are as a whole run leaves them: elsewhere in the zone, once, as they were."""
    assert statuses(cloud) == (after or AFTER)
    assert {host for name, host in cloud.hosts().items() if name != "far"} <= {"az1-1", "az1-2"}
    assert cloud.tagged() == set()
    ended = [record for record in cloud.migrations if record["status"] == "done"]
    assert sorted(record["instance_uuid"] for record in ended) == ["broken", "off", "on"]
    assert len(ended) == len(cloud.migrations)
    assert (dead := dead_in(cloud.reason("az1-0"))) is not None
    assert (dead.reason, dead.before, dead.zone) == ("fire", None, False)
    assert cloud.services["az1-0"]["forced_down"]


def refused(verdict: Verdict, cloud: FakeCloud, rule: str) -> str:
    assert cloud.writes == []
    assert [refusal.rule for refusal in verdict.refusals] == [rule], verdict.message()
    return verdict.message()


def test_servers_of_a_dead_host_run_elsewhere_in_their_zone(cloud: FakeCloud) -> None:
    check = run(cloud, check=True)
    assert cloud.writes == []
    planned = [change.text for change in check.plan]
    assert planned == [
        "take host az1-0 out of service, which is cut off (bmc by ops at 2026-01-01T10:00:00Z: power off read back)",
        "evacuate 3 servers from 1 host: 3 to az1; 1 in status ERROR, which boot",
    ]
    verdict, found = ran(cloud)
    assert not verdict.failed, verdict.message()
    assert [change.text for change in verdict.plan] == planned
    assert verdict.after == check.after
    evacuated(cloud)
    moves = {one["name"]: (one["outcome"], one["to"]) for one in found.moves}
    assert moves == {name: ("moved", cloud.hosts()[name]) for name in ("on", "off", "broken")}
    assert any("in status ERROR, and started by nova" in text for text in check.warnings)
    writes = len(cloud.writes)
    again = run(cloud)
    assert (again.changed, again.failed, len(cloud.writes)) == (False, False, writes), again.message()


def test_servers_go_to_as_many_hosts_as_take_them(cloud: FakeCloud) -> None:
    """Few go to one host at a time: all to one of them would take as long as there are hosts."""
    for number in range(6):
        cloud.add(f"more-{number}", pinned="az1")
    assert not run(cloud).failed
    assert {cloud.hosts()[f"more-{number}"] for number in range(6)} == {"az1-1", "az1-2"}


def test_servers_are_looked_at_in_lists(cloud: FakeCloud) -> None:
    """One in status ERROR has no tag by which it is listed."""
    assert not run(cloud).failed
    asked = [path.removeprefix("/servers/") for method, path in cloud.calls if method == "GET"]
    assert [name for name in asked if name in cloud.servers and name != "broken"] == []


def test_nothing_is_evacuated_from_a_host_that_lives(cloud: FakeCloud) -> None:
    cloud.services["az1-0"]["state"] = "up"
    verdict = run(cloud)
    assert (verdict.changed, verdict.failed, cloud.writes) == (False, False, [])
    assert "no host of the zone is dead" in " ".join(verdict.warnings)
    assert "host az1-0 is up" in refused(run(cloud, hosts=("az1-0",)), cloud, "host_up")


@pytest.mark.parametrize("forced", [False, True])
def test_a_host_without_evidence_is_refused_and_the_others_are_evacuated(cloud: FakeCloud, forced: bool) -> None:
    cloud.add("second", "az1-2")
    cloud.kill("az1-2")
    cloud.services["az1-2"]["forced_down"] = forced
    verdict = run(cloud)
    assert [refusal.rule for refusal in verdict.refusals] == ["fencing"]
    assert "zoneops_fencing (option fencing): - {host: az1-2, kind: bmc" in verdict.message()
    assert ("forced_down is no evidence" in verdict.message()) is forced
    assert cloud.hosts()["second"] == "az1-2"
    assert {cloud.hosts()[name] for name in ("on", "off", "broken")} == {"az1-1"}


@pytest.mark.parametrize(
    ("forced", "written", "goes"),
    [
        (False, "2026-01-01T09:59:59.000000", True),
        (False, "2026-01-01T10:00:01.000000", False),
        # People force it down after they have cut it off, in the same night.
        (True, "2026-01-01T21:59:59.000000", True),
        (True, "2026-01-01T22:00:01.000000", False),
    ],
)
def test_evidence_of_an_earlier_night(cloud: FakeCloud, forced: bool, written: str, goes: bool) -> None:
    cloud.services["az1-0"] |= {"forced_down": forced, "updated_at": written}
    verdict = run(cloud)
    if goes:
        assert not verdict.failed, verdict.message()
        return
    how = "forced down" if forced else "changed"
    said = refused(verdict, cloud, "fencing")
    assert (
        f"host az1-0: its nova-compute reported, or was {how}, at {written}, which is later than the evidence" in said
    )


def test_what_this_run_wrote_outdates_no_evidence(cloud: FakeCloud) -> None:
    assert not run(cloud, phase="prepare").failed
    cloud.services["az1-0"]["updated_at"] = "2026-01-07T00:00:00.000000"
    assert not run(cloud).failed
    evacuated(cloud)


@pytest.mark.parametrize("named", [None, ("az1-0",)])
def test_a_host_that_lives_and_is_forced_down_is_refused(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch, named: tuple[str, ...] | None
) -> None:
    """Nova shows it as down; its record tells."""
    cloud.services["az1-0"]["forced_down"] = True
    reports(cloud, monkeypatch, "az1-0")
    verdict, found = ran(cloud, hosts=named)
    assert "host az1-0 is forced down, and its nova-compute still reports, last at 2026-01-01T00:00:0" in refused(
        verdict, cloud, "alive"
    )
    assert (found.diagnoses()["az1"]["verdict"], found.diagnoses()["az1"]["reporting"]) == ("alive", ["az1-0"])
    refused(run(cloud, hosts=named, check=True), cloud, "alive")


@pytest.mark.parametrize("phase", ["prepare", "start"])
def test_a_host_that_answers_again_between_two_runs_is_refused(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    assert not run(cloud, phase="prepare").failed
    cloud.writes.clear()
    reports(cloud, monkeypatch, "az1-0")
    refused(run(cloud, phase=phase), cloud, "alive")


def test_a_record_that_is_old_is_not_watched(cloud: FakeCloud) -> None:
    cloud.services["az1-0"]["forced_down"] = True
    for name, entry in cloud.services.items():
        if name != "az1-0":
            entry["updated_at"] = "2026-01-01T00:01:01.000000"
    begun = time.monotonic()
    run(cloud, check=True)
    assert time.monotonic() == begun


def test_a_host_that_this_run_forced_down_is_not_watched(cloud: FakeCloud) -> None:
    """Its servers are on it still, and its record is that of the run's own request."""
    begun = time.monotonic()
    assert not run(cloud, phase="prepare").failed
    assert time.monotonic() == begun


def reports(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch, *hosts: str) -> None:
    """Their nova-compute writes its record every ten seconds."""

    def services(found: Nova, *arguments: Any) -> list[dict[str, Any]]:
        for host in hosts:
            cloud.services[host]["updated_at"] = f"2026-01-01T00:00:{int(time.monotonic()) // 10 % 60:02}.000000"
        return asked(found, *arguments)

    asked = Nova.services
    monkeypatch.setattr(Nova, "services", services)


def test_when_no_host_of_the_region_lives_nothing_is_done(cloud: FakeCloud) -> None:
    cloud.kill(*cloud.services)
    assert "more likely to be in trouble" in refused(run(cloud, hosts=("az1-0",)), cloud, "own_eyes")


def test_a_region_without_a_scheduler_is_no_place_to_evacuate_to(cloud: FakeCloud) -> None:
    cloud.services["s"] = {
        **cloud.services["az1-1"],
        "binary": "nova-scheduler",
        "host": "s",
        "state": "down",
        "id": "s",
    }
    assert "no nova-scheduler is up" in refused(run(cloud), cloud, "control_plane")


@pytest.mark.parametrize(("state", "allow"), [("False", ()), ("False", ("instance_ha",)), ("True", ()), (None, ())])
def test_two_tools_never_evacuate_one_host(cloud: FakeCloud, state: str | None, allow: tuple[str, ...]) -> None:
    found: dict[str, Any] = {"instance_ha": {"InstanceHa ha": {"disabled": state}}, "allow": frozenset(allow)}
    if state == "True" or allow:
        assert not run(cloud, **found).failed
    else:
        said = refused(run(cloud, **found), cloud, "instance_ha")
        assert "InstanceHa ha is on" in said
        # What an older definition does not have cannot be set.
        assert ('spec.disabled: "True"' in said, "delete the object" in said) == (state is not None, state is None)


def test_what_nobody_could_ask_of_instance_ha_is_refused(cloud: FakeCloud) -> None:
    verdict = run(cloud, instance_ha={"instance HA": {"unread": "no answer in time."}})
    said = refused(verdict, cloud, "instance_ha")
    assert "instance HA may be on, and evacuate hosts by itself: no answer in time. If it cannot act" in said


@pytest.mark.parametrize(
    ("reason", "rule"),
    [("instanceha evacuation: x", "ha_host"), ("zoneops:az1->az2", "on_its_way"), ("broken fan", "")],
)
def test_hosts_that_others_disabled(cloud: FakeCloud, reason: str, rule: str) -> None:
    cloud.services["az1-0"] |= {"status": "disabled", "disabled_reason": reason}
    if rule:
        refused(run(cloud), cloud, rule)
        return
    assert not run(cloud).failed
    dead = dead_in(cloud.reason("az1-0"))
    assert dead is not None
    assert dead.before == reason


@pytest.mark.parametrize(
    ("name", "what", "reason"),
    [
        ("paused", {"status": "PAUSED"}, "it is paused"),
        ("resized", {"status": "VERIFY_RESIZE"}, "its resize waits for a confirmation"),
        ("moving", {"OS-EXT-STS:task_state": "migrating"}, "a task is under way (migrating)"),
        ("deleting", {"OS-EXT-STS:task_state": "deleting"}, "a task is under way (deleting)"),
    ],
)
def test_what_cannot_succeed_is_left_and_said(cloud: FakeCloud, name: str, what: dict[str, Any], reason: str) -> None:
    cloud.add(name)
    cloud.servers[name] |= what
    verdict = run(cloud)
    assert not verdict.failed, verdict.message()
    assert cloud.hosts()[name] == "az1-0"
    assert name not in cloud.started
    assert f"1 server left: {name} ({name}) on az1-0: {reason}" in " ".join(verdict.warnings)
    assert not run(cloud).changed


@pytest.mark.parametrize(
    ("status", "task", "after"),
    [
        ("ACTIVE", "powering-off", "SHUTOFF"),
        ("SHUTOFF", "powering-on", "ACTIVE"),
        ("REBOOT", "rebooting_hard", "ACTIVE"),
        ("ACTIVE", "image_uploading", "ACTIVE"),
    ],
)
def test_what_the_dead_host_was_doing_is_brought_to_its_end(
    cloud: FakeCloud, status: str, task: str, after: str
) -> None:
    cloud.add("busy")
    # As nova keeps it: the status shown while it reboots is no state of its own.
    cloud.servers["busy"] |= {"status": "ACTIVE" if status == "REBOOT" else status, "OS-EXT-STS:task_state": task}
    assert not run(cloud).failed
    assert (cloud.hosts()["busy"] != "az1-0", statuses(cloud)["busy"]) == (True, after)


def test_volumes_that_their_service_does_not_reach_keep_a_server(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a Ceph that is dead while its cinder-volume lives: nova would put the server into status ERROR."""
    cloud.servers["on"]["os-extended-volumes:volumes_attached"] = [{"id": "disk"}]
    held = {"disk": Volume("disk", "az1", host="ceph@one")}
    signs = (Sign("cinder", "its pools are down", False, zone="az1", backend="ceph@one"),)

    def seen(found: Evacuating) -> Seen:
        seen = observe(found)
        facts = replace(seen.region.facts, volumes=held)
        return replace(seen, signs=(*seen.signs, *signs), region=replace(seen.region, facts=facts))

    observe = Evacuating.observe
    monkeypatch.setattr(Evacuating, "observe", seen)
    verdict = run(cloud)
    assert "its volume disk is served by cinder-volume ceph@one, which is down" in " ".join(verdict.warnings)
    assert (cloud.hosts()["on"], statuses(cloud)["on"], "on" in cloud.started) == ("az1-0", "ACTIVE", False)


def test_disks_of_a_dead_host_are_made_anew_only_with_consent(cloud: FakeCloud) -> None:
    for name in ("owner", "operator", "none"):
        cloud.add(name)
        cloud.servers[name]["image"] = {"id": "i"}
    cloud.servers["owner"]["metadata"] = {"zoneops:may_rebuild": "true"}
    verdict = run(cloud, shared_disks=False, rebuild_servers=("operator",))
    assert "the disks of 2 are recreated" in verdict.plan[1].text
    assert {name for name in ("owner", "operator", "none") if cloud.hosts()[name] == "az1-0"} == {"none"}
    assert "what is on it now would be lost" in " ".join(verdict.warnings)


def test_a_name_that_several_servers_have_is_no_consent(cloud: FakeCloud) -> None:
    """The disk of the other one, which belongs to somebody else, would be lost."""
    for number, host in enumerate(("az1-0", "az1-1")):
        cloud.add(f"db-{number}", host)
        cloud.servers[f"db-{number}"] |= {"name": "db", "image": {"id": "i"}}
    verdict = run(cloud, shared_disks=False, rebuild_servers=("db",))
    assert cloud.hosts()["db-0"] == "az1-0"
    assert "several servers are called db" in " ".join(verdict.warnings)
    assert not run(cloud, shared_disks=False, rebuild_servers=("db-0",)).failed
    assert cloud.hosts()["db-0"] != "az1-0"


def test_no_room_leaves_servers_where_they_are(cloud: FakeCloud) -> None:
    for number in range(3):
        cloud.add(f"large-{number}", ram=4096)
    for host in ("az1-1", "az1-2"):
        cloud.add(f"full-{host}", host, ram=4096)
    verdict = run(cloud)
    assert not verdict.failed, verdict.message()
    left = [name for name, host in cloud.hosts().items() if host == "az1-0"]
    assert left
    assert all(name.startswith("large") for name in left)
    assert f"{len(left)} servers left for want of room" in " ".join(verdict.warnings)
    assert statuses(cloud)[left[0]] == "ACTIVE"


def test_servers_without_a_pin_go_to_named_zones_only(cloud: FakeCloud) -> None:
    for host in ("az1-1", "az1-2"):
        cloud.services[host] |= {"status": "disabled", "disabled_reason": "fan"}
    verdict = run(cloud)
    assert not verdict.failed
    assert set(cloud.hosts().values()) == {"az1-0", "az1-1"}
    assert not run(cloud, to=("az2",)).failed
    where = cloud.hosts()
    assert where["off"].startswith("az2")
    assert where["on"] == where["broken"] == "az1-0"


def test_the_important_ones_come_first_behind_a_canary(cloud: FakeCloud) -> None:
    for name, priority in (("low", "-1"), ("high", "10"), ("odd", "soon"), ("some", "5")):
        cloud.add(name)
        cloud.servers[name]["metadata"] = {"zoneops:priority": priority}
    assert not run(cloud, rules=Rules(Bounds(at_once=1))).failed
    order = list(dict.fromkeys(cloud.started))
    assert order[0] == "low"
    assert order[1:3] == ["high", "some"]


def test_a_canary_that_fails_is_the_only_one(cloud: FakeCloud) -> None:
    cloud.failing.update(("on", "off", "broken"))
    verdict, found = ran(cloud)
    assert verdict.failed
    assert "the first server, the canary, could not be moved, 2 not begun" in verdict.message()
    assert [one["outcome"] for one in found.moves] == ["failed"]
    assert len(found.moves) == sum(one["status"] == "failed" for one in cloud.migrations)
    # It was running: the retry remembers that, although it is in status ERROR now.
    cloud.failing.clear()
    assert not run(cloud).failed
    assert statuses(cloud) == AFTER


def test_one_that_was_off_and_failed_is_off_again_after_the_retry(cloud: FakeCloud) -> None:
    cloud.failing.add("off")
    verdict = run(cloud, rules=Rules(max_failed=3))
    assert verdict.failed
    assert statuses(cloud)["off"] == "ERROR"
    assert cloud.servers["off"]["tags"] == [f"{TAG}:SHUTOFF"]
    cloud.failing.clear()
    assert not run(cloud).failed
    assert statuses(cloud) == AFTER
    assert cloud.tagged() == set()


def test_stop_points(cloud: FakeCloud) -> None:
    prepared = run(cloud, phase="prepare")
    assert [change.action for change in prepared.plan] == ["take_out_host"]
    assert cloud.started == []
    assert not run(cloud, phase="prepare").changed
    moved = run(cloud, phase="move")
    assert not moved.failed, moved.message()
    assert statuses(cloud) == {**AFTER, "on": "SHUTOFF"}
    assert cloud.tagged() == {"on"}
    assert not run(cloud, phase="move").changed
    started = run(cloud)
    arrived = f"finish 1 server that arrived: on (on) on {cloud.hosts()['on']}, ACTIVE"
    assert [change.text for change in started.plan] == [arrived]
    evacuated(cloud)


def test_what_was_evacuated_is_started_also_when_its_host_is_back(cloud: FakeCloud) -> None:
    assert not run(cloud, phase="move").failed
    cloud.services["az1-0"] |= {"state": "up", "status": "enabled", "forced_down": False}
    assert not run(cloud, phase="prepare").changed
    verdict = run(cloud, fencing={})
    assert not verdict.failed, verdict.message()
    assert (statuses(cloud), cloud.tagged()) == (AFTER, set())


@pytest.mark.parametrize(("status", "tag"), [("ACTIVE", "SHUTOFF"), ("SHUTOFF", "ACTIVE")])
def test_a_server_that_left_the_host_otherwise_is_not_switched(cloud: FakeCloud, status: str, tag: str) -> None:
    """Its evacuation failed once, the host came back, and it was migrated; since then its owner decides."""
    cloud.add("moved")
    cloud.begin_evacuation("moved", "az1-2")["status"] = "failed"
    moved = {"OS-EXT-SRV-ATTR:host": "az1-2", "status": status, "OS-EXT-STS:task_state": None}
    cloud.servers["moved"] |= {**moved, "tags": [f"{TAG}:{tag}"]}
    assert not run(cloud).failed
    assert (statuses(cloud)["moved"], cloud.started.count("moved")) == (status, 0)


@pytest.mark.parametrize("tags", [["SHUTOFF"], ["ACTIVE", "SHUTOFF"]])
def test_a_tag_of_an_earlier_loss_says_nothing(cloud: FakeCloud, tags: list[str]) -> None:
    """The server was left on the host, which came back; since then its owner started it."""
    cloud.servers["on"]["tags"] = [f"{TAG}:{status}" for status in tags]
    assert not run(cloud).failed
    evacuated(cloud)


def test_a_tag_of_this_loss_counts(cloud: FakeCloud) -> None:
    """Its status was reset by a person after an evacuation that failed."""
    assert not run(cloud, phase="prepare").failed
    cloud.servers["off"] |= {"status": "ACTIVE", "tags": [f"{TAG}:SHUTOFF"]}
    assert not run(cloud).failed
    evacuated(cloud)


@pytest.mark.parametrize("status", ["SHUTOFF", "ERROR"])
@pytest.mark.parametrize("end", [None, 1, 2, 3, 4])
def test_the_host_that_it_was_evacuated_to_is_lost_as_well(cloud: FakeCloud, status: str, end: int | None) -> None:
    """It ran before the first loss, and was not started since: that is not forgotten, wherever the run ends."""
    assert not run(cloud, phase="move").failed
    second = cloud.hosts()["on"]
    cloud.servers["on"]["status"] = status
    cloud.kill(second)
    fenced: dict[str, Any] = {"fencing": {**FENCED, second: FENCE}}
    if end is not None:
        cloud.killed = len(cloud.writes) + end
        with suppress(Killed):
            run(cloud, **fenced)
        cloud.killed = None
    verdict = run(cloud, **fenced)
    assert not verdict.failed, verdict.message()
    assert (statuses(cloud)["on"], cloud.tagged()) == ("ACTIVE", set())
    assert cloud.hosts()["on"] not in ("az1-0", second)
    assert not run(cloud, **fenced).changed


def test_a_server_with_two_tags_is_one(cloud: FakeCloud) -> None:
    cloud.begin_evacuation("far", "az1-2")["status"] = "done"
    cloud.begin_evacuation("far", "az1-2")["status"] = "done"
    cloud.migrations[-1]["source_compute"] = "az1-0"
    tags = ["zoneops:evacuate=az1-0:ACTIVE", "zoneops:evacuate=az1-1:ACTIVE"]
    arrived = {"OS-EXT-SRV-ATTR:host": "az1-2", "OS-EXT-STS:task_state": None, "status": "SHUTOFF", "tags": tags}
    cloud.servers["far"] |= arrived
    verdict = run(cloud)
    assert not verdict.failed, verdict.message()
    assert "finish 1 server that arrived: far" in verdict.plan[1].text
    assert (statuses(cloud), cloud.tagged(), cloud.started.count("far")) == (AFTER, set(), 1)
    assert not run(cloud).changed


def test_nothing_is_sent_to_a_host_that_died_since_the_plan(cloud: FakeCloud) -> None:
    """Nova would take it, find no host, and leave the server in status ERROR."""
    for name in ("large", "larger"):
        cloud.add(name, ram=4096)
    targets = {one.move.server: one.move.target for one in ran(cloud, check=True)[0].plan[1].evacuations}  # type: ignore[attr-defined]
    dying = targets["larger"]

    def die(number: int) -> None:
        if number == 1:
            cloud.kill(dying)
        time.sleep(31)

    cloud.at_look = die
    verdict, found = ran(cloud, rules=Rules(Bounds(at_once=1)))
    assert f"host {dying}, to which servers would go, is down: run it again, and they go to others" in verdict.message()
    assert all(one["status"] == "done" for one in cloud.migrations if one["dest_compute"] != dying)
    assert "ERROR" not in {status for name, status in statuses(cloud).items() if name != "broken"}
    assert {one["name"]: one["outcome"] for one in found.moves if one["to"] == "az1-0"} != {}


def test_below_2_95_servers_arrive_as_they_were(cloud: FakeCloud) -> None:
    cloud.newest = (2, 94)
    assert not run(cloud).failed
    evacuated(cloud)
    assert "on" not in [name for name in cloud.started if cloud.started.count(name) > 1]


def test_an_evacuation_under_way_is_awaited_and_never_made_twice(cloud: FakeCloud) -> None:
    cloud.begin_evacuation("on", "az1-2", user="somebody")
    check = run(cloud, check=True)
    assert "await 1 evacuation under way" in check.plan[1].text
    assert not run(cloud).failed
    assert cloud.started.count("on") == 0
    assert cloud.hosts()["on"] == "az1-2"


def test_a_person_who_evacuates_meanwhile_is_not_overtaken(cloud: FakeCloud) -> None:
    """Between the look and the request: the server's own migrations are asked for."""

    def tagged(server: str) -> None:
        if server == "off" and not any(one["instance_uuid"] == "on" for one in cloud.migrations):
            cloud.begin_evacuation("on", "az1-2", user="somebody")

    cloud.at_tag = tagged
    # All at once: between the look and the request for the last one.
    rules = Rules(Bounds(per_target=10, at_once=10), canary=False)
    assert not run(cloud, rules=rules).failed
    assert sum(one["instance_uuid"] == "on" for one in cloud.migrations) == 1


def test_a_write_that_does_nothing_evacuates_nothing(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Nova, "set_service", lambda *_args: None)
    verdict = run(cloud)
    assert "host az1-0 is not out of service after the write: it is enabled and down" in verdict.message()
    assert cloud.started == []


def test_a_host_that_others_released_from_forced_down_is_taken_out_again(cloud: FakeCloud) -> None:
    assert not run(cloud, phase="prepare").failed
    cloud.services["az1-0"]["forced_down"] = False
    reason = cloud.reason("az1-0")
    assert [change.action for change in run(cloud, phase="prepare").plan] == ["take_out_host"]
    assert (cloud.services["az1-0"]["forced_down"], cloud.reason("az1-0")) == (True, reason)


def test_a_host_on_which_something_reports_is_refused(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    sign = Sign("neutron", "an agent", True, "az1-0")
    monkeypatch.setattr(reconcile, "read_signs", lambda _cloud, _region: ((sign,), {}))
    assert "an agent on it reports that it lives" in refused(run(cloud), cloud, "partition")


def test_a_server_that_is_pinned_elsewhere_is_left(cloud: FakeCloud) -> None:
    """The scheduler would put it into status ERROR."""
    cloud.add("stray", pinned="az2")
    verdict = run(cloud)
    assert (cloud.hosts()["stray"], verdict.failed) == ("az1-0", False)
    assert "it is pinned to zone az2, where it is not" in " ".join(verdict.warnings)


def test_a_person_who_has_evacuated_one_meanwhile_is_not_repeated(cloud: FakeCloud) -> None:
    """Nova would refuse it, as the host that it is on is up."""

    def tagged(server: str) -> None:
        if server == "off" and not any(one["instance_uuid"] == "on" for one in cloud.migrations):
            cloud.begin_evacuation("on", "az1-2", user="somebody")["status"] = "done"
            arrived = {"OS-EXT-SRV-ATTR:host": "az1-2", "OS-EXT-STS:task_state": None, "status": "SHUTOFF"}
            cloud.servers["on"] |= arrived

    cloud.at_tag = tagged
    verdict, found = ran(cloud, rules=Rules(Bounds(at_once=1)))
    assert not verdict.failed, verdict.message()
    assert {one["name"]: one["outcome"] for one in found.moves} == dict.fromkeys(("on", "off", "broken"), "moved")
    # The start alone.
    assert (statuses(cloud), cloud.started.count("on"), cloud.tagged()) == (AFTER, 1, set())


def test_a_host_that_answers_again_is_evacuated_no_further(cloud: FakeCloud) -> None:
    def answer(number: int) -> None:
        if number == 1:
            cloud.services["az1-0"]["updated_at"] = "2026-01-01T00:01:00.000000"
        time.sleep(31)

    cloud.at_look = answer
    verdict, found = ran(cloud, rules=Rules(Bounds(at_once=1)))
    assert verdict.failed
    assert "host az1-0 answers again" in verdict.message()
    assert {one["outcome"] for one in found.moves} == {"moved", "elsewhere"}


def test_a_host_that_others_bring_back_is_evacuated_no_further(cloud: FakeCloud) -> None:
    def back(number: int) -> None:
        if number == 1:
            cloud.services["az1-0"] |= {"forced_down": False, "status": "enabled"}
        time.sleep(31)

    cloud.at_look = back
    verdict = run(cloud, rules=Rules(Bounds(at_once=1)))
    assert "host az1-0 is no longer out of service: it is enabled and down" in verdict.message()


def test_a_server_that_is_deleted_meanwhile_fails_nothing(cloud: FakeCloud) -> None:
    def delete(number: int) -> None:
        if number == 1 and "on" in cloud.servers:
            cloud.delete("on")

    cloud.at_look = delete
    verdict, found = ran(cloud)
    assert not verdict.failed, verdict.message()
    assert {one["name"]: one["outcome"] for one in found.moves}["on"] == "gone"


def test_a_request_that_nova_works_on_is_not_repeated(cloud: FakeCloud) -> None:
    """The answer is lost, and the record comes late: a second evacuation would lose the guest."""
    for name in ("off", "broken"):
        cloud.delete(name)
    records: list[dict[str, Any]] = []

    def late(_number: int) -> None:
        if cloud.migrations and not records:
            records.append(cloud.migrations.pop())
        elif records and time.monotonic() > 60:
            cloud.migrations[:] = records

    cloud.at_look = late
    # The host, the tag, and the evacuation.
    cloud.lost.add(2)
    verdict = run(cloud)
    assert not verdict.failed, verdict.message()
    # The evacuation, and the start.
    assert (cloud.started, statuses(cloud)["on"]) == (["on", "on"], "ACTIVE")


def test_a_server_that_nova_works_on_without_a_record_is_not_awaited_for_ever(cloud: FakeCloud) -> None:
    for name in ("off", "broken"):
        cloud.delete(name)
    cloud.at_look = lambda _number: cloud.migrations.clear()
    cloud.lost.add(2)
    message = run(cloud).message()
    assert "nova works on it (rebuilding), and has no record of its evacuation" in message


def test_what_became_of_servers_that_arrived_earlier_stops_no_other(cloud: FakeCloud) -> None:
    """One of them broke on its new host."""
    cloud.add("arrived")
    cloud.begin_evacuation("arrived", "az1-2")["status"] = "done"
    arrived = {"OS-EXT-SRV-ATTR:host": "az1-2", "status": "ERROR", "OS-EXT-STS:task_state": None}
    cloud.servers["arrived"] |= {**arrived, "tags": [f"{TAG}:ACTIVE"]}
    verdict = run(cloud)
    assert "arrived (arrived) on az1-0: it is on az1-2, in status ERROR" in verdict.message()
    assert statuses(cloud) == {**AFTER, "arrived": "ERROR"}
    assert {cloud.hosts()[name] for name in ("on", "off", "broken")} <= {"az1-1", "az1-2"}


def test_the_host_that_a_server_goes_to_dies_as_well(cloud: FakeCloud) -> None:
    cloud.hanging.add("on")

    def die(number: int) -> None:
        if number == 3:
            cloud.kill(next(one["dest_compute"] for one in cloud.migrations if one["instance_uuid"] == "on"))

    cloud.at_look = die
    begun = time.monotonic()
    verdict = run(cloud, seconds=36000, rules=Rules(canary=False))
    assert time.monotonic() - begun < 600
    assert "to which it goes, is down: start nova-compute there, or evacuate it as well" in verdict.message()


def test_a_server_is_not_started_on_a_host_that_is_down(cloud: FakeCloud) -> None:
    assert not run(cloud, phase="move").failed
    cloud.kill(cloud.hosts()["on"])
    run(cloud)
    # It was evacuated, and no more.
    assert cloud.started.count("on") == 1
    assert statuses(cloud)["on"] == "SHUTOFF"
    assert cloud.servers["on"]["tags"] == [f"{TAG}:ACTIVE"]


def test_one_that_others_evacuate_is_left_as_it_arrives(cloud: FakeCloud) -> None:
    """It shows ACTIVE for a moment, and was off."""
    record = cloud.begin_evacuation("off", "az1-2", user="somebody")

    def arrive(number: int) -> None:
        if record["status"] == "done" and "off" not in seen:
            seen["off"] = number
            cloud.servers["off"]["status"] = "ACTIVE"
        elif number == seen.get("off", number) + 3:
            cloud.servers["off"]["status"] = "SHUTOFF"

    seen: dict[str, int] = {}
    cloud.at_look = arrive
    assert not run(cloud).failed
    assert (cloud.started.count("off"), statuses(cloud)["off"]) == (0, "SHUTOFF")


def test_a_saved_plan_lets_nothing_else_be_evacuated(cloud: FakeCloud) -> None:
    check = run(cloud, check=True)
    saved = SavedPlan("plan", "now", changes={"az1": as_entries([change.as_dict() for change in check.plan])})
    cloud.add("late")
    verdict = run(cloud, saved=saved)
    assert "does not have: evacuate server late (late) to az1" in verdict.message()
    assert cloud.writes == []
    cloud.delete("late")
    cloud.delete("broken")
    assert not run(cloud, saved=saved).failed
    assert statuses(cloud) == {"on": "ACTIVE", "off": "SHUTOFF", "far": "ACTIVE"}


WRITES = 9


def count_writes() -> int:
    cloud = filled()
    run(cloud)
    return len(cloud.writes)


def test_the_number_of_writes() -> None:
    # The host; the tag, the evacuation, the start and the tag of one that ran; two tags and an evacuation of one that was off; one for the third.
    assert count_writes() == WRITES


@pytest.mark.parametrize("number", range(WRITES))
@pytest.mark.parametrize("how", ["killed", "lost", "dropped"])
def test_whatever_becomes_of_a_write_the_next_run_ends_it(how: str, number: int) -> None:
    cloud = filled()
    if how == "killed":
        cloud.killed = number
        with pytest.raises(Killed):
            run(cloud)
        cloud.killed = None
    else:
        getattr(cloud, how).add(number)
        verdict = run(cloud)
        assert verdict.failed or statuses(cloud) == AFTER
        getattr(cloud, how).clear()
    before = copy.deepcopy(cloud.hosts())
    verdict = run(cloud)
    assert not verdict.failed, (verdict.message(), before)
    evacuated(cloud)
    assert not run(cloud).changed
