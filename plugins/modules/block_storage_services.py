#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module block_storage_services."""

from __future__ import annotations

DOCUMENTATION = r"""
module: block_storage_services
short_description: Enable or disable the services of cinder by zone
version_added: 0.1.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Enables or disables the services that report the zones, each by its full name (C(host@backend)). Cinder takes a bare host too, and then changes one of
    its back ends at random.
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
    description: What the services shall be.
    type: str
    required: true
    choices: [enabled, disabled]
  reason:
    description: Why the services are disabled. At most 246 characters. Needed with O(status=disabled).
    type: str
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
  - Needs cinder with the API v3, and a user that may list and change its services.
  - Costs one call to see that all services are as O(status) says, for any number of zones.
seealso:
  - module: zoneops.openstack.block_storage_services_info
  - module: zoneops.openstack.volume_types
  - module: zoneops.openstack.compute_services
"""

EXAMPLES = r"""
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
      description: Whether the zone was refused or failed.
      type: bool
    msg:
      description: What was done, or what is wrong and what to do. Never empty.
      type: str
    refusals:
      description: What is wrong, each with C(rule) and C(message).
      type: list
      elements: dict
    state:
      description: The services that report the zone, with C(status) and C(disabled_reason).
      type: dict
"""

from typing import Any

from ..module_utils._block_storage.api.cinder import Cinder
from ..module_utils._block_storage.services.model import BINARIES, Options
from ..module_utils._block_storage.services.reconcile import BlockStorageServices
from ..module_utils._compute.nova import Nova
from ..module_utils._openstack import module as frame
from ..module_utils._plan import writer
from ..module_utils._plan.status_options import RULES, STATUS, reason_of
from ..module_utils._zones import overrides

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    **writer.OPTIONS,
    "binaries": {"type": "list", "elements": "str", "choices": list(BINARIES), "default": ["volume", "backup"]},
    "services": {"type": "list", "elements": "str"},
    "status": {**STATUS, "required": True},
    "reason": {"type": "str"},
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
    return writer.converge(module, cloud, reconciler)


def _options(params: dict[str, Any], only: tuple[str, ...]) -> Options:
    services = params["services"]
    return Options(
        only,
        binaries=tuple(BINARIES[name] for name in params["binaries"]),
        services=None if services is None else tuple(services),
        status=params["status"],
        reason=reason_of(params),
        allow=frozenset(params["allow"]),
    )


MODULE = frame.module(converge, OPTIONS, rules=RULES)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
