# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drill is asked for, and what is known. Data only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from .._capacity.plan import Answer
from .._compute.model import Aggregate, Host
from .._plan.disabled.reason import in_drill
from .._zone_maintenance.model import Defaults, Quorum
from .copies import Copies

#: What is done: nothing but looking, or scheduling into the zone is off for a while.
PAPER, SOFT = "paper", "soft"
#: Refusals that can be lifted.
CAPACITY, DEFAULTS, FINDINGS, QUORUM = "capacity", "defaults", "findings", "quorum"
#: The names of what a drill creates begin so.
NAME = "zoneops-drill-"


@dataclass(frozen=True)
class Window:
    """A time in which no drill may be."""

    begin: datetime
    end: datetime
    reason: str = ""


@dataclass(frozen=True)
class Wanted:
    """What the operator asks for.

    :ivar seconds: how long scheduling into the zone is off at least.
    :ivar slower: percent by which a probe may be slower than in the last drill; None for any.
    :ivar blocked: when no drill may be.
    :ivar findings: what the audit found, as findings_info returns it; critical ones of a zone block its drill.
    :ivar quorum: as pod_placement_info returns it; None where nobody has asked Kubernetes.
    """

    only: tuple[str, ...]
    level: str = PAPER
    seconds: float = 300.0
    slower: float | None = None
    blocked: tuple[Window, ...] = ()
    findings: tuple[Mapping[str, Any], ...] = ()
    quorum: Quorum | None = None
    allow: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Left:
    """What a drill has created and not removed, by id with its name."""

    servers: Mapping[str, str] = field(default_factory=dict)
    volumes: Mapping[str, str] = field(default_factory=dict)
    shares: Mapping[str, str] = field(default_factory=dict)

    def of(self, zone: str) -> Left:
        """Of the drill of a zone."""
        return Left(*(_named(name_of(zone, ""), one) for one in (self.servers, self.volumes, self.shares)))

    @property
    def names(self) -> list[str]:
        kinds = {"server": self.servers, "volume": self.volumes, "share": self.shares}
        return [f"{kind} {name} ({number})" for kind, found in kinds.items() for number, name in found.items()]


@dataclass(frozen=True)
class Observed:
    """What is known.

    :ivar loss: what becomes of the servers when a zone is lost, by its inventory name; missing where it was not calculated.
    :ivar copies: images and backups, of a drill on paper.
    :ivar rehearsed: the zones whose drill this run has done.
    :ivar unread: what could not be read, and why.
    """

    hosts: Mapping[str, Host] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    aggregates: tuple[Aggregate, ...] = ()
    loss: Mapping[str, Answer] = field(default_factory=dict)
    defaults: Defaults = field(default_factory=Defaults)
    copies: Copies = field(default_factory=Copies)
    left: Left = field(default_factory=Left)
    rehearsed: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()

    def drilled(self, hosts: Iterable[str]) -> tuple[str, ...]:
        """Those that a drill disabled."""
        found = (self.hosts[name] for name in hosts if name in self.hosts)
        return tuple(host.name for host in found if in_drill(host.disabled_reason, enabled=host.enabled))

    def with_host(self, host: Host) -> Observed:
        return replace(self, hosts={**self.hosts, host.name: host})


def name_of(drilled: str, zone: str) -> str:
    """The name of what a drill of one zone creates in another."""
    return f"{NAME}{drilled}/{zone}"


def place_of(aggregates: Iterable[Aggregate], availability_zone: str) -> Aggregate | None:
    """The aggregate that keeps the record of a zone: of several the oldest one, which is there longest."""
    mine = [one for one in aggregates if one.availability_zone == availability_zone and one.id is not None]
    return min(mine, key=lambda one: one.id or 0, default=None)


def _named(beginning: str, found: Mapping[str, str]) -> dict[str, str]:
    return {number: name for number, name in found.items() if name.startswith(beginning)}
