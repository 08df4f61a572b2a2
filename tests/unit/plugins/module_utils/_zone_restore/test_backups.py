# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From which backup a volume is restored: the newest one that can be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import Service
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.volume_model import Backup, Volume
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_restore.backups import copies_of, is_lost, newest
from hypothesis import given
from hypothesis import strategies as st

VOLUME = Volume("v", "data", 1, "in-use", "az1", project_id="p", host="lab@az1")
SERVICES = (
    Service("cinder-volume", "lab@az1", "az1", up=False),
    Service("cinder-volume", "lab@az2", "az2"),
    Service("cinder-backup", "lab-az1", "az1", up=False),
    Service("cinder-backup", "lab-az2", "az2"),
    Service("cinder-backup", "lab-az3", "az3", enabled=False),
    Service("cinder-scheduler", "lab", "nova"),
)
MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


def backup(hour: int, *, status: str = "available", zone: str = "az2", **more: Any) -> Backup:
    at = MIDNIGHT + timedelta(hours=hour)
    return Backup(f"b{hour}", "", "v", status, 1, zone, at, at, **{"project_id": "p", **more})


@pytest.mark.parametrize(
    ("backups", "wanted"),
    [
        ([backup(1), backup(3), backup(2)], "b3"),
        ([backup(1), backup(2, status="error"), backup(3, status="creating")], "b1"),
        ([backup(1), backup(2, zone="az1"), backup(3, zone="az3")], "b1"),
        ([backup(1), backup(2, incremental=True)], "b2"),
        ([backup(2, incremental=True), backup(1, status="error")], None),
        ([backup(1, project_id="other"), backup(2, incremental=True)], "b1"),
        (
            [backup(1), backup(2, incremental=True, status="error", has_dependents=True), backup(3, incremental=True)],
            "b1",
        ),
        ([backup(1), backup(2, incremental=True, status="error"), backup(3, incremental=True)], "b3"),
        ([], None),
    ],
)
def test_the_newest_that_can_be_restored(backups: list[Backup], wanted: str | None) -> None:
    found, why = newest(VOLUME, backups, SERVICES)
    passed = [one for one in backups if found is None or one.data_time > found.data_time]
    assert (found and found.id, bool(why)) == (wanted, bool(passed) or wanted is None)


def test_each_that_cannot_says_why() -> None:
    _found, why = newest(
        VOLUME, [backup(1, incremental=True), backup(2, zone="az1"), backup(3, status="error")], SERVICES
    )
    assert why == (
        "backup b3 of 2026-01-01 03:00 UTC is 'error'; backup b2 of 2026-01-01 02:00 UTC is in zone az1, where no cinder-backup is up and enabled, "
        "wherever its data is; backup b1 of 2026-01-01 01:00 UTC is incremental, and the full one that it builds on is gone"
    )
    assert newest(VOLUME, [replace(backup(1), volume_id="other")], SERVICES) == (None, "it has no backup")


KINDS = st.tuples(
    st.sampled_from(["available", "error", "creating"]), st.sampled_from(["az1", "az2"]), st.booleans(), st.booleans()
)


@given(st.lists(KINDS, max_size=6))
def test_what_is_chosen_can_be_restored(kinds: list[tuple[str, str, bool, bool]]) -> None:
    backups = [
        backup(hour, status=status, zone=zone, incremental=incremental, has_dependents=built_on)
        for hour, (status, zone, incremental, built_on) in enumerate(kinds)
    ]
    found, _why = newest(VOLUME, backups, SERVICES)
    full = [
        one for one in backups if one.status == "available" and one.availability_zone == "az2" and not one.incremental
    ]
    assert found is not None or not full
    if found is not None:
        assert (found.status, found.availability_zone) == ("available", "az2")
        assert all(one.data_time <= found.data_time for one in full)
        earlier = [one for one in backups if one.data_time < found.data_time and not one.incremental]
        assert not found.incremental or any(one.good for one in earlier)


def test_copies_of_its_project_count() -> None:
    marks = {"zoneops_restored_from": "v", "zoneops_restored_as": "c"}
    whole = Volume("c", "data", 1, "available", "az2", project_id="p", metadata=marks)
    working = Volume("w", "zoneops-restore v b1", 1, "creating", "az2", project_id="p")
    others = [
        replace(whole, id="d"),
        replace(whole, project_id="q"),
        replace(working, id="x", status="deleting"),
        replace(working, id="y", name="zoneops-restore u b1"),
    ]
    broken = replace(working, id="a", status="error_restoring")
    found = copies_of(VOLUME, [*others, broken, working, whole])
    assert (found.whole, [one.id for one in found.working]) == (whole, ["w", "a"])


def test_a_volume_is_lost_while_no_service_of_it_is_up() -> None:
    assert is_lost(VOLUME, SERVICES)
    assert not is_lost(replace(VOLUME, host="lab@az2"), SERVICES)
    assert not is_lost(VOLUME, (replace(SERVICES[0], up=True, enabled=False),))
