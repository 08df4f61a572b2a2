# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers for a small region: outcomes, what is lacking, what is left."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.additions import Addition
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.facts.shapes import MEMORY, VCPU
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.model import Away, Facts, Question, Volume
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.packing.model import Group
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.plan import Answer, Planner
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.result import as_dict, merged, message
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.table import WIDTH, lines
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.threshold import messages, refusals
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.text.columns import width
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._capacity.regions import (
    HOSTS,
    SHAPE,
    facts,
    server,
    shape,
)

ZONE = Away(frozenset(("az1-0", "az1-1")), frozenset(("az1",)))
HOST = Away(frozenset(("az1-0",)))
OFF = {"unusable": "is disabled (work)"}
FULL = {"room": {VCPU: 0, MEMORY: 0}}
OUTSIDE = {name: OFF for name in HOSTS if not name.startswith("az1")}


def asked(of: Facts, away: Away = HOST, **question: Any) -> Answer:
    return Planner(of, Question(**question)).away(away)


def fates(answer: Answer) -> dict[str, tuple[str, str, str | None]]:
    return {fate.server.name: (fate.outcome, fate.reason, fate.target) for fate in answer.fates}


def test_inside_the_zone_and_across() -> None:
    here = facts(server("a"), server("b", where="az2-0"))
    assert fates(asked(here)) == {"a": ("fits", "moves inside zone az1", "az1-1")}
    assert fates(asked(here, ZONE))["a"][0] == "crosses"


def test_its_own_zone_first_and_others_when_that_is_full() -> None:
    many = [server(f"s{number}", shape=shape(vcpus=4)) for number in range(3)]
    answer = asked(facts(*many))
    assert answer.counts["fits"] == 2
    crossing = next(fate for fate in answer.fates if fate.outcome == "crosses")
    assert crossing.reason.startswith("may cross to az")
    assert crossing.reason.endswith(": no room inside its own zone")


@pytest.mark.parametrize("why", [OFF, FULL, {"room": {}}])
def test_what_is_no_room(why: dict[str, Any]) -> None:
    """A disabled host, as a spare is, a full one, and one that placement does not list."""
    answer = asked(facts(server("a", pinned="az1"), hosts={"az1-1": why}))
    outcome, reason, target = fates(answer)["a"]
    assert (outcome, target) == ("no_room", None)
    assert reason == ("az1: no host there is up, enabled and not away" if why is OFF else "no host has room for it")


def test_the_smallest_addition() -> None:
    hosts = {"az1-1": {"room": {VCPU: 8, MEMORY: 1000}}}
    (fate,) = asked(facts(server("a", pinned="az1"), hosts=hosts)).fates
    assert fate.addition is not None
    assert (fate.addition.host, dict(zip((MEMORY, VCPU), fate.addition.lacks, strict=True))) == (
        "az1-1",
        {MEMORY: 24, VCPU: 0},
    )


def test_with_the_additions_everything_fits() -> None:
    hosts = {name: {"room": {VCPU: 3, MEMORY: 3000}} for name in HOSTS}
    many = [server(f"s{number}", shape=shape(vcpus=2, memory=2048)) for number in range(7)]
    answer = asked(facts(*many, hosts=hosts))
    assert (answer.counts["no_room"], answer.counts["fits"]) == (2, 1)
    more = {one["host"]: one["resources"] for one in merged(answer)}
    assert None not in more
    grown = {
        name: {"room": {kind: amount + more.get(name, {}).get(kind, 0) for kind, amount in hosts[name]["room"].items()}}
        for name in HOSTS
    }
    assert asked(facts(*many, hosts=grown)).counts["no_room"] == 0


def test_where_another_order_would_do_nothing_has_to_be_added() -> None:
    answer = asked(facts(server("a", pinned="az1"), hosts={"az1-1": FULL}))
    (fate,) = answer.fates
    answer = replace(answer, fates=(replace(fate, addition=Addition("az1-1", (0, 0))),), exact=False)
    assert merged(answer) == []
    (said,) = messages("with host az1-0", answer, "lost", 0)
    assert said == (
        "with host az1-0 lost, 1 server finds no room: a (id-a); place them first, there is room in another order"
    )
    text = " ".join(line.strip() for line in lines({"hosts": answer}, "lost"))
    assert "smallest addition: none, az1-1 has room if servers are placed in another order" in text
    assert "note: this is a careful estimate" in text


def test_an_addition_where_no_host_will_do_is_a_new_host() -> None:
    fast = shape(required=frozenset(("FAST",)))
    answer = asked(facts(server("a", shape=fast)))
    assert fates(answer)["a"][1] == "no host of az1, az2, az3 may take it: az1-1 lacks FAST"
    assert merged(answer) == [{"host": None, "resources": {MEMORY: 1024, VCPU: 1}, "traits": ["FAST"]}]


def test_traits_are_respected() -> None:
    fast, slow = shape(required=frozenset(("FAST",))), shape(forbidden=frozenset(("FAST",)))
    hosts = {"az1-1": {"traits": frozenset(("FAST",))}}
    answer = asked(facts(server("a", pinned="az1", shape=fast), server("b", pinned="az1", shape=slow), hosts=hosts))
    assert fates(answer)["a"] == ("fits", "moves inside zone az1", "az1-1")
    assert fates(answer)["b"][:2] == (
        "no_room",
        "no host of az1 may take it: az1-1 has FAST, which it must not have",
    )


def test_isolation_is_respected() -> None:
    hosts = {"az1-1": {"metadata": frozenset((("filter_tenant_id", "q"),))}}
    own, other = server("a", pinned="az1", project="q"), server("b", pinned="az1")
    answer = asked(facts(own, other, hosts=hosts))
    assert fates(answer)["a"][0] == "fits"
    assert fates(answer)["b"][1] == (
        "no host of az1 may take it: az1-1 is reserved for other projects (filter_tenant_id)"
    )


def test_what_placement_does_not_offer_is_no_room() -> None:
    offers = {SHAPE.request: frozenset(("az2-0",))}
    assert fates(asked(facts(server("a"), offers=offers)))["a"][2] == "az2-0"
    assert asked(facts(server("a", pinned="az1"), offers=offers)).counts["no_room"] == 1


def test_groups() -> None:
    groups = {"g": Group(1, {"az1-0": 1, "az1-1": 1})}
    names = {"g": "web"}
    inside = facts(server("a", pinned="az1", group="g"), groups=groups, group_names=names)
    assert fates(asked(inside))["a"] == ("waits", "its anti-affinity group web has a member on every other host", None)
    free = facts(server("a", group="g"), groups=groups, group_names=names)
    assert fates(asked(free))["a"][0] == "crosses"
    # Members that move are kept apart as well.
    both = [server("a", group="g"), server("b", where="az1-1", group="g")]
    only = {name: OFF for name in HOSTS if name not in ("az1-0", "az1-1", "az2-0")}
    answer = asked(facts(*both, groups=groups, hosts=only), ZONE)
    assert (answer.counts["crosses"], answer.counts["no_room"]) == (1, 1)
    # A host more in each zone is what it takes, where all have a member.
    assert merged(answer)[0]["host"] is None


def test_affinity_goes_to_the_members_that_stay() -> None:
    follower = server("a", hosts=frozenset(("az1-0", "az2-1")))
    assert fates(asked(facts(follower)))["a"][2] == "az2-1"


def test_what_needs_a_restore_is_packed_behind_what_moves() -> None:
    held = [server(f"v{number}", volumes=(f"v{number}",), shape=shape(vcpus=8)) for number in range(3)]
    volumes = {f"v{number}": Volume(f"v{number}", "az1") for number in range(3)}
    free = [server(f"f{number}", shape=shape(vcpus=8)) for number in range(2)]
    answer = asked(facts(*held, *free, volumes=volumes), ZONE)
    assert (answer.counts["restore"], answer.counts["crosses"], answer.restorable, answer.bears) == (3, 2, 2, False)
    assert answer.left_restored.free[VCPU] == 0
    assert sum(room.free[VCPU] for room in answer.left.values()) <= 16


def test_what_is_restored_keeps_apart_from_what_has_moved() -> None:
    both = [server("a", group="g"), server("b", where="az1-1", group="g", volumes=("v",))]
    values: dict[str, Any] = {"groups": {"g": Group(1, {"az1-0": 1, "az1-1": 1})}, "volumes": {"v": Volume("v", "az1")}}
    one = asked(
        facts(*both, hosts={name: OFF for name in HOSTS if name not in ("az1-0", "az1-1", "az2-0")}, **values), ZONE
    )
    assert (one.counts["crosses"], one.counts["restore"], one.restorable) == (1, 1, 0)
    assert asked(facts(*both, **values), ZONE).restorable == 1


def test_what_is_restored_is_not_held_by_its_affinity_group() -> None:
    together: dict[str, Any] = {"hosts": frozenset(("az1-0",)), "volumes": ("v",)}
    assert asked(facts(server("a", **together), volumes={"v": Volume("v", "az1")}), ZONE).restorable == 1


def test_headroom() -> None:
    answer = asked(facts(server("a", shape=shape(vcpus=4)), hosts={"az1-1": {"room": {VCPU: 6, MEMORY: 8192}}}))
    # Host az1-0 is away, and 2 of 8 are left on az1-1.
    assert answer.left["az1"].percent == 25.0
    assert answer.left["az1"].capacity == {MEMORY: 8192, VCPU: 8}
    assert set(answer.left) == {"az1"}
    assert answer.left_restored.capacity[VCPU] == 40
    assert answer.left_restored.free[VCPU] == 4 * 8 + 2


def test_the_threshold() -> None:
    roomy = asked(facts(server("a")), ZONE)
    assert refusals("az1", roomy, "lost", None) == ()
    assert refusals("az1", roomy, "lost", 90) == ()
    (below,) = refusals("az1", roomy, "lost", 97.5)
    assert below.message == (
        "with zone az1 lost, 96.9 % is free on the other hosts, less than zoneops_capacity_threshold (97.5 %); add hosts"
    )
    full = asked(facts(*(server(f"s{number}", shape=shape(vcpus=8)) for number in range(6))), ZONE)
    (lacking,) = messages("with zone az1", full, "drained", 0)
    assert lacking.startswith("with zone az1 drained, 2 servers find no room: s4 (id-s4), s5 (id-s5); add ")
    assert lacking.endswith("add 16 VCPU on az2-0")
    held = facts(server("v", volumes=("v",)), volumes={"v": Volume("v", "az1")}, hosts=OUTSIDE)
    assert messages("with zone az1", asked(held, ZONE), "lost", 0) == [
        "with zone az1 lost, 1 of 1 servers that need a restore have no room; add hosts elsewhere"
    ]


def test_data_and_message() -> None:
    answer = asked(facts(server("a"), server("b", status="PAUSED")), ZONE)
    data = as_dict(answer, ["waits", "crosses"])
    assert (data["servers"], data["vcpus"], data["memory_mb"], data["disk_gb"]) == (2, 2, 2048, 0)
    assert data["lists"]["waits"] == [
        {"id": "id-b", "name": "b", "project_id": "p", "host": "az1-0", "reason": "it is paused"}
    ]
    assert data["lists"]["crosses"][0]["target"].startswith("az")
    assert (data["bears"], data["exact"]) == (True, True)
    assert message(answer) == "2 servers: 1 crosses to another zone, 1 waits"
    assert message(asked(facts(), ZONE)) == "no servers"


def test_the_table_has_80_columns_whatever_is_in_it() -> None:
    name = "a-zone-with-a-name-that-is-longer-than-any-column"
    many = [server(f"{number}-{'x' * 60}", shape=shape(vcpus=8)) for number in range(40)]
    answers = {name: asked(facts(*many), ZONE), "az2": asked(facts(*many, server("p", status="PAUSED")), ZONE)}
    found = lines(answers, "lost", Planner(facts(), Question()).rooms.now)
    assert max(map(len, found)) <= WIDTH
    assert found[0] == "If one zone at a time is lost:"
    assert found[1].split() == [
        "ZONE",
        "SERVERS",
        "VCPU",
        "MEM-G",
        "DISK-G",
        "FITS",
        "CROSSES",
        "WAITS",
        "RESTORE",
        "NO-ROOM",
        "LEFT",
    ]
    row = found[found.index(name) + 1]
    assert row.split() == ["40", "320", "40", "0", "0", "4", "0", "0", "36", "0%"]
    text = "\n".join(found)
    assert "waits (az2): 1 because it is paused" in text
    assert "and 52 more lines like these" in text.replace("\n  ", " ")
    assert "smallest addition" in text


def test_the_table_has_80_columns_where_names_are_wide() -> None:
    many = [server(f"{number}-{'日本' * 30}", shape=shape(vcpus=8)) for number in range(40)]
    answers = {name: asked(facts(*many), ZONE) for name in ("東京", "東京第二データセンター", "az2")}
    found = lines(answers, "lost", Planner(facts(), Question()).rooms.now)
    assert max(map(width, found)) <= WIDTH
    table = found[1 : found.index("")]
    assert len({width(row) for row in table if row != "東京第二データセンター"}) == 1
    assert "東京第二データセンター" in table


def test_no_name_does_anything_to_a_terminal() -> None:
    found = lines({"az1": asked(facts(server("\x1b[31m\u202e", shape=shape(vcpus=99))), ZONE)}, "lost")
    assert [line for line in found if not line.isprintable()] == []


def test_the_same_question_has_the_same_answer() -> None:
    many = [server(f"s{number}", where=host) for number, host in enumerate([*HOSTS] * 3)]
    forward, backward = facts(*many), facts(*reversed(many))
    assert [fates(asked(of, ZONE)) for of in (forward, backward)] == [fates(asked(forward, ZONE))] * 2
