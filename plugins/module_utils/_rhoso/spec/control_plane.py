# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the zone map to the control plane object: what each field manager wants of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..._kubernetes.objects import REGION_MANAGER, Applied, zone_manager
from ..._zones.schema.zone_map import ZoneMap
from .. import ini
from ..names import POLICY_CONFIG_MAP, POLICY_PATH, kubernetes_zones
from . import common, mounts
from .services import backups, cinder, glance, manila, nova

API_VERSION, KIND = "core.openstack.org/v1beta1", "OpenStackControlPlane"
CONFIG = "customServiceConfig"


def applied(zone_map: ZoneMap) -> list[Applied]:
    """Everything, in the order in which it is sent: what all zones share comes first."""
    zones = kubernetes_zones(zone_map)
    if not zones:
        return []
    # A zone without a service has no part: to apply nothing would take away what another tool gave it by our manager.
    return [*region_part(zone_map), *(zone_part(zone_map, name) for name in zones if zone_spec(zone_map, name))]


def region_part(zone_map: ZoneMap) -> list[Applied]:
    """What all zones share. The control plane itself is never made here: that is the installation's work."""
    parts = []
    rule = zone_map.region.kubernetes.services.glance.copy_image_rule
    if rule and glance.stores(zone_map):
        metadata = {"name": POLICY_CONFIG_MAP, "namespace": zone_map.region.kubernetes.namespace}
        data = {POLICY_PATH.rpartition("/")[2]: f'"copy_image": "{rule}"\n'}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
        parts.append(Applied(REGION_MANAGER, body, (), may_create=True, step="who may copy images"))
    shared = Applied(
        REGION_MANAGER,
        body_of(zone_map, region_spec(zone_map)),
        (),
        may_create=False,
        step="the shared part of the control plane",
    )
    return [*parts, shared]


def zone_part(zone_map: ZoneMap, name: str) -> Applied:
    """What belongs to one zone: its keys, which nobody else owns."""
    _zone, kubernetes = kubernetes_zones(zone_map)[name]
    spec = zone_spec(zone_map, name)
    services = ", ".join(spec)
    return Applied(
        zone_manager(kubernetes.name),
        body_of(zone_map, spec),
        (name,),
        may_create=False,
        step=f"{services} of {name}" if services else f"the part of {name}",
    )


def region_spec(zone_map: ZoneMap) -> dict[str, Any]:
    """`spec` as the region's manager wants it."""
    services = {
        "glance": glance.shared(zone_map),
        "cinder": _together(cinder.shared(zone_map), backups.shared(zone_map)),
        "manila": manila.shared(zone_map),
        "nova": nova.shared(zone_map),
        "extraMounts": mounts.extra_mounts(zone_map),
    }
    return {**common.shared(zone_map), **{name: part for name, part in services.items() if part}}


def zone_spec(zone_map: ZoneMap, name: str) -> dict[str, Any]:
    """`spec` as a zone's manager wants it: only its own keys."""
    zone, kubernetes = kubernetes_zones(zone_map)[name]
    services = {
        "glance": glance.of_zone(zone_map, zone, kubernetes),
        "cinder": _together(cinder.of_zone(zone_map, zone, kubernetes), backups.of_zone(zone_map, zone, kubernetes)),
        "manila": manila.of_zone(zone_map, zone, kubernetes),
        **common.of_zone(zone_map.region.kubernetes, kubernetes),
    }
    return {name: part for name, part in services.items() if part}


def body_of(zone_map: ZoneMap, spec: Mapping[str, Any]) -> dict[str, Any]:
    """The control plane object with these fields."""
    region = zone_map.region.kubernetes
    metadata = {"name": region.control_plane, "namespace": region.namespace}
    body: dict[str, Any] = {"apiVersion": API_VERSION, "kind": KIND, "metadata": metadata}
    return {**body, "spec": dict(spec)} if spec else body


def is_shared(part: Applied) -> bool:
    """Whether it is what all zones share of the control plane object."""
    return part.ref.kind == KIND and not part.zones


def fitted(part: Applied, live: Mapping[str, Any]) -> Applied:
    """The part with the live text of each configuration that means the same: only other text restarts pods, or is a conflict."""
    if part.ref.kind != KIND or "spec" not in part.body:
        return part
    return replace(part, body={**part.body, "spec": ini.with_text_of(part.body["spec"], live.get("spec"), CONFIG)})


def _together(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two parts of one service as one: mappings are merged, and nothing is in both."""
    merged = dict(one)
    for name, value in other.items():
        mine = merged.get(name)
        merged[name] = _together(mine, value) if isinstance(mine, Mapping) and isinstance(value, Mapping) else value
    return merged
