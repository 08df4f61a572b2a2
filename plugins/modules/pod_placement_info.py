#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module pod_placement_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: pod_placement_info
short_description: Compare the pods of the control plane with the zones, and check whether each zone could be lost
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Compares the pods of glance, cinder and manila that belong to a zone, and of the services that are spread over zones, with the zone map.
    Pods are found by their owners, from the operators' objects through their StatefulSets and Deployments, because labels do not distinguish the
    backup services.
  - Finds pods on nodes of another zone, replicas that share a host, pods that are not ready, with the pod's own reason,
    services that are missing, other Topologies, nodes without a label, and spreads such as 2-1-0.
  - Checks whether the zone's glance endpoint has an address and a name that the hosts can resolve, and whether the zone's volume services
    and compute hosts are configured to use it.
  - Finds instance HA that is off although no zone that it is off for is down or in maintenance in its file.
  - Reports for etcd, galera, RabbitMQ and the databases of OVN how many members each zone has, and whether they keep their majority without it.
  - The module does not fail for these problems. RV(zones) reports for each zone what is wrong, as other modules do, for M(zoneops.openstack.zone_result).
  - With O(wait) it waits until zones that were lost are complete again.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.kubernetes
  - zoneops.openstack.attributes.info
  - zoneops.openstack.kubernetes_auth
  - zoneops.openstack.zones
attributes:
  check_mode:
    support: full
    details: Reads only. In check mode it does not wait, and RV(would_wait) says for which zones it would.
options:
  wait:
    description:
      - Whether to wait until the zones of O(limit) lack nothing that can come by itself, which is pods that start and members that join a majority.
      - A zone is not waited for if something has to be done there first. That is a node which is not Ready or has the taint
        C(node.kubernetes.io/out-of-service), a service that the control plane does not have, C(zone_state=down) in the zone's file, or a majority
        that lacks a member while all nodes of another zone are silent.
    type: bool
    default: false
  wait_timeout:
    description: How many seconds to wait with O(wait), more than 0. It never waits beyond O(timeout).
    type: float
    default: 600
notes:
  - Costs eleven lists for any number of zones, and one ConfigMap for each zone with a data plane.
  - A zone whose C(zone_state) is C(down) or C(maintenance) does not fail for problems that are expected in that state; a note names them.
seealso:
  - module: zoneops.openstack.latency_info
"""

EXAMPLES = r"""
- name: Check where the pods run
  zoneops.openstack.pod_placement_info:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
  register: placement

- name: Print the zones that could be lost
  ansible.builtin.debug:
    msg: "{{ placement.zones | dict2items | selectattr('value.state.survives_loss') | map(attribute='key') }}"
"""

RETURN = r"""
zones:
  description:
    - One verdict per zone of O(limit), by inventory name, as M(zoneops.openstack.availability_zones) returns them.
      A zone without a Kubernetes side has nothing wrong.
  returned: success
  type: dict
  contains:
    failed:
      description: Whether something is wrong.
      type: bool
    msg:
      description: What is wrong and what to do. Never empty.
      type: str
    refusals:
      description: What is wrong, each with C(rule) and C(message).
      type: list
      elements: dict
    warnings:
      description: Notes, such as a spread service without a pod here.
      type: list
      elements: str
    state:
      description:
        - C(nodes) has the zone's nodes, by its label, and whether each is ready. C(pods) lists each pod with C(node), C(ready), C(service), and
          C(placed_by), which is C(zone) or C(spread). C(missing) lists what the zone lacks after it was lost, whatever its C(zone_state) is.
          C(endpoint) has the C(url), C(service) and C(addresses) of the zone's glance.
          C(survives_loss) says whether all majorities survive the loss of this zone.
      type: dict
quorum:
  description: By service, C(size), C(members) by zone as they are ready now, and C(survives) by zone that is lost.
  returned: success
  type: dict
  sample: {"etcd": {"size": 3, "members": {"az0": ["master-0"], "az1": ["master-1"], "az2": ["master-2"]},
    "survives": {"az0": true, "az1": true, "az2": true}}}
spread:
  description: The number of pods in each zone, by StatefulSet that belongs to no zone.
  returned: success
  type: dict
  sample: {"cinder-api": {"az0": 1, "az1": 1, "az2": 1}}
uneven:
  description: Spread services that have two pods more in one zone than in another.
  returned: success
  type: list
  elements: str
  sample: ["CinderAPI cinder-api: 2-1-0 (az0: 2, az1: 1, az2: 0)"]
instance_ha_off:
  description:
    - Each C(InstanceHa) that is off, with the zones that M(zoneops.openstack.instance_ha) switched it off for, unless one of them is down or in maintenance in
      its file. Empty, with a warning, where the user may not list them.
  returned: success
  type: list
  elements: str
  sample: ["InstanceHa ha is off for zone az1: it fences and evacuates no host."]
waited:
  description: How many seconds each zone was waited for that had to be, by its name. What it still lacks after that is in C(missing) of its C(state).
  returned: success
  type: dict
  sample: {"az1": 41.5}
would_wait:
  description: How many seconds at most a run waits for a zone, by its name, in check mode.
  returned: success
  type: dict
  sample: {"az1": 600}
waiting:
  description: Pods of spread services that are on no node, with the scheduler's reason.
  returned: success
  type: list
  elements: str
"""

from typing import Any

from ..module_utils._kubernetes import module as frame
from ..module_utils._kubernetes.client import Cluster
from ..module_utils._kubernetes.errors import ApiError
from ..module_utils._plan.verdict import Verdict, bulk_result
from ..module_utils._rhoso.instance_ha.left_off import left_off
from ..module_utils._rhoso.instance_ha.observe import read as read_instance_ha
from ..module_utils._rhoso.pod_placement.back import coming, until_back
from ..module_utils._rhoso.pod_placement.observe import read
from ..module_utils._rhoso.pod_placement.verdicts import Placement
from ..module_utils._zones.schema.zone_map import ZoneMap

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    "wait": {"type": "bool", "default": False},
    "wait_timeout": {"type": "float", "default": 600},
}
NOTHING: dict[str, Any] = {
    "quorum": {},
    "spread": {},
    "uneven": [],
    "instance_ha_off": [],
    "waiting": [],
    "waited": {},
    "would_wait": {},
}


def look(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    zone_map, only = frame.zones_asked(module.params)
    seconds = module.params["wait_timeout"] if module.params["wait"] else 0
    verdicts = {name: Verdict() for name in only}
    region, said, unread = NOTHING, frame.NO_KUBERNETES, [frame.NO_KUBERNETES]
    if frame.kubernetes_zones(zone_map, only):
        cluster = frame.region_cluster(module.params, zone_map.region)
        placement = Placement(zone_map, read(cluster, zone_map))
        waited: dict[str, float] = {}
        awaited = coming(placement, only, fenced=True) if seconds and module.check_mode else []
        if seconds and not module.check_mode:
            placement, waited = until_back(cluster, zone_map, placement, only, seconds)
        verdicts |= placement.verdicts(only)
        off, unread = _instance_ha_off(cluster, zone_map)
        region = {
            **placement.region(),
            "instance_ha_off": off,
            "waited": waited,
            "would_wait": dict.fromkeys(awaited, seconds),
        }
        said = "every pod runs where it should"
    result = bulk_result(verdicts)
    return {
        "changed": False,
        "msg": result["msg"] if result["failed"] else said,
        "zones": result["zones"],
        "warnings": unread,
        **region,
    }


def _instance_ha_off(cluster: Cluster, zone_map: ZoneMap) -> tuple[list[str], list[str]]:
    """What is left off, and a warning where the user may not look at it: pods are judged without."""
    try:
        found = read_instance_ha(cluster, zone_map.region.kubernetes.namespace)
    except ApiError as error:
        if error.status != 403:
            raise
        return [], [f"whether instance HA is off was not looked at: {error.message}"]
    return list(left_off(found, zone_map)), []


MODULE = frame.module(look, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
