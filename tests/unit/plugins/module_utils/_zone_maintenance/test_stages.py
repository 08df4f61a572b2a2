# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts, servers, volume services and share services of a zone together: in which order, what blocks all, and what one of them keeps from the others."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.cinder import Cinder
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import BACKUP, VOLUME
from ansible_collections.zoneops.openstack.plugins.module_utils._masakari.masakari import Masakari
from ansible_collections.zoneops.openstack.plugins.module_utils._masakari.model import Recovery
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.progress import Progress
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance import owner
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.model import LEAVE, STOP, Wanted
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.mover import Rules
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.api.manila import Manila
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.api.model import ShareService
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_maintenance.away import away, left_by
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_maintenance.build import Maintenance
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_maintenance.model import Defaults
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_maintenance.tasks import UnderWay
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._block_storage.stand_in import (
    LOST,
    REFUSED,
    StandIn,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import zone_file, zone_map
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._masakari.stand_in import (
    StandIn as HaStandIn,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers.migrating_cloud import (
    FakeCloud,
    Killed,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._shared_filesystem.test_services import (
    Manila as Shares,
)

FILES: dict[str, Any] = {
    "az1": zone_file("az1-0 az1-1", zone_state="maintenance"),
    "az2": zone_file("az2-0 az2-1"),
}
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
MARK = "zoneops: maintenance of the zone"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second passes at each look."""
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += max(seconds, 1.0)

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(owner, "alive", lambda _process: False)


class Whole:
    """A cloud of nova, cinder and manila."""

    def __init__(self) -> None:
        self.nova = FakeCloud(hosts_per_zone=2)
        self.cinder = StandIn()
        for zone in FILES:
            self.cinder.add_backend(zone)
        self.cinder.add_service(BACKUP, "backup-1", "az1")
        self.manila = Shares(*(ShareService(f"lab@{zone}", "manila-share", zone) for zone in FILES))
        # What is under way in the zone, look by look; the last one for ever.
        self.tasks: list[dict[str, str]] = [{}]
        self.ran: list[set[str]] = []
        self.unread: tuple[str, ...] = ()
        self.masakari: HaStandIn | None = None
        self.nova.add("web-0", "az1-0")
        self.nova.add("web-1", "az1-1")
        self.nova.add("off", "az1-1", "SHUTOFF")

    def picture(self) -> tuple[Any, ...]:
        """All that a maintenance may not change for good."""
        services = {key: replace(one, reason=None) for key, one in self.cinder.services.items()}
        return copy.deepcopy((self.nova.servers, self.nova.services, services, self.manila.services))

    def disabled(self) -> set[str]:
        """Everything that is disabled for the maintenance of the zone."""
        nova = {name for name in self.nova.services if (self.nova.reason(name) or "").startswith(MARK)}
        cinder = {key[1] for key, one in self.cinder.services.items() if (one.reason or "").startswith(MARK)}
        manila = {name for name, one in self.manila.services.items() if (one.disabled_reason or "").startswith(MARK)}
        return nova | {f"{name} (cinder)" for name in cinder} | {f"{name} (manila)" for name in manila}


ALL = {"az1-0", "az1-1", "lab@az1 (cinder)", "backup-1 (cinder)", "lab@az1 (manila)"}


class Call(Maintenance):
    """With services in memory."""

    whole: Whole
    found = Defaults()

    def cinder(self) -> Cinder:
        return cast(Cinder, self.whole.cinder)

    def manila(self) -> Manila:
        return cast(Manila, self.whole.manila)

    def masakari(self) -> Masakari | None:
        return cast("Masakari | None", self.whole.masakari)

    def defaults(self) -> Defaults:
        return self.found

    def under_way(self, zone: str) -> UnderWay:
        assert zone == "az1"
        self.whole.ran.append(self.whole.nova.running())
        tasks = self.whole.tasks
        return UnderWay(tasks.pop(0) if len(tasks) > 1 else tasks[0], self.whole.unread)


@pytest.fixture
def whole() -> Whole:
    return Whole()


def call_of(whole: Whole, files: Mapping[str, Any] | None = None, **more: Any) -> Call:
    found = more.pop("defaults", Defaults())
    quorum = more.pop("quorum", None)
    ha = more.pop("instance_ha", True)
    asked = Wanted(("az1",), **{"reason": "work", "zone": True, "servers": STOP, **more})
    whole.nova.deadline = Deadline(3600)
    progress = Progress(None, "server", "host")
    call = Call(
        whole.nova.as_cloud(), zone_map(**(files or FILES)), asked, Rules(), progress, quorum, NOW, instance_ha=ha
    )
    call.whole, call.found = whole, found
    return call


def run(
    whole: Whole, state: str, *, check: bool = False, files: Mapping[str, Any] | None = None, **more: Any
) -> Verdict:
    call = call_of(whole, files, **more)
    _hosts, stages = call.begin() if state == "begin" else call.end()
    return Converge(stages, check=check, deadline=whole.nova.deadline, settle=0).run()["az1"]


@pytest.mark.parametrize(
    ("reason", "gone"), [("zoneops: dead: fire", ["az2"]), (f"{MARK}: work", ["az2"]), ("broken fan", [])]
)
def test_which_zones_are_away_after_the_end(whole: Whole, reason: str, gone: list[str]) -> None:
    """A run in check mode knows it beforehand."""
    run(whole, "begin")
    whole.nova.services["az2-1"] |= {"status": "disabled", "disabled_reason": reason}
    found = []
    for check in (True, False):
        call = call_of(whole)
        hosts, stages = call.end()
        verdict = Converge(stages, check=check, deadline=whole.nova.deadline, settle=0).run()["az1"]
        assert not verdict.failed, verdict.message()
        found.append(away(call.zone_map, left_by(hosts, hosts.observed, check=check), {}))
    assert found == [gone, gone]


def test_begin_and_end(whole: Whole) -> None:
    before = whole.picture()
    planned = run(whole, "begin", check=True)
    assert (planned.changed, planned.failed, whole.picture()) == (True, False, before)
    verdict = run(whole, "begin")
    assert not verdict.failed, verdict.message()
    assert verdict.after == planned.after
    assert (whole.disabled(), whole.nova.running()) == (ALL, set())
    assert [change.action for change in verdict.done] == [
        "disable_host",
        "disable_host",
        "set_service",
        "set_service",
        "set_service",
        "stop",
        "record_empty",
        "record_empty",
    ]
    assert not run(whole, "begin").changed
    foreseen = run(whole, "end", check=True)
    verdict = run(whole, "end")
    assert not verdict.failed, verdict.message()
    assert verdict.after == foreseen.after
    assert whole.picture() == before
    assert [change.target for change in verdict.done] == [
        "cinder-volume lab@az1",
        "manila-share lab@az1",
        "cinder-backup backup-1",
        "nova-compute on az1-0",
        "nova-compute on az1-1",
    ]
    assert not run(whole, "end").changed
    assert "still says 'zone_state: maintenance'" in " ".join(verdict.warnings)


def test_all_blockers_are_named_before_the_first_write(whole: Whole) -> None:
    """Those of the zone as a whole and those of its servers."""
    before = whole.picture()
    whole.nova.add("paused", status="PAUSED")
    files = {**FILES, "az1": zone_file("az1-0 az1-1"), "az2": zone_file("az2-0 az2-1", zone_state="down")}
    verdict = run(whole, "begin", files=files)
    assert sorted(refusal.rule for refusal in verdict.refusals) == ["other_zone", "stay", "zone_state"]
    del whole.nova.servers["paused"]
    assert whole.picture() == before


def test_a_zone_in_maintenance_is_told_what_would_block_it(whole: Whole) -> None:
    """It is a note: nothing is to be done."""
    run(whole, "begin")
    files = {**FILES, "az2": zone_file("az2-0 az2-1", zone_state="down")}
    verdict = run(whole, "begin", files=files)
    assert (verdict.changed, verdict.failed) == (False, False)
    assert "zone az2 is down" in " ".join(verdict.warnings)


def test_a_maintenance_that_was_to_be_over(whole: Whole) -> None:
    run(whole, "begin", until="2026-01-01T11:59Z")
    verdict = run(whole, "begin")
    assert (verdict.changed, verdict.failed) == (False, False)
    assert "the maintenance of zone az1 was to end at 2026-01-01T11:59Z" in " ".join(verdict.warnings)
    verdict = run(whole, "begin", until="2026-01-01T18:00Z")
    assert (verdict.changed, verdict.failed) == (True, False), verdict.message()
    assert "was to end" not in " ".join((*verdict.warnings, *run(whole, "begin").warnings))
    assert whole.disabled() == ALL


BACKUP_RUNS = {"backup nightly (b1)": "creating"}


def test_what_is_under_way_in_the_zone_ends_before_servers_are_stopped(whole: Whole) -> None:
    whole.tasks = [BACKUP_RUNS]
    planned = run(whole, "begin", check=True)
    assert "await backup nightly (b1) (creating)" in [change.text for change in planned.plan]
    assert whole.nova.running() == {"web-0", "web-1"}
    whole.ran.clear()
    # What comes later is not awaited: the services take nothing new.
    whole.tasks = [
        BACKUP_RUNS,
        BACKUP_RUNS,
        {**BACKUP_RUNS, "volume late (v1)": "deleting"},
        {"volume late (v1)": "deleting"},
    ]
    assert not run(whole, "begin").failed
    assert whole.ran[:4] == [{"web-0", "web-1"}] * 4
    assert whole.nova.running() == set()
    assert whole.disabled() == ALL
    # A zone that is in maintenance waits for nothing.
    again = run(whole, "begin")
    assert (again.changed, again.failed, [change.text for change in again.plan]) == (False, False, [])


def test_what_does_not_end_is_named_and_no_server_is_touched(whole: Whole) -> None:
    whole.tasks = [BACKUP_RUNS]
    failed = run(whole, "begin")
    assert failed.failed
    assert "still under way after 600 s: backup nightly (b1) (creating)" in failed.message()
    assert "allow [stay]" in failed.message()
    assert whole.nova.running() == {"web-0", "web-1"}
    assert whole.nova.reason("az1-0") == f"{MARK}, incomplete: work"
    assert not run(whole, "begin", allow=frozenset(("stay",))).failed
    assert whole.nova.running() == set()
    assert whole.disabled() == ALL


def test_a_service_that_does_not_say_what_is_under_way_is_noted(whole: Whole) -> None:
    whole.unread = ("glance: 503",)
    verdict = run(whole, "begin")
    assert not verdict.failed
    assert "is not awaited: glance: 503" in " ".join(verdict.warnings)


def test_a_zone_that_is_down_is_not_enabled(whole: Whole) -> None:
    """Not even what stands by itself."""
    run(whole, "begin")
    before = whole.picture()
    verdict = run(whole, "end", files={**FILES, "az1": zone_file("az1-0 az1-1", zone_state="down")})
    assert [refusal.rule for refusal in verdict.refusals] == ["zone_state"]
    assert whole.picture() == before


def test_one_host_that_is_down_keeps_nothing_else(whole: Whole) -> None:
    run(whole, "begin")
    whole.nova.services["az1-1"] |= {"state": "down"}
    verdict = run(whole, "end")
    assert [refusal.rule for refusal in verdict.refusals] == ["host_down"]
    assert whole.disabled() == {"az1-1"}
    whole.nova.services["az1-1"] |= {"state": "up"}
    assert not run(whole, "end").failed
    assert whole.disabled() == set()


def test_a_backup_service_that_cannot_be_enabled_keeps_nothing_else(whole: Whole) -> None:
    """As in cinder 28 and 29."""
    run(whole, "begin")
    whole.cinder.obeys = False
    verdict = run(whole, "end", allow=frozenset(("thaw",)))
    assert "cinder-manage service remove cinder-backup" in verdict.message()
    assert whole.disabled() == {"backup-1 (cinder)"}


@pytest.mark.parametrize("fault", [REFUSED, LOST])
@pytest.mark.parametrize("write", range(2))
def test_a_volume_service_that_fails_stops_the_beginning(whole: Whole, fault: str, write: int) -> None:
    """No server is stopped then, and no mark names the run; the next one goes on."""
    before = whole.picture()
    whole.cinder.faults = {write: fault}
    verdict = run(whole, "begin")
    assert verdict.failed
    assert whole.nova.running() == {"web-0", "web-1"}
    assert whole.nova.reason("az1-0") == f"{MARK}, incomplete: work"
    whole.cinder.faults = {}
    assert not run(whole, "begin").failed
    assert whole.disabled() == ALL
    assert not run(whole, "end").failed
    assert whole.picture() == before


@pytest.mark.parametrize("state", ["begin", "end"])
@pytest.mark.parametrize("write", range(2))
def test_a_run_that_is_killed_between_services_is_resumed(whole: Whole, state: str, write: int) -> None:
    before = whole.picture()
    if state == "end":
        run(whole, "begin")
    whole.cinder.kill_after = len(whole.cinder.writes) + write
    with pytest.raises(KeyboardInterrupt):
        run(whole, state)
    whole.cinder.kill_after = None
    verdict = run(whole, state)
    assert not verdict.failed, verdict.message()
    assert whole.disabled() == (ALL if state == "begin" else set())
    run(whole, "end")
    assert whole.picture() == before


@pytest.mark.parametrize("write", range(8))
def test_an_end_after_a_beginning_that_was_killed(whole: Whole, write: int) -> None:
    """Nobody has to finish it first."""
    before = whole.picture()
    whole.nova.killed = write
    with pytest.raises(Killed):
        run(whole, "begin")
    whole.nova.killed = None
    verdict = run(whole, "end")
    assert not verdict.failed, verdict.message()
    assert whole.picture() == before


def test_services_that_others_disabled_are_left(whole: Whole) -> None:
    key = (VOLUME, "lab@az1")
    whole.cinder.services[key] = replace(whole.cinder.services[key], enabled=False, reason="disks")
    run(whole, "begin")
    assert whole.disabled() == ALL - {"lab@az1 (cinder)"}
    assert not run(whole, "end").failed
    assert whole.cinder.services[key].reason == "disks"


@pytest.mark.parametrize("write", range(8))
def test_a_beginning_after_an_end_that_was_killed(whole: Whole, write: int) -> None:
    """What it was starting is stopped again."""
    before = whole.picture()
    run(whole, "begin")
    whole.nova.killed = len(whole.nova.writes) + write
    with pytest.raises(Killed):
        run(whole, "end")
    whole.nova.killed = None
    verdict = run(whole, "begin")
    assert not verdict.failed, verdict.message()
    assert whole.nova.running() == set()
    assert not run(whole, "end").failed
    assert whole.picture() == before


@pytest.fixture
def guarded(whole: Whole) -> HaStandIn:
    """Masakari watches over the hosts."""
    whole.masakari = HaStandIn("az1-0", "az1-1", "az2-0")
    return whole.masakari


def test_masakari_is_off_before_anything_and_on_after_everything(whole: Whole, guarded: HaStandIn) -> None:
    verdict = run(whole, "begin")
    assert not verdict.failed, verdict.message()
    assert [change.action for change in verdict.done[:3]] == ["set_masakari_maintenance"] * 2 + ["disable_host"]
    assert guarded.on() == {"az1-0", "az1-1"}
    whole.nova.services["az1-1"] |= {"state": "down"}
    verdict = run(whole, "end")
    assert (verdict.failed, whole.disabled(), guarded.on()) == (True, {"az1-1"}, {"az1-0", "az1-1"})
    whole.nova.services["az1-1"] |= {"state": "up"}
    verdict = run(whole, "end")
    assert (verdict.failed, whole.disabled(), guarded.on()) == (False, set(), set())
    assert [change.action for change in verdict.done] == ["end_maintenance"] + ["set_masakari_maintenance"] * 2


def test_a_service_that_fails_keeps_masakari_off(whole: Whole, guarded: HaStandIn) -> None:
    run(whole, "begin")
    whole.cinder.obeys = False
    assert run(whole, "end", allow=frozenset(("thaw",))).failed
    assert guarded.on() == {"az1-0", "az1-1"}


def test_a_zone_in_maintenance_does_not_depend_on_masakari(whole: Whole, guarded: HaStandIn) -> None:
    """Nothing is left to do: neither what others set there nor what it does counts."""
    run(whole, "begin")
    guarded.by_hand("az1-0", on=False)
    guarded.at_work = (Recovery("s1", "u-az1-0", "COMPUTE_HOST", "new"),)
    verdict = run(whole, "begin")
    assert (verdict.failed, verdict.changed, guarded.on()) == (False, False, {"az1-1"})
    guarded.answers = False
    verdict = run(whole, "begin")
    assert (verdict.failed, verdict.changed) == (False, False)


def test_a_masakari_at_work_blocks_the_beginning_unless_it_is_left_on(whole: Whole, guarded: HaStandIn) -> None:
    before = whole.picture()
    guarded.at_work = (Recovery("s1", "u-az1-0", "COMPUTE_HOST", "new"),)
    verdict = run(whole, "begin")
    assert ([refusal.rule for refusal in verdict.refusals], whole.picture()) == (["instance_ha"], before)
    asked = guarded.asked
    assert not run(whole, "begin", instance_ha=False).failed
    assert (guarded.asked, guarded.on(), whole.disabled()) == (asked, set(), ALL)


def some_region(rng: random.Random) -> Whole:
    """Servers and services in any state that a maintenance may find."""
    found = Whole()
    found.nova.looks_off = rng.randint(0, 3)
    for number in range(rng.randint(0, 5)):
        status = rng.choice(("ACTIVE", "ACTIVE", "SHUTOFF", "SUSPENDED", "PAUSED", "ERROR"))
        found.nova.add(f"more-{number}", rng.choice(("az1-0", "az1-1", "az2-0")), status)
    if rng.random() < 0.4:
        reason = rng.choice(("broken fan", "zoneops: power work", "zoneops: maintenance, emptied: fan"))
        found.nova.services["az1-1"] |= {"status": "disabled", "disabled_reason": reason}
        if "emptied" in reason:
            for server in found.nova.servers.values():
                server["OS-EXT-SRV-ATTR:host"] = server["OS-EXT-SRV-ATTR:host"].replace("az1-1", "az1-0")
    for key in (VOLUME, "lab@az1"), (BACKUP, "backup-1"):
        if rng.random() < 0.3:
            found.cinder.services[key] = replace(found.cinder.services[key], enabled=False, reason="theirs")
    return found


def killed_or_not(whole: Whole, rng: random.Random, state: str, **more: Any) -> None:
    """A run that is killed after some write, or not at all."""
    whole.nova.killed = len(whole.nova.writes) + rng.randint(0, 12)
    whole.cinder.kill_after = len(whole.cinder.writes) + rng.randint(0, 4)
    try:
        run(whole, state, **more)
    except (Killed, KeyboardInterrupt):
        pass
    finally:
        whole.nova.killed = whole.cinder.kill_after = None


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_killed_where_everything_is_put_back(seed: int) -> None:
    """Runs that begin and runs that end, in any order, and at last one of each that nothing disturbs."""
    rng = random.Random(seed)
    whole = some_region(rng)
    before, running = whole.picture(), whole.nova.running()
    asked: dict[str, Any] = {"servers": rng.choice((LEAVE, STOP)), "allow": frozenset(("stay", "foreign_reasons"))}
    for _number in range(rng.randint(1, 4)):
        if rng.random() < 0.7:
            killed_or_not(whole, rng, "begin", **asked)
        else:
            killed_or_not(whole, rng, "end")
    verdict = run(whole, "begin", **asked)
    assert not verdict.failed, verdict.message()
    here = {name for name, host in whole.nova.hosts().items() if host.startswith("az1")}
    assert whole.nova.running() & here == (set() if asked["servers"] == STOP else running & here)
    assert whole.nova.running() - here == running - here
    verdict = run(whole, "end")
    assert not verdict.failed, verdict.message()
    assert whole.picture() == before
    assert whole.disabled() == set()
