# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compute services: what is set, what is refused, and that an undo puts everything back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Host
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.nova import Nova
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.services import ComputeServices, Wanted
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import (
    aggregate,
    cloud,
    host,
    zone_map,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.stand_in import StandIn, standing_in
from ansible_collections.zoneops.openstack.tests.unit.plugins.modules.recorded import like_recorded
from hypothesis import given
from hypothesis import strategies as st

ZONE = zone_map(az1="h1")
OURS, FOREIGN, HA, ON_ITS_WAY = "zoneops: fan", "broken disk", "instanceha fence", "zoneops:az1->az2"
DEAD = "zoneops: dead: burnt down"
MAINTENANCE = "zoneops: maintenance, emptied: firmware"


def region_of(found: Host, *, placed: bool = True) -> StandIn:
    return standing_in(cloud(*([aggregate("az1", "h1")] if placed else []), special=[found]))


def reconciler_of(region: StandIn, **wanted: Any) -> ComputeServices:
    return ComputeServices(region.nova(), region.placement(), ZONE, Wanted(only=("az1",), **wanted))


def run(region: StandIn, *, check: bool = False, **wanted: Any) -> Verdict:
    return Converge(reconciler_of(region, **wanted), check=check, deadline=Deadline(60), settle=0).run()["az1"]


@pytest.mark.parametrize(
    ("found", "wanted", "reason"),
    [
        (host("h1"), {"status": "disabled", "reason": "fan"}, OURS),
        (host("h1"), {"status": "disabled"}, None),
        (host("h1", reason=OURS), {"status": "disabled", "reason": "disk"}, "zoneops: disk"),
        (
            host("h1", reason=FOREIGN),
            {"status": "disabled", "reason": "disk", "allow": {"foreign_reasons"}},
            "zoneops: disk",
        ),
    ],
)
def test_disabling(found: Host, wanted: dict[str, Any], reason: str | None) -> None:
    region = region_of(found)
    verdict = run(region, **wanted)
    assert not verdict.failed
    after = region.observed.hosts["h1"]
    assert (after.status, after.disabled_reason) == ("disabled", reason)
    assert len(region.writes) == 1
    assert like_recorded("compute_services", {"az1": verdict.as_dict()})
    assert not run(region, **wanted).changed


def test_a_zone_without_compute_hosts_is_named() -> None:
    """Before power work "nothing to change" would be taken for done."""
    region = region_of(host("h1"))
    zones: list[dict[str, Any]] = [{}, {"compute": {}}]
    for zone in zones:
        reconciler = ComputeServices(
            region.nova(), region.placement(), zone_map(az1=zone), Wanted(("az1",), status="enabled")
        )
        assert [note.message for note in reconciler.plan(reconciler.observe()).notes] == [
            "the zone's file names no compute host: there is nothing to do here."
        ]


@pytest.mark.parametrize(("reason", "allow"), [(OURS, set()), (FOREIGN, {"foreign_reasons"}), (ON_ITS_WAY, set())])
def test_enabling_one_that_is_in_its_zone(reason: str, allow: set[str]) -> None:
    region = region_of(host("h1", reason=reason))
    assert not run(region, status="enabled", allow=allow).failed
    assert region.observed.hosts["h1"].enabled


@pytest.mark.parametrize(
    ("found", "placed", "allow", "rule"),
    [
        (host("h1", reason=FOREIGN), True, set(), "foreign_reasons"),
        (host("h1", reason=HA), True, {"foreign_reasons"}, "ha_host"),
        (host("h1", reason=ON_ITS_WAY), False, {"foreign_reasons"}, "on_its_way"),
        (host("h1", state="down", reason=OURS), True, {"foreign_reasons"}, "host_down"),
        (host("h1", reason=MAINTENANCE), True, {"foreign_reasons"}, "maintenance"),
        (host("h1", reason=DEAD), True, {"foreign_reasons"}, "dead_host"),
    ],
)
def test_enabling_is_refused(found: Host, placed: bool, allow: set[str], rule: str) -> None:
    region = region_of(found, placed=placed)
    assert [refusal.rule for refusal in run(region, status="enabled", allow=allow).refusals] == [rule]
    assert not region.writes


def test_a_host_that_died_stays_forced_down() -> None:
    reconciler = reconciler_of(region_of(host("h1")), forced_down=False)
    dead = replace(host("h1", reason=DEAD, state="down"), zone="az1", forced_down=True)
    plan = reconciler.plan(replace(reconciler.observe(), hosts={"h1": dead}))
    assert [refusal.rule for refusal in plan.refusals] == ["dead_host"]


def test_a_host_that_nova_does_not_know_is_refused() -> None:
    region = standing_in(cloud(hosts="other"))
    assert [refusal.rule for refusal in run(region, status="disabled").refusals] == ["unknown_host"]


@pytest.mark.parametrize(
    ("reason", "placed", "allow", "note"),
    [
        (
            MAINTENANCE,
            True,
            {"foreign_reasons"},
            f"by a maintenance ({MAINTENANCE}): the reason is kept. host_maintenance ends it",
        ),
        (DEAD, True, {"foreign_reasons"}, f"because it died ({DEAD}): the reason is kept. zone_return brings it back"),
        (FOREIGN, True, set(), "by others (broken disk): the reason is kept. To replace it: allow [foreign_reasons]"),
        (
            HA,
            True,
            {"foreign_reasons"},
            "by an instance-HA tool or as its spare (instanceha fence): the reason is kept",
        ),
        (ON_ITS_WAY, False, {"foreign_reasons"}, "by an unfinished move (zoneops:az1->az2): the reason is kept"),
    ],
)
def test_before_power_work_a_host_that_is_disabled_already_stops_no_other(
    reason: str, placed: bool, allow: set[str], note: str
) -> None:
    hosts = [host("h1", reason=reason), host("h2"), host("h3", state="down")]
    region = standing_in(cloud(aggregate("az1", "h1 h2 h3" if placed else "h2 h3"), special=hosts))
    zone = zone_map(az1="h1 h2 h3")

    def disabled(check: bool) -> Verdict:
        wanted = Wanted(only=("az1",), status="disabled", reason="fan", allow=frozenset(allow))
        reconciler = ComputeServices(region.nova(), region.placement(), zone, wanted)
        return Converge(reconciler, check=check, deadline=Deadline(60), settle=0).run()["az1"]

    predicted, done, again = disabled(check=True), disabled(check=False), disabled(check=False)
    assert (done.failed, done.changed, again.failed, again.changed) == (False, True, False, False)
    assert predicted.after == done.after
    assert {name: found.disabled_reason for name, found in region.observed.hosts.items()} == {
        "h1": reason,
        "h2": OURS,
        "h3": OURS,
    }
    for verdict in (predicted, done, again):
        assert note in " ".join(verdict.warnings)


def test_before_power_work_a_host_that_nova_does_not_know_stops_no_other() -> None:
    """The zone fails and names it; the others are disabled, and stay so."""
    region = standing_in(cloud(aggregate("az1", "h1"), special=[host("h1")]))
    wanted = Wanted(only=("az1",), status="disabled", reason="fan")
    reconciler = ComputeServices(region.nova(), region.placement(), zone_map(az1="h1 h9"), wanted)
    verdict = Converge(reconciler, check=False, deadline=Deadline(60), settle=0).run()["az1"]
    assert "host h9 is not a compute host of this cloud" in verdict.message()
    assert (verdict.failed, verdict.changed) == (True, True)
    assert region.observed.hosts["h1"].disabled_reason == OURS


@pytest.mark.parametrize(("named", "there"), [("h9", "h9.example.org"), ("H9.example.org", "h9.example.org")])
def test_a_host_that_has_a_domain_in_nova_is_found_for_a_person(named: str, there: str) -> None:
    region = standing_in(cloud(aggregate("az1", there)))
    wanted = Wanted(only=("az1",), status="disabled", reason="fan")
    reconciler = ComputeServices(region.nova(), region.placement(), zone_map(az1=named), wanted)
    verdict = Converge(reconciler, check=True, deadline=Deadline(60), settle=0).run()["az1"]
    assert f"host {named} is not a compute host of this cloud (did you mean {there}?)" in verdict.message()


def test_before_power_work_a_host_that_cannot_be_disabled_puts_no_other_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    region = standing_in(cloud(aggregate("az1", "h1 h2"), special=[host("h1"), host("h2")]))
    wanted = Wanted(only=("az1",), status="disabled", reason="fan")
    nova, placement = region.nova(), region.placement()
    reconciler = ComputeServices(nova, placement, zone_map(az1="h1 h2"), wanted)
    put = Nova.set_service

    def fails_for_second(one: Nova, number: str, body: dict[str, Any]) -> None:
        if number == region.observed.hosts["h2"].service_id:
            raise ZoneopsError("503")
        put(one, number, body)

    monkeypatch.setattr(Nova, "set_service", fails_for_second)
    verdict = Converge(reconciler, check=False, deadline=Deadline(60), settle=0).run()["az1"]
    assert verdict.failed
    assert "nova-compute on h2" in verdict.message()
    assert [name for name, found in region.observed.hosts.items() if not found.enabled] == ["h1"]


def test_what_a_no_op_costs() -> None:
    region = region_of(host("h1"))
    run(region, forced_down=False)
    assert region.calls == ["compute GET /", "compute GET /os-services"]
    region.calls.clear()
    run(region, status="enabled")
    assert [call.partition("?")[0] for call in region.calls] == [
        "compute GET /",
        "compute GET /os-services",
        "placement GET /resource_providers",
        "compute GET /os-hypervisors/detail",
    ]


@pytest.mark.parametrize("status", ["disabled", "enabled"])
def test_a_run_behind_one_that_ended_before_placement_followed(status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed there, or failed with "run it again": the service says what is wanted, the scheduler acts as before."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    wanted: dict[str, Any] = {"status": status, "reason": "fan"} if status == "disabled" else {"status": status}
    region = region_of(host("h1", reason=None if status == "disabled" else OURS))
    region.lagging = {"h1"}
    for _again in range(2):
        found = run(region, **wanted)
        assert "in placement was not updated" in found.message()
        assert region.observed.hosts["h1"].status == status
        assert run(region, check=True, **wanted).changed
    region.writes.clear()
    region.on_write = region.lagging.clear
    found = run(region, **wanted)
    assert (found.errors, found.changed) == ([], True)
    assert len(region.writes) == 1
    assert region.observed.hosts["h1"].disabled_reason == (OURS if status == "disabled" else None)
    assert not run(region, **wanted).plan


def test_a_host_of_somebody_else_that_the_scheduler_uses_is_said() -> None:
    region = region_of(host("h1", reason=FOREIGN))
    region.lagging = {"h1"}
    found = run(region, status="disabled")
    assert "the scheduler acts on host h1 as if it were enabled." in found.warnings
    assert not region.writes


@pytest.mark.parametrize("state", ["down", "up"])
def test_a_host_that_is_down_follows_when_it_starts(state: str) -> None:
    region = region_of(host("h1", reason=OURS, state=state))
    region.lagging = {"h1"}
    assert bool(run(region, status="disabled", check=True).plan) == (state == "up")


def test_a_trait_that_does_not_follow_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    region = region_of(host("h1"))
    placement = region.placement()
    monkeypatch.setattr(type(placement), "is_disabled", lambda _self, _provider: False)
    verdict = run(region, status="disabled", reason="fan")
    assert "the trait COMPUTE_STATUS_DISABLED in placement was not updated" in verdict.message()
    assert len(region.writes) == 5


REASONS = st.sampled_from((None, OURS, FOREIGN, "off without a reason"))
WANTED = st.fixed_dictionaries(
    {"status": st.sampled_from((None, "enabled", "disabled"))},
    optional={"reason": st.sampled_from(("fan", "disk"))},
)


@given(REASONS, WANTED)
def test_an_undo_puts_status_and_reason_back(reason: str | None, wanted: dict[str, Any]) -> None:
    found = host("h1", reason=reason)
    if reason == "off without a reason":
        found = replace(found, disabled_reason=None)
    region = region_of(found)
    reconciler = reconciler_of(region, allow=frozenset({"foreign_reasons"}), **wanted)
    observed = reconciler.observe()
    closer = reconciler.observe_details(observed, reconciler.plan(observed)) or observed
    for change in reconciler.plan(closer).changes:
        reconciler.write(change)()
    after = region.observed.hosts["h1"]
    assert (after.status, after.disabled_reason) == (found.status, found.disabled_reason)


@given(REASONS, WANTED)
def test_check_mode_foresees_the_run(reason: str | None, wanted: dict[str, Any]) -> None:
    found = host("h1", reason=reason)
    look: Callable[..., Verdict] = lambda **more: run(region_of(found), **wanted, **more)  # noqa: E731
    foreseen, came = look(check=True), look()
    assert (foreseen.changed, foreseen.after, foreseen.refusals) == (came.changed, came.after, came.refusals)
    assert not came.errors


def test_forcing_down_is_a_property_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(Nova, "set_service", lambda _nova, _service, body: sent.append(body))
    reconciler = reconciler_of(region_of(host("h1")), forced_down=True)
    (change,) = reconciler.plan(reconciler.observe()).changes
    undo = reconciler.write(change)
    undo()
    assert sent == [{"forced_down": True}, {"forced_down": False}]
