# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Defaults that follow from other properties."""

from __future__ import annotations

from typing import Any

from .fields import AllZones, Derived, Scope

VENDOR_KEYS = {"driver", "address"}


def _has_ceph(scope: Scope) -> bool:
    return bool(scope.zone.get("ceph")) or "ceph" in scope.given


def _store_type(scope: Scope) -> str | None:
    if "volume_type" in scope.given:
        return "cinder"
    return "rbd" if _has_ceph(scope) else None


def _volume_type(scope: Scope) -> str:
    return "rbd" if _has_ceph(scope) and not VENDOR_KEYS & scope.given else "vendor"


def _share_type(scope: Scope) -> str:
    if not _has_ceph(scope) or VENDOR_KEYS & scope.given:
        return "vendor"
    return "cephfs_nfs" if {"gateway", "nfs_cluster"} & scope.given else "cephfs"


def _backup_type(scope: Scope) -> str | None:
    if "driver" in scope.given:
        return "vendor"
    if "address" in scope.given:
        return "nfs"
    return "ceph" if _has_ceph(scope) else None


def _service_key(scope: Scope) -> str | None:
    """Made of the zone's and the back end's own names only: another back end that comes or goes never changes it."""
    kubernetes = scope.zone.get("kubernetes")
    if kubernetes is None:
        return None
    name: str = scope.own["name"]
    return str(kubernetes.name) if name == scope.zone_name else f"{kubernetes.name}-{name}".lower().replace("_", "-")


def _for_types(value: str, *types: str) -> Derived:
    """A default that has a meaning for some types only."""
    return Derived(f"`{value}` for {' and '.join(types)}", lambda scope: value if scope.own["type"] in types else None)


def _named_after_zone(pattern: str) -> Derived:
    def value(scope: Scope) -> str:
        kubernetes = scope.zone.get("kubernetes")
        return pattern.format(kubernetes.name if kubernetes else scope.zone_name)

    return Derived(f"`{pattern.format('NAME')}` with the `kubernetes.name` of the zone", value)


def host_names(plane: Any) -> tuple[str, ...]:
    """The nodes of a data plane as nova calls them."""
    return tuple(f"{node.host_name or name}.{plane.domain}" for name, node in plane.nodes.items())


def _compute_hosts(scope: Scope) -> tuple[str, ...]:
    plane = scope.zone.get("data_plane")
    return host_names(plane) if plane else ()


ALL_ZONES = Derived("all zones", lambda scope: AllZones(name for name in scope.zone["zones"] if name is not None))
ZONE_NAME = Derived("the zone's inventory name", lambda scope: scope.zone_name)
CEPH_NAME = Derived("the zone's inventory name; `ceph` in the region", lambda scope: scope.zone_name or "ceph")
AVAILABILITY_ZONE = Derived("the availability zone's name", lambda scope: scope.zone["availability_zone"])
OWN_NAME = Derived("its `name`", lambda scope: scope.own["name"])
STORE_TYPE = Derived("rbd with Ceph, cinder with a `volume_type`; else it has to be set", _store_type)
VOLUME_TYPE = Derived("rbd where the zone has Ceph and neither driver nor address is given", _volume_type)
SHARE_TYPE = Derived(
    "cephfs where the zone has Ceph and neither driver nor address is given, cephfs_nfs with a gateway; else vendor",
    _share_type,
)
SHARE_PROTOCOLS = Derived(
    "`[CEPHFS]` for cephfs, else `[NFS]`", lambda scope: ("CEPHFS",) if scope.own["type"] == "cephfs" else ("NFS",)
)
BACKUP_TYPE = Derived("vendor with a driver, nfs with an address, ceph with Ceph", _backup_type)
SERVICE_KEY = Derived(
    "with `kubernetes`: its name for the back end that is named after the zone, else that name, '-' and the back end's",
    _service_key,
)
TOPOLOGY = Derived("its `name` and `-node-affinity`", lambda scope: f"{scope.own['name']}-node-affinity")
NODE_SET = _named_after_zone("{}-compute-nodes")
NETWORKER_SET = _named_after_zone("{}-networker-nodes")
NOVA_SERVICE = _named_after_zone("nova-custom-{}")
NOVA_CONFIG_MAP = _named_after_zone("nova-extra-config-{}")
COMPUTE_HOSTS = Derived("the nodes of `data_plane`; without it none", _compute_hosts)
IMAGE_POOL = _for_types("images", "rbd")
VOLUME_POOL = _for_types("volumes", "rbd")
BACKUP_POOL = _for_types("backups", "ceph")
FILESYSTEM = _for_types("cephfs", "cephfs", "cephfs_nfs")
