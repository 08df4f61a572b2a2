# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The map against what manila reports, and services that are switched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.change import Plan
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.api.model import Pool, ShareService
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.services.model import (
    Options,
    SetService,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.services.reconcile import (
    ShareServices,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._types.model import FoundType
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap

ONE = ShareService("lab@az1", "manila-share", "az1")
TWO = ShareService("lab@az2", "manila-share", "az2")
SCHEDULER = ShareService("lab", "manila-scheduler", "nova")
POOLS = (Pool("lab@az1#p", "az1", False, 100.0, 90.0), Pool("lab@az2#p", "az2", False, "infinite", "infinite"))
BACKENDS: Mapping[str, Any] = {"az1": {"share_backends": [{}]}, "az2": {"share_backends": [{}]}}


class Manila:
    """manila with services, and what was done to them."""

    def __init__(self, *services: ShareService, pools: tuple[Pool, ...] = POOLS, keeps_reasons: bool = True) -> None:
        self.services = {service.host: service for service in services}
        self.listed_pools = pools
        self.keeps_reasons = keeps_reasons
        self.there = True
        self.default: FoundType | None = FoundType("1", "default")
        self.calls: list[str] = []

    def present(self) -> bool:
        return self.there

    def share_services(self, *, reasons: bool = False) -> tuple[ShareService, ...]:
        self.calls.append("services with reasons" if reasons else "services")
        found = self.services.values()
        return tuple(
            found if reasons and self.keeps_reasons else (replace(service, disabled_reason=None) for service in found)
        )

    def pools(self) -> tuple[Pool, ...]:
        self.calls.append("pools")
        return self.listed_pools

    def default_type(self) -> FoundType | None:
        self.calls.append("default type")
        return self.default

    def set_service(self, host: str, binary: str, *, enabled: bool, reason: str | None = None) -> None:
        assert self.services[host].binary == binary
        self.services[host] = replace(self.services[host], enabled=enabled, disabled_reason=reason)


def reconciler(
    manila: Manila, zones: Mapping[str, Any] | None = None, types: Sequence[Mapping[str, Any]] = (), **options: Any
) -> ShareServices:
    zones = zones or BACKENDS
    wanted: ZoneMap = load_map(zones, {"zones": list(zones), "share_types": list(types)})
    return ShareServices(manila, wanted, Options(tuple(zones), **options))  # type: ignore[arg-type]


def wrong(found: ShareServices) -> dict[str, list[str]]:
    return {
        one.zone: [other.rule for other in plan_of(found).refusals if other.zone == one.zone]
        for one in plan_of(found).refusals
    }


def plan_of(found: ShareServices) -> Plan[SetService]:
    return found.plan(found.observe())


def notes(found: ShareServices) -> str:
    return " | ".join(note.message for note in plan_of(found).notes)


def test_all_is_as_the_map_says_in_three_calls() -> None:
    manila = Manila(ONE, TWO, SCHEDULER)
    found = reconciler(manila)
    assert plan_of(found) == Plan()
    assert manila.calls == ["services", "pools", "default type"]
    assert found.warnings == []
    assert found.describe(found.observe(), "az1") == {
        "manila-share lab@az1": {
            "status": "enabled",
            "state": "up",
            "pools": {"lab@az1#p": {"share_backend_name": "az1", "free_gb": 90.0}},
        }
    }


@pytest.mark.parametrize(
    ("services", "pools", "rules"),
    [
        ((TWO, SCHEDULER), POOLS, ["missing_service"]),
        ((replace(ONE, up=False), TWO, SCHEDULER), POOLS, ["service_down"]),
        ((replace(ONE, enabled=False), TWO, SCHEDULER), POOLS, ["service_down"]),
        ((replace(ONE, availability_zone="az9"), TWO, SCHEDULER), POOLS, ["wrong_zone"]),
        ((ONE, TWO, SCHEDULER), (replace(POOLS[0], backend_name="other"), POOLS[1]), ["wrong_backend_name"]),
        ((ONE, TWO, SCHEDULER), (replace(POOLS[0], driver_handles_share_servers=True), POOLS[1]), ["share_servers"]),
        ((ONE, TWO, SCHEDULER), (replace(POOLS[0], free=0.0), POOLS[1]), ["no_space"]),
    ],
)
def test_what_is_wrong_fails_its_zone_alone(services: Any, pools: Any, rules: list[str]) -> None:
    assert wrong(reconciler(Manila(*services, pools=pools))) == {"az1": rules}


def test_a_zone_that_is_known_to_be_lost_does_not_fail_by_it() -> None:
    zones = {**BACKENDS, "az1": {"share_backends": [{}], "zone_state": "down"}}
    found = reconciler(Manila(replace(ONE, up=False), TWO, SCHEDULER), zones)
    assert wrong(found) == {}
    assert "lab@az1 is down. (expected: the zone is down)" in notes(found)


def test_a_pool_that_the_scheduler_has_not_asked_for_again_is_no_failure() -> None:
    found = reconciler(Manila(ONE, TWO, SCHEDULER, pools=POOLS[1:]))
    assert wrong(found) == {}
    assert "lab@az1 is up, but manila's scheduler lists no pool of it before the next share" in notes(found)


def test_no_scheduler_concerns_every_zone_with_shares() -> None:
    zones = {**BACKENDS, "az3": {}}
    found = reconciler(Manila(ONE, TWO, replace(SCHEDULER, up=False)), zones)
    assert wrong(found) == {"az1": ["no_scheduler"], "az2": ["no_scheduler"]}
    assert found.warnings == ["manila-scheduler lab is down"]


ONLY_TYPES: Mapping[str, Any] = {"az1": {}, "az2": {}}
GOLD = {"name": "{zone}-gold", "share_backend_name": "{zone}"}


@pytest.mark.parametrize(
    ("services", "pools", "rules"),
    [
        ((ONE, TWO, SCHEDULER), POOLS, {}),
        ((TWO, SCHEDULER), POOLS, {"az1": ["unknown_zone", "no_backend"]}),
        ((replace(ONE, availability_zone="az9"), TWO, SCHEDULER), POOLS, {"az1": ["unknown_zone", "no_backend"]}),
        ((replace(ONE, up=False), TWO, SCHEDULER), POOLS, {"az1": ["no_backend"]}),
        ((replace(ONE, enabled=False), TWO, SCHEDULER), POOLS, {"az1": ["no_backend"]}),
        ((ONE, TWO, SCHEDULER), (replace(POOLS[0], backend_name="other"), POOLS[1]), {"az1": ["no_backend"]}),
        ((ONE, TWO, replace(SCHEDULER, up=False)), POOLS, {"az1": ["no_scheduler"], "az2": ["no_scheduler"]}),
        # What the scheduler has not asked again says nothing of its name.
        ((ONE, TWO, SCHEDULER), POOLS[1:], {}),
    ],
)
def test_a_zone_of_which_the_map_has_types_only_is_looked_at(
    services: Any, pools: Any, rules: dict[str, list[str]]
) -> None:
    found = reconciler(Manila(*services, pools=pools), ONLY_TYPES, [GOLD])
    assert wrong(found) == rules
    assert ("lists no pool of it" in notes(found)) == (pools == POOLS[1:])


@pytest.mark.parametrize("services", [(TWO, SCHEDULER), (replace(ONE, up=False), TWO, SCHEDULER)])
def test_a_type_that_names_no_back_end_needs_one_that_works(services: Any) -> None:
    found = reconciler(Manila(*services), ONLY_TYPES, [{"name": "any"}])
    assert "no_backend" in wrong(found)["az1"]
    assert "az2" not in wrong(found)
    assert "share type any: no working back end of zone az1; there:" in plan_of(found).refusals[-1].message


def test_what_a_zone_with_types_only_lacks_is_said() -> None:
    found = reconciler(Manila(TWO, SCHEDULER), ONLY_TYPES, [GOLD])
    unknown, unserved = (one.message for one in plan_of(found).refusals)
    assert unknown == (
        "availability zone az1 is not known to manila, which has az2. "
        "A manila-share with backend_availability_zone = az1 creates it."
    )
    assert unserved == "share type az1-gold: no working back end of zone az1 reports az1; there: none."
    (down,) = plan_of(reconciler(Manila(replace(ONE, up=False), TWO, SCHEDULER), ONLY_TYPES, [GOLD])).refusals
    assert down.message.endswith("reports az1; there: lab@az1 (down).")


def test_types_without_a_back_end_name_and_types_that_shall_not_be_there_need_none() -> None:
    other = (replace(POOLS[0], backend_name="other"), POOLS[1])
    found = reconciler(
        Manila(ONE, TWO, SCHEDULER, pools=other), ONLY_TYPES, [{"name": "any"}, {**GOLD, "state": "absent"}]
    )
    assert wrong(found) == {}
    assert wrong(reconciler(Manila(), ONLY_TYPES, [{**GOLD, "state": "absent"}])) == {}


def test_a_default_type_that_is_bound_to_zones_is_said() -> None:
    manila = Manila(ONE, TWO, SCHEDULER)
    manila.default = FoundType("1", "gold", specs={"availability_zones": "az2, az1"})
    found = reconciler(manila)
    found.observe()
    assert found.warnings == ["shares without a type get gold, which is in availability zones az1, az2 only"]
    manila.default = None
    found.observe()
    assert found.warnings == []


def test_surplus_services_and_zones_are_noted() -> None:
    more = ShareService("lab@other", "manila-share", "az1")
    odd = ShareService("lab@odd", "manila-share", "az9")
    found = reconciler(Manila(ONE, TWO, SCHEDULER, more, odd))
    assert "manila-share lab@other is in zone az1, but the map does not have its back end" in notes(found)
    assert found.warnings == ["availability zones of manila that no zone of the map has: az9"]


def test_without_manila_only_zones_with_share_back_ends_or_types_fail() -> None:
    manila = Manila()
    manila.there = False
    found = reconciler(manila, {**BACKENDS, "az3": {}})
    assert wrong(found) == {"az1": ["no_manila"], "az2": ["no_manila"]}
    typed = reconciler(manila, {**BACKENDS, "az3": {}}, [{"name": "gold", "zones": ["az3"]}])
    assert wrong(typed) == {"az1": ["no_manila"], "az2": ["no_manila"], "az3": ["no_manila"]}
    assert found.warnings == ["the cloud has no shared file system service (manila)"]


def texts(found: ShareServices) -> list[str]:
    return [change.text for change in plan_of(found).changes]


def test_services_are_disabled_with_a_reason_and_put_back() -> None:
    manila = Manila(ONE, TWO, SCHEDULER)
    found = reconciler(manila, status="disabled", reason="array work")
    observed = found.observe()
    plan = found.plan(observed)
    assert [change.text for change in plan.changes] == [
        "disable manila-share lab@az1: zoneops: array work",
        "disable manila-share lab@az2: zoneops: array work",
    ]
    assert "does not list availability zone az1" in plan.notes[0].message
    undo = found.write(plan.changes[0])
    assert found.describe(found.observe(), "az1") == found.describe(found.simulate(observed, plan.changes[0]), "az1")
    undo()
    assert manila.services["lab@az1"] == ONE
    for change in plan.changes:
        found.write(change)
    assert texts(found) == []
    assert texts(reconciler(manila, status="disabled", reason="other work")) == [
        "disable manila-share lab@az1: zoneops: other work",
        "disable manila-share lab@az2: zoneops: other work",
    ]
    assert texts(reconciler(manila, status="enabled")) == ["enable manila-share lab@az1", "enable manila-share lab@az2"]


def test_a_zone_of_two_services_stays_listed_while_one_is_enabled() -> None:
    manila = Manila(ONE, TWO, SCHEDULER, ShareService("lab@more", "manila-share", "az1"))
    found = reconciler(manila, status="disabled", reason="x", services=("lab@az1",))
    assert texts(found) == ["disable manila-share lab@az1: zoneops: x"]
    assert notes(found) == ""


def test_what_somebody_else_disabled_is_left_alone() -> None:
    manila = Manila(replace(ONE, enabled=False, disabled_reason="theirs"), TWO, SCHEDULER)
    assert wrong(reconciler(manila, status="enabled")) == {"az1": ["foreign_reasons"]}
    allowed = reconciler(manila, status="enabled", allow=frozenset(["foreign_reasons"]))
    assert texts(allowed) == ["enable manila-share lab@az1"]


def test_a_service_that_is_disabled_already_stops_no_other() -> None:
    manila = Manila(
        replace(ONE, enabled=False, disabled_reason="theirs"),
        TWO,
        SCHEDULER,
        ShareService("lab@more", "manila-share", "az1"),
    )
    found = reconciler(manila, status="disabled", reason="work")
    assert wrong(found) == {}
    assert texts(found) == [
        "disable manila-share lab@more: zoneops: work",
        "disable manila-share lab@az2: zoneops: work",
    ]
    assert "lab@az1 is already disabled by others (theirs): the reason is kept" in notes(found)


def test_a_manila_that_keeps_no_reasons_says_so() -> None:
    manila = Manila(ONE, TWO, SCHEDULER, keeps_reasons=False)
    found = reconciler(manila, status="disabled", reason="array work", services=("lab@az1",))
    (change,) = plan_of(found).changes
    assert change.text == "disable manila-share lab@az1"
    assert "stores no reasons" in notes(found)
    found.write(change)
    assert texts(found) == []
    assert wrong(reconciler(manila, status="enabled")) == {"az1": ["foreign_reasons"]}
    assert "it is unknown by whom" in plan_of(reconciler(manila, status="enabled")).refusals[0].message


def test_a_service_that_is_not_there_is_named_before_anything_is_planned() -> None:
    with pytest.raises(ZoneopsError, match=r"has no service lab in az1, az2\..*HOST@BACKEND"):
        reconciler(Manila(ONE, TWO, SCHEDULER), status="enabled", services=("lab",)).observe()
    with pytest.raises(ZoneopsError, match="nosuch"):
        reconciler(Manila(ONE, TWO, SCHEDULER), status="enabled", services=("lab@az1", "nosuch")).observe()


def test_a_service_that_somebody_changed_meanwhile_is_left_alone() -> None:
    manila = Manila(ONE, TWO)
    found = reconciler(manila, status="disabled", reason="work")
    (one, two) = plan_of(found).changes
    manila.set_service("lab@az1", "manila-share", enabled=False, reason="somebody's")
    with pytest.raises(ZoneopsError, match=r"changed during this run and is now disabled \(somebody's\)"):
        found.write(one)
    assert manila.services["lab@az1"].disabled_reason == "somebody's"
    del manila.services["lab@az2"]
    with pytest.raises(ZoneopsError, match="lab@az2 is no longer in manila's list"):
        found.write(two)


OF_ZONE = "zoneops: maintenance of the zone until 2030-01-01T06:00Z: work"
ZONE_OFF: dict[str, Any] = {"status": "disabled", "reason": OF_ZONE.removeprefix("zoneops: "), "of_zone": True}
ZONE_ON: dict[str, Any] = {"status": "enabled", "of_zone": True}


def converged(manila: Manila, options: Mapping[str, Any]) -> Verdict:
    """One run about az1."""
    wanted = load_map(BACKENDS, {"zones": list(BACKENDS)})
    found = ShareServices(manila, wanted, Options(("az1",), **options))  # type: ignore[arg-type]
    return Converge(found, check=False, deadline=Deadline(60), settle=0).run()["az1"]


def test_a_zone_goes_into_maintenance_and_comes_back() -> None:
    """What was disabled before stays so, whoever did it."""
    before = (
        ONE,
        replace(ONE, host="lab@old", enabled=False, disabled_reason="broken fan"),
        replace(ONE, host="lab@ours", enabled=False, disabled_reason="zoneops: power work"),
    )
    manila = Manila(*before, TWO, SCHEDULER)
    begins = converged(manila, ZONE_OFF)
    assert not begins.failed, begins.message()
    assert {host for host, one in manila.services.items() if one.disabled_reason == OF_ZONE} == {"lab@az1"}
    assert sum("not by the maintenance of its zone" in note for note in begins.warnings) == 2
    assert not converged(manila, ZONE_OFF).changed
    assert converged(manila, {**ZONE_OFF, "reason": "maintenance of the zone until 2031-01-01T06:00Z: w"}).changed
    assert not converged(manila, {**ZONE_OFF, "reason": "maintenance of the zone: work"}).changed
    assert converged(manila, ZONE_ON).changed
    assert tuple(manila.services.values()) == (*before, TWO, SCHEDULER)
    assert not converged(manila, ZONE_ON).changed


def test_a_zone_is_lost_and_comes_back() -> None:
    """The end of a maintenance leaves what is out of service since its zone is lost, and the return of the zone what is in maintenance."""
    manila = Manila(ONE, replace(ONE, host="lab@old", enabled=False, disabled_reason=OF_ZONE), TWO, SCHEDULER)
    before = tuple(manila.services.values())
    off: dict[str, Any] = {"status": "disabled", "reason": "dead of the zone: fire", "of_zone": True, "dead": True}
    assert "not since its zone is lost" in " ".join(converged(manila, off).warnings)
    assert manila.services["lab@az1"].disabled_reason == "zoneops: dead of the zone: fire"
    assert not converged(manila, off).changed
    converged(manila, ZONE_ON)
    assert not manila.services["lab@az1"].enabled
    manila.services["lab@old"] = before[1]
    assert [one.rule for one in converged(manila, {"status": "enabled"}).refusals] == ["maintenance", "maintenance"]
    assert converged(manila, {"status": "enabled", "of_zone": True, "dead": True}).changed
    assert tuple(manila.services.values()) == before


def test_what_a_manila_without_reasons_disabled_is_enabled_only_where_that_is_allowed() -> None:
    """It keeps no mark: whether the zone's maintenance disabled it is unknown."""
    manila = Manila(ONE, TWO, SCHEDULER, keeps_reasons=False)
    begins = converged(manila, ZONE_OFF)
    assert "later runs cannot see" in " ".join(begins.warnings)
    assert not converged(manila, ZONE_OFF).changed
    ends = converged(manila, ZONE_ON)
    assert [refusal.rule for refusal in ends.refusals] == ["foreign_reasons"]
    assert not manila.services["lab@az1"].enabled
    assert converged(manila, {**ZONE_ON, "allow": frozenset(("foreign_reasons",))}).changed
    assert manila.services["lab@az1"].enabled


@pytest.mark.parametrize("allow", [frozenset[str](), frozenset(("foreign_reasons",))])
def test_a_zone_s_maintenance_is_ended_by_itself_only(allow: frozenset[str]) -> None:
    """Else its end would not know what it had disabled."""
    manila = Manila(ONE, TWO, SCHEDULER)
    converged(manila, ZONE_OFF)
    verdict = converged(manila, {"status": "enabled", "allow": allow})
    assert {refusal.rule for refusal in verdict.refusals} == {"maintenance"}
    verdict = converged(manila, {"status": "disabled", "reason": "disks", "allow": allow})
    assert (verdict.changed, verdict.failed) == (False, False)
    assert "by the maintenance of its zone" in verdict.warnings[0]
    assert manila.services["lab@az1"].disabled_reason == OF_ZONE
