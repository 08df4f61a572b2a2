# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a zone that shall be there: aggregate, zone, metadata, hosts, placement mirror. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..._zones.schema.zone_map import Zone
from ..._zones.validation.instance_ha import MAX_FAILURES
from ..changes import (
    AddHost,
    CreateAggregate,
    DisableHost,
    EnableHost,
    MirrorProvider,
    MoveHost,
    RenameAggregate,
    SetMetadata,
)
from ..marks import is_on_its_way, mark
from ..model import AZ_KEY, Aggregate, in_lock
from .agents import is_own, of_agents, unlimited
from .mirror import drift_of, hosts_of
from .order import order_of_emptying
from .ownership import aggregate_names, named_aggregates, owner_of, unnamed_aggregates
from .planner import OUT_OF_LOCK, UNDISCOVERED, ZonePlanner, host_item

FLAT = "To divide a cloud that has only this zone, see 'A cloud whose only zone is nova' on the page 'Start from a cloud that has zones' of the documentation."
REPAIR = "Set zoneops_placement_mirror=true (option placement_mirror) to repair it."


class Present(ZonePlanner):
    """state: present."""

    def plan(self, found: Aggregate | None) -> None:
        if self.zone.availability_zone == self.observed.default_availability_zone:
            self.refuse(
                "default_availability_zone",
                f"availability zone {self.zone.availability_zone} is the cloud's default_availability_zone: nova shows it for every host without a zone. "
                f"Choose another name, or change nova's default_availability_zone. {FLAT}",
            )
        aggregate = self.plan_aggregate(found)
        self.plan_metadata(aggregate)
        self.plan_hosts(aggregate)
        if self.options.mirror:
            self.plan_mirror(aggregate)
        else:
            self.note_drift(aggregate)

    def plan_aggregate(self, found: Aggregate | None) -> Aggregate:
        """The zone's aggregate as it is after the changes planned so far."""
        if found is None:
            several = unnamed_aggregates(self.wanted, self.zone, self.observed)
            if several:
                self.refuse(
                    "ambiguous_aggregate",
                    f"availability zone {self.zone.availability_zone} has the aggregates {', '.join(sorted(other.name for other in several))}, "
                    f"none named {self.name}: name the zone's own in compute.aggregate.",
                )
            self.first.append(CreateAggregate(self.zone.name, self.name, self.zone.availability_zone))
            return Aggregate(self.name, self.zone.availability_zone)
        if found.name != self.name:
            self.first.append(RenameAggregate(self.zone.name, found.name, self.name))
        return replace(found, name=self.name)

    def plan_metadata(self, aggregate: Aggregate) -> None:
        current: Mapping[str, str | None] = aggregate.metadata
        wanted: dict[str, str | None] = dict(self.compute.metadata)
        if self.options.purge_metadata:
            kept = of_agents(current.keys() - wanted.keys())
            wanted = {**dict.fromkeys(key for key in current if key not in kept and not is_own(key)), **wanted}
            if kept:
                self.note(
                    f"metadata of aggregate {self.name} is kept because other agents read it, although the map does not name it: {', '.join(kept)}. "
                    "To remove it, use 'openstack aggregate unset --property'."
                )
        new = {key: value for key, value in wanted.items() if current.get(key) != value}
        old = {key: current.get(key) for key in new}
        if aggregate.availability_zone != self.zone.availability_zone:
            self.guard_zone_change(aggregate)
            new[AZ_KEY], old[AZ_KEY] = self.zone.availability_zone, aggregate.availability_zone
        if new:
            self.first.append(SetMetadata(self.zone.name, self.name, old, new))
        after = {**current, **wanted}
        if danger := unlimited(self.name, after, len({*aggregate.hosts, *self.compute.hosts})):
            # A number says that it is wanted so.
            self.note(danger, wrong=after.get(MAX_FAILURES) is None)

    def guard_zone_change(self, aggregate: Aggregate) -> None:
        for host in aggregate.hosts:
            self.guard_second_zone(host, aggregate)
            # What leaves for a zone with another name than the aggregate's moves; the rest would be taken along.
            if any(aggregate.availability_zone in (None, other.availability_zone) for other in self.others_with(host)):
                self.refuse(
                    "host_elsewhere",
                    f"host {host} of aggregate {self.name} would get availability zone {self.zone.availability_zone} with it, "
                    "but the map has it in another zone. Remove it from the aggregate first.",
                )
        if aggregate.availability_zone is None:
            for host in aggregate.hosts:
                self.guard_joining(host)
            return
        if "az_change" not in self.options.allow:
            self.refuse(
                "az_change",
                f"aggregate {aggregate.name} has availability zone {aggregate.availability_zone}, the map says {self.zone.availability_zone}.",
            )
        self.refuse_all(self.guards.zone_going(aggregate))
        for host in aggregate.hosts:
            self.refuse_all(self.guards.leaving(host, aggregate.availability_zone))

    def plan_hosts(self, aggregate: Aggregate) -> None:
        wanted = self.compute.hosts
        joining: list[str] = []
        for host in wanted:
            if host not in self.observed.hosts:
                self.refuse_unknown(host)
            elif in_lock(self.observed.hosts[host]):
                self.refuse("host_in_lock", f"host {host} is in {OUT_OF_LOCK.format(host)}", host_item(host))
            elif host in aggregate.hosts:
                self.plan_service(host)
            elif self.elsewhere(host):
                self.plan_move(host)
            else:
                joining.append(host)
        self.plan_joining(joining)
        surplus = [host for host in aggregate.hosts if host not in wanted and not self.others_with(host)]
        if surplus and self.options.purge_hosts:
            self.plan_removals(aggregate, surplus)
        elif surplus:
            self.note(
                f"hosts in aggregate {self.name} that the map does not name: {', '.join(sorted(surplus))}; "
                "they are kept (zoneops_purge_hosts=true, option purge_hosts, removes them)"
            )

    def elsewhere(self, host: str) -> list[Aggregate]:
        """The aggregates that give the host another zone; nova refuses a second one (409)."""
        return [
            other
            for other in self.observed.zone_aggregates(host)
            if other.availability_zone != self.zone.availability_zone
        ]

    def others_with(self, host: str) -> list[Zone]:
        """The other zone of the map that asks for a host of this zone: then it moves, and is not surplus."""
        others = (other for other in self.wanted.zones.values() if other.name != self.zone.name)
        return [other for other in others if host in other.compute_hosts]

    def plan_joining(self, hosts: Sequence[str]) -> None:
        busy = [host for host in hosts if self.observed.zone_of(host) is None and self.observed.servers_on(host)]
        if busy and "free_hosts_first" in self.options.allow:
            self.note(order_of_emptying(self.observed, self.zone.availability_zone, [], busy))
        elif busy:
            free = [host for host in hosts if host not in busy]
            self.refuse(
                "free_hosts_first",
                order_of_emptying(self.observed, self.zone.availability_zone, free, busy),
                [server.as_item() for host in busy for server in self.observed.servers_on(host)],
            )
        for host in hosts:
            if host not in busy:
                self.plan_join(host)

    def plan_join(self, host: str) -> None:
        found = self.observed.hosts[host]
        if host in self.observed.undiscovered:
            self.refuse(
                UNDISCOVERED,
                f"host {host} is registered, but not mapped to a cell yet. Run nova-manage cell_v2 discover_hosts, or wait for the scheduler to do it.",
                host_item(host),
            )
        if self.zone.zone_state == "new" and found.enabled:
            self.first.append(DisableHost(self.zone.name, host, mark("", self.zone.name)))
        self.note_interrupted(host)
        self.first.append(AddHost(self.zone.name, self.name, host))
        self.plan_service(host)

    def guard_second_zone(self, host: str, aggregate: Aggregate) -> None:
        """What another aggregate says about the zone of a host whose aggregate gets one: nova refuses a second zone (400)."""
        for other in self.elsewhere(host):
            if other.id != aggregate.id:
                self.refuse(
                    "host_elsewhere",
                    f"host {host} of aggregate {self.name} is already in availability zone {other.availability_zone} (aggregate {other.name}). "
                    "Remove it from one of the two aggregates first.",
                )

    def guard_joining(self, host: str) -> None:
        """What keeps a host of a plain aggregate from getting the zone with it."""
        servers = self.observed.servers_on(host)
        if servers and self.observed.zone_of(host) is None:
            self.refuse(
                "host_has_instances",
                order_of_emptying(self.observed, self.zone.availability_zone, [], [host]),
                [s.as_item() for s in servers],
            )

    def plan_service(self, host: str) -> None:
        """Enable what we had disabled, once the zone is to be used; say what is down or disabled otherwise."""
        found = self.observed.hosts[host]
        if found.state != "up" and not self.zone.away:
            self.note(f"host {host} is {found.state}: nova schedules nothing there. Check its nova-compute service.")
        if self.zone.zone_state != "active":
            return
        if is_on_its_way(found) and found.state == "up":
            self.first.append(EnableHost(self.zone.name, host, found.disabled_reason))
        elif not found.enabled:
            # Enabled before its first heartbeat, a host would stay unschedulable through a trait in placement.
            why = "a later run enables it once it is up" if is_on_its_way(found) else "nova schedules nothing new there"
            self.note(f"host {host} is disabled ({found.disabled_reason or 'no reason given'}): {why}.")

    def plan_move(self, host: str) -> None:
        sources = self.elsewhere(host)
        source = sources[0]
        owner = owner_of(self.wanted, source, self.observed)
        zone = source.availability_zone or ""
        sits = f"host {host} is in availability zone {zone} ({named_aggregates(sources)})"
        if owner is None or len(self.observed.zone_aggregates(host)) > 1:
            self.refuse_elsewhere(host, sits, sources)
            return
        if owner.name in self.options.refused:
            self.refuse("depends", f"{sits}: moving it needs zone {owner.name}, which is refused.")
            return
        if owner.name not in self.options.only:
            limit = ",".join([*self.options.only, owner.name])
            self.refuse(
                "limit",
                f"{sits}: moving it also changes zone {owner.name}, which is outside this run's limit. Use --limit {limit}.",
            )
            return
        if "host_moves" not in self.options.allow:
            self.refuse("host_moves", f"{sits}, but the map has it in {self.zone.availability_zone}.")
        self.refuse_all(self.guards.leaving(host, zone))
        found = self.observed.hosts[host]
        self.note_interrupted(host)
        running = found.enabled and found.state == "up"
        active = self.zone.zone_state == "active"
        reason = mark(owner.name, self.zone.name) if running else None
        enable = active and (running or (is_on_its_way(found) and found.state == "up"))
        # By the name that it has once this run has renamed it.
        left = owner.compute.aggregate if owner.compute else source.name
        self.moves.append(MoveHost(self.zone.name, self.name, host, left, owner.name, reason, enable))

    def refuse_elsewhere(self, host: str, sits: str, sources: Sequence[Aggregate]) -> None:
        """The reason and the way out once for all hosts of a place: a zone that is renamed has many."""
        why = (
            f"{sits.removeprefix(f'host {host}')}, through an aggregate outside the map: "
            f"such aggregates are never changed. {self.way_out(sources)}"
        )
        again = any(refusal.rule == "host_elsewhere" and refusal.message.endswith(why) for refusal in self.refusals)
        self.refuse("host_elsewhere", f"{sits}, too." if again else f"host {host}{why}")

    def way_out(self, sources: Sequence[Aggregate]) -> str:
        """What to do about a host that aggregates outside the map hold. With a new availability zone a zone file names a new aggregate by default."""
        new = any(isinstance(change, CreateAggregate) for change in self.first)
        old = [source.name for source in sources if source.name not in aggregate_names(self.wanted)]
        if not new or not old:
            return "Remove it there first."
        return (
            f"If that is zone {self.zone.name} under its former name, keep its aggregate: set compute.aggregate to {' or '.join(old)} in the zone file; "
            "otherwise remove the host there first."
        )

    def plan_removals(self, aggregate: Aggregate, surplus: list[str]) -> None:
        if len(surplus) > self.options.max_removed_hosts:
            self.refuse(
                "max_removed_hosts",
                f"purge_hosts would remove {len(surplus)} hosts from zone {self.zone.availability_zone} ({', '.join(sorted(surplus))}), "
                f"max_removed_hosts is {self.options.max_removed_hosts}. Raise zoneops_max_removed_hosts (option max_removed_hosts) if this is intended.",
            )
        # With the zone that it has by then.
        by_then = replace(aggregate, availability_zone=self.zone.availability_zone)
        for host in surplus:
            self.last.extend(self.removal(by_then, host))

    def plan_mirror(self, aggregate: Aggregate) -> None:
        """Hosts that join or leave in this run are mirrored by nova itself."""
        drift = drift_of(self.observed, aggregate)
        for provider in sorted((*drift.missing, *drift.surplus)):
            member = provider in drift.missing
            (host,) = hosts_of(self.observed, [provider])[:1] or [""]
            self.first.append(MirrorProvider(self.zone.name, self.name, aggregate.uuid or "", provider, member, host))
        if drift.unseen:
            hosts = ", ".join(drift.unseen)
            self.note(
                f"nova lists no hypervisor of {hosts}: it is unknown whether placement mirrors aggregate {self.name} there."
            )

    def note_drift(self, aggregate: Aggregate) -> None:
        """Where placement was looked at and is not to be mended."""
        drift = drift_of(self.observed, aggregate)
        missing = hosts_of(self.observed, drift.missing)
        surplus = hosts_of(self.observed, drift.surplus)
        if missing:
            self.note(
                f"placement does not mirror aggregate {self.name} on {', '.join(missing)}: servers of availability zone "
                f"{self.zone.availability_zone} cannot be scheduled there. {REPAIR}",
                wrong=True,
                owed=self.observed.owed,
            )
        if surplus:
            self.note(
                f"placement still lists {', '.join(surplus)} in aggregate {self.name}: servers of availability zone "
                f"{self.zone.availability_zone} may be scheduled there. {REPAIR}",
                wrong=True,
                owed=self.observed.owed,
            )
