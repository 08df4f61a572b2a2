# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scenarios: what is tried, what is said, and that nothing is left of it."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.relocate.check import (
    MARK,
    Check,
    Scenario,
    Tried,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._block_storage.volume_cloud import (
    FakeCinder,
    Killed,
    backup,
    limit,
    services,
    volume,
)

AWAY = Scenario("az1", "az2", "az2")


def check_of(cinder: FakeCinder) -> Check:
    return Check(cinder, limit(), lambda zone: f"{zone}-gold")


def run(cinder: FakeCinder) -> Tried:
    return check_of(cinder).run(AWAY)


def assert_empty(cinder: FakeCinder) -> None:
    """Only what was there before."""
    assert (list(cinder.volume_list), list(cinder.backup_list)) == (["v1"], ["b1"])


def cloud() -> FakeCinder:
    return FakeCinder.of(volume("v1"), backup("b1"))


def test_a_scenario() -> None:
    cinder = cloud()
    tried = run(cinder)
    assert tried.errors == []
    assert list(tried.seconds) == ["volume", "backup", "restore"]
    assert [write.split()[-1] for write in cinder.writes[:3]] == ["az1", "az2", "az2"]
    assert_empty(cinder)


@pytest.mark.parametrize("broken", ["broken_backups", "broken_restores"])
def test_what_fails_is_said_and_removed(broken: str) -> None:
    cinder = cloud()
    setattr(cinder, broken, True)
    assert "no room" in run(cinder).as_dict()["msg"]
    assert_empty(cinder)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("kill_at", range(6))
def test_the_next_run_removes_what_a_killed_one_left(kill_at: int, after: bool) -> None:
    cinder = cloud()
    cinder.kill_at, cinder.after = kill_at, after
    with pytest.raises(Killed):
        run(cinder)
    cinder.kill_at = None
    assert check_of(cinder).clean() == []
    assert_empty(cinder)


def test_services_that_are_missing() -> None:
    found = list(check_of(cloud()).missing(AWAY, services("backup az2", "volume az1")))
    assert found == [
        "no cinder-volume is up and enabled in zone az1 (cinder-volume lab@az1 is down); one is in: az2, az3",
        "no cinder-backup is up and enabled in zone az2 (cinder-backup lab-az2 is down); one is in: az1, az3",
    ]
    (found_scheduler,) = check_of(cloud()).missing(AWAY, services("scheduler"))
    assert found_scheduler == "cinder-scheduler control is down: nothing new can be created"


def test_other_peoples_volumes_stay() -> None:
    cinder = FakeCinder.of(volume("v1", metadata={MARK: "az1"}), backup("b1", metadata={"other": "x"}))
    assert check_of(cinder).leftovers() == ([], [])
