# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which servers leave a zone by shelve and unshelve, and which of them an earlier run left on their way. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from .._capacity.classify import CROSSES
from .._capacity.facts.servers import MAY_SHELVE, OFFLOADED
from .._capacity.model import Facts, Host, Workload
from .._capacity.named import is_named
from .._capacity.plan import Fate
from .._servers.model import SHELVE, Move
from .model import Crossing, Seen, Wanted
from .tags import ACTIVE, SHELVABLE, SHUTOFF, status_in, to_shelve, unfit, zone_in

# What nova does with a server from the first request to the last, but for the start of its guest.
TASKS = ("shelving", "unshelving", "spawning", "powering-off")


def shelve_tag(server: Workload, zones: Collection[str]) -> str:
    """The tag of a server that is on its way out of one of these zones; empty where it has none."""
    return next((tag for tag in server.tags if tag in to_shelve(zones)), "")


def why_not(server: Workload, zone: str, seen: Seen, wanted: Wanted) -> str:
    """What is missing for a server that is to be shelved, and unshelved in another zone; empty where nothing is."""
    if not seen.unshelves:
        return "it cannot be unshelved in another zone either (from 2.77 on)"
    if server.shape.local:
        return "it cannot be shelved to another zone, since it does not boot from a volume or has another disk that is none"
    if server.status not in SHELVABLE:
        return f"it cannot be shelved in status {server.status}, only in ACTIVE and SHUTOFF"
    if reason := unfit(zone, shelved=True):
        return f"it cannot be shelved to another zone, since {reason}"
    missing = [] if wanted.shelve else ["option 'shelve'"]
    if not (server.may_shelve or is_named(server, wanted.shelve_servers, seen.known)):
        missing.append(f"its owner's consent (metadata {MAY_SHELVE}=true, or option 'shelve_servers')")
    return f"to be shelved and unshelved in another zone it lacks {' and '.join(missing)}" if missing else ""


@dataclass(frozen=True)
class Shelved:
    """Servers that an earlier run shelved, or was about to.

    :ivar homeless: those that need room.
    :ivar placed: those on a host, which need none.
    """

    homeless: tuple[Workload, ...]
    placed: tuple[Workload, ...]


def shelved(seen: Seen, left: Collection[str]) -> Shelved:
    """All that were on their way out of these zones, wherever they are."""
    facts = seen.region.facts
    homeless: list[Workload] = []
    placed: list[Workload] = []
    for server in (*facts.offloaded, *facts.servers):
        tag = shelve_tag(server, left)
        if not tag:
            continue
        elsewhere = bool(server.host) and facts.hosts[server.host].zone != zone_in(tag)
        if (server.status == OFFLOADED or (server.task or "").startswith("shelving")) and not elsewhere:
            homeless.append(server)
        elif server.task:
            placed += [server] if server.task.startswith(TASKS) else []
        elif server.status == OFFLOADED or (server.status == ACTIVE and status_in(tag) == SHUTOFF):
            placed.append(server)
    return Shelved(tuple(homeless), tuple(placed))


def posed(
    facts: Facts, going: tuple[Workload, ...], homeless: Iterable[Workload], left: Collection[str]
) -> tuple[Facts, frozenset[str]]:
    """The region with the servers that are to go, and with shelved ones as if they were on hosts of the zones that they left; and those hosts."""
    there: list[Workload] = []
    hosts: dict[str, Host] = {}
    for server in homeless:
        zone = zone_in(shelve_tag(server, left))
        host = Host(f"no host of {zone}", zone, unusable="is none")
        hosts[host.name] = host
        there.append(replace(server, host=host.name, status=ACTIVE, task=None))
    # While a server is on no host its volumes are reserved.
    held = {volume for server in there for volume in server.volumes}
    volumes = facts.volumes and {
        number: replace(volume, status="in-use") if number in held else volume
        for number, volume in facts.volumes.items()
    }
    return replace(facts, hosts={**facts.hosts, **hosts}, servers=(*going, *there), volumes=volumes), frozenset(hosts)


def resumed(seen: Seen, found: Shelved, fates: Mapping[str, Fate], left: Collection[str]) -> Iterator[Crossing]:
    """What becomes of them: the rest of their way, or back to the zone that they left."""
    facts = seen.region.facts
    for server in (*found.homeless, *found.placed):
        tag, fate = shelve_tag(server, left), fates.get(server.id)
        target = (fate.target or "") if fate is not None and fate.outcome == CROSSES else ""
        if fate is None and facts.hosts[server.host].zone != zone_in(tag):
            target = server.host
        zone = facts.hosts[target].zone if target else ""
        move = Move(server.id, server.name, server.host or zone_in(tag), target, SHELVE, named=seen.names_host)
        yield Crossing(move, zone, tag, "" if target or fate is None else fate.reason)
