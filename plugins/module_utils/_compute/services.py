# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compute services of zones in the flow of a writer: enabled, disabled with a reason, forced down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from .._plan.apply import Undo
from .._plan.change import Change, Note, Plan, Refusal
from .._plan.converge import Reconciler
from .._plan.disabled.reason import marked
from .._plan.text.near import nearest
from .._zones.schema.zone_map import ZoneMap
from .marks import died, ended_with, in_maintenance, is_on_its_way, is_ours, of_ha_tool
from .model import Host, Observed
from .nova import Nova
from .placement import Placement
from .switch import switch
from .zones.guards import Obstacle


@dataclass(frozen=True)
class SetService(Change):
    """One PUT to a compute service; `old` and `new` hold the properties that differ."""

    action: ClassVar[str] = "set_service"
    host: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]

    @property
    def target(self) -> str:
        return f"nova-compute on {self.host}"

    @property
    def before(self) -> dict[str, Any]:
        return dict(self.old)

    @property
    def after(self) -> dict[str, Any]:
        return dict(self.new)

    @property
    def text(self) -> str:
        shown = ", ".join(f"{key}={'none' if value is None else value}" for key, value in self.new.items())
        return f"set nova-compute on {self.host}: {shown}"


@dataclass(frozen=True)
class DisableService(SetService):
    """Every host for itself: before power work each one that is disabled counts, whatever is wrong with another."""

    alone: ClassVar[bool] = True


@dataclass(frozen=True)
class Wanted:
    """What the operator asks of the services.

    :ivar hosts: these only; None for all hosts of the zones.
    :ivar status: "enabled" or "disabled", None to leave it.
    :ivar reason: why they are disabled.
    :ivar forced_down: None to leave it. Only after fencing: nova believes it and lets servers be evacuated from a host that may still run them.
    """

    only: tuple[str, ...]
    hosts: tuple[str, ...] | None = None
    status: str | None = None
    reason: str | None = None
    forced_down: bool | None = None
    allow: frozenset[str] = frozenset()


class ComputeServices(Reconciler[Observed, SetService]):
    """The reconciler that `_plan.converge` works in. A no-op costs two calls, nova's version document and its compute services, and with a status two more:
    hypervisors, and the resource providers that are disabled.
    """

    def __init__(self, nova: Nova, placement: Placement, zone_map: ZoneMap, wanted: Wanted) -> None:
        self.nova = nova
        self.placement = placement
        self.zone_map = zone_map
        self.wanted = wanted
        self._services: Mapping[str, Host] = {}
        self._providers: Mapping[str, tuple[str, ...]] = {}

    @property
    def zones(self) -> Sequence[str]:
        return self.wanted.only

    def observe(self) -> Observed:
        hosts, incomplete = self.nova.hosts()
        self._services = hosts
        return Observed(hosts=hosts, incomplete=incomplete, lagging=self._lagging(hosts))

    def _lagging(self, hosts: Mapping[str, Host]) -> frozenset[str]:
        """Hosts that a run left before placement had followed: their service says what is wanted, and the scheduler acts as before."""
        asked = {name for zone in self.wanted.only for name in hosts_of(self.zone_map, zone, self.wanted)}
        switched = [host for name, host in hosts.items() if name in asked and host.status == self.wanted.status]
        # Only a service that is up can be made to follow; with another one placement does when it starts.
        switched = [host for host in switched if host.state == "up" and not host.forced_down]
        if not switched:
            return frozenset()
        disabled, providers = self.placement.disabled(), self.nova.all_providers()
        return frozenset(
            host.name
            for host in switched
            if any((provider in disabled) == host.enabled for provider in providers.get(host.name, ()))
        )

    def observe_details(self, observed: Observed, plan: Plan[SetService]) -> Observed | None:
        """The resource providers of the hosts that change: their trait is read back."""
        hosts = {change.host for change in plan.changes}
        if not hosts or observed.providers:
            return None
        self._providers = self.nova.providers(hosts, of=len(observed.hosts))
        return replace(observed, providers=self._providers)

    def plan(self, observed: Observed) -> Plan[SetService]:
        return plan_services(self.zone_map, observed, self.wanted)

    def simulate(self, observed: Observed, change: SetService) -> Observed:
        new = {"disabled_reason": None, **change.new} if change.new.get("status") == "enabled" else change.new
        after = observed.with_host(replace(observed.hosts[change.host], **new))
        return replace(after, lagging=after.lagging - {change.host})

    def write(self, change: SetService) -> Undo:
        self._put(change.host, change.new)
        return lambda: self._put(change.host, change.old)

    def describe(self, observed: Observed, zone: str) -> Mapping[str, Any]:
        hosts = (observed.hosts[name] for name in hosts_of(self.zone_map, zone, self.wanted) if name in observed.hosts)
        return {
            host.name: {
                "id": host.service_id,
                "status": host.status,
                "disabled_reason": host.disabled_reason,
                "forced_down": host.forced_down,
                **({"scheduler": "acts as before"} if host.name in observed.lagging else {}),
            }
            for host in hosts
        }

    def _put(self, host: str, values: Mapping[str, Any]) -> None:
        # Without a reason nova would drop the one it has; a reason alone it refuses.
        body = {key: value for key, value in values.items() if value is not None}
        if "disabled_reason" in values and body.get("status") != "enabled":
            body["status"] = "disabled"
        providers = self._providers.get(host, ())
        switch(self.nova, self.placement, self._services[host], providers, body)


def hosts_of(zone_map: ZoneMap, zone: str, wanted: Wanted) -> list[str]:
    """The hosts of a zone that are worked on."""
    return [host for host in zone_map.zones[zone].compute_hosts if wanted.hosts is None or host in wanted.hosts]


def plan_services(zone_map: ZoneMap, observed: Observed, wanted: Wanted) -> Plan[SetService]:
    """Pure: what to set on which host, and what is left alone."""
    changes: list[SetService] = []
    refusals: list[Refusal] = []
    notes: list[Note] = []
    for zone in wanted.only:
        if not zone_map.zones[zone].compute_hosts:
            notes.append(Note(zone, "the zone's file names no compute host: there is nothing to do here."))
        for name in hosts_of(zone_map, zone, wanted):
            host = observed.hosts.get(name)
            if host is None:
                hidden = f" ({'; '.join(observed.incomplete)})" if observed.incomplete else ""
                near = "" if hidden else nearest(name, observed.hosts)
                refusals.append(
                    Refusal(zone, "unknown_host", f"host {name} is not a compute host of this cloud{hidden or near}.")
                )
                continue
            placed = host.zone == zone_map.zones[zone].availability_zone
            kept = _reason_kept(host, wanted, placed)
            if kept:
                notes.append(Note(zone, kept))
            new = _new(host, wanted, keeps_reason=bool(kept))
            if name in observed.lagging and kept:
                notes.append(Note(zone, f"the scheduler acts on host {name} as if it were enabled.", wrong=True))
            elif name in observed.lagging:
                # The same PUT again is the cure, with the reason that nova would drop.
                new = {
                    **({} if host.enabled else {"disabled_reason": host.disabled_reason}),
                    **new,
                    "status": host.status,
                }
            if not new:
                continue
            refusals += [Refusal(zone, found.rule, found.message) for found in _obstacles(host, new, wanted, placed)]
            # nova drops the reason of a service that it enables: to put it back it has to be known.
            old = dict.fromkeys([*new, *(["disabled_reason"] if "status" in new else [])])
            kind = DisableService if wanted.status == "disabled" else SetService
            changes.append(kind(zone, name, {key: getattr(host, key) for key in old}, new))
            if host.state != "up" and new.get("status") == "disabled":
                notes.append(
                    Note(zone, f"host {name} is {host.state}: placement learns that it is disabled when it starts.")
                )
    return Plan.of(changes, refusals, notes)


def _reason_kept(host: Host, wanted: Wanted, placed: bool) -> str:
    """Why a host that shall be disabled, and is, keeps the reason of who disabled it; empty where it does not."""
    if wanted.status != "disabled" or host.enabled:
        return ""
    reason = host.disabled_reason or "no reason given"
    if is_on_its_way(host) and not placed:
        return f"host {host.name} is already disabled by an unfinished move ({reason}): the reason is kept. The module availability_zones finishes the move."
    if of_ha_tool(host):
        return f"host {host.name} is already disabled by an instance-HA tool or as its spare ({reason}): the reason is kept."
    if died(host):
        return f"host {host.name} is already disabled because it died ({reason}): the reason is kept. zone_return brings it back."
    if in_maintenance(host):
        return f"host {host.name} is already disabled by a maintenance ({reason}): the reason is kept. {ended_with(host)} ends it."
    if is_ours(host) or "foreign_reasons" in wanted.allow:
        return ""
    return f"host {host.name} is already disabled by others ({reason}): the reason is kept. To replace it: allow [foreign_reasons]."


def _new(host: Host, wanted: Wanted, *, keeps_reason: bool) -> dict[str, Any]:
    """The properties that differ from what is wanted."""
    new: dict[str, Any] = {}
    if wanted.status is not None and host.status != wanted.status:
        new["status"] = wanted.status
    if wanted.status == "disabled" and wanted.reason is not None and not keeps_reason:
        reason = marked(wanted.reason)
        if host.disabled_reason != reason:
            new["disabled_reason"] = reason
    if wanted.forced_down is not None and host.forced_down != wanted.forced_down:
        new["forced_down"] = wanted.forced_down
    return new


def _obstacles(host: Host, new: Mapping[str, Any], wanted: Wanted, placed: bool) -> Iterator[Obstacle]:
    """What keeps a service as it is; `placed` says whether its host is in the zone that the map says."""
    touches_status = "status" in new or "disabled_reason" in new
    if touches_status and is_on_its_way(host) and not placed:
        yield Obstacle(
            "on_its_way",
            f"host {host.name} was left by an interrupted move ({host.disabled_reason}): if it is enabled outside all zones, any server can be placed there. "
            "Run availability_zones first, which finishes the move.",
        )
    if touches_status and of_ha_tool(host):
        yield Obstacle(
            "ha_host",
            f"host {host.name} is disabled by an instance-HA tool or kept as its spare ({host.disabled_reason}): its "
            "status is not changed. Release it there first.",
        )
    elif died(host) and (touches_status or new.get("forced_down") is False):
        yield Obstacle(
            "dead_host",
            f"host {host.name} is out of service because it died ({host.disabled_reason}): it is not changed. Bring it back with zone_return.",
        )
    elif touches_status and in_maintenance(host):
        yield Obstacle(
            "maintenance",
            f"host {host.name} is in maintenance ({host.disabled_reason}): its status is not changed. End it with {ended_with(host)} (state: end).",
        )
    elif touches_status and not host.enabled and not is_ours(host) and "foreign_reasons" not in wanted.allow:
        yield Obstacle(
            "foreign_reasons",
            f"host {host.name} was disabled by others ({host.disabled_reason or 'no reason given'}): its status is not changed. "
            "To change it anyway: allow [foreign_reasons].",
        )
    if new.get("status") == "enabled" and host.state != "up":
        yield Obstacle(
            "host_down",
            f"host {host.name} is {'forced down' if host.forced_down else host.state}: if it is enabled before its first heartbeat, "
            "a trait in placement keeps it unschedulable. Start nova-compute, unset forced_down, and enable it once it is up.",
        )
