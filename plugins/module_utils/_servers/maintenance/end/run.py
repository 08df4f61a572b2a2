# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts back from maintenance, in the flow of a writer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ...._compute.nova import Nova
from ...._openstack.cloud import Cloud
from ...._plan.apply import Undo
from ...._plan.change import Change, Plan
from ...._plan.converge import Reconciler
from ...._plan.errors import ZoneopsError
from ...._plan.progress import Progress
from ...._zones.schema.zone_map import ZoneMap
from ...migrations import STOPPED as TAG
from ...model import Powered
from ...mover import Rules
from ...power import START
from ...switcher import Switcher, complain
from ..changes import Forget, Reopen, Start
from ..marks import INCOMPLETE, Mark, mark_of
from ..model import Region, Wanted
from ..owner import this_run
from ..read import providers_of, read_to_end
from ..reconcile import Maintenance
from .canary import Canary
from .opening import Opening
from .plan import plan_end, state
from .zone_plan import plan_zone_end

# A host whose canary failed is disabled again also when the deadline has passed.
LAST_SECONDS = 60.0


class End(Maintenance, Reconciler[Region, Change]):
    """The reconciler that `_plan.converge` works in.

    :param canary: None where hosts come back without one.
    :param rules: how servers are started that a zone's maintenance stopped.
    :ivar switched: what became of these, as data.
    :ivar moves: none: nothing moves back.
    :ivar observed: what was seen last.
    """

    def __init__(
        self,
        cloud: Cloud,
        nova: Nova,
        zone_map: ZoneMap,
        wanted: Wanted,
        canary: Canary | None,
        rules: Rules | None = None,
        progress: Progress | None = None,
    ) -> None:
        super().__init__(cloud, nova, zone_map, wanted)
        self.canary = canary
        self.opening = Opening(cloud, nova, self.placement, self.calls, canary)
        self.rules = rules or Rules()
        self.progress = progress or Progress(None, "server", "host")
        self.switched: list[Mapping[str, Any]] = []
        self.moves: list[Mapping[str, Any]] = []
        self.observed: Region | None = None

    def observe(self) -> Region:
        found = read_to_end(self.cloud, self.nova, self.calls, self._asked, stopped=self.wanted.zone)
        self.observed = self._as_seen(found)
        return self.observed

    def observe_details(self, observed: Region, plan: Plan[Change]) -> Region | None:
        hosts = {change.host for change in plan.changes if isinstance(change, (Reopen, Start))}
        if not hosts or observed.providers:
            return None
        if self.canary is not None:
            # A name that does not exist is found before the first write.
            self.canary.resolve()
        providers = providers_of(self.nova, self.placement, hosts)
        short = self._short(hosts, providers) if self.wanted.zone else {}
        return replace(observed, providers=providers, short=short)

    def _short(self, hosts: Iterable[str], providers: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
        """What hosts hold more of than they have: two calls for each that comes back."""
        found: dict[str, str] = {}
        for host in sorted(hosts):
            for provider in providers.get(host, ()):
                over = self.placement.overuse(provider)
                if over:
                    found[host] = ", ".join(f"{name} {used} of {there}" for name, (used, there) in over.items())
        return found

    def plan(self, observed: Region) -> Plan[Change]:
        planned = plan_zone_end if self.wanted.zone else plan_end
        return planned(self.zone_map, observed, self.wanted)

    def simulate(self, observed: Region, change: Change) -> Region:
        if isinstance(change, (Forget, Reopen, Start)):
            started = {one.server for one in (change.starting if isinstance(change, Reopen) else change.servers)}
            observed = replace(observed, stopped=tuple(one for one in observed.stopped if one.id not in started))
        if not isinstance(change, Reopen):
            return observed
        rest = {host: server for host, server in observed.canaries.items() if host != change.host}
        return replace(observed.with_reason(change.host, change.new), canaries=rest)

    def describe(self, observed: Region, zone: str) -> Mapping[str, Any]:
        return state(self.zone_map, observed, self.wanted, zone)

    def write(self, change: Change) -> Undo | None:
        if isinstance(change, Start):
            self._switch_on(change.zone, change.servers)
            return None
        if isinstance(change, Forget):
            self._forget(change)
            return None
        if not isinstance(change, Reopen):
            raise ZoneopsError(f"'{change.text}' is no change of this kind.")
        if change.starting:
            self._start_servers(change)
        self._changed.add(change.host)
        region = self._region
        self.opening.open(
            region.hosts[change.host],
            region.providers.get(change.host, ()),
            change.new,
            left=region.canaries.get(change.host),
            zone=region.zones[change.host] if change.canary else None,
            back=change.old or self._mark(change).text,
        )
        return None

    def _forget(self, change: Forget) -> None:
        kept = [one.label for one in change.servers if not self.calls.forget(one.server)]
        if kept:
            raise ZoneopsError(f"nova keeps the tag {TAG} of {', '.join(kept)}: remove it by hand.")

    def _start_servers(self, change: Reopen) -> None:
        """With this run in the mark: nobody else works on the host, and what runs there now is known as unfinished work."""
        mark = replace(self._mark(change), phase=INCOMPLETE, owner=None)
        self._put(change, replace(mark, owner=this_run(self.cloud.deadline)).text)
        try:
            self._switch_on(change.zone, change.starting)
        except Exception:
            try:
                with self.cloud.deadline.grace(LAST_SECONDS):
                    self._put(change, mark.text)
            except ZoneopsError as error:
                # The cause is what is raised; a run that has ended is recognised without this, only later.
                self.warn(f"{change.zone}: host {change.host} still names this run in its reason: {error.message}")
            raise

    def _switch_on(self, zone: str, servers: tuple[Powered, ...]) -> None:
        def say(one: Powered, step: str) -> None:
            self.progress(one.label, one.host, step)

        place = self.zone_map.zones[zone].availability_zone
        tell = partial(self.progress.tally, zone)
        switcher = Switcher(self.calls, place, self.rules, self.cloud.deadline, say, tell)
        try:
            complain(switcher.run(START, servers), START)
        finally:
            self.switched += [done.as_dict(zone) for done in switcher.outcome.done]

    def _mark(self, change: Reopen) -> Mark:
        """Of a host whose canary an earlier run did not see through: that run took the mark off."""
        return mark_of(self._region.hosts[change.host]) or Mark(INCOMPLETE, self.wanted.reason)

    def _put(self, change: Reopen, reason: str) -> None:
        self.opening.put(self._region.hosts[change.host], self._region.providers.get(change.host, ()), reason)
