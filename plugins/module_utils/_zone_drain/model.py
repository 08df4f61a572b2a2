# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drain is asked to do, and what is known of the region for it. Data only."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .._capacity.model import LOCAL_DISKS, Workload
from .._servers.maintenance.model import Region
from .._servers.model import SHELVE, Move
from .._zones.schema.zone_map import ZoneMap
from .tags import on_its_way

STAY = "stay"
#: A server's pin is taken away, and set to the zone that it is in. Never from one zone to another (409), and not while it moves: until a
#: live migration is completed, or a cold one finished, it counts as in its old zone. Right after that nova takes it.
REPINS = (2, 104)
#: An unshelve names a zone, and pins the server to it; also a host.
UNSHELVES, UNSHELVES_ON = (2, 77), (2, 91)


@dataclass(frozen=True)
class Wanted:
    """What the operator asks for.

    :ivar only: the zones that are emptied, by inventory name.
    :ivar to: the zones that servers go to; None for all others that are in service.
    :ivar hosts: these only; None for all hosts of the zones.
    :ivar servers: these only, by id or name; None for all.
    :ivar storage_reachable: the storage of a zone can be reached from every other zone.
    :ivar shelve: servers whose pin cannot be changed are shelved, and unshelved elsewhere, if their owners consent.
    :ivar shelve_servers: those whose owners are known to consent, by id or name.
    """

    only: tuple[str, ...]
    to: tuple[str, ...] | None = None
    hosts: tuple[str, ...] | None = None
    servers: tuple[str, ...] | None = None
    shared_disks: bool = False
    local_disks: bool = False
    storage_reachable: bool = False
    shelve: bool = False
    shelve_servers: tuple[str, ...] = ()
    break_lock: bool = False
    allow: frozenset[str] = frozenset()

    @property
    def movable(self) -> frozenset[str]:
        return frozenset((LOCAL_DISKS,)) if self.local_disks else frozenset()


@dataclass(frozen=True)
class Seen:
    """What is known.

    :ivar newest: the newest microversion of nova.
    :ivar begun: once this run has written, the servers that were there before: what comes later is not its matter. None before.
    """

    region: Region
    newest: tuple[int, int] = REPINS
    begun: frozenset[str] | None = None

    @property
    def known(self) -> tuple[Workload, ...]:
        """The servers that a name can mean."""
        facts = self.region.facts
        servers = (*facts.servers, *facts.offloaded)
        return servers if self.begun is None else tuple(server for server in servers if server.id in self.begun)

    @property
    def repins(self) -> bool:
        """Whether nova changes pins."""
        return self.newest >= REPINS

    @property
    def unshelves(self) -> bool:
        """Whether it unshelves in a zone that is named."""
        return self.newest >= UNSHELVES

    @property
    def names_host(self) -> bool:
        """Whether it unshelves on a host that is named."""
        return self.newest >= UNSHELVES_ON

    def with_region(self, region: Region) -> Seen:
        return replace(self, region=region)


@dataclass(frozen=True)
class Crossing:
    """A server that goes to another zone.

    :ivar zone: the availability zone of its target.
    :ivar tag: what is written at the server before; empty for a live migration without a pin, which leaves nothing to finish.
    :ivar why: why a shelved server goes back to its zone, where that is known.
    """

    move: Move
    zone: str
    tag: str = ""
    why: str = ""

    @property
    def text(self) -> str:
        if self.move.way == SHELVE:
            return f"shelve server {self.move.label} and unshelve it in {self.zone}"
        return f"move server {self.move.label} to {self.zone}"


def left_zones(zone_map: ZoneMap, wanted: Wanted) -> frozenset[str]:
    return frozenset(zone_map.zones[name].availability_zone for name in wanted.only)


def tags_of(region: Region, zones: frozenset[str]) -> dict[str, str]:
    """The tag of each server that a run moved, or began to move, out of these zones."""
    servers = (*region.facts.servers, *region.facts.offloaded)
    found = ((server.id, on_its_way(server.tags, zones)) for server in servers if server.tags)
    return {server: tag for server, tag in found if tag}
