# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a zone that shall be there: aggregate, metadata, hosts, mirror, and what is only said."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Observed
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.zones.agents import share_service_key
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.zones.plan import stray_hosts
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import (
    aggregate,
    cloud,
    host,
    notes,
    plan,
    rules,
    server,
    texts,
    zone_file,
    zone_map,
)

ONE = zone_map(az1="h1")


def test_an_empty_cloud_gets_everything() -> None:
    made = plan(zone_map(az1=zone_file("h1 h2", metadata={"tier": "gold"}), az2="h3"), cloud(hosts="h1 h2 h3"))
    assert texts(made) == [
        "create aggregate az1 with availability zone az1",
        "set metadata of aggregate az1: tier=gold",
        "add host h1 to aggregate az1",
        "add host h2 to aggregate az1",
        "create aggregate az2 with availability zone az2",
        "add host h3 to aggregate az2",
    ]


def test_what_is_there_needs_nothing() -> None:
    made = plan(ONE, cloud(aggregate("az1", "h1")))
    assert not made.changes
    assert not made.notes


@pytest.mark.parametrize("state", ["present", "without_az", "absent"])
def test_a_zone_without_compute_is_left_alone(state: str) -> None:
    """Neither is an aggregate made for it, nor is one touched that has its name and its availability zone."""
    wanted = zone_map(az1={}, az2={"availability_zone": "two"})
    there = cloud(aggregate("az1", "h1"), aggregate("rack", "h2", "two"), hosts="h3")
    made = plan(wanted, there, state=state, purge_hosts=True, purge_metadata=True, max_removed_hosts=9)
    assert (list(made.changes), list(made.refusals)) == ([], [])
    # Whoever asks for its removal is told.
    said = [] if state == "present" else ["its file has no compute: nothing is removed in nova."] * 2
    assert notes(made) == said


def test_a_host_is_not_taken_out_of_a_zone_without_compute() -> None:
    made = plan(zone_map(az1="h1", az2={}), cloud(aggregate("az1"), aggregate("az2", "h1")), "host_moves")
    assert rules(made) == {("az1", "host_elsewhere")}


def test_metadata_is_merged_and_null_removes() -> None:
    wanted = zone_map(az1=zone_file("h1", metadata={"tier": "gold", "gone": None, "never": None}))
    (change,) = plan(wanted, cloud(aggregate("az1", "h1", tier="iron", gone="1", other="x"))).changes
    assert (change.before, change.after) == ({"tier": "iron", "gone": "1"}, {"tier": "gold", "gone": None})


def test_metadata_is_exact_where_it_is_asked() -> None:
    wanted = zone_map(az1=zone_file("h1", metadata={"tier": "gold"}))
    (change,) = plan(wanted, cloud(aggregate("az1", "h1", tier="gold", other="x")), purge_metadata=True).changes
    assert change.after == {"other": None}
    assert change.text == "set metadata of aggregate az1: remove other"


def test_keys_of_other_agents_stay_where_metadata_is_exact_and_are_named() -> None:
    """Without them instance HA leaves the zone alone, or loses its limit there."""
    theirs = {"evacuable": "true", "instanceha:max_failures": "2", "blazar:owner": "x"}
    observed = cloud(aggregate("az1", "h1", other="x", **theirs))
    made = plan(ONE, observed, purge_metadata=True)
    assert texts(made) == ["set metadata of aggregate az1: remove other"]
    (said,) = notes(made)
    assert (
        "is kept because other agents read it, although the map does not name it: blazar:owner, evacuable, instanceha:max_failures"
        in said
    )
    written = zone_map(az1=zone_file("h1", metadata={"evacuable": None, "instanceha:max_failures": "1"}))
    (change,) = plan(written, observed, purge_metadata=True).changes
    assert change.after == {"evacuable": None, "instanceha:max_failures": "1", "other": None}


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"evacuable": "true"}, "instance HA has no limit of its own for aggregate az1"),
        (
            {"evacuable": "true", "instanceha:max_failures": "2"},
            "instance HA may evacuate all 2 hosts of aggregate az1",
        ),
        ({"evacuable": "true", "instanceha:max_failures": "1"}, ""),
        ({"evacuable": "true", "instanceha:max_failures": "0"}, ""),
        ({"tier": "gold"}, ""),
    ],
)
def test_that_instance_ha_may_evacuate_a_whole_zone_is_said(metadata: dict[str, str], said: str) -> None:
    made = plan(zone_map(az1=zone_file("h1 h2")), cloud(aggregate("az1", "h1 h2", **metadata)))
    assert notes(made) == [] if not said else said in notes(made)[0]
    # Verification fails where nobody has said that it is wanted so.
    assert [note.wrong for note in made.notes] == ([] if not said else ["instanceha:max_failures" not in metadata])
    # The zone's file is what it will be.
    limited = zone_map(az1=zone_file("h1 h2", metadata={"instanceha:max_failures": 1}))
    made = plan(limited, cloud(aggregate("az1", "h1 h2", **metadata)))
    assert notes(made) == []
    # One host is no zone that could be evacuated elsewhere in it.
    assert notes(plan(ONE, cloud(aggregate("az1", "h1", **metadata)))) == []


def test_what_a_zone_s_maintenance_remembers_is_kept_without_a_word() -> None:
    """Its end removes it."""
    key = share_service_key("lab@az1")
    assert key == "zoneops:manila-share lab_az1"
    made = plan(ONE, cloud(aggregate("az1", "h1", **{key: "zoneops: maintenance of the zone: w"})), purge_metadata=True)
    assert (texts(made), notes(made)) == ([], [])


def test_an_aggregate_gets_its_zone_together_with_its_metadata() -> None:
    wanted = zone_map(az1=zone_file("h1", metadata={"tier": "gold"}))
    (change,) = plan(wanted, cloud(aggregate("az1", "h1", None))).changes
    assert change.after == {"tier": "gold", "availability_zone": "az1"}
    assert change.before == {"tier": None, "availability_zone": None}


def test_the_only_aggregate_of_the_zone_is_renamed() -> None:
    assert texts(plan(ONE, cloud(aggregate("rack", "h1", "az1")))) == ["rename aggregate rack to az1"]


def test_an_aggregate_that_another_zone_names_is_not_taken() -> None:
    wanted = zone_map(az1=zone_file("", aggregate="x"), az2=zone_file("", aggregate="y"))
    observed = cloud(aggregate("y", "", "az1"), aggregate("other", "", "az2"))
    assert "create aggregate x with availability zone az1" in texts(plan(wanted, observed, only=("az1",)))


def test_the_zone_of_an_aggregate_changes_where_it_is_allowed() -> None:
    observed = cloud(aggregate("az1", "h1", "old"))
    (change,) = plan(ONE, observed, "az_change").changes
    assert (change.before, change.after) == ({"availability_zone": "old"}, {"availability_zone": "az1"})


def test_a_zone_whose_name_changes_must_not_have_pinned_servers() -> None:
    pinned = cloud(aggregate("az1", "h1", "old"), servers=[server("s", None, "old")])
    assert rules(plan(ONE, pinned, "az_change")) == {("az1", "pinned_servers")}
    assert not plan(ONE, pinned, "az_change", "pinned_servers").refusals


def test_a_zone_that_another_aggregate_keeps_alive_may_have_pinned_servers() -> None:
    kept = cloud(aggregate("az1", "h1", "old"), aggregate("rack", "h2", "old"), servers=[server("s", None, "old")])
    assert not plan(ONE, kept, "az_change").refusals


def test_an_aggregate_without_hosts_keeps_no_zone_alive() -> None:
    empty = cloud(aggregate("az1", "h1", "old"), aggregate("rack", "", "old"), servers=[server("s", None, "old")])
    assert rules(plan(ONE, empty, "az_change")) == {("az1", "pinned_servers")}


def test_hosts_that_the_map_does_not_name_stay_and_are_said() -> None:
    made = plan(ONE, cloud(aggregate("az1", "h1 h3 h2")))
    assert not made.changes
    assert notes(made) == [
        "hosts in aggregate az1 that the map does not name: h2, h3; they are kept (zoneops_purge_hosts=true, option purge_hosts, removes them)"
    ]


def test_purging_takes_out_as_many_as_it_may_and_disables_them() -> None:
    made = plan(ONE, cloud(aggregate("az1", "h1 h2 h3")), purge_hosts=True, max_removed_hosts=2)
    assert texts(made) == [
        "disable and remove host h2 from aggregate az1",
        "disable and remove host h3 from aggregate az1",
    ]
    assert {change.reason for change in made.changes} == {"zoneops:az1->"}


def test_a_host_that_leaves_a_plain_aggregate_which_gets_its_zone_in_this_run_is_disabled_too() -> None:
    made = plan(ONE, cloud(aggregate("az1", "h1 h2", None)), purge_hosts=True)
    assert texts(made)[-1] == "disable and remove host h2 from aggregate az1"


def test_a_host_that_was_on_its_way_and_is_taken_out_is_so_no_longer() -> None:
    """Else later runs would report a move that ended too early."""
    there = cloud(aggregate("az1", "h1 h2"), special=[host("h2", reason="zoneops:az0->az1")])
    made = plan(ONE, there, purge_hosts=True)
    assert texts(made) == ["disable nova-compute on h2 (zoneops:az1->)", "remove host h2 from aggregate az1"]
    assert made.changes[0].before == "disabled: zoneops:az0->az1"


def test_a_host_that_another_zone_asks_for_is_not_purged() -> None:
    made = plan(zone_map(az1="h1", az2="h2"), cloud(aggregate("az1", "h1 h2"), aggregate("az2")), purge_hosts=True)
    assert rules(made) == {("az2", "host_moves")}
    assert not made.changes


def test_purging_respects_what_lives_on_a_host() -> None:
    busy = cloud(aggregate("az1", "h1 h2"), servers=[server("s", "h2", status="SOFT_DELETED")])
    assert rules(plan(ONE, busy, purge_hosts=True)) == {("az1", "host_has_instances")}


def test_on_a_flat_cloud_the_free_hosts_go_first_and_the_rest_is_told() -> None:
    servers = [
        server("a", "h2", status="SHUTOFF"),
        server("b", "h3", status="ERROR"),
        server("c", "h4"),
        server("d", "h4"),
    ]
    observed = cloud(hosts="h1 h2 h3 h4", servers=servers)
    wanted = zone_map(az1="h1 h2 h3 h4")
    told = (
        "nova adds only hosts without instances to availability zone az1. Can be added first: h1. "
        "Must be emptied: h2 (1 instance: id-a). Must be emptied: h4 (2 instances: id-c, id-d). "
        "Must be emptied: h3 (1 instance: id-b; stuck, by their status: id-b ERROR)."
    )
    (refusal,) = plan(wanted, observed).refusals
    assert refusal.message.startswith(told)
    assert [item["id"] for item in refusal.items] == ["id-a", "id-b", "id-c", "id-d"]
    made = plan(wanted, observed, "free_hosts_first")
    assert texts(made) == ["create aggregate az1 with availability zone az1", "add host h1 to aggregate az1"]
    assert notes(made) == [told.replace("Can be added first: h1. ", "")]


def test_pins_that_cannot_be_seen_are_assumed() -> None:
    servers = [
        server("here", "h1", zone="az1"),
        server("homeless", None, zone=""),
        server("there", "h2", zone="az2"),
    ]
    observed = cloud(aggregate("az1", ""), hosts="h1 h2", servers=servers, pins_seen=False)
    (refusal,) = plan(ONE, observed, state="absent").refusals
    assert refusal.message.startswith(
        "2 servers pinned to availability zone az1 (assumed: this nova does not show pins, so every server of the zone "
        "and every one without a host counts): here (id-here"
    )


def mirrored(*members: str, hosts: str = "h1", **rest: object) -> Observed:
    providers = {name: (f"provider-{name}",) for name in ("h1", "h2")}
    return cloud(
        aggregate("az1", hosts),
        hosts="h2",
        providers=providers,
        members={"uuid-az1": members},
        **rest,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("members", "said"),
    [
        (("provider-h1",), []),
        ((), ["add resource provider provider-h1 to the placement mirror of aggregate az1"]),
        (
            ("provider-h1", "provider-h2"),
            ["remove resource provider provider-h2 from the placement mirror of aggregate az1"],
        ),
        (("provider-h1", "shared-storage"), []),
    ],
)
def test_the_mirror_is_brought_in_line(members: tuple[str, ...], said: list[str]) -> None:
    assert texts(plan(ONE, mirrored(*members), mirror=True)) == said
    assert not plan(ONE, mirrored(*members)).changes, "only where itis required"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        (("provider-h1",), []),
        (
            (),
            [
                "placement does not mirror aggregate az1 on h1: servers of availability zone az1 cannot be scheduled there."
            ],
        ),
        (
            ("provider-h1", "provider-h2"),
            ["placement still lists h2 in aggregate az1: servers of availability zone az1 may be scheduled there."],
        ),
    ],
)
def test_a_mirror_that_is_only_compared_fails_verification(members: tuple[str, ...], said: list[str]) -> None:
    made = plan(ONE, mirrored(*members))
    assert [note.message.partition(" Set zoneops")[0] for note in made.notes] == said
    assert all(note.wrong and "zoneops_placement_mirror=true" in note.message for note in made.notes)


def test_a_host_whose_provider_is_not_seen_keeps_what_it_has() -> None:
    made = plan(zone_map(az1="h1 h9"), mirrored("provider-h1", "provider-h9", hosts="h1 h9"), mirror=True)
    assert not made.changes
    assert notes(made) == [
        "nova lists no hypervisor of h9: it is unknown whether placement mirrors aggregate az1 there."
    ]


def test_stray_hosts() -> None:
    observed = cloud(
        aggregate("az1", "h1"),
        aggregate("gpu", "x1", None),
        hosts="x2",
        special=[
            host("left", reason="zoneops:az1->"),
            host("off", reason="broken"),
            host("ours", reason="zoneops: fan"),
        ],
    )
    assert stray_hosts(ONE, observed) == [
        "host left is in no zone since a run removed it (zoneops:az1->); it stays disabled until a zone file names it.",
        (
            "2 enabled hosts in no zone and in no zone file: x1, x2. Such a host gets servers that are "
            "created without a zone, and can then join no zone. Name it in a zone file, or disable it."
        ),
    ]


@pytest.mark.parametrize(
    ("where", "reason", "said"),
    [
        ("az1", "zoneops:az1->az2", "It is in zone az1, and no zone file names it"),
        ("az1", "zoneops:az1->", "It is in zone az1, and no zone file names it"),
        ("gpu", "zoneops:az2->az1", "It is in aggregate gpu, which belongs to no zone of the map"),
        (None, "zoneops:az2->az1", "It is in no zone, and no zone file names it"),
        (None, "zoneops:gone->other", "It is in no zone, and no zone file names it"),
        (None, "zoneops:az1->", ""),
        ("az1", "zoneops: fan", ""),
    ],
)
def test_a_host_that_a_killed_move_left_and_no_file_names_is_wrong(where: str | None, reason: str, said: str) -> None:
    """What left its zone on purpose stays disabled in none; all else nobody finishes."""
    zones = {"az1": "h1", "az2": "h2", "gpu": "h3"}
    groups = [aggregate(name, f"{hosts} lost" if name == where else hosts) for name, hosts in zones.items()]
    observed = cloud(*groups, special=[host("lost", reason=reason)])
    made = plan(zone_map(az1="h1", az2="h2"), observed)
    wrong = [note for note in made.notes if note.wrong]
    assert [note.zone for note in wrong] == ["az1"] * bool(said)
    switch = "--enable lost" if where else "--disable --disable-reason REASON lost"
    assert all(said in note.message and f"compute service set {switch}" in note.message for note in wrong)
    purged = plan(zone_map(az1="h1", az2="h2"), observed, purge_hosts=True)
    assert [note.zone for note in purged.notes if note.wrong] == ["az1"] * (bool(said) and where != "az1")
