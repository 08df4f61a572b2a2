#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module node_maintenance."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_maintenance
short_description: Drain the worker nodes of a zone for its maintenance, and bring them back; let pods onto nodes of a zone that was lost
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - With O(state=begin) it creates a C(NodeMaintenance) for each worker node of the zone, one after the other, and waits until its operator has drained the
    node. With O(state=end) it deletes those that it created for this zone, and waits until each node is schedulable and Ready.
  - It needs the Node Maintenance Operator (medik8s) and evicts nothing itself. The operator respects budgets of pods, and its webhook keeps etcd's majority.
  - Each object has the annotation C(zoneops.openstack/zone-maintenance) with the name of the zone. What others took into maintenance or cordoned is left.
  - The worker nodes are those in C(kubernetes.workers) of the zone file, and without these the ones with the zone's label that are no masters.
  - With O(state=unfence) it removes the taint C(node.kubernetes.io/out-of-service) of nodes of a zone that was lost, once they are Ready. Other taints and
    cordons stay. It needs no operator. Nodes of the zone are those in the zone file and those with the zone's label.
  - As long as there is a SelfNodeRemediation or a FenceAgentsRemediation of a node, its operator owns the taint, and the node is refused. Each node
    stands by itself. In a zone whose file says C(zone_state=down) nothing is done.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.kubernetes
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.kubernetes_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
options:
  state:
    description:
      - V(begin) drains the nodes of the one zone of O(limit). V(end) brings them back.
      - V(unfence) is for nodes that were lost. It removes the taint C(out-of-service), and is no end of a maintenance.
    type: str
    choices: [begin, end, unfence]
    required: true
  reason:
    description: Why the nodes are in maintenance.
    type: str
    default: zone maintenance
  node_timeout:
    description:
      - How many seconds one node may take to be drained, at least 1. A budget of pods that never permits the eviction is not waited for until O(timeout).
    type: int
    default: 900
notes:
  - A node whose pods cannot be evicted is waited for up to O(node_timeout). What is left on it is named, with the C(PodDisruptionBudget) that keeps it there,
    and the next run waits for it again. A node that comes back is waited for up to 600 s.
  - Costs two requests when there is nothing to change, and one where no node is in maintenance at the end. O(state=unfence) costs one, and three where a
    node has the taint.
seealso:
  - module: zoneops.openstack.zone_maintenance
"""

EXAMPLES = r"""
- name: Drain the worker nodes of zone az1
  zoneops.openstack.node_maintenance:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az1]
    state: begin
    timeout: 7200

- name: Restore them
  zoneops.openstack.node_maintenance:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az1]
    state: end

- name: Remove the taint of the nodes of a zone that was lost
  zoneops.openstack.node_maintenance:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az1]
    state: unfence
"""

RETURN = r"""
zones:
  description:
    - One verdict per zone of O(limit), by inventory name, as M(zoneops.openstack.availability_zones) returns them.
    - Zones without a Kubernetes side are included, with nothing to change.
  returned: when the map is valid and the cluster could be read
  type: dict
  contains:
    changed:
      description: Whether a node was drained, brought back, or lost the taint, or would in check mode.
      type: bool
    failed:
      description: Whether the zone was refused or failed.
      type: bool
    msg:
      description: What was done, or what is wrong and what to do. Never empty.
      type: str
    refusals:
      description: What is wrong, each with C(rule), C(message) and C(items).
      type: list
      elements: dict
    state:
      description: Each node with whether it is C(schedulable) and C(ready), and the name of its C(maintenance), or whether it is C(out_of_service).
      type: dict
"""

from typing import Any

from ..module_utils._kubernetes import module as frame
from ..module_utils._plan import writer
from ..module_utils._plan.errors import ZoneopsError
from ..module_utils._rhoso.names import kubernetes_zones
from ..module_utils._rhoso.node_maintenance.reconcile import NodeMaintenances
from ..module_utils._rhoso.node_maintenance.unfence import Unfencing

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    **writer.OPTIONS,
    "state": {"type": "str", "choices": ["begin", "end", "unfence"], "required": True},
    "reason": {"type": "str", "default": "zone maintenance"},
    "node_timeout": {"type": "int", "default": 900},
}


def drain(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    zone_map, only = frame.zones_asked(params)
    begins = params["state"] == "begin"
    mine = frame.kubernetes_zones(zone_map, only)
    if not mine:
        return frame.nothing_to_do(only)
    if begins and len(mine) > 1:
        raise ZoneopsError(
            f"zones {', '.join(mine)} cannot be in maintenance at once: name one zone in option 'limit'."
        )
    zones = {name: kubernetes for name, (_zone, kubernetes) in kubernetes_zones(zone_map).items() if name in mine}
    cluster = frame.region_cluster(params, zone_map.region)
    seconds = params["node_timeout"]
    if seconds < 1:
        raise ZoneopsError(f"option 'node_timeout' is {seconds}: set at least 1 second.")
    if params["state"] == "unfence":
        down = [name for name in zones if zone_map.zones[name].zone_state == "down"]
        return writer.converge(module, cluster, Unfencing(cluster, only, zones, down))
    reconciler = NodeMaintenances(cluster, only, zones, params["reason"], begins=begins, node_seconds=seconds)
    return writer.converge(module, cluster, reconciler)


MODULE = frame.module(drain, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
