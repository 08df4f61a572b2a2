#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module control_plane."""

from __future__ import annotations

DOCUMENTATION = r"""
module: control_plane
short_description: Manage the zones in the control plane object of RHOSO
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Applies what the zone map says about glance, cinder, manila, nova, memcached and the services with a majority to the one C(OpenStackControlPlane)
    that all zones share, by server-side apply with a field manager for each zone.
  - What zones share is applied first, then one zone after the other. The module waits for each zone before it begins the next, and the first that fails
    stops the others. New zones can be created in parallel.
  - A zone is ready when each of its service objects and StatefulSets has the new values and all its pods. The readiness that the control plane reports
    is not enough, because it lags, and because glance's depends on the API whose key sorts last.
  - Values that the webhooks of RHOSO accept although no pod could run with them are refused before the first write.
  - The module does not create the control plane object or its networks. It creates only the Secrets in C(kubernetes.secrets) of the map.
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
      - V(absent) removes the zones of O(limit), which is required, while they are still in the map. It first asks OpenStack, with O(cloud), whether
        the zone has workloads; without credentials for it nothing is removed.
      - It stops backup services, removes the zone's keys, verifies that their objects are gone, removes finalizers that the operators leave on the zone's
        Topology without an object, and then reduces what zones share.
      - The next run finishes an interrupted removal.
    type: str
    choices: [present, absent]
    default: present
  cloud:
    description: Cloud in C(clouds.yaml), for O(state=absent). Without it, C(zoneops_region.cloud) of the zone map, else the environment.
    type: str
  secret_values:
    description:
      - The values for the Secrets of C(kubernetes.secrets), by name of the variable. C(region) has those of the region, and C(zones)
        those of each zone by its inventory name.
      - By default they are the variables of each zone host, and for the region those of the first zone host, so playbooks do not need this option.
      - Results, differences and the journal never show them, only that one has changed.
    type: dict
  wait:
    description:
      - Wait until applied changes are ready, also those of an earlier run. The module waits for these before it changes an existing zone, and
        also if there is nothing to change.
      - Zones in the state maintenance or down are never waited for.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait for what zones share, and for each zone.
    type: float
    default: 1800
  verify:
    description:
      - Fail a zone that is not ready, also if nothing changes, and every zone while what they share is not ready. In check mode this only reads.
      - While a zone is in the state maintenance or down, what zones share is not checked, because it lacks the pods of that zone.
    type: bool
    default: false
  parallel:
    description: Number of new zones that are created in parallel. Zones that exist are changed one by one.
    type: int
    default: 4
  progress:
    description: File to which a line is appended at every step of every zone. Where its name ends in C(.json) or C(.jsonl), each line is an object.
    type: path
  allow:
    description:
      - Refusals to lift. Each word lifts one.
      - V(force_conflicts) overwrites fields that another manager has set to another value. Warnings name them.
      - V(takeover) also does that, and removes other owners from fields with the same value, so that only this collection owns them.
      - V(orphans) removes a zone although it has workloads, which are named and lost.
    type: list
    elements: str
    choices: [force_conflicts, takeover, orphans]
    default: []
  timeout:
    description:
      - Seconds after which the whole run ends, even if a request is still waiting. No request begins after it, and none waits beyond it.
      - The result has what is known by then.
    type: float
    default: 7200
notes:
  - The field manager C(zoneops-region) owns what zones share, and C(zoneops-NAME), with C(kubernetes.name) of the zone, owns the part of the zone.
  - The warnings name every StatefulSet whose pods a change restarts, or its service where RHOSO gives the set no fixed name.
    A change of what zones share can restart pods of all zones.
  - The first run on a control plane that others created can find conflicts in C(spec.glance.template.apiTimeout),
    C(spec.glance.template.keystoneEndpoint), C(spec.manila.enabled) and C(spec.manila.template.manilaAPI.customServiceConfig), which have defaults there.
    They are marked as known; V(force_conflicts) overwrites them.
  - Needs the rights to get and patch C(openstackcontrolplanes.core.openstack.org), and to list C(topologies.topology.openstack.org), StatefulSets, pods,
    events and the objects of glance, cinder, manila and memcached in the namespace.
  - Costs one request for the object when there is nothing to change, and with O(wait) one list of each kind that is waited for; and a dry run for each part
    that would change.
seealso:
  - module: zoneops.openstack.zone_result
"""

EXAMPLES = r"""
- name: Apply two zones on Ceph
  zoneops.openstack.control_plane:
    kubeconfig: ~/rhoso.kubeconfig
    zones:
      az1:
        kubernetes: {load_balancer_address: 172.17.0.81}
        ceph: {fsid: 3f1c0f5e-6f6e-4a52-9a1c-0d2f6f1b7a01, files_secret: ceph-conf-files-az1}
        image_store: {}
        volume_backends: [{}]
      az2:
        kubernetes: {load_balancer_address: 172.17.0.82}
        ceph: {fsid: 8a7be3d2-54a9-4c4e-8c7f-5b9e2d6c4a02, files_secret: ceph-conf-files-az2}
        image_store: {}
        volume_backends: [{}]
    region:
      zones: [az1, az2]
      kubernetes: {services: {ceph_files_secret: ceph-conf-files}}

- name: Apply the zones of the inventory, one call for all zones and a verdict for each
  zoneops.openstack.control_plane:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: "{{ ansible_play_batch }}"
  run_once: true
  register: control_plane
  changed_when: false
  failed_when: control_plane.zones is not defined

- name: Report the verdict of this zone
  zoneops.openstack.zone_result:
    result: "{{ control_plane }}"

- name: Remove a zone that is no longer in use
  zoneops.openstack.control_plane:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az3]
    state: absent
    cloud: mycloud
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
      description: Whether the zone's part of the object changed, or would change in check mode.
      type: bool
    failed:
      description: Whether the zone was refused or failed, or is not ready.
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
      description: The fields of the object that are managed here, as last read.
      type: dict
progress:
  description: What was still missing during the wait, a line for each change.
  returned: when something was waited for
  type: list
  elements: str
"""

from typing import Any

from ..module_utils._kubernetes import module as frame
from ..module_utils._kubernetes.apply.reconcile import AppliedReconciler
from ..module_utils._kubernetes.apply.reconcile import Options as ApplyOptions
from ..module_utils._kubernetes.client import Cluster
from ..module_utils._plan import writer
from ..module_utils._plan.errors import ZoneopsError
from ..module_utils._rhoso.control_plane import guards
from ..module_utils._rhoso.control_plane.progress import Progress
from ..module_utils._rhoso.control_plane.reconcile import ControlPlane, Options
from ..module_utils._rhoso.control_plane.wait import Waiting
from ..module_utils._rhoso.spec import rules
from ..module_utils._rhoso.spec import secrets as secrets_made
from ..module_utils._rhoso.zone_removal import empty_check, steps
from ..module_utils._rhoso.zone_removal.reconcile import Removal
from ..module_utils._zones import overrides
from ..module_utils._zones.schema.zone_map import ZoneMap

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    **writer.OPTIONS,
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "cloud": {"type": "str"},
    "secret_values": {"type": "dict", "no_log": True},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "float", "default": 1800},
    "verify": {"type": "bool", "default": False},
    "parallel": {"type": "int", "default": 4},
    "progress": {"type": "path"},
    "allow": overrides.option("control_plane"),
    "timeout": {"type": "float", "default": 7200},
}


def converge(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    wanted, only = frame.zones_asked(params)
    for name in ("parallel", "wait_timeout"):
        if params[name] < 1:
            raise ZoneopsError(f"option '{name}' is {params[name]:g}: it must be at least 1.")
    zones = frame.kubernetes_zones(wanted, only)
    if not zones:
        return frame.nothing_to_do(only)
    rules.check(wanted)
    cluster = frame.region_cluster(params, wanted.region)
    progress = Progress(params["progress"])
    waiting = Waiting(cluster, guards.control_plane_ref(wanted), params["wait_timeout"], progress)
    if params["state"] == "absent":
        reconciler: AppliedReconciler[Any] = _removal(module, cluster, wanted, only, waiting)
    else:
        reconciler = _presence(module, cluster, wanted, only, waiting)
    result = writer.converge(module, cluster, reconciler, at_once=params["parallel"])
    said = {"progress": progress.lines} if progress.lines else {}
    return {**result, **said, "warnings": [*result["warnings"], *progress.warnings]}


def _apply_options(module: frame.Run) -> ApplyOptions:
    allow = frozenset(module.params["allow"]) - {overrides.ORPHANS}
    return ApplyOptions(allow=allow, known=guards.KNOWN_CONFLICTS, one_by_one=True)


def _presence(
    module: frame.Run, cluster: Cluster, wanted: ZoneMap, only: tuple[str, ...], waiting: Waiting
) -> ControlPlane:
    params = module.params
    options = Options(
        apply=_apply_options(module),
        wait=params["wait"],
        verify=params["verify"],
        check=module.check_mode,
        secrets=secrets_made.parts(wanted, only, params["secret_values"] or {}),
    )
    return ControlPlane(cluster, wanted, only, options, waiting)


def _removal(module: frame.Run, cluster: Cluster, wanted: ZoneMap, only: tuple[str, ...], waiting: Waiting) -> Removal:
    params = module.params
    if params["limit"] is None:
        raise ZoneopsError("state absent removes the zones of the option 'limit': name them there.")
    steps.check(wanted, frozenset(only))
    living = empty_check.workloads_of(params, wanted, frozenset(only))
    options, orphans = _apply_options(module), overrides.ORPHANS in params["allow"]
    return Removal(cluster, wanted, only, living, waiting, orphans=orphans, wait=params["wait"], options=options)


MODULE = frame.module(converge, OPTIONS, rules={"required_if": [("state", "absent", ("limit",))]})


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
