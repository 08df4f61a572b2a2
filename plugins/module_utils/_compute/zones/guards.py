# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What blocks a change, found before anything is written. Pure.

The rules are nova's, measured on nova 34: a host with instances neither joins nor leaves an availability zone (409), an aggregate whose hosts have
instances does not change its zone (400). What nova does not look at and a zone would lose all the same is looked at here: unconfirmed
resizes, builds in flight, servers without a host that are pinned to the zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..._plan.text.listing import first
from ..marks import of_ha_tool
from ..model import Aggregate, Observed, Server
from ..options import Options

SHOWN = 5


@dataclass(frozen=True)
class Obstacle:
    """One reason not to touch a zone; `rule` is the word of `allow` that lifts it, where one does."""

    rule: str
    message: str
    items: tuple[Mapping[str, Any], ...] = ()


class Guards:
    """The guards of one run."""

    def __init__(self, observed: Observed, options: Options) -> None:
        self.observed = observed
        self.options = options

    def leaving(self, host: str, zone: str) -> Iterator[Obstacle]:
        """What keeps a host in its availability zone."""
        found = self.observed.hosts.get(host)
        if found is not None and of_ha_tool(found):
            yield Obstacle(
                "ha_host",
                f"host {host} is disabled by an instance-HA tool or kept as its spare ({found.disabled_reason}): it is not removed "
                f"from zone {zone}. Release it there first.",
            )
        servers = self.observed.servers_on(host)
        if servers:
            yield Obstacle(
                "host_has_instances",
                f"host {host} cannot leave zone {zone} while it has {count(servers, 'instance')}: {listed(servers)}. Move them away first.",
                items(servers),
            )
        occupants = self.observed.occupants.get(host)
        if occupants is None:
            return
        if occupants.migrations and "unfinished_migrations" not in self.options.allow:
            shown = ", ".join(
                f"{entry['migration_type']} {entry['id']} of server {entry['instance_uuid']} ({entry['status']})"
                for entry in occupants.migrations
            )
            yield Obstacle(
                "unfinished_migrations",
                f"host {host} cannot leave zone {zone}: unfinished migrations from or to it: {shown}. {_way_out(occupants.migrations)}",
                occupants.migrations,
            )
        known = {server.id for server in servers}
        # The allocation of a migration is held under its own UUID or under the server's.
        known |= {entry[key] for entry in occupants.migrations for key in ("uuid", "instance_uuid")}
        # Before 2.59 no list shows a migration's UUID: then its allocation cannot be told from a stray one.
        told_apart = all(entry["uuid"] for entry in occupants.migrations)
        strays = [consumer for consumer in occupants.allocations if consumer not in known]
        if strays and told_apart and not servers and "stray_allocations" not in self.options.allow:
            yield Obstacle(
                "stray_allocations",
                f"host {host} cannot leave zone {zone}: placement still has allocations of {', '.join(strays)} on it (a build in progress, or a leftover). "
                "Wait for the build; check leftovers with 'nova-manage placement audit'.",
                tuple({"kind": "allocation", "consumer": consumer} for consumer in strays),
            )

    def zone_going(self, aggregate: Aggregate) -> Iterator[Obstacle]:
        """What keeps an availability zone alive, where this aggregate is the last that makes it."""
        zone = aggregate.availability_zone
        others = [
            other
            for other in self.observed.aggregates
            if other.availability_zone == zone and other.name != aggregate.name and other.hosts
        ]
        if zone is None or others or "pinned_servers" in self.options.allow:
            return
        pinned = self.observed.pinned_to(zone)
        if pinned:
            assumed = (
                ""
                if self.observed.pins_seen
                else " (assumed: this nova does not show pins, so every server of the zone and every one without a host counts)"
            )
            yield Obstacle(
                "pinned_servers",
                f"{count(pinned, 'server')} pinned to availability zone {zone}{assumed}: {listed(pinned)}. Without the zone the scheduler ignores the pin. "
                "Delete, move or unpin them first.",
                tuple(
                    {**item, "pin_source": "seen" if self.observed.pins_seen else "assumed"} for item in items(pinned)
                ),
            )


def _way_out(migrations: Iterable[Mapping[str, Any]]) -> str:
    """What ends the migrations. What was evacuated from a host only its own nova-compute removes there, when it starts."""
    evacuated = [entry for entry in migrations if (entry["migration_type"], entry["status"]) == ("evacuation", "done")]
    sources = ", ".join(sorted({str(entry["source_compute"]) for entry in evacuated}))
    found = (
        [f"Start nova-compute on {sources}: it removes the servers that were evacuated from there."]
        if evacuated
        else []
    )
    if len(evacuated) < len(tuple(migrations)):
        found.append(f"Confirm, revert or wait for {'the others' if evacuated else 'them'} first.")
    return " ".join(found)


def count(things: Iterable[Any], noun: str) -> str:
    number = len(tuple(things))
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(servers: tuple[Server, ...]) -> str:
    """The first servers by name, id, project, status and pin."""
    shown = (
        f"{server.name} ({server.id}, project {server.project_id}, {server.status}{f', pinned to {server.pinned}' if server.pinned else ''})"
        for server in servers
    )
    return first(SHOWN, shown, of=len(servers))


def items(servers: tuple[Server, ...]) -> tuple[Mapping[str, Any], ...]:
    return tuple(server.as_item() for server in servers)
