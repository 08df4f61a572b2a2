# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in one zone only is named by a drill on paper, and fails nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.volume_model import Backup
from ansible_collections.zoneops.openstack.plugins.module_utils._image.model import Image
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_drill.copies import Copies, as_dict, told
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map

MAP = load_map({"az1": {"image_store": {}}, "az2": {}}, {"zones": ["az1", "az2"]})
TIME = datetime(2026, 1, 1, tzinfo=UTC)


def backup(name: str, volume: str, zone: str, status: str = "available") -> Backup:
    return Backup(name, name, volume, status, 1, zone, TIME, TIME)


COPIES = Copies(
    images=(
        Image("i1", "single", "active", stores=("az1",)),
        Image("i2", "both", "active", stores=("az1", "az2")),
        Image("i3", "queued", "queued", stores=("az1",)),
    ),
    backups=(
        backup("here", "v1", "az1"),
        backup("again", "v1", "az1"),
        backup("failed", "v1", "az2", "error"),
        backup("first", "v2", "az1"),
        backup("second", "v2", "az2"),
    ),
)


def test_copies_that_are_nowhere_else() -> None:
    found = as_dict(MAP.zones["az1"], COPIES)
    assert found["images"] == [{"id": "i1", "name": "single"}]
    assert [(one["name"], one["volume"]) for one in found["backups"]] == [("here", "v1"), ("again", "v1")]
    images, volumes = told(MAP.zones["az1"], COPIES)
    assert "only copy in store az1: single (i1)" in images
    assert "backups in zone az1 only: v1." in volumes


def test_a_zone_without_a_store_and_without_backups() -> None:
    assert as_dict(MAP.zones["az2"], COPIES) == {"images": [], "backups": []}
    assert list(told(MAP.zones["az2"], COPIES)) == []
