# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that died come back, one at a time, in the flow of a writer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._compute.model import Host
from .._compute.nova import Nova
from .._compute.placement import Placement
from .._openstack.cloud import Cloud
from .._plan.change import Plan
from .._plan.converge import Reconciler
from .._plan.errors import ZoneopsError
from .._plan.progress import Awaited
from .._servers.dead import Dead, dead_of
from .._servers.maintenance.end.canary import Canary
from .._servers.maintenance.end.opening import Opening
from .._servers.maintenance.read import providers_of, read_to_end
from .._servers.migrations import Found, Migrations
from .._servers.model import BROKEN, Record
from .._zones.schema.zone_map import ZoneMap
from .changes import Return
from .model import Observed, Wanted
from .plan import DONE, hosts_of, plan_return, state

LOOK_SECONDS = 1.0
LAST_SECONDS = 60.0
#: Of a host that an earlier run enabled, before it had seen that servers start there.
UNSEEN = "no server has been seen to start"


class Returning(Reconciler[Observed, Return]):
    """The reconciler that `_plan.converge` works in.

    :param canary: None where hosts come back without one.
    :ivar observed: what was seen last.
    :param storage: what is wrong with the storage of a zone, by its inventory name; empty where nothing is. Asked before the first host of a zone.
    """

    def __init__(
        self,
        cloud: Cloud,
        nova: Nova,
        zone_map: ZoneMap,
        wanted: Wanted,
        canary: Canary | None,
        storage: Callable[[str], str],
    ) -> None:
        self.cloud = cloud
        self.nova = nova
        self.placement = Placement(cloud.service("placement"))
        self.calls = Migrations(cloud.service("compute"), cloud.writes)
        self.zone_map = zone_map
        self.wanted = wanted
        self.canary = canary
        self.opening = Opening(cloud, nova, self.placement, self.calls, canary)
        self._storage = storage
        self.observed: Observed | None = None
        self._start: Observed | None = None
        self._changed: set[str] = set()

    @property
    def zones(self) -> Sequence[str]:
        return self.wanted.only

    @property
    def _asked(self) -> list[str]:
        return [host for zone in self.wanted.only for host in hosts_of(self.zone_map, zone, self.wanted)]

    def observe(self) -> Observed:
        region = read_to_end(self.cloud, self.nova, self.calls, self._asked, away=_is_dead)
        evacuations = self.calls.evacuations()
        servers = self._servers(evacuations)
        self.observed = Observed(
            region=replace(region, changed=frozenset(self._changed)),
            evacuations=evacuations,
            arriving=frozenset(server.id for server in self.calls.rebuilding()),
            servers=servers,
            placed=self._placed({server.id: server.host or "" for server in servers}),
        )
        return self.observed

    def _servers(self, evacuations: Iterable[Record]) -> tuple[Found, ...]:
        """Those on the hosts of the zones. Nova lists a server whose evacuation failed in the zone that it was to go to: such are asked for one by one."""
        places = (self.zone_map.zones[zone].availability_zone for zone in self.wanted.only)
        found = {server.id: server for place in places for server in self.calls.servers_in(place)}
        failed = {one.server for one in evacuations if one.source in self._asked and one.status in BROKEN}
        for number in sorted(failed - found.keys()):
            server = self.calls.server(number)
            if server is not None and server.host in self._asked:
                found[number] = server
        return tuple(found.values())

    def _placed(self, here: Mapping[str, str]) -> dict[str, str]:
        """Where nova places the guests that are said to run; one call for each that is not in the zones."""
        said = {server for listed in (self.wanted.guests or {}).values() for server in listed}
        found = {server: here[server] for server in said if server in here}
        for server in sorted(said - here.keys()):
            other = self.calls.server(server)
            if other is not None:
                found[server] = other.host or ""
        return found

    def observe_details(self, observed: Observed, plan: Plan[Return]) -> Observed | None:
        hosts = {change.host for change in plan.changes if isinstance(change, Return)}
        if not hosts or observed.region.providers:
            return None
        if self.canary is not None:
            # A name that does not exist is found before the first write.
            self.canary.resolve()
        providers = providers_of(self.nova, self.placement, hosts)
        return observed.with_region(replace(observed.region, providers=providers))

    def plan(self, observed: Observed) -> Plan[Return]:
        return plan_return(self.zone_map, observed, self.wanted)

    def start_from(self, observed: Observed, plan: Plan[Return]) -> None:
        del plan
        self._start = observed

    def simulate(self, observed: Observed, change: Return) -> Observed:
        region = observed.region.with_reason(change.host, change.new)
        region = region.with_host(replace(region.hosts[change.host], forced_down=False, state="up"))
        rest = {host: server for host, server in region.canaries.items() if host != change.host}
        return observed.with_region(replace(region, canaries=rest))

    def describe(self, observed: Observed, zone: str) -> Mapping[str, Any]:
        return state(self.zone_map, observed, self.wanted, zone)

    def write(self, change: Return) -> None:
        if self._start is None:
            raise ZoneopsError("nothing was observed before the first write.")
        wrong = self._storage(change.zone)
        if wrong:
            raise ZoneopsError(wrong)
        region = self._start.region
        host = region.hosts[change.host]
        self._expect(host)
        if change.forced_down:
            self._unforce(host)
        self._changed.add(change.host)
        up = replace(host, forced_down=False, state="up")
        self.opening.open(
            up,
            region.providers.get(change.host, ()),
            change.new,
            left=region.canaries.get(change.host),
            zone=region.zones[change.host] if change.canary else None,
            back=change.old or Dead(UNSEEN).text,
        )

    def _expect(self, host: Host) -> None:
        """Hosts come back one at a time: until it is the turn of one, others can have changed it, or evacuate it. Nova would not refuse that."""
        now = self.nova.hosts(host.name)[0].get(host.name)
        if now is None or _written(now) != _written(host):
            raise ZoneopsError(f"host {host.name} was changed by others during this run. Run it again.")
        blocking = [one for one in self.calls.evacuations(host.name) if one.under_way or one.status == DONE]
        if blocking:
            raise ZoneopsError(
                f"host {host.name} was evacuated by others during this run: {blocking[0].text}. Run it again."
            )

    def _unforce(self, host: Host) -> None:
        """Until it is up: enabled before, it would stay unschedulable. What does not come up is forced down again, so that it can be evacuated."""
        self.nova.set_service(host.service_id, {"forced_down": False})
        awaited = Awaited(f"host {host.name}")
        while True:
            with self.cloud.deadline.look():
                found, _incomplete = self.nova.hosts(host.name)
            now = found.get(host.name)
            if now is not None and now.state == "up":
                return
            awaited.is_now("down" if now is None else now.state)
            if awaited.seconds >= self.wanted.up_seconds or not self.cloud.deadline.remaining():
                break
            time.sleep(LOOK_SECONDS)
        with self.cloud.deadline.grace(LAST_SECONDS):
            self.nova.set_service(host.service_id, {"forced_down": True})
        raise ZoneopsError(
            f"host {host.name} is still down {awaited.seconds:.0f} s after forced_down was unset, so it was forced down again: start nova-compute there."
        )


def _written(host: Host) -> tuple[str, str | None, bool]:
    return host.status, host.disabled_reason, host.forced_down


def _is_dead(host: Host) -> bool:
    return dead_of(host) is not None
