# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of what the control plane object says of the services: what its webhooks let pass, or refuse without telling where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..._plan.text.near import nearest
from ..errors import Problem, show
from ..schema.control_plane import FIRST_WITH_BACKUPS, RELEASES

if TYPE_CHECKING:
    from ..schema.control_plane import RegionServices
    from ..schema.kubernetes import ZoneKubernetes
    from ..schema.zone_map import Region, Zone, ZoneMap

SERVICES = "kubernetes.services"
MOST_PODS = 32
TRUE = ("true", "1", "yes", "on")
OPERATORS = "operators of RHOSO 18.0-fr6"
ARTICLE = "distributed zones: placement of the services"


def broken_services(zone_map: ZoneMap) -> Iterator[Problem]:
    """What is wrong with the services of the Kubernetes side; nothing where no zone has one."""
    zones = [zone for zone in zone_map.zones.values() if zone.kubernetes]
    if not zones:
        return
    region, services = zone_map.region, zone_map.region.kubernetes.services
    yield from _named_zones(region, services, zone_map)
    yield from _numbers(services)
    yield from _nova(services)
    yield from _glance(region, services)
    yield from _backups(region, services, zones)
    for zone in zones:
        if zone.kubernetes:
            yield from _zone(zone, zone.kubernetes, zone_map)
    yield from _memcached(services, zones)


def _problem(zone: Zone | None, path: str, value: object, rule: str, source: str = "") -> Problem:
    return Problem(zone.name if zone else "", path, show(value, path) if value is not None else "", rule, source)


def _named_zones(region: Region, services: RegionServices, zone_map: ZoneMap) -> Iterator[Problem]:
    for path, name in (
        (f"{SERVICES}.default_zone", services.default_zone),
        (f"{SERVICES}.nova.default_schedule_zone", services.nova.default_schedule_zone),
    ):
        if name is not None and name not in region.zones:
            rule = f"is not a zone of the region{nearest(name, region.zones)}; name one of them"
            yield _problem(None, path, name, rule)
    first = zone_map.zones.get(services.default_zone or "")
    if first is not None and first.kubernetes is None:
        rule = "has no Kubernetes side, so it has no store and no availability zone there; name another"
        yield _problem(None, f"{SERVICES}.default_zone", first.name, rule)


def _numbers(services: RegionServices) -> Iterator[Problem]:
    glance, cinder, manila, memcached = services.glance, services.cinder, services.manila, services.memcached
    for path, number in (
        ("glance.replicas", glance.replicas),
        ("glance.zone_replicas", glance.zone_replicas),
        ("cinder.api_replicas", cinder.api_replicas),
        ("cinder.scheduler_replicas", cinder.scheduler_replicas),
        ("cinder.backup_replicas", cinder.backup_replicas),
        ("manila.api_replicas", manila.api_replicas),
        ("manila.scheduler_replicas", manila.scheduler_replicas),
        ("memcached.replicas", memcached.replicas),
        ("memcached.zone_replicas", memcached.zone_replicas),
    ):
        if not 1 <= number <= MOST_PODS:
            rule = f"has to be a number from 1 to {MOST_PODS}: without pods the service does not answer"
            yield _problem(None, f"{SERVICES}.{path}", number, rule, OPERATORS)
    if services.glance.api_timeout < 1:
        rule = "has to be at least 1; copies of images need minutes"
        yield _problem(None, f"{SERVICES}.glance.api_timeout", services.glance.api_timeout, rule, OPERATORS)
    if services.glance.store_connect_timeout < 1:
        rule = "has to be at least 1: without a limit the cluster of a lost zone blocks calls of all zones"
        yield _problem(None, f"{SERVICES}.glance.store_connect_timeout", 0, rule, ARTICLE)
    if services.quorum.replicas % 2 == 0:
        rule = "has to be odd: an even number survives no more failures than the odd number below it"
        yield _problem(None, f"{SERVICES}.quorum.replicas", services.quorum.replicas, rule, "galera")


def _nova(services: RegionServices) -> Iterator[Problem]:
    option = "query_placement_for_availability_zone"
    value = services.nova.scheduler_config.get("scheduler", {}).get(option)
    # Whatever else it is, a word in quotes or one from a Secret: it is off, or nova does not start.
    if value is not None and str(value).strip(" \"'").lower() not in TRUE:
        path = f"{SERVICES}.nova.scheduler_config.scheduler.{option}"
        rule = "is not true, so nova would not ask for the hosts of a zone; servers would be created in other zones: remove it"
        yield _problem(None, path, value, rule, "nova guide: availability zones")


def _glance(region: Region, services: RegionServices) -> Iterator[Problem]:
    if region.images and "copy-image" not in services.glance.import_methods:
        rule = "lacks copy-image, which brings `images` to the zones; add it"
        yield _problem(None, f"{SERVICES}.glance.import_methods", None, rule, "glance")


def _backups(region: Region, services: RegionServices, zones: Iterable[Zone]) -> Iterator[Problem]:
    backup = region.backup
    if backup is None:
        return
    if backup.mode == "per_zone" and RELEASES.index(services.release) < RELEASES.index(FIRST_WITH_BACKUPS):
        rule = f"needs {FIRST_WITH_BACKUPS}, and the release is {services.release}; set the mode zone or spread"
        yield _problem(None, "backup.mode", backup.mode, rule, "cinder-operator")
    first: dict[str, str] = {}
    for zone in zones:
        if zone.kubernetes is None or zone.backup is None:
            continue
        key = zone.backup.kubernetes_name or zone.kubernetes.name
        other = first.setdefault(key, zone.name)
        if other != zone.name:
            rule = f"is also that of zone {other}; keys of cinderBackups have to differ in the region"
            yield _problem(zone, "backup.kubernetes_name", key, rule)


def _zone(zone: Zone, kubernetes: ZoneKubernetes, zone_map: ZoneMap) -> Iterator[Problem]:
    region, services = zone_map.region, zone_map.region.kubernetes.services
    if kubernetes.name == services.glance.api:
        rule = f"is the key of the glance API for all (`{SERVICES}.glance.api` of the region); choose another"
        yield _problem(zone, "kubernetes.name", kubernetes.name, rule, OPERATORS)
    if zone.image_store and zone.image_store.type == "nfs":
        rule = "is a file store, which the glance API for all cannot have; choose rbd, cinder, s3 or swift"
        yield _problem(zone, "image_store.type", "nfs", rule, "glance-operator")
    yield from _connect_timeout(zone)
    for index, backend in enumerate(zone.share_backends):
        if backend is not None and backend.type == "cephfs_nfs" and backend.nfs_cluster is None:
            rule = "is missing; in RHOSO the share service finds its NFS-Ganesha by it (`ceph nfs cluster ls`)"
            yield _problem(zone, f"share_backends[{index}].nfs_cluster", None, rule, "manila-operator")
    for index, name in enumerate(kubernetes.services.other_stores):
        path = f"kubernetes.services.other_stores[{index}]"
        other = zone_map.zones.get(name)
        if name is None:
            continue
        if name == zone.name:
            yield _problem(zone, path, name, "is the zone itself, whose store it has anyway; remove it")
        elif name not in region.zones:
            yield _problem(zone, path, name, f"is not a zone of the region{nearest(name, region.zones)}; correct it")
        elif other is not None and (other.kubernetes is None or other.image_store is None):
            yield _problem(zone, path, name, "has no store in RHOSO; give that zone an `image_store`, or remove it")


def _connect_timeout(zone: Zone) -> Iterator[Problem]:
    """An option of one store goes before the region's `store_connect_timeout`."""
    option = "rados_connect_timeout"
    store = zone.image_store
    if store is None or store.type != "rbd" or option not in store.options:
        return
    value = store.options[option]
    text = str(value).strip(" \"'")
    if not text.isdigit() or int(text) < 1:
        rule = "has to be a number of seconds, at least 1: without a limit, a lost cluster of the zone blocks calls of all zones"
        yield _problem(zone, f"image_store.options.{option}", value, rule, ARTICLE)


def _memcached(services: RegionServices, zones: Iterable[Zone]) -> Iterator[Problem]:
    if not services.memcached.per_zone:
        return
    first = {"memcached": "the one for all"}
    for zone in zones:
        if zone.kubernetes is None:
            continue
        key = zone.kubernetes.services.memcached or f"memcached-{zone.kubernetes.name}"
        other = first.setdefault(key, f"that of zone {zone.name}")
        if other != f"that of zone {zone.name}":
            yield _problem(zone, "kubernetes.services.memcached", key, f"is also {other}; choose another")
