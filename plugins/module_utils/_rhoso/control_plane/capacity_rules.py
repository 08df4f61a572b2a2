# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""More pods of a service than its Topology has room for: they would wait for ever, and an ordered roll-out with them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..._plan.text.listing import first
from ..._zones.schema.zone_map import ZoneMap
from ..spec.control_plane import region_spec, zone_spec
from ..status.service_objects import pieces
from .capacity import Room, room

SERVICES = "kubernetes.services"
# What to set of the region, by kind: for a zone's own service, and for what zones share.
OF_ZONE = {
    "GlanceAPI": "glance.zone_replicas",
    "CinderBackup": "cinder.backup_replicas",
    "Memcached": "memcached.zone_replicas",
}
SHARED = {
    "GlanceAPI": "glance.replicas",
    "CinderAPI": "cinder.api_replicas",
    "CinderScheduler": "cinder.scheduler_replicas",
    "CinderBackup": "cinder.backup_replicas",
    "ManilaAPI": "manila.api_replicas",
    "ManilaScheduler": "manila.scheduler_replicas",
    "Memcached": "memcached.replicas",
}
Body = Mapping[str, Any]
SHOWN = 6


def crowded(
    zone_map: ZoneMap, zone: str | None, topologies: Mapping[str, Body], nodes: Iterable[Body]
) -> Iterator[str]:
    """A message for each service of a zone that its Topology has no room for.

    :param zone: None for what zones share.
    :param topologies: the objects as they are, by name.
    """
    region = zone_map.region.kubernetes
    nodes = list(nodes)
    rooms = {name: room(body.get("spec") or {}, nodes) for name, body in topologies.items()}
    spec, options = (region_spec(zone_map), SHARED) if zone is None else (zone_spec(zone_map, zone), OF_ZONE)
    for piece in pieces(spec):
        what = f"{piece}, which the zones share," if zone is None else f"{piece} of zone {zone}"
        name = piece.topology or region.spread_topology
        yield from _refused(what, piece.replicas, name, rooms, options.get(piece.kind, ""))
    quorum = region.services.quorum
    members = [*quorum.databases, *quorum.message_buses, *quorum.network_databases]
    if zone is None and members:
        what = f"each of {', '.join(members)}"
        yield from _refused(what, quorum.replicas, region.quorum_topology, rooms, "quorum.replicas")


def _refused(what: str, replicas: int, topology: str, rooms: Mapping[str, Room], option: str) -> Iterator[str]:
    found = rooms.get(topology)
    if found is None or found.most is None or replicas <= found.most:
        return
    counted = (
        f", because it counts {_listed(found.idle)}, whose taints keep pods away, as empty"
        if found.idle and found.takers
        else ""
    )
    steps = ["give the Topology nodeTaintsPolicy: Honor (role topologies)"] if counted else []
    if option and found.most:
        steps.append(f"set {SERVICES}.{option} of the region to at most {found.most}")
    steps = steps if found.takers else ["add workers, or label those that there are (role node_zones)"]
    yield (
        f"{what} would have {replicas} pods, and Topology {topology} has room for {found.most} of them on "
        f"{_listed(found.takers) or 'no worker'}{counted}: {', or '.join(steps)}."
    )


def _listed(names: tuple[str, ...]) -> str:
    return first(SHOWN, names, of=len(names))
