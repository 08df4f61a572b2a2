#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module compute_services."""

from __future__ import annotations

DOCUMENTATION = r"""
module: compute_services
short_description: Enable and disable the compute services of zones
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Enables, disables with a reason, or forces down the nova-compute services of the zones' hosts, in one call for all zones and one request per host.
  - Verifies each write, also in placement, where the trait for the scheduler can lag behind the service.
  - Its reasons begin with C(zoneops:). A host that others disabled keeps its status and reason, unless O(allow) says otherwise.
    Hosts of instance-HA tools and their spares are never changed, nor are hosts in maintenance, see M(zoneops.openstack.host_maintenance).
  - With O(status=disabled) such a host is accepted, and a warning shows its reason. Each host is disabled independently. One
    that fails or is unknown fails its zone, and the others are still disabled.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
options:
  hosts:
    description: Only these hosts. Without it, all hosts in the zone files of O(limit).
    type: list
    elements: str
  status:
    description: Desired status of the services. Without it, the status is not changed. Needed without O(forced_down).
    type: str
    choices: [enabled, disabled]
  reason:
    description: Why the services are disabled, shown by C(openstack compute service list). At most 246 characters. Needed with O(status=disabled).
    type: str
  forced_down:
    description:
      - Whether nova treats the hosts as down, whatever they report. Without it, this is not changed.
      - This is not fencing. Nova lets servers be evacuated from a host that is forced down, also when the host still runs them.
        Set it only for hosts that are certainly switched off or cut off from their storage.
    type: bool
  break_lock:
    description: Remove the region's lock of a run that is known to be dead, see O(zoneops.openstack.availability_zones#module:break_lock).
    type: bool
    default: false
  allow:
    description:
      - Refusals to lift. V(foreign_reasons) also changes hosts that others disabled.
    type: list
    elements: str
    choices: [foreign_reasons]
    default: []
notes:
  - Needs nova 2.53 or newer (Pike), and a user that may change services.
seealso:
  - module: zoneops.openstack.availability_zones
  - module: zoneops.openstack.region_info
"""

EXAMPLES = r"""
- name: Stop new servers on the hosts of zone az2
  zoneops.openstack.compute_services:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az2]
    status: disabled
    reason: power work, ticket 4711

- name: Enable one host again
  zoneops.openstack.compute_services:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    hosts: [compute-az2-0]
    status: enabled
"""

RETURN = r"""
zones:
  description: One verdict per zone of O(limit), by inventory name, as M(zoneops.openstack.availability_zones) returns them.
  returned: when the map is valid and nova could be read
  type: dict
  contains:
    changed:
      description: Whether a service of the zone changed, or would change in check mode.
      type: bool
    failed:
      description: Whether the zone was refused or failed.
      type: bool
    msg:
      description: What was done, or what is wrong and what to do. Never empty.
      type: str
    state:
      description: C(id), C(status), C(disabled_reason) and C(forced_down) by host, as last read.
      type: dict
"""

from typing import Any

from ..module_utils._compute import run
from ..module_utils._compute.nova import Nova
from ..module_utils._compute.placement import Placement
from ..module_utils._compute.services import ComputeServices, Wanted
from ..module_utils._openstack import module as frame
from ..module_utils._plan.disabled.options import RULES, STATUS, reason_of
from ..module_utils._zones import overrides
from ..module_utils._zones.named_hosts import refuse_unnamed_hosts
from ..module_utils._zones.schema.zone_map import ZoneMap

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    **run.OPTIONS,
    "hosts": {"type": "list", "elements": "str"},
    "status": STATUS,
    "reason": {"type": "str"},
    "forced_down": {"type": "bool"},
    "allow": overrides.option("compute_services"),
}


def switch_services(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    zone_map, only = frame.zones_asked(params)
    wanted = _wanted(params, zone_map, only)
    cloud = frame.region_cloud(params, zone_map.region)
    nova = Nova(cloud.service("compute"))
    reconciler = ComputeServices(nova, Placement(cloud.service("placement")), zone_map, wanted)
    return run.converge(module, cloud, nova, reconciler)


def _wanted(params: dict[str, Any], zone_map: ZoneMap, only: tuple[str, ...]) -> Wanted:
    hosts, reason = params["hosts"], reason_of(params)
    refuse_unnamed_hosts(hosts, zone_map, only)
    return Wanted(
        only=only,
        hosts=None if hosts is None else tuple(hosts),
        status=params["status"],
        reason=reason,
        forced_down=params["forced_down"],
        allow=frozenset(params["allow"]),
    )


MODULE = frame.module(switch_services, OPTIONS, rules={**RULES, "required_one_of": [("status", "forced_down")]})


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
