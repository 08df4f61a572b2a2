# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists that placement is judged by: one per kind, for all zones together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..._kubernetes.client import Cluster
from ..._kubernetes.objects import Ref
from ..._zones.schema.zone_map import ZoneMap
from ..status.pods import Snapshot

LISTS = (
    ("v1", "Node"),
    ("v1", "Pod"),
    ("v1", "Service"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "ReplicaSet"),
    ("glance.openstack.org/v1beta1", "GlanceAPI"),
    ("cinder.openstack.org/v1beta1", "CinderVolume"),
    ("cinder.openstack.org/v1beta1", "CinderBackup"),
    ("manila.openstack.org/v1beta1", "ManilaShare"),
)
MEMCACHED = ("memcached.openstack.org/v1beta1", "Memcached")


def read(cluster: Cluster, zone_map: ZoneMap) -> Snapshot:
    """Ten lists, and one ConfigMap for each zone with a data plane."""
    region = zone_map.region.kubernetes
    kinds = (*LISTS, MEMCACHED) if region.services.memcached.per_zone else LISTS
    lists: dict[str, list[dict[str, Any]]] = {}
    for api, kind in kinds:
        namespace = None if kind == "Node" else region.namespace
        lists[kind] = list(cluster.items(Ref(api, kind, namespace=namespace)))
    planes = [zone.data_plane for zone in zone_map.zones.values() if zone.data_plane]
    lists["ConfigMap"] = list(_config_maps(cluster, [plane.config_map for plane in planes], region.namespace))
    return Snapshot.of(lists)


def _config_maps(cluster: Cluster, names: Iterable[str], namespace: str) -> Iterable[dict[str, Any]]:
    for name in names:
        found = cluster.get(Ref("v1", "ConfigMap", name, namespace))
        if found is not None:
            yield found
