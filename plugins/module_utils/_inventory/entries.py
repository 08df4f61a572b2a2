# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cloud has, as hosts of an inventory: their variables, states and groups. Pure, and plain data, so that a cache can keep it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from .._compute.model import Host, Observed
from .._plan.errors import ZoneopsError
from .._servers.maintenance.marks import mark_of

COMPUTE_HOSTS, SERVERS, ZONES = "compute_hosts", "servers", "zones"
UP, DOWN, DEGRADED = "up", "down", "degraded"
DISABLED, FORCED_DOWN, MAINTENANCE = "disabled", "forced_down", "maintenance"
#: The states that each kind of host can have. Those of servers are nova's statuses, in lower case.
STATES: Mapping[str, tuple[str, ...]] = {
    COMPUTE_HOSTS: (UP, DOWN, DISABLED, FORCED_DOWN, MAINTENANCE),
    ZONES: (UP, DEGRADED, DOWN),
    SERVERS: (
        *("active", "build", "error", "hard_reboot", "migrating", "password", "paused", "reboot", "rebuild", "rescue"),
        *("resize", "revert_resize", "shelved", "shelved_offloaded", "shutoff", "suspended", "verify_resize"),
    ),
}
ZONE_GROUP, AGGREGATE_GROUP, STATE_GROUP = "az_", "aggregate_", "state_"
# Deleted servers that nova keeps for a while.
_DELETED = {"deleted", "soft_deleted"}
# A user names a server: a name may neither be a template nor a pattern of hosts, and these are the controller itself, or a group.
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?")
_RESERVED = {"all", "ungrouped"}
_CONTROLLER = re.compile(r"(?:ip6-)?(?:localhost|loopback)\d*(?:\..*)?")
# Of IPv4, also as C libraries read it: 0x7f000001 and 127.1 are 127.0.0.1.
_ADDRESS = re.compile(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+))*")

Entry = Mapping[str, Any]


def compute_hosts(observed: Observed) -> list[Entry]:
    """One host for each nova-compute."""
    return [_compute_host(host, observed) for _name, host in sorted(observed.hosts.items())]


def _compute_host(host: Host, observed: Observed) -> Entry:
    mark = mark_of(host)
    states = [host.state if host.state == UP else DOWN]
    states += [DISABLED] * (not host.enabled) + [FORCED_DOWN] * host.forced_down + [MAINTENANCE] * (mark is not None)
    variables = {
        "name": host.name,
        "service_id": host.service_id,
        "state": host.state,
        "status": host.status,
        "disabled_reason": host.disabled_reason,
        "forced_down": host.forced_down,
        "maintenance": None if mark is None else {"phase": mark.phase, "reason": mark.reason, "of_zone": mark.zone},
    }
    return _entry(host.name, variables, states, observed.zone_of(host.name), _aggregates(observed, host.name))


def zones(observed: Observed) -> list[Entry]:
    """One host for each availability zone that an aggregate has, also without compute hosts."""
    aggregates: dict[str, list[str]] = defaultdict(list)
    for aggregate in observed.aggregates:
        if aggregate.availability_zone:
            aggregates[aggregate.availability_zone].append(aggregate.name)
    return [_zone(name, sorted(names), observed) for name, names in sorted(aggregates.items())]


def _zone(name: str, aggregates: list[str], observed: Observed) -> Entry:
    hosts = [host for _name, host in sorted(observed.hosts.items()) if observed.zone_of(host.name) == name]
    serving = [host.name for host in hosts if host.enabled and host.state == UP]
    state = DOWN if not serving else UP if len(serving) == len(hosts) else DEGRADED
    variables = {"name": name, "state": state, "hosts": [host.name for host in hosts], "serving_hosts": serving}
    return _entry(name, variables, [state], name, aggregates)


def servers(listed: Iterable[Mapping[str, Any]], observed: Observed) -> list[Entry]:
    """One host for each server of all projects, under its name where that is its own and harmless, else under its id."""
    found = sorted(
        (server for server in listed if _status(server) not in _DELETED),
        key=lambda server: (str(server.get("name")), str(server["id"])),
    )
    often = Counter(str(server.get("name")) for server in found)
    # What other hosts of an inventory are called: another server by its id, or with another file of this plugin hosts and zones.
    others = {str(server["id"]) for server in found} | set(observed.hosts)
    others |= {aggregate.availability_zone for aggregate in observed.aggregates if aggregate.availability_zone}
    return [_server(server, often, others, observed) for server in found]


def _server(server: Mapping[str, Any], often: Mapping[str, int], others: Collection[str], observed: Observed) -> Entry:
    host, given = server.get("OS-EXT-SRV-ATTR:host"), str(server.get("name") or "")
    variables = {
        "name": given,
        "id": server["id"],
        "project_id": server.get("tenant_id"),
        "status": server.get("status"),
        "host": host,
        "pinned_availability_zone": server.get("pinned_availability_zone"),
        "addresses": server.get("addresses") or {},
        "flavor": (server.get("flavor") or {}).get("original_name"),
        "image_id": (server.get("image") or {}).get("id"),
        "key_name": server.get("key_name"),
        "metadata": server.get("metadata") or {},
        "tags": server.get("tags") or [],
    }
    own = often[given] == 1 and given not in others and _is_harmless(given)
    name = given if own else str(server["id"])
    zone = server.get("OS-EXT-AZ:availability_zone") or None
    return _entry(name, variables, [_status(server)], zone, _aggregates(observed, str(host)) if host else [])


def _is_harmless(name: str) -> bool:
    small = name.lower()
    return bool(
        _NAME.fullmatch(name)
        and small not in _RESERVED
        and not small.startswith((ZONE_GROUP, AGGREGATE_GROUP, STATE_GROUP))
        and not _CONTROLLER.fullmatch(small)
        and not _ADDRESS.fullmatch(small)
    )


def _status(server: Mapping[str, Any]) -> str:
    return str(server.get("status") or "unknown").lower()


def _aggregates(observed: Observed, host: str) -> list[str]:
    return sorted(aggregate.name for aggregate in observed.aggregates if host in aggregate.hosts)


def _entry(
    name: str, variables: Mapping[str, Any], states: Sequence[str], zone: str | None, aggregates: Sequence[str]
) -> Entry:
    return {
        "name": name,
        "states": list(states),
        "variables": {**variables, "availability_zone": zone, "aggregates": list(aggregates)},
    }


def chosen(
    entries: Sequence[Entry],
    *,
    kind: str,
    states: Collection[str] = (),
    zones: Collection[str] = (),
    allow_empty: bool = False,
) -> list[Entry]:
    """Those in one of the states and one of the availability zones; in any where none is named.

    Raises ZoneopsError for a state that this kind cannot have, for a zone in which there is nothing, and, unless that is allowed, where nothing is left.
    """
    what = kind.replace("_", " ")
    if unknown := sorted(set(states) - set(STATES[kind])):
        raise ZoneopsError(
            f"option 'states' has {', '.join(unknown)}, which {what} never are: choose from {', '.join(STATES[kind])}."
        )
    there = {entry["variables"]["availability_zone"] for entry in entries}
    if missing := sorted(set(zones) - there):
        others = ", ".join(sorted(str(zone) for zone in there if zone)) or "none"
        raise ZoneopsError(
            f"option 'availability_zones' has {', '.join(missing)}, where nova lists no {what}: it lists some in {others}."
        )
    in_zones = [entry for entry in entries if not zones or entry["variables"]["availability_zone"] in zones]
    found = [entry for entry in in_zones if not states or set(states) & set(entry["states"])]
    if not found and not allow_empty:
        often = Counter(state for entry in in_zones for state in entry["states"])
        where = f" in {', '.join(sorted(zones))}" if zones else ""
        raise ZoneopsError(
            f"option 'states' leaves nothing: no {what}{where} are {' or '.join(sorted(states))}, of {len(in_zones)} there are "
            f"{', '.join(f'{number} {state}' for state, number in sorted(often.items()))}. An empty inventory would let every play pass without "
            "doing anything: correct 'states', or set 'allow_empty' to true where nothing to do is no error."
        )
    return found


def groups(entry: Entry) -> Iterator[str]:
    """The names of its groups, as the cloud spells them."""
    zone = entry["variables"]["availability_zone"]
    if zone:
        yield f"{ZONE_GROUP}{zone}"
    yield from (f"{AGGREGATE_GROUP}{name}" for name in entry["variables"]["aggregates"])
    yield from (f"{STATE_GROUP}{state}" for state in entry["states"])
