# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which zones are not back: instance HA stays off for the whole region as long as there is one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any, TypeVar

from .._compute.model import Host
from .._plan.converge import Reconciler
from .._plan.disabled_reason import in_zone_maintenance, is_dead
from .._plan.errors import ZoneopsError
from .._servers.maintenance.model import Region
from .._zones.schema.zone_map import ZoneMap

S = TypeVar("S")


def away(zone_map: ZoneMap, region: Region, verdicts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The zones of the map that have a host which is out of service since it was lost, or since its zone is in maintenance, and those that failed to come back.

    Those are away as well whose hosts a cell that does not answer hides.

    :param region: as a run leaves it.
    :param verdicts: of the zones that were to come back.
    """
    failed = {name for name, verdict in verdicts.items() if verdict["failed"]}
    return sorted(failed.union(name for name in zone_map.zones if _has_one(zone_map, name, region)))


def left_by(reconciler: Reconciler[S, Any], seen: S | None, *, check: bool) -> S:
    """What a run leaves behind.

    :param seen: what was seen last.
    :param check: with what would be done by now.
    """
    if seen is None:
        raise ZoneopsError("nothing was observed.")
    changes = reconciler.plan(seen).changes if check else ()
    return reduce(reconciler.simulate, changes, seen)


def _has_one(zone_map: ZoneMap, zone: str, region: Region) -> bool:
    own = zone_map.zones[zone].compute_hosts
    hidden = bool(region.incomplete) and any(name not in region.hosts for name in own)
    return hidden or any(_is_away(region.hosts[name]) for name in own if name in region.hosts)


def _is_away(host: Host) -> bool:
    reason, enabled = host.disabled_reason, host.enabled
    return is_dead(reason, enabled=enabled) or in_zone_maintenance(reason, enabled=enabled)
