# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the availability zones of nova are made of, as plain data. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

# An availability zone is not stored in nova but is a key of a host aggregate's metadata (nova guide, "Availability Zones").
AZ_KEY = "availability_zone"
# The aggregate that is no aggregate but the lock of a run; ':' keeps it apart from every availability zone, whose names cannot have one.
LOCK_NAME = "zoneops:lock"
# How the availability zone of that aggregate begins.
LOCK_ZONE = "lock of "


@dataclass(frozen=True)
class Aggregate:
    """A host aggregate. `metadata` is without the availability zone.

    :ivar id: None while it is only planned.
    """

    name: str
    availability_zone: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    id: int | None = None
    uuid: str | None = None


@dataclass(frozen=True)
class Host:
    """A compute host: its nova-compute service.

    :ivar zone: the zone that nova itself names for it; the cloud's default AZ where no aggregate gives it one.
    :ivar state: "up" or "down", as nova last saw it.
    :ivar status: "enabled" or "disabled".
    :ivar written: when its record was last written, by a report of nova-compute or by a request. No part of what the host is.
    """

    name: str
    service_id: str
    zone: str
    state: str
    status: str
    disabled_reason: str | None = None
    forced_down: bool = False
    written: str = field(default="", compare=False)

    @property
    def enabled(self) -> bool:
        return self.status == "enabled"


@dataclass(frozen=True)
class Server:
    """An instance.

    :ivar host: None where it has none (not yet scheduled, shelved offloaded, failed).
    :ivar zone: the zone it is in now, empty where it has no host.
    :ivar pinned: the zone that it must stay in; None where it has none, or where it cannot be seen.
    :ivar image: the id of the image that it was made from; None where it boots from a volume.
    :ivar volumes: ids of the volumes that it has.
    """

    id: str
    name: str
    project_id: str
    host: str | None
    status: str
    zone: str = ""
    pinned: str | None = None
    image: str | None = None
    volumes: tuple[str, ...] = ()

    def as_item(self) -> dict[str, Any]:
        """What identifies it in a refusal."""
        return {
            "kind": "server",
            "id": self.id,
            "name": self.name,
            "project_id": self.project_id,
            "host": self.host,
            "status": self.status,
            "pinned_availability_zone": self.pinned,
        }


@dataclass(frozen=True)
class Occupants:
    """What else keeps a host from being empty, besides the servers on it.

    :ivar migrations: unfinished migrations from or to the host, unconfirmed resizes and evacuation left-overs among them.
    :ivar allocations: consumers of its resource providers: builds in flight and left-overs show only there.
    """

    migrations: tuple[Mapping[str, Any], ...] = ()
    allocations: tuple[str, ...] = ()


def in_lock(host: Host) -> bool:
    """Whether a host was put into the aggregate that is the lock."""
    return host.zone.startswith(LOCK_ZONE)


@dataclass(frozen=True)
class Observed:
    """What nova lists.

    :ivar servers: None until a plan needs them (they cost the most).
    :ivar pins_seen: whether nova shows the zone that a server is pinned to (2.96).
    :ivar occupants: by host, read for the hosts that a plan takes out of a zone.
    :ivar providers: resource providers by host, read together with `occupants`, `undiscovered` and `members`.
    :ivar members: providers by aggregate UUID as placement mirrors them, read when the mirror is looked after.
    :ivar undiscovered: hosts whose service nova knows but that no cell mapping leads to; read for the hosts that a plan adds.
    :ivar lagging: hosts whose compute service is as it is wanted, while the scheduler still acts on what it was before.
    :ivar owed: whether a run that was killed, or failed at it, left the mirror to be looked at: then a difference is a failure.
    :ivar incomplete: why the listings cannot be trusted to be whole, for example a cell that did not answer; every guard then refuses.
    """

    aggregates: tuple[Aggregate, ...] = ()
    hosts: Mapping[str, Host] = field(default_factory=dict)
    servers: tuple[Server, ...] | None = None
    pins_seen: bool = True
    occupants: Mapping[str, Occupants] = field(default_factory=dict)
    providers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    undiscovered: frozenset[str] = frozenset()
    lagging: frozenset[str] = frozenset()
    owed: bool = False
    incomplete: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> Mapping[str, Aggregate]:
        return {aggregate.name: aggregate for aggregate in self.aggregates}

    @cached_property
    def _zone_aggregates(self) -> Mapping[str, tuple[Aggregate, ...]]:
        found: dict[str, list[Aggregate]] = {}
        for aggregate in self.aggregates:
            if aggregate.availability_zone is not None:
                for host in aggregate.hosts:
                    found.setdefault(host, []).append(aggregate)
        return {host: tuple(aggregates) for host, aggregates in found.items()}

    @cached_property
    def _servers_by_host(self) -> Mapping[str, tuple[Server, ...]]:
        found: dict[str, list[Server]] = {}
        for server in self.servers or ():
            if server.host is not None:
                found.setdefault(server.host, []).append(server)
        return {host: tuple(servers) for host, servers in found.items()}

    def zone_aggregates(self, host: str) -> tuple[Aggregate, ...]:
        """The aggregates that put a host into an availability zone; nova allows several only with the same zone."""
        return self._zone_aggregates.get(host, ())

    def zone_of(self, host: str) -> str | None:
        """The availability zone that aggregates give a host, None for a host in none."""
        return next((aggregate.availability_zone for aggregate in self.zone_aggregates(host)), None)

    def servers_on(self, host: str) -> tuple[Server, ...]:
        return self._servers_by_host.get(host, ())

    def pinned_to(self, availability_zone: str) -> tuple[Server, ...]:
        """Servers that must stay in a zone, those without a host included.

        Where nova does not show pins, every server of the zone counts, and every server in no zone: it may be pinned to any.
        """
        servers = self.servers or ()
        if self.pins_seen:
            return tuple(server for server in servers if server.pinned == availability_zone)
        return tuple(server for server in servers if server.zone in (availability_zone, "") or server.host is None)

    @cached_property
    def default_availability_zone(self) -> str | None:
        """nova's `default_availability_zone`, seen on hosts that no aggregate puts into a zone; None when there is no such host."""
        hosts = (host for host in self.hosts.values() if not in_lock(host))
        return next((host.zone for host in hosts if host.zone and self.zone_of(host.name) is None), None)

    def with_aggregate(self, aggregate: Aggregate) -> Observed:
        """With an aggregate of this name added or replaced."""
        others = tuple(other for other in self.aggregates if other.name != aggregate.name)
        return replace(self, aggregates=(*others, aggregate))

    def without_aggregate(self, name: str) -> Observed:
        return replace(self, aggregates=tuple(other for other in self.aggregates if other.name != name))

    def with_host(self, host: Host) -> Observed:
        return replace(self, hosts={**self.hosts, host.name: host})
