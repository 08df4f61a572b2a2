# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which aggregate is a zone's, and which zone's an aggregate is. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ..._zones.schema.zone_map import Zone, ZoneMap
from ..model import Aggregate, Observed


def aggregate_of(wanted: ZoneMap, zone: Zone, observed: Observed, *, adopt: bool = True) -> Aggregate | None:
    """The aggregate that is the zone's, if that is managed: by its name, else the only one with the zone's AZ that the map does not name otherwise.

    :param adopt: False for the name only, where the aggregate shall go: what else has the AZ was never the map's.
    """
    if zone.compute is None:
        return None
    found = observed.by_name.get(zone.compute.aggregate)
    if found is not None or not adopt:
        return found
    unnamed = unnamed_aggregates(wanted, zone, observed)
    return unnamed[0] if len(unnamed) == 1 else None


def aggregate_names(wanted: ZoneMap) -> set[str]:
    """The aggregates that the map names."""
    return {zone.compute.aggregate for zone in wanted.zones.values() if zone.compute}


def unnamed_aggregates(wanted: ZoneMap, zone: Zone, observed: Observed) -> list[Aggregate]:
    """Aggregates with the zone's AZ whose names no zone of the map uses."""
    named = aggregate_names(wanted)
    return [
        found
        for found in observed.aggregates
        if found.availability_zone == zone.availability_zone and found.name not in named
    ]


def owner_of(wanted: ZoneMap, aggregate: Aggregate, observed: Observed) -> Zone | None:
    """The zone of the map that an aggregate is the aggregate of."""
    return next((zone for zone in wanted.zones.values() if aggregate_of(wanted, zone, observed) == aggregate), None)


def named_aggregates(aggregates: Iterable[Aggregate]) -> str:
    """All of them, for messages."""
    names = sorted(aggregate.name for aggregate in aggregates)
    return f"aggregate{'s' if len(names) > 1 else ''} {', '.join(names)}"
