# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every rule that refuses a zone: a cloud in which it is the only one, its exact words, and what lifts it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Observed, Occupants
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.overrides import OVERRIDES
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import (
    aggregate,
    cloud,
    host,
    plan,
    rules,
    server,
    zone_file,
    zone_map,
)

ALLOW = OVERRIDES["availability_zones"]

MIGRATION = {
    "kind": "migration",
    "id": 7,
    "uuid": "migration-7",
    "instance_uuid": "id-s",
    "migration_type": "resize",
    "status": "finished",
    "source_compute": "h1",
    "dest_compute": "h3",
}

EVACUATION = {**MIGRATION, "migration_type": "evacuation", "status": "done"}


@dataclass(frozen=True)
class Case:
    """A cloud in which `rule` stands in the way of `zone`.

    :ivar allow: what has to be allowed for the rule to be met at all.
    """

    rule: str
    message: str
    wanted: dict[str, Any]
    observed: Observed
    zone: str = "az1"
    allow: tuple[str, ...] = ()
    rest: dict[str, Any] = field(default_factory=dict)

    def refusals(self, *allow: str) -> Any:
        return plan(zone_map(**self.wanted), self.observed, *self.allow, *allow, **self.rest)


MOVE = {"az1": "h2", "az2": "h3 h1"}
TWO = (aggregate("az1", "h1 h2"), aggregate("az2", "h3"))
ABSENT = {"state": "absent"}
PURGE = {"purge_hosts": True}
LIFT = " To do it anyway, add to zoneops_allow (option allow): [{}]."

CASES = [
    Case(
        "unknown_host",
        "host compute-9 is not a compute host of this cloud. Did you mean compute-1?",
        {"az1": "compute-1 compute-9"},
        cloud(aggregate("az1", "compute-1")),
    ),
    Case(
        "incomplete_listing",
        "nova returned an incomplete list: a cell does not answer. Nothing is changed until it is complete.",
        {"az1": "h1"},
        cloud(hosts="h1", incomplete=("a cell does not answer",)),
    ),
    Case(
        "default_availability_zone",
        "availability zone elsewhere is the cloud's default_availability_zone: nova shows it for every host without a zone. "
        "Choose another name, or change nova's default_availability_zone. To divide a cloud that has only this zone, see "
        "'A cloud whose only zone is nova' on the page 'Start from a cloud that has zones' of the documentation.",
        {"elsewhere": "h1"},
        Observed(hosts={"h1": host("h1").__class__("h1", "s", "elsewhere", "up", "enabled")}),
        zone="elsewhere",
    ),
    Case(
        "ambiguous_aggregate",
        "availability zone az1 has the aggregates left, right, none named az1: name the zone's own in compute.aggregate.",
        {"az1": ""},
        cloud(aggregate("right", "h1", "az1"), aggregate("left", "h2", "az1")),
    ),
    Case(
        "az_change",
        "aggregate az1 has availability zone old, the map says az1.",
        {"az1": "h1"},
        cloud(aggregate("az1", "h1", "old")),
    ),
    Case(
        "host_elsewhere",
        "host h1 is in availability zone foreign (aggregate foreign), through an aggregate outside the map: "
        "such aggregates are never changed. Remove it there first.",
        {"az1": "h1"},
        cloud(aggregate("az1"), aggregate("foreign", "h1")),
    ),
    Case(
        "host_elsewhere",
        "host h1 is in availability zone foreign (aggregates other, rack), through an aggregate outside the map: "
        "such aggregates are never changed. Remove it there first.",
        {"az1": "h1"},
        cloud(aggregate("az1"), aggregate("rack", "h1", "foreign"), aggregate("other", "h1", "foreign")),
    ),
    Case(
        "host_elsewhere",
        "host h1 is in availability zone az1 (aggregate az1), through an aggregate outside the map: "
        "such aggregates are never changed. If that is zone az1 under its former name, keep its aggregate: "
        "set compute.aggregate to az1 in the zone file; otherwise remove the host there first.",
        {"az1": zone_file("h1", availability_zone="north")},
        cloud(aggregate("az1", "h1")),
    ),
    Case(
        "host_in_lock",
        "host h1 is in aggregate zoneops:lock, which is the lock of a run and must be empty. "
        "Run 'openstack aggregate remove host zoneops:lock h1'.",
        {"az1": "h1"},
        Observed((aggregate("az1"),), {"h1": replace(host("h1"), zone="lock of me process 1")}),
    ),
    Case(
        "unfinished_migrations",
        "host h1 cannot leave zone az1: unfinished migrations from or to it: evacuation 7 of server id-s (done). "
        "Start nova-compute on h1: it removes the servers that were evacuated from there.",
        MOVE,
        cloud(*TWO, occupants={"h1": Occupants((EVACUATION,), ("migration-7", "id-s"))}),
        zone="az2",
        allow=("host_moves",),
    ),
    Case(
        "unfinished_migrations",
        "host h1 cannot leave zone az1: unfinished migrations from or to it: evacuation 7 of server id-s (done), "
        "resize 7 of server id-s (finished). Start nova-compute on h1: it removes the servers that were evacuated from there. "
        "Confirm, revert or wait for the others first.",
        MOVE,
        cloud(*TWO, occupants={"h1": Occupants((EVACUATION, MIGRATION), ("migration-7", "id-s"))}),
        zone="az2",
        allow=("host_moves",),
    ),
    Case(
        "unknown_host",
        "host compute-1 is not a compute host of this cloud. Did you mean compute-1.example.org?",
        {"az1": "compute-1"},
        cloud(aggregate("az1", "compute-1.example.org")),
    ),
    Case(
        "unknown_host",
        "host Compute-1.example.org is not a compute host of this cloud. Did you mean compute-1?",
        {"az1": "Compute-1.example.org"},
        cloud(aggregate("az1", "compute-1")),
    ),
    Case(
        "limit",
        "host h1 is in availability zone az1 (aggregate az1): moving it also changes zone "
        "az1, which is outside this run's limit. Use --limit az2,az1.",
        MOVE,
        cloud(*TWO),
        zone="az2",
        rest={"only": ("az2",)},
    ),
    Case(
        "host_moves",
        "host h1 is in availability zone az1 (aggregate az1), but the map has it in az2.",
        MOVE,
        cloud(*TWO),
        zone="az2",
    ),
    Case(
        "ha_host",
        "host h1 is disabled by an instance-HA tool or kept as its spare (instanceha evacuated): it is not removed from zone "
        "az1. Release it there first.",
        MOVE,
        cloud(*TWO, special=[host("h1", reason="instanceha evacuated")]),
        zone="az2",
        allow=("host_moves",),
    ),
    Case(
        "host_has_instances",
        "host h1 cannot leave zone az1 while it has 1 instance: s (id-s, project demo, SHUTOFF). Move them away first.",
        MOVE,
        cloud(*TWO, servers=[server("s", "h1", status="SHUTOFF")]),
        zone="az2",
        allow=("host_moves",),
    ),
    Case(
        "unfinished_migrations",
        "host h1 cannot leave zone az1: unfinished migrations from or to it: resize 7 of server id-s (finished). "
        "Confirm, revert or wait for them first.",
        MOVE,
        cloud(*TWO, occupants={"h1": Occupants((MIGRATION,), ("migration-7", "id-s"))}),
        zone="az2",
        allow=("host_moves",),
    ),
    Case(
        "stray_allocations",
        "host h1 cannot leave zone az1: placement still has allocations of id-build on it (a build in progress, or a leftover). "
        "Wait for the build; check leftovers with 'nova-manage placement audit'.",
        MOVE,
        cloud(*TWO, occupants={"h1": Occupants((), ("id-build",))}),
        zone="az2",
        allow=("host_moves",),
    ),
    Case(
        "pinned_servers",
        "1 server pinned to availability zone az1: s (id-s, project demo, SHELVED_OFFLOADED, pinned to az1). "
        "Without the zone the scheduler ignores the pin. Delete, move or unpin them first.",
        {"az1": "h1"},
        cloud(aggregate("az1", "h1"), servers=[server("s", None, "az1", "SHELVED_OFFLOADED")]),
        rest=ABSENT,
    ),
    Case(
        "recreate_aggregate",
        "nova cannot remove availability zone az1 from aggregate az1: it has to be deleted and created again (new id and "
        "UUID), and all its hosts have to leave it first.",
        {"az1": "h1"},
        cloud(aggregate("az1", "h1")),
        rest={"state": "without_az"},
    ),
    Case(
        "other_zone",
        "aggregate az1 has availability zone az2, the map says az1, so it is not used for this zone. Correct the zone file.",
        {"az1": "h1"},
        cloud(aggregate("az1", "h1", "az2")),
        rest=ABSENT,
    ),
    Case(
        "unnamed_content",
        "aggregate az1 has hosts or metadata that the zone file does not name: h2, tier. Write them into the zone file first.",
        {"az1": "h1"},
        cloud(aggregate("az1", "h1 h2", tier="gold")),
        allow=("recreate_aggregate",),
        rest={"state": "without_az"},
    ),
    Case(
        "empty_zone",
        "removing host h3 from aggregate az2 leaves no host in it.",
        {"az1": "h1", "az2": ""},
        cloud(aggregate("az1", "h1"), aggregate("az2", "h3")),
        zone="az2",
        rest=PURGE,
    ),
    Case(
        "max_removed_hosts",
        "purge_hosts would remove 2 hosts from zone az1 (h2, h3), max_removed_hosts is 1. Raise "
        "zoneops_max_removed_hosts (option max_removed_hosts) if this is intended.",
        {"az1": "h1"},
        cloud(aggregate("az1", "h1 h2 h3")),
        rest=PURGE,
    ),
    Case(
        "free_hosts_first",
        "nova adds only hosts without instances to availability zone az1. Can be added first: h2. "
        "Must be emptied: h1 (1 instance: id-s).",
        {"az1": "h1 h2"},
        cloud(hosts="h1 h2", servers=[server("s", "h1")]),
    ),
    Case(
        "undiscovered_host",
        "host h1 is registered, but not mapped to a cell yet. Run nova-manage cell_v2 discover_hosts, "
        "or wait for the scheduler to do it.",
        {"az1": "h1"},
        cloud(hosts="h1", undiscovered=frozenset({"h1"})),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_the_words_of_a_refusal(case: Case) -> None:
    made = case.refusals()
    lift = LIFT.format(case.rule) if case.rule in ALLOW else ""
    assert [(refusal.zone, refusal.rule, refusal.message) for refusal in made.refusals] == [
        (case.zone, case.rule, case.message + lift)
    ]
    assert not made.of_zone(case.zone).changes, "a refused zone has no changes"


def test_the_reason_for_many_hosts_of_a_place_is_given_once() -> None:
    region = cloud(aggregate("az1"), aggregate("foreign", "h1 h2 h4"), aggregate("rack", "h3"))
    case = Case("host_elsewhere", "", {"az1": "h1 h2 h3 h4"}, region)
    first, second, third, fourth = (refusal.message for refusal in case.refusals().refusals)
    assert "Remove it there first." in first
    assert second == "host h2 is in availability zone foreign (aggregate foreign), too."
    assert "(aggregate rack), through an aggregate outside" in third
    assert fourth == "host h4 is in availability zone foreign (aggregate foreign), too."


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
@pytest.mark.parametrize("word", ALLOW)
def test_a_word_lifts_its_own_refusal_and_no_other(word: str, case: Case) -> None:
    made = case.refusals(word)
    if word == case.rule:
        assert not made.refusals
        # A busy host is left for a later run: then there may be less to do, but the zone is not refused.
        assert made.changes
    else:
        assert rules(made) == {(case.zone, case.rule)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_all_words_together_lift_no_more(case: Case) -> None:
    assert rules(case.refusals(*ALLOW)) == (set() if case.rule in ALLOW else {(case.zone, case.rule)})


def test_every_word_has_a_case() -> None:
    assert set(ALLOW) <= {case.rule for case in CASES}


def test_the_living_are_listed_with_what_identifies_them() -> None:
    (refusal,) = next(case for case in CASES if case.rule == "pinned_servers").refusals().refusals
    assert refusal.items == (
        {
            "kind": "server",
            "id": "id-s",
            "name": "s",
            "project_id": "demo",
            "host": None,
            "status": "SHELVED_OFFLOADED",
            "pinned_availability_zone": "az1",
            "pin_source": "seen",
        },
    )


def test_long_lists_are_cut_in_the_message_and_whole_in_the_items() -> None:
    servers = [server(f"s{number}", "h1") for number in range(7)]
    (refusal,) = plan(zone_map(**MOVE), cloud(*TWO, servers=servers), "host_moves").refusals
    assert "it has 7 instances: s0 (id-s0" in refusal.message
    assert " and 2 more. Move them away first." in refusal.message
    assert len(refusal.items) == 7


def test_an_unknown_host_nobody_is_near_to() -> None:
    (refusal,) = plan(zone_map(az1="zzz"), cloud(hosts="compute-1")).refusals
    assert refusal.message == "host zzz is not a compute host of this cloud. Is nova-compute running there?"


def test_an_incomplete_listing_stands_in_the_way_of_changes_only() -> None:
    assert not plan(zone_map(az1="h1"), cloud(aggregate("az1", "h1"), incomplete=("a cell is down",))).refusals


def test_who_needs_a_refused_zone_is_refused() -> None:
    wanted = zone_map(az1="h2 nosuch", az2="h3 h1")
    made = plan(wanted, cloud(*TWO), "host_moves")
    assert rules(made) == {("az1", "unknown_host"), ("az2", "depends")}
    assert made.refusals[1].message == (
        "'move host h1 from aggregate az1 to aggregate az2' needs zone az1, which is refused"
    )
    assert not made.changes


@pytest.mark.parametrize("zone", [None, "old"])
def test_a_host_with_a_zone_keeps_its_aggregate_from_getting_another(zone: str | None) -> None:
    """nova answers 400; with a zone on both aggregates this is met only where az_change is allowed."""
    other = "foreign" if zone is None else "old"
    made = plan(zone_map(az1="h1"), cloud(aggregate("az1", "h1", zone), aggregate("more", "h1", other)), "az_change")
    assert [refusal.message for refusal in made.refusals] == [
        f"host h1 of aggregate az1 is already in availability zone {other} (aggregate more). Remove it from one of the two aggregates first."
    ]


@pytest.mark.parametrize("zone", [None, "az2"])
def test_a_host_that_another_zone_wants_is_not_taken_along_into_this_one(zone: str | None) -> None:
    made = plan(zone_map(az1="", az2="h1"), cloud(aggregate("az1", "h1", zone)), "az_change", "host_moves")
    assert made.refusals[0].message == (
        "host h1 of aggregate az1 would get availability zone az1 with it, but the map has it in another zone. Remove it from the aggregate first."
    )


def test_a_zone_changes_its_name_while_a_host_leaves_it_for_another() -> None:
    observed = cloud(aggregate("az1", "h1 h2", "old"), aggregate("az2", "h3"))
    made = plan(zone_map(az1="h2", az2="h3 h1"), observed, "az_change", "host_moves")
    assert not made.refusals
    assert [change.action for change in made.changes] == ["set_metadata", "move_host"]


def test_a_busy_host_keeps_its_plain_aggregate_from_getting_a_zone() -> None:
    made = plan(zone_map(az1="h1"), cloud(aggregate("az1", "h1", None), servers=[server("s", "h1")]))
    assert [(refusal.rule, refusal.message) for refusal in made.refusals] == [
        (
            "host_has_instances",
            "nova adds only hosts without instances to availability zone az1. Must be emptied: h1 (1 instance: id-s).",
        )
    ]


def test_a_host_of_a_cell_that_is_down_is_not_called_unknown() -> None:
    hidden = cloud(aggregate("az1", "h1"), incomplete=("a cell is down",))
    (refusal,) = plan(zone_map(az1="h1 h2"), hidden).refusals
    assert (refusal.rule, refusal.message) == (
        "incomplete_listing",
        "host h2 is not in nova's list, which is incomplete: a cell is down.",
    )
