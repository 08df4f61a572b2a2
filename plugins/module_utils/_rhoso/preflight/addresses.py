# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the load balancer addresses of the map are in their pool and free, and whether the pool has one for each zone without. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..._zones.schema.kubernetes import ZoneKubernetes
from ..._zones.schema.zone_map import Zone, ZoneMap
from ..names import GLANCE_PORT, MANILA_PORT, MANILA_SERVICE, glance_service
from ..pod_placement.zone_endpoint import addresses, ports
from ..spec.services.manila import backends
from ..status.pods import Body
from .observed import Cluster, Found, ends, within

# Services may share an address where all of them have the same key, and no port twice.
SHARING = ("metallb.universe.tf/allow-shared-ip", "metallb.io/allow-shared-ip")


def of_region(zone_map: ZoneMap, found: Cluster) -> Found:
    """The pool itself, and the address of manila's API."""
    wanted = zone_map.region.kubernetes.address_pool
    if "IPAddressPool" in found.lists and _pool(zone_map, found) is None:
        known = ", ".join(sorted(item["metadata"]["name"] for item in found.all("IPAddressPool")))
        yield "no_pool", f"there is no IPAddressPool {wanted}; there {'are ' + known if known else 'is none'}."
    address = zone_map.region.kubernetes.services.manila.load_balancer_address
    if address and backends(zone_map):
        yield from _address(zone_map, found, address, MANILA_SERVICE, MANILA_PORT)


def of_zone(zone_map: ZoneMap, zone: Zone, place: ZoneKubernetes, found: Cluster) -> Found:
    """The address of the zone's glance."""
    if zone.image_store is None:
        return
    if place.load_balancer_address:
        yield from _address(zone_map, found, place.load_balancer_address, glance_service(place), GLANCE_PORT)
        return
    pool = _pool(zone_map, found)
    waiting = list(_without_address(zone_map, found))
    if pool is None or zone.name not in waiting:
        return
    free = _free(zone_map, found, pool)
    if free < len(waiting):
        message = f"IPAddressPool {pool['metadata']['name']} has {free} free addresses for port {GLANCE_PORT}"
        yield "no_free_address", f"{message}, and {len(waiting)} zones need one ({', '.join(waiting)}): widen it."


def _address(zone_map: ZoneMap, found: Cluster, address: str, own: str, port: int) -> Found:
    pool = _pool(zone_map, found)
    if pool is not None and not any(within(address, one) for one in _ranges(pool)):
        shown = f"IPAddressPool {pool['metadata']['name']} ({', '.join(_ranges(pool))})"
        yield "address_not_in_pool", f"address {address} is not in {shown}."
    for service in found.all("Service"):
        if not _is(zone_map, service, own) and address in addresses(service):
            why = _kept_from_sharing(zone_map, service, port)
            if why:
                yield "address_taken", f"address {address} has Service {_called(zone_map, service)} {why} already."


def _kept_from_sharing(zone_map: ZoneMap, service: Body, port: int) -> str:
    """Why another Service cannot have the address as well; empty where it can."""
    if port in ports(service):
        return f"on port {port}"
    annotations = service["metadata"].get("annotations") or {}
    shares_it = any(annotations.get(key) == zone_map.region.kubernetes.address_pool for key in SHARING)
    return "" if shares_it else "for itself (it has no allow-shared-ip of the pool)"


def _without_address(zone_map: ZoneMap, found: Cluster) -> Iterator[str]:
    """Zones whose glance gets one from the pool, and has none yet."""
    for zone in zone_map.zones.values():
        place = zone.kubernetes
        if place and zone.image_store and not place.load_balancer_address:
            mine = [service for service in found.all("Service") if _is(zone_map, service, glance_service(place))]
            if not any(addresses(service) for service in mine):
                yield zone.name


def _free(zone_map: ZoneMap, found: Cluster, pool: Body) -> int:
    """How many addresses of the pool a further glance can get. Pools may be huge, so they are counted and not listed."""
    places = [zone.kubernetes for zone in zone_map.zones.values() if zone.kubernetes and zone.image_store]
    taken = {place.load_balancer_address for place in places if place.load_balancer_address}
    for service in found.all("Service"):
        if _kept_from_sharing(zone_map, service, GLANCE_PORT):
            taken.update(addresses(service))
    ranges = _ranges(pool)
    size = sum(int(last) - int(first) + 1 for first, last in map(ends, ranges))
    return size - sum(any(within(address, one) for one in ranges) for address in taken)


def _pool(zone_map: ZoneMap, found: Cluster) -> Body | None:
    name = zone_map.region.kubernetes.address_pool
    return next((item for item in found.all("IPAddressPool") if item["metadata"]["name"] == name), None)


def _ranges(pool: Body) -> list[str]:
    return [str(one) for one in (pool.get("spec") or {}).get("addresses") or ()]


def _is(zone_map: ZoneMap, service: Body, name: str) -> bool:
    space = zone_map.region.kubernetes.namespace
    return bool(service["metadata"]["name"] == name and service["metadata"].get("namespace", space) == space)


def _called(zone_map: ZoneMap, service: Body) -> str:
    space = service["metadata"].get("namespace", zone_map.region.kubernetes.namespace)
    name = str(service["metadata"]["name"])
    return name if space == zone_map.region.kubernetes.namespace else f"{space}/{name}"
