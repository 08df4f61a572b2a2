# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instance HA that is off although the map has all zones in service: the run that would switch it on may never come. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..._zones.schema.zone_map import ZoneMap
from .changes import in_words
from .model import KIND, InstanceHa
from .plan import NOT_IN_MAP


def left_off(found: Iterable[InstanceHa], zone_map: ZoneMap) -> Iterator[str]:
    """What to tell of each one that is off, unless it is so for a zone that is down or in maintenance by its file."""
    away = {name for name, zone in zone_map.zones.items() if zone.away}
    for one in found:
        if one.off and not away.intersection(one.zones):
            whose = f"for {in_words(one.zones)}" if one.zones else "by others"
            lost = one.zones and not any(name in zone_map.zones for name in one.zones)
            why = f", {NOT_IN_MAP}" if lost else ": it fences and evacuates no host."
            yield f"{KIND} {one.name} is off {whose}{why}"
