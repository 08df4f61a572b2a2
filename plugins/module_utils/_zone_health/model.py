# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a look at the zones of a region sees. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

NOVA, CINDER, MANILA, NODES = "nova", "cinder", "manila", "nodes"


class State(IntEnum):
    """Of a zone, or of one service in it. The greater, the worse."""

    UP = 0
    #: All of it was taken out of use by this collection.
    MAINTENANCE = 1
    DEGRADED = 2
    DOWN = 3
    #: nova no longer lists the zone.
    GONE = 4

    @property
    def text(self) -> str:
        return self.name.lower()


class Sight(IntEnum):
    """What the looks themselves are worth. The greater, the less."""

    SEES = 0
    #: A service could not be read.
    PARTLY = 1
    #: All of a service is down in the whole region: rather its control plane, or the look, than all zones at once.
    ALL_DOWN = 2
    #: Nothing could be read.
    BLIND = 3

    @property
    def text(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Member:
    """A host, or a service of one, that a zone relies on.

    :ivar zone: the availability zone; None for a compute host in none.
    :ivar alive: whether it is up.
    :ivar enabled: whether it takes work.
    :ivar planned: it is in a maintenance or a drill of this collection: what it does then says nothing.
    :ivar sign: what is wrong with it; empty where nothing is.
    """

    name: str
    zone: str | None
    alive: bool
    enabled: bool = True
    planned: bool = False
    sign: str = ""

    @property
    def serves(self) -> bool:
        return self.alive and self.enabled


@dataclass(frozen=True)
class Reading:
    """What the services list.

    :ivar members: by service; only of those that could be read.
    :ivar unread: why the others could not be read, by service.
    """

    members: Mapping[str, tuple[Member, ...]] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Look:
    """A reading, judged.

    :ivar states: by zone and service, of services that could be read and are not suspected.
    :ivar suspects: services of which all is down in the whole region.
    :ivar members: by zone and service, for what an event says.
    """

    sight: Sight
    states: Mapping[str, Mapping[str, State]] = field(default_factory=dict)
    suspects: tuple[str, ...] = ()
    members: Mapping[str, Mapping[str, tuple[Member, ...]]] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
