# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Masakari knows of hosts, and what is remembered of those that a maintenance put on maintenance there. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .._compute.zones.agents import masakari_key


@dataclass(frozen=True)
class HaHost:
    """A host in a failover segment.

    :ivar reserved: whether it is a spare.
    """

    name: str
    uuid: str
    segment: str
    segment_name: str
    on_maintenance: bool = False
    reserved: bool = False


@dataclass(frozen=True)
class Recovery:
    """A notification that Masakari has not finished: no host of the segment can be changed meanwhile.

    :ivar host: the uuid of the host that it is about.
    """

    segment: str
    host: str
    kind: str
    status: str


@dataclass(frozen=True)
class Wanted:
    """What is asked for.

    :ivar hosts: those that are put on maintenance, by zone.
    :ivar places: the availability zone of each zone, whose aggregate remembers.
    :ivar ends: whether they come back.
    :ivar mark: how the reason of the maintenance begins, by which its end knows what is its own.
    :ivar reason: why.
    :ivar whole: whether the zones are in maintenance as a whole: with their spares, and at the end also with hosts that their files no longer name.
    """

    hosts: Mapping[str, tuple[str, ...]]
    places: Mapping[str, str]
    ends: bool
    mark: str
    reason: str = ""
    whole: bool = True


@dataclass(frozen=True)
class Observed:
    """What is known.

    :ivar hosts: by name.
    :ivar remembered: the metadata of the aggregate that remembers, by availability zone.
    :ivar recoveries: None where it was not asked.
    :ivar unread: why Masakari cannot be read; empty where it can.
    """

    hosts: Mapping[str, HaHost] = field(default_factory=dict)
    remembered: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    recoveries: tuple[Recovery, ...] | None = None
    unread: str = ""

    def with_host(self, host: HaHost, place: str, reason: str | None) -> Observed:
        """With a host as it is then, remembered for that reason, or forgotten."""
        key = masakari_key(host.name)
        kept = {name: value for name, value in self.remembered[place].items() if name != key}
        memory = kept if reason is None else {**kept, key: reason}
        return replace(
            self,
            hosts={**self.hosts, host.name: host},
            remembered={**self.remembered, place: memory},
        )
