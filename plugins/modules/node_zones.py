#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module node_zones."""

from __future__ import annotations

DOCUMENTATION = r"""
module: node_zones
short_description: Manage the zone labels of the nodes of a cluster
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Gives the nodes of each zone, C(kubernetes.masters) and C(kubernetes.workers) of the zone map, the label C(topology.kubernetes.io/zone) with the value
    C(kubernetes.node_label). Nothing else of a node is changed.
  - A node that has the label of another zone is an error, and so is one that the cluster does not have.
  - A zone needs a master and two workers, or it does not survive the loss of one node. Roles are read from the labels C(node-role.kubernetes.io/).
  - A node that the map no longer names keeps its label.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.kubernetes
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.kubernetes_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
options:
  allow:
    description:
      - Refusals to lift. Each word lifts one.
      - V(few_nodes) accepts a zone with less than one master and two workers.
    type: list
    elements: str
    choices: [few_nodes]
    default: []
notes:
  - Each zone has its own field manager, C(zoneops-NAME) with C(kubernetes.name) of the zone.
  - Needs the rights to list nodes, and to patch them if a label is missing.
  - Costs one request when there is nothing to change.
seealso:
  - module: zoneops.openstack.topologies
  - module: zoneops.openstack.zone_result
"""

EXAMPLES = r"""
- name: Label the nodes of three zones
  zoneops.openstack.node_zones:
    zones:
      az1: {kubernetes: {masters: [master-0], workers: [worker-0, worker-1]}}
      az2: {kubernetes: {masters: [master-1], workers: [worker-2, worker-3]}}
      az3: {kubernetes: {masters: [master-2], workers: [worker-4, worker-5]}}
    region: {zones: [az1, az2, az3]}

- name: Label the nodes of the inventory's zones, one call for all zones and a verdict for each
  zoneops.openstack.node_zones:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: "{{ ansible_play_batch }}"
  run_once: true
  register: nodes
  changed_when: false
  failed_when: nodes.zones is not defined

- name: Report the verdict of this zone
  zoneops.openstack.zone_result:
    result: "{{ nodes }}"
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
      description: Whether an object of the zone changed, or would change in check mode.
      type: bool
    failed:
      description: Whether the zone was refused or failed.
      type: bool
    msg:
      description: What was done, or what is wrong and what to do. Never empty.
      type: str
    plan:
      description: The changes that were planned, in order.
      type: list
      elements: dict
    refusals:
      description: Why the zone was not changed, each with C(rule), C(message) and the C(items) that block it.
      type: list
      elements: dict
    state:
      description: The fields of each object that are managed here, as last read.
      type: dict
"""

from typing import Any

from ..module_utils._kubernetes import module as frame
from ..module_utils._kubernetes.apply.reconcile import Options
from ..module_utils._plan import writer
from ..module_utils._rhoso.nodes.reconcile import NodesReconciler
from ..module_utils._zones import overrides

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    **writer.OPTIONS,
    "allow": overrides.option("node_zones"),
}


def converge(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    wanted, only = frame.zones_asked(params)
    if not frame.kubernetes_zones(wanted, only):
        return frame.nothing_to_do(only)
    cluster = frame.region_cluster(params, wanted.region)
    reconciler = NodesReconciler(cluster, only, wanted, Options(allow=frozenset(params["allow"])))
    return writer.converge(module, cluster, reconciler)


MODULE = frame.module(converge, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
