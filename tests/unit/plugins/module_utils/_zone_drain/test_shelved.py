# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers shelved and unshelved to leave a zone, on a nova that cannot change pins: who goes, who stays and why, and runs that end in between."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.model import SavedPlan, as_entries
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.mover import Rules
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers.migrating_cloud import (
    FakeCloud,
    Killed,
)

from .test_drain import finished, killed, no_waiting, pins, ran, statuses, unwritten, zone_of
from .test_drain import run as run_drain

OLD = (2, 95)
CONSENT = {"zoneops:may_shelve": "true"}
#: What is written for each: the tag, the shelve, the unshelve, for one that was off the stop, the tag.
WRITES = {"on": 4, "off": 5}
ALL = sum(WRITES.values())
TAGS = {"on": "zoneops:shelve=az1:ACTIVE", "off": "zoneops:shelve=az1:SHUTOFF"}
STATUS = {"on": "ACTIVE", "off": "SHUTOFF"}
# No server is the first one that goes alone.
TOGETHER = Rules(canary=False, max_failed=9)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    no_waiting(monkeypatch)


@pytest.fixture
def cloud() -> FakeCloud:
    return filled()


def filled() -> FakeCloud:
    found = FakeCloud(hosts_per_zone=2, newest=OLD)
    for name, host in (("on", "az1-0"), ("off", "az1-1")):
        found.add(name, host, STATUS[name], pinned="az1")
        found.servers[name]["metadata"] = dict(CONSENT)
    return found


def run(cloud: FakeCloud, **options: Any) -> Any:
    return run_drain(cloud, **{"shelve": True, **options})


def whole(cloud: FakeCloud, zone: str = "az2") -> None:
    """Both are in the zone, as they were, and nothing says that they were on their way."""
    assert zone_of(cloud) == dict.fromkeys(STATUS, zone)
    assert pins(cloud) == dict.fromkeys(STATUS, zone)
    assert (statuses(cloud), cloud.tagged()) == (STATUS, set())


def begun(cloud: FakeCloud, number: int) -> None:
    """By a run that was killed after a write, and nova went on with what it had accepted."""
    killed(cloud, number, run)
    for _look in range(10):
        cloud.look()
    cloud.writes.clear()


def test_they_come_up_in_the_other_zone_as_they_were(cloud: FakeCloud) -> None:
    check = run(cloud, check=True)
    assert cloud.writes == []
    (change,) = check.plan
    assert change.text == "move 2 servers out of zone az1: 2 to az2, 2 of them by shelve and unshelve"
    moves = change.as_dict()["moves"]
    assert {(one["way"], one["to_zone"], one["repinned"]) for one in moves} == {("shelve and unshelve", "az2", True)}
    assert {one["text"] for one in change.parts} == {
        f"shelve server {name} ({name}) and unshelve it in az2" for name in STATUS
    }
    verdict, drain = ran(cloud, shelve=True)
    assert not verdict.failed, verdict.message()
    whole(cloud)
    assert len(cloud.writes) == ALL
    assert verdict.after == check.after
    assert {one["name"]: one["to"] for one in drain.moves} == {one["name"]: one["to"] for one in moves}
    cloud.writes.clear()
    unwritten(run(cloud), cloud)


def test_the_tag_is_written_first_and_removed_last(cloud: FakeCloud) -> None:
    run(cloud, servers=("off",))
    tag = "/tags/zoneops%3Ashelve%3Daz1%3ASHUTOFF"
    paths = [f"{one['method']} {one['path'].removeprefix('/servers/off')}" for one in cloud.writes]
    assert paths == [f"PUT {tag}", *["POST /action"] * 3, f"DELETE {tag}"]
    assert cloud.started == ["off", "off", "off"]


@pytest.mark.parametrize(("newest", "chosen"), [((2, 91), "az2-1"), ((2, 90), "az2-0"), ((2, 77), "az2-0")])
def test_a_host_is_named_where_nova_takes_one(cloud: FakeCloud, newest: tuple[int, int], chosen: str) -> None:
    cloud.newest = newest
    cloud.add("big", "az2-0", ram=8000)
    assert not run(cloud, servers=("on",)).failed
    assert cloud.hosts()["on"] == chosen
    cloud.writes.clear()
    unwritten(run(cloud, servers=("on",)), cloud)


@pytest.mark.parametrize("number", range(ALL))
def test_a_run_that_is_killed_after_a_write_is_finished_by_the_next(cloud: FakeCloud, number: int) -> None:
    killed(cloud, number, run)
    assert {name for name, status in statuses(cloud).items() if status != STATUS[name]} <= cloud.tagged()
    finished(cloud, run, whole)


@pytest.mark.parametrize("number", range(ALL))
@pytest.mark.parametrize("how", ["lost", "dropped"])
def test_an_answer_that_is_lost_is_no_failure(cloud: FakeCloud, number: int, how: str) -> None:
    getattr(cloud, how).add(number)
    finished(cloud, run, whole)


@pytest.mark.parametrize("number", range(ALL))
@pytest.mark.parametrize("shelve", [True, False])
def test_what_was_begun_is_finished_also_where_no_more_may_begin(cloud: FakeCloud, number: int, shelve: bool) -> None:
    """The option is given or not any more: nothing stays shelved, and no server that was off runs."""
    begun(cloud, number)
    check = run(cloud, check=True, shelve=shelve)
    assert cloud.writes == []
    verdict = run(cloud, shelve=shelve)
    assert verdict.after == check.after
    assert cloud.tagged() == set()
    assert statuses(cloud) == STATUS
    assert pins(cloud) == zone_of(cloud)
    cloud.writes.clear()
    assert run(cloud, shelve=shelve).failed is False
    assert shelve is False or set(zone_of(cloud).values()) == {"az2"}
    if not shelve:
        assert cloud.writes == []


@pytest.mark.parametrize("number", range(ALL))
def test_what_finds_no_room_any_more_goes_back(cloud: FakeCloud, number: int) -> None:
    begun(cloud, number)
    left = {name for name, zone in zone_of_known(cloud).items() if zone != "az2"}
    for name in ("az2-0", "az2-1"):
        cloud.services[name] |= {"status": "disabled", "disabled_reason": "fan"}
    verdict = run(cloud)
    assert (verdict.failed, cloud.tagged()) == (bool(left), set())
    assert statuses(cloud) == STATUS
    assert {name for name, zone in zone_of(cloud).items() if zone == "az1"} == left
    assert pins(cloud) == zone_of(cloud)
    cloud.writes.clear()
    again = run(cloud)
    assert ([refusal.rule for refusal in again.refusals], cloud.writes) == (["no_room"] if left else [], [])


def zone_of_known(cloud: FakeCloud) -> dict[str, str]:
    return {name: (host or "-").partition("-")[0] for name, host in cloud.hosts().items()}


def test_an_unshelve_without_room_brings_it_back_with_novas_reason(cloud: FakeCloud) -> None:
    cloud.unplaced = {"az2"}
    verdict = run(cloud, rules=TOGETHER)
    message = verdict.message()
    assert "2 could not be moved" in message
    assert (
        "on (on) on az1-0: nova accepted the unshelve, and placed the server nowhere in zone az2: No valid host was found: "
        "it is in zone az1 as it was" in message
    )
    whole(cloud, "az1")
    cloud.unplaced.clear()
    assert not run(cloud).failed
    whole(cloud)


def test_what_cannot_come_back_either_is_finished_by_a_later_run(cloud: FakeCloud) -> None:
    cloud.unplaced = {"az1", "az2"}
    message = run(cloud, rules=TOGETHER).message()
    assert "it could not be unshelved in zone az1 again either" in message
    assert "its move is open: it is in status SHELVED_OFFLOADED. Run it again, which finishes that" in message
    assert (set(statuses(cloud).values()), cloud.tagged()) == ({"SHELVED_OFFLOADED"}, {"on", "off"})
    cloud.unplaced = {"az2"}
    assert run(cloud, rules=TOGETHER).failed
    whole(cloud, "az1")
    cloud.unplaced.clear()
    assert not run(cloud).failed
    whole(cloud)


def test_a_zone_without_an_enabled_host_is_refused_by_nova(cloud: FakeCloud) -> None:
    """The hosts are disabled after the packing has found them."""

    def meddle(_look: int) -> None:
        for name in ("az2-0", "az2-1"):
            cloud.services[name] |= {"status": "disabled", "disabled_reason": "fan"}

    cloud.at_look = meddle
    message = run(cloud, servers=("on",)).message()
    assert "The requested availability zone az2 is not available: it is in zone az1 as it was" in message
    whole(cloud, "az1")


def test_a_shelve_that_nova_does_not_carry_out_leaves_the_server(cloud: FakeCloud) -> None:
    cloud.failing = {"on", "off"}
    message = run(cloud, rules=TOGETHER).message()
    assert "nova accepted the shelve, and the server is still ACTIVE" in message
    whole(cloud, "az1")


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        ({}, {"shelve": False}, "it lacks option 'shelve'"),
        (
            {"metadata": {}},
            {},
            "it lacks its owner's consent (metadata zoneops:may_shelve=true, or option 'shelve_servers')",
        ),
        ({"metadata": {}}, {"shelve": False}, "it lacks option 'shelve' and its owner's consent"),
        ({"metadata": {"zoneops:may_shelve": "false"}}, {}, "it lacks its owner's consent"),
        ({"image": {"id": "i"}}, {}, "since it does not boot from a volume or has another disk that is none"),
        ({"status": "PAUSED"}, {}, "it cannot be shelved in status PAUSED, only in ACTIVE and SHUTOFF"),
    ],
)
def test_what_is_missing_is_said(cloud: FakeCloud, change: dict[str, Any], options: dict[str, Any], said: str) -> None:
    cloud.servers["on"] |= change
    verdict = run(cloud, servers=("on",), **options)
    told = unwritten(verdict, cloud)
    assert "and this nova (2.95) cannot change that (from 2.104 on); " in told
    assert said in told


def test_a_disk_that_is_no_volume_would_be_lost(cloud: FakeCloud) -> None:
    cloud.servers["on"]["flavor"] |= {"ephemeral": 1}
    assert "has another disk that is none" in unwritten(run(cloud, servers=("on",)), cloud)


def test_a_nova_before_2_77_ignores_the_zone(cloud: FakeCloud) -> None:
    cloud.newest = (2, 76)
    assert "it cannot be unshelved in another zone either (from 2.77 on)" in unwritten(run(cloud), cloud)


@pytest.mark.parametrize("named", ["on", "on-1"])
def test_an_operator_says_who_consents(cloud: FakeCloud, named: str) -> None:
    server = cloud.servers.pop("on")
    cloud.servers["on-1"] = server | {"id": "on-1", "metadata": {}}
    assert not run(cloud, shelve_servers=(named,)).failed
    assert set(zone_of(cloud).values()) == {"az2"}
    assert (
        "option 'shelve_servers': no server on a host has the id or the name nosuch"
        in run(cloud, shelve_servers=("nosuch",)).message()
    )


def test_what_others_shelved_is_left_alone(cloud: FakeCloud) -> None:
    for name, tags in (("mine", []), ("else", ["zoneops:shelve=az9:ACTIVE"]), ("blue", ["blue"])):
        cloud.add(name)
        cloud.servers[name] |= {"status": "SHELVED_OFFLOADED", "OS-EXT-SRV-ATTR:host": None, "tags": tags}
    before = {name: dict(cloud.servers[name]) for name in ("mine", "else", "blue")}
    assert not run(cloud).failed
    assert {name: cloud.servers[name] for name in before} == before


def test_a_nova_that_changes_pins_moves_without_an_interruption(cloud: FakeCloud) -> None:
    cloud.newest = (2, 104)
    assert not run(cloud).failed
    whole(cloud)
    assert {record["migration_type"] for record in cloud.migrations} == {"live-migration", "migration"}


@pytest.mark.parametrize("number", range(ALL))
def test_a_newer_nova_finishes_what_was_begun_on_an_older_one(cloud: FakeCloud, number: int) -> None:
    begun(cloud, number)
    cloud.newest = (2, 104)
    verdict = run(cloud)
    assert not verdict.failed, verdict.message()
    whole(cloud)


def test_the_status_of_the_moment_counts(cloud: FakeCloud) -> None:
    """Its owner stops a server after it was planned, and before it is its turn."""

    def stop(name: str) -> None:
        if name == "off" and cloud.hosts()["on"] == "az1-0":
            cloud.servers["on"]["status"] = "SHUTOFF"

    cloud.at_tag = stop
    verdict = run(cloud, rules=Rules())
    assert not verdict.failed, verdict.message()
    assert statuses(cloud) == {"on": "SHUTOFF", "off": "SHUTOFF"}
    assert set(zone_of(cloud).values()) == {"az2"}
    assert cloud.tagged() == set()


def test_what_others_do_meanwhile(cloud: FakeCloud) -> None:
    """One is deleted while it is shelved, one is paused before it is shelved."""

    def meddle(look: int) -> None:
        if look == 1:
            cloud.delete("off")
            cloud.servers["on"]["status"] = "PAUSED"

    cloud.at_look = meddle
    message = run(cloud).message()
    assert "on (on) on az1-0: the server is in status PAUSED now" in message
    assert (zone_of(cloud), cloud.tagged()) == ({"on": "az1"}, set())


def test_a_deadline_leaves_the_rest_to_the_next_run(cloud: FakeCloud) -> None:
    cloud.looks_off = 1000
    message = run(cloud, seconds=30, rules=TOGETHER).message()
    assert "2 still under way" in message
    assert cloud.tagged() == {"on", "off"}
    cloud.looks_off, cloud.off = 1, {name: (what, host, 1) for name, (what, host, _looks) in cloud.off.items()}
    assert not run(cloud).failed
    whole(cloud)


@pytest.mark.parametrize("number", [None, *range(ALL)])
def test_a_saved_plan_is_carried_out_and_continued(cloud: FakeCloud, number: int | None) -> None:
    check = run(cloud, check=True)
    saved = SavedPlan("plan", "now", changes={"az1": as_entries([change.as_dict() for change in check.plan])})
    if number is not None:
        cloud.killed = number
        with pytest.raises(Killed):
            run(cloud, saved=saved)
        cloud.killed = None
    verdict = run(cloud, saved=saved)
    assert not verdict.failed, verdict.message()
    whole(cloud)
