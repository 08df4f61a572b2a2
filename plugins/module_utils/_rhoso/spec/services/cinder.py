# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cinder in the control plane object: what all zones share, and one volume service for each back end. Pure."""

from __future__ import annotations

from typing import Any

from ...._zones.schema.kubernetes import RegionKubernetes, ZoneKubernetes
from ...._zones.schema.zone_map import Zone, ZoneMap
from ...ini import DEFAULT, Value
from ...names import attached, default_zone, glance_endpoint, kubernetes_zones
from .ceph import conf_path
from .config import Config, Section

RBD_DRIVER = "cinder.volume.drivers.rbd.RBDDriver"


def shared(zone_map: ZoneMap) -> dict[str, Any]:
    """`spec.cinder` of the region, without backups."""
    zones = kubernetes_zones(zone_map)
    if not any(zone.volume_backends for zone, _kubernetes in zones.values()):
        return {}
    services = zone_map.region.kubernetes.services.cinder
    return {
        "template": {
            "cinderAPI": {"replicas": services.api_replicas, **attached(services.api_networks)},
            "cinderScheduler": {"replicas": services.scheduler_replicas, **attached(services.scheduler_networks)},
            **shared_config(zone_map).spec(),
        }
    }


def shared_config(zone_map: ZoneMap) -> Config:
    """Configuration of all services of cinder: without it a volume for which no zone is asked is in `nova`."""
    first = zone_map.zones[default_zone(zone_map)]
    services = zone_map.region.kubernetes.services.cinder
    section = Section(DEFAULT, {"storage_availability_zone": first.availability_zone})
    return Config((section,), services.config, "kubernetes.services.cinder.config")


def default_availability_zone(zone_map: ZoneMap) -> str | None:
    """Where volumes go that name no zone; None where the control plane is not of this map, since no API shows it."""
    return zone_map.zones[default_zone(zone_map)].availability_zone if shared(zone_map) else None


def of_zone(zone_map: ZoneMap, zone: Zone, kubernetes: ZoneKubernetes) -> dict[str, Any]:
    """`spec.cinder` of a zone, without backups."""
    region = zone_map.region.kubernetes
    volumes = {
        backend.kubernetes_name or kubernetes.name: {
            "replicas": 1,
            "topologyRef": {"name": kubernetes.topology},
            "networkAttachments": list(kubernetes.services.volume_networks or region.services.cinder.networks),
            **volume_config(region, zone, kubernetes, index).spec(),
        }
        for index, backend in enumerate(zone.volume_backends)
    }
    return {"template": {"cinderVolumes": volumes}} if volumes else {}


def volume_config(region: RegionKubernetes, zone: Zone, kubernetes: ZoneKubernetes, index: int) -> Config:
    """Configuration of one volume service. The operator makes `enabled_backends` of the section."""
    backend = zone.volume_backends[index]
    general: dict[str, Value] = {}
    if zone.image_store:
        general["glance_api_servers"] = glance_endpoint(region, kubernetes)
    fixed: dict[str, Value] = {
        "backend_availability_zone": zone.availability_zone,
        "volume_backend_name": backend.volume_backend_name,
        "volume_driver": backend.driver or RBD_DRIVER,
    }
    usual: dict[str, Value] = {}
    ceph = backend.ceph or zone.ceph
    if backend.type == "rbd" and ceph:
        fixed |= {
            "rbd_ceph_conf": conf_path(ceph),
            "rbd_user": ceph.user,
            "rbd_pool": backend.pool or "volumes",
            "rbd_secret_uuid": ceph.fsid,
            "rbd_cluster_name": ceph.name,
        }
        usual = {"rbd_flatten_volume_from_snapshot": False}
    path = f"volume_backends[{index}].options"
    sections = (Section(DEFAULT, general), Section(backend.name, fixed, usual, backend.options, path))
    return Config(
        sections, kubernetes.services.volume_config, "kubernetes.services.volume_config", backend.config_secrets
    )
