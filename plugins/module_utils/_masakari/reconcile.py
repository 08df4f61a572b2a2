# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Masakari ignores hosts while they are in maintenance, in the flow of a writer: it would evacuate what a person takes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._compute.nova import Nova
from .._compute.zones.agents import masakari_key
from .._plan.change import Change, Plan
from .._plan.converge import Reconciler
from .._plan.errors import ZoneopsError
from .changes import ForgetHost, SetMaintenance
from .masakari import Masakari
from .model import HaHost, Observed, Wanted
from .plan import plan_masakari, state


class InMasakari(Reconciler[Observed, Change]):
    """The reconciler that `_plan.converge` works in.

    What it puts on maintenance is remembered in the metadata of the zone's aggregate: written first, and removed last. A run can end between the two.
    """

    def __init__(self, masakari: Masakari, nova: Nova, wanted: Wanted) -> None:
        self._masakari = masakari
        self._nova = nova
        self._wanted = wanted

    @property
    def zones(self) -> Sequence[str]:
        return tuple(self._wanted.hosts)

    def observe(self) -> Observed:
        """A Masakari that does not answer keeps no zone in maintenance: what depends on it is refused."""
        found = self._aggregates()
        memory = {place: metadata for place, (_number, metadata) in found.items()}
        try:
            return Observed(self._masakari.hosts(), memory)
        except ZoneopsError as error:
            return Observed(remembered=memory, unread=error.message)

    def _aggregates(self) -> dict[str, tuple[int, Mapping[str, str]]]:
        """The id and the metadata by availability zone; of several the oldest one, which is there longest."""
        listed = sorted(self._nova.aggregates(), key=lambda one: one.id or 0, reverse=True)
        return {
            one.availability_zone: (one.id, one.metadata)
            for one in listed
            if one.availability_zone and one.id is not None
        }

    def observe_details(self, observed: Observed, plan: Plan[Change]) -> Observed | None:
        due = any(isinstance(change, SetMaintenance) for change in plan.changes)
        if not due or observed.recoveries is not None:
            return None
        return replace(observed, recoveries=self._masakari.recoveries())

    def with_recoveries(self, observed: Observed) -> Observed:
        """With what Masakari works on."""
        try:
            return replace(observed, recoveries=self._masakari.recoveries())
        except ZoneopsError as error:
            return replace(observed, unread=error.message)

    def plan(self, observed: Observed) -> Plan[Change]:
        return plan_masakari(observed, self._wanted)

    def simulate(self, observed: Observed, change: Change) -> Observed:
        place = self._wanted.places[change.zone]
        if isinstance(change, SetMaintenance):
            return observed.with_host(replace(change.host, on_maintenance=change.on), place, change.reason)
        if isinstance(change, ForgetHost):
            kept = {name: value for name, value in observed.remembered[place].items() if name != change.key}
            return replace(observed, remembered={**observed.remembered, place: kept})
        return observed

    def describe(self, observed: Observed, zone: str) -> Mapping[str, Any]:
        return state(observed, self._wanted, zone)

    def write(self, change: Change) -> None:
        """None of it is undone: the same call goes on from there."""
        if isinstance(change, ForgetHost):
            self._remember(change.zone, change.key, None)
        elif isinstance(change, SetMaintenance):
            self._expect(change.host)
            if change.reason is not None:
                self._remember(change.zone, masakari_key(change.host.name), change.reason)
            self._masakari.set_maintenance(change.host, on=change.on)
            if change.reason is None:
                self._remember(change.zone, masakari_key(change.host.name), None)

    def _expect(self, host: HaHost) -> None:
        """What somebody has changed since the plan was made is not ours."""
        if self._masakari.is_on_maintenance(host) != host.on_maintenance:
            now = "off" if host.on_maintenance else "on"
            raise ZoneopsError(
                f"host {host.name} was put {now} maintenance in Masakari by others during this run. Run it again."
            )

    def _remember(self, zone: str, key: str, reason: str | None) -> None:
        place = self._wanted.places[zone]
        found = self._aggregates().get(place)
        if found is None:
            raise ZoneopsError(f"the host aggregate of availability zone {place} is gone: what it remembered is lost.")
        number, metadata = found
        if metadata.get(key) != reason:
            self._nova.set_metadata(number, {key: reason})
