# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is no service of OpenStack in the control plane object: where pods may be, the quorum services, memcached. Pure."""

from __future__ import annotations

from typing import Any

from ..._zones.schema.kubernetes import RegionKubernetes, ZoneKubernetes
from ..._zones.schema.zone_map import ZoneMap
from ..names import memcached_key


def shared(zone_map: ZoneMap) -> dict[str, Any]:
    """What everything inherits that says nothing else, and the quorum services, which need a stricter spread."""
    region = zone_map.region.kubernetes
    quorum = region.services.quorum
    spec: dict[str, Any] = {"topologyRef": {"name": region.spread_topology}}
    if quorum.databases:
        spec["galera"] = {"templates": {name: _member(region) for name in quorum.databases}}
    if quorum.message_buses:
        spec["rabbitmq"] = {"templates": {name: _member(region) for name in quorum.message_buses}}
    if quorum.network_databases:
        clusters = {name: _member(region) for name in quorum.network_databases}
        spec["ovn"] = {"template": {"ovnDBCluster": clusters}}
    spec["memcached"] = {"templates": {"memcached": {"replicas": region.services.memcached.replicas}}}
    return spec


def _member(region: RegionKubernetes) -> dict[str, Any]:
    return {"replicas": region.services.quorum.replicas, "topologyRef": {"name": region.quorum_topology}}


def of_zone(region: RegionKubernetes, kubernetes: ZoneKubernetes) -> dict[str, Any]:
    """The zone's own memcached, where zones have one."""
    services = region.services.memcached
    if not services.per_zone:
        return {}
    own = {"replicas": services.zone_replicas, "topologyRef": {"name": kubernetes.topology}}
    return {"memcached": {"templates": {memcached_key(kubernetes): own}}}
