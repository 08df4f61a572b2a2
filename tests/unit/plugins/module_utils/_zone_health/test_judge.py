# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what the services list to the state of each zone."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_health import judge
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_health.model import (
    CINDER,
    MANILA,
    NODES,
    NOVA,
    Member,
    Reading,
    Sight,
    State,
)

OURS = "zoneops: maintenance, emptied: new kernel"
ZONE = "zoneops: maintenance of the zone, stopped: power"
DRILL = "zoneops: drill until 2030-01-01T00:00:00Z: the loss of its zone is rehearsed"
EVACUATED = "zoneops: dead of the zone: fire"


def host(zone: str | None, state: str = "up", reason: str | None = None, *, forced: bool = False) -> Member:
    status = "disabled" if reason is not None else "enabled"
    entry = {"name": "h", "availability_zone": zone, "state": state, "status": status, "disabled_reason": reason}
    return judge.compute_host({**entry, "forced_down": forced})


@pytest.mark.parametrize(
    ("members", "state"),
    [
        ([host("az1"), host("az1")], State.UP),
        ([host("az1"), host("az1", "down")], State.DEGRADED),
        ([host("az1"), host("az1", reason="disk")], State.DEGRADED),
        ([host("az1", "down"), host("az1", reason="disk")], State.DOWN),
        ([host("az1", "down"), host("az1", forced=True)], State.DOWN),
        ([host("az1", "down", EVACUATED, forced=True)], State.DOWN),
        ([host("az1", "down", OURS), host("az1")], State.UP),
        ([host("az1", "down", OURS), host("az1", "down")], State.DOWN),
        ([host("az1", "down", ZONE), host("az1", reason=OURS)], State.MAINTENANCE),
        ([host("az1", reason=DRILL)], State.MAINTENANCE),
    ],
)
def test_the_state_of_one_service_in_one_zone(members: list[Member], state: State) -> None:
    assert judge.state_of(members) is state


@pytest.mark.parametrize(
    ("services", "state"),
    [
        ({}, State.UP),
        ({NOVA: State.UP, CINDER: State.UP}, State.UP),
        ({NOVA: State.UP, CINDER: State.DOWN}, State.DEGRADED),
        ({NOVA: State.UP, CINDER: State.MAINTENANCE}, State.UP),
        ({NOVA: State.DOWN, CINDER: State.UP}, State.DOWN),
        ({NOVA: State.MAINTENANCE, CINDER: State.DOWN}, State.MAINTENANCE),
        ({CINDER: State.DOWN, MANILA: State.UP}, State.DEGRADED),
        ({CINDER: State.DOWN, MANILA: State.DOWN}, State.DOWN),
        ({NOVA: State.UP, NODES: State.DEGRADED}, State.DEGRADED),
        ({NOVA: State.GONE, CINDER: State.UP}, State.GONE),
    ],
)
def test_the_state_of_a_zone(services: dict[str, State], state: State) -> None:
    assert judge.state_of_zone(services) is state


def test_zones_are_those_of_nova() -> None:
    default = Member("cinder-volume old", "nova", alive=False)
    reading = Reading({NOVA: (host("az1"), host(None)), CINDER: (default, Member("v", "az1", alive=True))})
    assert judge.judge(reading).states == {"az1": {NOVA: State.UP, CINDER: State.UP}}


def test_without_nova_zones_are_those_of_earlier_looks() -> None:
    storage = (Member("a", "az1", alive=False), Member("b", "az2", alive=True), Member("c", "nova", alive=True))
    unread = judge.judge(Reading({CINDER: storage}, {NOVA: "no answer"}), ("az1",))
    assert unread.states == {"az1": {CINDER: State.DOWN}}
    assert unread.sight is Sight.PARTLY
    alone = judge.judge(Reading({CINDER: storage}))
    assert sorted(alone.states) == ["az1", "az2", "nova"]


def test_all_of_a_service_down_says_nothing_of_the_zones() -> None:
    storage = (Member("a", "az1", alive=False), Member("b", "az2", alive=False))
    look = judge.judge(Reading({NOVA: (host("az1"), host("az2", "down")), CINDER: storage}))
    assert (look.sight, look.suspects) == (Sight.ALL_DOWN, (CINDER,))
    assert look.states == {"az1": {NOVA: State.UP}, "az2": {NOVA: State.DOWN}}


def test_a_host_in_no_zone_or_in_maintenance_shows_that_nova_hears_of_hosts() -> None:
    for one in (host(None), host("az2", reason=OURS)):
        look = judge.judge(Reading({NOVA: (host("az1", "down"), one)}))
        assert look.suspects == ()
        assert look.states["az1"] == {NOVA: State.DOWN}


def test_a_region_that_is_in_maintenance_as_a_whole_is_no_fault() -> None:
    look = judge.judge(Reading({NOVA: (host("az1", "down", ZONE), host("az2", "down", ZONE))}))
    assert look.sight is Sight.SEES
    assert {state for one in look.states.values() for state in one.values()} == {State.MAINTENANCE}


def test_nothing_read_is_blind() -> None:
    assert judge.judge(Reading(unread={NOVA: "x", CINDER: "x"})).sight is Sight.BLIND


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ({"service": "cinder", "binary": "cinder-scheduler"}, None),
        ({"service": "nova", "binary": "nova-conductor"}, None),
        ({"service": "cinder", "binary": "cinder-backup"}, (True, False, "")),
        ({"service": "manila", "binary": "manila-share", "state": "down"}, (False, False, "is down")),
        (
            {"service": "cinder", "binary": "cinder-volume", "status": "disabled", "disabled_reason": ZONE},
            (True, True, f"is disabled ({ZONE})"),
        ),
    ],
)
def test_services_that_serve_one_zone(entry: dict[str, Any], found: tuple[bool, bool, str] | None) -> None:
    usual = {"host": "lab@az1", "availability_zone": "az1", "state": "up", "status": "enabled", "disabled_reason": None}
    one = judge.service({**usual, **entry})
    assert (one and (one.alive, one.planned, one.sign)) == found
