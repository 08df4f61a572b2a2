# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts taken into maintenance, in the flow of a writer."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ...._compute.model import Host
from ...._compute.nova import Nova
from ...._compute.switch import switch
from ...._openstack.cloud import Cloud
from ...._plan.apply import Undo
from ...._plan.change import Change, Plan
from ...._plan.converge import Reconciler
from ...._plan.errors import ZoneopsError
from ...._plan.progress import Progress
from ...._plan.text.listing import first
from ...._zones.schema.zone_map import ZoneMap
from ...guarding import complain as complain_of_moves
from ...guarding import down_among, nova_time
from ...model import Awaited, Move, Powered
from ...mover import Guard, Mover, Outcome, Rules
from ...power import STOP as STOPS
from ...switcher import Outcome as Stopped
from ...switcher import Switcher, complain
from ..changes import Close, Disable, Drain, HostChange, Renew, Stop
from ..marks import INCOMPLETE, LEFT, STOPPED, Mark, mark_in
from ..model import STOP, Region, Wanted
from ..owner import this_run
from ..read import providers_of, read_recorded, read_to_begin
from ..reconcile import Maintenance
from ..shown import state
from .draining import draining, unrecorded
from .foreseen import foreseen
from .plan import plan_begin
from .stopping import IDLE, stopping
from .zone_plan import plan_zone_begin

# What came to the hosts while they were emptied is moved as well, so many times.
ROUNDS = 3
SHOWN = 10
# An allocation of a migration is given back a moment after its end.
PROOF_SECONDS = 15.0
LOOK_SECONDS = 1.0
# To say that a maintenance is incomplete there is time also when the deadline has passed.
LAST_SECONDS = 30.0


class Begin(Maintenance, Reconciler[Region, Change]):
    """The reconciler that `_plan.converge` works in.

    :ivar moves: what became of all moves, as data.
    :ivar switched: what became of all servers that were to be stopped, as data.
    """

    def __init__(
        self, cloud: Cloud, nova: Nova, zone_map: ZoneMap, wanted: Wanted, rules: Rules, progress: Progress
    ) -> None:
        super().__init__(cloud, nova, zone_map, wanted)
        self.rules = rules
        self.progress = progress
        self.moves: list[Mapping[str, Any]] = []
        self.switched: list[Mapping[str, Any]] = []
        # The zone and the reason of each host that bears this run's mark.
        self._marked: dict[str, tuple[str, str]] = {}

    def observe(self) -> Region:
        return self._as_seen(self._recorded(self._asked))

    def _recorded(self, asked: Sequence[str]) -> Region:
        """The region, once nova has a record of every migration that an earlier run began."""
        stopped = self.wanted.servers == STOP
        return read_recorded(
            lambda: read_to_begin(self.cloud, self.calls, asked, stopped=stopped),
            lambda found: unrecorded(found, asked),
            self.cloud,
        )

    def observe_details(self, observed: Region, plan: Plan[Change]) -> Region | None:
        hosts = {change.host for change in plan.changes if isinstance(change, HostChange)}
        if not hosts or observed.providers:
            return None
        return replace(observed, providers=providers_of(self.nova, self.placement, hosts))

    def plan(self, observed: Region) -> Plan[Change]:
        planned = plan_zone_begin if self.wanted.zone else plan_begin
        return planned(self.zone_map, observed, self.wanted)

    def simulate(self, observed: Region, change: Change) -> Region:
        return foreseen(observed, change)

    def describe(self, observed: Region, zone: str) -> Mapping[str, Any]:
        return state(self.zone_map, observed, self.wanted, zone)

    def write(self, change: Change) -> Undo | None:
        """None of it is undone: what has moved stays where it is, and the same call goes on from there."""
        try:
            if isinstance(change, Disable):
                self._disable(change)
            elif isinstance(change, Drain):
                self._drain(change)
            elif isinstance(change, Stop):
                self._stop(change)
            elif isinstance(change, Close):
                self._close(change)
            elif isinstance(change, Renew):
                self._put(change.host, self._mark(change.new).text)
        except Exception:
            self.abandon(change.zone)
            raise
        return None

    def abandon(self, zone: str) -> None:
        """Take this run off the marks of a zone's hosts, since it goes no further."""
        try:
            self._leave_incomplete(zone)
        except ZoneopsError as error:
            # The cause is what is raised; a run that has ended is recognised without this, only later.
            self.warn(f"{zone}: the hosts still name this run in their reason: {error.message}")

    def _disable(self, change: Disable) -> None:
        mark = self._mark(change.new)
        self._switch(change.host, change.zone, replace(mark, owner=this_run(self.cloud.deadline)).text)

    def _mark(self, reason: str | None) -> Mark:
        mark = mark_in(reason)
        if mark is None:
            raise ZoneopsError(f"'{reason}' is no mark of a maintenance.")
        return mark

    def _switch(self, name: str, zone: str, reason: str) -> None:
        self._marked[name] = (zone, reason)
        self._put(name, reason)

    def _put(self, name: str, reason: str) -> None:
        host = self._region.hosts[name]
        body = {"status": "disabled", "disabled_reason": reason}
        switch(self.nova, self.placement, host, self._region.providers.get(name, ()), body)

    def _leave_incomplete(self, zone: str) -> None:
        """A mark without a run: the next one need not ask whether this one is alive."""
        if not any(of_zone == zone for of_zone, _host in self._marked.values()):
            return
        with self.cloud.deadline.grace(LAST_SECONDS):
            services, _incomplete = self.nova.hosts()
            for name, (of_zone, reason) in list(self._marked.items()):
                now = services.get(name)
                if of_zone == zone and now is not None and now.disabled_reason == reason:
                    mark = replace(self._mark(reason), phase=INCOMPLETE, owner=None)
                    # The reason as it is asked for: the one of the mark is cut where the run took its place.
                    text = replace(mark, reason=self.wanted.reason).text
                    self.nova.set_service(now.service_id, {"status": "disabled", "disabled_reason": text})
                    del self._marked[name]

    def _drain(self, change: Drain) -> None:
        moves: Iterable[Move] = change.moves
        awaited: Iterable[Awaited] = change.awaited
        tried: set[str] = set()
        for number in range(ROUNDS):
            tried |= {move.server for move in moves}
            outcome = self._move(change, moves, awaited)
            complain_of_moves(outcome)
            self._refuse_lost(change)
            late = self._came_late(change, tried) if number + 1 < ROUNDS else ()
            if not late:
                return
            zone = self.zone_map.zones[change.zone].availability_zone
            found = draining(self.observe(), zone, change.hosts, self.wanted)
            moves = [move for move in found.moves if move.server not in tried]
            awaited = found.awaited
            if not moves and not awaited:
                return

    def _refuse_lost(self, change: Drain) -> None:
        """A host that others enabled while its last server moved is not disabled again."""
        found = self._guard({name: self._marked[name][1] for name in change.hosts if name in self._marked})
        if found.lost:
            raise ZoneopsError(f"{'. '.join(found.lost[name] for name in sorted(found.lost))}.")

    def _came_late(self, change: Drain, tried: set[str]) -> list[str]:
        return [
            server.id
            for host in change.hosts
            for server in self.calls.servers_on(host)
            if server.id not in tried | change.staying
        ]

    def _move(self, change: Drain, moves: Iterable[Move], awaited: Iterable[Awaited]) -> Outcome:
        hosts = {name: self._marked[name][1] for name in change.hosts if name in self._marked}

        def say(move: Move, step: str) -> None:
            self.progress(move.label, move.target, step)

        tell = partial(self.progress.tally, change.zone)
        mover = Mover(self.calls, self.rules, self.cloud.deadline, lambda: self._guard(hosts), say, tell)
        try:
            return mover.run(moves, awaited)
        finally:
            self.moves += [done.as_dict(change.zone) for done in mover.outcome.done]

    def _guard(self, hosts: Mapping[str, str]) -> Guard:
        """Whether the hosts bear our mark still, and what time it is for nova: when a service last reported."""
        entries = self.nova.services()
        services, _incomplete = self.nova.as_hosts(entries)
        lost = {
            name: f"host {name} is no longer in this run's maintenance: {_said(services.get(name))}"
            for name, reason in hosts.items()
            if name not in services or (services[name].disabled_reason or "") != reason
        }
        return Guard(nova_time(entries), lost, down_among(services))

    def _stop(self, change: Stop) -> None:
        """What came to the hosts meanwhile is stopped as well."""
        servers: Iterable[Powered] = change.servers
        if change.awaited:
            servers, _stays = stopping(self.observe(), change.hosts)
        tried: set[str] = set()
        for _number in range(ROUNDS):
            tried |= {one.server for one in servers}
            complain(self._switch_off(change, servers), STOPS)
            found, _stays = stopping(self.observe(), change.hosts)
            servers = [one for one in found if one.server not in tried]
            if not servers:
                return

    def _switch_off(self, change: Stop, servers: Iterable[Powered]) -> Stopped:
        zone = self.zone_map.zones[change.zone].availability_zone

        def say(one: Powered, step: str) -> None:
            self.progress(one.label, one.host, step)

        tell = partial(self.progress.tally, change.zone)
        switcher = Switcher(self.calls, zone, self.rules, self.cloud.deadline, say, tell)
        try:
            return switcher.run(STOPS, servers)
        finally:
            self.switched += [done.as_dict(change.zone) for done in switcher.outcome.done]

    def _close(self, change: Close) -> None:
        end = time.monotonic() + PROOF_SECONDS
        while found := self._occupants(change):
            if time.monotonic() >= end:
                what = "still has servers that run" if change.phase == STOPPED else "is not empty"
                shown = first(SHOWN, found, of=len(found), separator="; ")
                raise ZoneopsError(f"host {change.host} {what}: {shown}")
            time.sleep(LOOK_SECONDS)
        mark = self._mark(change.new)
        self._switch(change.host, change.zone, mark.text)
        del self._marked[change.host]
        self._changed.add(change.host)

    def _occupants(self, change: Close) -> list[str]:
        """What is on the host: servers, and whatever else holds its resources; where servers are stopped, what runs."""
        if change.phase == LEFT:
            return []
        servers = {server.id: server for server in self.calls.servers_on(change.host)}
        found = [
            f"server {server.name} ({server.id}, {server.status})"
            for server in servers.values()
            if server.id not in change.staying and (change.phase != STOPPED or server.status not in IDLE)
        ]
        if change.phase == STOPPED:
            return found
        consumers = {
            consumer
            for provider in self._region.providers.get(change.host, ())
            for consumer in self.placement.consumers(provider)
        }
        return found + [
            f"in placement {consumer} holds its resources (a build, an unconfirmed migration or a leftover)"
            for consumer in sorted(consumers - servers.keys())
        ]


def _said(host: Host | None) -> str:
    if host is None:
        return "nova does not list it"
    return "it was enabled" if host.enabled else f"it is disabled ({host.disabled_reason or 'no reason given'})"
