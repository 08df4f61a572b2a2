#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module block_storage_services_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: block_storage_services_info
short_description: Compare the services of cinder with the zone map
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Compares the services of cinder with the zone map, and fails each zone that differs from it. It finds back ends that are missing, down, disabled, in a
    wrong availability zone, named differently or full, zones that cinder or nova lacks, missing backup services, missing schedulers and a default
    type that does not exist.
  - Never changes anything, in check mode or not.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.info
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
options:
  with_nova:
    description:
      - Also compare the availability zones of cinder with those of nova. Nova lists a zone only while it has a host, so a zone that is being created
        may be missing.
    type: bool
    default: true
notes:
  - Needs cinder with the API v3, and a user that may list its services and pools.
  - Costs six calls for any number of zones, two of them to nova.
  - A zone whose C(zone_state) is C(down) or C(maintenance) does not fail for problems that are expected in that state; a note names them.
seealso:
  - module: zoneops.openstack.block_storage_services
  - module: zoneops.openstack.volume_types
"""

EXAMPLES = r"""
- name: Compare the block storage of all zones with the map
  zoneops.openstack.block_storage_services_info:
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
  returned: when the map is valid and cinder could be read
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

from ..module_utils._block_storage.api.cinder import Cinder
from ..module_utils._block_storage.services.model import Options
from ..module_utils._block_storage.services.reconcile import BlockStorageServices
from ..module_utils._compute.nova import Nova
from ..module_utils._openstack import module as frame
from ..module_utils._plan import writer

OPTIONS: dict[str, Any] = {**frame.ZONE_OPTIONS, "with_nova": {"type": "bool", "default": True}}


def look(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    zone_map, only = frame.zones_asked(module.params)
    cloud = frame.region_cloud(module.params, zone_map.region)
    cinder, nova = Cinder(cloud.service("block-storage")), Nova(cloud.service("compute"))
    options = Options(only, with_nova=module.params["with_nova"])
    reconciler = BlockStorageServices(cinder, nova, zone_map, options)
    return writer.converge(module, cloud, reconciler)


MODULE = frame.module(look, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
