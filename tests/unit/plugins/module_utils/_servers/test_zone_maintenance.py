# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a zone into its maintenance and back, on a cloud in memory: what becomes of the servers, and what others do meanwhile."""

from __future__ import annotations

import copy
import time
from collections import Counter
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.progress import Progress
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance import owner
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.begin.run import Begin
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.end.run import End
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.model import (
    DRAIN,
    LEAVE,
    STOP,
    Wanted,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.mover import Rules
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.waves import Bounds
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import zone_map
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers import test_maintenance as of_hosts
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers.migrating_cloud import (
    FakeCloud,
    Killed,
)

MAP = zone_map(az1="az1-0 az1-1", az2="az2-0 az2-1")
HOSTS = ("az1-0", "az1-1")
UNTIL = "2030-01-01T06:00Z"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second passes at each look."""
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += max(seconds, 1.0)

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(owner, "alive", lambda _process: False)


@pytest.fixture
def cloud() -> FakeCloud:
    """Servers that run, one that is off, and one in the other zone."""
    found = FakeCloud(hosts_per_zone=2)
    for number in range(4):
        found.add(f"web-{number}", HOSTS[number % 2])
    found.add("off", status="SHUTOFF")
    found.add("far", "az2-0")
    return found


def begin(cloud: FakeCloud, servers: str = STOP, *, check: bool = False, **wanted: Any) -> Verdict:
    return begun(cloud, servers, check=check, **wanted)[0]


def begun(cloud: FakeCloud, servers: str = STOP, *, check: bool = False, **wanted: Any) -> tuple[Verdict, Begin]:
    rules = wanted.pop("rules", Rules())
    asked = Wanted(("az1",), **{"reason": "work", "shared_disks": True, "zone": True, "servers": servers, **wanted})
    cloud.deadline = Deadline(3600)
    reconciler = Begin(cloud.as_cloud(), cloud.nova(), MAP, asked, rules, Progress(None, "server", "host"))
    verdict = Converge(reconciler, check=check, deadline=cloud.deadline, settle=0).run()["az1"]
    return verdict, reconciler


def end(cloud: FakeCloud, *, check: bool = False, **wanted: Any) -> Verdict:
    rules = wanted.pop("rules", Rules())
    cloud.deadline = Deadline(3600)
    asked = Wanted(("az1",), zone=True, reason="work", **wanted)
    reconciler = End(cloud.as_cloud(), cloud.nova(), MAP, asked, None, rules)
    return Converge(reconciler, check=check, deadline=cloud.deadline, settle=0).run()["az1"]


def rules_of(verdict: Verdict) -> list[str]:
    return [refusal.rule for refusal in verdict.refusals]


def picture(cloud: FakeCloud) -> tuple[Any, Any]:
    """All that a maintenance may not change for good."""
    return copy.deepcopy(cloud.servers), copy.deepcopy(cloud.services)


@pytest.mark.parametrize(("servers", "phase"), [(LEAVE, "left"), (STOP, "stopped")])
def test_begin_and_end_put_back_exactly_what_was_there(cloud: FakeCloud, servers: str, phase: str) -> None:
    before, running = picture(cloud), cloud.running()
    planned = begin(cloud, servers, check=True, until=UNTIL)
    assert (planned.changed, planned.failed, cloud.writes) == (True, False, [])
    verdict = begin(cloud, servers, until=UNTIL)
    assert not verdict.failed, verdict.message()
    assert verdict.after == planned.after
    for host in HOSTS:
        assert cloud.reason(host) == f"zoneops: maintenance of the zone until {UNTIL}, {phase}: work"
    assert cloud.services["az2-0"]["status"] == "enabled"
    assert cloud.running() == ({"far"} if servers == STOP else running)
    assert cloud.tagged() == (running - {"far"} if servers == STOP else set())
    writes = len(cloud.writes)
    again = begin(cloud, servers, until=UNTIL)
    assert (again.changed, again.failed, len(cloud.writes)) == (False, False, writes)
    assert again.warnings == (f"the zone is in maintenance already until {UNTIL}, 2 hosts (work).",)
    foreseen = end(cloud, check=True)
    assert (foreseen.changed, foreseen.failed, len(cloud.writes)) == (True, False, writes)
    ended = end(cloud)
    assert not ended.failed, ended.message()
    assert ended.after == foreseen.after
    assert picture(cloud) == before
    assert (end(cloud).changed, end(cloud).failed) == (False, False)


@pytest.mark.parametrize("servers", [STOP, DRAIN])
def test_a_zone_is_prepared_and_its_servers_are_left_to_a_later_run(cloud: FakeCloud, servers: str) -> None:
    placed, running = dict(cloud.hosts()), cloud.running()
    planned = begin(cloud, servers, check=True, prepare=True)
    prepared = begin(cloud, servers, prepare=True)
    assert (prepared.changed, prepared.failed, prepared.after) == (True, False, planned.after), prepared.message()
    assert (cloud.hosts(), cloud.running(), cloud.tagged()) == (placed, running, set())
    assert [cloud.reason(host) for host in HOSTS] == ["zoneops: maintenance of the zone, left: work"] * 2
    assert not begin(cloud, servers, prepare=True).changed
    assert not begin(cloud, servers).failed
    assert (
        cloud.reason("az1-0")
        == f"zoneops: maintenance of the zone, {'stopped' if servers == STOP else 'emptied'}: work"
    )
    assert not begin(cloud, servers, prepare=True).changed
    assert not end(cloud).failed


def test_servers_that_may_cross_are_moved_to_other_zones(cloud: FakeCloud) -> None:
    verdict, reconciler = begun(cloud, DRAIN)
    assert not verdict.failed, verdict.message()
    assert all(host.startswith("az2-") for host in cloud.hosts().values())
    assert {move["outcome"] for move in reconciler.moves} == {"moved"}
    assert cloud.reason("az1-0") == "zoneops: maintenance of the zone, emptied: work"
    assert not begin(cloud, DRAIN).changed
    assert not end(cloud).failed
    assert cloud.services["az1-0"]["status"] == "enabled"
    assert all(host.startswith("az2-") for host in cloud.hosts().values()), "nothing is moved back"


def test_what_may_not_cross_is_refused_or_stays(cloud: FakeCloud) -> None:
    cloud.add("pinned", pinned="az1")
    verdict = begin(cloud, DRAIN)
    assert (rules_of(verdict), cloud.writes) == (["stay"], [])
    assert "it is pinned to zone az1" in verdict.message()
    verdict = begin(cloud, DRAIN, allow=frozenset(("stay",)))
    assert not verdict.failed, verdict.message()
    assert [name for name, host in cloud.hosts().items() if host.startswith("az1")] == ["pinned"]
    assert cloud.reason("az1-0") == "zoneops: maintenance of the zone, drained: work"
    assert cloud.reason("az1-1") == "zoneops: maintenance of the zone, emptied: work"
    assert not begin(cloud, DRAIN, allow=frozenset(("stay",))).changed


def test_the_other_zones_have_no_room(cloud: FakeCloud) -> None:
    for number in range(14):
        cloud.add(f"full-{number}", f"az2-{number % 2}")
    verdict = begin(cloud, DRAIN)
    assert (rules_of(verdict), cloud.writes) == (["no_room"], [])
    assert "the other zones have no room for" in verdict.message()
    assert not begin(cloud, STOP).failed


def test_what_cannot_be_stopped_is_refused_or_left(cloud: FakeCloud) -> None:
    cloud.add("paused", status="PAUSED")
    cloud.add("resized", status="VERIFY_RESIZE")
    cloud.add("asleep", status="SUSPENDED")
    verdict = begin(cloud)
    assert (rules_of(verdict), cloud.writes) == (["stay"], [])
    assert {item["name"] for item in verdict.refusals[0].items} == {"paused", "resized"}
    verdict = begin(cloud, allow=frozenset(("stay",)))
    assert not verdict.failed, verdict.message()
    assert cloud.servers["paused"]["status"] == "PAUSED"
    assert not begin(cloud).changed
    assert not end(cloud).failed


@pytest.mark.parametrize("servers", [LEAVE, STOP])
@pytest.mark.parametrize("write", range(12))
def test_a_killed_beginning_is_resumed(cloud: FakeCloud, servers: str, write: int) -> None:
    """Whatever was written last, nothing is forgotten, and the end puts everything back."""
    before = picture(cloud)
    cloud.killed = write
    try:
        begin(cloud, servers)
    except Killed:
        cloud.killed = None
    verdict = begin(cloud, servers)
    assert not verdict.failed, verdict.message()
    assert cloud.running() == ({"far"} if servers == STOP else {"far", *(f"web-{number}" for number in range(4))})
    assert max(Counter(cloud.started).values(), default=1) == 1
    cloud.killed = None
    assert not end(cloud).failed
    assert picture(cloud) == before


def test_a_guest_that_takes_long_to_shut_down_is_not_forgotten(cloud: FakeCloud) -> None:
    """The run that asked for it was killed: the next one waits as long, and the end starts the server."""
    before = picture(cloud)
    cloud.looks_off = 200
    cloud.killed = 3
    with pytest.raises(Killed):
        begin(cloud)
    cloud.killed = None
    (asked,) = cloud.started
    verdict = begin(cloud)
    assert not verdict.failed, verdict.message()
    assert asked in cloud.tagged()
    assert cloud.running() == {"far"}
    cloud.looks_off = 1
    assert not end(cloud).failed
    assert picture(cloud) == before


@pytest.mark.parametrize("write", range(10))
def test_a_killed_end_is_resumed(cloud: FakeCloud, write: int) -> None:
    before = picture(cloud)
    begin(cloud)
    cloud.started.clear()
    cloud.killed = len(cloud.writes) + write
    with pytest.raises(Killed):
        end(cloud)
    cloud.killed = None
    verdict = end(cloud)
    assert not verdict.failed, verdict.message()
    assert picture(cloud) == before
    assert Counter(cloud.started).most_common(1)[0][1] == 1


@pytest.mark.parametrize("fault", ["lost", "dropped"])
@pytest.mark.parametrize("write", range(12))
def test_an_answer_that_is_lost(cloud: FakeCloud, fault: str, write: int) -> None:
    before = picture(cloud)
    getattr(cloud, fault).add(write)
    verdict = begin(cloud)
    if verdict.failed:
        verdict = begin(cloud)
    assert not verdict.failed, verdict.message()
    assert cloud.running() == {"far"}
    getattr(cloud, fault).clear()
    assert not end(cloud).failed
    assert picture(cloud) == before


@pytest.mark.parametrize("fault", ["lost", "dropped"])
def test_a_tag_whose_answer_is_lost_is_written_again(cloud: FakeCloud, fault: str) -> None:
    """Nothing was asked of the server yet."""
    getattr(cloud, fault).add(2)
    verdict = begin(cloud)
    assert "/tags/" in str(cloud.writes[2]["path"])
    assert not verdict.failed, verdict.message()
    assert cloud.tagged() == {f"web-{number}" for number in range(4)}


def test_another_run_is_refused(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.killed = 4
    with pytest.raises(Killed):
        begin(cloud)
    cloud.killed = None
    monkeypatch.setattr(owner, "alive", lambda _process: True)
    assert "another_run" in rules_of(begin(cloud))
    assert "another_run" in rules_of(end(cloud))
    assert not begin(cloud, break_lock=True).failed


def test_another_run_that_ends_it_is_refused(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(cloud)
    cloud.killed = len(cloud.writes) + 1
    with pytest.raises(Killed):
        end(cloud)
    cloud.killed = None
    monkeypatch.setattr(owner, "alive", lambda _process: True)
    assert "another_run" in rules_of(begin(cloud))
    assert "a run is working on host az1-0" in end(cloud).message()
    assert not end(cloud, break_lock=True).failed


def test_only_what_the_maintenance_stopped_is_started(cloud: FakeCloud) -> None:
    """One was off before, one is started by its owner meanwhile, one deleted, one moved away."""
    begin(cloud)
    cloud.servers["web-0"]["status"] = "ACTIVE"
    cloud.delete("web-1")
    cloud.servers["web-2"]["OS-EXT-SRV-ATTR:host"] = "az9-9"
    again = begin(cloud)
    assert not again.changed
    assert "1 server not stopped, left as they are: web-0 (web-0) on az1-0 (ACTIVE)" in again.warnings[1]
    cloud.started.clear()
    verdict = end(cloud)
    assert not verdict.failed, verdict.message()
    assert cloud.started == ["web-3"]
    assert cloud.servers["off"]["status"] == "SHUTOFF"
    assert cloud.tagged() == {"web-2"}
    assert "cannot be started there now: web-2 (web-2, SHUTOFF) on az9-9" in " ".join(verdict.warnings)


def test_servers_that_were_stopped_and_then_moved_are_started_where_they_are(cloud: FakeCloud) -> None:
    """No end of the other zone is to come."""
    begin(cloud)
    verdict = begin(cloud, DRAIN)
    assert not verdict.failed, verdict.message()
    assert cloud.tagged() == {f"web-{number}" for number in range(4)}
    planned = end(cloud, check=True)
    verdict = end(cloud)
    assert not verdict.failed, verdict.message()
    assert [change.text for change in verdict.plan] == [change.text for change in planned.plan]
    assert cloud.running() == {"far", *(f"web-{number}" for number in range(4))}
    assert cloud.tagged() == set()
    assert not end(cloud).changed


def test_what_its_owner_ran_and_stopped_again_stays_off(cloud: FakeCloud) -> None:
    """Also where the server has left the zone since. The tag goes, so that no later maintenance starts it."""
    begin(cloud)
    for name in ("web-0", "web-1"):
        cloud.acted(name, "start", "owner")
        cloud.acted(name, "stop", "owner")
    cloud.servers["web-1"]["OS-EXT-SRV-ATTR:host"] = "az2-1"
    planned = end(cloud, check=True)
    verdict = end(cloud)
    assert not verdict.failed, verdict.message()
    assert [change.text for change in verdict.plan] == [change.text for change in planned.plan]
    assert "leave 2 servers off that others ran and stopped again: web-0 (web-0), web-1 (web-1)" in verdict.message()
    assert cloud.running() == {"far", "web-2", "web-3"}
    assert cloud.tagged() == set()
    assert not end(cloud).changed


def test_a_stop_of_an_owner_before_ours_is_no_reason_to_leave_it_off(cloud: FakeCloud) -> None:
    cloud.acted("web-0", "stop", "owner")
    cloud.acted("web-0", "start", "owner")
    begin(cloud)
    assert not end(cloud).failed
    assert "web-0" in cloud.running()


def test_what_others_stop_meanwhile_is_not_ours(cloud: FakeCloud) -> None:
    """It is stopped by its owner before its turn: the end does not start it."""

    def owner_stops(_look: int) -> None:
        if "web-3" not in cloud.started:
            cloud.servers["web-3"]["status"] = "SHUTOFF"

    cloud.at_look = owner_stops
    assert not begin(cloud).failed
    cloud.at_look = lambda _look: None
    assert cloud.tagged() == {"web-0", "web-1", "web-2"}
    end(cloud)
    assert cloud.servers["web-3"]["status"] == "SHUTOFF"


def test_what_others_stop_at_the_same_moment_is_not_ours(cloud: FakeCloud) -> None:
    """Between the tag and the request, which nova then refuses."""

    def owner_stops(server: str) -> None:
        if server == "web-2":
            cloud.servers[server]["status"] = "SHUTOFF"

    cloud.at_tag = owner_stops
    verdict, reconciler = begun(cloud)
    assert not verdict.failed, verdict.message()
    assert cloud.tagged() == {"web-0", "web-1", "web-3"}
    assert {one["server"]: one["outcome"] for one in reconciler.switched}["web-2"] == "elsewhere"


def test_what_others_move_away_meanwhile_runs_on(cloud: FakeCloud) -> None:
    def person_moves(_look: int) -> None:
        if "web-3" not in cloud.started:
            cloud.servers["web-3"]["OS-EXT-SRV-ATTR:host"] = "az2-1"

    cloud.at_look = person_moves
    assert not begin(cloud).failed
    assert cloud.running() == {"far", "web-3"}
    assert "web-3" not in cloud.tagged()


def test_a_server_that_does_not_stop(cloud: FakeCloud) -> None:
    cloud.unmoved = {"web-0"}
    verdict, reconciler = begun(cloud)
    assert "the first server, the canary, could not be stopped, 3 not begun" in verdict.message()
    assert [one["outcome"] for one in reconciler.switched] == ["failed"]
    assert cloud.reason("az1-0") == "zoneops: maintenance of the zone, incomplete: work"
    assert cloud.tagged() == set(), "it was not stopped, and is not to be started"
    cloud.unmoved = {"web-1"}
    verdict = begin(cloud, rules=Rules(max_failed=1))
    assert "1 could not be stopped: web-1 (web-1) on az1-1" in verdict.message()
    assert cloud.running() == {"far", "web-1"}
    cloud.unmoved = set()
    assert not begin(cloud).failed
    assert not end(cloud).failed


def test_a_server_that_fails_while_it_stops_holds_up_no_other(cloud: FakeCloud) -> None:
    """nova removes no tag of a server in status ERROR."""

    def fails(_look: int) -> None:
        if "web-1" in cloud.switching:
            del cloud.switching["web-1"]
            cloud.servers["web-1"] |= {"status": "ERROR", "OS-EXT-STS:task_state": None}

    cloud.at_look = fails
    verdict, reconciler = begun(cloud, rules=Rules(max_failed=1))
    outcomes = {one["server"]: one["outcome"] for one in reconciler.switched}
    assert outcomes == {"web-0": "stopped", "web-1": "failed", "web-2": "stopped", "web-3": "stopped"}
    assert "the server is in status ERROR now; nova kept its tag zoneops:stopped" in verdict.message()


def test_a_server_that_does_not_start_keeps_its_host_and_no_other(cloud: FakeCloud) -> None:
    begin(cloud)
    cloud.unmoved = {"web-0"}
    verdict = end(cloud)
    assert "could not be started" in verdict.message()
    assert [cloud.services[host]["status"] for host in HOSTS] == ["disabled", "enabled"]
    assert cloud.reason("az1-0") == "zoneops: maintenance of the zone, incomplete: work"
    assert cloud.tagged() == {"web-0", "web-2"}
    cloud.unmoved = set()
    assert not end(cloud).failed
    assert cloud.tagged() == set()


@pytest.mark.parametrize("look", range(1, 5))
def test_the_time_is_over(cloud: FakeCloud, look: int) -> None:
    """What is stopping goes on, and the next run begins nothing twice."""
    before = picture(cloud)

    def late(number: int) -> None:
        if number == look:
            cloud.deadline.stop()

    cloud.at_look = late
    verdict, reconciler = begun(cloud)
    assert "pending" in {one["outcome"] for one in reconciler.switched} or "not begun" in verdict.message()
    assert {one["server"] for one in reconciler.switched} >= set(cloud.started)
    assert cloud.reason("az1-0") == "zoneops: maintenance of the zone, incomplete: work"
    cloud.at_look = lambda _look: None
    assert not begin(cloud).failed
    assert Counter(cloud.started).most_common(1)[0][1] == 1
    assert not end(cloud).failed
    assert picture(cloud) == before


def test_the_api_is_away_for_a_moment(cloud: FakeCloud) -> None:
    """A look that fails is repeated; for too long, it ends the run."""
    failing = [1]

    def away(number: int) -> None:
        if number in failing:
            raise ApiError("GET /servers/detail: 503", status=503)

    cloud.at_look = away
    assert not begin(cloud).failed
    other = FakeCloud(hosts_per_zone=2)
    other.add("web")
    failing[:] = range(1000)
    other.at_look = away
    assert "503" in begin(other).message()
    other.at_look = lambda _look: None
    assert not begin(other).failed
    assert not end(other).failed


def test_a_server_at_a_time_and_never_more_than_allowed(cloud: FakeCloud) -> None:
    for number in range(6):
        cloud.add(f"more-{number}")
    cloud.looks_off = 3
    begin(cloud, rules=Rules(Bounds(1, 1, 3)))
    assert cloud.most == 3


def test_migrations_under_way_are_awaited(cloud: FakeCloud) -> None:
    """Also where servers are left as they are; what arrives is stopped."""
    cloud.migrate("web-0", "live-migration", "az2-1", "person")
    cloud.migrate("far", "live-migration", "az1-0", "person")
    verdict = begin(cloud)
    assert not verdict.failed, verdict.message()
    assert cloud.hosts()["web-0"] == "az2-1"
    assert cloud.running() == {"web-0"}
    assert cloud.servers["far"]["status"] == "SHUTOFF"
    other = FakeCloud(hosts_per_zone=2)
    other.add("web")
    other.migrate("web", "live-migration", "az2-1", "person")
    assert not begin(other, LEAVE).failed
    assert other.migrations[0]["status"] == "completed"


def test_hosts_that_others_disabled(cloud: FakeCloud) -> None:
    """Left where servers are left; else their reason is put back."""
    cloud.services["az1-1"] |= {"status": "disabled", "disabled_reason": "broken fan"}
    before = picture(cloud)
    verdict = begin(cloud, LEAVE)
    assert not verdict.failed, verdict.message()
    assert cloud.reason("az1-1") == "broken fan"
    assert "host az1-1 is disabled already (broken fan): it is left as it is." in verdict.warnings
    end(cloud)
    assert picture(cloud) == before
    assert rules_of(begin(cloud)) == ["foreign_reasons"]
    assert not begin(cloud, allow=frozenset(("foreign_reasons",))).failed
    assert not end(cloud).failed
    assert picture(cloud) == before


def test_a_host_that_is_down_is_kept_from_the_scheduler(cloud: FakeCloud) -> None:
    cloud.services["az1-1"] |= {"state": "down"}
    assert rules_of(begin(cloud)) == ["host_down"]
    assert not begin(cloud, LEAVE).failed
    assert cloud.services["az1-1"]["status"] == "disabled"
    verdict = end(cloud)
    assert rules_of(verdict) == ["host_down"]
    assert [cloud.services[host]["status"] for host in HOSTS] == ["enabled", "disabled"]


@pytest.mark.parametrize("servers", [LEAVE, STOP])
def test_a_host_in_a_maintenance_of_its_own_is_left(cloud: FakeCloud, servers: str) -> None:
    cloud.services["az1-1"] |= {"status": "disabled", "disabled_reason": "zoneops: maintenance, drained: fan"}
    verdict = begin(cloud, servers, allow=frozenset(("stay",)))
    assert not verdict.failed, verdict.message()
    assert (
        "host az1-1 is in a maintenance of its own (fan): it is left as it is, and the 2 servers on it."
        in verdict.warnings
    )
    assert not end(cloud).failed
    assert cloud.reason("az1-1") == "zoneops: maintenance, drained: fan"
    cloud.services["az1-1"] |= {"disabled_reason": "zoneops: maintenance, incomplete: fan"}
    assert rules_of(begin(cloud, servers)) == ["host_maintenance"]


def test_the_maintenance_of_one_host_keeps_out_of_its_zone_s(cloud: FakeCloud) -> None:
    begin(cloud, LEAVE)
    verdict, _moves = of_hosts.run(cloud, "az1-0")
    assert "zone_maintenance" in rules_of(verdict)
    verdict = of_hosts.end(cloud, "az1-0")
    assert (verdict.changed, verdict.failed) == (False, False)
    assert "which zone_maintenance ends" in verdict.warnings[0]


def test_the_end_can_be_moved(cloud: FakeCloud) -> None:
    begin(cloud, LEAVE, until=UNTIL)
    assert not begin(cloud, LEAVE).changed
    verdict = begin(cloud, LEAVE, until="2031-01-01T06:00Z")
    assert (verdict.changed, verdict.failed) == (True, False)
    assert cloud.reason("az1-0") == "zoneops: maintenance of the zone until 2031-01-01T06:00Z, left: work"


def test_servers_can_be_stopped_later(cloud: FakeCloud) -> None:
    """A zone that is in maintenance already goes further, and never back."""
    before = picture(cloud)
    begin(cloud, LEAVE, until=UNTIL)
    assert not begin(cloud, STOP).failed
    assert cloud.running() == {"far"}
    assert cloud.reason("az1-0") == f"zoneops: maintenance of the zone until {UNTIL}, stopped: work"
    assert not begin(cloud, LEAVE).changed
    end(cloud)
    assert picture(cloud) == before


@pytest.mark.parametrize("looks", [3, 1000])
def test_a_server_that_is_busy_is_started_afterwards(cloud: FakeCloud, looks: int) -> None:
    """A snapshot of a stopped server is no decision of its owner to leave it off."""
    begin(cloud)
    cloud.servers["web-0"]["OS-EXT-STS:task_state"] = "image_uploading"
    ends = cloud.looks + looks

    def snapshot(number: int) -> None:
        if number == ends:
            cloud.servers["web-0"]["OS-EXT-STS:task_state"] = None

    cloud.at_look = snapshot
    verdict = end(cloud)
    assert verdict.failed == (looks == 1000), verdict.message()
    if verdict.failed:
        assert "web-0 (web-0) on az1-0: a task is under way (image_uploading)" in verdict.message()
        assert [cloud.services[host]["status"] for host in HOSTS] == ["disabled", "enabled"]
        cloud.servers["web-0"]["OS-EXT-STS:task_state"] = None
        assert not end(cloud).failed
    assert cloud.running() == {"far", *(f"web-{number}" for number in range(4))}
    assert cloud.tagged() == set()


def test_a_host_that_lost_memory_starts_nothing(cloud: FakeCloud) -> None:
    begin(cloud)
    cloud.lacking["az1-0"] = 8192 - 600
    verdict = end(cloud)
    assert rules_of(verdict) == ["no_room"]
    assert (
        "host az1-0 holds more than it has now: MEMORY_MB 1536 of 600. 2 servers would start there."
        in verdict.message()
    )
    assert [cloud.services[host]["status"] for host in HOSTS] == ["disabled", "enabled"]
    cloud.lacking.clear()
    assert not end(cloud).failed


def test_a_host_that_others_enabled(cloud: FakeCloud) -> None:
    """It is left, and what was stopped there is started all the same."""
    begin(cloud)
    cloud.services["az1-0"] |= {"status": "enabled", "disabled_reason": None}
    verdict = end(cloud)
    assert (verdict.changed, verdict.failed) == (True, False), verdict.message()
    assert cloud.tagged() == set()
    assert cloud.running() == {"far", *(f"web-{number}" for number in range(4))}


def test_hosts_that_the_file_does_not_name_are_said(cloud: FakeCloud) -> None:
    cloud.services["az1-5"] = {**cloud.services["az1-0"], "id": "az1-5", "host": "az1-5"}
    assert "left enabled: az1-5" in " ".join(begin(cloud, LEAVE).warnings)


def test_the_number_of_calls_does_not_grow_with_servers(cloud: FakeCloud) -> None:
    """Two requests for each server that is stopped; all else is lists."""
    begin(cloud)
    by_server = [path for method, path in cloud.calls if method == "GET" and path.startswith("/servers/web-")]
    assert by_server == []
    assert len([one for one in cloud.calls if one[0] == "POST"]) == 4
