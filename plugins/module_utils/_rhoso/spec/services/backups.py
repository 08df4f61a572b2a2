# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cinder's backup services in the control plane object, by mode and by release. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...._zones.schema.control_plane import FIRST_WITH_BACKUPS, RELEASES
from ...._zones.schema.kubernetes import ZoneKubernetes
from ...._zones.schema.zone_map import BackupTarget, Zone, ZoneMap
from ...ini import DEFAULT, Value
from ...names import default_zone
from .ceph import conf_path
from .config import Config, Section

SPREAD_KEY = "spread"
DRIVERS = {
    "ceph": "cinder.backup.drivers.ceph.CephBackupDriver",
    "nfs": "cinder.backup.drivers.nfs.NFSBackupDriver",
    "s3": "cinder.backup.drivers.s3.S3BackupDriver",
    "swift": "cinder.backup.drivers.swift.SwiftBackupDriver",
}
MOUNT_FOLDER = "/var/lib/cinder/backup"


def has_map(zone_map: ZoneMap) -> bool:
    """Whether the release has more than the one backup service."""
    release = zone_map.region.kubernetes.services.release
    return RELEASES.index(release) >= RELEASES.index(FIRST_WITH_BACKUPS)


def is_wanted(zone_map: ZoneMap) -> bool:
    """Whether the map manages a backup service of RHOSO."""
    return _host(zone_map) is not None or bool(_zones_with_target(zone_map))


def shared(zone_map: ZoneMap) -> dict[str, Any]:
    """`spec.cinder` of the region, backups only."""
    backup = zone_map.region.backup
    if backup is None or not is_wanted(zone_map):
        return {}
    host = _host(zone_map)
    if not has_map(zone_map):
        return {"template": {"cinderBackup": _service(zone_map, host)}} if host else {}
    # Left out it would be 1, and the webhook refuses both.
    template: dict[str, Any] = {"cinderBackup": {"replicas": 0}}
    if backup.mode == "spread" and host:
        template["cinderBackups"] = {key_of(backup.target, SPREAD_KEY): _service(zone_map, host)}
    return {"template": template}


def of_zone(zone_map: ZoneMap, zone: Zone, kubernetes: ZoneKubernetes) -> dict[str, Any]:
    """`spec.cinder` of a zone, backups only."""
    backup = zone_map.region.backup
    if backup is None or not has_map(zone_map):
        return {}
    hosted = backup.mode == "zone" and backup.zone == zone.name and backup.target is not None
    if not hosted and not (backup.mode == "per_zone" and zone.backup):
        return {}
    target = zone.backup if backup.mode == "per_zone" else backup.target
    key = key_of(target, kubernetes.name)
    return {"template": {"cinderBackups": {key: _service(zone_map, zone)}}}


def key_of(target: BackupTarget | None, usual: str) -> str:
    """Key of the service in the control plane object."""
    return (target.kubernetes_name if target else None) or usual


def config(zone_map: ZoneMap, zone: Zone) -> Config:
    """Configuration of the backup service that the zone hosts; for a target outside all zones, of the one for all."""
    backup = zone_map.region.backup
    own = backup is not None and backup.mode == "per_zone"
    target, path = (
        (zone.backup, "backup.options") if own else (backup.target if backup else None, "backup.target.options")
    )
    fixed: dict[str, Value] = {"storage_availability_zone": zone.availability_zone}
    usual: dict[str, Value] = {}
    if target is not None:
        fixed["backup_driver"] = target.driver or DRIVERS.get(target.type or "", "")
        ceph = target.ceph or zone.ceph
        if target.type == "ceph" and ceph:
            fixed |= {
                "backup_ceph_conf": conf_path(ceph),
                "backup_ceph_pool": target.pool or "backups",
                "backup_ceph_user": ceph.user,
            }
        elif target.type == "nfs":
            fixed["backup_share"] = f"{_in_brackets(target.address or '')}:{target.path}"
            usual["backup_mount_point_base"] = MOUNT_FOLDER
    options = target.options if target else {}
    return Config((Section(DEFAULT, fixed, usual, options, path),), secrets=target.config_secrets if target else ())


def reaches_ceph(zone_map: ZoneMap) -> bool:
    """Whether a backup service needs the files of Ceph."""
    backup = zone_map.region.backup
    if backup is None:
        return False
    targets: Iterable[BackupTarget | None] = (
        [zone.backup for zone in _zones_with_target(zone_map)] if backup.mode == "per_zone" else [backup.target]
    )
    return is_wanted(zone_map) and any(target is not None and target.type == "ceph" for target in targets)


def _service(zone_map: ZoneMap, zone: Zone) -> dict[str, Any]:
    """The topology is always said: backup services inherit none."""
    backup, region = zone_map.region.backup, zone_map.region.kubernetes
    spread = backup is not None and backup.mode == "spread"
    topology = region.spread_topology if spread or zone.kubernetes is None else zone.kubernetes.topology
    services = region.services.cinder
    own = () if spread or zone.kubernetes is None else zone.kubernetes.services.backup_networks
    return {
        "replicas": services.backup_replicas,
        "topologyRef": {"name": topology},
        "networkAttachments": list(own or services.backup_networks or services.networks),
        **config(zone_map, zone).spec(),
    }


def _host(zone_map: ZoneMap) -> Zone | None:
    """The zone that a single target belongs to: the one that hosts it, or the default one."""
    backup = zone_map.region.backup
    if backup is None or backup.target is None or backup.mode == "per_zone":
        return None
    zone = zone_map.zones[(backup.zone if backup.mode == "zone" else None) or default_zone(zone_map)]
    return zone if zone.kubernetes else None


def _zones_with_target(zone_map: ZoneMap) -> list[Zone]:
    backup = zone_map.region.backup
    if backup is None or backup.mode != "per_zone":
        return []
    return [zone for zone in zone_map.zones.values() if zone.kubernetes and zone.backup]


def _in_brackets(address: str) -> str:
    return f"[{address}]" if ":" in address else address
