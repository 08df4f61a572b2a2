# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers of lost zones created again in another one, in the flow of a writer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._block_storage.api.volume_calls import VolumeApi
from .._capacity.facts.hosts import zone_of
from .._capacity.read import read as read_capacity
from .._compute.model import Observed
from .._compute.nova import Nova
from .._openstack.cloud import Cloud
from .._plan.apply import Undo
from .._plan.change import Plan
from .._plan.converge import Reconciler
from .._plan.errors import ZoneopsError
from .._plan.progress import Progress
from .._plan.text.listing import first
from .._servers.maintenance.model import Region
from .._servers.maintenance.read import UNKNOWN
from .._zone_evacuate.evidence.watching import Watch
from .._zones.schema.zone_map import ZoneMap
from .calls import Restores
from .changes import Restore
from .model import ACTIVE, BACKUP, FROM, SELF, SHUTOFF, VOLUMES, Copy, Restoration, Restored, Seen, Wanted
from .plan import asked_of, entries_of, plan_restore, state
from .read import Sessions, details_of, offer_of
from .restorer import FAILED, NOT_BEGUN, Bounds, Fate, Restorer
from .sorting import Entry, out_of_service

#: How the id of what is not created yet begins, in a prediction.
NEW = "new for "
SHOWN = 10


class Restoring(Reconciler[Seen, Restore]):
    """The reconciler that `_plan.converge` works in, under the region's lock.

    :ivar fates: what became of servers.
    :ivar first: what was to become of every server before the first write, by zone.
    """

    def __init__(
        self, cloud: Cloud, nova: Nova, zone_map: ZoneMap, wanted: Wanted, bounds: Bounds, progress: Progress
    ) -> None:
        self.cloud = cloud
        self.nova = nova
        self.calls = Restores(cloud.service("compute"), cloud.writes)
        self.api = VolumeApi(cloud.service("block-storage"), cloud.deadline)
        self.sessions = Sessions(cloud)
        self.zone_map = zone_map
        self.wanted = wanted
        self.bounds = bounds
        self.progress = progress
        self._watch = Watch(nova.services, cloud)
        self.fates: list[Fate] = []
        self.first: dict[str, list[Entry]] = {}

    @property
    def zones(self) -> Sequence[str]:
        return self.wanted.only

    def observe(self) -> Seen:
        found: list[Observed] = []
        asked = {host for name in self.wanted.only for host in self.zone_map.zones[name].compute_hosts}

        def about(observed: Observed) -> list[str]:
            found.append(observed)
            return [name for name in observed.hosts if name in asked]

        seen = read_capacity(self.cloud, about)
        hosts = found[0].hosts
        region = Region(
            hosts=hosts,
            zones={name: zone_of(found[0], host) for name, host in hosts.items()},
            facts=seen.facts,
            unread=tuple(f"{what}: {reason}" for what, reason in seen.errors.items()),
            incomplete=tuple(warning for warning in seen.warnings if warning.startswith(UNKNOWN)),
        )
        if region.unread:
            return Seen(region, user=self.cloud.user_id(), newest=self.calls.newest)
        # May wait: before the lists that plans are made of.
        reporting = self._reporting(region, seen.services, asked)
        return Seen(
            region,
            volumes={one.id: one for one in self.api.volumes(all_projects=True)},
            backups=tuple(self.api.backups(all_projects=True)),
            services=tuple(self.api.services()),
            restored=self.calls.restored(),
            evacuating=frozenset(one.server for one in self.calls.evacuations() if one.under_way),
            reporting=reporting,
            user=self.cloud.user_id(),
            newest=self.calls.newest,
        )

    def _reporting(
        self, region: Region, services: Collection[Mapping[str, Any]], asked: Collection[str]
    ) -> dict[str, str]:
        """Nova shows a host that is forced down as down, whether it reports or not."""
        full = {server.host for server in region.facts.servers if server.host in asked}
        mine = [name for name in sorted(full) if out_of_service(region.hosts.get(name))]
        return self._watch.reporting(services, mine) if mine else {}

    def observe_details(self, observed: Seen, plan: Plan[Restore]) -> Seen | None:
        """What new servers need, where there are any."""
        zones = dict.fromkeys(change.zone for change in plan.changes)
        todo = [one for name in zones for one in asked_of(self.zone_map, observed, self.wanted, name)]
        if observed.details is not None or not todo:
            self._remember(observed)
            return None
        details = details_of(self.cloud, self.calls, [one.server for one in todo])
        projects = self._projects(observed, todo)
        stores = {
            zone.image_store.name
            for zone in (self.zone_map.zones[name] for name in self.wanted.only)
            if zone.image_store is not None
        }
        offer = offer_of(self.cloud, self.calls, self.api, details.values(), stores, projects)
        closer = replace(observed, details=details, offer=offer)
        self._remember(closer)
        return closer

    def _projects(self, observed: Seen, entries: Iterable[Entry]) -> dict[str, str]:
        of_backups: dict[str, set[str | None]] = {}
        owners = {backup.id: backup.project_id for backup in observed.backups}
        for one in entries:
            mine = of_backups.setdefault(one.server.project, set())
            copies = one.restoration.copies if one.restoration is not None else ()
            mine |= {owners.get(copy.backup) for copy in copies if not copy.begun and not copy.whole}
        return {project: self.sessions.problem(project, backups) for project, backups in of_backups.items()}

    def _remember(self, seen: Seen) -> None:
        if not self.fates:
            self.first = {name: entries_of(self.zone_map, seen, self.wanted, name) for name in self.wanted.only}

    def plan(self, observed: Seen) -> Plan[Restore]:
        return plan_restore(self.zone_map, observed, self.wanted)

    def simulate(self, observed: Seen, change: Restore) -> Seen:
        for one in change.restorations:
            observed = _with_copies(observed, one) if change.phase == VOLUMES else _with_server(observed, one)
        return observed

    def describe(self, observed: Seen, zone: str) -> Mapping[str, Any]:
        return state(self.zone_map, observed, self.wanted, zone)

    def write(self, change: Restore) -> Undo | None:
        """None of it is undone: the same call goes on from there."""

        def say(one: Restoration, step: str) -> None:
            self.progress(one.label, change.to, step)

        restorer = Restorer(self.cloud, self.sessions, self.bounds, change.phase, self._guard, say)
        fates = restorer.run(change.restorations)
        self.fates += fates
        _complain(fates)
        return None

    def _guard(self, host: str) -> str:
        found = self.nova.hosts(host)[0].get(host)
        if found is None or not out_of_service(found):
            return f"host {host} is no longer out of service: its servers may run"
        if self._watch.answers(host, found.written):
            return f"host {host} answers again, or others write to its service: its servers may run. Power it off"
        return ""


def _complain(fates: Sequence[Fate]) -> None:
    failed = [fate for fate in fates if fate.outcome == FAILED]
    left = [fate for fate in fates if fate.outcome == NOT_BEGUN]
    if not failed and not left:
        return
    texts = (f"{fate.restoration.label}: {fate.reason.rstrip('.')}" for fate in failed)
    problems = f"{len(failed)} could not be restored: {first(SHOWN, texts, of=len(failed), separator='; ')}"
    raise ZoneopsError(f"{problems}{f'. {len(left)} not begun ({left[0].reason})' if left else ''}.")


def _with_server(observed: Seen, one: Restoration) -> Seen:
    status = one.status if one.status == SHUTOFF else ACTIVE
    new = one.begun or Restored(f"{NEW}{one.server}", one.server, one.project, status)
    others = tuple(other for other in observed.restored if other.origin != one.server)
    return replace(observed, restored=(*others, replace(new, status=status, stops=False, task=None)))


def _with_copies(observed: Seen, one: Restoration) -> Seen:
    for copy in one.copies:
        if not copy.whole:
            observed = _with_copy(observed, one, copy)
    return observed


def _with_copy(observed: Seen, one: Restoration, copy: Copy) -> Seen:
    number = copy.begun or f"{NEW}{copy.source.id}"
    made = replace(
        copy.source,
        id=number,
        availability_zone=one.target,
        status="available",
        type=copy.type,
        attached_to=(),
        host="",
        metadata={FROM: copy.source.id, BACKUP: copy.backup, SELF: number},
    )
    return observed.with_volume(made)
