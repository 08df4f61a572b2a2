# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ceph clusters as the services see them: files below /etc/ceph, and what reaches which cluster. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ...._zones.schema.kubernetes import ZoneKubernetes
from ...._zones.schema.zone_map import Ceph, Zone

FOLDER = "/etc/ceph"


def conf_path(ceph: Ceph) -> str:
    """The cluster's configuration in the pods."""
    return f"{FOLDER}/{ceph.name}.conf"


def store_cluster(zone: Zone) -> Ceph | None:
    """The cluster of the zone's store."""
    store = zone.image_store
    return (store.ceph or zone.ceph) if store and store.type == "rbd" else None


def users(zone: Zone, kubernetes: ZoneKubernetes) -> Iterator[tuple[str, str, Ceph]]:
    """Path in the zone's file, key of the service in the control plane object, and the cluster that the service reaches."""
    cluster = store_cluster(zone)
    if cluster:
        yield "image_store", kubernetes.name, cluster
    for index, volumes in enumerate(zone.volume_backends):
        cluster = volumes.ceph or zone.ceph
        if volumes.type == "rbd" and cluster:
            yield f"volume_backends[{index}]", volumes.kubernetes_name or kubernetes.name, cluster
    for index, shares in enumerate(zone.share_backends):
        cluster = shares.ceph or zone.ceph
        if shares.type != "vendor" and cluster:
            yield f"share_backends[{index}]", shares.kubernetes_name or kubernetes.name, cluster
