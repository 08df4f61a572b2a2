#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module share_services."""

from __future__ import annotations

DOCUMENTATION = r"""
module: share_services
short_description: The services of manila by zone, compared with the zone map, enabled or disabled
version_added: 0.1.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Without O(status) it compares what reports in to manila with the zone map, and fails each zone that is not as the map says. Back ends that are missing,
    down, disabled, in a wrong availability zone, called otherwise or full are found, as are missing schedulers. Where the map has share types and no
    back ends for a zone, the availability zone and what the types name of its back ends are looked at. It then writes nothing.
  - With O(status) it enables or disables the share services that report the zones, each by its full name (C(host@backend)), and reads back what it wrote.
  - Reasons that it gives begin with C(zoneops:). A service that others disabled stays as it is, unless O(allow) says otherwise.
    With O(status=disabled) it is as asked for, and a warning shows the reason that is kept.
  - While every share service of a zone is disabled, manila does not list its availability zone. That is noted, and not taken for a missing zone.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
options:
  services:
    description:
      - Only these, as C(openstack share service list) names them, C(host@backend). Left out, all that report the zones of O(limit).
    type: list
    elements: str
  status:
    description: What the services shall be. Left out, they are compared with the map.
    type: str
    choices: [enabled, disabled]
  reason:
    description: Why the services are disabled. At most 246 characters. Needed with O(status=disabled). Kept by manila from the API 2.83 (Caracal) on.
    type: str
  journal:
    description: File to which every write is appended, see O(zoneops.openstack.availability_zones#module:journal).
    type: path
  allow:
    description:
      - Lifts refusals, each word one.
      - V(foreign_reasons) changes also services that others disabled. A manila that keeps no reasons cannot tell who did, so that there every
        service is only enabled with this word.
    type: list
    elements: str
    choices: [foreign_reasons]
    default: []
notes:
  - Needs manila with the API 2.50 or newer (Stein), and a user that may list and change its services and list its pools.
  - A cloud without manila is an error for the zones that C(share_backends) or C(share_types) of the map name, and a remark for the others.
  - Costs three calls to compare, for any number of zones, and one to see that all services are enabled. Where one is disabled the reasons cost two more.
  - A zone whose C(zone_state) is C(down) or C(maintenance) does not fail by what is to be expected of it, it is noted.
seealso:
  - module: zoneops.openstack.share_types
  - module: zoneops.openstack.compute_services
"""

EXAMPLES = r"""
- name: Are the shared file systems of all zones as the map says?
  zoneops.openstack.share_services:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"

- name: No new shares in zone az2
  zoneops.openstack.share_services:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az2]
    status: disabled
    reason: array maintenance, ticket 4711

- name: And again
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

from ..module_utils._openstack import module as frame
from ..module_utils._plan import writer
from ..module_utils._plan.errors import ZoneopsError
from ..module_utils._shared_filesystem.api.manila import Manila
from ..module_utils._shared_filesystem.services.model import Options
from ..module_utils._shared_filesystem.services.reconcile import ShareServices
from ..module_utils._zones import overrides

# manila takes 255 characters, the mark of this collection is part of them.
LONGEST_REASON = 246
OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    **writer.OPTIONS,
    "services": {"type": "list", "elements": "str"},
    "status": {"type": "str", "choices": ["enabled", "disabled"]},
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
        services=None if services is None else tuple(services),
        status=status,
        reason=reason,
        allow=frozenset(params["allow"]),
    )


MODULE = frame.module(converge, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
