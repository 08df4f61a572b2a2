#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module data_plane."""

from __future__ import annotations

DOCUMENTATION = r"""
module: data_plane
short_description: The compute hosts of the zones in RHOSO
version_added: 0.1.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Creates and updates for each zone with C(data_plane) a ConfigMap that names the zone's own glance endpoint to nova, an OpenStackDataPlaneService with it,
    and an OpenStackDataPlaneNodeSet of the zone's hosts. Each is applied by the field manager of its zone.
  - Creates and updates a NodeSet for each set of C(networkers) of the zone, hosts that carry gateways of OVN and no servers.
  - Makes an OpenStackDataPlaneDeployment only where a host lacks something, and waits for it. What a deployment applies is in its annotation
    C(zoneops.openstack/rolls-out), and what the hosts had before in C(zoneops.openstack/had), because the operators take one of a single service, or of
    a single host, for the whole set. A set that others deployed gets the second one with its first change.
  - A change of nova's configuration deploys the zone's nova service only. New hosts get all services, and the others then only the keys of the new ones.
    Any other change of the set on hosts that are deployed is refused, unless O(services) names what it needs, or O(allow) lifts it.
  - Works on one zone after the other, and begins none behind one that failed. A run that was ended is resumed by the next one.
  - A node that is removed from the map leaves the NodeSet only when nova has no server and no unfinished migration on it.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.kubernetes
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.kubernetes_auth
  - zoneops.openstack.zones
options:
  services:
    description:
      - What a change of a NodeSet needs on hosts that are deployed already, in order, for example C(configure-network).
      - The operators then take all of the change as deployed, so name all that it needs.
    type: list
    elements: str
    default: []
  batch:
    description: Hosts of a zone that are deployed at a time. V(0) is all of them. The first deployment of a set is of all its hosts.
    type: int
    default: 0
  wait_timeout:
    description: Seconds that one deployment may take. O(timeout) holds for all of them together.
    type: float
    default: 3600
  journal:
    description: File to which every write is appended, see O(zoneops.openstack.availability_zones#module:journal).
    type: path
  allow:
    description:
      - Lifts refusals, each word one.
      - V(full_deployment) deploys all services on hosts that may have guests, which restarts their networks and may reboot them.
      - V(remove_failed_deployments) removes deployments of others that failed and keep a NodeSet from being changed.
        Those of an earlier run are removed anyway.
      - V(force_conflicts) takes fields from other field managers.
      - V(takeover) makes fields that others own with the same values this collection's alone.
    type: list
    elements: str
    choices: [full_deployment, remove_failed_deployments, force_conflicts, takeover]
    default: []
notes:
  - The hosts are installed already (C(preProvisioned)). Their Secrets, networks (NetConfig) and DNS have to be there.
  - Raise O(timeout) for real hosts. A deployment takes the better part of an hour.
  - OpenStack is asked only when a node leaves, by C(cloud) of O(region) or by the environment.
  - Costs one list for all zones, a GET and a dry run for each object of a zone, three and one for each set of networkers, and a GET for each Secret that the
    sets name (C(ansible_vars_secrets), C(ceph.files_secret)), when there is nothing to change.
  - Changed values of such a Secret are rolled out as a change of the set is. The operators make no deployment for them.
seealso:
  - module: zoneops.openstack.pod_placement_info
  - module: zoneops.openstack.zone_result
"""

EXAMPLES = r"""
- name: The compute hosts of a zone
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

- name: The data planes of the inventory, one call for all zones and a verdict for each
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

- name: The verdict of this zone
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
      description: Why the zone was not touched, each with C(rule), C(message) and the C(items) that block it, such as hosts or servers.
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
