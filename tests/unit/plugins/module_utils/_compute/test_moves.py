# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves of hosts between zones: their order, what becomes of the service, and what a run that was interrupted left."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.changes import MoveHost, RemoveHost
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Observed, Occupants
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.options import Options
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.reconcile import AvailabilityZones
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.zones.plan import make_plan
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.change import Plan
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.model import SavedPlan, as_entries
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import (
    aggregate,
    cloud,
    host,
    notes,
    options,
    plan,
    rules,
    texts,
    zone_file,
    zone_map,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.stand_in import standing_in

TWO = (aggregate("az1", "h1 h2"), aggregate("az2", "h3"))
MOVE = zone_map(az1="h2", az2="h3 h1")


def the_move(*special: object, **rest: object) -> MoveHost:
    (change,) = plan(rest.pop("wanted", MOVE), cloud(*TWO, special=special), "host_moves").changes  # type: ignore[arg-type]
    assert isinstance(change, MoveHost)
    return change


def test_a_move_is_one_change_of_both_zones() -> None:
    change = the_move()
    assert change.text == "move host h1 from aggregate az1 to aggregate az2"
    assert change.zones == ("az2", "az1")
    assert (change.before, change.after, change.target) == ("az1", "az2", "aggregate az2")


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (cloud(*TWO, special=[host("h1", reason="zoneops:az1->az2")]), 1),
        (cloud(aggregate("az1", "h2"), TWO[1], special=[host("h1", reason="zoneops:az1->az2")]), 2),
        (cloud(aggregate("az1", "h2"), aggregate("az2", "h3 h1"), special=[host("h1", reason="zoneops:az1->az2")]), 1),
        (cloud(aggregate("az1", "h2"), aggregate("az2", "h3 h1")), 0),
    ],
    ids=["disabled", "between the zones", "arrived", "done"],
)
def test_an_interrupted_move_is_continued_with_its_saved_plan(now: Observed, left: int) -> None:
    saved = SavedPlan("plan.yml", "then", changes={"az2": as_entries([the_move().as_dict()])})
    made = plan(MOVE, now, "host_moves")
    assert len(made.changes) == left
    assert saved.limit(made).refusals == ()


def test_an_interrupted_removal_is_continued_with_its_saved_plan() -> None:
    change = RemoveHost("az1", "az1", "h1", "zoneops:az1->")
    saved = SavedPlan("plan.yml", "then", changes={"az1": as_entries([change.as_dict()])})
    for left in (change, replace(change, reason=None)):
        assert saved.limit(Plan((left,))).refusals == ()


def test_an_enabled_host_is_off_on_its_way_and_on_afterwards() -> None:
    change = the_move()
    assert (change.reason, change.enable) == ("zoneops:az1->az2", True)


def test_what_somebody_else_disabled_keeps_status_and_reason() -> None:
    change = the_move(host("h1", reason="broken fan"))
    assert (change.reason, change.enable) == (None, False)


def test_what_an_interrupted_run_disabled_is_enabled() -> None:
    change = the_move(host("h1", reason="zoneops:az1->az2"))
    assert (change.reason, change.enable) == (None, True)


def test_what_the_operator_disabled_with_this_collection_stays_disabled() -> None:
    change = the_move(host("h1", reason="zoneops: firmware"))
    assert (change.reason, change.enable) == (None, False)


@pytest.mark.parametrize("reason", [None, "zoneops:az1->az2"])
def test_the_service_of_a_host_that_is_down_is_left_alone(reason: str | None) -> None:
    change = the_move(host("h1", state="down", reason=reason))
    assert (change.reason, change.enable) == (None, False)


def test_a_host_that_moves_into_a_new_zone_stays_disabled() -> None:
    change = the_move(wanted=zone_map(az1="h2", az2=zone_file("h3 h1", zone_state="new")))
    assert (change.reason, change.enable) == ("zoneops:az1->az2", False)


@pytest.mark.parametrize(
    "reason", ["instanceha evacuation", "Masakari detected a failed host.", "reserved", "instance-ha"]
)
def test_hosts_of_ha_tools_stay(reason: str) -> None:
    made = plan(MOVE, cloud(*TWO, special=[host("h1", reason=reason)]), "host_moves")
    assert rules(made) == {("az2", "ha_host")}


@pytest.mark.parametrize(("uuid", "found"), [("migration-7", {("az2", "stray_allocations")}), (None, set())])
def test_a_migration_hides_a_stray_allocation_only_where_nova_does_not_show_its_uuid(
    uuid: str | None, found: set[tuple[str, str]]
) -> None:
    migration = {"id": 7, "uuid": uuid, "instance_uuid": "id-s", "migration_type": "resize", "status": "finished"}
    occupants = {"h1": Occupants((migration,), ("migration-7", "id-build"))}
    assert rules(plan(MOVE, cloud(*TWO, occupants=occupants), "host_moves", "unfinished_migrations")) == found


def test_zones_that_exchange_names_while_a_host_goes_over_are_refused() -> None:
    """The host could join while both aggregates say x, and would have two zones as soon as the other one is called y."""
    observed = cloud(aggregate("a", "h1", "w"), aggregate("b", "h2 h3", "x"))
    wanted = zone_map(
        a=zone_file("h1 h2", availability_zone="x", aggregate="a"),
        b=zone_file("h3", availability_zone="y", aggregate="b"),
    )
    made = plan(wanted, observed, "az_change", "host_moves")
    (refusal,) = made.refusals
    assert (refusal.zone, refusal.rule) == ("b", "host_elsewhere")
    assert refusal.message == (
        "host h2 of aggregate b would get availability zone y with it, but the map has it in another zone. Remove it from the aggregate first."
    )


def test_long_names_of_zones_fit_into_a_reason() -> None:
    left, joined = "l" * 200, "j" * 200
    (change,) = plan(
        zone_map(**{left: "h2", joined: "h3 h1"}),
        cloud(aggregate(left, "h1 h2"), aggregate(joined, "h3")),
        "host_moves",
    ).changes
    assert len(change.reason) <= 255


def test_two_zones_trade_hosts_without_a_gap() -> None:
    observed = cloud(aggregate("az1", "a1 a2"), aggregate("az2", "b1"))
    made = plan(zone_map(az1="a2 b1", az2="a1"), observed, "host_moves")
    assert texts(made) == [
        "move host a1 from aggregate az1 to aggregate az2",
        "move host b1 from aggregate az2 to aggregate az1",
    ], "az2 would be empty if b1 went first"


def test_two_zones_that_trade_their_only_hosts_need_to_be_told() -> None:
    observed = cloud(aggregate("az1", "a1"), aggregate("az2", "b1"))
    wanted = zone_map(az1="b1", az2="a1")
    assert ("az1", "empty_zone") in rules(plan(wanted, observed, "host_moves"))
    assert len(plan(wanted, observed, "host_moves", "empty_zone").changes) == 2


def test_a_chain_goes_round_without_a_gap_where_one_zone_has_two() -> None:
    observed = cloud(aggregate("az1", "a1 a2"), aggregate("az2", "b1"), aggregate("az3", "c1"))
    made = plan(zone_map(az1="a2 c1", az2="a1", az3="b1"), observed, "host_moves")
    assert texts(made) == [
        "move host a1 from aggregate az1 to aggregate az2",
        "move host b1 from aggregate az2 to aggregate az3",
        "move host c1 from aggregate az3 to aggregate az1",
    ]


def test_the_last_host_moves_when_another_one_joins_first() -> None:
    observed = cloud(aggregate("az1", "a1"), aggregate("az2", "b1"), hosts="free")
    made = plan(zone_map(az1="free", az2="b1 a1"), observed, "host_moves")
    assert texts(made) == ["add host free to aggregate az1", "move host a1 from aggregate az1 to aggregate az2"]


def test_a_host_moves_into_a_zone_that_is_made_in_the_same_run() -> None:
    made = plan(zone_map(az1="h2", az9="h1"), cloud(aggregate("az1", "h1 h2")), "host_moves")
    assert texts(made) == [
        "create aggregate az9 with availability zone az9",
        "move host h1 from aggregate az1 to aggregate az9",
    ]


def test_a_host_leaves_an_aggregate_that_is_renamed_in_the_same_run() -> None:
    observed = cloud(aggregate("old", "h1 h2", "az1"), aggregate("az2", "h3"))
    made = plan(MOVE, observed, "host_moves")
    assert texts(made) == [
        "rename aggregate old to az1",
        "move host h1 from aggregate az1 to aggregate az2",
    ]


def test_a_surplus_host_leaves_an_aggregate_that_is_renamed_in_the_same_run() -> None:
    made = plan(zone_map(az1="h1"), cloud(aggregate("old", "h1 h2", "az1")), purge_hosts=True)
    assert texts(made) == ["rename aggregate old to az1", "disable and remove host h2 from aggregate az1"]


def test_a_host_in_a_second_aggregate_outside_the_map_does_not_move() -> None:
    observed = cloud(*TWO, aggregate("rack", "h1", "az1"))
    assert rules(plan(MOVE, observed, "host_moves")) == {("az2", "host_elsewhere")}


def test_a_plain_aggregate_outside_the_map_is_no_obstacle() -> None:
    observed = cloud(*TWO, aggregate("gpu", "h1", None))
    assert not plan(MOVE, observed, "host_moves").refusals


def test_busy_hosts_are_regrouped_within_a_zone_without_a_gap() -> None:
    """With a second aggregate of the same zone nova lets busy hosts join."""
    observed = cloud(aggregate("rack", "h1", "az1"), aggregate("az1"))
    assert texts(plan(zone_map(az1="h1"), observed)) == ["add host h1 to aggregate az1"]


def test_a_host_that_a_run_left_in_no_zone_is_taken_in_and_enabled_and_said() -> None:
    observed = cloud(aggregate("az1", "h2"), aggregate("az2", "h3"), special=[host("h1", reason="zoneops:az1->az2")])
    made = plan(MOVE, observed)
    assert texts(made) == ["add host h1 to aggregate az2", "enable nova-compute on h1"]
    assert notes(made) == ["the move of host h1 was interrupted (zoneops:az1->az2): finished now"]


def test_a_host_that_a_run_left_disabled_in_its_zone_is_enabled() -> None:
    observed = cloud(aggregate("az1", "h2"), aggregate("az2", "h3 h1"), special=[host("h1", reason="zoneops:az1->az2")])
    assert texts(plan(MOVE, observed)) == ["enable nova-compute on h1"]


def test_a_host_that_is_down_is_enabled_by_a_later_run() -> None:
    observed = cloud(
        aggregate("az1", "h2"), aggregate("az2", "h3 h1"), special=[host("h1", state="down", reason="zoneops:az1->az2")]
    )
    made = plan(MOVE, observed)
    assert not made.changes
    assert notes(made) == [
        "host h1 is down: nova schedules nothing there. Check its nova-compute service.",
        "host h1 is disabled (zoneops:az1->az2): a later run enables it once it is up.",
    ]


def test_a_move_out_of_a_zone_that_another_part_refuses_waits_for_it() -> None:
    narrow = Options(("az2",), allow=frozenset(["host_moves"]), refused=frozenset(["az1"]))
    made = make_plan(MOVE, cloud(*TWO), narrow)
    assert rules(made) == {("az2", "depends")}
    assert "needs zone az1, which is refused" in made.refusals[0].message


def test_a_run_that_refuses_or_only_checks_finishes_nothing_and_does_not_say_so() -> None:
    observed = cloud(aggregate("az1", "h2"), aggregate("az2", "h3"), special=[host("h1", reason="zoneops:az1->az2")])
    for wanted, check in ((MOVE, True), (zone_map(az1="h2", az2="h3 h1 nosuch"), False)):
        region = standing_in(observed)
        reconciler = AvailabilityZones(region.nova(), region.placement(), wanted, options(), Deadline(60))
        verdict = Converge(reconciler, check=check, deadline=Deadline(60), settle=0).run()["az2"]
        assert not any("finished now" in warning for warning in verdict.warnings)
    region = standing_in(observed)
    reconciler = AvailabilityZones(region.nova(), region.placement(), MOVE, options(), Deadline(60))
    verdict = Converge(reconciler, check=False, deadline=Deadline(60), settle=0).run()["az2"]
    assert any("finished now" in warning for warning in verdict.warnings)
