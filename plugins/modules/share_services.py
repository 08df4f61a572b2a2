#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module share_services."""

from __future__ import annotations

DOCUMENTATION = r"""
module: share_services
short_description: Enable or disable the services of manila by zone
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Enables or disables the share services that report the zones, each by its full name (C(host@backend)), and verifies each write.
  - Its reasons begin with C(zoneops:). A service that others disabled stays as it is, unless O(allow) says otherwise.
    With O(status=disabled) it is accepted, and a warning shows its reason.
  - While every share service of a zone is disabled, manila does not list its availability zone. A note says so, and the zone does not count as missing.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
options:
  services:
    description:
      - Only these, with their names in C(openstack share service list), C(host@backend). Without it, all that report the zones of O(limit).
    type: list
    elements: str
  status:
    description: Desired status of the services.
    type: str
    required: true
    choices: [enabled, disabled]
  reason:
    description: Why the services are disabled. At most 246 characters. Needed with O(status=disabled). Kept by manila from the API 2.83 (Caracal) on.
    type: str
  allow:
    description:
      - Refusals to lift. Each word lifts one.
      - V(foreign_reasons) also changes services that others disabled. An older manila keeps no reasons, so it is unknown who disabled a service,
        and every service there needs this word to be enabled.
    type: list
    elements: str
    choices: [foreign_reasons]
    default: []
notes:
  - Needs manila with the API 2.50 or newer (Stein), and a user that may list and change its services.
  - A cloud without manila is an error for the zones that C(share_backends) or C(share_types) of the map name, and a note for the others.
  - Costs one call to see that all services are enabled, for any number of zones. If one is disabled, the reasons cost two more.
seealso:
  - module: zoneops.openstack.share_services_info
  - module: zoneops.openstack.share_types
  - module: zoneops.openstack.compute_services
"""

EXAMPLES = r"""
- name: Stop new shares in zone az2
  zoneops.openstack.share_services:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az2]
    status: disabled
    reason: array maintenance, ticket 4711

- name: Permit new shares in zone az2 again
  zoneops.openstack.share_services:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az2]
    status: enabled
"""

RETURN = r"""
zones:
  description: One verdict per zone of O(limit), by inventory name, as M(zoneops.openstack.availability_zones) returns them.
  returned: when the map is valid and manila could be read
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

from ..module_utils._openstack import module as frame
from ..module_utils._plan import writer
from ..module_utils._plan.disabled.options import RULES, STATUS, reason_of
from ..module_utils._shared_filesystem.api.manila import Manila
from ..module_utils._shared_filesystem.services.model import Options
from ..module_utils._shared_filesystem.services.reconcile import ShareServices
from ..module_utils._zones import overrides

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    **writer.OPTIONS,
    "services": {"type": "list", "elements": "str"},
    "status": {**STATUS, "required": True},
    "reason": {"type": "str"},
    "allow": overrides.option("share_services"),
}


def converge(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    zone_map, only = frame.zones_asked(params)
    options = _options(params, only)
    cloud = frame.region_cloud(params, zone_map.region)
    reconciler = ShareServices(Manila(cloud.service("shared-file-system")), zone_map, options)
    return writer.converge(module, cloud, reconciler)


def _options(params: dict[str, Any], only: tuple[str, ...]) -> Options:
    services = params["services"]
    return Options(
        only,
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
