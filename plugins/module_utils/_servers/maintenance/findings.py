# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is found out about zones, one by one, and the plan that comes of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ..._plan.change import C, Change, Note, Plan, Refusal
from ..._zones.schema.zone_map import ZoneMap
from .model import Region, Wanted


@dataclass
class Findings:
    """What is found out about one zone."""

    name: str
    availability_zone: str
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def refuse(self, rule: str, message: str, items: Iterable[dict[str, object]] = ()) -> None:
        self.refusals.append(Refusal(self.name, rule, message, tuple(items)))

    def note(self, message: str) -> None:
        self.notes.append(Note(self.name, message))


def zone_by_zone(
    zone_map: ZoneMap,
    region: Region,
    wanted: Wanted,
    of_zone: Callable[[ZoneMap, Region, Wanted, Findings], Iterable[Change]],
) -> Plan[Change]:
    """The changes of all zones.

    :param of_zone: the changes of one; what it refuses and notes goes into the findings.
    """
    zones = [Findings(name, zone_map.zones[name].availability_zone) for name in wanted.only]
    return findings_of(zones, [change for zone in zones for change in of_zone(zone_map, region, wanted, zone)])


def findings_of(zones: Iterable[Findings], changes: Iterable[C]) -> Plan[C]:
    """The plan, with what was found out about each zone."""
    zones = tuple(zones)
    refusals = [refusal for zone in zones for refusal in zone.refusals]
    return Plan.of(changes, refusals, [note for zone in zones for note in zone.notes])
