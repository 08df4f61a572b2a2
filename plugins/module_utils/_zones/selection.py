# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone map as a bulk module is given it, and the zones that its call may touch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._plan.text.near import refuse_unknown
from .load import load_map
from .schema.zone_map import ZoneMap

ZONE_OPTIONS: dict[str, Any] = {
    "zones": {"type": "dict", "required": True},
    "region": {"type": "dict", "required": True},
    "limit": {"type": "list", "elements": "str"},
}


def zones_asked(params: Mapping[str, Any]) -> tuple[ZoneMap, tuple[str, ...]]:
    """The whole zone map, and the names of the zones that this call may touch. Raises MapError when the map breaks a rule."""
    zone_map = load_map(params["zones"], params["region"])
    only = zone_map.zones if params["limit"] is None else params["limit"]
    refuse_unknown("'limit'", "zone of the map", only, zone_map.zones)
    return zone_map, tuple(name for name in zone_map.zones if name in only)
