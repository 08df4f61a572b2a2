# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zone that was lost comes back, on services in memory: in which order, what blocks a host, and what an interrupted run leaves."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.dead import Dead
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance import read
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.end import canary
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.end.canary import Kind
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.model import Attendant
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_return.changes import Return
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import zone_file
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._servers.migrating_cloud import Killed

from .lost_zone import FILES, MARK, Lost, call_of, rules, run

WORKS = ("enabled", False, "up")
AWAY = ("disabled", True, "down")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second passes at each look."""
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += max(seconds, 1.0)

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])


@pytest.fixture
def lost() -> Lost:
    return Lost()


def works(lost: Lost, *hosts: str) -> bool:
    statuses = lost.statuses()
    return all(statuses[host] == WORKS for host in hosts or statuses) and not lost.nova.lagging


def test_a_zone_comes_back_as_it_was(lost: Lost) -> None:
    before = {name: one["OS-EXT-SRV-ATTR:host"] for name, one in lost.nova.servers.items()}
    lost.power_on()
    planned = run(lost, check=True)
    assert (planned.failed, planned.changed, lost.nova.writes, lost.cinder.writes) == (False, True, [], [])
    verdict = run(lost)
    assert not verdict.failed, verdict.message()
    assert works(lost)
    assert verdict.after == planned.after
    assert all(one.enabled for one in lost.cinder.services.values())
    assert lost.manila.services["lab@az1"].enabled
    # Storage first, and one host after the other; what moved away stays.
    assert [change.text for change in verdict.plan] == [
        "enable cinder-volume lab@az1",
        "enable manila-share lab@az1",
        "unset forced_down, and enable host az1-0",
        "unset forced_down, and enable host az1-1",
        "enable cinder-backup backup-1",
    ]
    written = [one["path"].rpartition("/")[2] for one in lost.nova.writes]
    assert written == ["az1-0", "az1-0", "az1-1", "az1-1"]
    assert {name: one["OS-EXT-SRV-ATTR:host"] for name, one in lost.nova.servers.items()} == before
    again = run(lost)
    assert (again.failed, again.changed, len(lost.nova.writes)) == (False, False, 4)


def test_a_host_that_was_disabled_before_is_so_again(lost: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    lost.nova.lose("az1-0", Dead("fire", before="ticket 4711", zone=True).text)
    lost.power_on()
    monkeypatch.setattr(canary.Canary, "_images", lambda _self: {"image": ["i"]})
    lost.nova.failing.add("broken")
    verdict = run(lost, kind=Kind("tiny", "image"), hosts=("az1-0",))
    assert not verdict.failed, verdict.message()
    assert lost.nova.services["az1-0"] | {"status": "disabled", "forced_down": False} == lost.nova.services["az1-0"]
    assert lost.nova.reason("az1-0") == "ticket 4711"
    assert lost.statuses()["az1-1"] == AWAY
    assert not run(lost, hosts=("az1-0",)).changed


def test_what_others_did_is_left(lost: Lost) -> None:
    lost.power_on()
    lost.nova.services["az1-0"] |= {"disabled_reason": "ticket 4711"}
    lost.nova.services["az1-1"] |= {"status": "enabled", "disabled_reason": None}
    key = ("cinder-volume", "lab@az1")
    lost.cinder.services[key] = replace(lost.cinder.services[key], reason="theirs")
    before = lost.statuses()
    verdict = run(lost)
    assert not verdict.failed, verdict.message()
    assert lost.statuses() == before
    assert not lost.cinder.services[key].enabled
    said = "; ".join(verdict.warnings)
    assert "az1-0, disabled (ticket 4711) and forced down; az1-1, forced down" in said
    assert "disabled (theirs), not since its zone is lost" in said


def test_back_ends_of_a_cluster(lost: Lost) -> None:
    """Their pools have the name of the cluster, and one of them is enough."""
    lost.power_on()
    pool = next(iter(lost.cinder.pools()))
    found = {"lab@az1": "all@az1", "lab@az2": "lab@az2"}
    lost.cinder.pools = lambda: [replace(pool, name=f"{name}#pool") for name in found.values()]  # type: ignore[method-assign]
    key = ("cinder-volume", "lab@az1")
    first = lost.cinder.services[key] = replace(lost.cinder.services[key], cluster="all@az1")
    lost.cinder.services["cinder-volume", "second@az1"] = replace(first, host="second@az1", up=False)
    verdict = run(lost)
    assert not verdict.failed, verdict.message()
    assert works(lost, "az1-0", "az1-1")


def test_a_host_waits_for_its_evacuations(lost: Lost) -> None:
    """Each host for itself: the other one comes back."""
    lost.power_on(hosts=("az1-1",))
    verdict = run(lost)
    assert (verdict.failed, rules(verdict)) == (True, ["evacuated"])
    assert "restart nova-compute there" in verdict.message()
    assert verdict.refusals[0].items[0]["server"] == "web-0"
    assert (lost.statuses()["az1-0"], lost.statuses()["az1-1"]) == (AWAY, WORKS)
    lost.nova.evacuate("waits-0", "az2-0", status="pre-migrating")
    assert rules(run(lost)) == ["evacuating", "evacuated"]
    # The source started too early: nova calls the evacuation completed, and done when it ends; only another start ends it.
    lost.nova.servers["waits-0"]["status"] = "REBUILD"
    lost.nova.start("az1-0")
    assert rules(run(lost)) == ["evacuating"]
    lost.nova.servers["waits-0"]["status"] = "ACTIVE"
    lost.nova.migrations[-1]["status"] = "done"
    assert rules(run(lost)) == ["evacuated"]
    lost.nova.start("az1-0")
    assert not run(lost).failed
    assert works(lost)


def test_failed_evacuations_block_nothing(lost: Lost) -> None:
    lost.nova.evacuate("waits-0", None, status="error")
    lost.power_on()
    assert not run(lost).failed


def test_a_host_that_does_not_come_up_is_forced_down_again(lost: Lost) -> None:
    lost.power_on()
    lost.nova.silent.add("az1-0")
    verdict = run(lost)
    assert verdict.failed
    assert "so it was forced down again: start nova-compute there" in verdict.message()
    assert (lost.statuses()["az1-0"], lost.statuses()["az1-1"]) == (AWAY, WORKS)
    assert lost.nova.reason("az1-0") == MARK
    lost.nova.silent.clear()
    assert not run(lost).failed
    assert works(lost)


def test_nothing_comes_back_without_its_storage(lost: Lost) -> None:
    lost.power_on(storage=False)
    verdict = run(lost)
    assert rules(verdict) == ["storage"]
    assert "cinder-volume lab@az1 is down; manila-share lab@az1 is down" in verdict.message()
    assert (lost.nova.writes, lost.cinder.writes) == ([], [])
    assert not run(lost, allow=frozenset(("storage",))).failed
    assert works(lost)


def test_a_pool_is_waited_for(lost: Lost) -> None:
    lost.power_on()
    pools = list(lost.cinder.reported)
    lost.cinder.reported = pools[1:]
    begun = time.monotonic()
    verdict = run(lost)
    # Once, for both hosts.
    assert time.monotonic() - begun < 100
    assert verdict.failed
    assert "cinder's scheduler does not know its pool" in verdict.message()
    assert lost.statuses()["az1-0"] == AWAY
    assert rules(run(lost)) == ["storage"]
    lost.cinder.reported = pools
    assert not run(lost).failed


def test_a_cell_that_does_not_answer_hides_evacuations(lost: Lost) -> None:
    lost.power_on()
    unknown = {**lost.nova.services["az2-0"], "host": "far-0", "id": "far-0", "status": "UNKNOWN"}
    lost.nova.services["far-0"] = unknown
    verdict = run(lost)
    assert rules(verdict) == ["incomplete_listing"] * 2
    assert "what was evacuated from host az1-0 is unknown" in verdict.message()
    del lost.nova.services["far-0"]
    assert not run(lost).failed


def test_a_zone_that_is_down_by_its_file_is_refused(lost: Lost) -> None:
    lost.power_on()
    verdict = run(lost, files={**FILES, "az1": zone_file("az1-0 az1-1", zone_state="down")})
    assert rules(verdict) == ["zone_state"]
    assert "Set 'zone_state: maintenance'" in verdict.message()
    assert (lost.nova.writes, lost.cinder.writes) == ([], [])
    verdict = run(lost, files={**FILES, "az1": zone_file("az1-0 az1-1", zone_state="maintenance")})
    assert not verdict.failed
    assert "remove that line" in verdict.warnings[0]


def test_a_host_in_the_wrong_zone_is_refused(lost: Lost) -> None:
    lost.power_on()
    lost.nova.lose("az2-1")
    lost.nova.start("az2-1")
    verdict = run(lost, files={"az1": zone_file("az1-0 az1-1 az2-1"), "az2": zone_file("az2-0")}, hosts=("az2-1",))
    assert rules(verdict) == ["host_elsewhere"]
    assert lost.statuses()["az2-1"] == AWAY


def test_a_host_that_is_enabled_and_down_is_named(lost: Lost) -> None:
    lost.nova.services["az1-0"] |= {"status": "enabled", "disabled_reason": None, "forced_down": False, "state": "down"}
    lost.power_on(hosts=("az1-1",))
    verdict = run(lost)
    assert rules(verdict) == ["host_down"]
    assert lost.statuses()["az1-1"] == WORKS
    verdict = run(lost, files={**FILES, "az1": zone_file("az1-7")})
    assert rules(verdict) == ["unknown_host"]


def test_agents_that_are_down(lost: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    lost.power_on()
    found = (Attendant("az1-0", "neutron-openvswitch-agent", up=False), Attendant("az1-1", "ovn-controller"))
    monkeypatch.setattr(read, "_attendants", lambda _cloud, _hosts: (found, ()))
    verdict = run(lost)
    assert rules(verdict) == ["agents"]
    assert "on host az1-0 neutron-openvswitch-agent is down: start it" in verdict.message()
    assert (lost.statuses()["az1-0"], lost.statuses()["az1-1"]) == (AWAY, WORKS)
    assert not run(lost, allow=frozenset(("agents",))).failed
    assert works(lost)


@pytest.mark.parametrize(
    ("guests", "wrong"),
    [
        ({"az1-0": (), "az1-1": ("waits-1",)}, {}),
        ({"az1-0": ("waits-0", "gone"), "az1-1": ()}, {}),
        ({"az1-0": ("web-0",)}, {"az1-0": "guests_elsewhere"}),
        ({"az1-0": ("waits-0",), "az2-0": ("waits-0",)}, {"az1-0": "guests_twice"}),
        ({"az1-0": ("waits-0",), "az1-1": ("waits-0",)}, {"az1-0": "guests_twice", "az1-1": "guests_elsewhere"}),
    ],
)
def test_no_guest_runs_twice(lost: Lost, guests: dict[str, tuple[str, ...]], wrong: dict[str, str]) -> None:
    lost.power_on()
    verdict = run(lost, guests=guests)
    assert rules(verdict) == list(wrong.values()), verdict.message()
    for host in ("az1-0", "az1-1"):
        assert lost.statuses()[host] == (AWAY if host in wrong else WORKS)


def test_what_nobody_looked_at_is_said(lost: Lost) -> None:
    lost.power_on()
    compared = "was not compared with nova (option guests)"
    assert any(f"what az1-0, az1-1 run {compared}" in text for text in run(lost, check=True).warnings)
    assert any(f"what az1-1 runs {compared}" in text for text in run(lost, check=True, guests={"az1-0": ()}).warnings)
    everything = {"az1-0": (), "az1-1": ()}
    assert not any(compared in text for text in run(lost, check=True, guests=everything).warnings)


def test_a_canary_keeps_a_host_away(lost: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    lost.power_on()
    monkeypatch.setattr(canary.Canary, "_images", lambda _self: {"image": ["i"]})
    kind = Kind("tiny", "image")
    lost.nova.failing.add("broken")
    verdict = run(lost, kind=kind, hosts=("az1-0",))
    assert verdict.failed
    assert lost.nova.reason("az1-0") == MARK
    assert lost.statuses()["az1-0"] == ("disabled", False, "up")
    lost.nova.failing.clear()
    verdict = run(lost, kind=kind, hosts=("az1-0",))
    assert not verdict.failed, verdict.message()
    assert works(lost, "az1-0")
    assert not [name for name in lost.nova.servers if "canary" in name]


@pytest.mark.parametrize("others", ["evacuate", "arrive", "disable"])
def test_what_others_do_until_it_is_the_turn_of_a_host_keeps_it_away(lost: Lost, others: str) -> None:
    """Nova itself does not refuse to bring back a host that is being evacuated."""
    lost.power_on()
    call = call_of(lost)
    _left, stages = call.stages()
    plan = stages.plan(stages.observe())
    stages.start_from(stages.observe(), plan)
    change = next(one for one in plan.changes if isinstance(one, Return) and one.host == "az1-1")
    if others == "disable":
        lost.nova.services["az1-1"] |= {"disabled_reason": "ticket 4711"}
    else:
        lost.nova.evacuate("waits-1", "az2-0", status="accepted" if others == "evacuate" else "done")
    said = "was changed by others" if others == "disable" else "was evacuated by others during this run: evacuation of"
    with pytest.raises(ZoneopsError, match=f"host az1-1 {said}"):
        stages.write(change)
    assert (lost.statuses()["az1-1"], lost.nova.writes) == (AWAY, [])


@pytest.mark.parametrize("theirs", [{"status": "disabled", "disabled_reason": "ticket 4711"}, {"forced_down": True}])
def test_a_canary_that_was_left_brings_no_host_of_others_back(lost: Lost, theirs: dict[str, Any]) -> None:
    lost.power_on()
    assert not run(lost).failed
    lost.nova.services["az1-0"] |= theirs
    lost.nova.add("zoneops-canary-az1-0", "az1-0")
    lost.nova.servers["zoneops-canary-az1-0"]["metadata"] = {"zoneops": "canary"}
    before = lost.picture()
    verdict = run(lost)
    assert not verdict.changed
    assert lost.picture() == before
    assert "not taken out of service by zone_evacuate, and left as they are: az1-0" in " ".join(verdict.warnings)


@pytest.mark.parametrize("write", range(4))
def test_a_killed_run_is_resumed(lost: Lost, write: int) -> None:
    clean = Lost()
    clean.power_on()
    assert not run(clean).failed
    lost.power_on()
    planned = run(lost, check=True)
    lost.nova.killed = write
    with pytest.raises(Killed):
        run(lost)
    lost.nova.killed = None
    assert not lost.nova.lagging
    verdict = run(lost)
    assert not verdict.failed, verdict.message()
    assert lost.picture() == clean.picture()
    saved = [part for change in planned.plan for part in (change.parts or (change.as_dict(),))]
    for change in verdict.plan:
        for part in change.parts or ():
            assert part in saved


@pytest.mark.parametrize("fault", ["lost", "dropped"])
@pytest.mark.parametrize("write", range(4))
def test_an_answer_that_is_lost(lost: Lost, write: int, fault: str) -> None:
    lost.power_on()
    getattr(lost.nova, fault).add(write)
    verdict = run(lost)
    assert verdict.failed
    getattr(lost.nova, fault).clear()
    assert not run(lost).failed
    assert works(lost)


def test_what_runs_is_said(lost: Lost) -> None:
    lost.power_on()
    state: Any = run(lost, check=True).state["compute"]
    assert state["az1-0"] == {
        "id": "az1-0",
        "status": "disabled",
        "disabled_reason": MARK,
        "forced_down": True,
        "up": False,
        "servers": 1,
        "evacuated": ["web-0"],
    }
