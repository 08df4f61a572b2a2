# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in one zone only is named by a drill on paper, and fails nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.volume_model import Backup
from ansible_collections.zoneops.openstack.plugins.module_utils._image.model import Image
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import CloudError
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_drill.copies import (
    LISTED,
    Copies,
    as_dict,
    away_beside,
    read_copies,
    told,
)
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
    assert "in store az1 only: single (i1)" in images
    assert "backups in zone az1 only: v1." in volumes


def test_a_zone_without_a_store_and_without_backups() -> None:
    assert as_dict(MAP.zones["az2"], COPIES) == {
        "images": [],
        "backups": [],
        "counts": {"images": 0, "backups": 0},
    }
    assert list(told(MAP.zones["az2"], COPIES)) == []


def test_a_copy_in_a_zone_that_is_away_is_none() -> None:
    zones = {"az1": {"image_store": {}}, "az2": {"image_store": {}, "zone_state": "down"}}
    lost = load_map(zones, {"zones": list(zones)})
    zone = lost.zones["az1"]
    found = as_dict(zone, COPIES, away_beside(lost, zone))
    assert [one["name"] for one in found["images"]] == ["single", "both"]
    assert [one["name"] for one in found["backups"]] == ["here", "again", "first"]
    assert all(
        "only (zones that are away do not count: az2): " in text for text in told(zone, COPIES, (lost.zones["az2"],))
    )
    # Nobody asks what else would be away with a zone that is: itself does not count.
    assert away_beside(lost, lost.zones["az2"]) == ()


def test_lists_are_bounded_and_counted() -> None:
    many = replace(COPIES, backups=tuple(backup(f"b{number}", "v1", "az1") for number in range(LISTED + 5)))
    found = as_dict(MAP.zones["az1"], many)
    assert (len(found["backups"]), found["counts"]) == (LISTED, {"images": 1, "backups": LISTED + 5})


def test_what_could_not_be_read_is_not_nothing() -> None:
    def silent(*_given: Any, **_more: Any) -> Any:
        raise CloudError("503")

    service = SimpleNamespace(present=lambda: True, get=silent, pages=silent, negotiate=silent, maximum=silent)
    found = read_copies(cast("Any", SimpleNamespace(service=lambda *_names, **_more: service, deadline=None)))
    assert found.unread == ("glance images: 503", "cinder backups: 503")
    assert as_dict(MAP.zones["az1"], found) == {
        "images": None,
        "backups": None,
        "counts": {"images": None, "backups": None},
    }
    assert list(told(MAP.zones["az1"], found)) == []
