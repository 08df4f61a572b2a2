# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A control plane as an installation leaves it, before any zone: what the collection finds and does not make."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from zonelab.kube import installed
from zonelab.kube.client import NAMESPACE

from .cluster import CONTROL_PLANES, TOPOLOGIES, ZONE_LABEL, Cluster, core

PATH: Final = f"{CONTROL_PLANES}/{installed.NAME}"


def base() -> dict[str, Any]:
    return installed.control_plane()


def install(cluster: Cluster, topologies: Iterable[str] = ()) -> None:
    """Make the control plane, and Topologies of these names."""
    if cluster.api.find(PATH) is None:
        # By POST, as `oc create` does: then the schema's defaults belong to whoever made the object.
        cluster.api.create(f"{CONTROL_PLANES}?fieldManager={installed.INSTALLER}", base())
    for name in topologies:
        make_topology(cluster, name, {})


def control_plane(cluster: Cluster) -> dict[str, Any]:
    return cluster.api.get(PATH)


def managers(cluster: Cluster) -> set[str]:
    """Who owns fields of the control plane."""
    return {entry["manager"] for entry in control_plane(cluster)["metadata"]["managedFields"]}


def install_region(cluster: Cluster, zone_map: ZoneMap) -> None:
    """All that is there before the zones of a map are: labelled nodes, Topologies, Secrets, the control plane."""
    zones = [zone.kubernetes for zone in zone_map.zones.values() if zone.kubernetes]
    for lab_zone, zone in zip(cluster.kube.zones, zones, strict=True):
        for node in cluster.kube.nodes(lab_zone):
            cluster.label_node(node, zone.node_label)
    region = zone_map.region.kubernetes
    spread = {"maxSkew": 1, "topologyKey": ZONE_LABEL, "whenUnsatisfiable": "DoNotSchedule"}
    for name in (region.spread_topology, region.quorum_topology):
        make_topology(cluster, name, {"topologySpreadConstraints": [spread]})
    for zone in zones:
        expression = {"key": ZONE_LABEL, "operator": "In", "values": [zone.node_label]}
        terms = {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}
        affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
        make_topology(cluster, zone.topology, {"affinity": affinity})
    for name in secrets_of(zone_map):
        cluster.api.create(core("secrets"), {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}})
    install(cluster)


def secrets_of(zone_map: ZoneMap) -> set[str]:
    """The Secrets that the map names."""
    volumes = [backend.config_secrets for zone in zone_map.zones.values() for backend in zone.volume_backends]
    shares = [backend.config_secrets for zone in zone_map.zones.values() for backend in zone.share_backends]
    return {name for names in (*volumes, *shares) for name in names}


def make_topology(cluster: Cluster, name: str, spec: dict[str, Any]) -> None:
    metadata = {"name": name, "namespace": NAMESPACE}
    body = {"apiVersion": "topology.openstack.org/v1beta1", "kind": "Topology", "metadata": metadata, "spec": spec}
    cluster.api.apply(f"{TOPOLOGIES}/{name}", body, installed.INSTALLER)


def uninstall(cluster: Cluster) -> None:
    """Take the control plane away again."""
    if cluster.api.find(PATH) is not None:
        cluster.api.delete(PATH)
