# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`spec.extraMounts`: one list with one owner, so it is written whole, for all zones. Pure.

Every token that names a pod mounts the volume once more, and a pod with two of them is invalid: each pod may be named
by one token of one entry only.
"""

from __future__ import annotations

from typing import Any

from ..._zones.schema.control_plane import Mount
from ..._zones.schema.zone_map import ZoneMap
from ..names import POLICY_CONFIG_MAP, POLICY_PATH, kubernetes_zones
from .services import backups
from .services.ceph import FOLDER, store_cluster, users
from .services.glance import stores

POLICY = "zoneops-glance-policy"


def extra_mounts(zone_map: ZoneMap) -> list[dict[str, Any]]:
    """The whole list; empty where nothing is mounted."""
    volumes = [*_all_clusters(zone_map), *_clusters_of_zones(zone_map), *_policy(zone_map)]
    volumes += [_further(mount) for mount in zone_map.region.kubernetes.services.mounts]
    return [{"name": "v1", "region": "r1", "extraVol": volumes}] if volumes else []


def wide_tokens(zone_map: ZoneMap) -> list[str]:
    """The services that reach the clusters of all zones. Backup services cannot be told apart by a token."""
    glance = zone_map.region.kubernetes.services.glance.api
    rbd = any(store_cluster(zone) for zone, _store in stores(zone_map).values())
    return [*([glance] if rbd else []), *(["CinderBackup"] if backups.reaches_ceph(zone_map) else [])]


def tokens_of_zones(zone_map: ZoneMap) -> dict[tuple[str, str], list[str]]:
    """The keys that reach a cluster, by inventory name of the zone and Secret with the cluster's files.

    One key names the API, the volume service and the share service that are called so: one token for all three.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for name, (zone, kubernetes) in kubernetes_zones(zone_map).items():
        for _path, key, cluster in users(zone, kubernetes):
            tokens = found.setdefault((name, cluster.files_secret or ""), [])
            if key not in tokens:
                tokens.append(key)
    return found


def _all_clusters(zone_map: ZoneMap) -> list[dict[str, Any]]:
    tokens = wide_tokens(zone_map)
    secret = zone_map.region.kubernetes.services.ceph_files_secret or ""
    return [_ceph("ceph", secret, tokens)] if tokens else []


def names_of_zones(zone_map: ZoneMap) -> dict[str, str]:
    """Inventory name of the zone by the name of each volume with a cluster's files, as `tokens_of_zones` has them."""
    numbers: dict[str, int] = {}
    names = {}
    for zone, _secret in tokens_of_zones(zone_map):
        numbers[zone] = numbers.get(zone, 0) + 1
        key = kubernetes_zones(zone_map)[zone][1].name
        names[f"ceph-{key}" if numbers[zone] == 1 else f"ceph-{key}-{numbers[zone]}"] = zone
    return names


def _clusters_of_zones(zone_map: ZoneMap) -> list[dict[str, Any]]:
    found = tokens_of_zones(zone_map).items()
    return [
        _ceph(name, secret, tokens)
        for name, ((_zone, secret), tokens) in zip(names_of_zones(zone_map), found, strict=True)
    ]


def _ceph(name: str, secret: str, tokens: list[str]) -> dict[str, Any]:
    return {
        "propagation": tokens,
        "extraVolType": "Ceph",
        "volumes": [{"name": name, "secret": {"secretName": secret}}],
        "mounts": [{"name": name, "mountPath": FOLDER, "readOnly": True}],
    }


def _policy(zone_map: ZoneMap) -> list[dict[str, Any]]:
    if not stores(zone_map) or not zone_map.region.kubernetes.services.glance.copy_image_rule:
        return []
    name = POLICY
    mount = {"name": name, "mountPath": POLICY_PATH, "subPath": POLICY_PATH.rpartition("/")[2], "readOnly": True}
    return [
        {
            "propagation": ["GlanceAPI"],
            "extraVolType": "Policy",
            "volumes": [{"name": name, "configMap": {"name": POLICY_CONFIG_MAP}}],
            "mounts": [mount],
        }
    ]


def _further(mount: Mount) -> dict[str, Any]:
    source = {"secret": {"secretName": mount.secret}} if mount.secret else {"configMap": {"name": mount.config_map}}
    place: dict[str, Any] = {"name": mount.name, "mountPath": mount.path, "readOnly": True}
    if mount.sub_path:
        place["subPath"] = mount.sub_path
    tokens = {"propagation": list(mount.propagation)} if mount.propagation else {}
    return {**tokens, "volumes": [{"name": mount.name, **source}], "mounts": [place]}
