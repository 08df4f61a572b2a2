# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hosts on their way into maintenance and back have in common, in the flow of a writer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..._compute.nova import Nova
from ..._compute.placement import Placement
from ..._openstack.cloud import Cloud
from ..._plan.change import Change, Plan
from ..._plan.errors import ZoneopsError
from ..._zones.schema.zone_map import ZoneMap
from ..migrations import Migrations
from .model import Region, Wanted, hosts_of


class Maintenance:
    """What both reconcilers have in addition to what they plan and write."""

    def __init__(self, cloud: Cloud, nova: Nova, zone_map: ZoneMap, wanted: Wanted) -> None:
        self.cloud = cloud
        self.nova = nova
        self.placement = Placement(cloud.service("placement"))
        self.calls = Migrations(cloud.service("compute"), cloud.writes)
        self.zone_map = zone_map
        self.wanted = wanted
        self._start: Region | None = None
        self._changed: set[str] = set()
        self._warnings: list[str] = []

    @property
    def warnings(self) -> Sequence[str]:
        """What could not be written down."""
        return self._warnings

    def warn(self, text: str) -> None:
        self._warnings.append(text)

    @property
    def zones(self) -> Sequence[str]:
        return self.wanted.only

    @property
    def _asked(self) -> list[str]:
        return [host for zone in self.wanted.only for host in hosts_of(self.zone_map, zone, self.wanted)]

    def _as_seen(self, found: Region) -> Region:
        """With what this run has changed, and without the run whose lock is broken."""
        running = {} if self.wanted.break_lock else found.running
        return replace(found, running=running, changed=frozenset(self._changed))

    def start_from(self, observed: Region, plan: Plan[Change]) -> None:
        del plan
        self._start = observed

    @property
    def _region(self) -> Region:
        if self._start is None:
            raise ZoneopsError("nothing was observed before the first write.")
        return self._start
