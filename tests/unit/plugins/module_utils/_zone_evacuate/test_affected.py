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
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_evacuate.affected import Holdings, affected
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_maintenance.model import Defaults
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map

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
