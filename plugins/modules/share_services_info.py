#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module share_services_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: share_services_info
short_description: Compare the services of manila with the zone map
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Compares the services of manila with the zone map, and fails each zone that differs from it. It finds back ends that are missing, down, disabled, in a
    wrong availability zone, named differently or full, and missing schedulers. If the map has share types but no back ends for a zone, it compares the
    availability zone and the back end names of the types.
  - While every share service of a zone is disabled, manila does not list its availability zone. A note says so, and the zone does not count as missing.
  - Never changes anything, in check mode or not.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.info
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
notes:
  - Needs manila with the API 2.50 or newer (Stein), and a user that may list its services and pools.
  - A cloud without manila is an error for the zones that C(share_backends) or C(share_types) of the map name, and a note for the others.
  - Costs three calls for any number of zones. If a service is disabled, the reasons cost two more.
  - A zone whose C(zone_state) is C(down) or C(maintenance) does not fail for problems that are expected in that state; a note names them.
seealso:
  - module: zoneops.openstack.share_services
  - module: zoneops.openstack.share_types
"""

EXAMPLES = r"""
- name: Compare the shared file systems of all zones with the map
  zoneops.openstack.share_services_info:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
  register: services
  failed_when: services.zones is not defined

- name: Print what is wrong in zone az1
  ansible.builtin.debug:
    msg: "{{ services.zones.az1.msg }}"
"""

RETURN = r"""
zones:
  description: One verdict per zone of O(limit), by inventory name, as M(zoneops.openstack.availability_zones) returns them.
  returned: when the map is valid and manila could be read
  type: dict
  contains:
    failed:
      description: Whether the services of the zone differ from the map.
      type: bool
    msg:
      description: What is wrong and what to do. Never empty.
      type: str
    refusals:
      description: What is wrong, each with C(rule) and C(message).
      type: list
      elements: dict
    state:
      description: The services that report the zone, with C(status), C(disabled_reason), C(state) and C(pools).
      type: dict
"""

from typing import Any

from ..module_utils._openstack import module as frame
from ..module_utils._plan import writer
from ..module_utils._shared_filesystem.api.manila import Manila
from ..module_utils._shared_filesystem.services.model import Options
from ..module_utils._shared_filesystem.services.reconcile import ShareServices

OPTIONS: dict[str, Any] = {**frame.ZONE_OPTIONS}


def look(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    zone_map, only = frame.zones_asked(module.params)
    cloud = frame.region_cloud(module.params, zone_map.region)
    reconciler = ShareServices(Manila(cloud.service("shared-file-system")), zone_map, Options(only))
    return writer.converge(module, cloud, reconciler)


MODULE = frame.module(look, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
