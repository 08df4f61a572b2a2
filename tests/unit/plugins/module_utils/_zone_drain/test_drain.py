# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers moved out of a zone, on a cloud in memory: what goes where and how, what stays and why, and runs that end in between."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.progress import Progress
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.model import SavedPlan, as_entries
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance import owner
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.mover import Rules
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_drain.model import Wanted
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_drain.reconcile import Drain
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import zone_map
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers import migrating_cloud
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers.migrating_cloud import (
    FakeCloud,
    Killed,
)

MAP = zone_map(az1="az1-0 az1-1", az2="az2-0 az2-1")
PIN, MOVE = "zoneops:pin=az1", "zoneops:move=az1"
#: What is written for each kind of server: the tag, the unpin, the migration, its confirmation, the pin, the tag.
WRITES = {"free": 1, "off": 4, "pinned": 5, "pinned-off": 6}
ALL = sum(WRITES.values())


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
    """One server of each kind, and one in the other zone."""
    found = FakeCloud(hosts_per_zone=2)
    found.add("free")
    found.add("off", "az1-1", "SHUTOFF")
    found.add("pinned", pinned="az1")
    found.add("pinned-off", "az1-1", "SHUTOFF", pinned="az1")
    found.add("far", "az2-0", pinned="az2")
    return found


def run(cloud: FakeCloud, *, check: bool = False, zones: ZoneMap = MAP, **wanted: Any) -> Verdict:
    return ran(cloud, check=check, zones=zones, **wanted)[0]


def killed(cloud: FakeCloud, number: int, call: Callable[[FakeCloud], Verdict]) -> None:
    """The process of a run ends after a write."""
    cloud.killed = number
    with pytest.raises(Killed):
        call(cloud)
    cloud.killed = None


def finished(cloud: FakeCloud, call: Callable[[FakeCloud], Verdict], whole: Callable[[FakeCloud], None]) -> None:
    """A run that nothing disturbs ends as it shall, and the next one finds nothing to do."""
    verdict = call(cloud)
    assert not verdict.failed, verdict.message()
    whole(cloud)
    cloud.writes.clear()
    unwritten(call(cloud), cloud)


def ran(cloud: FakeCloud, *, check: bool = False, zones: ZoneMap = MAP, **wanted: Any) -> tuple[Verdict, Drain]:
    rules, saved, seconds = wanted.pop("rules", Rules()), wanted.pop("saved", None), wanted.pop("seconds", 3600)
    asked = Wanted(wanted.pop("only", ("az1",)), **{"shared_disks": True, **wanted})
    cloud.deadline = Deadline(seconds)
    drain = Drain(cloud.as_cloud(), cloud.nova(), zones, asked, rules, Progress(None, "server", "host"))
    verdict = Converge(drain, check=check, deadline=cloud.deadline, settle=0, saved=saved).run()["az1"]
    return verdict, drain


def zone_of(cloud: FakeCloud) -> dict[str, str]:
    return {name: host.partition("-")[0] for name, host in cloud.hosts().items()}


def pins(cloud: FakeCloud) -> dict[str, str | None]:
    return {name: server["pinned_availability_zone"] for name, server in cloud.servers.items()}


def statuses(cloud: FakeCloud) -> dict[str, str]:
    return {name: server["status"] for name, server in cloud.servers.items()}


def emptied(cloud: FakeCloud) -> None:
    """The zone is as a whole run leaves it."""
    assert set(zone_of(cloud).values()) == {"az2"}
    expected = {"free": None, "off": None, "pinned": "az2", "pinned-off": "az2", "far": "az2"}
    assert pins(cloud) == expected
    assert cloud.tagged() == set()
    stopped = {name for name, status in statuses(cloud).items() if status == "SHUTOFF"}
    assert stopped == {"off", "pinned-off"}
    assert "finished" not in {record["status"] for record in cloud.migrations}


def unwritten(verdict: Verdict, cloud: FakeCloud) -> str:
    assert (verdict.failed, verdict.changed, cloud.writes) == (False, False, []), verdict.message()
    return " ".join(verdict.warnings)


def refused(verdict: Verdict, cloud: FakeCloud, rule: str) -> str:
    assert cloud.writes == []
    assert [refusal.rule for refusal in verdict.refusals] == [rule], verdict.message()
    return verdict.message()


def test_everything_that_may_cross_does_and_is_pinned_there(cloud: FakeCloud) -> None:
    check = run(cloud, check=True)
    assert cloud.writes == []
    (change,) = check.plan
    assert change.text == "move 4 servers out of zone az1: 4 to az2"
    planned = {move["name"]: (move["way"], move["to_zone"], move["repinned"]) for move in change.as_dict()["moves"]}
    assert planned == {
        "free": ("live", "az2", False),
        "off": ("cold", "az2", False),
        "pinned": ("live", "az2", True),
        "pinned-off": ("cold", "az2", True),
    }
    verdict, drain = ran(cloud)
    assert not verdict.failed, verdict.message()
    emptied(cloud)
    assert len(cloud.writes) == ALL
    assert verdict.after == check.after
    assert {move["name"]: (move["way"], move["to_zone"], move["repinned"]) for move in drain.moves} == planned
    targets = {move["name"]: move["to"] for move in change.as_dict()["moves"]}
    assert {move["name"]: move["to"] for move in drain.moves} == targets
    cloud.writes.clear()
    assert "2 hosts of the zone are enabled" in unwritten(run(cloud), cloud)


def test_the_pin_is_known_at_the_server_before_it_is_taken_away(cloud: FakeCloud) -> None:
    run(cloud, servers=("pinned-off",))
    paths = [f"{one['method']} {one['path'].removeprefix('/servers/pinned-off')}" for one in cloud.writes]
    tag = "/tags/zoneops%3Apin%3Daz1"
    assert paths == [f"PUT {tag}", "PUT ", "POST /action", "POST /action", "PUT ", f"DELETE {tag}"]


@pytest.mark.parametrize("number", range(ALL))
def test_a_run_that_is_killed_after_a_write_is_finished_by_the_next(cloud: FakeCloud, number: int) -> None:
    killed(cloud, number, run)
    lost = {name for name, pin in pins(cloud).items() if name.startswith("pinned") and pin is None}
    assert lost <= cloud.tagged()
    finished(cloud, run, emptied)


@pytest.mark.parametrize("number", range(ALL))
@pytest.mark.parametrize("how", ["lost", "dropped"])
def test_an_answer_that_is_lost_is_no_failure(cloud: FakeCloud, number: int, how: str) -> None:
    getattr(cloud, how).add(number)
    finished(cloud, run, emptied)


@pytest.mark.parametrize("number", range(ALL))
def test_what_is_not_moved_on_is_pinned_back(cloud: FakeCloud, number: int) -> None:
    """A killed run, and then no room any more: nothing stays without its pin, even though the zone is refused."""
    killed(cloud, number, run)
    for _look in range(10):
        cloud.look()
    for name in ("az2-0", "az2-1"):
        cloud.services[name] |= {"status": "disabled", "disabled_reason": "fan"}
    cloud.writes.clear()
    verdict = run(cloud)
    left = {name for name, zone in zone_of(cloud).items() if zone == "az1"}
    assert [refusal.rule for refusal in verdict.refusals] == (["no_room"] if left else [])
    assert cloud.tagged() == set()
    for name in ("pinned", "pinned-off"):
        assert pins(cloud)[name] == zone_of(cloud)[name]
    cloud.writes.clear()
    run(cloud)
    assert cloud.writes == []


def test_a_move_that_fails_leaves_the_server_pinned_where_it_is(cloud: FakeCloud) -> None:
    cloud.failing.add("pinned")
    verdict = run(cloud, rules=Rules(canary=False, max_failed=1))
    assert verdict.failed
    assert (
        "1 could not be moved: pinned (pinned) on az1-0: nova's record of the migration says failed"
        in verdict.message()
    )
    assert zone_of(cloud) == {"free": "az2", "off": "az2", "pinned": "az1", "pinned-off": "az2", "far": "az2"}
    assert (pins(cloud)["pinned"], cloud.tagged()) == ("az1", set())
    cloud.failing.clear()
    assert not run(cloud).failed
    emptied(cloud)


def test_a_record_that_ends_before_the_server_is_awaited(cloud: FakeCloud) -> None:
    """Nova writes `confirmed` before the server is out of VERIFY_RESIZE, and `error` while it still rolls back."""
    cloud.slow, cloud.failing = {"off", "pinned-off", "pinned"}, {"pinned"}
    verdict = run(cloud, rules=Rules(canary=False, max_failed=1))
    assert "1 could not be moved: pinned (pinned) on az1-0: nova's record" in verdict.message()
    assert (pins(cloud)["pinned"], pins(cloud)["pinned-off"], cloud.tagged()) == ("az1", "az2", set())
    cloud.failing.clear()
    assert not run(cloud).failed
    emptied(cloud)


def test_a_server_that_nova_never_finishes_with_is_named(cloud: FakeCloud) -> None:
    def stuck(_look: int) -> None:
        cloud.late.clear()

    cloud.slow, cloud.at_look = {"off"}, stuck
    message = run(cloud, servers=("off",)).message()
    assert (
        "off (off) on az1-1: it is on az2-0, and its move is not finished: nova keeps its tag zoneops:move=az1"
        in message
    )
    assert cloud.tagged() == {"off"}


def test_a_server_that_waits_for_another_try_at_the_end_is_pinned_again(cloud: FakeCloud) -> None:
    """Nova refuses the move of a server that has a task, and the time is over before it is tried again."""

    def busy(server: str) -> None:
        cloud.servers[server]["OS-EXT-STS:task_state"] = "powering-off"

    def idle(look: int) -> None:
        if look:
            cloud.servers["pinned"]["OS-EXT-STS:task_state"] = None

    cloud.at_tag, cloud.at_look = busy, idle
    verdict = run(cloud, servers=("pinned",), seconds=2)
    assert "deadline of 2 s has passed, 1 not begun" in verdict.message()
    assert (cloud.started, zone_of(cloud)["pinned"], pins(cloud)["pinned"], cloud.tagged()) == ([], "az1", "az1", set())


def test_two_zones_are_emptied_into_the_room_that_there_is_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrating_cloud, "ZONES", ("az1", "az2", "az3"))
    found = FakeCloud(hosts_per_zone=1)
    both, zones = ("az1", "az2"), zone_map(az1="az1-0", az2="az2-0", az3="az3-0")
    for number in range(4):
        found.add(f"one-{number}", "az1-0", pinned="az1")
        found.add(f"two-{number}", "az2-0", pinned="az2")
    found.add("odd", "az2-0")
    found.deadline = Deadline(3600)

    def verdicts() -> dict[str, Verdict]:
        asked = Wanted(both, shared_disks=True)
        drain = Drain(found.as_cloud(), found.nova(), zones, asked, Rules(), Progress(None, "server", "host"))
        return Converge(drain, check=False, deadline=found.deadline, settle=0).run()

    refused = [refusal.rule for verdict in verdicts().values() for refusal in verdict.refusals]
    assert refused.count("no_room") == 1
    found.servers.pop("odd")
    found.migrations.clear()
    assert not any(verdict.failed for verdict in verdicts().values())
    assert set(zone_of(found).values()) == set(pins(found).values()) == {"az3"}
    assert found.tagged() == set()


def test_the_first_server_is_a_canary(cloud: FakeCloud) -> None:
    cloud.failing = {"free", "pinned"}
    verdict = run(cloud)
    assert "the first server, the canary, could not be moved, 3 not begun" in verdict.message()
    assert len(cloud.migrations) == 1


def test_a_deadline_stops_nothing_and_the_next_run_pins(cloud: FakeCloud) -> None:
    cloud.hanging.add("pinned")
    verdict = run(cloud, rules=Rules(canary=False), seconds=30)
    assert "1 still under way: pinned (pinned) on az1-0" in verdict.message()
    assert cloud.tagged() == {"pinned"}
    cloud.hanging.clear()
    assert not run(cloud).failed
    emptied(cloud)


@pytest.mark.parametrize(
    ("newest", "said"),
    [
        ((2, 103), "pinned (pinned) on az1-0: it is pinned to zone az1, and this nova (2.103) cannot change that"),
        (
            (2, 95),
            "free (free) on az1-0: it counts as pinned (nova shows pins from 2.96 on) to zone az1, and this nova",
        ),
    ],
)
def test_an_older_nova_keeps_pinned_servers(cloud: FakeCloud, newest: tuple[int, int], said: str) -> None:
    cloud.newest = newest
    verdict = run(cloud)
    assert not verdict.failed, verdict.message()
    told = " ".join(verdict.warnings)
    assert said in told
    assert "leave the zone only with an interruption" in told
    shown = newest >= (2, 96)
    assert zone_of(cloud)["free"] == ("az2" if shown else "az1")
    assert (zone_of(cloud)["pinned"], pins(cloud)["pinned"]) == ("az1", "az1")
    cloud.writes.clear()
    unwritten(run(cloud), cloud)


def test_what_cannot_be_moved_stays_with_its_reason(cloud: FakeCloud) -> None:
    cloud.add("broken", status="ERROR")
    cloud.add("stale", pinned="az2")
    cloud.servers["far"]["tags"] = ["zoneops:pin=az9", "blue"]
    verdict = run(cloud)
    assert not verdict.failed, verdict.message()
    told = " ".join(verdict.warnings)
    assert "2 servers cannot be moved: broken (broken) on az1-0: it is in status ERROR" in told
    assert "stale (stale) on az1-0: it is pinned to zone az2, where it is not" in told
    entries = verdict.state["hosts"]["az1-0"]["servers"]
    assert {one["name"]: one["reason"].partition(",")[0] for one in entries} == {
        "broken": "it is in status ERROR",
        "stale": "it is pinned to zone az2",
    }
    assert cloud.servers["far"]["tags"] == ["zoneops:pin=az9", "blue"]


def test_nothing_is_moved_where_not_all_find_room(cloud: FakeCloud) -> None:
    cloud.add("huge", pinned="az1", ram=9000)
    message = refused(run(cloud), cloud, "no_room")
    assert "the target zones have no room for 1 server: huge (huge) on az1-0: no host has room for it" in message
    verdict = run(cloud, allow=frozenset(("stay",)))
    assert not verdict.failed, verdict.message()
    assert (zone_of(cloud)["huge"], pins(cloud)["huge"], zone_of(cloud)["pinned"]) == ("az1", "az1", "az2")
    assert "no room for 1 server" in " ".join(verdict.warnings)


def test_some_servers_and_some_hosts(cloud: FakeCloud) -> None:
    assert not run(cloud, servers=("free",)).failed
    assert [name for name, zone in zone_of(cloud).items() if zone == "az1"] == ["off", "pinned", "pinned-off"]
    assert not run(cloud, hosts=("az1-0",)).failed
    assert [name for name, zone in zone_of(cloud).items() if zone == "az1"] == ["off", "pinned-off"]
    cloud.writes.clear()
    unwritten(run(cloud, servers=("free",)), cloud)
    assert "no server on a host has the id or the name nosuch" in refused(
        run(cloud, servers=("nosuch",)), cloud, "unknown_server"
    )
    twin = cloud.servers[cloud.add("twin")]
    twin["name"] = "off"
    cloud.servers["off"]["id"] = "off-1"
    assert "2 servers have the name off" in refused(run(cloud, servers=("off",)), cloud, "unknown_server")


def test_target_zones_that_are_out_of_service(cloud: FakeCloud) -> None:
    wide = zone_map(az1="az1-0 az1-1", az2="az2-0 az2-1", az3="")
    for name in ("az2-0", "az2-1"):
        cloud.services[name] |= {"state": "down"}
    assert "zone az2 has no compute host that is up" in refused(run(cloud, to=("az2",)), cloud, "target_zone")
    message = refused(run(cloud, zones=wide), cloud, "target_zone")
    assert (
        "there is no zone that servers could go to: zone az2 has no compute host that is up; zone az3 has no" in message
    )


def test_hosts_of_others_are_refused(cloud: FakeCloud) -> None:
    host = cloud.services["az1-0"]
    host |= {"status": "disabled", "disabled_reason": "instanceha evacuation: 2026"}
    assert "instance-HA tool" in refused(run(cloud), cloud, "ha_host")
    host |= {"status": "enabled", "disabled_reason": None, "state": "down"}
    assert "nothing can be moved off it" in refused(run(cloud), cloud, "host_down")
    host |= {"state": "up"}
    cloud.migrate("far", "evacuation", "az2-1")
    assert "evacuations are under way: evacuation of server far (far)" in refused(run(cloud), cloud, "evacuations")


def test_hosts_in_maintenance_are_emptied(cloud: FakeCloud) -> None:
    for name, phase in (("az1-0", "left"), ("az1-1", "incomplete")):
        cloud.services[name] |= {
            "status": "disabled",
            "disabled_reason": f"zoneops: maintenance of the zone, {phase}: power work",
        }
    before = copy.deepcopy(cloud.services)
    verdict = run(cloud)
    assert not verdict.failed, verdict.message()
    emptied(cloud)
    assert cloud.services == before
    assert "enabled" not in " ".join(verdict.warnings)


def test_what_others_do_meanwhile(cloud: FakeCloud) -> None:
    """One server is deleted, one moved about inside the zone, one comes to it."""

    def meddle(look: int) -> None:
        if look == 0:
            cloud.delete("off")
            cloud.add("late")
            cloud.migrate("pinned-off", "migration", "az1-0", user="person")["status"] = "confirmed"
            cloud.servers["pinned-off"] |= {"OS-EXT-SRV-ATTR:host": "az1-0", "OS-EXT-STS:task_state": None}

    cloud.at_look = meddle
    verdict = run(cloud)
    assert not verdict.failed, verdict.message()
    assert zone_of(cloud) == {"free": "az2", "pinned": "az2", "pinned-off": "az2", "far": "az2", "late": "az1"}
    assert pins(cloud)["pinned-off"] == "az2"
    assert cloud.tagged() == set()
    assert "1 server came to the zone during the run: late (late)" in " ".join(verdict.warnings)


@pytest.mark.parametrize("number", [None, *range(ALL)])
def test_a_saved_plan_is_carried_out_and_continued(cloud: FakeCloud, number: int | None) -> None:
    check = run(cloud, check=True)
    changes = {"az1": as_entries([change.as_dict() for change in check.plan])}
    saved = SavedPlan("plan", "now", changes=changes)
    if number is not None:
        cloud.killed = number
        with pytest.raises(Killed):
            run(cloud, saved=saved)
        cloud.killed = None
    verdict = run(cloud, saved=saved)
    assert not verdict.failed, verdict.message()
    emptied(cloud)
    cloud.add("late")
    assert "the plan plan of now does not have: move server late" in run(cloud, saved=saved).message()
