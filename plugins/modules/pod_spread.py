#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module pod_spread."""

from __future__ import annotations

DOCUMENTATION = r"""
module: pod_spread
short_description: Spread services over zones again after a zone came back, one pod after the other
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - A service that is spread over zones leaves a zone that is lost, and no pod returns by itself. For each service that has two pods more in one zone than
    in a zone of O(limit), it evicts one pod where there are most, waits until the one that replaces it is ready, and continues until the numbers differ by
    one at most.
  - It uses the Eviction API, so that a C(PodDisruptionBudget) is respected, for the pod with the uid that was seen, and never for two pods at once. Before each
    eviction all pods of spread services are ready, and all majorities have all their members. It waits for that up to O(pod_timeout), and for a budget that
    refuses the eviction for now as well.
  - A pod is only evicted if the scheduler can put the next one nowhere but in a zone with fewer pods. That takes C(topologySpreadConstraints) over the zone
    label with C(DoNotSchedule), as the Topologies of M(zoneops.openstack.topologies) have them, no volume that is bound to the zone, and a node that is Ready.
    Otherwise the service is left, and a warning says why.
  - The first pod that is not replaced in time, or starts elsewhere, ends the run. The other pods of its service run. The next run waits for that pod and
    continues. As long as it is on no node, each run fails and names it.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.kubernetes
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.kubernetes_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
options:
  nodes:
    description:
      - What M(zoneops.openstack.node_maintenance) with O(zoneops.openstack.node_maintenance#module:state=unfence) returned. In check mode, nodes whose
        taint it would remove count as nodes that take pods.
    type: dict
  pod_timeout:
    description: How many seconds one pod may take to be replaced, at least 30. No pod is evicted when fewer than 30 s of O(timeout) are left.
    type: int
    default: 600
notes:
  - Whether a node has room for the pod is for the scheduler to say. A pod that finds none stays Pending and is named.
  - Costs ten lists for any number of zones, and one ConfigMap for each zone with a data plane. While a pod is waited for they are repeated every 5 s.
seealso:
  - module: zoneops.openstack.pod_placement_info
  - module: zoneops.openstack.zone_return
"""

EXAMPLES = r"""
- name: Move pods of spread services into zone az1
  zoneops.openstack.pod_spread:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az1]
    timeout: 7200
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
      description: Whether a pod was evicted so that another one starts in the zone, also where that started elsewhere, or would be in check mode.
      type: bool
    failed:
      description: Whether the zone was refused or failed.
      type: bool
    msg:
      description: What was done, or what is wrong and what to do. Never empty.
      type: str
    refusals:
      description: What is wrong, each with C(rule) and C(message).
      type: list
      elements: dict
    warnings:
      description: Services that stay uneven, and why.
      type: list
      elements: str
    state:
      description: The number of pods in each zone, by spread service.
      type: dict
"""

from typing import Any

from ..module_utils._kubernetes import module as frame
from ..module_utils._plan import writer
from ..module_utils._plan.errors import ZoneopsError
from ..module_utils._rhoso.node_maintenance.fenced import unfenced
from ..module_utils._rhoso.pod_spread import reconcile

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    **writer.OPTIONS,
    "nodes": {"type": "dict"},
    "pod_timeout": {"type": "int", "default": 600},
}


def spread(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    zone_map, only = frame.zones_asked(module.params)
    if not frame.kubernetes_zones(zone_map, only):
        return frame.nothing_to_do(only)
    seconds = module.params["pod_timeout"]
    if seconds < reconcile.LEAST_SECONDS:
        least = f"set at least {reconcile.LEAST_SECONDS} seconds"
        raise ZoneopsError(f"option 'pod_timeout' is {seconds}: {least}, a pod is not replaced in less.")
    down = [name for name in only if zone_map.zones[name].zone_state == "down"]
    cluster = frame.region_cluster(module.params, zone_map.region)
    freed = unfenced(module.params["nodes"])
    spreading = reconcile.Spreading(cluster, zone_map, only, seconds, down=down, freed=freed, check=module.check_mode)
    if not module.check_mode:
        spreading.until_whole()
    return writer.converge(module, cluster, spreading)


MODULE = frame.module(spread, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
