# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked for when hosts come back that died, and what is known of them. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .._servers.maintenance.model import Region
from .._servers.migrations import Found
from .._servers.model import Record

AGENTS, PODS, STORAGE = "agents", "pods", "storage"


@dataclass(frozen=True)
class Wanted:
    """What the operator asks for.

    :ivar hosts: these only; None for all hosts of the zones.
    :ivar guests: ids of the servers that hypervisors run, by host; None where nobody looked.
    :ivar pods: what pod_placement_info returned; None where nobody has asked Kubernetes.
    :ivar nodes: what node_maintenance returned that removed the taint of nodes; None where nobody has called it.
    :ivar canary: whether a server is to start on a host before it stays enabled.
    :ivar repairs: whether what is left behind is removed where that is safe.
    :ivar masakari: whether hosts come off maintenance there that zone_evacuate put on it.
    :ivar up_seconds: how long a host may take to be up once it is not forced down any more.
    """

    only: tuple[str, ...]
    hosts: tuple[str, ...] | None = None
    guests: Mapping[str, tuple[str, ...]] | None = None
    pods: Mapping[str, Any] | None = None
    nodes: Mapping[str, Any] | None = None
    canary: bool = False
    up_seconds: float = 120.0
    repairs: bool = False
    masakari: bool = True
    allow: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Observed:
    """What is known.

    :ivar region: hosts, their zones and agents; its migrations are all that are under way or wait.
    :ivar evacuations: all of which nova has a record.
    :ivar arriving: ids of servers that are being rebuilt: an evacuation is not over then, although its record says `completed` once its source has started.
    :ivar servers: those that are on hosts of the zones.
    :ivar placed: where nova places the guests that are said to run: the host by server, empty for none, missing where nova does not know the server.
    """

    region: Region
    evacuations: tuple[Record, ...] = ()
    arriving: frozenset[str] = frozenset()
    servers: tuple[Found, ...] = ()
    placed: Mapping[str, str] = field(default_factory=dict)

    def with_region(self, region: Region) -> Observed:
        return replace(self, region=region)
