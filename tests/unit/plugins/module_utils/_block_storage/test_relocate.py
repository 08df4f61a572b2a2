# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes carried over: the way, what is refused by name, and that a run that ends anywhere is gone on with and leaves nothing behind."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.volume_model import Pool, Volume
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.relocate.model import (
    BACKUP_MARK,
    FROM,
    SELF,
    Wanted,
    working_name,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.relocate.reconcile import VolumeRelocate
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._block_storage.volume_cloud import (
    NOW,
    PROJECT,
    FakeCinder,
    Killed,
    backup,
    limit,
    services,
    volume,
)

WHOLE_WAY = ["make_backup", "await_backup", "make_copy", "await_copy", "finish_copy", "delete_backup"]
# What a restore writes over the metadata of the copy, marks of an earlier way among it.
SOURCE = volume(bootable=True, metadata={"owner": "x", FROM: "v0", SELF: "v1"}, description="data")


def marked(number: str, hours: float = 0.1, **values: Any) -> Any:
    return backup(number, hours, metadata={BACKUP_MARK: "az2"}, **values)


def working(number: str = "w1", zone: str = "az2", **values: Any) -> Volume:
    return volume(number, zone, **{"name": working_name("v1"), **values})


def run(cinder: FakeCinder, *volumes: str, check: bool = False, **wanted: Any) -> dict[str, Verdict]:
    asked = Wanted(volumes or ("v1",), **{"zone": "az2", **wanted})
    reconciler = VolumeRelocate(cinder, asked, PROJECT, limit(), NOW, lambda *_step: None)
    return Converge(reconciler, check=check, deadline=limit(), settle=0).run()


def copies(cinder: FakeCinder) -> list[Volume]:
    return [one for one in cinder.volume_list.values() if one.id != "v1"]


def assert_carried(cinder: FakeCinder) -> None:
    """The copy is whole, the source as it was, and nothing else is left."""
    (copy,) = copies(cinder)
    assert (copy.name, copy.description, copy.bootable) == (SOURCE.name, "data", True)
    assert (copy.availability_zone, copy.size, copy.status) == ("az2", 10, "available")
    assert copy.metadata == {"owner": "x", FROM: "v1", SELF: copy.id}
    assert cinder.volume_list["v1"] == SOURCE
    assert cinder.backup_list == {}


def test_every_step_is_told_as_it_is_begun() -> None:
    told: list[tuple[str, str, str]] = []
    cinder = FakeCinder.of(SOURCE)
    reconciler = VolumeRelocate(
        cinder, Wanted(("v1",), zone="az2"), PROJECT, limit(), NOW, lambda *step: told.append(step)
    )
    verdict = Converge(reconciler, check=False, deadline=limit(), settle=0).run()["v1"]
    assert told == [("v1", "az2", change.text) for change in verdict.done]


def test_the_whole_way_and_a_second_run() -> None:
    cinder = FakeCinder.of(SOURCE)
    check = run(cinder, check=True)["v1"]
    assert (check.changed, cinder.writes) == (True, [])
    verdict = run(cinder)["v1"]
    assert [change.action for change in verdict.done] == WHOLE_WAY
    assert [change.text for change in verdict.plan] == [change.text for change in check.plan]
    assert dict(check.after) == {**verdict.after, "copy": None}
    assert_carried(cinder)
    cinder.calls.clear()
    again = run(cinder)["v1"]
    assert (again.changed, again.failed) == (False, False)
    assert cinder.calls == ["volumes", "backups"]


def test_by_name_also_when_the_copy_has_it_too() -> None:
    cinder = FakeCinder.of(SOURCE)
    assert run(cinder, "name-v1")["name-v1"].changed
    assert not run(cinder, "name-v1")["name-v1"].changed


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("kill_at", range(5))
def test_killed_at_each_write(kill_at: int, after: bool) -> None:
    cinder = FakeCinder.of(SOURCE, kill_at=kill_at, after=after)
    with pytest.raises(Killed):
        run(cinder)
    cinder.kill_at = None
    assert not run(cinder)["v1"].failed
    assert_carried(cinder)


@pytest.mark.parametrize("lose_at", range(5))
def test_an_answer_is_lost_at_each_write(lose_at: int) -> None:
    cinder = FakeCinder.of(SOURCE, lose_at=lose_at)
    run(cinder)
    cinder.lose_at = None
    assert not run(cinder)["v1"].failed
    assert_carried(cinder)


@pytest.mark.parametrize("broken", ["broken_backups", "broken_restores"])
def test_what_fails_is_made_again(broken: str) -> None:
    cinder = FakeCinder.of(SOURCE, **{broken: True})
    verdict = run(cinder)["v1"]
    assert verdict.failed
    assert "no room" in verdict.message()
    setattr(cinder, broken, False)
    assert not run(cinder)["v1"].failed
    assert_carried(cinder)


def test_what_runs_left_behind_goes() -> None:
    left = [working("w1", status="error"), marked("b1", status="error"), marked("b2", 48)]
    cinder = FakeCinder.of(SOURCE, *left, backup("foreign", 48))
    run(cinder)
    assert list(cinder.backup_list) == ["foreign"]
    del cinder.backup_list["foreign"]
    assert_carried(cinder)


def test_an_older_backup_is_gone_on_from_and_that_is_said() -> None:
    cinder = FakeCinder.of(SOURCE, marked("b1", 5))
    verdict = run(cinder)["v1"]
    assert "its backup of 2026-11-21 07:00:00 UTC" in verdict.warnings[0]
    assert_carried(cinder)


def test_a_copy_in_use_is_not_ours_any_more() -> None:
    cinder = FakeCinder.of(SOURCE)
    run(cinder)
    cinder.volume_list["w1"] = working("w1", status="in-use")
    assert not run(cinder)["v1"].changed


def test_a_restore_of_the_copy_is_not_taken_for_it() -> None:
    cinder = FakeCinder.of(SOURCE, volume("restored", "az2", metadata={FROM: "v1", SELF: "another"}))
    assert run(cinder)["v1"].changed


def test_attached_is_said() -> None:
    cinder = FakeCinder.of(volume(status="in-use", attached_to=("server-1",)))
    assert "crash-consistent" in run(cinder)["v1"].warnings[0]
    host_has_it = FakeCinder.of(volume(status="in-use"))
    assert "is attached to a host: the copy is crash-consistent" in run(host_has_it)["v1"].warnings[0]


def test_in_the_zone_already() -> None:
    verdict = run(FakeCinder.of(volume(zone="az2")))["v1"]
    assert not verdict.changed
    assert "is in zone az2 already" in verdict.warnings[0]


def types(**found: dict[str, str]) -> dict[str, dict[str, str]]:
    return {"t": {}, **found}


GOLD = {"gold": {"RESKEY:availability_zones": "az1"}, "az2-gold": {"RESKEY:availability_zones": "az2, az3"}}
REFUSED: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], str]] = [
    ("encrypted", {"encrypted": True}, {}, {}, "copy its content"),
    ("multiattach", {"multiattach": True}, {}, {}, "multiattach '<is> True'"),
    ("not_ready", {"status": "error"}, {}, {}, "'error'"),
    ("no_back_end", {}, {"service_list": services("volume az2")}, {}, "One is in: az1, az3"),
    ("no_back_end", {}, {}, {"zone": "az9"}, "zone az9"),
    ("no_back_end", {}, {"pool_list": []}, {}, "reports a pool"),
    ("no_back_end", {"type": "fast"}, {"type_list": types(fast={"volume_backend_name": "x"})}, {}, "'x'"),
    (
        "service_down",
        {},
        {"service_list": services("volume az1")},
        {"backup_zone": "az2"},
        "cinder-volume lab@az1 is down",
    ),
    ("service_down", {}, {"service_list": services("scheduler")}, {}, "cinder-scheduler control is down"),
    ("no_back_end", {}, {"service_list": services("volume az2")}, {}, "cinder-volume lab@az2 is down"),
    ("no_backup_service", {}, {"service_list": services("backup az1")}, {}, "cinder-backup lab-az1 is down"),
    ("no_backup_service", {}, {"service_list": services("backup az1")}, {}, "az2, az3"),
    ("no_backup_service", {}, {"service_list": services("backup az3")}, {"backup_zone": "az3"}, "zone az3"),
    ("no_such_type", {}, {}, {"type": "silver"}, "Types: t"),
    ("type_of_another_zone", {"type": "gold"}, {"type_list": types(**GOLD)}, {}, "the type of the copy: az2-gold"),
    ("quota", {}, {"quotas": {"gigabytes": {"limit": 100, "in_use": 91, "reserved": 0}}}, {}, "gigabytes 10 (left: 9)"),
    ("quota", {}, {"quotas": {"backups": {"limit": 0, "in_use": 0, "reserved": 0}}}, {}, "backups 1 (left: 0)"),
    ("space", {}, {"pool_list": [Pool("lab@az2#p", "az2", 9.0), Pool("lab@az1#p", "az1", 99.0)]}, {}, "9 GB free"),
]


@pytest.mark.parametrize(("rule", "source", "cloud", "wanted", "said"), REFUSED)
def test_refusals(rule: str, source: dict[str, Any], cloud: dict[str, Any], wanted: dict[str, Any], said: str) -> None:
    cinder = FakeCinder.of(volume(**source), **cloud)
    verdict = run(cinder, **wanted)["v1"]
    assert [refusal.rule for refusal in verdict.refusals] == [rule]
    assert said in verdict.message()
    assert "v1" in verdict.message()
    assert cinder.writes == []


def test_a_backup_that_is_there_needs_its_source_no_more() -> None:
    """The way out of a zone that is lost."""
    cinder = FakeCinder.of(
        SOURCE, marked("b1", availability_zone="az3"), service_list=services("volume az1", "backup az1")
    )
    assert not run(cinder)["v1"].failed
    assert_carried(cinder)


def test_what_lifts_them() -> None:
    little = [Pool("lab@az2#p", "az2", 9.0)]
    assert not run(FakeCinder.of(volume(), pool_list=little), allow=frozenset({"space"}))["v1"].failed
    assert not run(FakeCinder.of(volume(), pool_list=[Pool("lab@az2#p", "az2", None)]))["v1"].failed
    gold = FakeCinder.of(volume(type="gold"), type_list=types(**GOLD))
    assert not run(gold, type="az2-gold")["v1"].failed
    multi = FakeCinder.of(volume(multiattach=True, type="m"), type_list=types(m={"multiattach": "<is> True"}))
    assert not run(multi)["v1"].failed


def test_several_share_quota_and_space() -> None:
    quotas = {"volumes": {"limit": 4, "in_use": 3, "reserved": 0}}
    cinder = FakeCinder.of(volume("v1"), volume("v2"), quotas=quotas)
    assert [verdict.failed for verdict in run(cinder, "v1", "v2", check=True).values()] == [False, True]
    cinder = FakeCinder.of(volume("v1"), volume("v2"), pool_list=[Pool("lab@az2#p", "az2", 15.0)])
    assert [verdict.failed for verdict in run(cinder, "v1", "v2", check=True).values()] == [False, True]


def test_which_volume_is_meant() -> None:
    cinder = FakeCinder.of(volume("v1", name="data"), volume("v2", name="data"), volume("v3", project_id="p2"))
    verdicts = run(cinder, "data", "v3", "Data")
    assert [verdict.refusals[0].rule for verdict in verdicts.values()] == [
        "ambiguous",
        "no_such_volume",
        "no_such_volume",
    ]
    assert "v1, v2" in verdicts["data"].message()
    assert "no volume 'Data' (did you mean data?)" in verdicts["Data"].message()


def test_a_copy_for_another_zone_is_in_the_way() -> None:
    verdict = run(FakeCinder.of(volume(), working("w1", "az3")))["v1"]
    assert verdict.refusals[0].rule == "other_zone"
    assert "w1" in verdict.message()


def test_a_backup_whose_zone_is_lost_is_no_use() -> None:
    cinder = FakeCinder.of(volume(), marked("b1", availability_zone="az3"), service_list=services("backup az3"))
    assert run(cinder)["v1"].refusals[0].rule == "no_backup_service"
