# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Masakari watches hosts again that came back, last: only those that zone_evacuate put on maintenance there."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.model import Region
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_maintenance.away import away, left_by
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import zone_map
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._masakari.stand_in import Killed, StandIn

from .lost_zone import FILES, MARK, Lost, call_of, run

DEAD, PLANNED = "zoneops: dead: fire", "zoneops: maintenance of the zone: fire"
OFF = ["take host az1-0 off maintenance in Masakari (segment racks)"]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)


@pytest.fixture
def lost() -> Lost:
    """One host was put on maintenance by the evacuation, the other one by a maintenance."""
    found = Lost()
    found.masakari = StandIn("az1-0", "az1-1", "az2-0")
    for name in ("az1-0", "az1-1", "az2-0"):
        found.masakari.by_hand(name, on=True)
    found.nova.metadata["az1"] = {"zoneops:masakari az1-0": DEAD, "zoneops:masakari az1-1": PLANNED}
    return found


def texts(verdict: Any) -> list[str]:
    return [change.text for change in verdict.plan]


def test_it_watches_them_again_once_all_is_back(lost: Lost) -> None:
    lost.power_on(hosts=("az1-0",))
    part = run(lost)
    assert (part.failed, lost.masakari.writes) == (True, [])
    lost.nova.start("az1-1")
    check = run(lost, check=True)
    verdict = run(lost)
    assert not verdict.failed, verdict.message()
    assert (texts(verdict), verdict.after) == (texts(check), check.after)
    assert texts(verdict)[-1:] == OFF
    assert (lost.masakari.on(), lost.nova.metadata["az1"]) == (
        {"az1-1", "az2-0"},
        {"zoneops:masakari az1-1": PLANNED},
    )
    assert not run(lost).changed


def test_a_host_that_is_named_comes_back_by_itself(lost: Lost) -> None:
    lost.nova.metadata["az1"] |= {"zoneops:masakari az1-1": DEAD}
    lost.power_on()
    verdict = run(lost, hosts=("az1-0",))
    assert not verdict.failed, verdict.message()
    assert lost.masakari.on() == {"az1-1", "az2-0"}
    assert list(lost.nova.metadata["az1"]) == ["zoneops:masakari az1-1"]


def test_a_run_that_is_killed_behind_the_write_is_resumed(lost: Lost) -> None:
    lost.power_on()
    lost.masakari.kill_after = 1
    with pytest.raises(Killed):
        run(lost)
    lost.masakari.kill_after = None
    assert not run(lost).failed
    assert (lost.masakari.on(), list(lost.nova.metadata["az1"])) == ({"az1-1", "az2-0"}, ["zoneops:masakari az1-1"])


def test_it_can_be_left_alone(lost: Lost) -> None:
    lost.power_on()
    assert not run(lost, masakari=False).failed
    assert (lost.masakari.asked, lost.masakari.writes) == (0, [])


def test_which_zones_are_away(lost: Lost) -> None:
    lost.power_on(hosts=("az1-0",))
    call = call_of(lost)
    _left, stages = call.stages()
    stages.observe()

    def found(*, check: bool) -> list[str]:
        seen = left_by(call.hosts, call.hosts.observed, check=check)
        return away(zone_map(**FILES), seen.region, {})

    # The one that has not started is refused, and the other one stands by itself.
    assert (found(check=False), found(check=True)) == (["az1"], ["az1"])
    lost.nova.start("az1-1")
    stages.observe()
    assert (found(check=False), found(check=True)) == (["az1"], [])


@pytest.mark.parametrize(
    ("status", "reason", "is_away"),
    [
        ("disabled", MARK, True),
        ("disabled", "zoneops: dead: fire", True),
        ("disabled", "zoneops: maintenance of the zone until 2030-01-31T06:00Z, prepared: work", True),
        ("disabled", "zoneops: maintenance: work", False),
        ("disabled", "broken fan", False),
        ("enabled", None, False),
    ],
)
def test_what_counts_as_away(lost: Lost, status: str, reason: str | None, is_away: bool) -> None:
    for name in ("az1-0", "az1-1"):
        lost.nova.services[name] |= {"status": "enabled", "disabled_reason": None}
    lost.nova.services["az2-1"] |= {"status": status, "disabled_reason": reason}
    assert away(zone_map(**FILES), region(lost), {}) == (["az2"] if is_away else [])
    verdicts = {"az1": {"failed": True}, "az2": {"failed": False}}
    assert away(zone_map(**FILES), region(lost), verdicts) == (["az1", "az2"] if is_away else ["az1"])


def region(lost: Lost) -> Region:
    hosts, incomplete = lost.nova.nova().hosts()
    return Region(hosts=hosts, zones={}, incomplete=incomplete)


def test_what_a_cell_that_does_not_answer_hides_keeps_the_own_zone_away(lost: Lost) -> None:
    """Of its hosts nova knows the names alone, and not whether they were lost: nothing is handed over to a zone that may be in service."""
    for name in ("az1-0", "az1-1"):
        lost.nova.services[name] |= {"status": "enabled", "disabled_reason": None}
    back = {"az1": {"failed": False}}
    # One that nova has never heard of is another matter.
    service = lost.nova.services.pop("az2-1")
    assert away(zone_map(**FILES), region(lost), back) == []
    lost.nova.services["az2-1"] = {**service, "status": "UNKNOWN"}
    assert away(zone_map(**FILES), region(lost), back) == ["az1"]
    down = {**FILES, "az2": {**FILES.get("az2", {}), "zone_state": "down"}}
    assert away(zone_map(**down), region(lost), back) == ["az2"]
