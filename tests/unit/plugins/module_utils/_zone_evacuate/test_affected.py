# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What else hangs on a zone whose storage does not answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import BACKUP, Service
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.volume_model import Backup, Volume
from ansible_collections.zoneops.openstack.plugins.module_utils._image.model import Image
from ansible_collections.zoneops.openstack.plugins.module_utils._types.model import FoundType
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.affected import Holdings, affected
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.elsewhere import defaults_of
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_maintenance.model import Defaults
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.tests.unit.operators.maps import raw_map

SERVICES = "zoneops_region.kubernetes.services"
SITE = ", and run ansible-playbook -i inventory zoneops.openstack.site --tags control_plane"
STEP = (
    "ansible-playbook -i inventory zoneops.openstack.zone_evacuate --limit az0 -e zoneops_evacuate_phase=defaults "
    """-e '{"zoneops_evacuate_default_types": {"gold": "TYPE"}}'"""
)
MAP = load_map({"az1": {"image_store": {}}, "az2": {"image_store": {}}}, {"zones": ["az1", "az2"]})
TIME = datetime(2026, 1, 1, tzinfo=UTC)


def held(up: bool) -> Holdings:
    return Holdings(
        images=(
            Image("i1", "single", "active", stores=("az1",)),
            Image("i2", "both", "active", stores=("az1", "az2")),
            Image("i3", "elsewhere", "active", stores=("az2",)),
        ),
        volumes=(
            Volume("v1", "stuck", 1, "detaching", "az1"),
            Volume("v2", "used", 1, "in-use", "az1"),
            Volume("v3", "far", 1, "detaching", "az2"),
        ),
        backups=(
            Backup("b1", "here", "v1", "available", 1, "az1", TIME, TIME),
            Backup("b2", "far", "v1", "available", 1, "az2", TIME, TIME),
        ),
        services=(Service(BACKUP, "backup-1", "az1", up=up), Service(BACKUP, "backup-2", "az2")),
        defaults=Defaults(image_store="az1", unread=("manila: no answer",)),
        unread=("manila: no answer",),
    )


@pytest.mark.parametrize("up", [True, False])
def test_what_cannot_be_used(up: bool) -> None:
    found = affected(MAP, MAP.zones["az1"], held(up))
    assert {key: [one.get("name") for one in found[key]] for key in ("images", "volumes", "backups", "defaults")} == {
        "images": ["single"],
        "volumes": ["stuck"],
        "backups": [] if up else ["here"],
        "defaults": ["default_store"],
    }
    assert found["unread"] == ["manila: no answer"]
    assert "its only copy is in store az1" in found["images"][0]["what"]


def test_default_volume_types_of_projects() -> None:
    gold, far, any_ = (
        FoundType(name, name, specs={"RESKEY:availability_zones": zones} if zones else {})
        for name, zones in (("gold", "az1"), ("far", "az1,az2"), ("any", ""))
    )
    own = (("p1", gold), ("p2", gold), ("p3", far), ("p4", any_))
    (one,) = affected(MAP, MAP.zones["az1"], Holdings(project_types=own))["defaults"]
    assert one == {
        "name": "default_volume_type_of_projects",
        "what": "volumes that name no type get gold, which is in this zone only, in projects p1, p2",
        "change": STEP.replace("az0", "az1"),
    }


def test_how_defaults_are_taken_to_another_zone() -> None:
    """By the map where the control plane is made of it, to a zone that is in service."""
    raw = raw_map(az1="down")
    raw["region"]["kubernetes"]["services"] = {
        **raw["region"]["kubernetes"].get("services", {}),
        "nova": {"default_schedule_zone": "az0"},
    }
    found = load_map(raw["zones"], raw["region"])
    volumes = FoundType("1", "gold", specs={"RESKEY:availability_zones": "az0"})
    shares = FoundType("2", "files", specs={"availability_zones": "az0"})
    zone = found.zones["az0"]
    store = zone.image_store.name if zone.image_store else None
    defaults = Defaults(image_store=store, volume_type=volumes, share_type=shares)
    changes = {one["name"]: one["change"] for one in defaults_of(found, zone, defaults)}
    assert changes == {
        "default_schedule_zone": f"set {SERVICES}.nova.default_schedule_zone to az2{SITE}",
        "storage_availability_zone": f"set {SERVICES}.default_zone to az2{SITE}",
        "default_store": f"set {SERVICES}.default_zone to az2{SITE}",
        "default_volume_type": "set default_volume_type in cinder.conf to another type than gold, and restart its services; or give projects a type of "
        f"their own: {STEP}, with their ids in zoneops_evacuate_default_type_projects",
        "default_share_type": f"set another type than files: set {SERVICES}.manila.default_share_type to TYPE{SITE}",
    }


def test_without_a_control_plane_of_the_map_the_service_is_changed() -> None:
    (one,) = defaults_of(MAP, MAP.zones["az1"], Defaults(image_store="az1"))
    assert one["change"].startswith("set default_backend in section glance_store of glance-api.conf")
