# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Topology objects: where pods of a service may be. Two that spread over the zones, and one for each zone that pins. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..._kubernetes.objects import REGION_MANAGER, Applied, zone_manager
from ..._zones.schema.zone_map import ZoneMap
from ..names import ZONE_LABEL, kubernetes_zones

API_VERSION = "topology.openstack.org/v1beta1"
HOST_LABEL = "kubernetes.io/hostname"
# Pods of an earlier revision do not count: else a rollout finds no place for the new ones beside the old.
REVISION = ["pod-template-hash", "controller-revision-hash"]
# Nodes whose taints keep pods away do not count. By default they do, as empty ones that have to be filled first.
HONOR = {"nodeTaintsPolicy": "Honor"}


def topologies(zone_map: ZoneMap, only: Sequence[str]) -> list[Applied]:
    """All Topology objects that the zones of a call need; none where no zone has a Kubernetes side."""
    region = zone_map.region.kubernetes
    zones = {name: found for name, found in kubernetes_zones(zone_map).items() if name in only}
    if not zones:
        return []
    # What a lost zone cannot run goes to another one; without this its nodes count as an empty zone that has to be filled first.
    stateless = {**_spread(ZONE_LABEL), **HONOR}
    shared = [
        Applied(
            REGION_MANAGER,
            _topology(name, region.namespace, {"topologySpreadConstraints": [constraint]}),
            (),
            may_create=True,
            step=f"Topology that spreads {what}",
        )
        for name, constraint, what in (
            (region.spread_topology, stateless, "services without a majority"),
            # Never two members in one zone, also while another is lost: with it the majority would go.
            (region.quorum_topology, _spread(ZONE_LABEL), "services with a majority"),
        )
    ]
    own = [
        Applied(
            zone_manager(kubernetes.name),
            _topology(kubernetes.topology, region.namespace, _pinned(kubernetes.node_label)),
            (name,),
            may_create=True,
            step=f"Topology that keeps services in {name}",
        )
        for name, (_zone, kubernetes) in zones.items()
    ]
    return [*shared, *own]


def _topology(name: str, namespace: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": API_VERSION,
        "kind": "Topology",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


def _spread(label: str) -> dict[str, Any]:
    """Evenly over the values of a label. The operators add the selector of each service's own pods."""
    return {"maxSkew": 1, "topologyKey": label, "whenUnsatisfiable": "DoNotSchedule", "matchLabelKeys": list(REVISION)}


def _pinned(node_label: str) -> dict[str, Any]:
    """In one zone, and there evenly over its hosts. Masters with the zone's label take no pod and do not count."""
    term = {"matchExpressions": [{"key": ZONE_LABEL, "operator": "In", "values": [node_label]}]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
    return {"affinity": {"nodeAffinity": required}, "topologySpreadConstraints": [{**_spread(HOST_LABEL), **HONOR}]}
