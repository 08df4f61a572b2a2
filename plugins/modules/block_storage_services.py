#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module block_storage_services."""

from __future__ import annotations

DOCUMENTATION = r"""
module: block_storage_services
short_description: The services of cinder by zone, compared with the zone map, enabled or disabled
version_added: 0.1.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Without O(status) it compares what reports in to cinder with the zone map, and fails each zone that is not as the map says. Back ends that are missing,
    down, disabled, in a wrong availability zone, called otherwise or full are found, as are zones that cinder or nova lacks, missing backup services,
    missing schedulers and a default type that does not exist. It then writes nothing.
  - With O(status) it enables or disables the services that report the zones, each by its full name (C(host@backend)). Cinder takes a bare host too, and then
    changes one of its back ends at random.
  - Every write is read back, because cinder 28 and 29 answer 200 to enabling a service and do nothing.
  - Reasons that it gives begin with C(zoneops:). A service that others disabled or froze stays as it is, unless O(allow) says otherwise.
    With O(status=disabled) it is as asked for, and a warning shows the reason that is kept.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
options:
  binaries:
    description: Which kinds of services O(status) is about.
    type: list
    elements: str
    choices: [volume, backup, scheduler]
    default: [volume, backup]
  services:
    description:
      - Only these, as C(openstack volume service list) names them, for cinder-volume C(host@backend). Left out, all services that report the zones of O(limit).
    type: list
    elements: str
  status:
    description: What the services shall be. Left out, they are compared with the map.
    type: str
    choices: [enabled, disabled]
  reason:
    description: Why the services are disabled. At most 246 characters. Needed with O(status=disabled).
    type: str
  with_nova:
    description:
      - Compare the availability zones of cinder with those of nova too. Nova lists a zone only while it has a host, so a zone that is just being made
        is not there yet.
    type: bool
    default: true
  journal:
    description: File to which every write is appended, see O(zoneops.openstack.availability_zones#module:journal).
    type: path
  allow:
    description:
      - Lifts refusals, each word one.
      - V(foreign_reasons) changes also services that others disabled. What others froze is never thawed.
      - V(thaw) freezes and thaws a cinder-volume where cinder's own call does not enable it. Never one whose back end replicates, where freezing belongs to a
        failover, and never over a reason that others gave, which freezing would erase. A run that ends between the two leaves the service frozen,
        and the next one thaws it. Until it is thawed, an empty QoS spec that is called C(zoneops:) and the service says whose it is.
    type: list
    elements: str
    choices: [foreign_reasons, thaw]
    default: []
notes:
  - Needs cinder with the API v3, and a user that may list and change its services and list its pools.
  - Costs six calls to compare, two of them to nova, for any number of zones, and one to see that all services are as O(status) says.
  - A zone whose C(zone_state) is C(down) or C(maintenance) does not fail by what is to be expected of it, it is noted.
seealso:
  - module: zoneops.openstack.volume_types
  - module: zoneops.openstack.compute_services
"""

EXAMPLES = r"""
- name: Is the block storage of all zones as the map says?
  zoneops.openstack.block_storage_services:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"

- name: No new volumes in zone az2
  zoneops.openstack.block_storage_services:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az2]
    binaries: [volume]
    status: disabled
    reason: array maintenance, ticket 4711

- name: And again
  zoneops.openstack.block_storage_services:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az2]
    binaries: [volume]
    status: enabled
    allow: [thaw]
"""

RETURN = r"""
zones:
  description: One verdict per zone of O(limit), by inventory name, as M(zoneops.openstack.availability_zones) returns them.
  returned: when the map is valid and cinder could be read
  type: dict
  contains:
    changed:
      description: Whether a service of the zone changed, or would change in check mode.
      type: bool
    failed:
      description: Whether the zone is not as the map says, was refused, or failed.
      type: bool
    msg:
      description: What was done, or what is wrong and what to do. Never empty.
      type: str
    refusals:
      description: What is wrong, each with C(rule) and C(message).
      type: list
      elements: dict
    state:
      description: The services that report the zone, with C(status) and C(disabled_reason). Where they were compared also C(state) and C(pools).
      type: dict
"""

from typing import Any

from ..module_utils._block_storage.api.cinder import Cinder
from ..module_utils._block_storage.services.model import BINARIES, Options
from ..module_utils._block_storage.services.reconcile import BlockStorageServices
from ..module_utils._compute.nova import Nova
from ..module_utils._openstack import module as frame
from ..module_utils._plan import writer
from ..module_utils._plan.errors import ZoneopsError
from ..module_utils._zones import overrides

# cinder takes 255 characters, the mark of this collection is part of them.
LONGEST_REASON = 246
OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    **writer.OPTIONS,
    "binaries": {"type": "list", "elements": "str", "choices": list(BINARIES), "default": ["volume", "backup"]},
    "services": {"type": "list", "elements": "str"},
    "status": {"type": "str", "choices": ["enabled", "disabled"]},
    "reason": {"type": "str"},
    "with_nova": {"type": "bool", "default": True},
    "allow": overrides.option("block_storage_services"),
}


def converge(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    zone_map, only = frame.zones_asked(params)
    options = _options(params, only)
    cloud = frame.region_cloud(params, zone_map.region)
    cinder, nova = Cinder(cloud.service("block-storage")), Nova(cloud.service("compute"))
    reconciler = BlockStorageServices(cinder, nova, zone_map, options)
    result = writer.converge(module, cloud, reconciler)
    result["warnings"] += reconciler.warnings
    return result


def _options(params: dict[str, Any], only: tuple[str, ...]) -> Options:
    status, reason, services = params["status"], params["reason"], params["services"]
    if (status == "disabled") != (reason is not None):
        raise ZoneopsError("options 'status: disabled' and 'reason' go together: give the reason.")
    if reason is not None and not 0 < len(reason) <= LONGEST_REASON:
        raise ZoneopsError(f"option 'reason' has {len(reason)} characters: 1 to {LONGEST_REASON} are allowed.")
    if services is not None and status is None:
        raise ZoneopsError("option 'services' is valid only with 'status': the comparison is of whole zones.")
    return Options(
        only,
        binaries=tuple(BINARIES[name] for name in params["binaries"]),
        services=None if services is None else tuple(services),
        status=status,
        reason=reason,
        allow=frozenset(params["allow"]),
        with_nova=params["with_nova"],
    )


MODULE = frame.module(converge, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
