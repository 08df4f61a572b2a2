# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Availability zones of nova in the flow of a writer: observe, plan, write, look again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._plan.apply import Undo
from .._plan.change import Plan
from .._plan.converge import Reconciler
from .._plan.deadline import Deadline
from .._plan.errors import ZoneopsError
from .._zones.schema.zone_map import ZoneMap
from .changes import AddHost, EnableHost, MoveHost, ZoneChange
from .lock import abandoned, of_another
from .model import AZ_KEY, Aggregate, Observed
from .nova import Nova
from .options import Options
from .placement import Placement
from .write import Writer, members_of, occupants_of
from .zones.mirror import drift_of, hosts_of
from .zones.ownership import aggregate_of
from .zones.plan import joining_hosts, leaving_hosts, make_plan, needs_servers, stray_hosts
from .zones.simulate import simulate


class AvailabilityZones(Reconciler[Observed, ZoneChange]):
    """The reconciler that `_plan.converge` works in.

    A no-op costs three calls: nova's version document, its aggregates, its compute services. With the placement mirror it costs one
    more for all hypervisors, which alone tell the resource providers of a host, and one per zone. So it does while the lock of another run that adds
    hosts is there.
    """

    def __init__(self, nova: Nova, placement: Placement, wanted: ZoneMap, options: Options, deadline: Deadline) -> None:
        self.nova = nova
        self.placement = placement
        self.wanted = wanted
        self.options = options
        self.writer = Writer(nova, placement, options, deadline)
        self._seen = Observed()
        self._joined: dict[str, set[str]] = {}
        self._providers: Mapping[str, tuple[str, ...]] = {}
        self._unread: list[str] = []
        self._left = False
        self._others = False
        self._adds = False
        self._owes = False

    def adds_hosts(self) -> bool:
        """Whether the plan does."""
        return self._adds

    def owes(self) -> bool:
        """Whether placement is not seen to mirror what was added, by this run or by a dead one: the next run has to look at it."""
        return self._owes

    @property
    def warnings(self) -> list[str]:
        """What no zone's verdict says: hosts that are in no zone of the map, and aggregates of others that placement does not mirror."""
        return [*stray_hosts(self.wanted, self._seen), *self._foreign_drift(), *self._unread]

    @property
    def zones(self) -> Sequence[str]:
        return self.options.only

    def observe(self) -> Observed:
        aggregates, lock = self.nova.aggregates_and_lock()
        hosts, incomplete = self.nova.hosts()
        observed = Observed(aggregates, hosts, incomplete=incomplete)
        # The lock of a run stands for all that it may have added and not looked at.
        others = of_another(lock)
        self._left = self._left or (others and abandoned(lock))
        self._others = self._others or others
        if self.options.mirror or self.options.compare_mirror:
            zoned = [found for found in aggregates if found.availability_zone is not None]
            own = self._aggregates(observed, self.wanted.zones if self._others else self.options.only)
            members = members_of(zoned if self.options.compare_mirror else own, self.placement)
            observed = replace(observed, providers=self.nova.all_providers(), members=members)
        else:
            if self._others:
                every = self._aggregates(observed, self.wanted.zones)
                self._joined |= {found.name: set(found.hosts) for found in every}
            if self._joined:
                observed = replace(self._with_joined(observed), owed=self._left)
        self._owes = (self._others or bool(self._joined)) and (bool(self._unread) or self._drifts(observed))
        self._seen = observed
        return observed

    def _with_joined(self, observed: Observed) -> Observed:
        """With the mirror of the hosts that this run, or one that was killed, has added: of several hypervisors of a host nova mirrors only one."""
        joined = {host for hosts in self._joined.values() for host in hosts}
        aggregates = [found for found in observed.aggregates if found.name in self._joined]
        self._unread = []
        try:
            members = members_of(aggregates, self.placement)
            if not joined <= set(self._providers):
                self._providers = {**self.nova.all_providers(), **self._providers}
        except ZoneopsError as error:
            names = ", ".join(sorted(joined))
            self._unread = [f"it is unknown whether placement mirrors the added hosts ({names}): {error.message}"]
            return observed
        providers = {host: owned for host, owned in self._providers.items() if host in joined}
        return replace(observed, providers=providers, members=members)

    def observe_details(self, observed: Observed, plan: Plan[ZoneChange]) -> Observed | None:
        """Servers, migrations, allocations: only where the plan could meet them."""
        if not plan.candidates or observed.servers is not None:
            return None
        leaving, joining = leaving_hosts(plan.candidates, observed), joining_hosts(plan.candidates)
        self._adds = bool(joining)
        enabled = {change.host for change in plan.candidates if isinstance(change, EnableHost)}
        asked = (leaving | joining | enabled) - set(observed.providers)
        found = self.nova.providers(asked, of=len(observed.hosts)) if asked else {}
        providers = {**observed.providers, **found}
        occupants = {
            host: occupants_of(host, providers.get(host, ()), self.nova, self.placement) for host in sorted(leaving)
        }
        closer = replace(
            observed,
            providers=providers,
            occupants=occupants,
            undiscovered=frozenset(joining - set(providers)),
            pins_seen=self.nova.shows_pins,
        )
        if needs_servers(plan.candidates):
            servers, incomplete = self.nova.servers()
            closer = replace(closer, servers=servers, incomplete=(*observed.incomplete, *incomplete))
        self._providers = providers
        return closer

    def plan(self, observed: Observed) -> Plan[ZoneChange]:
        return make_plan(self.wanted, observed, self.options)

    def start_from(self, observed: Observed, plan: Plan[ZoneChange]) -> None:
        del plan
        self.writer.start_from(observed)

    def simulate(self, observed: Observed, change: ZoneChange) -> Observed:
        return simulate(observed, change)

    def write(self, change: ZoneChange) -> Undo | None:
        undo = self.writer.write(change)
        if isinstance(change, (AddHost, MoveHost)):
            self._joined.setdefault(change.aggregate, set()).add(change.host)
            self._owes = not self.options.mirror
        return undo

    def describe(self, observed: Observed, zone: str) -> Mapping[str, Any]:
        aggregate = self._aggregate_of(observed, zone)
        if aggregate is None:
            return {}
        disabled = {
            name: observed.hosts[name].disabled_reason
            for name in sorted(aggregate.hosts)
            if name in observed.hosts and not observed.hosts[name].enabled
        }
        state: dict[str, Any] = {
            "aggregate": aggregate.name,
            AZ_KEY: aggregate.availability_zone,
            "metadata": dict(sorted(aggregate.metadata.items())),
            "hosts": sorted(aggregate.hosts),
            "disabled_hosts": disabled,
            # What tells a host for good from another one of its name.
            "service_ids": {
                name: observed.hosts[name].service_id for name in sorted(aggregate.hosts) if name in observed.hosts
            },
        }
        drift = drift_of(observed, aggregate)
        if drift.missing or drift.surplus:
            state["placement_drift"] = {"missing": list(drift.missing), "surplus": list(drift.surplus)}
        return state

    def _drifts(self, observed: Observed) -> bool:
        drifts = (drift_of(observed, found) for found in self._aggregates(observed, self.wanted.zones))
        return any(drift.missing or drift.surplus for drift in drifts)

    def _foreign_drift(self) -> list[str]:
        """Of aggregates that make zones and are none of the map's."""
        if not self.options.compare_mirror:
            return []
        mine = self._aggregates(self._seen, self.options.only)
        drifts = ((found, drift_of(self._seen, found)) for found in self._seen.aggregates if found not in mine)
        return [
            f"placement does not mirror aggregate {found.name}, which belongs to no zone of this run: "
            f"missing {', '.join(hosts_of(self._seen, drift.missing)) or 'none'}, "
            f"surplus {', '.join(hosts_of(self._seen, drift.surplus)) or 'none'}."
            for found, drift in drifts
            if drift.missing or drift.surplus
        ]

    def _aggregates(self, observed: Observed, zones: Iterable[str]) -> list[Aggregate]:
        found = (self._aggregate_of(observed, name) for name in zones)
        return [aggregate for aggregate in found if aggregate is not None]

    def _aggregate_of(self, observed: Observed, zone: str) -> Aggregate | None:
        return aggregate_of(self.wanted, self.wanted.zones[zone], observed, adopt=self.options.state == "present")
