# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The share services of a zone in its maintenance where manila stores no reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Aggregate
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.nova import Nova
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.zones.agents import share_service_key
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.api.manila import Manila
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.api.model import ShareService
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.services.model import Options
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.services.reconcile import (
    ShareServices,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_maintenance.remembered import RememberingManila
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import zone_map
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._shared_filesystem.test_services import (
    Manila as Shares,
)

REASON = "maintenance of the zone: work"
KEY = share_service_key("lab@az1")
MINE = ShareService("lab@az1", "manila-share", "az1")
BROKEN = ShareService("bad@az1", "manila-share", "az1", enabled=False)


class Killed(BaseException):
    """The process ends."""


class OldManila(Shares):
    """That takes no reason, and where the process ends at a write."""

    def __init__(self, *services: ShareService, cloud: Aggregates) -> None:
        super().__init__(*services, keeps_reasons=False)
        self.cloud = cloud

    def set_service(self, host: str, binary: str, *, enabled: bool, reason: str | None = None) -> None:
        assert reason is None
        super().set_service(host, binary, enabled=enabled)
        self.cloud.wrote()


class Aggregates:
    """nova, as far as it is asked."""

    def __init__(self, *found: Aggregate) -> None:
        self.found = {one.id: one for one in found}
        self.writes = 0
        self.killed = 0

    def aggregates(self) -> tuple[Aggregate, ...]:
        return tuple(self.found.values())

    def set_metadata(self, number: int, metadata: Mapping[str, str | None]) -> None:
        merged = {**self.found[number].metadata, **metadata}
        kept = {key: value for key, value in merged.items() if value is not None}
        self.found[number] = replace(self.found[number], metadata=kept)
        self.wrote()

    def wrote(self) -> None:
        self.writes += 1
        if self.writes == self.killed:
            raise Killed


@pytest.fixture
def cloud() -> Aggregates:
    return Aggregates(Aggregate("az1", "az1", {"tier": "gold"}, id=1), Aggregate("newer", "az1", id=2))


@pytest.fixture
def manila(cloud: Aggregates) -> OldManila:
    return OldManila(MINE, BROKEN, ShareService("lab@az2", "manila-share", "az2"), cloud=cloud)


def run(manila: Shares, cloud: Aggregates, state: str) -> Verdict:
    ends = state == "end"
    remembering = RememberingManila(cast(Manila, manila), cast(Nova, cloud), ["az1"], ends=ends)
    common: dict[str, Any] = {"status": "enabled"} if ends else {"status": "disabled", "reason": REASON}
    found = ShareServices(remembering, zone_map(az1="c1", az2="c2"), Options(("az1",), of_zone=True, **common))
    return Converge(found, check=False, deadline=Deadline(60), settle=0).run()["az1"]


def enabled(manila: Shares) -> set[str]:
    return {host for host, one in manila.services.items() if one.enabled}


def test_only_what_the_maintenance_disabled_is_enabled(manila: OldManila, cloud: Aggregates) -> None:
    begun = run(manila, cloud, "begin")
    assert (begun.failed, enabled(manila)) == (False, {"lab@az2"})
    assert cloud.found[1].metadata == {"tier": "gold", KEY: f"zoneops: {REASON}"}
    assert "bad@az1 is disabled (no reason given), not by the maintenance" in " ".join(begun.warnings)
    assert "stores no reasons" not in " ".join(begun.warnings)
    assert not run(manila, cloud, "begin").changed
    ended = run(manila, cloud, "end")
    assert (ended.failed, ended.changed, enabled(manila)) == (False, True, {"lab@az1", "lab@az2"})
    assert cloud.found[1].metadata == {"tier": "gold"}
    assert not run(manila, cloud, "end").changed


@pytest.mark.parametrize("state", ["begin", "end"])
@pytest.mark.parametrize("write", [1, 2])
def test_a_run_that_is_killed_at_any_write_is_resumed(
    manila: OldManila, cloud: Aggregates, state: str, write: int
) -> None:
    if state == "end":
        run(manila, cloud, "begin")
    cloud.killed = cloud.writes + write
    with pytest.raises(Killed):
        run(manila, cloud, state)
    assert not run(manila, cloud, state).failed
    assert enabled(manila) == ({"lab@az2"} if state == "begin" else {"lab@az1", "lab@az2"})
    assert (KEY in cloud.found[1].metadata) == (state == "begin")
    assert not run(manila, cloud, state).changed
    # Also when it goes the other way from there.
    assert not run(manila, cloud, "end").failed
    assert (enabled(manila), cloud.found[1].metadata) == ({"lab@az1", "lab@az2"}, {"tier": "gold"})


def test_what_others_enabled_is_forgotten(manila: OldManila, cloud: Aggregates) -> None:
    run(manila, cloud, "begin")
    Shares.set_service(manila, "lab@az1", "manila-share", enabled=True)
    assert not run(manila, cloud, "end").failed
    assert cloud.found[1].metadata == {"tier": "gold"}


def test_a_zone_without_an_aggregate_remembers_nothing(manila: OldManila, cloud: Aggregates) -> None:
    cloud.found.clear()
    assert not run(manila, cloud, "begin").failed
    assert [refusal.rule for refusal in run(manila, cloud, "end").refusals] == ["foreign_reasons"] * 2


def test_a_manila_that_stores_reasons_needs_no_aggregate(cloud: Aggregates) -> None:
    manila = Shares(MINE)
    run(manila, cloud, "begin")
    assert manila.services["lab@az1"].disabled_reason == f"zoneops: {REASON}"
    assert not run(manila, cloud, "end").failed
    assert (enabled(manila), cloud.writes) == ({"lab@az1"}, 0)
