# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones that shall go, zones that lose their availability zone, and zones that are new: from every state that a run can leave."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import LOCK_ZONE, Observed
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.zones.simulate import simulate
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import (
    aggregate,
    as_nova_shows,
    cloud,
    host,
    notes,
    plan,
    server,
    texts,
    zone_file,
    zone_map,
)

ONE = zone_map(az1="h1 h2")
FULL = cloud(aggregate("az1", "h1 h2", tier="gold"), special=[host("h2", reason="broken fan")])
WITH_TIER = zone_map(az1=zone_file("h1 h2", metadata={"tier": "gold"}))


def states(observed: Observed, **rest: str) -> list[Observed]:
    """The clouds after each change of a plan, the first one included."""
    found = [observed]
    for change in plan(WITH_TIER, observed, "recreate_aggregate", **rest).changes:
        found.append(as_nova_shows(simulate(found[-1], change)))
    return found


def test_absent_takes_the_hosts_out_disables_them_and_deletes() -> None:
    made = plan(ONE, FULL, state="absent")
    assert texts(made) == [
        "disable and remove host h1 from aggregate az1",
        "remove host h2 from aggregate az1",
        "delete aggregate az1",
    ]
    assert made.changes[0].reason == "zoneops:az1->"


def test_absent_disables_a_host_that_is_down_as_well() -> None:
    """Once it is up again it would take any server that asks for no zone."""
    observed = cloud(aggregate("az1", "h1"), special=[host("h1", state="down")])
    assert texts(plan(ONE, observed, state="absent"))[0] == "disable and remove host h1 from aggregate az1"


def test_absent_leaves_a_host_alone_that_keeps_the_zone_by_another_aggregate() -> None:
    observed = cloud(aggregate("az1", "h1"), aggregate("rack", "h1", "az1"), servers=[server("s", "h1", "az1")])
    made = plan(ONE, observed, state="absent")
    assert texts(made) == ["remove host h1 from aggregate az1", "delete aggregate az1"]
    assert not made.refusals


def test_absent_has_nothing_to_do_where_nothing_is() -> None:
    made = plan(ONE, cloud(hosts="h1 h2"), state="absent")
    assert not made.changes
    assert not made.notes


@pytest.mark.parametrize("state", ["absent", "without_az"])
def test_an_aggregate_that_the_map_does_not_name_is_never_taken_for_the_zone_that_goes(state: str) -> None:
    observed = cloud(aggregate("rack", "h1 h2", "az1"))
    made = plan(ONE, observed, "recreate_aggregate", state=state)
    assert not any("rack" in text for text in texts(made))
    assert notes(made) == ["availability zone az1 also has aggregates that the map does not name: rack; they are kept"]


@pytest.mark.parametrize("step", range(4))
def test_absent_is_finished_from_every_state(step: int) -> None:
    passed = states(FULL, state="absent")
    rest = plan(WITH_TIER, passed[step], state="absent")
    assert not rest.refusals
    end = as_nova_shows(reduce(simulate, rest.changes, passed[step]))
    assert end.aggregates == ()
    assert end.hosts == passed[-1].hosts, "h1 is disabled by a mark, h2 as it was"


def test_without_az_makes_the_aggregate_again() -> None:
    assert texts(plan(WITH_TIER, FULL, "recreate_aggregate", state="without_az")) == [
        "disable and remove host h1 from aggregate az1",
        "remove host h2 from aggregate az1",
        "delete aggregate az1",
        "create aggregate az1 without an availability zone",
        "set metadata of aggregate az1: tier=gold",
        "add host h1 to aggregate az1",
        "enable nova-compute on h1",
        "add host h2 to aggregate az1",
    ]


@pytest.mark.parametrize("step", range(9))
def test_without_az_is_finished_from_every_state(step: int) -> None:
    passed = states(FULL, state="without_az")
    rest = plan(WITH_TIER, passed[step], "recreate_aggregate", state="without_az")
    end = reduce(simulate, rest.changes, passed[step])
    (made,) = end.aggregates
    assert (made.availability_zone, made.metadata, sorted(made.hosts)) == (None, {"tier": "gold"}, ["h1", "h2"])
    assert end.hosts["h1"].enabled
    assert end.hosts["h2"].disabled_reason == "broken fan"
    assert not plan(WITH_TIER, end, state="without_az").changes


def test_without_az_does_not_switch_a_host_that_is_down_only_to_come_back() -> None:
    observed = cloud(aggregate("az1", "h1 h2"), special=[host("h1", state="down")])
    made = plan(ONE, observed, "recreate_aggregate", state="without_az")
    assert "enable nova-compute on h1" not in texts(made)
    assert texts(made)[0] == "remove host h1 from aggregate az1"


def test_a_new_zone_gets_its_hosts_disabled_and_enables_them_once_it_is_active() -> None:
    new = zone_map(az1=zone_file("h1 h2", zone_state="new"))
    observed = cloud(hosts="h1", special=[host("h2", reason="broken fan")])
    first = plan(new, observed)
    assert texts(first) == [
        "create aggregate az1 with availability zone az1",
        "disable nova-compute on h1 (zoneops:->az1)",
        "add host h1 to aggregate az1",
        "add host h2 to aggregate az1",
    ]
    made = as_nova_shows(reduce(simulate, first.changes, observed))
    assert not plan(new, made).changes
    then = plan(ONE, made)
    assert texts(then) == ["enable nova-compute on h1"]
    assert notes(then) == ["host h2 is disabled (broken fan): nova schedules nothing new there."]


def test_hosts_that_are_in_a_zone_already_are_not_disabled_because_it_is_called_new() -> None:
    assert not plan(zone_map(az1=zone_file("h1", zone_state="new")), cloud(aggregate("az1", "h1"))).changes


@pytest.mark.parametrize("zone_state", ["new", "maintenance", "down"])
def test_only_an_active_zone_enables(zone_state: str) -> None:
    observed = cloud(aggregate("az1", "h1"), special=[host("h1", reason="zoneops:->az1")])
    assert not plan(zone_map(az1=zone_file("h1", zone_state=zone_state)), observed).changes


@pytest.mark.parametrize(("zone_state", "said"), [("active", 1), ("new", 1), ("maintenance", 0), ("down", 0)])
def test_a_host_that_is_down_is_said_where_it_is_not_expected(zone_state: str, said: int) -> None:
    observed = cloud(aggregate("az1", "h1"), special=[host("h1", state="down")])
    assert len(notes(plan(zone_map(az1=zone_file("h1", zone_state=zone_state)), observed))) == said


def test_a_host_in_the_lock_says_nothing_of_the_default_zone() -> None:
    inside = replace(host("h1"), zone=f"{LOCK_ZONE}ops@controller-1")
    observed = Observed((), {"h1": inside, "h2": replace(host("h2"), zone="elsewhere")})
    assert observed.default_availability_zone == "elsewhere"
