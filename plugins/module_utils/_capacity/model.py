# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a region when it is asked what it can bear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .facts.shapes import Shape
from .packing.model import Group

LOST, DRAINED = "lost", "drained"
# What counts as movable although it is not by itself, as in the option `movable`.
PINNED, LOCAL_DISKS = "pinned", "local_disks"
Amounts = Mapping[str, int]


@dataclass(frozen=True)
class Host:
    """A compute host.

    :ivar zone: its availability zone; where no aggregate gives it one, nova's default.
    :ivar zoned: whether an aggregate gives it its zone. The default one holds nothing: neither pins nor volumes.
    :ivar unusable: why it is no room for anything, empty where it is.
    :ivar capacity: of its resources as placement counts it, reserves subtracted and ratios applied; empty where placement does not list it.
    :ivar room: what of it is free.
    :ivar metadata: keys and values of all its aggregates.
    """

    name: str
    zone: str
    unusable: str = ""
    capacity: Amounts = field(default_factory=dict)
    room: Amounts = field(default_factory=dict)
    traits: frozenset[str] = frozenset()
    metadata: frozenset[tuple[str, str]] = frozenset()
    zoned: bool = True


@dataclass(frozen=True, slots=True)
class Workload:
    """A server on a host.

    :ivar pinned: the zone that it must stay in, None where it has none; where nova shows no pins, the zone that it is in.
    :ivar networks: ids; None where it has addresses and neutron could not be read.
    :ivar by_hand: what keeps it from being moved by itself, its shape's reasons apart.
    :ivar hosts: those that its affinity group binds it to; None where none does.
    :ivar group: the id of its anti-affinity group.
    :ivar tags: those of this collection.
    :ivar may_shelve: whether its owner consents that it is shelved and unshelved.
    :ivar may_rebuild: whether its owner consents that its disks are recreated from its image.
    :ivar may_restore: whether its owner consents that it is created again in another zone, from backups.
    :ivar stands_for: the id of the server of a lost zone that it was created again for; empty for any other.
    :ivar priority: how early it is evacuated, as its owner says: the greatest first.
    """

    id: str
    name: str
    project: str
    host: str
    status: str
    shape: Shape
    task: str | None = None
    pinned: str | None = None
    volumes: tuple[str, ...] = ()
    networks: frozenset[str] | None = frozenset()
    by_hand: tuple[str, ...] = ()
    hosts: frozenset[str] | None = None
    group: str | None = None
    tags: tuple[str, ...] = ()
    may_shelve: bool = False
    may_rebuild: bool = False
    may_restore: bool = False
    stands_for: str = ""
    priority: int = 0

    @property
    def label(self) -> str:
        return f"{self.name} ({self.id})" if self.name else self.id


@dataclass(frozen=True)
class Volume:
    """A volume, as far as it matters to the server that has it.

    :ivar down: the cinder-volume that serves it, where that is down.
    :ivar host: the cinder-volume that serves it.
    """

    label: str
    zone: str
    status: str = "in-use"
    down: str = ""
    host: str = ""


@dataclass(frozen=True)
class Facts:
    """A region.

    :ivar pins_seen: whether nova shows pins (2.96).
    :ivar offers: the hosts that placement offers, by what it was asked for.
    :ivar volumes: by id; None where cinder could not be read.
    :ivar networks: the physical networks of each network; one without any is everywhere.
    :ivar reach: the physical networks that a zone's hosts reach.
    :ivar groups: of anti-affinity, with the members on every host.
    :ivar group_names: for messages.
    :ivar offloaded: servers that are shelved, on no host, and have a tag of this collection.
    """

    hosts: Mapping[str, Host]
    servers: tuple[Workload, ...]
    pins_seen: bool = True
    offers: Mapping[Any, frozenset[str]] = field(default_factory=dict)
    volumes: Mapping[str, Volume] | None = field(default_factory=dict)
    networks: Mapping[str, frozenset[str]] = field(default_factory=dict)
    reach: Mapping[str, frozenset[str]] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    group_names: Mapping[str, str] = field(default_factory=dict)
    offloaded: tuple[Workload, ...] = ()

    @cached_property
    def zones(self) -> frozenset[str]:
        """The availability zones of the hosts, the default one included."""
        return frozenset(host.zone for host in self.hosts.values())

    @cached_property
    def holding(self) -> frozenset[str]:
        """The zones that servers can be pinned to and volumes can be in."""
        return frozenset(host.zone for host in self.hosts.values() if host.zoned)

    def back_ends(self, server: Workload) -> tuple[str, ...]:
        """The cinder-volumes that serve its volumes."""
        found = ((self.volumes or {}).get(number) for number in server.volumes)
        return tuple(sorted({volume.host for volume in found if volume is not None and volume.host}))


@dataclass(frozen=True)
class Question:
    """What is supposed to happen, and what is known that no API shows.

    :ivar event: LOST, hosts with what is on them, or DRAINED, hosts that are up and are emptied.
    :ivar shared_disks: disks that are no volumes are on storage that all hosts of a zone reach.
    :ivar storage_reachable: the storage of a zone can be reached from every other zone, and nova lets it (cross_az_attach).
    :ivar movable: what counts as movable although it is not by itself.
    """

    event: str = LOST
    shared_disks: bool = False
    storage_reachable: bool = False
    movable: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Away:
    """What is away.

    :ivar zones: those that are away as a whole, with their storage when they are lost.
    """

    hosts: frozenset[str]
    zones: frozenset[str] = frozenset()


def zones_away(facts: Facts, zones: Mapping[str, str]) -> dict[str, Away]:
    """Each of these availability zones as a whole, with all hosts that nova has in it; by the names that the caller has for them."""
    hosts: dict[str, set[str]] = {}
    for host in facts.hosts.values():
        hosts.setdefault(host.zone, set()).add(host.name)
    return {name: Away(frozenset(hosts.get(zone, ())), frozenset((zone,))) for name, zone in zones.items()}
