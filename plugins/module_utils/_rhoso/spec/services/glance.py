# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Glance in the control plane object: the API for all with every zone's store, and the API of each zone. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...._zones.schema.kubernetes import RegionKubernetes, ZoneKubernetes
from ...._zones.schema.zone_map import ImageStore, Zone, ZoneMap
from ...ini import DEFAULT, Value
from ...names import POLICY_PATH, default_zone, kubernetes_zones, load_balancer
from .ceph import conf_path
from .config import Config, Section

# A cinder store signs in as glance itself: the operator fills these in.
CINDER_LOGIN: dict[str, Value] = {
    "cinder_store_auth_address": "{{ .KeystoneInternalURL }}",
    "cinder_store_user_name": "{{ .ServiceUser }}",
    "cinder_store_password": "{{ .ServicePassword }}",
    "cinder_store_project_name": "service",
    "cinder_catalog_info": "volumev3::internalURL",
}


def stores(zone_map: ZoneMap) -> dict[str, tuple[Zone, ImageStore]]:
    """The stores of the zones that have a Kubernetes side, by inventory name, in the region's order."""
    found = kubernetes_zones(zone_map)
    return {name: (zone, zone.image_store) for name, (zone, _kubernetes) in found.items() if zone.image_store}


def shared(zone_map: ZoneMap) -> dict[str, Any]:
    """`spec.glance` of the region. Every value that matters stands in the API itself: not all of them are inherited."""
    if not stores(zone_map):
        return {}
    services = zone_map.region.kubernetes.services.glance
    api = {
        "type": "split",
        "replicas": services.replicas,
        "apiTimeout": services.api_timeout,
        "networkAttachments": list(services.networks),
        **default_config(zone_map).spec(),
    }
    return {
        "template": {
            "keystoneEndpoint": services.api,
            "apiTimeout": services.api_timeout,
            "glanceAPIs": {services.api: api},
        }
    }


def of_zone(zone_map: ZoneMap, zone: Zone, kubernetes: ZoneKubernetes) -> dict[str, Any]:
    """`spec.glance` of a zone: its own API, which is never in the catalog."""
    if zone.image_store is None:
        return {}
    region = zone_map.region.kubernetes
    services = region.services.glance
    api = {
        # Left out it would be split, and can never be changed.
        "type": "edge",
        "replicas": services.zone_replicas,
        "apiTimeout": services.api_timeout,
        "topologyRef": {"name": kubernetes.topology},
        "networkAttachments": list(kubernetes.services.glance_networks or services.zone_networks or services.networks),
        **zone_config(zone_map, zone, kubernetes).spec(),
        "override": {"service": {"internal": _endpoint(region, kubernetes)}},
    }
    return {"template": {"glanceAPIs": {kubernetes.name: api}}}


def _endpoint(region: RegionKubernetes, kubernetes: ZoneKubernetes) -> dict[str, Any]:
    """Compute hosts find only Services of the type LoadBalancer by name."""
    made = load_balancer(region.address_pool, kubernetes.load_balancer_address)
    free = {key: value for key, value in kubernetes.services.annotations.items() if value is not None}
    made["metadata"]["annotations"] |= free
    if kubernetes.services.traffic_policy:
        made["spec"]["externalTrafficPolicy"] = kubernetes.services.traffic_policy
    return made


def default_config(zone_map: ZoneMap) -> Config:
    """Configuration of the API for all."""
    services = zone_map.region.kubernetes.services.glance
    found = stores(zone_map)
    first = default_zone(zone_map)
    return _config(
        zone_map,
        found,
        first if first in found else next(iter(found)),
        services.config,
        services.config_secrets,
        "kubernetes.services.glance.config",
    )


def zone_stores(zone_map: ZoneMap, zone: Zone, kubernetes: ZoneKubernetes) -> list[str]:
    """Inventory names of the zones whose stores a zone's API has, in the region's order."""
    return [name for name in stores(zone_map) if name == zone.name or name in kubernetes.services.other_stores]


def zone_config(zone_map: ZoneMap, zone: Zone, kubernetes: ZoneKubernetes) -> Config:
    """Configuration of a zone's API."""
    names = zone_stores(zone_map, zone, kubernetes)
    return _config(
        zone_map, names, zone.name, kubernetes.services.glance_config, (), "kubernetes.services.glance_config"
    )


def _config(
    zone_map: ZoneMap, names: Iterable[str], first: str, free: Any, secrets: tuple[str, ...], path: str
) -> Config:
    services = zone_map.region.kubernetes.services.glance
    found = {name: stores(zone_map)[name] for name in names}
    default: dict[str, Value] = {
        # On one line: the operator reads it to tell which kinds of stores there are.
        "enabled_backends": ",".join(f"{store.name}:{store.type}" for _zone, store in found.values()),
        "enabled_import_methods": f"[{','.join(services.import_methods)}]",
    }
    sections = [
        Section(DEFAULT, default),
        Section("glance_store", {"default_backend": found[first][1].name}),
        *(_store(zone, store, services.store_connect_timeout) for zone, store in found.values()),
    ]
    if services.copy_image_rule:
        sections.append(Section("oslo_policy", {"policy_file": POLICY_PATH}))
    owned = [secret for _zone, store in found.values() for secret in store.config_secrets]
    return Config(tuple(sections), free, path, (*secrets, *owned))


def _store(zone: Zone, store: ImageStore, timeout: int) -> Section:
    fixed: dict[str, Value] = {}
    usual: dict[str, Value] = {}
    ceph = store.ceph or zone.ceph
    if store.type == "rbd" and ceph:
        fixed = {
            "rbd_store_ceph_conf": conf_path(ceph),
            "rbd_store_pool": store.pool or "images",
            "rbd_store_user": ceph.user,
        }
        usual = {"rbd_thin_provisioning": True, "rados_connect_timeout": timeout}
    elif store.type == "cinder":
        fixed = {**CINDER_LOGIN, "cinder_volume_type": store.volume_type or ""}
    described: dict[str, Value] = {"store_description": store.description or f"{zone.name} {store.type} store"}
    return Section(store.name, {**described, **fixed}, usual, store.options, "image_store.options")
