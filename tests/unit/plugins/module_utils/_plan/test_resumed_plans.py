# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run that was killed leaves, in places that look unlike their plan: the same plan still permits it, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import VOLUME, Service
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.services.model import SetService
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.changes import (
    AddHost,
    MirrorProvider,
    MoveHost,
    RemoveHost,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._image.changes import AddImage
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.change import Change, Plan
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.model import SavedPlan, as_entries

BODY = {"name": "tiny", "visibility": "private"}
MARK = "zoneops: maintenance of the zone: work"
DOWN = Service(VOLUME, "lab@az1", "az1", enabled=False, reason=MARK)


def refused(saved: Change, *now: Change) -> list[str]:
    plan = SavedPlan("plan.yml", "then", changes={saved.zone: as_entries([saved.as_dict()])})
    return [refusal.zone for refusal in plan.limit(Plan(now)).refusals]


def mirror(zone: str, host: str, *, member: bool, provider: str = "p1") -> MirrorProvider:
    return MirrorProvider(zone, zone, f"uuid-{zone}", provider, member, host)


def test_a_host_joined_and_placement_does_not_mirror_all_of_it_yet() -> None:
    planned = AddHost("az1", "az1", "c1")
    assert refused(planned, *(mirror("az1", "c1", member=True, provider=one) for one in ("p1", "p2"))) == []
    assert refused(planned, mirror("az1", "c2", member=True)) == ["az1"]
    assert refused(planned, mirror("az1", "c1", member=False)) == ["az1"]
    leaves = RemoveHost("az1", "az1", "c1", "zoneops: r")
    assert refused(leaves, mirror("az1", "c1", member=False)) == []
    assert refused(leaves, mirror("az1", "c1", member=True)) == ["az1"]


def test_a_host_moved_and_placement_mirrors_it_in_the_zone_that_it_left() -> None:
    planned = MoveHost("az1", "az1", "c1", "az2", "az2", "zoneops: r", enable=True)
    assert refused(planned, mirror("az1", "c1", member=True), mirror("az2", "c1", member=False)) == []
    assert refused(planned, mirror("az2", "c1", member=True)) == ["az2"]


def test_the_mirror_alone_is_mended_by_its_plan() -> None:
    planned = mirror("az1", "c1", member=True)
    assert refused(planned, planned) == []
    assert refused(planned, mirror("az1", "c2", member=True)) == ["az1"]


def test_an_image_is_recreated_after_the_incomplete_one_was_removed_or_another_one_begun() -> None:
    planned = AddImage("az1", "tiny", None, BODY, instead="i1")
    removed, another = replace(planned, instead=None), replace(planned, instead="i2")
    assert refused(planned, planned) == refused(planned, removed) == refused(planned, another) == []
    assert refused(removed, another) == []
    assert refused(planned, replace(removed, body={**BODY, "visibility": "public"})) == ["az1"]
    assert refused(planned, replace(removed, replaces="i3")) == ["az1"]


def test_a_volume_service_that_thaws_is_enabled_by_the_same_plan() -> None:
    planned = SetService("az1", DOWN, None)
    frozen = replace(planned, service=replace(DOWN, frozen=True, reason=None))
    claimed = replace(planned, service=replace(DOWN, frozen=True, reason="zoneops: being enabled"))
    assert refused(planned, planned) == refused(planned, frozen) == refused(planned, claimed) == []
    assert refused(frozen, claimed) == []
    assert refused(planned, replace(planned, service=replace(DOWN, reason="disk is dying"))) == ["az1"]
    assert refused(frozen, planned) == ["az1"]
