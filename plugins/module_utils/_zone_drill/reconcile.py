# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drills, in the flow of a writer."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from .._capacity.facts.hosts import zone_of
from .._capacity.model import Question, zones_away
from .._capacity.plan import Answer, Planner
from .._capacity.read import read as read_capacity
from .._compute.model import Aggregate, Host
from .._compute.model import Observed as Compute
from .._compute.nova import Nova
from .._compute.placement import Placement
from .._compute.switch import switch
from .._openstack.cloud import Cloud
from .._plan.change import Change, Plan
from .._plan.converge import Reconciler
from .._plan.deadline import BEYOND_SECONDS
from .._plan.disabled.reason import drill_mark
from .._plan.errors import ZoneopsError
from .._plan.progress import report
from .._plan.text.listing import first
from .._servers.maintenance.read import UNKNOWN, providers_of
from .._zone_maintenance.guards import out_of_service
from .._zone_maintenance.read import read_defaults
from .._zone_maintenance.until import FORMAT
from .._zones.schema.zone_map import ZoneMap
from .changes import PutBack, Rehearse
from .copies import Copies, read_copies
from .model import CAPACITY, PAPER, Observed, Wanted, place_of
from .plan import lacking, plan_drill, state
from .probes import Probe, Probes
from .record import CAPACITY_CHECK_FAILED, FAILED, INTERRUPTED, KEY, SUCCEEDED, Record, kept, record_of, slower

#: What restoring everything may take: of each host, and of the rest. All graces together end soon after the deadline: what needs more is kept of it.
HOST_SECONDS, REST_SECONDS = 2.0, 30.0
LAST_SECONDS = BEYOND_SECONDS
LOOK_SECONDS = 5.0
TELL_SECONDS = 30.0
SHOWN = 5
#: What the probes, twice, and the rest may take beyond the time that scheduling is off.
MARGIN = timedelta(minutes=30)


class Drilling(Reconciler[Observed, Change]):
    """The reconciler that `_plan.converge` works in.

    :param now: what time it is.
    :ivar done: what became of the drills of this run, by zone.
    :ivar probed: what was created in their course.
    """

    def __init__(
        self,
        cloud: Cloud,
        nova: Nova,
        zone_map: ZoneMap,
        wanted: Wanted,
        question: Question,
        probes: Probes,
        now: datetime,
    ) -> None:
        self.cloud = cloud
        self.nova = nova
        self.placement = Placement(cloud.service("placement"))
        self.zone_map = zone_map
        self.wanted = wanted
        self.question = question
        self.probes = probes
        self.now = now
        self.done: dict[str, Record] = {}
        self.probed: dict[str, list[Probe]] = {}
        self.seen: Observed | None = None
        self._start: Observed | None = None
        # What was not read when drills were judged.
        self._unread: list[str] = []
        self._providers: Mapping[str, tuple[str, ...]] = {}

    @property
    def zones(self) -> Sequence[str]:
        return self.wanted.only

    def observe(self) -> Observed:
        """With what becomes of the servers, until all drills are done."""
        finished = frozenset(self.done)
        if finished >= set(self.wanted.only):
            hosts, incomplete = self.nova.hosts()
            compute = Compute(self.nova.aggregates(), hosts)
            seen = replace(self._seen(compute, {}, incomplete), unread=tuple(dict.fromkeys(self._unread)))
        else:
            compute, loss, unread, incomplete = self._look(self.wanted.only)
            seen = self._seen(compute, loss, incomplete)
            copies = read_copies(self.cloud) if self.wanted.level == PAPER else Copies()
            # Glance is asked by both, in one look.
            unread = tuple(dict.fromkeys((*unread, *self.probes.unread, *copies.unread)))
            seen = replace(seen, unread=unread, defaults=read_defaults(self.cloud), copies=copies)
        self.seen = seen if self.seen is None or seen.loss else self.seen
        return replace(seen, rehearsed=finished)

    def _seen(self, compute: Compute, loss: Mapping[str, Answer], incomplete: Sequence[str]) -> Observed:
        return Observed(
            hosts=compute.hosts,
            zones={name: zone_of(compute, host) for name, host in compute.hosts.items()},
            aggregates=compute.aggregates,
            loss=loss,
            left=self.probes.left(),
            incomplete=tuple(incomplete),
        )

    def _look(self, zones: Sequence[str]) -> tuple[Compute, dict[str, Answer], tuple[str, ...], tuple[str, ...]]:
        """The region with its servers, one list of each kind, and the loss of each of these zones."""
        found: list[Compute] = []
        wanted = {name: self.zone_map.zones[name].availability_zone for name in zones}

        def asked(compute: Compute) -> list[str]:
            found.append(compute)
            return [name for name, host in compute.hosts.items() if zone_of(compute, host) in wanted.values()]

        seen = read_capacity(self.cloud, asked)
        planner = Planner(seen.facts, self.question)
        loss = {name: planner.away(away) for name, away in zones_away(seen.facts, wanted).items()}
        unread = tuple(f"{what}: {reason}" for what, reason in seen.errors.items())
        incomplete = tuple(warning for warning in seen.warnings if warning.startswith(UNKNOWN))
        return found[0], loss, unread, incomplete

    def observe_details(self, observed: Observed, plan: Plan[Change]) -> Observed | None:
        del observed
        if any(isinstance(change, Rehearse) for change in plan.changes):
            # What is not there is found before the first write.
            self.probes.resolve()
        return None

    def plan(self, observed: Observed) -> Plan[Change]:
        return plan_drill(self.zone_map, observed, self.wanted, self.now)

    def start_from(self, observed: Observed, plan: Plan[Change]) -> None:
        self._start = observed
        hosts = {name for change in plan.changes if isinstance(change, (PutBack, Rehearse)) for name in change.hosts}
        self._providers = providers_of(self.nova, self.placement, hosts) if hosts else {}

    def simulate(self, observed: Observed, change: Change) -> Observed:
        if isinstance(change, PutBack):
            for name in change.hosts:
                observed = observed.with_host(replace(observed.hosts[name], status="enabled", disabled_reason=None))
            gone = change.left
            left = replace(
                observed.left,
                servers={key: name for key, name in observed.left.servers.items() if key not in gone.servers},
                volumes={key: name for key, name in observed.left.volumes.items() if key not in gone.volumes},
                shares={key: name for key, name in observed.left.shares.items() if key not in gone.shares},
            )
            return replace(observed, left=left)
        return replace(observed, rehearsed=observed.rehearsed | {change.zone})

    def describe(self, observed: Observed, zone: str) -> Mapping[str, Any]:
        return state(self.zone_map, observed, zone)

    def write(self, change: Change) -> None:
        if self._start is None:
            raise ZoneopsError("nothing was observed before the first write.")
        if isinstance(change, PutBack):
            self._put_back(change.hosts, self._start)
            self.probes.clean(change.left)
            last = self._last(change.zone, self._start)
            self._remember(change.zone, kept(Record(INTERRUPTED, self.now.strftime(FORMAT)), last))
        elif isinstance(change, Rehearse):
            self._rehearse(change, self._start)

    def _rehearse(self, change: Rehearse, start: Observed) -> None:
        self._expect(change)
        at = datetime.now(UTC)
        found: list[Probe] = []
        problems: list[str] = []
        outcome = FAILED
        begun = time.monotonic()
        try:
            self._disable(change, start, at)
            found += self._probe(change)
            self._hold(change, begun)
            found += self._probe(change)
            # As the region is now, before servers may come back to the zone.
            outcome, problems = self._judged(change, found)
        except ZoneopsError as error:
            # Remembered as any other drill that failed.
            problems = [error.message]
        finally:
            self.probed[change.zone] = found
            with self.cloud.deadline.grace(LAST_SECONDS):
                self._put_back(change.hosts, start)
                self.probes.clean(self.probes.left().of(change.zone))
        last = self._last(change.zone, start)
        record = Record(outcome, at.strftime(FORMAT), _slowest(found))
        problems += slower(record, last, self.wanted.slower) if outcome == SUCCEEDED else ()
        if problems and outcome == SUCCEEDED:
            record = replace(record, outcome=FAILED)
        self.done[change.zone] = record
        with self.cloud.deadline.grace(LAST_SECONDS):
            self._remember(change.zone, kept(record, last))
        if problems:
            raise ZoneopsError(
                f"{record.outcome}: {'; '.join(dict.fromkeys(problem.rstrip('.') for problem in problems))}. Everything is restored."
            )

    def _expect(self, change: Rehearse) -> None:
        """Drills come one after the other: what a person disabled since the look would be enabled at the end, and a zone that died would be the second one."""
        left, needed = self.cloud.deadline.remaining(), change.seconds + _restoring(change)
        if left < needed:
            raise ZoneopsError(
                f"the drill takes {needed:g} s and more, and {left:.0f} s are left of the run's deadline: no drill was begun. "
                "Raise the step's deadline (option timeout), or name fewer zones."
            )
        now, _incomplete = self.nova.hosts()
        wrong = [f"host {name} is disabled or down now" for name in change.hosts if not _serves(now.get(name))]
        others = (zone for zone in self.zone_map.zones.values() if zone.name != change.zone)
        wrong += [reason for zone in others for reason in out_of_service(zone, now)]
        if wrong:
            raise ZoneopsError(
                f"{first(SHOWN, wrong, of=len(wrong), separator='; ')}: no drill was begun. Run it again."
            )

    def _disable(self, change: Rehearse, start: Observed, at: datetime) -> None:
        until = (at + timedelta(seconds=change.seconds) + MARGIN).strftime(FORMAT)
        for name in change.hosts:
            self.cloud.deadline.check(f"host {name}")
            body = {"status": "disabled", "disabled_reason": drill_mark(until)}
            switch(self.nova, self.placement, start.hosts[name], self._providers.get(name, ()), body)
        report(f"{change.zone}: scheduling is off on {len(change.hosts)} hosts")

    def _probe(self, change: Rehearse) -> list[Probe]:
        """One of each in each other zone; they are deleted before the next ones, so that names tell them apart."""
        found: list[Probe] = []
        for other, availability_zone in change.others.items():
            self._keep_time(change)
            for probe in self.probes.run(change.zone, other, availability_zone):
                found.append(probe)
                what = probe.error or f"{probe.seconds:.1f} s"
                report(f"{change.zone}: {probe.kind} in {other}: {what}")
        self.probes.clean(self.probes.left().of(change.zone))
        return found

    def _keep_time(self, change: Rehearse) -> None:
        """A drill ends early while there is time to restore everything."""
        self.cloud.deadline.check(f"the end of the drill of zone {change.zone}")
        left, needed = self.cloud.deadline.remaining(), _restoring(change)
        if left < needed:
            raise ZoneopsError(
                f"{left:.0f} s are left of the run's deadline, and to restore everything may take longer: the drill ended early. "
                "Raise the step's deadline (option timeout)."
            )

    def _hold(self, change: Rehearse, begun: float) -> None:
        told = time.monotonic()
        while (left := change.seconds - (time.monotonic() - begun)) > 0:
            self._keep_time(change)
            if time.monotonic() - told >= TELL_SECONDS:
                told = time.monotonic()
                report(f"{change.zone}: scheduling stays off for {left:.0f} s more")
            time.sleep(min(left, LOOK_SECONDS))

    def _judged(self, change: Rehearse, found: Sequence[Probe]) -> tuple[str, list[str]]:
        compute, loss, unread, _incomplete = self._look((change.zone,))
        self._unread += unread
        problems = [f"{one.kind} in zone {one.zone}: {one.error}" for one in found if one.error]
        down = [name for name in change.hosts if not _is_up(compute.hosts.get(name))]
        problems += [f"host {name} is not up any more" for name in down]
        if problems:
            return FAILED, problems
        room = lacking(change.zone, loss.get(change.zone))
        return (CAPACITY_CHECK_FAILED, room) if room and CAPACITY not in self.wanted.allow else (SUCCEEDED, [])

    def _put_back(self, hosts: Sequence[str], start: Observed) -> None:
        """Enable those that bear the mark of a drill; what others have changed is theirs. All are tried."""
        now, _incomplete = self.nova.hosts()
        mine = replace(start, hosts=now).drilled(hosts)
        problems = []
        for name in mine:
            try:
                switch(self.nova, self.placement, now[name], self._providers.get(name, ()), {"status": "enabled"})
            except ZoneopsError as error:
                problems.append(error.message)
        if problems:
            raise ZoneopsError(f"{' '.join(problems)} Run it again: it enables what a drill has disabled.")

    def _place(self, zone: str, start: Observed) -> Aggregate | None:
        return place_of(start.aggregates, self.zone_map.zones[zone].availability_zone)

    def _last(self, zone: str, start: Observed) -> Record | None:
        place = self._place(zone, start)
        return record_of(place.metadata.get(KEY)) if place else None

    def _remember(self, zone: str, record: Record) -> None:
        place = self._place(zone, self._start) if self._start else None
        if place is not None and place.id is not None:
            self.nova.set_metadata(place.id, {KEY: record.text})


def _restoring(change: Rehearse) -> float:
    """How much of the deadline is kept to restore what a drill has changed."""
    return max(0.0, REST_SECONDS + HOST_SECONDS * len(change.hosts) - BEYOND_SECONDS)


def _is_up(host: Host | None) -> bool:
    return host is not None and host.state == "up"


def _serves(host: Host | None) -> bool:
    return host is not None and host.enabled and host.state == "up"


def _slowest(found: Sequence[Probe]) -> dict[str, float]:
    slowest: dict[str, float] = {}
    for one in found:
        if not one.error:
            slowest[one.kind] = max(slowest.get(one.kind, 0.0), round(one.seconds, 1))
    return slowest
