# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers moved out of zones, in the flow of a writer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from .._capacity.model import Workload
from .._compute.nova import Nova
from .._openstack.cloud import Cloud
from .._plan.apply import Undo
from .._plan.change import Change, Plan
from .._plan.converge import Reconciler
from .._plan.errors import ZoneopsError
from .._plan.progress import Progress
from .._servers.flight import MIGRATING
from .._servers.guarding import complain, down_among, nova_time
from .._servers.maintenance.owner import at_work
from .._servers.maintenance.read import read_recorded, read_to_begin
from .._servers.model import Awaited, Move
from .._servers.mover import Guard, Outcome, Rules
from .._zones.schema.zone_map import ZoneMap
from .calls import Crossings
from .changes import Cross, Finish
from .crosser import AGAIN, Crosser
from .model import Crossing, Seen, Wanted
from .plan import asked_servers, plan_drain, sources, state
from .tags import of_pin, repins, status_in

# Servers that others move about inside the zone meanwhile are moved out all the same, so many times.
ROUNDS = 3


class Drain(Reconciler[Seen, Change]):
    """The reconciler that `_plan.converge` works in, under the region's lock.

    :ivar moves: what became of all moves, as data.
    """

    def __init__(
        self, cloud: Cloud, nova: Nova, zone_map: ZoneMap, wanted: Wanted, rules: Rules, progress: Progress
    ) -> None:
        self.cloud = cloud
        self.nova = nova
        self.calls = Crossings(cloud.service("compute"), cloud.writes)
        self.zone_map = zone_map
        self.wanted = wanted
        self.rules = rules
        self.progress = progress
        self.moves: list[Mapping[str, Any]] = []
        self._start: Seen | None = None

    @property
    def zones(self) -> Sequence[str]:
        return self.wanted.only

    def observe(self) -> Seen:
        asked = [
            host
            for name in self.wanted.only
            for host in self.zone_map.zones[name].compute_hosts
            if self.wanted.hosts is None or host in self.wanted.hosts
        ]
        region = read_recorded(
            lambda: read_to_begin(self.cloud, self.calls, asked),
            lambda found: _unrecorded(found.facts.servers, {record.server for record in found.migrations}, asked),
            self.cloud,
        )
        running = {} if self.wanted.break_lock else region.running
        begun = asked_servers(self._start, self.wanted) if self._start is not None else None
        return Seen(replace(region, running=running), self.calls.newest, begun)

    def observe_details(self, observed: Seen, plan: Plan[Change]) -> Seen | None:
        del observed, plan
        return None

    def plan(self, observed: Seen) -> Plan[Change]:
        return plan_drain(self.zone_map, observed, self.wanted)

    def start_from(self, observed: Seen, plan: Plan[Change]) -> None:
        del plan
        self._start = observed

    def simulate(self, observed: Seen, change: Change) -> Seen:
        if isinstance(change, Finish):
            return _with(observed, {change.server: (None, change.pin)}, {change.server})
        if not isinstance(change, Cross):
            return observed
        tagged = {server for server, _tag in change.tags}
        places: dict[str, tuple[str | None, str | None]] = {
            one.record.server: (one.record.target, _pin_of(observed, one) if one.record.server in tagged else None)
            for one in change.awaited
        }
        places |= {
            one.move.server: (one.move.target, one.zone if repins(one.tag) else None) for one in change.crossings
        }
        moved = _with(observed, places, {*tagged, *(one.move.server for one in change.crossings)})
        moved = _unshelved(moved, {one.move.server: one for one in change.resumed})
        return moved.with_region(replace(moved.region, migrations=()))

    def describe(self, observed: Seen, zone: str) -> Mapping[str, Any]:
        return state(self.zone_map, observed, self.wanted, zone)

    def write(self, change: Change) -> Undo | None:
        """None of it is undone: what has moved stays where it is, and the same call goes on from there."""
        if isinstance(change, Finish):
            if reason := self.calls.finish(change.server, change.tag, self._zones):
                raise ZoneopsError(f"server {change.label} could not be finished: {reason}. {AGAIN}")
        elif isinstance(change, Cross):
            self._cross(change)
        return None

    @property
    def _seen(self) -> Seen:
        if self._start is None:
            raise ZoneopsError("nothing was observed before the first write.")
        return self._start

    @property
    def _zones(self) -> dict[str, str]:
        """The availability zone of each host that has one: nothing is pinned to the default one."""
        return {name: host.zone for name, host in self._seen.region.facts.hosts.items() if host.zoned}

    def _cross(self, change: Cross) -> None:
        for number in range(ROUNDS):
            outcome = self._move(change)
            complain(outcome)
            zone = self.zone_map.zones[change.zone].availability_zone
            back = [done for done in outcome.done if done.to and self._seen.region.zones.get(done.to) == zone]
            left = self._left(change.zone) if back and number + 1 < ROUNDS else None
            if left is None:
                return
            change = left

    def _left(self, zone: str) -> Cross | None:
        """What is to be moved after servers were moved about by others."""
        plan = self.plan(self.observe())
        return next((one for one in plan.changes if isinstance(one, Cross) and one.zone == zone), None)

    def _move(self, change: Cross) -> Outcome:
        hosts = sources(self.zone_map, self._seen, self.wanted, change.zone)
        going = (*change.crossings, *change.resumed)
        self.calls.tags = {**dict(change.tags), **{one.move.server: one.tag for one in going if one.tag}}

        def say(move: Move, step: str) -> None:
            self.progress(move.label, move.target, step)

        zones = self._zones
        crosser = Crosser(
            self.calls,
            self.rules,
            self.cloud.deadline,
            lambda: self._guard(hosts),
            say,
            partial(self.progress.tally, change.zone),
            zones,
            change.resumed,
        )
        moves: Iterable[Move] = (one.move for one in change.crossings)
        try:
            return crosser.run(moves, change.awaited)
        finally:
            for done in crosser.outcome.done:
                zone = zones.get(done.to or "", "")
                pinned = repins(self.calls.tags.get(done.move.server, ""))
                self.moves.append({**done.as_dict(change.zone), "to_zone": zone or None, "repinned": pinned})

    def _guard(self, hosts: Sequence[str]) -> Guard:
        """Whether another run has taken hosts meanwhile, and what time it is for nova."""
        entries = self.nova.services()
        services, _incomplete = self.nova.as_hosts(entries)
        taken = {name: at_work(services[name]) for name in hosts if name in services}
        lost = {name: f"another run is emptying host {name} now: {text}" for name, text in taken.items() if text}
        return Guard(nova_time(entries), lost, down_among(services))


def _unrecorded(servers: Iterable[Workload], known: set[str], hosts: Sequence[str]) -> list[Workload]:
    """Servers that nova begins to migrate, and has no record of yet: a run was killed after its request."""
    return [
        server
        for server in servers
        if server.host in hosts and server.id not in known and (server.task or "").startswith(MIGRATING)
    ]


def _pin_of(observed: Seen, one: Awaited) -> str | None:
    """The zone that a server is pinned to once its migration, which an earlier run began, has ended."""
    server = next((found for found in observed.region.facts.servers if found.id == one.record.server), None)
    was = any(of_pin(tag) for tag in server.tags) if server is not None else False
    return observed.region.zones.get(one.record.target or "") if was else None


def _unshelved(observed: Seen, resumed: Mapping[str, Crossing]) -> Seen:
    """With servers off the shelf that an earlier run put there. On which host of its own zone one comes back only nova knows."""
    facts = observed.region.facts
    servers = [
        replace(
            server,
            host=one.move.target or server.host,
            pinned=one.zone or server.pinned,
            status=status_in(one.tag),
            task=None,
            tags=(),
        )
        if (one := resumed.get(server.id))
        else server
        for server in (*facts.servers, *facts.offloaded)
    ]
    off = tuple(server for server in facts.offloaded if server.id not in resumed)
    placed = tuple(server for server in servers if server.host)
    return observed.with_region(replace(observed.region, facts=replace(facts, servers=placed, offloaded=off)))


def _with(observed: Seen, places: Mapping[str, tuple[str | None, str | None]], finished: set[str]) -> Seen:
    """With servers on other hosts, pinned, and without the tags of those whose move is finished."""
    servers = tuple(
        replace(
            server,
            host=places[server.id][0] or server.host,
            pinned=places[server.id][1] or server.pinned,
            tags=() if server.id in finished else server.tags,
        )
        if server.id in places
        else server
        for server in observed.region.facts.servers
    )
    region = observed.region
    return observed.with_region(replace(region, facts=replace(region.facts, servers=servers)))
