# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services of cinder by zone: set by their full names and proved, or compared with the map."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import (
    BACKUP,
    SCHEDULER,
    VOLUME,
    Pool,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.services.model import Options
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.services.reconcile import (
    BlockStorageServices,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._types.model import FoundType
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._block_storage.stand_in import (
    LOST,
    REFUSED,
    NovaZones,
    StandIn,
)

ZONES: dict[str, Any] = {
    name: {"compute": {"hosts": [f"c-{name}"]}, "volume_backends": [{}]} for name in ("az1", "az2")
}
BACKUP_IN_AZ1 = {"mode": "zone", "zone": "az1"}


@pytest.fixture
def cinder() -> StandIn:
    found = StandIn()
    for zone in ZONES:
        found.add_backend(zone)
    found.add_service(BACKUP, "backup-1", "az1")
    found.add_service(SCHEDULER, "control", "az1")
    return found


def run(cinder: StandIn, *, check: bool = False, **options: Any) -> tuple[dict[str, Verdict], list[str]]:
    zones: dict[str, Any] = options.pop("zones", ZONES)
    region = {"zones": list(zones), "backup": BACKUP_IN_AZ1, **options.pop("region", {})}
    wanted = load_map(zones, {key: value for key, value in region.items() if value is not None})
    allow = frozenset(options.pop("allow", ()))
    nova: Any = NovaZones(*options.pop("nova", ("az1", "az2", "nova")))
    asked = Options(tuple(options.pop("only", wanted.zones)), allow=allow, **options)
    reconciler = BlockStorageServices(cinder, nova, wanted, asked)  # type: ignore[arg-type]
    verdicts = Converge(reconciler, check=check, deadline=Deadline(60), settle=0).run()
    return verdicts, reconciler.warnings


def wrong(cinder: StandIn, **options: Any) -> dict[str, list[str]]:
    """Rules by zone that is not as the map says."""
    verdicts, _warnings = run(cinder, **options)
    assert not any(verdict.plan for verdict in verdicts.values())
    return {
        zone: [refusal.rule for refusal in verdict.refusals] for zone, verdict in verdicts.items() if verdict.refusals
    }


def test_all_as_the_map_says(cinder: StandIn) -> None:
    verdicts, warnings = run(cinder)
    assert not any(verdict.failed or verdict.warnings for verdict in verdicts.values())
    assert warnings == []
    assert cinder.calls == ["services", "availability_zones", "pools", "default_type"]
    assert verdicts["az1"].state["cinder-volume lab@az1"] == {
        "status": "enabled",
        "state": "up",
        "pools": {"lab@az1#pool": {"volume_backend_name": "az1", "free_gb": 100.0}},
    }


def change(cinder: StandIn, host: str = "lab@az2", **values: Any) -> None:
    key = next(key for key in cinder.services if key[1] == host)
    cinder.services[key] = replace(cinder.services[key], **values)


def pool(cinder: StandIn, host: str = "lab@az2", **values: Any) -> None:
    cinder.reported = [replace(one, **values) if one.host == host else one for one in cinder.reported]


def without_pools(cinder: StandIn) -> None:
    cinder.reported = []


def without(cinder: StandIn, host: str) -> None:
    cinder.services = {key: service for key, service in cinder.services.items() if key[1] != host}


def no_default_type(cinder: StandIn) -> None:
    cinder.default = None


FINDINGS: list[tuple[str, Any, dict[str, list[str]]]] = [
    ("down", lambda cinder: change(cinder, up=False), {"az2": ["service_down"]}),
    ("disabled", lambda cinder: change(cinder, enabled=False, reason="work"), {"az2": ["service_down"]}),
    ("other zone", lambda cinder: change(cinder, zone="az7"), {"az2": ["unknown_zone", "wrong_zone"]}),
    ("missing", lambda cinder: without(cinder, "lab@az2"), {"az2": ["unknown_zone", "missing_service"]}),
    ("no pool", without_pools, {"az1": ["no_pool"], "az2": ["no_pool"]}),
    ("other name", lambda cinder: pool(cinder, backend_name="x"), {"az2": ["wrong_backend_name"]}),
    ("storage down", lambda cinder: pool(cinder, up=False), {"az2": ["backend_down"]}),
    ("full", lambda cinder: pool(cinder, free=0.0), {"az2": ["no_space"]}),
    ("no backup", lambda cinder: without(cinder, "backup-1"), {"az1": ["missing_backup"]}),
    ("backup down", lambda cinder: change(cinder, "backup-1", up=False), {"az1": ["backup_down"]}),
    ("scheduler", lambda cinder: change(cinder, "control", up=False), {zone: ["no_scheduler"] for zone in ZONES}),
    ("default type", no_default_type, {zone: ["default_type"] for zone in ZONES}),
]


@pytest.mark.parametrize(("break_it", "rules"), [case[1:] for case in FINDINGS], ids=[case[0] for case in FINDINGS])
def test_what_is_wrong_fails_its_zone(cinder: StandIn, break_it: Any, rules: dict[str, list[str]]) -> None:
    break_it(cinder)
    assert wrong(cinder) == rules
    files = {name: {**zone, "zone_state": "down"} for name, zone in ZONES.items()}
    verdicts, _warnings = run(cinder, zones=files)
    assert not any(verdict.failed for verdict in verdicts.values())
    assert {
        zone: len(verdict.warnings) for zone, verdict in verdicts.items() if verdict.warnings
    }.keys() == rules.keys()


def test_a_driver_that_cannot_tell_its_space_is_not_full(cinder: StandIn) -> None:
    pool(cinder, free=None)
    assert wrong(cinder) == {}


def test_zones_of_cinder_and_nova_are_the_same(cinder: StandIn) -> None:
    assert wrong(cinder, nova=("az1",)) == {"az2": ["zone_mismatch"]}
    assert wrong(cinder, nova=("az1",), with_nova=False) == {}
    cinder.add_service(VOLUME, "lab@odd", "odd")
    assert run(cinder)[1] == ["availability zones of cinder that nova does not have: odd"]


def test_what_the_map_does_not_have_is_a_note(cinder: StandIn) -> None:
    cinder.add_service(VOLUME, "lab@spare", "az2")
    cinder.add_service(BACKUP, "backup-2", "az2")
    verdicts, _warnings = run(cinder)
    assert sorted(verdicts["az2"].warnings) == [
        "cinder-backup backup-2 is in zone az2, although the map runs no backups there",
        "cinder-volume lab@spare is in zone az2, but the map does not have its back end",
    ]


@pytest.mark.parametrize(
    ("backup", "rules"),
    [
        ({"mode": "spread"}, {"az2": ["missing_backup"]}),
        ({"mode": "per_zone"}, {}),
        ({"mode": "zone", "zone": "az2"}, {"az2": ["missing_backup"]}),
        (None, {}),
    ],
)
def test_backup_services_are_where_the_map_says(
    cinder: StandIn, backup: dict[str, str] | None, rules: dict[str, list[str]]
) -> None:
    assert wrong(cinder, region={"backup": backup}) == rules


OUTSIDE = {"ceph": {"fsid": "f0e1d2c3-0000-4000-8000-000000000009"}}


@pytest.mark.parametrize(
    ("target", "note"),
    [
        (None, "the map has no backup.target"),
        ({"type": "s3"}, "no address for backup.target of the type s3: it is unknown whether"),
        ({"type": "swift"}, "no address for backup.target of the type swift"),
        ({"type": "vendor", "driver": "a.b.Driver"}, "no address for backup.target of the type vendor"),
        ({"type": "nfs", "address": "192.0.2.1", "path": "/b"}, None),
        ({"type": "ceph", **OUTSIDE}, None),
    ],
)
def test_that_a_spread_target_is_outside_the_zones_is_checked_or_said_not_to_be(
    cinder: StandIn, target: dict[str, Any] | None, note: str | None
) -> None:
    """What is known to be inside a zone, the map refuses."""
    cinder.add_service(BACKUP, "backup-2", "az2")
    backup = {"mode": "spread", **({"target": target} if target else {})}
    verdicts, _warnings = run(cinder, region={"backup": backup})
    assert not any(verdict.failed for verdict in verdicts.values())
    told = [warning for verdict in verdicts.values() for warning in verdict.warnings]
    assert [note in warning for warning in told if note] == [True] * (2 if note else 0)
    assert bool(told) == bool(note)


def test_per_zone_backups_are_wanted_where_a_zone_has_a_target(cinder: StandIn) -> None:
    zones = {**ZONES, "az2": {**ZONES["az2"], "backup": {"type": "swift"}}}
    assert wrong(cinder, zones=zones, region={"backup": {"mode": "per_zone"}}) == {"az2": ["missing_backup"]}


def test_back_ends_of_one_name_are_told_apart_by_their_zones(cinder: StandIn) -> None:
    """In RHOSO each volume service is a host of its own, so that sections may be called alike."""
    cinder.services = {}
    cinder.add_service(SCHEDULER, "control", "az1")
    cinder.add_service(VOLUME, "one@ceph", "az1")
    cinder.reported = [Pool("one@ceph#p", "ceph", 10.0)]
    zones = {name: {**zone, "volume_backends": [{"name": "ceph"}]} for name, zone in ZONES.items()}
    assert wrong(cinder, zones=zones, region={"backup": None}) == {"az2": ["unknown_zone", "missing_service"]}


def test_types_need_their_zones_and_back_ends_also_where_the_map_lists_no_back_ends(cinder: StandIn) -> None:
    zones: dict[str, Any] = {"az1": {}, "az2": {}, "az3": {}}
    region = {"backup": None, "volume_types": [{"name": "{zone}-gold", "volume_backend_name": "{zone}"}]}
    assert wrong(cinder, zones=zones, region=region) == {"az3": ["unknown_zone", "no_backend"]}
    change(cinder, up=False)
    without_pools(cinder)
    verdicts, _warnings = run(cinder, zones=zones, region=region)
    assert "az2 reports az2; there: lab@az2 (down)." in verdicts["az2"].message()


def test_a_type_that_names_no_back_end_needs_one_that_works(cinder: StandIn) -> None:
    zones: dict[str, Any] = {"az1": {}, "az2": {}}
    region = {"backup": None, "volume_types": [{"name": "any"}]}
    assert wrong(cinder, zones=zones, region=region) == {}
    change(cinder, up=False)
    verdicts, _warnings = run(cinder, zones=zones, region=region)
    assert verdicts["az2"].message() == "volume type any: no working back end of zone az2; there: lab@az2 (down)."
    assert not verdicts["az1"].failed


def test_the_default_type_of_one_zone_is_told(cinder: StandIn) -> None:
    cinder.default = FoundType("1", "gold", specs={"RESKEY:availability_zones": "az1"})
    assert run(cinder)[1] == ["volumes without a type get gold, which is in availability zones az1 only"]


OFF: dict[str, Any] = {"status": "disabled", "reason": "work", "binaries": (VOLUME,)}
ON: dict[str, Any] = {"status": "enabled", "binaries": (VOLUME,)}


def test_services_are_disabled_with_a_marked_reason(cinder: StandIn) -> None:
    predicted, _warnings = run(cinder, **OFF, only=["az2"], check=True)
    verdicts, _warnings = run(cinder, **OFF, only=["az2"])
    assert cinder.writes == ["disable-log-reason lab@az2"]
    assert verdicts["az2"].after == predicted["az2"].after
    assert verdicts["az2"].state == {
        "cinder-volume lab@az2": {"status": "disabled", "disabled_reason": "zoneops: work"}
    }
    cinder.calls.clear()
    assert not run(cinder, **OFF, only=["az2"])[0]["az2"].changed
    assert cinder.calls == ["services"]
    assert run(cinder, **{**OFF, "reason": "other"}, only=["az2"])[0]["az2"].changed


@pytest.mark.parametrize("frozen", [False, True])
def test_a_service_that_is_disabled_already_stops_no_other(cinder: StandIn, frozen: bool) -> None:
    cinder.add_service(VOLUME, "lab@other", "az2")
    change(cinder, enabled=False, reason="theirs", frozen=frozen)
    predicted = run(cinder, **OFF, only=["az2"], check=True)[0]["az2"]
    verdict = run(cinder, **OFF, only=["az2"])[0]["az2"]
    assert (verdict.failed, verdict.changed, verdict.after) == (False, True, predicted.after)
    assert cinder.services[VOLUME, "lab@other"].reason == "zoneops: work"
    assert cinder.services[VOLUME, "lab@az2"].reason == "theirs"
    assert "lab@az2 is" in verdict.warnings[0]
    assert "the reason is kept" in verdict.warnings[0]
    assert not run(cinder, **OFF, only=["az2"])[0]["az2"].changed


def test_enabling_is_proved_and_thawing_is_asked_for(cinder: StandIn) -> None:
    cinder.obeys = False
    change(cinder, enabled=False, reason="zoneops: work")
    failed = run(cinder, **ON)[0]["az2"]
    assert "cinder accepted the request and did nothing" in failed.message()
    assert "allow [thaw]" in failed.message()
    assert not failed.changed
    cinder.writes.clear()
    assert run(cinder, **ON, allow=["thaw"])[0]["az2"].changed
    assert cinder.writes == [
        "enable lab@az2",
        "add zoneops: thaw lab@az2",
        "freeze lab@az2",
        "disable-log-reason lab@az2",
        "delete zoneops: thaw lab@az2",
        "thaw lab@az2",
    ]
    assert cinder.qos == set()


@pytest.mark.parametrize("fault", [REFUSED, LOST])
@pytest.mark.parametrize("number", range(6))
def test_a_run_that_fails_anywhere_between_freezing_and_thawing_is_taken_up(
    cinder: StandIn, number: int, fault: str
) -> None:
    cinder.obeys = False
    change(cinder, enabled=False, reason="zoneops: work")
    cinder.faults = {number: fault}
    assert run(cinder, **ON, allow=["thaw"])[0]["az2"].failed
    left = cinder.services[VOLUME, "lab@az2"]
    # Frozen it stays only where it could not be thawed.
    assert not left.frozen or number in (2, 5)
    assert not run(cinder, **ON, allow=["thaw"])[0]["az2"].failed
    assert cinder.services[VOLUME, "lab@az2"].enabled


@pytest.mark.parametrize("number", range(6))
def test_a_run_that_is_killed_anywhere_between_freezing_and_thawing_is_taken_up(cinder: StandIn, number: int) -> None:
    cinder.obeys = False
    change(cinder, enabled=False, reason="zoneops: work")
    cinder.kill_after = number
    with pytest.raises(KeyboardInterrupt):
        run(cinder, **ON, allow=["thaw"])
    cinder.kill_after = None
    assert not run(cinder, **ON, allow=["thaw"])[0]["az2"].failed
    assert (cinder.services[VOLUME, "lab@az2"].enabled, cinder.qos) == (True, set())


def test_what_somebody_froze_after_a_run_ended_is_his(cinder: StandIn) -> None:
    cinder.obeys = False
    change(cinder, enabled=False, reason="zoneops: work")
    run(cinder, **ON, allow=["thaw"])
    change(cinder, enabled=False, reason="frozen", frozen=True)
    assert "was frozen by others" in run(cinder, **ON, allow=["thaw"])[0]["az2"].message()


def test_where_cinder_obeys_nothing_is_frozen(cinder: StandIn) -> None:
    change(cinder, enabled=False, reason="zoneops: work")
    assert not run(cinder, **ON, allow=["thaw"])[0]["az2"].failed
    assert cinder.writes == ["enable lab@az2"]


def test_replication_and_backup_are_never_thawed(cinder: StandIn) -> None:
    cinder.obeys = False
    change(cinder, enabled=False, reason="zoneops: work", replicated=True)
    change(cinder, "backup-1", enabled=False, reason="zoneops: work")
    verdicts, _warnings = run(cinder, status="enabled", allow=["thaw"])
    assert "freezing is part of a failover" in verdicts["az2"].message()
    assert "cinder-manage service remove cinder-backup backup-1" in verdicts["az1"].message()
    assert not any("freeze" in write for write in cinder.writes)


FOREIGN: list[dict[str, Any]] = [{"reason": "somebody's"}, {"reason": None}]
FROZEN: dict[str, Any] = {"reason": "frozen", "frozen": True}


@pytest.mark.parametrize("values", [*FOREIGN, FROZEN])
def test_what_somebody_else_disabled_stays(cinder: StandIn, values: dict[str, Any]) -> None:
    change(cinder, enabled=False, **values)
    off, on = (run(cinder, **options, only=["az2"], allow=["thaw"])[0]["az2"] for options in (OFF, ON))
    assert not off.failed
    assert "the reason is kept" in " ".join(off.warnings)
    (refusal,) = on.refusals
    assert refusal.rule == ("foreign_freeze" if "frozen" in values else "foreign_reasons")
    assert cinder.writes == []


@pytest.mark.parametrize("values", FOREIGN)
def test_what_somebody_else_disabled_is_enabled_by_cinder_s_own_call_where_that_is_allowed(
    cinder: StandIn, values: dict[str, Any]
) -> None:
    change(cinder, enabled=False, **values)
    assert not run(cinder, **ON, allow=["foreign_reasons"])[0]["az2"].failed
    assert cinder.services[VOLUME, "lab@az2"].enabled
    assert cinder.writes == ["enable lab@az2"]


@pytest.mark.parametrize("values", FOREIGN)
def test_a_foreign_reason_is_never_frozen_away(cinder: StandIn, values: dict[str, Any]) -> None:
    cinder.obeys = False
    change(cinder, enabled=False, **values)
    verdict = run(cinder, **ON, allow=["foreign_reasons", "thaw"])[0]["az2"]
    assert f"others disabled it ({values['reason'] or 'no reason given'})" in verdict.message()
    assert "cinder-manage service remove cinder-volume lab@az2" in verdict.message()
    assert not any("freeze" in write or "thaw" in write for write in cinder.writes)
    assert cinder.services[VOLUME, "lab@az2"].reason == values["reason"]


def test_what_somebody_else_froze_is_never_thawed(cinder: StandIn) -> None:
    change(cinder, enabled=False, **FROZEN)
    verdict = run(cinder, **ON, allow=["foreign_reasons", "thaw"])[0]["az2"]
    assert [refusal.rule for refusal in verdict.refusals] == ["foreign_freeze"]
    assert "'openstack volume host set --enable lab@az2'" in verdict.message()
    assert cinder.writes == []
    assert cinder.services[VOLUME, "lab@az2"].frozen


def test_a_frozen_service_needs_thaw_too(cinder: StandIn) -> None:
    change(cinder, enabled=False, reason="zoneops: work", frozen=True)
    assert "allow [thaw]" in run(cinder, **ON, allow=["foreign_reasons"])[0]["az2"].message()
    assert cinder.writes == []


def test_a_bare_host_is_no_name(cinder: StandIn) -> None:
    with pytest.raises(ZoneopsError, match="named HOST@BACKEND, never by its host alone"):
        run(cinder, **ON, services=("lab",))
    with pytest.raises(ZoneopsError, match="cinder has no service lab@az2 in az1"):
        run(cinder, **ON, services=("lab@az2",), only=["az1"])


def test_a_failure_puts_the_zone_back(cinder: StandIn) -> None:
    cinder.faults = {1: REFUSED}
    options = {**OFF, "binaries": (VOLUME, BACKUP)}
    verdict = run(cinder, **options, only=["az1"])[0]["az1"]
    assert verdict.failed
    assert cinder.services[BACKUP, "backup-1"].enabled
    assert cinder.services[VOLUME, "lab@az1"].enabled


def test_a_service_that_somebody_changed_meanwhile_is_left_alone(cinder: StandIn) -> None:
    change(cinder, enabled=False, reason="zoneops: work")
    looks = cinder.found_services

    def found_services(one: Any = None) -> Any:
        if one is not None:
            change(cinder, enabled=False, reason="somebody's")
        return looks(one)

    cinder.found_services = found_services  # type: ignore[method-assign]
    assert "was changed during this run" in run(cinder, **ON)[0]["az2"].message()
    assert cinder.writes == []


OF_ZONE = "zoneops: maintenance of the zone until 2030-01-01T06:00Z: work"
ZONE_OFF: dict[str, Any] = {
    "status": "disabled",
    "reason": OF_ZONE.removeprefix("zoneops: "),
    "only": ("az1",),
    "of_zone": True,
}
ZONE_ON: dict[str, Any] = {"status": "enabled", "only": ("az1",), "of_zone": True}


def test_a_zone_goes_into_maintenance_and_comes_back(cinder: StandIn) -> None:
    """Volume and backup services of this zone; what was disabled before stays so, whoever did it."""
    cinder.add_service(VOLUME, "lab@old", "az1", enabled=False, reason="broken fan")
    cinder.add_service(VOLUME, "lab@ours", "az1", enabled=False, reason="zoneops: power work")
    before = dict(cinder.services)
    verdict = run(cinder, **ZONE_OFF)[0]["az1"]
    assert not verdict.failed, verdict.message()
    disabled = {key for key, service in cinder.services.items() if service.reason == OF_ZONE}
    assert disabled == {(VOLUME, "lab@az1"), (BACKUP, "backup-1")}
    left = [
        f"cinder-volume lab@{name} is disabled ({reason}), not by the maintenance of its zone: it is left as it is."
        for name, reason in (("old", "broken fan"), ("ours", "zoneops: power work"))
    ]
    assert list(verdict.warnings) == left
    writes = len(cinder.writes)
    assert not run(cinder, **ZONE_OFF)[0]["az1"].changed
    assert len(cinder.writes) == writes
    verdict = run(cinder, **ZONE_ON)[0]["az1"]
    assert (verdict.failed, list(verdict.warnings)) == (False, left)
    assert {key: replace(service, reason=before[key].reason) for key, service in cinder.services.items()} == before
    assert not run(cinder, **ZONE_ON)[0]["az1"].changed


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("maintenance of the zone: work", False),
        ("maintenance of the zone until 2030-01-01T06:00Z: other words", False),
        ("maintenance of the zone until 2030-01-01T08:00Z: work", True),
    ],
)
def test_only_another_end_changes_the_mark(cinder: StandIn, reason: str, changes: bool) -> None:
    run(cinder, **ZONE_OFF)
    verdict = run(cinder, **{**ZONE_OFF, "reason": reason})[0]["az1"]
    assert (verdict.changed, verdict.failed) == (changes, False)
    assert run(cinder, **ZONE_ON)[0]["az1"].changed


DEAD_ZONE: dict[str, Any] = {"only": ("az1",), "of_zone": True, "dead": True}


def test_a_zone_is_lost_and_comes_back(cinder: StandIn) -> None:
    """Neither a maintenance nor an operator brings back what is out of service with it, whatever is allowed."""
    cinder.add_service(VOLUME, "lab@old", "az1", enabled=False, reason=OF_ZONE)
    before = dict(cinder.services)
    off = {**DEAD_ZONE, "status": "disabled", "reason": "dead of the zone: fire"}
    assert "not since its zone is lost" in run(cinder, **off)[0]["az1"].warnings[0]
    assert {one.reason for one in cinder.services.values() if not one.enabled} == {
        OF_ZONE,
        "zoneops: dead of the zone: fire",
    }
    assert not run(cinder, **off)[0]["az1"].changed
    key = (VOLUME, "lab@az1")
    for asked in ({**ZONE_ON}, {"status": "enabled", "only": ("az1",), "allow": frozenset(("foreign_reasons",))}):
        run(cinder, **asked)
        assert cinder.services[key].reason == "zoneops: dead of the zone: fire"
    cinder.services[VOLUME, "lab@old"] = before[VOLUME, "lab@old"]
    assert run(cinder, **DEAD_ZONE, status="enabled")[0]["az1"].changed
    assert cinder.services[key].enabled
    assert cinder.services[VOLUME, "lab@old"] == before[VOLUME, "lab@old"]


def test_what_others_did_in_a_zone_s_maintenance_is_left(cinder: StandIn) -> None:
    """One enables a service, another one gives it a reason of their own."""
    run(cinder, **ZONE_OFF)
    change(cinder, "lab@az1", enabled=True, reason=None)
    key = (BACKUP, "backup-1")
    cinder.services[key] = replace(cinder.services[key], reason="target is full")
    verdict = run(cinder, **ZONE_ON)[0]["az1"]
    assert (verdict.changed, verdict.failed) == (False, False)
    assert "is disabled (target is full), not by the maintenance of its zone" in verdict.warnings[0]


def test_what_does_not_come_back_keeps_nothing_else(cinder: StandIn) -> None:
    """No API call enables a cinder-backup of such releases."""
    cinder.obeys = False
    run(cinder, **ZONE_OFF)
    verdict = run(cinder, **ZONE_ON, allow=("thaw",))[0]["az1"]
    assert "cinder-manage service remove cinder-backup backup-1" in verdict.message()
    assert [service.host for service in cinder.services.values() if not service.enabled] == ["backup-1"]


@pytest.mark.parametrize("kill_after", range(6))
def test_the_end_of_a_zone_s_maintenance_is_resumed_where_it_takes_a_thaw(cinder: StandIn, kill_after: int) -> None:
    """Freezing wipes the zone's mark out."""
    cinder.obeys = False
    del cinder.services[BACKUP, "backup-1"]
    run(cinder, **ZONE_OFF)
    cinder.kill_after = len(cinder.writes) + kill_after
    with pytest.raises(KeyboardInterrupt):
        run(cinder, **ZONE_ON, allow=("thaw",))
    cinder.kill_after = None
    verdict = run(cinder, **ZONE_ON, allow=("thaw",))[0]["az1"]
    assert not verdict.failed, verdict.message()
    assert cinder.services[VOLUME, "lab@az1"].works
    assert (cinder.services[VOLUME, "lab@az1"].frozen, cinder.qos) == (False, set())


@pytest.mark.parametrize("allow", [(), ("foreign_reasons",)])
def test_a_zone_s_maintenance_is_ended_by_itself_only(cinder: StandIn, allow: tuple[str, ...]) -> None:
    """Else its end would not know what it had disabled."""
    run(cinder, **ZONE_OFF)
    verdict = run(cinder, status="enabled", only=("az1",), allow=allow)[0]["az1"]
    assert {refusal.rule for refusal in verdict.refusals} == {"maintenance"}
    verdict = run(cinder, status="disabled", reason="disks", only=("az1",), allow=allow)[0]["az1"]
    assert (verdict.changed, verdict.failed) == (False, False)
    assert "by the maintenance of its zone" in verdict.warnings[0]
    assert cinder.services[VOLUME, "lab@az1"].reason == OF_ZONE
