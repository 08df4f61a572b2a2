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
from .._plan.disabled.reason import in_zone_maintenance, is_dead
from .._plan.errors import ZoneopsError
from .._servers.maintenance.model import Region
from .._zones.schema.zone_map import Zone, ZoneMap

S = TypeVar("S")


def away(zone_map: ZoneMap, region: Region, verdicts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The zones of the map that have a host which is out of service since it was lost, or since its zone is in maintenance, and those that failed to come back.

    Where a cell that does not answer hides hosts of a zone, nobody knows. By its file such a zone can be away as well; otherwise those that were to come
    back stay so until all is known.

    :param region: as a run leaves it.
    :param verdicts: of the zones that were to come back.
    """
    hidden = [zone for zone in zone_map.zones.values() if _is_hidden(zone, region)]
    unknown = any(not zone.away for zone in hidden)
    kept = {name for name, verdict in verdicts.items() if unknown or verdict["failed"]}
    gone = {name for name, zone in zone_map.zones.items() if _has_one(zone, region) or (zone.away and zone in hidden)}
    return sorted(kept | gone)


def left_by(reconciler: Reconciler[S, Any], seen: S | None, *, check: bool) -> S:
    """What a run leaves behind.

    :param seen: what was seen last.
    :param check: with what would be done by now.
    """
    if seen is None:
        raise ZoneopsError("nothing was observed.")
    changes = reconciler.plan(seen).changes if check else ()
    return reduce(reconciler.simulate, changes, seen)


def _is_hidden(zone: Zone, region: Region) -> bool:
    return bool(region.incomplete) and any(name not in region.hosts for name in zone.compute_hosts)


def _has_one(zone: Zone, region: Region) -> bool:
    return any(_is_away(region.hosts[name]) for name in zone.compute_hosts if name in region.hosts)


def _is_away(host: Host) -> bool:
    reason, enabled = host.disabled_reason, host.enabled
    return is_dead(reason, enabled=enabled) or in_zone_maintenance(reason, enabled=enabled)
