#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module block_storage_services."""

from __future__ import annotations

DOCUMENTATION = r"""
module: block_storage_services
short_description: Enable or disable the services of cinder by zone
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Enables or disables the services that report the zones, each by its full name (C(host@backend)). With a bare host, cinder changes one of
    its back ends at random.
  - Every write is verified, because cinder 28 and 29 answer 200 to a request to enable a service and do nothing.
  - Its reasons begin with C(zoneops:). A service that others disabled or froze stays as it is, unless O(allow) says otherwise.
    With O(status=disabled) it is accepted, and a warning shows its reason.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
options:
  binaries:
    description: Kinds of services whose status O(status) sets.
    type: list
    elements: str
    choices: [volume, backup, scheduler]
    default: [volume, backup]
  services:
    description:
      - Only these, with their names in C(openstack volume service list), for cinder-volume C(host@backend). Without it, all services that report the
        zones of O(limit).
    type: list
    elements: str
  status:
    description: Desired status of the services.
    type: str
    required: true
    choices: [enabled, disabled]
  reason:
    description: Why the services are disabled. At most 246 characters. Needed with O(status=disabled).
    type: str
  allow:
    description:
      - Refusals to lift. Each word lifts one.
      - V(foreign_reasons) also changes services that others disabled. What others froze is never thawed.
      - V(thaw) freezes and thaws a cinder-volume that cinder's own call does not enable. Never one whose back end replicates, because freezing is part of a
        failover, and never one with a reason of others, because freezing would erase it. If a run ends between the two, the next one thaws the service.
        Until then an empty QoS spec named C(zoneops:) and the service marks it.
    type: list
    elements: str
    choices: [foreign_reasons, thaw]
    default: []
notes:
  - Needs cinder with the API v3, and a user that may list and change its services.
  - Costs one call if all services already have O(status), for any number of zones.
seealso:
  - module: zoneops.openstack.block_storage_services_info
  - module: zoneops.openstack.volume_types
  - module: zoneops.openstack.compute_services
"""

EXAMPLES = r"""
- name: Stop new volumes in zone az2
  zoneops.openstack.block_storage_services:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az2]
    binaries: [volume]
    status: disabled
    reason: array maintenance, ticket 4711

- name: Permit new volumes in zone az2 again
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
from ..module_utils._plan.disabled.options import RULES, STATUS, reason_of
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
