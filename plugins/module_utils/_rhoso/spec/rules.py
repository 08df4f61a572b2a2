# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the control plane that need what is built from the map: free options, files of Ceph, mounts. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..._zones.errors import MapError, Problem, show
from ..._zones.schema.zone_map import ZoneMap
from ..names import kubernetes_zones
from . import mounts, secrets
from .mounts_rules import broken_mounts
from .services import backups, cinder, glance, manila, nova
from .services.ceph import store_cluster, users
from .services.config import Config

SERVICES = "kubernetes.services"
MOUNTED = "lib-common: extraMounts"


def check(zone_map: ZoneMap) -> None:
    """Raises MapError with everything that must not be sent."""
    problems = list(broken(zone_map))
    if problems:
        raise MapError(problems)


def broken(zone_map: ZoneMap) -> Iterator[Problem]:
    """What is wrong, region first, then zone by zone."""
    if not kubernetes_zones(zone_map):
        return
    for zone, config in configs(zone_map):
        for path, rule in config.broken():
            yield Problem(zone, path, "", rule, "")
    yield from secrets.broken(zone_map)
    wrong_files = [*_files(zone_map), *_cluster_names(zone_map), *_keys(zone_map)]
    yield from wrong_files
    if not wrong_files:
        yield from broken_mounts(zone_map)


def configs(zone_map: ZoneMap) -> Iterator[tuple[str, Config]]:
    """Every configuration that is written, with the zone in whose file its options stand; empty for the region."""
    yield "", cinder.shared_config(zone_map)
    yield "", manila.shared_config(zone_map)
    yield "", nova.api_config(zone_map)
    yield "", nova.scheduler_config(zone_map)
    if glance.stores(zone_map):
        yield "", glance.default_config(zone_map)
    backup = zone_map.region.backup
    for name, (zone, kubernetes) in kubernetes_zones(zone_map).items():
        if zone.image_store:
            yield name, glance.zone_config(zone_map, zone, kubernetes)
        for index in range(len(zone.volume_backends)):
            yield name, cinder.volume_config(zone_map.region.kubernetes, zone, kubernetes, index)
        for index in range(len(zone.share_backends)):
            yield name, manila.share_config(zone, kubernetes, index)
        if backup and backup.mode == "per_zone" and zone.backup:
            yield name, backups.config(zone_map, zone)
        elif backup and backup.mode == "zone" and backup.zone == name:
            yield "", backups.config(zone_map, zone)


def _files(zone_map: ZoneMap) -> Iterator[Problem]:
    if mounts.wide_tokens(zone_map) and not zone_map.region.kubernetes.services.ceph_files_secret:
        rule = (
            "is missing; the glance API for all and the backup services reach every zone's cluster: name the Secret "
            "that holds the conf and keyring of all of them"
        )
        yield Problem("", f"{SERVICES}.ceph_files_secret", "", rule, MOUNTED)
    for name, (zone, kubernetes) in kubernetes_zones(zone_map).items():
        for path, _key, cluster in users(zone, kubernetes):
            if not cluster.files_secret:
                rule = f"is missing; {path} needs the cluster's conf and keyring: name the Secret that has them"
                where = "ceph" if cluster == zone.ceph else f"{path}.ceph"
                yield Problem(name, f"{where}.files_secret", "", rule, MOUNTED)


def _cluster_names(zone_map: ZoneMap) -> Iterator[Problem]:
    """All files lie in one folder, so two clusters of one name would be one."""
    first: dict[str, tuple[str, str]] = {}
    for name, (zone, kubernetes) in kubernetes_zones(zone_map).items():
        clusters = [cluster for _path, _key, cluster in users(zone, kubernetes)]
        for cluster in dict.fromkeys(clusters):
            fsid, other = first.setdefault(cluster.name, (cluster.fsid, name))
            if fsid != cluster.fsid:
                rule = f"is also the name of a cluster of zone {other}, and all files lie in /etc/ceph; choose another"
                yield Problem(name, "ceph.name", show(cluster.name), rule, MOUNTED)


def _keys(zone_map: ZoneMap) -> Iterator[Problem]:
    """A mount goes to every service of a key, whatever its kind and zone: it has to be the same cluster's files."""
    first: dict[str, tuple[str, str, str | None]] = {}
    for name, (zone, kubernetes) in kubernetes_zones(zone_map).items():
        for path, key, cluster in users(zone, kubernetes):
            other, place, secret = first.setdefault(key, (name, path, cluster.files_secret))
            if (other, secret) != (name, cluster.files_secret):
                rule = (
                    f"is also that of zone {other} ({place}), which has other files of Ceph; files are mounted by key, so "
                    "choose another"
                )
                yield Problem(name, f"{path}.kubernetes_name", show(key), rule, MOUNTED)
        for other in kubernetes.services.other_stores:
            if other in zone_map.zones and store_cluster(zone_map.zones[other]) and not store_cluster(zone):
                rule = (
                    f"has {other}, whose store is on Ceph, and this zone's glance API has no files of Ceph; remove it"
                )
                yield Problem(name, f"{SERVICES}.other_stores", "", rule, MOUNTED)
