# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manila in the control plane object: what all zones share, and one share service for each back end. Pure."""

from __future__ import annotations

from typing import Any

from ...._zones.schema.kubernetes import ZoneKubernetes
from ...._zones.schema.zone_map import ShareBackend, Zone, ZoneMap
from ...ini import DEFAULT, Value
from ...names import attached, kubernetes_zones, load_balancer
from .ceph import conf_path
from .config import Config, Section

CEPHFS_DRIVER = "manila.share.drivers.cephfs.driver.CephFSDriver"


def shared(zone_map: ZoneMap) -> dict[str, Any]:
    """`spec.manila` of the region."""
    if not backends(zone_map):
        return {}
    region = zone_map.region.kubernetes
    services = region.services.manila
    api: dict[str, Any] = {
        "replicas": services.api_replicas,
        "networkAttachments": list(services.api_networks),
        **shared_config(zone_map).spec(),
    }
    if services.load_balancer_address:
        own = load_balancer(region.address_pool, services.load_balancer_address)
        api["override"] = {"service": {"internal": own}}
    scheduler = {"replicas": services.scheduler_replicas, **attached(services.scheduler_networks)}
    return {"enabled": True, "template": {"manilaAPI": api, "manilaScheduler": scheduler}}


def shared_config(zone_map: ZoneMap) -> Config:
    """Configuration of the API: it offers the zones that are listed here."""
    services = zone_map.region.kubernetes.services.manila
    found = backends(zone_map)
    zones = dict.fromkeys(zone.availability_zone for zone, _backend in found)
    fixed: dict[str, Value] = {"storage_availability_zone": ",".join(zones)}
    if services.default_share_type:
        fixed["default_share_type"] = services.default_share_type
    fixed["enabled_share_protocols"] = ",".join(protocols_of(*(backend for _zone, backend in found)))
    return Config((Section(DEFAULT, fixed),), services.config, "kubernetes.services.manila.config")


def of_zone(zone_map: ZoneMap, zone: Zone, kubernetes: ZoneKubernetes) -> dict[str, Any]:
    """`spec.manila` of a zone."""
    services = zone_map.region.kubernetes.services.manila
    shares = {
        backend.kubernetes_name or kubernetes.name: {
            "replicas": 1,
            "topologyRef": {"name": kubernetes.topology},
            "networkAttachments": list(kubernetes.services.share_networks or services.networks),
            **share_config(zone, kubernetes, index).spec(),
        }
        for index, backend in enumerate(zone.share_backends)
    }
    return {"template": {"manilaShares": shares}} if shares else {}


def share_config(zone: Zone, kubernetes: ZoneKubernetes, index: int) -> Config:
    """Configuration of one share service."""
    backend = zone.share_backends[index]
    general: dict[str, Value] = {
        "enabled_share_backends": backend.name,
        "enabled_share_protocols": ",".join(protocols_of(backend)),
    }
    fixed: dict[str, Value] = {
        "driver_handles_share_servers": backend.driver_handles_share_servers,
        "share_backend_name": backend.share_backend_name,
        "backend_availability_zone": zone.availability_zone,
        "share_driver": backend.driver or CEPHFS_DRIVER,
    }
    usual: dict[str, Value] = {}
    ceph = backend.ceph or zone.ceph
    if backend.type != "vendor" and ceph:
        fixed |= {
            "cephfs_conf_path": conf_path(ceph),
            "cephfs_cluster_name": ceph.name,
            "cephfs_auth_id": ceph.user,
            "cephfs_filesystem_name": backend.filesystem or "cephfs",
            "cephfs_protocol_helper_type": "NFS" if backend.type == "cephfs_nfs" else "CEPHFS",
        }
        usual = {"cephfs_volume_mode": "0755"}
        if backend.type == "cephfs_nfs":
            fixed |= {
                "cephfs_nfs_cluster_id": backend.nfs_cluster or "",
                "cephfs_ganesha_server_ip": backend.gateway or "",
            }
    path = f"share_backends[{index}].options"
    sections = (Section(DEFAULT, general), Section(backend.name, fixed, usual, backend.options, path))
    return Config(
        sections, kubernetes.services.share_config, "kubernetes.services.share_config", backend.config_secrets
    )


def backends(zone_map: ZoneMap) -> list[tuple[Zone, ShareBackend]]:
    zones = kubernetes_zones(zone_map).values()
    return [(zone, backend) for zone, _kubernetes in zones for backend in zone.share_backends]


def protocols_of(*backends: ShareBackend) -> list[str]:
    """As manila writes them."""
    return list(dict.fromkeys(name.lower() for backend in backends for name in backend.protocols))
