# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups of volumes: which are made, which go, and that a run that ends anywhere is gone on with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import Service
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.backups.plan import (
    MARK,
    Selection,
    Wanted,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.backups.reconcile import VolumeBackups
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._block_storage.volume_cloud import (
    NOW,
    FakeCinder,
    Killed,
    backup,
    limit,
    services,
    volume,
)
from hypothesis import given
from hypothesis import strategies as st

OURS = {MARK: "nightly"}


def ours(number: str, hours: float, **values: Any) -> Any:
    return backup(number, hours, metadata=OURS, **values)


def reconciler(cinder: FakeCinder, **wanted: Any) -> VolumeBackups:
    selection = Selection(**wanted.pop("selection", {"availability_zones": ("az1",)}))
    asked = Wanted(**{"selection": selection, "name": "nightly", "max_age": timedelta(hours=24), **wanted})
    return VolumeBackups(cinder, asked, limit(), NOW)


def run(cinder: FakeCinder, *, check: bool = False, **wanted: Any) -> dict[str, Verdict]:
    return Converge(reconciler(cinder, **wanted), check=check, deadline=limit(), settle=0).run()


def left(cinder: FakeCinder) -> set[str]:
    return set(cinder.backup_list)


def test_the_selection() -> None:
    cinder = FakeCinder.of(
        volume("v1", metadata={"backup": "yes", "other": "x"}),
        volume("v2", zone="az2", metadata={"backup": "yes"}),
        volume("v3", project_id="p2", type="gold"),
        volume("v4"),
    )
    for selection, expected in (
        ({"ids": ("v4",)}, {"v4"}),
        ({"projects": ("p2",)}, {"v3"}),
        ({"availability_zones": ("az2", "az3")}, {"v2"}),
        ({"types": ("gold",)}, {"v3"}),
        ({"metadata": {"backup": "yes"}}, {"v1", "v2"}),
        ({"metadata": {"backup": "yes"}, "availability_zones": ("az1",)}, {"v1"}),
    ):
        assert set(run(cinder, check=True, selection=selection)) == expected
    assert cinder.writes == []


def test_a_zone_that_cinder_does_not_have_is_refused() -> None:
    with pytest.raises(ZoneopsError, match=r"no availability zone of cinder is named AZ1 \(did you mean az1\?\)"):
        run(FakeCinder.of(volume("v1")), selection={"availability_zones": ("AZ1",)})


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        ({"availability_zones": ("az2",)}, "option 'availability_zones': no volume that this user sees has az2"),
        ({"types": ("gld",)}, "option 'volume_types': no volume that this user sees has gld (did you mean gold?)"),
        ({"projects": ("nobody",)}, "option 'projects': no volume that this user sees has nobody"),
        ({"metadata": {"backup": "no"}}, "no volume matches all options of the selection: nothing is backed up"),
        ({"types": ("gold",)}, ""),
    ],
)
def test_a_selection_that_fits_nothing_is_said(selection: dict[str, Any], said: str) -> None:
    made = reconciler(FakeCinder.of(volume("v1", type="gold", metadata={"backup": "yes"})), selection=selection)
    made.observe()
    (found,) = made.warnings or [""]
    assert found.startswith(said)
    assert bool(found) is bool(said)


def test_several_are_begun_before_the_first_is_waited_for() -> None:
    cinder = FakeCinder.of(*(volume(f"v{number}") for number in range(3)))
    plan = reconciler(cinder, at_once=2).plan(reconciler(cinder).observe())
    assert [change.action for change in plan.changes] == [
        *["make_backup"] * 2,
        *["await_backup"] * 2,
        "make_backup",
        "await_backup",
    ]


def test_a_second_run_changes_nothing_and_costs_two_lists() -> None:
    cinder = FakeCinder.of(volume("v1"), volume("v2", status="in-use", attached_to=("server",)))
    first = run(cinder, keep=2)
    assert first["v1"].changed
    assert "crash-consistent" in first["v2"].warnings[0]
    cinder.calls.clear()
    again = run(cinder, keep=2)
    assert not any(verdict.changed or verdict.failed for verdict in again.values())
    assert cinder.calls == ["volumes", "backups"]


@pytest.mark.parametrize(
    ("asked", "down", "where"),
    [
        (None, (), "az1"),
        ("az2", (), "az2"),
        (None, ("backup az1", "backup az3"), "az2"),
        (None, ("backup az1",), None),
        ("az2", ("backup az2",), None),
    ],
)
def test_the_zone_of_the_service(asked: str | None, down: tuple[str, ...], where: str | None) -> None:
    cinder = FakeCinder.of(volume(), service_list=services(*down))
    verdict = run(cinder, backup_zone=asked)["v1"]
    assert verdict.failed == (where is None)
    if where is None:
        assert verdict.refusals[0].rule == "no_backup_service"
        assert cinder.writes == []
    else:
        assert cinder.writes == [f"make backup of v1 in {where}"]


@pytest.mark.parametrize(
    ("host", "down", "said"),
    [
        ("", ("volume az1",), "cinder-volume lab@az1 is down"),
        ("lab@az1", ("volume az1",), "cinder-volume lab@az1 is down"),
        ("lab@old", (), "cinder has no cinder-volume of lab@old"),
        ("lab@az1", ("scheduler",), "cinder-scheduler control is down"),
    ],
)
@pytest.mark.parametrize("begun", [False, True])
def test_a_volume_whose_own_service_is_down_is_refused_by_name(
    host: str, down: tuple[str, ...], said: str, begun: bool
) -> None:
    """cinder accepts the backup, which is 'creating' from then on."""
    if begun and "scheduler" in down:
        return
    source = volume("v1", host=host)
    cinder = FakeCinder.of(
        source, volume("v2", "az2", host="lab@az2"), *([ours("b1", 0.1, status="creating")] if begun else [])
    )
    cinder.service_list = services(*down)
    selection = {"availability_zones": ("az1", "az2")}
    check, verdicts = (run(cinder, check=check, selection=selection, backup_zone="az3") for check in (True, False))
    (refusal,) = verdicts["v1"].refusals
    assert (refusal.rule, check["v1"].refusals) == ("service_down", (refusal,))
    assert said in refusal.message
    assert verdicts["v2"].failed is ("scheduler" in down), "the others are backed up"


def test_a_service_that_is_disabled_still_serves_its_volumes() -> None:
    """Before power work a zone's services are disabled, and its volumes are backed up then."""
    cinder = FakeCinder.of(volume("v1", host="lab@az1"))
    cinder.service_list = [
        replace(one, enabled=False) if one.binary == "cinder-volume" else one for one in cinder.service_list
    ]
    assert not run(cinder)["v1"].failed


def test_another_service_of_the_cluster_serves_the_volume() -> None:
    cinder = FakeCinder.of(volume("v1", host="one@ceph"))
    cinder.service_list = [
        *services(),
        Service("cinder-volume", "one@ceph", "az1", up=False, cluster="edge@ceph"),
        Service("cinder-volume", "two@ceph", "az1", cluster="edge@ceph"),
    ]
    assert not run(cinder)["v1"].failed


def test_what_no_service_can_delete_stays_and_is_said() -> None:
    old = ours("old", 50, availability_zone="az3")
    cinder = FakeCinder.of(volume(), ours("new", 1), old, service_list=services("backup az3"))
    check, verdict = (run(cinder, check=check, keep=1)["v1"] for check in (True, False))
    assert (verdict.failed, verdict.changed, cinder.writes) == (False, False, [])
    assert check.warnings == verdict.warnings
    assert "1 old backups are kept until the next run: cinder-backup lab-az3 is down" in verdict.warnings[0]
    cinder.service_list = services()
    assert run(cinder, keep=1)["v1"].changed


def test_retention_by_count_and_age() -> None:
    three = [ours("b1", 1), ours("b2", 30), ours("b3", 60)]
    cinder = FakeCinder.of(volume(), *three, backup("foreign", 90), backup("other", 90, metadata={MARK: "weekly"}))
    plan = run(cinder, check=True, keep=1)["v1"].plan
    assert [change.target for change in plan] == ["backup b2", "backup b3"]
    assert run(cinder, check=True, keep=1, keep_younger=timedelta(hours=40))["v1"].plan[0].target == "backup b3"
    assert run(cinder, check=True)["v1"].plan == ()
    assert [change["id"] for change in run(cinder, keep=1)["v1"].after["backups"]] == ["b1"]
    assert left(cinder) == {"b1", "foreign", "other"}


def test_the_last_good_one_stays_however_old() -> None:
    cinder = FakeCinder.of(volume(status="error"), ours("b1", 999), ours("b2", 1000))
    verdict = run(cinder, keep_younger=timedelta(hours=1), max_age=timedelta(hours=2000))["v1"]
    assert not verdict.failed
    assert left(cinder) == {"b1"}


def test_nothing_goes_while_the_newest_failed() -> None:
    failed = ours("b0", 1, status="error", fail_reason="no room")
    cinder = FakeCinder.of(volume(), failed, ours("b1", 5), ours("b2", 6))
    verdict = run(cinder, keep=1)["v1"]
    assert (verdict.changed, cinder.writes) == (False, [])
    assert "no room" in verdict.warnings[0]
    # With a newer good one the failed one goes too.
    assert run(cinder, keep=1, max_age=timedelta(hours=4))["v1"].changed
    assert left(cinder) == {"backup-1"}


def test_a_backup_that_fails_costs_none_of_the_old_ones() -> None:
    cinder = FakeCinder.of(volume(), ours("b1", 30), ours("b2", 60), broken_backups=True)
    verdict = run(cinder, keep=1)["v1"]
    assert verdict.failed
    assert "no room" in verdict.message()
    assert {"b1", "b2"} < left(cinder)


def test_a_volume_that_is_gone_keeps_its_backups() -> None:
    cinder = FakeCinder.of(ours("b1", 30), ours("b2", 60))
    verdict = run(cinder, selection={"ids": ("v1",)}, keep=1)["v1"]
    assert verdict.refusals[0].rule == "volume_gone"
    assert "2 backups" in verdict.message()
    assert left(cinder) == {"b1", "b2"}


def test_a_volume_in_error_is_refused_when_it_is_due() -> None:
    verdict = run(FakeCinder.of(volume(status="error"), ours("b1", 30), ours("b2", 31)), keep=1)["v1"]
    assert verdict.refusals[0].rule == "not_ready"
    assert verdict.plan == ()


def chain(*more: Any) -> FakeCinder:
    """A full one and two that build on it."""
    cinder = FakeCinder.of(
        volume(),
        ours("full", 90, has_dependents=True),
        ours("i1", 60, incremental=True, has_dependents=True),
        ours("i2", 30, incremental=True),
        *more,
    )
    cinder.builds_on |= {"i1": "full", "i2": "i1"}
    return cinder


def test_nothing_goes_that_something_builds_on() -> None:
    cinder = chain()
    run(cinder, keep=1, incremental=True)
    assert left(cinder) == {"full", "i1", "i2", "backup-1"}


def test_a_whole_chain_goes_from_its_end() -> None:
    cinder = chain()
    run(cinder, keep=1, incremental=True, full_every=3)
    assert cinder.writes == ["make backup of v1 in az1", "delete i2", "delete i1", "delete full"]


def test_somebody_elses_incremental_keeps_ours() -> None:
    cinder = chain(backup("theirs", 20, incremental=True))
    cinder.builds_on["theirs"] = "i2"
    run(cinder, keep=1)
    assert left(cinder) == {"full", "i1", "i2", "theirs", "backup-1"}


@pytest.mark.parametrize(
    ("newest", "incremental"),
    [
        (None, True),
        (backup("theirs", 20), False),
        (ours("elsewhere", 20, availability_zone="az2", status="available"), False),
        (backup("weekly", 20, metadata={MARK: "weekly"}), True),
        (ours("failed", 2, status="error"), True),
    ],
)
def test_an_incremental_one_builds_on_ours(newest: Any, incremental: bool) -> None:
    cinder = FakeCinder.of(volume(), ours("full", 50), *([newest] if newest else []))
    run(cinder, incremental=True, max_age=timedelta(hours=3))
    assert cinder.writes == [f"make backup of v1 in az1{' incremental' * incremental}"]


def test_one_that_was_begun_is_waited_for() -> None:
    cinder = FakeCinder.of(volume(status="backing-up"), ours("begun", 0.1, status="creating"), ours("old", 50))
    verdict = run(cinder, keep=1)["v1"]
    assert not verdict.failed
    assert cinder.writes == ["delete old"]
    assert left(cinder) == {"begun"}


def test_an_answer_that_is_lost_is_looked_for() -> None:
    cinder = FakeCinder.of(volume(), lose_at=0)
    assert not run(cinder)["v1"].failed
    assert len(left(cinder)) == 1


@given(
    hours=st.lists(
        st.tuples(st.floats(0.5, 200), st.booleans(), st.booleans(), st.booleans()),
        max_size=7,
        unique_by=lambda one: round(one[0], 3),
    ),
    keep=st.none() | st.integers(1, 4),
    days=st.none() | st.floats(0.1, 6),
    incremental=st.booleans(),
    kill_at=st.none() | st.integers(0, 8),
    after=st.booleans(),
)
def test_whatever_there_is(
    hours: list[tuple[float, bool, bool, bool]],
    keep: int | None,
    days: float | None,
    incremental: bool,
    kill_at: int | None,
    after: bool,
) -> None:
    """Killed anywhere, the next run ends where a clean one does, and what must stay stays. The fake refuses what cinder refuses."""
    cinder = FakeCinder.of(volume(), kill_at=kill_at, after=after)
    base = None
    for number, (age, mine, is_incremental, failed) in enumerate(sorted(hours, reverse=True)):
        made = backup(
            f"b{number}",
            age,
            metadata=OURS if mine else {},
            incremental=is_incremental and base is not None,
            status="error" if failed else "available",
        )
        cinder.backup_list[made.id] = made
        if made.incremental and base is not None:
            cinder.builds_on[made.id] = base
        if not failed:
            base = made.id
    for parent in cinder.builds_on.values():
        cinder.backup_list[parent] = replace(cinder.backup_list[parent], has_dependents=True)
    foreign = {one.id for one in cinder.backup_list.values() if not one.metadata}
    good = [one for one in cinder.backup_list.values() if one.metadata and one.good]
    wanted: dict[str, Any] = {"keep": keep, "incremental": incremental}
    wanted["keep_younger"] = None if days is None else timedelta(days=days)
    try:
        run(cinder, **wanted)
    except Killed:
        cinder.kill_at = None
    verdict = run(cinder, **wanted)["v1"]
    assert not verdict.failed, verdict.message()
    assert not run(cinder, **wanted)["v1"].changed
    stay = [one for one in cinder.backup_list.values() if one.metadata and one.good]
    assert foreign <= left(cinder)
    assert len(stay) >= min(keep or 1, len(good)), "fewer than are to be kept"
    assert max(one.created_at for one in stay) > NOW - timedelta(hours=24)
    assert len([one for one in cinder.backup_list.values() if one.id.startswith("backup-")]) <= 1
