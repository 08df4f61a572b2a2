# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Topologies as pure data."""

from __future__ import annotations

from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.spec.topologies import topologies
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map

REVISION = ["pod-template-hash", "controller-revision-hash"]
SPREAD = {
    "maxSkew": 1,
    "topologyKey": "topology.kubernetes.io/zone",
    "whenUnsatisfiable": "DoNotSchedule",
    "matchLabelKeys": REVISION,
}


def built(zones: dict[str, Any], only: tuple[str, ...] = (), **region: Any) -> dict[str, Any]:
    zone_map = load_map(zones, {"zones": list(zones), "kubernetes": region})
    return {part.ref.name: part for part in topologies(zone_map, only or tuple(zones))}


def test_two_spreads_and_a_pin_for_each_zone() -> None:
    parts = built({"az1": {"kubernetes": {"node_label": "zoneA"}}, "az2": {"kubernetes": {}}})
    assert list(parts) == ["spread-pods", "spread-quorum-pods", "az1-node-affinity", "az2-node-affinity"]
    assert parts["spread-pods"].body["spec"] == {"topologySpreadConstraints": [{**SPREAD, "nodeTaintsPolicy": "Honor"}]}
    assert parts["spread-quorum-pods"].body["spec"] == {"topologySpreadConstraints": [SPREAD]}
    match = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["zoneA"]}
    affinity = {
        "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [match]}]}
    }
    assert parts["az1-node-affinity"].body["spec"] == {
        "affinity": {"nodeAffinity": affinity},
        "topologySpreadConstraints": [{**SPREAD, "topologyKey": "kubernetes.io/hostname", "nodeTaintsPolicy": "Honor"}],
    }


def test_each_has_its_owner_and_may_be_made() -> None:
    parts = built({"az1": {"kubernetes": {"name": "north"}}})
    owners = {name: (part.manager, part.zones) for name, part in parts.items()}
    assert owners == {
        "spread-pods": ("zoneops-region", ()),
        "spread-quorum-pods": ("zoneops-region", ()),
        "north-node-affinity": ("zoneops-north", ("az1",)),
    }
    assert all(part.may_create for part in parts.values())


def test_names_and_namespace_are_the_maps() -> None:
    parts = built(
        {"az1": {"kubernetes": {"topology": "azone-node-affinity"}}},
        namespace="rhoso",
        spread_topology="default-spread-pods",
    )
    assert "default-spread-pods" in parts
    path = "/apis/topology.openstack.org/v1beta1/namespaces/rhoso/topologies/azone-node-affinity"
    assert parts["azone-node-affinity"].ref.path == path


def test_only_what_the_zones_of_a_call_need() -> None:
    zones: dict[str, Any] = {"az1": {"kubernetes": {}}, "az2": {"kubernetes": {}}, "az3": {}}
    assert list(built(zones, ("az2",))) == ["spread-pods", "spread-quorum-pods", "az2-node-affinity"]
    assert built(zones, ("az3",)) == {}
