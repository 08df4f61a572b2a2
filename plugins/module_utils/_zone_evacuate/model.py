# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an evacuation is asked to do, and what is known of the region for it. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from .._masakari.model import Observed as SeenInMasakari
from .._servers.maintenance.model import Region
from .._servers.model import Move
from .evidence.fencing import Fence

#: How far a run goes: hosts and services are out of service, servers are on other hosts, and those that ran run again.
PREPARE, MOVE, START = "prepare", "move", "start"
PHASES = (PREPARE, MOVE, START)
INSTANCE_HA = "instance_ha"
CINDER = "cinder"
#: From here on a server arrives stopped.
ARRIVES_STOPPED = (2, 95)


@dataclass(frozen=True)
class Sign:
    """What one source says of a host, or of the storage of a zone.

    :ivar host: the compute host; empty for what belongs to a zone.
    :ivar zone: the availability zone, for storage.
    :ivar alive: whether it is a sign of life; None for one that says nothing.
    :ivar at: when it last reported, or was changed, where the source says so.
    :ivar heard: what it was that was heard then; empty where `what` says that.
    :ivar margin: how much earlier that can have been in truth.
    :ivar backend: the cinder-volume that is up and does not reach its storage.
    """

    source: str
    what: str
    alive: bool | None
    host: str = ""
    zone: str = ""
    at: str = ""
    heard: str = ""
    margin: timedelta = timedelta()
    backend: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "host": self.host or None,
            "what": self.what,
            "alive": self.alive,
            "at": self.at or None,
        }


@dataclass(frozen=True)
class Wanted:
    """What the operator asks for.

    :ivar only: the zones, by inventory name.
    :ivar hosts: these only; None for all hosts of the zones that are dead.
    :ivar to: zones that servers without a pin may go to as well.
    :ivar fencing: why each host is known to be cut off, by host.
    :ivar signs: what others than the services of the cloud say of hosts.
    :ivar rebuild_servers: those whose owners are known to consent that their disks are recreated, by id or name.
    :ivar instance_ha: as the module of that name returns its state, or why that is unread; None where nobody asked.
    :ivar masakari: whether dead hosts are put on maintenance there first; else those that are not are refused.
    """

    only: tuple[str, ...]
    hosts: tuple[str, ...] | None = None
    to: tuple[str, ...] = ()
    fencing: Mapping[str, Fence] = field(default_factory=dict)
    signs: tuple[Sign, ...] = ()
    reason: str = ""
    phase: str = START
    rebuild_servers: tuple[str, ...] = ()
    shared_disks: bool = False
    storage_reachable: bool = False
    instance_ha: Mapping[str, Mapping[str, Any]] | None = None
    masakari: bool = True
    break_lock: bool = False
    allow: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Seen:
    """What is known.

    :ivar unheard: why sources could not be read, by source.
    :ivar trouble: what of the control plane itself does not work.
    :ivar newest: the newest microversion of nova.
    :ivar masakari: what Masakari knows of hosts, and what it works on.
    :ivar reporting: hosts that are forced down and still report, and when they last did.
    :ivar evacuated: servers that have left a host, each with that host; of those that have a tag.
    """

    region: Region
    signs: tuple[Sign, ...] = ()
    unheard: Mapping[str, str] = field(default_factory=dict)
    trouble: tuple[str, ...] = ()
    newest: tuple[int, int] = ARRIVES_STOPPED
    masakari: SeenInMasakari = field(default_factory=SeenInMasakari)
    reporting: Mapping[str, str] = field(default_factory=dict)
    evacuated: frozenset[tuple[str, str]] = frozenset()

    @property
    def stops(self) -> bool:
        """Whether servers arrive stopped."""
        return self.newest >= ARRIVES_STOPPED

    def with_region(self, region: Region) -> Seen:
        return replace(self, region=region)


@dataclass(frozen=True)
class Evacuation:
    """A server that leaves a dead host, or has left it.

    :ivar tag: what is remembered at it; empty for one in status ERROR, which takes no tag.
    :ivar tagged: whether it has that already.
    :ivar stale: tags of earlier losses, which it loses.
    :ivar status: what it is to be in the end.
    :ivar boots: it is in status ERROR, and comes up when it is evacuated.
    :ivar rebuilt: its disks are recreated from its image.
    """

    move: Move
    zone: str
    tag: str = ""
    tagged: bool = False
    stale: tuple[str, ...] = ()
    status: str = ""
    boots: bool = False
    rebuilt: bool = False
    priority: int = 0

    @property
    def text(self) -> str:
        more = [text for text, so in (("it boots", self.boots), ("its disks are recreated", self.rebuilt)) if so]
        told = f" ({', '.join(more)})" if more else ""
        return f"evacuate server {self.move.label} to {self.move.target}{told}"
