# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How things are called in RHOSO: the field managers of this collection, and what the operators make of a zone. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._zones.schema.kubernetes import RegionKubernetes, ZoneKubernetes
from .._zones.schema.zone_map import Zone, ZoneMap

ZONE_LABEL = "topology.kubernetes.io/zone"
#: The key of the taint of a node that is known to be off: its pods are given up.
OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"
GLANCE_PORT = 9292
MANILA_PORT, MANILA_SERVICE = 8786, "manila-internal"
POLICY_CONFIG_MAP = "zoneops-glance-policy"
POLICY_PATH = "/etc/glance/zoneops-policy.yaml"
#: The annotation of what is switched off or drained for the maintenance of a zone, with its name.
FOR_ZONE = "zoneops.openstack/zone-maintenance"


def kubernetes_zones(zone_map: ZoneMap) -> dict[str, tuple[Zone, ZoneKubernetes]]:
    """The zones that have a Kubernetes side, by inventory name, in the region's order."""
    return {name: (zone, zone.kubernetes) for name, zone in zone_map.zones.items() if zone.kubernetes}


def glance_service(kubernetes: ZoneKubernetes) -> str:
    """The Service of the zone's glance API: never with the suffix of unique pod names."""
    return f"glance-{kubernetes.name}-internal"


def glance_endpoint(region: RegionKubernetes, kubernetes: ZoneKubernetes) -> str:
    """The address under which compute hosts and volume services of the zone reach its glance API."""
    scheme = "https" if region.services.tls else "http"
    return f"{scheme}://{glance_service(kubernetes)}.{region.namespace}.svc:{GLANCE_PORT}"


def memcached_key(kubernetes: ZoneKubernetes) -> str:
    """The zone's own memcached."""
    return kubernetes.services.memcached or f"memcached-{kubernetes.name}"


def default_zone(zone_map: ZoneMap) -> str:
    """Inventory name of the zone whose store and availability zone are the default ones."""
    return zone_map.region.kubernetes.services.default_zone or next(iter(kubernetes_zones(zone_map)))


def attached(networks: Sequence[str]) -> dict[str, Any]:
    """The networks of a service that are only managed where they are named."""
    return {"networkAttachments": list(networks)} if networks else {}


def load_balancer(pool: str, address: str | None) -> dict[str, Any]:
    """An override of a Service that gets an address of its own from MetalLB."""
    annotations = {"metallb.universe.tf/address-pool": pool, "metallb.universe.tf/allow-shared-ip": pool}
    if address:
        annotations["metallb.universe.tf/loadBalancerIPs"] = address
    return {"metadata": {"annotations": annotations}, "spec": {"type": "LoadBalancer"}}
