#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module data_plane."""

from __future__ import annotations

DOCUMENTATION = r"""
module: data_plane
short_description: Configure and deploy the compute hosts of the zones in RHOSO
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Creates and updates for each zone with C(data_plane) a ConfigMap with the zone's own glance endpoint for nova, an OpenStackDataPlaneService with it,
    and an OpenStackDataPlaneNodeSet of the zone's hosts. Each is applied by the field manager of its zone.
  - Creates and updates a NodeSet for each set of C(networkers) of the zone, hosts with gateways of OVN and without servers.
  - Creates an OpenStackDataPlaneDeployment only if a host needs one, and waits for it. The annotation C(zoneops.openstack/rolls-out) records
    what a deployment applies, and C(zoneops.openstack/had) what the hosts had before, because the operators treat a deployment of a single service or
    a single host like one of the whole set. A set that others deployed gets the second annotation with its first change.
  - A change of nova's configuration deploys the zone's nova service only. New hosts get all services, and then the others get only the keys of the new ones.
    Any other change of a set with deployed hosts is refused, unless O(services) names the services for it, or O(allow) lifts the refusal.
  - Works on one zone after the other, and stops after one that failed. The next run resumes an interrupted one.
  - A node that you remove from the map is removed from the NodeSet only if nova has no server and no unfinished migration on it.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.kubernetes
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.kubernetes_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
options:
  services:
    description:
      - Services to deploy for a change of a NodeSet whose hosts are already deployed, in order, for example C(configure-network).
      - The operators then treat the whole change as deployed, so name all services that it needs.
    type: list
    elements: str
    default: []
  batch:
    description: Number of hosts of a zone to deploy at a time. V(0) is all of them. The first deployment of a set is of all its hosts.
    type: int
    default: 0
  wait_timeout:
    description: Seconds that one deployment may take. O(timeout) is for all of them together.
    type: float
    default: 3600
  allow:
    description:
      - Refusals to lift. Each word lifts one.
      - V(full_deployment) deploys all services on hosts that may have instances, which restarts their networks and may reboot them.
      - V(remove_failed_deployments) removes deployments of others that failed and keep a NodeSet from being changed.
        Those of an earlier run are removed anyway.
      - V(force_conflicts) overwrites fields of other field managers.
      - V(takeover) makes this collection the only owner of fields that others own with the same values.
    type: list
    elements: str
    choices: [full_deployment, remove_failed_deployments, force_conflicts, takeover]
    default: []
notes:
  - The hosts must already be installed (C(preProvisioned)). Their Secrets, networks (NetConfig) and DNS must exist.
  - Raise O(timeout) for real hosts. A deployment can take most of an hour.
  - OpenStack is asked only if a node is removed, with C(cloud) of O(region) or the environment.
  - Costs one list for all zones, a GET for each object of a zone, three and one for each set of networkers, and a GET for each Secret that the sets name
    (C(ansible_vars_secrets), C(ceph.files_secret)), when there is nothing to change; and a dry run for each object that would change.
  - Changed values of such a Secret are rolled out like a change of the set. The operators create no deployment for them.
seealso:
  - module: zoneops.openstack.pod_placement_info
  - module: zoneops.openstack.zone_result
"""

EXAMPLES = r"""
- name: Deploy the compute hosts of a zone
  zoneops.openstack.data_plane:
    region: {zones: [az1]}
    zones:
      az1:
        kubernetes: {}
        image_store: {type: cinder, volume_type: glance-az1}
        data_plane:
          networks:
            - {name: ctlplane, subnet: subnet1, default_route: true}
          nodes:
            compute-az1-0: {address: 192.168.123.100}
            compute-az1-1: {address: 192.168.123.101}
    timeout: 7200

- name: Deploy the data planes of the inventory, one call for all zones and a verdict for each
  zoneops.openstack.data_plane:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: "{{ ansible_play_batch }}"
    batch: 5
    timeout: 14400
  run_once: true
  register: planes
  changed_when: false
  failed_when: planes.zones is not defined

- name: Report the verdict of this zone
  zoneops.openstack.zone_result:
    result: "{{ planes }}"
"""

RETURN = r"""
zones:
  description: One verdict per zone of O(limit), by inventory name, as M(zoneops.openstack.availability_zones) returns them.
  returned: when the map is valid and the cluster could be read
  type: dict
  contains:
    changed:
      description: Whether something of the zone changed, or would change in check mode.
      type: bool
    failed:
      description: Whether the zone was refused or failed.
      type: bool
    msg:
      description: What was done, or what is wrong and what to do. Never empty.
      type: str
    plan:
      description: The changes that were planned, in order. Those with the action C(roll_out) are deployments.
      type: list
      elements: dict
    refusals:
      description: Why the zone was not changed, each with C(rule), C(message) and the C(items) that block it, such as hosts or servers.
      type: list
      elements: dict
    state:
      description: The managed fields of each object, and C(deployments) of this collection with their states.
      type: dict
"""

from typing import Any

from ..module_utils._kubernetes import module as frame
from ..module_utils._plan import writer
from ..module_utils._plan.progress import report
from ..module_utils._rhoso.data_plane import instances
from ..module_utils._rhoso.data_plane.reconcile import DataPlane, Options
from ..module_utils._zones import overrides

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    **writer.OPTIONS,
    "services": {"type": "list", "elements": "str", "default": []},
    "batch": {"type": "int", "default": 0},
    "wait_timeout": {"type": "float", "default": 3600},
    "allow": overrides.option("data_plane"),
}


def converge(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    zone_map, only = frame.zones_asked(params)
    if not any(zone_map.zones[name].data_plane for name in only):
        return frame.nothing_to_do(only)
    cluster = frame.region_cluster(params, zone_map.region)
    options = Options(
        only=only,
        services=tuple(params["services"]),
        batch=max(0, params["batch"]),
        allow=frozenset(params["allow"]),
        seconds=params["wait_timeout"],
    )
    reconciler = DataPlane(
        cluster,
        zone_map,
        options,
        lambda hosts: instances.look(hosts, zone_map.region, cluster.deadline),
        report,
    )
    return writer.converge(module, cluster, reconciler)


MODULE = frame.module(converge, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
