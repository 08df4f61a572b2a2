# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dead hosts taken out of service, and their servers evacuated, in the flow of a writer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from .._capacity.facts.hosts import zone_of
from .._capacity.model import Workload
from .._capacity.read import read as read_capacity
from .._compute.model import Host, Observed
from .._compute.nova import Nova
from .._masakari.model import Wanted as WantedInMasakari
from .._masakari.reconcile import InMasakari
from .._openstack.cloud import Cloud
from .._plan.apply import Undo
from .._plan.change import Change, Plan
from .._plan.converge import Reconciler
from .._plan.disabled.reason import dead_mark
from .._plan.errors import ZoneopsError
from .._plan.progress import Progress
from .._servers.dead import evacuation_tags, remembered
from .._servers.guarding import complain, down_among, nova_time
from .._servers.maintenance.model import Region
from .._servers.maintenance.owner import at_work
from .._servers.maintenance.read import UNKNOWN, read_recorded
from .._servers.model import Move
from .._servers.mover import Guard, Rules
from .._zone_maintenance.watched import masakari_of
from .._zones.schema.zone_map import ZoneMap
from .changes import Evacuate, TakeOut, extras
from .evidence.diagnosis import diagnose
from .evidence.watching import Watch, written
from .foreseen import evacuated, taken_out
from .model import Evacuation, Seen, Wanted
from .plan import plan_evacuation, state
from .read import read_masakari, read_signs, trouble_of
from .servers.calls import Evacuations
from .servers.evacuator import Evacuator
from .servers.sorting import REBUILDING

#: The second one once its source has started again.
ENDED = ("done", "completed")
AGAIN = "Run it again, which continues from there"


class Evacuating(Reconciler[Seen, Change]):
    """The reconciler that `_plan.converge` works in, under the region's lock.

    :ivar moves: what became of all servers, as data.
    :ivar last: what was seen last.
    """

    def __init__(
        self, cloud: Cloud, nova: Nova, zone_map: ZoneMap, wanted: Wanted, rules: Rules, progress: Progress
    ) -> None:
        self.cloud = cloud
        self.nova = nova
        self.calls = Evacuations(cloud.service("compute"), cloud.writes)
        self.zone_map = zone_map
        self.wanted = wanted
        self.rules = rules
        self.progress = progress
        self.moves: list[Mapping[str, Any]] = []
        self.last = Seen(Region({}, {}))
        self._start: Seen | None = None
        # Nova's services at the last look.
        self._entries: list[dict[str, Any]] = []
        self._warnings: list[str] = []
        self._watch = Watch(nova.services, cloud)
        self._masakari = self._in_masakari()
        # Hosts that Masakari could not be told to ignore.
        self._untold: set[str] = set()

    def _in_masakari(self) -> InMasakari | None:
        masakari = masakari_of(self.cloud)
        places = {zone: self.zone_map.zones[zone].availability_zone for zone in self.wanted.only}
        asked = WantedInMasakari({}, places, False, dead_mark(zone=False), self.wanted.reason)
        return None if masakari is None else InMasakari(masakari, self.nova, asked)

    @property
    def warnings(self) -> Sequence[str]:
        return self._warnings

    @property
    def zones(self) -> Sequence[str]:
        return self.wanted.only

    def observe(self) -> Seen:
        region = read_recorded(self._read, self._unrecorded, self.cloud)
        # May wait: before the lists that the other parts of the look share.
        reporting = self._reporting(region)
        signs, unheard = read_signs(self.cloud, region)
        masakari = read_masakari(self._masakari, self._asked)
        gone = self._evacuated(region)
        self.last = Seen(
            region=region,
            signs=(*signs, *self.wanted.signs),
            unheard=unheard,
            trouble=trouble_of(self._entries),
            newest=self.calls.newest,
            masakari=masakari,
            reporting=reporting,
            evacuated=gone,
        )
        return self.last

    def _reporting(self, region: Region) -> dict[str, str]:
        """Hosts that are forced down, and of which servers would be evacuated while they live."""
        full = {server.host for server in region.facts.servers}
        mine = [name for name, host in region.hosts.items() if name in self._fenced & full and host.forced_down]
        return self._watch.reporting(self._entries, mine)

    @property
    def _asked(self) -> frozenset[str]:
        return frozenset(host for name in self.wanted.only for host in self.zone_map.zones[name].compute_hosts)

    @property
    def _fenced(self) -> frozenset[str]:
        return self._asked & self.wanted.fencing.keys()

    def _evacuated(self, region: Region) -> frozenset[tuple[str, str]]:
        """A tag alone does not tell whether a server has left its host by an evacuation, or was moved weeks after one that failed."""
        tagged = {server.id for server in region.facts.servers if remembered(server.tags)}
        ended = (one for one in self.calls.evacuations() if one.status in ENDED) if tagged else ()
        return frozenset((one.server, one.source) for one in ended if one.server in tagged)

    def _read(self) -> Region:
        found: list[Observed] = []
        asked = self._asked

        def about(observed: Observed) -> list[str]:
            found.append(observed)
            return [name for name in observed.hosts if name in asked and observed.hosts[name].state != "up"]

        seen = read_capacity(self.cloud, about)
        self._entries = seen.services
        hosts = found[0].hosts
        running = {name: text for name in asked & hosts.keys() if (text := at_work(hosts[name]))}
        return Region(
            hosts=hosts,
            zones={name: zone_of(found[0], host) for name, host in hosts.items()},
            facts=seen.facts,
            migrations=self.calls.under_way(),
            running={} if self.wanted.break_lock else running,
            unread=tuple(f"{what}: {reason}" for what, reason in seen.errors.items()),
            incomplete=tuple(warning for warning in seen.warnings if warning.startswith(UNKNOWN)),
        )

    def _unrecorded(self, region: Region) -> list[Workload]:
        """Servers that an earlier run began to evacuate, and of which nova has no record yet."""
        known = {record.server for record in region.migrations}
        tags = evacuation_tags(host.name for host in region.hosts.values() if host.state != "up")
        return [
            server
            for server in region.facts.servers
            if server.id not in known and (server.task or "").startswith(REBUILDING) and tags & set(server.tags)
        ]

    def observe_details(self, observed: Seen, plan: Plan[Change]) -> Seen | None:
        del observed, plan
        return None

    def plan(self, observed: Seen) -> Plan[Change]:
        return plan_evacuation(self.zone_map, observed, self.wanted)

    def start_from(self, observed: Seen, plan: Plan[Change]) -> None:
        del plan
        self._start = observed

    def simulate(self, observed: Seen, change: Change) -> Seen:
        if isinstance(change, TakeOut):
            return taken_out(observed, change, self.zone_map.zones[change.zone].availability_zone)
        return evacuated(observed, change) if isinstance(change, Evacuate) else observed

    def describe(self, observed: Seen, zone: str) -> Mapping[str, Any]:
        return state(self.zone_map, observed, self.wanted, zone)

    def diagnoses(self) -> dict[str, Mapping[str, Any]]:
        """What was found out about each zone, at the last look."""
        return {name: diagnose(self.zone_map.zones[name], self.last).as_dict() for name in self.wanted.only}

    def write(self, change: Change) -> Undo | None:
        """None of it is undone: what has moved stays where it is, and the same call goes on from there."""
        if isinstance(change, TakeOut):
            self._take_out(change)
        elif isinstance(change, Evacuate):
            self._evacuate(change)
        return None

    @property
    def _seen(self) -> Seen:
        if self._start is None:
            raise ZoneopsError("nothing was observed before the first write.")
        return self._start

    def _take_out(self, change: TakeOut) -> None:
        """Tell Masakari, then disable the host and force it down in one write, and read that back: on a host that is not down a server could go on writing."""
        if change.ignored is not None and self._masakari is not None:
            self._untold.add(change.host)
            self._masakari.write(change.ignored)
            self._untold.remove(change.host)
        if change.out:
            return
        host = self._seen.region.hosts[change.host]
        body = {"status": "disabled", "disabled_reason": change.new, "forced_down": True}
        self.nova.set_service(host.service_id, body)
        found = self.nova.hosts(change.host)[0].get(change.host)
        if found is None or found.enabled or not found.forced_down or found.state != "down":
            raise ZoneopsError(f"host {change.host} is not out of service after the write: {_said(found)}. {AGAIN}.")
        self._watch.wrote(change.host, found.written)

    def _evacuate(self, change: Evacuate) -> None:
        going = [*change.evacuations, *change.watched, *change.landed]
        self.calls.tags = {one.move.server: one.tag for one in change.evacuations if one.tag and not one.tagged}
        # In status ERROR nova lets no tag be removed: that is done in the end.
        self.calls.stale = {one.move.server: one.stale for one in change.evacuations if one.stale and not one.boots}

        def say(move: Move, step: str) -> None:
            self.progress(move.label, move.target, step)

        # One that could not be taken out of service is not evacuated.
        lost = self._guard(change.hosts).lost
        moves = [one.move for one in change.evacuations if one.move.source not in lost]
        evacuator = Evacuator(
            self.calls,
            self.rules,
            self.cloud.deadline,
            lambda: self._guard(change.hosts),
            say,
            partial(self.progress.tally, change.zone),
            going=going,
            landed=change.landed,
            starts=change.starts,
            stops=self._seen.stops,
        )
        try:
            outcome = evacuator.run(moves, change.awaited)
        finally:
            self._keep(change, going, evacuator)
        complain(outcome)
        if lost:
            raise ZoneopsError(f"{'. '.join(lost[name] for name in sorted(lost))}. {AGAIN}.")

    def _keep(self, change: Evacuate, going: Iterable[Evacuation], evacuator: Evacuator) -> None:
        known = {one.move.server: one for one in going}
        for done in evacuator.outcome.done:
            one = known.get(done.move.server)
            more = extras(one) if one is not None else {}
            zone = self._seen.region.zones.get(done.to or "") if done.to else None
            self.moves.append({**done.as_dict(change.zone), **more, "to_zone": zone})

    def _guard(self, hosts: Sequence[str]) -> Guard:
        """Whether the hosts are still out of service and silent. Nova shows a host that is forced down as down whether it reports or not: its record tells."""
        entries = self.nova.services()
        services, _incomplete = self.nova.as_hosts(entries)
        times = written(entries)
        lost: dict[str, str] = {}
        for name in hosts:
            host, at = services.get(name), times.get(name, "")
            if host is None or host.enabled or not host.forced_down:
                lost[name] = f"host {name} is no longer out of service: {_said(host)}"
            elif name in self._untold:
                lost[name] = f"host {name} is not on maintenance in Masakari, which could evacuate it too"
            elif self._watch.answers(name, at):
                lost[name] = (
                    f"host {name} answers again, or others write to its service: no more servers are evacuated from it. Cut it off, and give new evidence"
                )
        return Guard(nova_time(entries), lost, down_among(services))


def _said(host: Host | None) -> str:
    if host is None:
        return "nova does not list it"
    down = "forced down" if host.forced_down else host.state
    return (
        f"it is enabled and {down}"
        if host.enabled
        else f"it is disabled ({host.disabled_reason or 'no reason given'}) and {down}"
    )
