# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts on maintenance in Masakari while they are in a maintenance of ours: only what it set is set back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Aggregate
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.nova import Nova
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.zones.agents import masakari_key
from ansible_collections.zoneops.openstack.plugins.module_utils._masakari.masakari import Masakari
from ansible_collections.zoneops.openstack.plugins.module_utils._masakari.model import Recovery, Wanted
from ansible_collections.zoneops.openstack.plugins.module_utils._masakari.reconcile import InMasakari
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.disabled.reason import MAINTENANCE, zone_mark
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._masakari.stand_in import Killed, StandIn
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._zone_maintenance.test_remembered import (
    Aggregates,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._zone_maintenance.test_remembered import (
    Killed as KilledInNova,
)

HOSTS = ("h1", "h2", "spare", "unknown")
MINE = {masakari_key(name): "zoneops: maintenance of the zone: work" for name in ("h1", "spare")}


def in_az1() -> Aggregate:
    return Aggregate("az1", "az1", {"tier": "gold"}, id=1)


@pytest.fixture
def cloud() -> Aggregates:
    return Aggregates(in_az1(), Aggregate("newer", "az1", id=2))


@pytest.fixture
def masakari() -> StandIn:
    """h2 is on maintenance already, and the spare is in the zone."""
    found = StandIn("h1", "h2", "spare", "elsewhere")
    found.by_hand("h2", on=True)
    found.found["spare"] = replace(found.found["spare"], reserved=True)
    return found


def run(
    masakari: StandIn,
    cloud: Aggregates,
    state: str,
    *,
    check: bool = False,
    mark: str = zone_mark(),
    alone: tuple[str, ...] = (),
) -> Verdict:
    wanted = Wanted({"az1": alone or HOSTS}, {"az1": "az1"}, state == "end", mark, "work", whole=not alone)
    found = InMasakari(cast(Masakari, masakari), cast(Nova, cloud), wanted)
    return Converge(found, check=check, deadline=Deadline(60), settle=0).run()["az1"]


def memory(cloud: Aggregates) -> dict[str, str]:
    return {key: value for key, value in cloud.found[1].metadata.items() if key != "tier"}


def test_only_what_it_set_is_set_back(masakari: StandIn, cloud: Aggregates) -> None:
    planned = run(masakari, cloud, "begin", check=True)
    assert (masakari.writes, cloud.writes) == ([], 0)
    begun = run(masakari, cloud, "begin")
    assert (begun.failed, begun.after, masakari.on()) == (False, planned.after, {"h1", "h2", "spare"})
    assert [change.text for change in begun.done] == [change.text for change in planned.plan]
    assert memory(cloud) == MINE
    assert not run(masakari, cloud, "begin").changed
    planned = run(masakari, cloud, "end", check=True)
    ended = run(masakari, cloud, "end")
    assert (ended.failed, ended.after, masakari.on(), memory(cloud)) == (False, planned.after, {"h2"}, {})
    assert cloud.found[1].metadata == {"tier": "gold"}
    assert not run(masakari, cloud, "end").changed


def test_a_host_s_own_maintenance_and_its_zone_s_end_apart(masakari: StandIn, cloud: Aggregates) -> None:
    run(masakari, cloud, "begin", mark=MAINTENANCE)
    assert not run(masakari, cloud, "end").changed
    assert masakari.on() == {"h1", "h2", "spare"}
    run(masakari, cloud, "end", mark=MAINTENANCE)
    assert (masakari.on(), memory(cloud)) == ({"h2"}, {})


def test_hosts_that_are_taken_out_one_by_one_come_back_one_by_one(masakari: StandIn, cloud: Aggregates) -> None:
    verdict = run(masakari, cloud, "begin", mark=MAINTENANCE, alone=("h1", "spare"))
    assert [refusal.rule for refusal in verdict.refusals] == ["ha_host"]
    assert "host spare is a spare of segment racks in Masakari (reserved). Release it" in verdict.message()
    for name in ("h1", "elsewhere"):
        run(masakari, cloud, "begin", mark=MAINTENANCE, alone=(name,))
    assert masakari.on() == {"h1", "h2", "elsewhere"}
    assert not run(masakari, cloud, "end", mark=MAINTENANCE, alone=("h1",)).failed
    assert (masakari.on(), list(memory(cloud))) == ({"h2", "elsewhere"}, [masakari_key("elsewhere")])


@pytest.mark.parametrize("state", ["begin", "end"])
@pytest.mark.parametrize("write", range(1, 5))
def test_a_run_that_is_killed_at_any_write_is_resumed(
    masakari: StandIn, cloud: Aggregates, state: str, write: int
) -> None:
    """Also when it goes the other way from there."""
    if state == "end":
        run(masakari, cloud, "begin")
    if write % 2:
        cloud.killed = cloud.writes + (write + 1) // 2
    else:
        masakari.kill_after = len(masakari.writes) + write // 2
    with pytest.raises((Killed, KilledInNova)):
        run(masakari, cloud, state)
    cloud.killed, masakari.kill_after = 0, None
    assert not run(masakari, cloud, state).failed
    begun = state == "begin"
    assert (masakari.on(), memory(cloud)) == (({"h1", "h2", "spare"}, MINE) if begun else ({"h2"}, {}))
    assert not run(masakari, cloud, state).changed
    assert not run(masakari, cloud, "end").failed
    assert (masakari.on(), memory(cloud)) == ({"h2"}, {})


def test_what_others_changed_is_left_and_told(masakari: StandIn, cloud: Aggregates) -> None:
    run(masakari, cloud, "begin")
    masakari.by_hand("h1", on=False)
    del masakari.found["spare"]
    for check in (True, False):
        verdict = run(masakari, cloud, "end", check=check)
        said = " ".join(verdict.warnings)
        assert "host h1, which an earlier run put on maintenance in Masakari, is not on maintenance in Masakari" in said
        assert "spare" in said and "is in no segment of Masakari any more" in said
    assert (masakari.writes, memory(cloud)) == ([("h1", True), ("spare", True)], {})
    assert not run(masakari, cloud, "end").changed


def test_what_others_set_during_the_run_is_theirs(
    masakari: StandIn, cloud: Aggregates, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = masakari.hosts

    def then() -> Any:
        found = hosts()
        masakari.by_hand("h1", on=True)
        return found

    monkeypatch.setattr(masakari, "hosts", then)
    verdict = run(masakari, cloud, "begin")
    assert "host h1 was put on maintenance in Masakari by others during this run" in verdict.message()
    assert (masakari.writes, memory(cloud)) == ([], {})


def test_a_segment_that_masakari_works_in_is_refused_before_the_first_write(
    masakari: StandIn, cloud: Aggregates
) -> None:
    masakari.at_work = (
        Recovery("s1", "u-elsewhere", "COMPUTE_HOST", "running"),
        Recovery("s2", "u-other", "VM", "new"),
    )
    verdict = run(masakari, cloud, "begin")
    assert [refusal.rule for refusal in verdict.refusals] == ["instance_ha"]
    assert (
        "segment racks, and changes none of its hosts until then: COMPUTE_HOST of elsewhere (running). Wait"
        in verdict.message()
    )
    assert (masakari.writes, memory(cloud)) == ([], {})
    masakari.at_work = ()
    run(masakari, cloud, "begin")
    masakari.at_work = (Recovery("s1", "u-h1", "COMPUTE_HOST", "error"),)
    verdict = run(masakari, cloud, "end")
    assert [refusal.rule for refusal in verdict.refusals] == ["instance_ha"]
    assert "zoneops_maintenance_instance_ha" not in verdict.message()
    assert memory(cloud) == MINE


def test_notifications_are_asked_for_only_where_a_host_changes(masakari: StandIn, cloud: Aggregates) -> None:
    run(masakari, cloud, "begin")
    before = masakari.asked
    run(masakari, cloud, "begin")
    assert masakari.asked == before + 1


def test_a_zone_without_an_aggregate_is_refused(masakari: StandIn, cloud: Aggregates) -> None:
    cloud.found.clear()
    verdict = run(masakari, cloud, "begin")
    assert "has no host aggregate, which would remember that Masakari ignores h1, spare" in verdict.message()
    assert masakari.on() == {"h2"}
    assert not run(masakari, cloud, "end").failed


def test_an_aggregate_that_goes_meanwhile(
    masakari: StandIn, cloud: Aggregates, monkeypatch: pytest.MonkeyPatch
) -> None:
    recoveries = masakari.recoveries

    def then() -> Any:
        cloud.found.clear()
        return recoveries()

    monkeypatch.setattr(masakari, "recoveries", then)
    assert "aggregate of availability zone az1 is gone" in run(masakari, cloud, "begin").message()
    assert masakari.on() == {"h2"}


def test_a_masakari_that_does_not_answer(masakari: StandIn, cloud: Aggregates) -> None:
    masakari.answers = False
    verdict = run(masakari, cloud, "begin")
    assert (
        "unknown whether it would act on hosts of the zone: instance-ha API: GET /segments: 503." in verdict.message()
    )
    # An end that has nothing to put back there does not need it.
    assert not run(masakari, cloud, "end").failed
    masakari.answers = True
    run(masakari, cloud, "begin")
    masakari.answers = False
    verdict = run(masakari, cloud, "end")
    assert "so h1, spare stay on maintenance there: instance-ha API: GET /segments: 503." in verdict.message()
    assert memory(cloud) == MINE
