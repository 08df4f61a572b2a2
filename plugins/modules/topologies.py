#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module topologies."""

from __future__ import annotations

DOCUMENTATION = r"""
module: topologies
short_description: Manage the Topology objects that define where pods of RHOSO may run
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Creates and updates the Topology objects of the zones in C(kubernetes.namespace) of the region, by server-side apply.
  - C(kubernetes.spread_topology) spreads services over the zones. Pods of a lost zone can move to another one.
  - C(kubernetes.quorum_topology) spreads services that need a majority. Two members are never in one zone, even while another is lost.
  - C(kubernetes.topology) of each zone keeps services in the zone, on different hosts.
  - Existing objects of these names are adopted. A different value is a conflict, which names the field and its owner.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.kubernetes
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.kubernetes_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
options:
  wait:
    description:
      - Whether to wait until the pods that use a changed Topology have restarted, first those of what the zones share, then one zone after the
        other. The first zone whose pods do not become ready stops the others.
      - There is no wait for a Topology that is not in use yet, or for zones in the state C(maintenance) or C(down).
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait for what the zones share, and for each zone.
    type: float
    default: 1800
  timeout:
    description:
      - Seconds after which the whole run ends, even if a request is still waiting. No request begins after it, and none waits beyond it.
      - The result has what is known by then.
    type: float
    default: 7200
  allow:
    description:
      - Refusals to lift. Each word lifts one.
      - V(force_conflicts) overwrites fields that another manager has set to another value. Warnings name them.
      - V(takeover) also does that, and removes other owners from fields with the same value, so that only this collection owns them.
    type: list
    elements: str
    choices: [force_conflicts, takeover]
    default: []
notes:
  - The field manager C(zoneops-region) owns what zones share, and C(zoneops-NAME), with C(kubernetes.name) of the zone, owns the part of the zone.
  - A change of a Topology restarts the pods of all services that use it. The warnings name them.
  - Needs the rights to list, create and patch C(topologies.topology.openstack.org) in the namespace; to take fields over, that to get them;
    to wait, those to list StatefulSets, pods and events.
  - Costs one list of Topologies when there is nothing to change, and a dry run for each that would change.
seealso:
  - module: zoneops.openstack.node_zones
  - module: zoneops.openstack.zone_result
"""

EXAMPLES = r"""
- name: Create the Topologies of three zones
  zoneops.openstack.topologies:
    kubeconfig: ~/rhoso.kubeconfig
    zones:
      az1: {kubernetes: {}}
      az2: {kubernetes: {}}
      az3: {kubernetes: {node_label: rack-3, topology: rack3-node-affinity}}
    region: {zones: [az1, az2, az3]}

- name: Apply the Topologies of the inventory's zones, one call for all zones and a verdict for each
  zoneops.openstack.topologies:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: "{{ ansible_play_batch }}"
  run_once: true
  register: topologies
  changed_when: false
  failed_when: topologies.zones is not defined

- name: Report the verdict of this zone
  zoneops.openstack.zone_result:
    result: "{{ topologies }}"
"""

RETURN = r"""
zones:
  description:
    - One verdict per zone of O(limit), by inventory name, as M(zoneops.openstack.availability_zones) returns them.
    - Zones without a Kubernetes side are included, with nothing to change.
    - What the zones share is in the verdict of each zone, and is written once.
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
progress:
  description: What was still missing during the wait, a line for each change.
  returned: when something was waited for
  type: list
  elements: str
"""

from typing import Any

from ..module_utils._kubernetes import module as frame
from ..module_utils._kubernetes.apply.reconcile import Options
from ..module_utils._plan import writer
from ..module_utils._rhoso.control_plane import guards
from ..module_utils._rhoso.control_plane.progress import Progress
from ..module_utils._rhoso.control_plane.topologies import TopologiesReconciler
from ..module_utils._rhoso.control_plane.wait import Waiting
from ..module_utils._zones import overrides

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    **writer.OPTIONS,
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "float", "default": 1800},
    "timeout": {"type": "float", "default": 7200},
    "allow": overrides.option("topologies"),
}


def converge(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    wanted, only = frame.zones_asked(params)
    if not frame.kubernetes_zones(wanted, only):
        return frame.nothing_to_do(only)
    cluster = frame.region_cluster(params, wanted.region)
    progress = Progress(None)
    waiting = Waiting(cluster, guards.control_plane_ref(wanted), params["wait_timeout"], progress)
    options = Options(allow=frozenset(params["allow"]), one_by_one=True)
    reconciler = TopologiesReconciler(cluster, only, wanted, options, waiting if params["wait"] else None)
    result = writer.converge(module, cluster, reconciler)
    return {**result, **({"progress": progress.lines} if progress.lines else {})}


MODULE = frame.module(converge, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
