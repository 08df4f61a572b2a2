# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a maintenance is asked to do, and what is known of the region for it. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..._capacity.model import LOCAL_DISKS, Facts
from ..._compute.model import Host
from ..._zones.schema.zone_map import ZoneMap
from ..migrations import Found
from ..model import Record

FOREIGN, LAST_HOST, STAY = "foreign_reasons", "last_host", "stay"
#: What becomes of the servers: moved inside their zone; where a whole zone is in maintenance left, moved to other zones, or stopped.
MOVE, LEAVE, DRAIN, STOP = "move", "leave", "drain", "stop"


@dataclass(frozen=True)
class Wanted:
    """What the operator asks for.

    :ivar hosts: these only; None for all hosts of the zones.
    :ivar break_lock: hosts of a run that is known to be dead are taken over.
    :ivar canary: whether a server is to start on a host before it stays enabled.
    :ivar zone: whether the zones are in maintenance as a whole.
    :ivar servers: what becomes of them.
    :ivar prepare: all of it is looked at, and it goes up to the servers, which are left to a later run.
    :ivar until: when a zone's maintenance is to end; empty to leave open what is.
    :ivar storage_reachable: the storage of a zone can be reached from every other zone.
    """

    only: tuple[str, ...]
    hosts: tuple[str, ...] | None = None
    reason: str = ""
    shared_disks: bool = False
    local_disks: bool = False
    canary: bool = False
    break_lock: bool = False
    zone: bool = False
    servers: str = MOVE
    prepare: bool = False
    until: str = ""
    storage_reachable: bool = False
    allow: frozenset[str] = frozenset()

    @property
    def movable(self) -> frozenset[str]:
        return frozenset((LOCAL_DISKS,)) if self.local_disks else frozenset()


@dataclass(frozen=True)
class Attendant:
    """A service on a host other than nova-compute.

    :ivar serves: whether others than the servers of this host need it, as a router's agent or a cinder-volume.
    """

    host: str
    text: str
    up: bool = True
    serves: bool = False


@dataclass(frozen=True)
class Region:
    """What is known.

    :ivar zones: the availability zone of each host.
    :ivar facts: of the servers and their room; not read where hosts only come back.
    :ivar running: the run that may be at work, by host.
    :ivar providers: of the hosts that change, by host; their trait is read back.
    :ivar user: the user that is signed in.
    :ivar stopped: servers that the maintenance of a zone stopped, wherever they are.
    :ivar restopped: ids of those that others ran and stopped again since.
    :ivar short: what hosts hold more of than they have, by host.
    :ivar canaries: servers that a canary left behind, by host.
    :ivar changed: hosts that this run has taken into maintenance or out of it: that they are there now is no news.
    :ivar unread: what could not be read, and why.
    :ivar incomplete: why the lists cannot be trusted to be whole.
    """

    hosts: Mapping[str, Host]
    zones: Mapping[str, str]
    facts: Facts = field(default_factory=lambda: Facts({}, ()))
    migrations: tuple[Record, ...] = ()
    running: Mapping[str, str] = field(default_factory=dict)
    attendants: tuple[Attendant, ...] = ()
    providers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    user: str = ""
    stopped: tuple[Found, ...] = ()
    restopped: frozenset[str] = frozenset()
    short: Mapping[str, str] = field(default_factory=dict)
    canaries: Mapping[str, str] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()

    def with_host(self, host: Host) -> Region:
        return replace(self, hosts={**self.hosts, host.name: host})

    def with_reason(self, host: str, reason: str | None) -> Region:
        """With a host disabled for this reason, or enabled."""
        status = "enabled" if reason is None else "disabled"
        return self.with_host(replace(self.hosts[host], status=status, disabled_reason=reason))


def hosts_of(zone_map: ZoneMap, zone: str, wanted: Wanted) -> list[str]:
    """The hosts of a zone that are worked on."""
    return [host for host in zone_map.zones[zone].compute_hosts if wanted.hosts is None or host in wanted.hosts]
