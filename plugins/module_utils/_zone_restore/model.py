# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restore is asked to do, and what is known of servers whose data was lost. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .._block_storage.api.model import Service
from .._block_storage.api.volume_model import Backup, Volume
from .._block_storage.relocate.model import Limits
from .._capacity.facts.servers import RESTORED_FROM, RESTORED_TAG
from .._servers.maintenance.model import Region

#: How far a run goes: volumes are restored; and servers are created with them.
VOLUMES, SERVERS = "volumes", "servers"
PHASES = (VOLUMES, SERVERS)
#: What becomes of the ports of a server: the new one gets them, which the old one loses; or it gets others, with other addresses.
TAKE, NEW = "take", "new"
PORTS = (TAKE, NEW)

#: Of the metadata of a new server: the id of the one that it stands for. Of a new volume: its source, the backup, and its own id, which a later restore
#: of the copy does not have.
FROM, BACKUP, SELF = RESTORED_FROM, "zoneops_restored_backup", "zoneops_restored_as"
#: Tags of a new server: that it is one; and, until it is stopped, that it is to be.
RESTORED, STOPS = RESTORED_TAG, f"{RESTORED_TAG}:stop"
#: The tag of a port that a new server is to get, before the id of the old one. What nova does with the port, it keeps.
KEPT_FOR = "zoneops:restore:"
#: What a copy is called until it is complete, before the ids of its source and of the backup.
WORKING_NAME = "zoneops-restore "
ACTIVE, SHUTOFF = "ACTIVE", "SHUTOFF"


@dataclass(frozen=True)
class Wanted:
    """What the operator asks for.

    :ivar only: the zones that were lost, by inventory name; `to`, the one that servers are created in.
    :ivar servers: those whose owners consent, by id or name.
    :ivar ports: TAKE or NEW; empty where nobody has decided.
    :ivar volume_types: the type of a copy, by that of its source.
    """

    only: tuple[str, ...]
    to: str
    servers: tuple[str, ...] = ()
    ports: str = ""
    volume_types: Mapping[str, str] = field(default_factory=dict)
    phase: str = SERVERS
    break_lock: bool = False
    allow: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Port:
    """A port that an old server has, or had before this collection took it.

    :ivar kept: whether it has been taken for the new server.
    """

    id: str
    network: str
    addresses: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    kept: bool = False
    project: str = ""


@dataclass(frozen=True)
class Attached:
    """A volume as its server has it.

    :ivar root: whether the server boots from it.
    """

    volume: str
    device: str = ""
    tag: str = ""
    ends: bool = False
    root: bool = False


@dataclass(frozen=True)
class Details:
    """What is asked of a server only when it is to be created again.

    :ivar entry: as nova answers it. It has user data, which is in no result.
    :ivar fingerprint: of its key; empty for none, or where its owner has none of this name any more.
    :ivar group: the id of its server group.
    """

    entry: Mapping[str, Any] = field(default_factory=dict, repr=False)
    attached: tuple[Attached, ...] = ()
    ports: tuple[Port, ...] | None = ()
    fingerprint: str = ""
    group: str = ""


@dataclass(frozen=True)
class Restored:
    """A server that stands for an old one.

    :ivar failed: why it never ran; empty where it did, or will.
    """

    id: str
    origin: str
    project: str
    status: str
    task: str | None = None
    stops: bool = False
    failed: str = ""

    @property
    def unfinished(self) -> bool:
        return self.status == "BUILD" or self.stops


@dataclass(frozen=True)
class Offer:
    """What new servers can have.

    :ivar flavors: by name.
    :ivar images: why one cannot be used, by id; empty where it can.
    :ivar keys: fingerprints of the keys of the user that is signed in, by name.
    :ivar projects: why nothing can be created in one, by id; empty where it can.
    :ivar limits: of cinder.
    """

    flavors: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    projects: Mapping[str, str] = field(default_factory=dict)
    limits: Limits | None = None


@dataclass(frozen=True)
class Seen:
    """What is known.

    :ivar volumes: by id, of all projects; `backups` and `services` of cinder as well.
    :ivar details: by server; and `offer`. None before they are asked for.
    :ivar evacuating: servers with an evacuation under way, whatever their task says.
    :ivar reporting: hosts that are forced down and still report, and when they last did.
    :ivar user: who is signed in.
    :ivar newest: the newest microversion of nova.
    """

    region: Region
    volumes: Mapping[str, Volume] = field(default_factory=dict)
    backups: tuple[Backup, ...] = ()
    services: tuple[Service, ...] = ()
    restored: tuple[Restored, ...] = ()
    details: Mapping[str, Details] | None = None
    offer: Offer = field(default_factory=Offer)
    evacuating: frozenset[str] = frozenset()
    reporting: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    newest: tuple[int, int] = (2, 96)

    def with_volume(self, volume: Volume) -> Seen:
        return replace(self, volumes={**self.volumes, volume.id: volume})


@dataclass(frozen=True)
class Copy:
    """A volume that is restored.

    :ivar type: of the copy.
    :ivar backup: that it is restored from.
    :ivar passed: which newer backup is not used, and why; empty where there is none.
    :ivar begun: the copy that is being made; `whole`, the one that is there.
    """

    source: Volume
    backup: str
    taken: str
    type: str | None = None
    passed: str = ""
    begun: str = ""
    whole: str = ""
    attached: Attached = field(default_factory=lambda: Attached(""))

    def as_dict(self) -> dict[str, Any]:
        return {"volume": self.source.id, "backup": self.backup, "taken": self.taken, "new": self.whole or None}


@dataclass(frozen=True)
class Restoration:
    """A server that is created again.

    :ivar status: what it is to be in the end.
    :ivar body: of the request; `hints` for the scheduler. What they do not have are volumes, which are known once they are restored.
    :ivar ports: that it gets from the old one.
    :ivar differs: what is not as it was.
    :ivar begun: the new server, where an earlier run created it.
    """

    server: str
    name: str
    project: str
    host: str
    target: str
    status: str
    copies: tuple[Copy, ...] = ()
    ports: tuple[Port, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    hints: Mapping[str, Any] = field(default_factory=dict)
    differs: tuple[str, ...] = ()
    priority: int = 0
    begun: Restored | None = None

    @property
    def label(self) -> str:
        return f"{self.name} ({self.server})" if self.name else self.server


def working_name(copy: Copy) -> str:
    return f"{WORKING_NAME}{copy.source.id} {copy.backup}"


def working_of(volume: Volume) -> tuple[str, str]:
    """The source and the backup of a copy that is not complete yet; empty for any other volume."""
    if not volume.name.startswith(WORKING_NAME):
        return "", ""
    source, _space, backup = volume.name.removeprefix(WORKING_NAME).partition(" ")
    return source, backup


def is_whole(volume: Volume) -> bool:
    return volume.metadata.get(SELF) == volume.id and not volume.name.startswith(WORKING_NAME)
