# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table asks for what the map mentions."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._region.choice import SECTIONS, sections_of_table
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map

MANY = [f"c{number}" for number in range(51)]


@pytest.mark.parametrize(
    ("zone", "region", "more"),
    [
        ({}, {}, {"instances"}),
        ({"compute": {"hosts": MANY}}, {}, set()),
        ({"image_store": {}}, {}, {"instances", "image_stores"}),
        ({"volume_backends": [{}]}, {}, {"instances", "volume_pools", "volume_types"}),
        ({}, {"volume_types": [{"name": "gold"}]}, {"instances", "volume_types"}),
        ({"share_backends": [{}]}, {}, {"instances", "share_backends", "share_types"}),
        ({}, {"share_types": [{"name": "gold"}]}, {"instances", "share_types"}),
    ],
)
def test_sections(zone: dict[str, Any], region: dict[str, Any], more: set[str]) -> None:
    zone_map = load_map({"az1": zone}, {"zones": ["az1"], **region})
    assert set(sections_of_table(zone_map)) == {*SECTIONS, *more}
