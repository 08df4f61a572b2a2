# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plans of a zone that shall go, or lose its availability zone. Pure."""

from __future__ import annotations

from ..changes import AddHost, CreateAggregate, DeleteAggregate, EnableHost, RemoveHost, SetMetadata
from ..marks import is_on_its_way
from ..model import Aggregate
from .planner import ZonePlanner


class Absent(ZonePlanner):
    """state: absent."""

    def plan(self, found: Aggregate | None) -> None:
        self.note_others()
        if found is None:
            return
        self.refuse_other_zone(found)
        self.refuse_all(self.guards.zone_going(found))
        for host in found.hosts:
            self.last.extend(self.removal(found, host))
        self.last.append(DeleteAggregate(self.zone.name, found.name, found.availability_zone))


class WithoutAz(ZonePlanner):
    """state: without_az."""

    def plan(self, found: Aggregate | None) -> None:
        """nova never takes the zone off an aggregate (400): delete it and make it again, where all its hosts can leave."""
        self.note_others()
        aggregate = found
        if found is not None and found.availability_zone is not None:
            self.refuse_other_zone(found)
            self.guard_recreation(found)
            for host in found.hosts:
                self.last.extend(self.removal(found, host, back=self.zone.name))
            self.last.append(DeleteAggregate(self.zone.name, found.name, found.availability_zone))
            aggregate = None
        if aggregate is None:
            aggregate = Aggregate(self.name)
            self.last.append(CreateAggregate(self.zone.name, self.name, None))
        current = aggregate.metadata
        new = {key: value for key, value in self.compute.metadata.items() if current.get(key) != value}
        if new:
            self.last.append(SetMetadata(self.zone.name, self.name, {key: current.get(key) for key in new}, new))
        for host in self.compute.hosts:
            if host not in self.observed.hosts:
                self.refuse_unknown(host)
                continue
            if host not in aggregate.hosts:
                self.last.append(AddHost(self.zone.name, self.name, host))
            self.plan_return(host)

    def guard_recreation(self, aggregate: Aggregate) -> None:
        if "recreate_aggregate" not in self.options.allow:
            self.refuse(
                "recreate_aggregate",
                f"nova cannot remove availability zone {aggregate.availability_zone} from aggregate {aggregate.name}: it has to be deleted and created "
                "again (new id and UUID), and all its hosts have to leave it first.",
            )
        unnamed = sorted({*aggregate.hosts} - {*self.compute.hosts}) + sorted(
            {*aggregate.metadata} - {*self.compute.metadata}
        )
        if unnamed:
            self.refuse(
                "unnamed_content",
                f"aggregate {aggregate.name} has hosts or metadata that the zone file does not name: {', '.join(unnamed)}. "
                "Write them into the zone file first.",
            )
        self.refuse_all(self.guards.zone_going(aggregate))

    def plan_return(self, host: str) -> None:
        """Enable a host that this run, or one that was interrupted, disabled on its way out of the aggregate."""
        found = self.observed.hosts[host]
        leaving = (change.reason for change in self.last if isinstance(change, RemoveHost) and change.host == host)
        reason = found.disabled_reason if is_on_its_way(found) else next(leaving, None)
        if reason is not None:
            self.last.append(EnableHost(self.zone.name, host, reason))
