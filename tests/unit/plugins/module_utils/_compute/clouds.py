# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clouds and zone maps for tests, written shortly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Aggregate, Host, Observed, Server
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.options import Options
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.zones.plan import make_plan
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.change import Plan
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap

DEFAULT_ZONE = "nova"


def zone_map(**zones: str | Mapping[str, Any]) -> ZoneMap:
    """zone_map(az1="h1 h2") is a zone with two hosts; a mapping is a whole zone file."""
    files: dict[str, Any] = {
        name: {"compute": {"hosts": z.split()}} if isinstance(z, str) else z for name, z in zones.items()
    }
    return load_map(files, {"zones": list(zones)})


def zone_file(hosts: str = "", /, **properties: Any) -> dict[str, Any]:
    """A zone file; what belongs to the zone as a whole is taken out of `compute`."""
    whole: dict[str, Any] = {
        key: properties.pop(key) for key in ("zone_state", "availability_zone") if key in properties
    }
    return {**whole, "compute": {"hosts": hosts.split(), **properties}}


def aggregate(name: str, hosts: str = "", zone: str | None = "", /, **metadata: str) -> Aggregate:
    """An aggregate; its zone has its name unless told otherwise."""
    az = name if zone == "" else zone
    return Aggregate(name, az, metadata, tuple(hosts.split()), uuid=f"uuid-{name}")


def host(name: str, status: str = "enabled", state: str = "up", reason: str | None = None) -> Host:
    """A compute host. The zone that nova shows for it is filled in by `cloud`."""
    return Host(name, f"service-{name}", DEFAULT_ZONE, state, status if reason is None else "disabled", reason)


def server(name: str, on: str | None, pinned: str | None = None, status: str = "ACTIVE", zone: str = "") -> Server:
    return Server(f"id-{name}", name, "demo", on, status, zone, pinned)


def cloud(
    *aggregates: Aggregate,
    hosts: str = "",
    special: Iterable[Host] = (),
    servers: Iterable[Server] | None = (),
    **rest: Any,
) -> Observed:
    """A cloud whose hosts are those of its aggregates, some more by name, and some special ones."""
    numbered = tuple(
        Aggregate(a.name, a.availability_zone, a.metadata, a.hosts, number, a.uuid)
        for number, a in enumerate(aggregates, start=1)
    )
    names = dict.fromkeys([*(name for a in numbered for name in a.hosts), *hosts.split()])
    found = {name: host(name) for name in names} | {h.name: h for h in special}
    made = Observed(numbered, found, servers=None if servers is None else tuple(servers), **rest)
    return as_nova_shows(made)


def as_nova_shows(observed: Observed) -> Observed:
    """With the zone of each host as nova names it: its aggregate's, else the default one."""
    for found in list(observed.hosts.values()):
        zone = observed.zone_of(found.name) or DEFAULT_ZONE
        observed = observed.with_host(
            Host(found.name, found.service_id, zone, found.state, found.status, found.disabled_reason)
        )
    return observed


def options(*allow: str, only: Iterable[str] = ("az1", "az2"), **rest: Any) -> Options:
    return Options(only=tuple(only), allow=frozenset(allow), **rest)


def plan(wanted: ZoneMap, observed: Observed, *allow: str, **rest: Any) -> Plan[Any]:
    """The plan for all zones of the map."""
    return make_plan(wanted, observed, options(*allow, **{"only": tuple(wanted.zones), **rest}))


def texts(made: Plan[Any]) -> list[str]:
    return [change.text for change in made.changes]


def rules(made: Plan[Any]) -> set[tuple[str, str]]:
    """Zone and rule of every refusal."""
    return {(refusal.zone, refusal.rule) for refusal in made.refusals}


def notes(made: Plan[Any]) -> list[str]:
    return [note.message for note in made.notes]
