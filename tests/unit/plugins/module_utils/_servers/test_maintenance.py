# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host into maintenance and back, on a cloud in memory: what moves, what is refused, and what a run does that others disturb."""

from __future__ import annotations

import itertools
import random
import re
import time
from collections import Counter
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.progress import Progress, reported_to
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance import owner
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.begin.run import Begin
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.changes import Drain
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.end import canary
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.end.canary import Canary
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.end.run import End
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.model import Wanted
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.migrations import LEFT, WORKED_ON
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.mover import Rules
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.waves import Bounds
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import zone_map
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers.migrating_cloud import (
    FakeCloud,
    Killed,
)

MAP = zone_map(az1="az1-0 az1-1 az1-2 az1-9", az2="az2-0 az2-1 az2-2")
EMPTIED = "zoneops: maintenance, emptied: work"


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
    return FakeCloud()


def begin_of(cloud: FakeCloud, hosts: tuple[str, ...] = ("az1-0",), **wanted: Any) -> Begin:
    rules = wanted.pop("rules", Rules())
    asked = Wanted(("az1",), hosts, **{"reason": "work", "shared_disks": True, **wanted})
    cloud.deadline = Deadline(wanted.pop("seconds", 600))
    return Begin(cloud.as_cloud(), cloud.nova(), MAP, asked, rules, Progress(None, "server", "host"))


def run(cloud: FakeCloud, *hosts: str, check: bool = False, **wanted: Any) -> tuple[Verdict, list[dict[str, Any]]]:
    reconciler = begin_of(cloud, hosts or ("az1-0",), **wanted)
    verdict = Converge(reconciler, check=check, deadline=cloud.deadline, settle=0).run()["az1"]
    return verdict, [dict(move) for move in reconciler.moves]


def end(cloud: FakeCloud, *hosts: str, kind: Any = None, check: bool = False) -> Verdict:
    cloud.deadline = Deadline(600)
    wanted = Wanted(("az1",), hosts or ("az1-0",), canary=kind is not None, reason="work")
    reconciler = End(cloud.as_cloud(), cloud.nova(), MAP, wanted, kind)
    return Converge(reconciler, check=check, deadline=cloud.deadline, settle=0).run()["az1"]


def rules(verdict: Verdict) -> list[str]:
    return [refusal.rule for refusal in verdict.refusals]


def fill(cloud: FakeCloud) -> None:
    """Of every kind that moves."""
    cloud.add("free")
    cloud.add("pinned", pinned="az1")
    cloud.add("paused", status="PAUSED")
    cloud.add("off", status="SHUTOFF")
    cloud.add("off-pinned", status="SHUTOFF", pinned="az1")


def test_begin_and_end(cloud: FakeCloud) -> None:
    fill(cloud)
    before = {name: server["status"] for name, server in cloud.servers.items()}
    planned, _moves = run(cloud, check=True)
    assert (planned.changed, planned.failed, cloud.writes) == (True, False, [])
    verdict, moves = run(cloud)
    assert not verdict.failed, verdict.message()
    assert {move["outcome"] for move in moves} == {"moved"}
    assert {name: server["status"] for name, server in cloud.servers.items()} == before
    assert all(host.startswith("az1-") and host != "az1-0" for host in cloud.hosts().values())
    assert cloud.reason("az1-0") == EMPTIED
    assert verdict.after == planned.after
    assert sorted(cloud.started) == sorted(before)
    writes = len(cloud.writes)
    again, moves = run(cloud)
    assert (again.changed, again.failed, moves, len(cloud.writes)) == (False, False, [], writes)
    assert again.warnings == ("host az1-0 is in maintenance already, empty (work).",)
    ended = end(cloud)
    assert (ended.changed, ended.failed) == (True, False), ended.message()
    assert cloud.services["az1-0"]["status"] == "enabled"
    assert not end(cloud).changed


def test_a_host_is_prepared_and_its_servers_are_left_to_a_later_run(cloud: FakeCloud) -> None:
    fill(cloud)
    before = dict(cloud.hosts())
    planned, _moves = run(cloud, check=True, prepare=True)
    prepared, moves = run(cloud, prepare=True)
    assert (prepared.changed, prepared.failed, moves) == (True, False, []), prepared.message()
    assert (prepared.after, cloud.hosts()) == (planned.after, before)
    assert cloud.reason("az1-0") == "zoneops: maintenance, left: work"
    again, _moves = run(cloud, prepare=True)
    assert (again.changed, again.warnings) == (
        False,
        (f"host az1-0 is in maintenance already, {len(before)} servers on it (work).",),
    )
    verdict, moves = run(cloud)
    assert (verdict.failed, len(moves), cloud.reason("az1-0")) == (False, len(before), EMPTIED)
    # A host that is empty needs no preparation any more.
    assert not run(cloud, prepare=True)[0].changed
    assert not end(cloud).failed
    assert cloud.services["az1-0"]["status"] == "enabled"


def test_what_cannot_be_moved_is_refused_before_a_host_is_prepared(cloud: FakeCloud) -> None:
    cloud.add("suspended", status="SUSPENDED")
    verdict, _moves = run(cloud, prepare=True)
    assert (rules(verdict), cloud.writes) == (["stay"], [])


def test_a_prepared_host_can_be_given_up(cloud: FakeCloud) -> None:
    fill(cloud)
    run(cloud, prepare=True)
    assert (end(cloud).failed, cloud.services["az1-0"]["status"]) == (False, "enabled")


def test_a_host_is_named_for_servers_without_a_pin_only(cloud: FakeCloud) -> None:
    """Else nova would move them to another zone, or past what the scheduler weighs."""
    fill(cloud)
    wanted = begin_of(cloud)
    change = next(change for change in wanted.plan(wanted.observe()).changes if isinstance(change, Drain))
    assert {move.name for move in change.moves if move.named} == {"free", "paused", "off"}
    assert {move.target for move in change.moves} <= {"az1-1", "az1-2"}


@pytest.mark.parametrize(
    ("what", "rule"),
    [
        ({"state": "down"}, "host_down"),
        ({"forced_down": True}, "host_down"),
        ({"status": "disabled", "disabled_reason": "broken fan"}, "foreign_reasons"),
        ({"status": "disabled", "disabled_reason": "zoneops: power work"}, "foreign_reasons"),
        ({"status": "disabled", "disabled_reason": "instanceha evacuation: x"}, "ha_host"),
        ({"status": "disabled", "disabled_reason": "zoneops:az1->az2"}, "on_its_way"),
        ({"status": "disabled", "disabled_reason": "zoneops: dead: burnt down"}, "dead_host"),
        ({"status": "disabled", "disabled_reason": "zoneops: maintenance, odd"}, "foreign_reasons"),
    ],
)
def test_hosts_that_are_refused(cloud: FakeCloud, what: dict[str, Any], rule: str) -> None:
    fill(cloud)
    cloud.services["az1-0"] |= what
    verdict, _moves = run(cloud)
    assert (rules(verdict), cloud.writes) == ([rule], [])


def test_all_blockers_are_named_at_once(cloud: FakeCloud) -> None:
    cloud.services["az1-1"] |= {"state": "down"}
    cloud.add("rescued", status="RESCUE")
    cloud.add("resized", "az1-2", status="VERIFY_RESIZE")
    cloud.migrations.append(
        {
            "uuid": "m",
            "instance_uuid": "resized",
            "migration_type": "resize",
            "status": "finished",
            "source_compute": "az1-0",
            "dest_compute": "az1-2",
        }
    )
    verdict, _moves = run(cloud, "az1-0", "az1-1")
    assert sorted(rules(verdict)) == ["host_down", "stay", "unfinished_migrations"]
    assert "rescued (rescued) on az1-0: it is in rescue" in verdict.message()
    assert "resize of server resized (resized) from az1-0 to az1-2 (finished)" in verdict.message()
    assert cloud.writes == []


def test_what_cannot_be_moved_may_stay(cloud: FakeCloud) -> None:
    fill(cloud)
    cloud.add("rescued", status="RESCUE")
    assert rules(run(cloud)[0]) == ["stay"]
    verdict, moves = run(cloud, allow=frozenset(("stay",)))
    assert not verdict.failed, verdict.message()
    assert len(moves) == 5
    assert cloud.hosts()["rescued"] == "az1-0"
    assert cloud.reason("az1-0") == "zoneops: maintenance, drained: work"
    assert verdict.state["az1-0"]["emptied"] is False
    assert verdict.state["az1-0"]["servers"][0]["reason"] == "it is in rescue"
    for allow in (frozenset(("stay",)), frozenset[str]()):
        again, _moves = run(cloud, allow=allow)
        assert (again.changed, again.failed) == (False, False)


def test_room_inside_the_zone_for_all_hosts_together(cloud: FakeCloud) -> None:
    """Either host alone could be emptied, and another zone has room for everything."""
    for host in ("az1-0", "az1-1"):
        for number in range(5):
            cloud.add(f"{host}-{number}", host)
    assert not run(cloud, "az1-0", check=True)[0].failed
    verdict, _moves = run(cloud, "az1-0", "az1-1")
    assert rules(verdict) == ["no_room"]
    assert "zone az1 has no room for 2 servers of az1-0, az1-1" in verdict.message()
    assert cloud.writes == []


def test_the_last_host_of_a_zone_with_pinned_servers(cloud: FakeCloud) -> None:
    for name in ("az1-1", "az1-2"):
        cloud.services[name] |= {"status": "disabled", "disabled_reason": "fan"}
    assert not run(cloud, check=True)[0].failed
    cloud.add("pinned", "az1-1", pinned="az1")
    assert rules(run(cloud)[0]) == ["last_host"]
    assert not run(cloud, allow=frozenset(("last_host",)))[0].failed


def test_a_reason_of_others_is_put_back(cloud: FakeCloud) -> None:
    fill(cloud)
    cloud.services["az1-0"] |= {"status": "disabled", "disabled_reason": "broken fan"}
    verdict, _moves = run(cloud, allow=frozenset(("foreign_reasons",)))
    assert not verdict.failed, verdict.message()
    assert cloud.reason("az1-0") == f"{EMPTIED} | before: broken fan"
    assert not end(cloud).failed
    assert (cloud.services["az1-0"]["status"], cloud.reason("az1-0")) == ("disabled", "broken fan")


def test_a_failed_canary_stops_everything(cloud: FakeCloud) -> None:
    fill(cloud)
    cloud.failing = set(cloud.servers)
    verdict, moves = run(cloud)
    assert [move["outcome"] for move in moves] == ["failed"]
    assert "the canary, could not be moved, 4 not begun" in verdict.message()
    assert cloud.reason("az1-0") == "zoneops: maintenance, incomplete: work"
    cloud.failing = set()
    again, moves = run(cloud)
    assert not again.failed, again.message()
    assert len(moves) == 5


def test_what_fails_stays_where_it_is_with_novas_reason(cloud: FakeCloud) -> None:
    fill(cloud)
    cloud.no_host = {"pinned"}
    verdict, moves = run(cloud, rules=Rules(max_failed=1))
    (failed,) = (move for move in moves if move["outcome"] == "failed")
    assert failed["server"] == "pinned"
    assert "No valid host was found" in failed["reason"]
    assert "No valid host was found" in verdict.message()
    assert [name for name, host in cloud.hosts().items() if host == "az1-0"] == ["pinned"]
    assert len(cloud.started) == 5


def test_too_many_failures_start_nothing_more(cloud: FakeCloud) -> None:
    fill(cloud)
    cloud.failing = {"pinned", "paused"}
    verdict, _moves = run(cloud, rules=Rules(canary=False, bounds=Bounds(1, 1, 1)))
    assert "more moves failed than max_failed (0)" in verdict.message()
    assert len(cloud.started) < 5


def test_another_run_at_work_is_refused(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(cloud)
    cloud.killed = 1
    with pytest.raises(Killed):
        run(cloud)
    cloud.killed = None
    monkeypatch.setattr(owner, "alive", lambda _process: True)
    verdict, _moves = run(cloud)
    assert rules(verdict) == ["another_run"]
    assert "is emptying host az1-0" in verdict.message()
    assert "a run is working on host az1-0" in end(cloud).message()
    assert not run(cloud, break_lock=True)[0].failed


@pytest.mark.parametrize("write", range(9))
def test_a_killed_run_is_resumed(cloud: FakeCloud, write: int) -> None:
    """At every write; nothing moves twice, and what a run did not confirm is confirmed."""
    fill(cloud)
    cloud.killed = write
    with pytest.raises(Killed):
        run(cloud)
    cloud.killed = None
    verdict, _moves = run(cloud)
    assert not verdict.failed, verdict.message()
    assert cloud.reason("az1-0") == EMPTIED
    assert Counter(cloud.started).most_common(1)[0][1] == 1
    assert {server["status"] for server in cloud.servers.values()} == {"ACTIVE", "PAUSED", "SHUTOFF"}
    assert not end(cloud).failed


def test_a_migration_that_nova_has_no_record_of_yet_is_awaited(cloud: FakeCloud) -> None:
    """The run was killed after its request; the next one is as quick as nova."""
    cloud.add("web", status="SHUTOFF")
    cloud.killed = 1
    with pytest.raises(Killed):
        run(cloud)
    cloud.killed = None
    # Two looks at all the statuses.
    cloud.hidden = 2 * len((*LEFT, *WORKED_ON))
    verdict, _moves = run(cloud)
    assert not verdict.failed, verdict.message()
    assert (cloud.hidden, cloud.started, cloud.reason("az1-0")) == (0, ["web"], EMPTIED)


def test_a_task_without_a_record_is_not_awaited_for_ever(cloud: FakeCloud) -> None:
    cloud.add("web")
    cloud.servers["web"]["OS-EXT-STS:task_state"] = "migrating"
    # On a host that nobody has begun to empty it is refused at once.
    assert rules(run(cloud)[0]) == ["stay"]
    cloud.services["az1-0"] |= {"status": "disabled", "disabled_reason": "zoneops: maintenance, incomplete: work"}
    verdict, _moves = run(cloud)
    assert "a task is under way (migrating)" in verdict.message()


@pytest.mark.parametrize("look", range(13))
def test_a_run_that_is_killed_while_it_waits_is_resumed(cloud: FakeCloud, look: int) -> None:
    """Whatever is under way then is awaited and not begun again."""
    fill(cloud)

    def kill(number: int) -> None:
        if number == look:
            raise Killed

    cloud.at_look = kill
    with pytest.raises(Killed):
        run(cloud)
    cloud.at_look = lambda _number: None
    verdict, _moves = run(cloud)
    assert not verdict.failed, verdict.message()
    assert cloud.reason("az1-0") == EMPTIED
    assert Counter(cloud.started).most_common(1)[0][1] == 1


@pytest.mark.parametrize("fault", ["lost", "dropped"])
@pytest.mark.parametrize("write", range(1, 8))
def test_an_answer_that_is_lost(cloud: FakeCloud, fault: str, write: int) -> None:
    """Of a move or a confirmation: whether it began is seen in nova's records."""
    fill(cloud)
    getattr(cloud, fault).add(write)
    verdict, _moves = run(cloud)
    if verdict.failed:
        verdict, _moves = run(cloud)
    assert not verdict.failed, verdict.message()
    assert Counter(cloud.started).most_common(1)[0][1] == 1


def test_migrations_under_way_are_awaited(cloud: FakeCloud) -> None:
    """Those of a person from the host and to it; what arrives is moved as well."""
    fill(cloud)
    cloud.add("coming", "az1-1")
    cloud.migrate("free", "live-migration", "az1-2", "person")
    cloud.migrate("coming", "live-migration", "az1-0", "person")
    verdict, moves = run(cloud)
    assert not verdict.failed, verdict.message()
    assert "free" not in cloud.started
    assert "coming" in cloud.started
    assert "az1-0" not in cloud.hosts().values()
    assert len(moves) == 7


def test_the_migration_of_a_person_is_not_confirmed(cloud: FakeCloud) -> None:
    fill(cloud)
    cloud.migrate("off", "migration", "az1-2", "person")
    verdict, _moves = run(cloud)
    assert verdict.failed
    assert cloud.servers["off"]["status"] == "VERIFY_RESIZE"
    assert "host az1-0 is not empty" in verdict.message()
    assert rules(run(cloud)[0]) == ["unfinished_migrations"]


def test_people_at_work_meanwhile(cloud: FakeCloud) -> None:
    """A server is deleted before its turn and another one in mid-move, one is stopped, one is moved away by hand."""
    for number in range(6):
        cloud.add(f"web-{number}")

    def people(look: int) -> None:
        if look == 1:
            for name in ("web-3", cloud.started[0]):
                cloud.delete(name)
        if look == 2:
            names = [name for name in cloud.servers if name not in cloud.started]
            cloud.servers[names[0]]["status"] = "SHUTOFF"
            cloud.migrate(names[1], "live-migration", "az1-2", "person")

    cloud.at_look = people
    verdict, moves = run(cloud)
    assert not verdict.failed, verdict.message()
    assert Counter(move["outcome"] for move in moves) == {"gone": 2, "moved": 4}
    assert len(cloud.started) == 4, "the one that a person moves is awaited"
    assert {move["way"] for move in moves if move["outcome"] == "moved"} == {"live", "cold"}


def test_a_host_that_somebody_enables_while_its_last_server_moves(cloud: FakeCloud) -> None:
    cloud.add("web")

    def person(_look: int) -> None:
        if cloud.migrations and cloud.migrations[0]["status"] == "completed":
            cloud.services["az1-0"] |= {"status": "enabled", "disabled_reason": None}

    cloud.at_look = person
    verdict, _moves = run(cloud)
    assert "host az1-0 is no longer in this run's maintenance: it was enabled" in verdict.message()
    assert cloud.services["az1-0"]["status"] == "enabled"


def test_a_host_that_somebody_enables(cloud: FakeCloud) -> None:
    for number in range(8):
        cloud.add(f"web-{number}")

    def person(look: int) -> None:
        if look == 3:
            cloud.services["az1-0"] |= {"status": "enabled", "disabled_reason": None}

    cloud.at_look = person
    verdict, _moves = run(cloud)
    assert "host az1-0 is no longer in this run's maintenance: it was enabled" in verdict.message()
    assert cloud.services["az1-0"]["status"] == "enabled"
    assert len(cloud.started) < 8


def test_the_time_is_over(cloud: FakeCloud) -> None:
    fill(cloud)
    cloud.hanging = set(cloud.servers)

    def late(_look: int) -> None:
        cloud.deadline.stop()

    cloud.at_look = late
    verdict, moves = run(cloud, rules=Rules(canary=False))
    assert {move["outcome"] for move in moves} == {"pending"}
    assert len(cloud.started) > 1
    assert sorted(move["server"] for move in moves) == sorted(cloud.started)
    assert "still under way" in verdict.message()
    cloud.at_look, cloud.hanging = lambda _look: None, set()
    again, _moves = run(cloud)
    assert not again.failed, again.message()
    assert Counter(cloud.started).most_common(1)[0][1] == 1


def test_a_confirmation_that_nova_refuses(cloud: FakeCloud) -> None:
    """For a moment, and for ever, as while the source is down."""
    fill(cloud)
    cloud.unconfirmed = 3
    assert not run(cloud)[0].failed
    assert not end(cloud).failed
    cloud.add("more", status="SHUTOFF")
    cloud.unconfirmed = 1000
    verdict, moves = run(cloud)
    assert "it is moved and not confirmed: Cannot 'confirmResize' instance more" in verdict.message()
    assert [move["outcome"] for move in moves] == ["failed"]
    cloud.unconfirmed = 0
    assert not run(cloud)[0].failed
    assert cloud.started.count("more") == 1


def test_it_is_said_every_half_minute_how_far_it_is(cloud: FakeCloud) -> None:
    for number in range(7):
        cloud.add(f"web-{number}")
    said: list[tuple[float, str]] = []
    with reported_to(lambda text: said.append((time.monotonic(), text))):
        run(cloud)
    told = [(when, text) for when, text in said if text.startswith("az1: servers: ")]
    assert len(told) > 1
    assert max(later - sooner for (sooner, _one), (later, _two) in itertools.pairwise(told)) <= 30
    assert re.fullmatch(r"az1: servers: \d moved, \d moving, \d left, 0 failed, about \d+ s to go", told[0][1])


def test_the_number_of_calls(cloud: FakeCloud) -> None:
    """One to start a move and one to confirm a cold one; all else is looks that do not grow with servers."""
    cloud.hosts_per_zone = 3
    for number in range(7):
        cloud.add(f"web-{number}")
    run(cloud)
    by_server = [path for method, path in cloud.calls if path.startswith("/servers/web-") and method != "POST"]
    assert by_server == []
    assert len([path for method, path in cloud.calls if method == "POST"]) == 7


@pytest.mark.parametrize("seed", range(12))
def test_bounds_hold_whatever_is_on_the_hosts(seed: int) -> None:
    rng = random.Random(seed)
    cloud = FakeCloud(hosts_per_zone=3)
    for number in range(rng.randint(1, 8)):
        status = rng.choice(("ACTIVE", "SHUTOFF", "PAUSED"))
        cloud.add(f"web-{number}", rng.choice(("az1-0", "az1-1")), status, rng.choice((None, "az1")))
    most = rng.randint(1, 4)
    verdict, moves = run(cloud, "az1-0", "az1-1", rules=Rules(Bounds(1, 2, most), canary=rng.random() < 0.5))
    assert not verdict.failed, verdict.message()
    assert cloud.most <= most
    assert len(moves) == len(cloud.servers)
    assert Counter(cloud.started).most_common(1)[0][1] == 1


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"state": "down"}, "host az1-0 is down: start nova-compute first"),
        ({"forced_down": True}, "forced down: start nova-compute and unset forced_down first"),
    ],
)
def test_a_host_comes_back_only_when_it_is_up(cloud: FakeCloud, what: dict[str, Any], said: str) -> None:
    run(cloud)
    cloud.services["az1-0"] |= what
    assert said in end(cloud).message()
    assert cloud.reason("az1-0") == EMPTIED


def test_what_others_did_with_a_host_is_left(cloud: FakeCloud) -> None:
    run(cloud)
    cloud.services["az1-0"] |= {"disabled_reason": "broken fan"}
    verdict = end(cloud)
    assert (verdict.changed, verdict.failed) == (False, False)
    assert "in no maintenance of this collection (broken fan)" in verdict.warnings[0]


class Bird(Canary):
    """Knows its image and needs no network."""

    def resolve(self) -> dict[str, Any]:
        return {"flavorRef": "f1", "imageRef": "i1", "networks": "none", "metadata": {"zoneops": "canary"}}


def bird(cloud: FakeCloud) -> Bird:
    return Bird(cloud.as_cloud(), canary.Kind("tiny", "cirros"))


def test_a_canary_starts_before_a_host_is_back(cloud: FakeCloud) -> None:
    run(cloud)
    verdict = end(cloud, kind=bird(cloud))
    assert not verdict.failed, verdict.message()
    assert (cloud.servers, cloud.services["az1-0"]["status"]) == ({}, "enabled")
    assert ("POST", "/servers") in cloud.calls


def test_a_canary_that_fails_keeps_the_host_in_maintenance(cloud: FakeCloud) -> None:
    run(cloud)
    cloud.failing = {"broken"}
    verdict = end(cloud, kind=bird(cloud))
    assert "the canary server on host az1-0 failed" in verdict.message()
    assert (cloud.servers, cloud.reason("az1-0")) == ({}, EMPTIED)
    cloud.failing = set()
    assert not end(cloud, kind=bird(cloud)).failed
    assert cloud.services["az1-0"]["status"] == "enabled"


def test_a_canary_of_a_killed_run_is_removed(cloud: FakeCloud) -> None:
    run(cloud)
    cloud.killed = len(cloud.writes) + 1
    with pytest.raises(Killed):
        end(cloud, kind=bird(cloud))
    cloud.killed = None
    cloud.add("zoneops-canary-az1-0")
    assert not end(cloud, kind=bird(cloud)).changed, "of somebody who chose the same name"
    cloud.servers["zoneops-canary-az1-0"]["metadata"] = {"zoneops": "canary"}
    verdict = end(cloud, kind=bird(cloud))
    assert not verdict.failed, verdict.message()
    assert cloud.servers == {}
    assert cloud.services["az1-0"]["status"] == "enabled"


@pytest.mark.parametrize("reason", ["ticket 4711", "zoneops: dead: fire"])
def test_a_canary_that_was_left_enables_no_host_of_others(cloud: FakeCloud, reason: str) -> None:
    cloud.services["az1-0"] |= {"status": "disabled", "disabled_reason": reason}
    cloud.add("zoneops-canary-az1-0")
    cloud.servers["zoneops-canary-az1-0"]["metadata"] = {"zoneops": "canary"}
    verdict = end(cloud, "az1-0")
    assert (verdict.changed, cloud.writes, cloud.reason("az1-0")) == (False, [], reason)
