#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module zone_return."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zone_return
short_description: Bring a zone, or hosts, back that were lost and evacuated
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Enables the cinder-volume, cinder-backup and manila-share services of the zone that were disabled because it was lost, and waits until cinder's scheduler
    knows their pools.
  - Then it brings the hosts back, one at a time. It unsets C(forced_down), waits until the host is up, and enables it. A host that was disabled before it died
    is disabled for the same reason again.
  - A host comes back only if its nova-compute has started since servers were evacuated from it, no evacuation from it is under way, it is in the availability
    zone of its zone, its neutron agents are up, and the storage of the zone works. Each host stands by itself. What is wrong with one keeps no other away.
  - Only what has the mark of a lost host or zone is changed, a disabled reason that begins with C(zoneops:) C(dead). What others disabled or forced down is
    left and reported.
  - If the catalog has Masakari, the hosts that M(zoneops.openstack.zone_evacuate) put on maintenance there are taken off it, once everything else is back.
  - Servers stay where they are. M(zoneops.openstack.zone_drain) moves them. Tags that M(zoneops.openstack.zone_evacuate) gave to servers that it did not
    evacuate are removed.
  - Every call can be repeated. A run that was killed or ended early is resumed by the same call.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
options:
  hosts:
    description:
      - Names of compute hosts in the zone files of O(limit). Without it, all hosts in these zone files.
    type: list
    elements: str
  guests:
    description:
      - Ids of the servers that hypervisors run, as a list for each host, such as C(virsh list --uuid) prints them.
      - A host is refused if its hypervisor runs a server that nova places elsewhere, or one that another hypervisor runs as well. Two such guests write to the
        same volumes.
    type: dict
  pods:
    description:
      - What M(zoneops.openstack.pod_placement_info) returned. A zone with a Kubernetes side needs it. Its nodes and pods have to be ready, and every majority
        of the control plane has to have all its members. What a run would wait for (RV(zoneops.openstack.pod_placement_info#module:would_wait)) is a warning.
    type: dict
  nodes:
    description:
      - What M(zoneops.openstack.node_maintenance) with C(state=unfence) returned. A zone in which it failed counts as one whose Kubernetes side is not back.
    type: dict
  canary_server:
    description:
      - A server that is created on each host when it is enabled, and deleted again. If it does not become active, the host is disabled again.
      - By names or ids.
    type: dict
    suboptions:
      flavor:
        description: The flavor.
        type: str
        required: true
      image:
        description: The image.
        type: str
        required: true
      volume_size:
        description: Gigabytes of a volume that it boots from. Without it, it boots from the image.
        type: int
      networks:
        description: Networks that it is connected to.
        type: list
        elements: str
        default: []
      seconds:
        description: How long it may take to become active.
        type: int
        default: 300
  up_timeout:
    description:
      - How long a host may take to be up once C(forced_down) is unset, in seconds. A host that takes longer is forced down again.
    type: int
    default: 120
  repair:
    description:
      - Whether to delete attachments of volumes of the zone that nothing needs any more.
      - These are attachments of servers that were deleted, and attachments that a server does not use, such as those that failed evacuations left. Which ones
        it uses is known from nova 2.89 on. Everything else in RV(left_behind) is left.
      - A server that was deleted while its host was away can still run there. Its attachment is deleted only if no host ever had the volume by it, or O(guests)
        has that host, or all hosts of the zone if cinder does not name it, and none of the hosts there runs the server.
      - Do not use it where services other than nova attach volumes under ids of their own, such as a standalone ironic. Nova knows none of these ids.
    type: bool
    default: false
  masakari:
    description:
      - Whether hosts are taken off maintenance in Masakari that M(zoneops.openstack.zone_evacuate) put on it. With V(false), it is not asked.
    type: bool
    default: true
  break_lock:
    description: Take over the region's lock from a run that is known to be dead.
    type: bool
    default: false
  allow:
    description:
      - Refusals to lift. V(agents) brings hosts back although agents or services on them are down.
      - V(pods) brings hosts back although the Kubernetes side of the zone is not back, or that is unknown.
      - V(storage) brings hosts back although the storage of the zone does not work.
      - V(thaw) enables a cinder-volume by freezing and thawing it, see M(zoneops.openstack.block_storage_services).
      - V(foreign_reasons) enables share services where manila stores no reasons (before 2.83) and the zone has no host aggregate.
    type: list
    elements: str
    choices: [agents, foreign_reasons, pods, storage, thaw]
    default: []
notes:
  - Needs nova 2.74 or newer (Stein), placement 1.29, and the admin role unless a policy says otherwise.
  - Start nova-compute on the hosts before, after the last evacuation has ended. Until it has started, a host keeps its copy of the servers that were evacuated.
  - It changes nothing in Kubernetes. M(zoneops.openstack.instance_ha) switches RHOSO's instance HA on afterwards. Other tools of this kind are switched on
    by hand.
  - Cinder 28 and 29 cannot enable a cinder-volume or a cinder-backup again through their API. The result then says what to do by hand.
seealso:
  - module: zoneops.openstack.host_maintenance
  - module: zoneops.openstack.instance_ha
  - module: zoneops.openstack.node_maintenance
  - module: zoneops.openstack.pod_placement_info
  - module: zoneops.openstack.zone_drain
"""

EXAMPLES = r"""
- name: Restore zone az1
  zoneops.openstack.zone_return:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az1]
    timeout: 7200

- name: Restore one host, with what its hypervisor runs
  zoneops.openstack.zone_return:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az1]
    hosts: [compute-az1-0]
    guests:
      compute-az1-0: "{{ hostvars['compute-az1-0'].virsh.stdout_lines }}"
"""

RETURN = r"""
zones:
  description: One verdict per zone of O(limit), by inventory name, as M(zoneops.openstack.availability_zones) returns them.
  returned: when the map is valid and the cloud could be read
  type: dict
  contains:
    changed:
      description: Whether something changed, or would change in check mode.
      type: bool
    failed:
      description: Whether the zone was refused or failed.
      type: bool
    msg:
      description: What was done, or what is wrong and what to do. Never empty.
      type: str
    refusals:
      description: What is wrong, each with C(rule), C(message) and C(items), the blockers.
      type: list
      elements: dict
    state:
      description:
        - C(compute) has by host C(id), that of its compute service, its C(status), C(disabled_reason) and C(forced_down), whether it is C(up), the number of
          C(servers) that nova places on it, and C(evacuated), the ids of servers that were evacuated from it.
        - C(block storage) and C(shared file systems) have the C(status) and the C(disabled_reason) of each service.
        - C(instance HA) has by host its C(segment) in Masakari, whether it is C(on_maintenance) there, and whether zone_evacuate put it on it (C(remembered)).
      type: dict
away:
  description:
    - The zones of the map that are not back, by inventory name. They have a host that is out of service because it was lost or because its zone is in
      maintenance, or they are zones of O(limit) that failed. While a cell that does not answer hides hosts of a zone, all of O(limit) are, and the hidden zone
      where it is down or in maintenance in its file. In check mode, as it would be after a run.
  returned: when the map is valid and the cloud could be read
  type: list
  elements: str
left_behind:
  description:
    - What the loss of the zone left behind, as it was seen last, each with C(zone), C(kind), C(id), C(text) and C(command), what a person can do about it.
    - C(kind) is V(attachment), V(volume), V(server) for one that nova works on, V(evacuation) for a server whose evacuation failed, V(restored) for one
      that was created again in another zone, V(tag) for one that was to be evacuated and was not, or V(allocation).
  returned: when the map is valid and the cloud could be read
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils._compute import run
from ..module_utils._compute.nova import Nova
from ..module_utils._openstack import module as frame
from ..module_utils._plan.errors import ZoneopsError
from ..module_utils._plan.limits import refuse_wrong_seconds
from ..module_utils._plan.text.near import refuse_unknown
from ..module_utils._servers.maintenance.end import canary
from ..module_utils._zone_maintenance.away import away, left_by
from ..module_utils._zone_maintenance.guards import majorities
from ..module_utils._zone_return.build import Call
from ..module_utils._zone_return.model import Wanted
from ..module_utils._zones import overrides
from ..module_utils._zones.named_hosts import refuse_unnamed_hosts
from ..module_utils._zones.schema.zone_map import ZoneMap

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    "hosts": {"type": "list", "elements": "str"},
    "guests": {"type": "dict"},
    "pods": {"type": "dict"},
    "nodes": {"type": "dict"},
    "canary_server": canary.OPTION,
    "up_timeout": {"type": "int", "default": 120},
    "repair": {"type": "bool", "default": False},
    "masakari": {"type": "bool", "default": True},
    **run.OPTIONS,
    "allow": overrides.option("zone_return"),
}


def bring_back(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    zone_map, only = frame.zones_asked(params)
    kind = canary.kind_of(params["canary_server"])
    wanted = _wanted(params, zone_map, only)
    cloud = frame.region_cloud(params, zone_map.region)
    nova = Nova(cloud.service("compute"))
    call = Call(cloud, nova, zone_map, wanted, None if kind is None else canary.Canary(cloud, kind))
    left, stages = call.stages()
    if not module.check_mode:
        call.until_up()
    result = run.converge(module, cloud, nova, stages)
    observed = left_by(call.hosts, call.hosts.observed, check=module.check_mode)
    gone = away(zone_map, observed.region, result["zones"])
    return {**result, "left_behind": [one.as_dict() for one in left.found], "away": gone}


def _wanted(params: Mapping[str, Any], zone_map: ZoneMap, only: tuple[str, ...]) -> Wanted:
    hosts = params["hosts"]
    refuse_unnamed_hosts(hosts, zone_map, only)
    refuse_wrong_seconds({"up_timeout": params["up_timeout"]}, ("up_timeout",))
    # A wrong result of pod_placement_info is refused before a request is sent.
    majorities((params["pods"] or {}).get("quorum") or {}, "pods")
    return Wanted(
        only=only,
        hosts=None if hosts is None else tuple(hosts),
        guests=_guests(params["guests"], zone_map),
        pods=params["pods"],
        nodes=params["nodes"],
        canary=params["canary_server"] is not None,
        up_seconds=params["up_timeout"],
        repairs=params["repair"],
        masakari=params["masakari"],
        allow=frozenset(params["allow"]),
    )


def _guests(given: Mapping[str, Any] | None, zone_map: ZoneMap) -> Mapping[str, tuple[str, ...]] | None:
    if given is None:
        return None
    known = [host for zone in zone_map.zones.values() for host in zone.compute_hosts]
    refuse_unknown("'guests'", "compute host of the map", given, known)
    for host, listed in given.items():
        if not isinstance(listed, (list, tuple)) or not all(isinstance(one, str) for one in listed):
            raise ZoneopsError(
                f"option 'guests': give a list of ids of servers for host {host}, an empty one for none."
            )
    return {host: tuple(one.strip().lower() for one in listed if one.strip()) for host, listed in given.items()}


MODULE = frame.module(bring_back, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
