# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Kubernetes Secrets that the zone map names and others make, each with what it is for. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..._zones.schema.common import Options, SecretRef, Sections
from ..._zones.schema.control_plane import RegionServices, ZoneServices
from ..._zones.schema.zone_map import BackupTarget, Ceph, ImageStore, ShareBackend, VolumeBackend, Zone, ZoneMap
from ..spec.data_plane import cell_secret


def secrets_of_region(zone_map: ZoneMap) -> dict[str, str]:
    """Those that all zones share."""
    region, services = zone_map.region, zone_map.region.kubernetes.services
    found: dict[str, str] = {}
    if services.ceph_files_secret:
        found[services.ceph_files_secret] = "Ceph clusters of all zones"
    found |= {mount.secret: f"files that are mounted at {mount.path}" for mount in services.mounts if mount.secret}
    for what, sections in _free(services):
        found |= dict.fromkeys(_of_sections(sections), f"configuration of {what}")
    found |= dict.fromkeys(services.glance.config_secrets, "configuration of the glance API for all")
    if region.backup and region.backup.target:
        found |= dict.fromkeys(_of(region.backup.target), "backup target")
    if any(zone.data_plane for zone in zone_map.zones.values()):
        found[region.data_plane.ssh_key] = "Ansible's SSH key"
        found[region.data_plane.migration_key] = "SSH key of live migrations"
        found[region.data_plane.ca_bundle] = "certificates of the authorities"
    return found


def secrets_of_zone(zone: Zone) -> dict[str, str]:
    """Those of one zone."""
    found: dict[str, str] = {}
    for what, item in _parts(zone):
        found |= dict.fromkeys(_of(item), what)
    for what, sections in _free_of_zone(zone.kubernetes.services) if zone.kubernetes else ():
        found |= dict.fromkeys(_of_sections(sections), f"configuration of the zone's {what}")
    plane = zone.data_plane
    if plane:
        found[cell_secret(plane)] = f"nova's configuration of cell {plane.cell}"
        found |= dict.fromkeys(plane.ansible_vars_secrets, "variables of Ansible")
        for networkers in plane.networkers:
            found |= dict.fromkeys(networkers.ansible_vars_secrets, "variables of Ansible")
    return found


def _free(services: RegionServices) -> Iterator[tuple[str, Sections]]:
    """Configuration that the map adds for a service of all zones."""
    yield "the glance API for all", services.glance.config
    yield "cinder", services.cinder.config
    yield "manila's API", services.manila.config
    yield "nova's API", services.nova.api_config
    yield "nova's scheduler", services.nova.scheduler_config


def _free_of_zone(services: ZoneServices) -> Iterator[tuple[str, Sections]]:
    yield "glance API", services.glance_config
    yield "volume services", services.volume_config
    yield "share services", services.share_config


def _of_sections(sections: Sections) -> Iterator[str]:
    for options in sections.values():
        yield from _referred(options)


def _referred(options: Options) -> Iterator[str]:
    return (value.secret for value in options.values() if isinstance(value, SecretRef))


def _parts(zone: Zone) -> Iterator[tuple[str, ImageStore | VolumeBackend | ShareBackend | BackupTarget | Ceph]]:
    if zone.ceph:
        yield "the zone's Ceph cluster", zone.ceph
    if zone.image_store:
        yield "image store", zone.image_store
    yield from ((f"volume back end {item.name}", item) for item in zone.volume_backends)
    yield from ((f"share back end {item.name}", item) for item in zone.share_backends)
    if zone.backup:
        yield "backup target", zone.backup


def _of(item: ImageStore | VolumeBackend | ShareBackend | BackupTarget | Ceph) -> Iterator[str]:
    if isinstance(item, Ceph):
        yield from (item.files_secret,) if item.files_secret else ()
        return
    yield from item.config_secrets
    yield from _referred(item.options)
    if item.ceph and item.ceph.files_secret:
        yield item.ceph.files_secret
