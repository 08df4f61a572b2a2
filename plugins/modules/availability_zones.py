#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module availability_zones."""

from __future__ import annotations

DOCUMENTATION = r"""
module: availability_zones
short_description: Manage the host aggregates and availability zones of nova
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Creates and updates the host aggregate of each zone, with its availability zone, metadata and hosts, in one call for all zones.
  - Metadata is merged and hosts are added. Other metadata and hosts stay. Aggregates that belong to no zone of the map are never changed.
  - A change that nova would refuse is found before the first write of a zone. That zone stays as it is, and the other zones continue.
  - After a write nova is read again, and the zone fails when the write had no effect. The changes of a zone that fails are rolled back.
  - Costs three calls to nova when there is nothing to change, for any number of zones and hosts.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
options:
  purge_hosts:
    description:
      - Remove hosts that the map does not name from the zones' aggregates.
      - Never the last host of a zone, never a host with instances, and at most O(max_removed_hosts) per zone.
    type: bool
    default: false
  max_removed_hosts:
    description: The most hosts that one call removes from one zone by O(purge_hosts).
    type: int
    default: 1
  purge_metadata:
    description:
      - Remove metadata that the map does not name. By default they are kept, since other programs use keys there.
      - Keys of instance HA and of reservations are never removed, and a warning names them. These are C(evacuable), C(instanceha:*),
        C(ha_enabled), C(masakari:*) and C(blazar:*).
    type: bool
    default: false
  placement_mirror:
    description:
      - Also repair placement, so that each aggregate's UUID is on the resource providers of its hosts and on no others.
      - Nova mirrors its own changes to placement, but does not notice when the mirror is wrong. Then servers of a zone are placed elsewhere.
      - Costs one list of all hypervisors, to find the providers of a host, and one call per zone.
    type: bool
    default: false
  compare_mirror:
    description:
      - Check whether placement mirrors the zones, without repairing it. If not, verification fails.
      - Costs what O(placement_mirror) costs. A run that adds hosts always checks these, and fails if nova did not mirror all hypervisors of a
        host, as with ironic. So does a run that finds the lock of a run that was killed, or that failed this check.
    type: bool
    default: false
  parallel:
    description:
      - Number of new zones that are created in parallel; with V(1), and with O(journal), one after the other.
      - Zones that exist are always changed one by one.
    type: int
    default: 4
  state:
    description:
      - Desired state of the zones in O(limit), which V(absent) needs.
      - With V(absent) the hosts are removed and stay disabled, since an enabled host in no zone gets any server, and the aggregate is deleted.
      - With V(without_az) the aggregate stays, without an availability zone. Nova cannot clear the zone of an aggregate, so all hosts are removed
        from it, and it is deleted and created again.
    type: str
    choices: [present, without_az, absent]
    default: present
  break_lock:
    description:
      - A run that writes takes a lock in nova, the aggregate C(zoneops:lock). Another run that finds the lock is refused, with its owner and age.
      - A lock that has expired, or whose process on this machine has ended, is taken over. With this option any lock is taken over.
    type: bool
    default: false
  allow:
    description:
      - Refusals to lift. Each word lifts one. What nova itself refuses cannot be lifted.
      - V(host_moves) moves a host from one zone of the map to another, once it has no workloads.
      - V(az_change) gives the aggregate of a zone another availability zone. Nova refuses requests that name the old one from then on.
      - V(recreate_aggregate) clears the availability zone of an aggregate by deleting and creating the aggregate again.
      - V(empty_zone) removes the last host from a zone, also for the moment in which two zones exchange their only hosts.
      - V(pinned_servers) removes an availability zone to which servers are pinned. They keep the pin, and the scheduler then ignores it.
      - V(unfinished_migrations) removes a host from its zone although migrations from it or to it are unfinished, also unconfirmed resizes.
      - V(stray_allocations) removes a host from its zone although consumers without a server have allocations on it in placement.
      - V(free_hosts_first) adds hosts that are in no zone and have no instances, and leaves those with instances for a later run.
    type: list
    elements: str
    choices:
      [host_moves, az_change, recreate_aggregate, empty_zone, pinned_servers, unfinished_migrations, stray_allocations, free_hosts_first]
    default: []
notes:
  - Needs nova 2.53 or newer (Pike), and a user that may list and change aggregates, services and the servers of all projects.
seealso:
  - module: zoneops.openstack.region_info
  - module: zoneops.openstack.zone_result
"""

EXAMPLES = r"""
- name: Create two zones, without an inventory of zones
  zoneops.openstack.availability_zones:
    cloud: mycloud
    region:
      zones: [az1, az2]
    zones:
      az1:
        compute:
          hosts: [compute-1, compute-2]
      az2:
        compute:
          hosts: [compute-3, compute-4]
          metadata:
            tier: gold

- name: Update all zones of the inventory, one call for all and a verdict for each
  zoneops.openstack.availability_zones:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: "{{ ansible_play_batch }}"
  run_once: true
  register: converged
  changed_when: false
  failed_when: converged.zones is not defined

- name: Report the verdict of this zone
  zoneops.openstack.zone_result:
    result: "{{ converged }}"
"""

RETURN = r"""
zones:
  description: One verdict per zone of O(limit), by inventory name.
  returned: when the map is valid and nova could be read
  type: dict
  contains:
    changed:
      description: Whether the zone changed, or would change in check mode.
      type: bool
    failed:
      description: Whether the zone was refused or failed.
      type: bool
    msg:
      description: What was done, or what is wrong and what to do. Never empty.
      type: str
    plan:
      description: The changes that were planned, in order, each with C(action), C(target), C(before), C(after) and C(text).
      type: list
      elements: dict
    done:
      description: Changes that are kept.
      type: list
      elements: dict
    undone:
      description: Changes that were rolled back after a failure.
      type: list
      elements: dict
    left:
      description: Changes that failed or did not begin.
      type: list
      elements: dict
    refusals:
      description: Why the zone was not changed, each with C(rule), C(message) and the C(items) that block it.
      type: list
      elements: dict
    warnings:
      description: Problems that this module does not repair, for example a host that is down.
      type: list
      elements: str
    wrong:
      description: The warnings for which verification fails. Left out if there are none.
      type: list
      elements: str
    diff:
      description: The zone before and after; both empty if it does not change.
      type: dict
    state:
      description: The zone as last read, with C(aggregate), C(availability_zone), C(metadata), C(hosts), and C(service_ids), the ids
        of their compute services.
      type: dict
verified:
  description:
    - What a call in check mode would return after the writes, by the same look with which this call verifies them. Zones that failed are left out.
    - The playbook C(zoneops.openstack.site) takes this as its verification, and does not look again.
  returned: when something was written and a zone did not fail
  type: dict
"""

from typing import Any

from ..module_utils._compute import run
from ..module_utils._compute.nova import Nova
from ..module_utils._compute.options import Options
from ..module_utils._compute.placement import Placement
from ..module_utils._compute.reconcile import AvailabilityZones
from ..module_utils._openstack import module as frame
from ..module_utils._plan.errors import ZoneopsError
from ..module_utils._zones import overrides

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    **run.OPTIONS,
    "purge_hosts": {"type": "bool", "default": False},
    "max_removed_hosts": {"type": "int", "default": 1},
    "purge_metadata": {"type": "bool", "default": False},
    "placement_mirror": {"type": "bool", "default": False},
    "compare_mirror": {"type": "bool", "default": False},
    "parallel": {"type": "int", "default": 4},
    "state": {"type": "str", "choices": ["present", "without_az", "absent"], "default": "present"},
    "allow": overrides.option("availability_zones"),
}


def converge(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    if params["parallel"] < 1:
        raise ZoneopsError(f"option 'parallel' is {params['parallel']}: it must be at least 1.")
    # Also for a limit that is there and empty of a value: without one all zones of the map would be removed.
    if params["state"] == "absent" and params["limit"] is None:
        raise ZoneopsError("state absent removes the zones of the option 'limit': name them there.")
    wanted, only = frame.zones_asked(params)
    cloud = frame.region_cloud(params, wanted.region)
    options = Options(
        only=only,
        state=params["state"],
        allow=frozenset(params["allow"]),
        purge_hosts=params["purge_hosts"],
        max_removed_hosts=params["max_removed_hosts"],
        purge_metadata=params["purge_metadata"],
        mirror=params["placement_mirror"],
        compare_mirror=params["compare_mirror"],
    )
    nova = Nova(cloud.service("compute"))
    reconciler = AvailabilityZones(nova, Placement(cloud.service("placement")), wanted, options, cloud.deadline)
    return run.converge(module, cloud, nova, reconciler, at_once=params["parallel"], adding=reconciler, verified=True)


MODULE = frame.module(converge, OPTIONS, rules={"required_if": [("state", "absent", ("limit",))]})


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
