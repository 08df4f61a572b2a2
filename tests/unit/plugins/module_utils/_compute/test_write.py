# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A write that fails, or whose answer gets lost: where the host ends, and whether it is on."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.lock import RegionLock
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import LOCK_NAME, Host, Observed
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.reconcile import AvailabilityZones
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.change import Plan
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import (
    aggregate,
    cloud,
    host,
    options,
    server,
    zone_file,
    zone_map,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.stand_in import (
    DEAD,
    LOST,
    REFUSED,
    StandIn,
    standing_in,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.modules.recorded import like_recorded

TWO = (aggregate("az1", "h1 h2"), aggregate("az2", "h3"))
MOVE = zone_map(az1="h2", az2="h3 h1")
# The writes of a move, in order.
DISABLE, REMOVE, ADD, ENABLE = range(4)


def run(region: StandIn, wanted: ZoneMap, *allow: str, **rest: Any) -> dict[str, Verdict]:
    asked, deadline = options(*allow, **{"only": tuple(wanted.zones), **rest}), Deadline(60)
    reconciler = AvailabilityZones(region.nova(), region.placement(), wanted, asked, deadline)
    return Converge(reconciler, check=False, deadline=deadline, settle=0).run()


def place(observed: Observed, name: str = "h1") -> tuple[str | None, str | None]:
    """The zone of a host, and why it is disabled; None is enabled."""
    found = observed.hosts[name]
    return observed.zone_of(name), None if found.enabled else found.disabled_reason


def test_hosts_that_are_added_and_moved_are_counted_as_recorded() -> None:
    added = run(standing_in(cloud(aggregate("az1", "h1"), special=[host("h2")])), zone_map(az1="h1 h2"))
    moved = run(standing_in(cloud(*TWO)), MOVE, "host_moves")
    for verdicts in (added, moved):
        assert like_recorded("availability_zones", {name: one.as_dict() for name, one in verdicts.items()})


@pytest.mark.parametrize(
    ("fault", "write", "zone"),
    [
        (REFUSED, DISABLE, "az1"),
        (REFUSED, REMOVE, "az1"),
        (REFUSED, ADD, "az1"),
        (LOST, DISABLE, "az1"),
        (LOST, REMOVE, "az1"),
        (LOST, ADD, "az2"),
    ],
)
def test_a_move_that_fails_ends_in_a_zone_with_the_host_on(fault: str, write: int, zone: str) -> None:
    region = standing_in(cloud(*TWO), faults={write: fault})
    verdicts = run(region, MOVE, "host_moves")
    assert place(region.observed) == (zone, None)
    # The only fault that is no failure: the host was added, as a look shows.
    assert verdicts["az2"].failed == (zone == "az1")


@pytest.mark.parametrize("fault", [REFUSED, LOST])
def test_a_host_that_cannot_be_enabled_is_in_its_new_zone_and_said(fault: str) -> None:
    region = standing_in(cloud(*TWO), faults={ENABLE: fault})
    verdict = run(region, MOVE, "host_moves")["az2"]
    assert verdict.failed
    assert place(region.observed) == ("az2", None if fault == LOST else "zoneops:az1->az2")
    region.faults.clear()
    assert not run(region, MOVE, "host_moves")["az2"].failed
    assert place(region.observed) == ("az2", None)


@pytest.mark.parametrize(
    ("write", "left"),
    [
        (DISABLE, ("az1", None)),
        (REMOVE, ("az1", "zoneops:az1->az2")),
        (ADD, (None, "zoneops:az1->az2")),
        (ENABLE, ("az2", "zoneops:az1->az2")),
    ],
)
def test_what_a_dead_nova_leaves_is_off_in_no_zone_and_finished_later(write: int, left: tuple[str, str]) -> None:
    region = standing_in(cloud(*TWO), faults={write: DEAD})
    verdict = run(region, MOVE, "host_moves")["az2"]
    assert verdict.failed
    assert verdict.changed, "what may have been written counts as written where nothing can be read"
    assert place(region.observed) == left
    region.faults.clear()
    region.dead = False
    run(region, MOVE, "host_moves")
    assert place(region.observed) == ("az2", None)


def test_a_dead_nova_after_the_removal_is_said_plainly() -> None:
    region = standing_in(cloud(*TWO), faults={ADD: DEAD})
    assert "it may be in NO zone" in run(region, MOVE, "host_moves")["az2"].message()


def test_a_host_that_neither_zone_takes_stays_off() -> None:
    region = standing_in(cloud(*TWO), faults={ADD: REFUSED, ADD + 1: REFUSED})
    message = run(region, MOVE, "host_moves")["az2"].message()
    assert place(region.observed) == (None, "zoneops:az1->az2")
    assert "host h1 is in NO zone: it was removed from its aggregate, could not be added" in message


def test_a_server_that_came_meanwhile_stops_the_move_and_lets_the_host_on() -> None:
    region = standing_in(cloud(*TWO))

    def boot() -> None:
        if len(region.writes) == 1:
            region.model.observed = cloud(*TWO, special=[*region.observed.hosts.values()], servers=[server("s", "h1")])

    region.on_write = boot
    verdict = run(region, MOVE, "host_moves")["az2"]
    assert "host h1 is no longer empty" in verdict.errors[0]
    assert place(region.observed) == ("az1", None)


@pytest.mark.parametrize("zone_state", ["active", "new"])
def test_a_move_is_undone_as_carefully_as_it_was_made(zone_state: str) -> None:
    """az2 takes h1 of az1, then fails to take h9 out."""
    observed = cloud(aggregate("az1", "h1 h2"), aggregate("az2", "h3 h9"), special=[host("h9", reason="fan")])
    region, wanted = standing_in(observed), zone_map(az1="h2", az2=zone_file("h3 h1", zone_state=zone_state))
    seen: list[tuple[str | None, str | None]] = []
    region.on_write = lambda: seen.append(place(region.observed))
    removal = 3 if zone_state == "new" else 4
    region.faults = {removal: REFUSED}
    verdict = run(region, wanted, "host_moves", purge_hosts=True)["az2"]
    assert [change.text for change in verdict.undone] == ["move host h1 from aggregate az1 to aggregate az2"]
    assert place(region.observed) == ("az1", None)
    assert all(reason for zone, reason in seen if zone is None), "off while it is in no zone, both ways"


def test_the_undo_of_a_move_does_not_empty_the_zone() -> None:
    """b1 left az2 because a1 had come: when az2 fails later, a1 is its last host."""
    observed = cloud(aggregate("az1", "a1 a2"), aggregate("az2", "b1"), aggregate("az3", "c1 c2"))
    wanted = zone_map(az1="a2 b1", az2="a1 c1", az3="c2")
    region = standing_in(observed, faults={9: REFUSED, 10: REFUSED})
    verdict = run(region, wanted, "host_moves")["az2"]
    assert "host a1 is now the last one there" in verdict.message()
    assert region.observed.by_name["az2"].hosts == ("a1",)


@pytest.mark.parametrize("fault", [REFUSED, LOST])
@pytest.mark.parametrize("zone", ["az1", None])
def test_a_removal_that_fails_is_not_taken_for_done(zone: str | None, fault: str) -> None:
    """Nor is one that was done taken for failed, because its answer got lost."""
    number = 1 if zone else 0
    region = standing_in(cloud(aggregate("az1", "h1", zone)), faults={number: fault})
    verdict = run(region, zone_map(az1=""), state="absent")["az1"]
    assert verdict.failed == (fault == REFUSED)
    assert all("remove host h1 from aggregate az1: " in error for error in verdict.errors), "not only at the deletion"
    assert (region.observed.aggregates == ()) == (fault == LOST)
    assert place(region.observed) == ((zone, None) if fault == REFUSED else (None, "zoneops:az1->" if zone else None))


def test_a_zone_that_cannot_be_finished_is_not_made() -> None:
    region = standing_in(cloud(hosts="h1 h2"), faults={2: REFUSED})
    verdict = run(region, zone_map(az1="h1 h2"))["az1"]
    assert [change.text for change in verdict.undone] == [
        "add host h1 to aggregate az1",
        "create aggregate az1 with availability zone az1",
    ]
    assert region.observed.aggregates == ()
    assert not verdict.changed


def test_behind_a_deletion_there_is_no_way_back_and_the_next_run_goes_on() -> None:
    region = standing_in(cloud(aggregate("az1", "h1 h2")), faults={6: REFUSED})
    wanted = zone_map(az1="h1 h2")
    verdict = run(region, wanted, "recreate_aggregate", state="without_az")["az1"]
    assert "what was done before this is kept: run it again to continue from here" in verdict.message()
    assert not verdict.undone
    region.faults.clear()
    assert not run(region, wanted, "recreate_aggregate", state="without_az")["az1"].failed
    assert [place(region.observed, name) for name in ("h1", "h2")] == [(None, None), (None, None)]
    assert sorted(region.observed.by_name["az1"].hosts) == ["h1", "h2"]


def ironic(**rest: Any) -> tuple[StandIn, dict[str, Verdict]]:
    """A host with two nodes joins: nova mirrors only its first one."""
    region = standing_in(cloud(aggregate("az1", "h1"), hosts="h2"))
    region.further["h2"] = ("provider-h2-b",)
    verdicts = run(region, zone_map(az1="h1 h2"), **rest)
    return region, verdicts


def test_all_hypervisors_of_a_host_that_joins_are_looked_at() -> None:
    region, verdicts = ironic()
    assert region.members["uuid-az1"] >= {"provider-h2"}
    assert "provider-h2-b" not in region.members["uuid-az1"]
    assert "placement does not mirror aggregate az1 on h2" in verdicts["az1"].message()
    again = run(region, zone_map(az1="h1 h2"), compare_mirror=True)["az1"]
    assert not again.failed
    assert any("on h2" in message for message in again.wrong)


def test_all_hypervisors_of_a_host_that_joins_are_mirrored_where_that_is_asked_for() -> None:
    region, verdicts = ironic(mirror=True)
    assert not verdicts["az1"].failed, verdicts["az1"].message()
    assert {"provider-h2", "provider-h2-b"} <= region.members["uuid-az1"]
    again = run(region, zone_map(az1="h1 h2"), compare_mirror=True)["az1"]
    assert again.wrong == ()


def test_a_move_takes_all_hypervisors_along() -> None:
    region = standing_in(cloud(*TWO))
    region.further["h1"] = ("provider-h1-b",)
    region.members["uuid-az1"] |= {"provider-h1-b"}
    assert not run(region, MOVE, "host_moves", mirror=True)["az2"].failed
    assert {"provider-h1", "provider-h1-b"} <= region.members["uuid-az2"]
    assert not {"provider-h1", "provider-h1-b"} & region.members["uuid-az1"]


def test_what_placement_does_not_tell_of_a_host_that_joined_is_a_warning() -> None:
    region = standing_in(cloud(aggregate("az1", "h1"), hosts="h2"))
    region.faults["placement GET /resource_providers?member_of=uuid-az1"] = REFUSED
    asked, deadline = options(only=("az1",)), Deadline(60)
    reconciler = AvailabilityZones(region.nova(), region.placement(), zone_map(az1="h1 h2"), asked, deadline)
    verdict = Converge(reconciler, check=False, deadline=deadline, settle=0).run()["az1"]
    assert not verdict.failed
    assert any("it is unknown whether placement mirrors the added hosts (h2)" in one for one in reconciler.warnings)


@pytest.mark.parametrize(("compare", "named"), [(True, ["az2"]), (False, [])])
def test_zones_of_others_are_compared_only_where_that_is_asked_for(compare: bool, named: list[str]) -> None:
    region = standing_in(cloud(aggregate("az1", "h1"), aggregate("az2", "h2")))
    region.members["uuid-az2"] = set()
    asked, deadline = options(only=("az1",), mirror=True, compare_mirror=compare), Deadline(60)
    reconciler = AvailabilityZones(region.nova(), region.placement(), zone_map(az1="h1"), asked, deadline)
    Converge(reconciler, check=True, deadline=deadline, settle=0).run()
    drifting = [one for one in reconciler.warnings if "placement does not mirror" in one]
    assert [name for name in ("az1", "az2") if any(f"aggregate {name}," in one for one in drifting)] == named


def test_a_host_that_joined_leaves_with_all_its_hypervisors_when_its_zone_fails() -> None:
    region = standing_in(cloud(aggregate("az1", "h1"), hosts="h2 h3"))
    # Behind h2 and its two providers.
    region.faults = {3: REFUSED}
    region.further["h2"] = ("provider-h2-b",)
    verdict = run(region, zone_map(az1="h1 h2 h3"), mirror=True)["az1"]
    assert verdict.failed
    assert [change.text for change in verdict.undone] == ["add host h2 to aggregate az1"]
    assert region.members["uuid-az1"] == {"provider-h1"}


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (host("h1", reason="work on the rack"), "disabled (work on the rack)"),
        (host("h1", reason=""), "disabled (no reason given)"),
        (host("h1"), "enabled"),
        (None, "gone"),
    ],
)
def test_a_host_that_changed_meanwhile_is_named_with_its_state(now: Host | None, state: str) -> None:
    region = standing_in(cloud(aggregate("az1", "h1")))
    asked, deadline = options(), Deadline(60)
    reconciler = AvailabilityZones(region.nova(), region.placement(), zone_map(az1="h1"), asked, deadline)
    reconciler.start_from(reconciler.observe(), Plan())
    hosts = [] if now is None else [now]
    region.model.observed = cloud(aggregate("az1"), special=hosts)
    with pytest.raises(ZoneopsError, match=re.escape(f"is now {state}")):
        reconciler.writer._expect("h1", "zoneops:az1->az2")


DEAD_LOCK = "lock of ops@elsewhere process 4711 in 0123456789ab since 1000 until 2000 adding hosts"
LIVING_LOCK = "lock of ops@elsewhere process 4711 in 0123456789ab since 1000 until 4102444800 adding hosts"
SAID: list[str] = []
LACKS = "placement does not mirror aggregate az1 on h2"


def site(
    region: StandIn, *names: str, check: bool = False, break_lock: bool = False, **rest: Any
) -> dict[str, Verdict]:
    """A run under the lock; `names` of all zones, which are az1 with h1 and h2, and az2 with h3."""
    wanted, deadline = zone_map(az1="h1 h2", az2="h3"), Deadline(60)
    reconciler = AvailabilityZones(region.nova(), region.placement(), wanted, options(only=names, **rest), deadline)
    lock = RegionLock(region.nova(), deadline, break_lock=break_lock, adding=reconciler)
    found = Converge(reconciler, check=check, deadline=deadline, lock=lock, settle=0).run()
    SAID[:] = [*lock.warnings, *reconciler.warnings]
    return found


def left_by_a_dead_run(lock: str = DEAD_LOCK) -> StandIn:
    """It was killed between the host and the look afterwards: only its lock is left."""
    region = ironic()[0]
    region.model.create(LOCK_NAME, lock)
    region.model.observed = region.model.observed.with_host(host("h3"))
    region.calls.clear()
    return region


@pytest.mark.parametrize("check", [True, False])
def test_what_a_killed_run_added_fails_the_next_ones_until_it_is_mirrored(check: bool) -> None:
    region = left_by_a_dead_run()
    for _run in range(2):
        # The second one has nothing to write any more, and finds the lock that the first one left.
        found = site(region, "az1", "az2", check=check)
        assert LACKS in found["az1"].message()
        assert found["az1"].failed
        assert not found["az2"].failed
    assert LOCK_NAME in region.observed.by_name
    assert not site(region, "az1", "az2", mirror=True)["az1"].failed
    assert LOCK_NAME not in region.observed.by_name
    assert not site(region, "az1", "az2")["az1"].failed


def test_what_a_run_itself_could_not_mirror_fails_the_next_ones_as_well() -> None:
    region = standing_in(cloud(aggregate("az1", "h1"), aggregate("az2", "h3"), hosts="h2"))
    region.further["h2"] = ("provider-h2-b",)
    for _run in range(3):
        assert LACKS in site(region, "az1", "az2")["az1"].message()
    # As `nova-manage placement sync_aggregates` does.
    region.members["uuid-az1"] |= {"provider-h2-b"}
    assert not site(region, "az1", "az2")["az1"].failed


def test_a_run_for_another_zone_does_not_forget_it() -> None:
    region = left_by_a_dead_run()
    assert not site(region, "az2")["az2"].failed
    assert "h3" in region.observed.by_name["az2"].hosts
    assert LACKS in site(region, "az1")["az1"].message()


def test_nor_does_one_that_mirrors_another_zone() -> None:
    region = left_by_a_dead_run()
    assert not site(region, "az2", mirror=True)["az2"].failed
    assert LACKS in site(region, "az1")["az1"].message()


def test_the_lock_of_a_dead_run_that_added_nothing_says_nothing() -> None:
    """As that of compute_services is."""
    region = left_by_a_dead_run(DEAD_LOCK.removesuffix(" adding hosts"))
    assert site(region, "az1")["az1"].wrong == ()
    assert not [call for call in region.calls if call.startswith("placement")]
    assert not site(region, "az2")["az2"].failed
    assert LOCK_NAME not in region.observed.by_name


def test_the_lock_says_whether_hosts_are_added() -> None:
    region = standing_in(cloud(aggregate("az1", "h1"), hosts="h2"))
    assert not site(region, "az1")["az1"].failed
    assert ["adding hosts" in write for write in region.writes if LOCK_NAME in write] == [True]
    with RegionLock(region.nova(), Deadline(60)):
        assert "adding hosts" not in str(region.observed.by_name[LOCK_NAME])


def test_neither_does_a_module_that_looks_at_no_mirror() -> None:
    region = left_by_a_dead_run()
    with RegionLock(region.nova(), Deadline(60)):
        pass
    assert LACKS in site(region, "az1")["az1"].message()


def test_the_lock_of_a_run_at_work_makes_it_a_note() -> None:
    """That one may be about to mirror it; where it is dead and its time is not over, verification fails for it."""
    region = left_by_a_dead_run(LIVING_LOCK)
    found = site(region, "az1")["az1"]
    assert not found.failed
    assert LACKS in found.wrong[0]


def test_a_lock_that_was_broken_leaves_it_to_the_next_run() -> None:
    region = left_by_a_dead_run(LIVING_LOCK)
    assert LACKS in site(region, "az1", "az2", break_lock=True)["az1"].wrong[0]
    assert LACKS in site(region, "az1", "az2")["az1"].message()


def test_without_a_lock_placement_is_not_asked() -> None:
    region = left_by_a_dead_run()
    region.model.observed = region.model.observed.without_aggregate(LOCK_NAME)
    assert site(region, "az1")["az1"].wrong == ()
    assert not [call for call in region.calls if call.startswith("placement")]


def test_what_placement_does_not_tell_after_a_killed_run_is_a_warning() -> None:
    region = left_by_a_dead_run()
    region.faults["compute GET /os-hypervisors/detail"] = REFUSED
    assert not site(region, "az1")["az1"].failed
    assert any("it is unknown whether" in one for one in SAID)
