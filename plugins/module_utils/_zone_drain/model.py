# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drain is asked to do, and what is known of the region for it. Data only."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .._capacity.model import LOCAL_DISKS
from .._servers.maintenance.model import Region
from .._servers.model import Move
from .._zones.schema.zone_map import ZoneMap
from .tags import on_its_way

STAY = "stay"


@dataclass(frozen=True)
class Wanted:
    """What the operator asks for.

    :ivar only: the zones that are emptied, by inventory name.
    :ivar to: the zones that servers go to; None for all others that are in service.
    :ivar hosts: these only; None for all hosts of the zones.
    :ivar servers: these only, by id or name; None for all.
    :ivar storage_reachable: the storage of a zone can be reached from every other zone.
    """

    only: tuple[str, ...]
    to: tuple[str, ...] | None = None
    hosts: tuple[str, ...] | None = None
    servers: tuple[str, ...] | None = None
    shared_disks: bool = False
    local_disks: bool = False
    storage_reachable: bool = False
    break_lock: bool = False
    allow: frozenset[str] = frozenset()

    @property
    def movable(self) -> frozenset[str]:
        return frozenset((LOCAL_DISKS,)) if self.local_disks else frozenset()


@dataclass(frozen=True)
class Seen:
    """What is known.

    :ivar repins: whether nova changes pins (2.104).
    :ivar newest: the newest microversion of nova, for messages.
    :ivar begun: once this run has written, the servers that were there before: what comes later is not its matter. None before.
    """

    region: Region
    repins: bool = True
    newest: str = ""
    begun: frozenset[str] | None = None

    def with_region(self, region: Region) -> Seen:
        return replace(self, region=region)


@dataclass(frozen=True)
class Crossing:
    """A server that goes to another zone.

    :ivar zone: the availability zone of its target.
    :ivar tag: what is written at the server before; empty for a live migration without a pin, which leaves nothing to finish.
    """

    move: Move
    zone: str
    tag: str = ""


def left_zones(zone_map: ZoneMap, wanted: Wanted) -> frozenset[str]:
    return frozenset(zone_map.zones[name].availability_zone for name in wanted.only)


def tags_of(region: Region, zones: frozenset[str]) -> dict[str, str]:
    """The tag of each server that a run moved, or began to move, out of these zones."""
    found = ((server.id, on_its_way(server.tags, zones)) for server in region.facts.servers if server.tags)
    return {server: tag for server, tag in found if tag}
