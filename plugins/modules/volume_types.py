#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module volume_types."""

from __future__ import annotations

DOCUMENTATION = r"""
module: volume_types
short_description: Manage volume types that are bound to availability zones
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Creates and updates the volume types of C(zoneops_region.volume_types), each with the extra spec C(RESKEY:availability_zones) of its zones, in one call
    for all zones.
  - A new type is created with all its extra specs in one request, so that no volume of it can be placed in a wrong zone.
  - Extra specs are merged key by key. Values that the map leaves out are kept (a spec, the description, the visibility, the projects).
  - Types are found by their names only, never by their ids. The name of a new type must not be the id of another.
  - A zone that cinder does not have, and a back end that no pool of the zone reports, are errors before the first write, because cinder accepts both
    and then the volumes fail.
  - Cinder does not change the extra specs of a type that has volumes. This is checked before the first write, and the volumes that block the change are listed.
  - A type with C(state=absent) is deleted, unless it has volumes, it is also for other zones, or it is the default type.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
options:
  purge_projects:
    description: Remove access of projects that the map does not name from private types. Only for types with C(public=false).
    type: bool
    default: false
  allow:
    description:
      - Refusals to lift. Each word lifts one.
      - V(successor_types) replaces a type with volumes whose extra specs have to change. A new type is created with the name
        C(zoneops:public:NAME) or C(zoneops:private:NAME), private, the old one is renamed to C(NAME-replaced-) and the beginning of its id,
        and the new one takes its name and visibility. Volumes keep the old type, with its quotas.
    type: list
    elements: str
    choices: [successor_types]
    default: []
notes:
  - Needs cinder with the API v3, and a user that may manage volume types and list the volumes of all projects.
    Names of projects are looked up in keystone.
  - Costs one call when there is nothing to change, and with projects one to keystone and one for each private type.
seealso:
  - module: zoneops.openstack.block_storage_services
  - module: zoneops.openstack.zone_result
"""

EXAMPLES = r"""
- name: Create a type for each zone, a private one, and one for two zones
  zoneops.openstack.volume_types:
    cloud: mycloud
    zones: {az1: {}, az2: {}, az3: {}}
    region:
      zones: [az1, az2, az3]
      volume_types:
        - name: "{zone}-gold"
          volume_backend_name: "{zone}"
        - name: az1-secret
          zones: [az1]
          public: false
          projects: [research]
        - name: anywhere-in-the-north
          zones: [az1, az2]
          extra_specs:
            multiattach: <is> True

- name: Update the types of the inventory, one call for all zones and a verdict for each
  zoneops.openstack.volume_types:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: "{{ ansible_play_batch }}"
  run_once: true
  register: types
  changed_when: false
  failed_when: types.zones is not defined

- name: Report the verdict of this zone
  zoneops.openstack.zone_result:
    result: "{{ types }}"
"""

RETURN = r"""
zones:
  description:
    - One verdict per zone of O(limit), by inventory name, as M(zoneops.openstack.availability_zones) returns them.
    - A type of several zones is in the plan of each zone, and is written once.
  returned: when the map is valid and cinder could be read
  type: dict
  contains:
    changed:
      description: Whether a type of the zone changed, or would change in check mode.
      type: bool
    failed:
      description: Whether the zone was refused or failed.
      type: bool
    msg:
      description: What was done, or what is wrong and what to do. Never empty.
      type: str
    plan:
      description: The changes that were planned, in order.
      type: list
      elements: dict
    refusals:
      description: Why the zone was not changed, each with C(rule), C(message) and the C(items) that block it, such as volumes.
      type: list
      elements: dict
    state:
      description: C(public), C(description) and C(extra_specs) by type, as last read, and C(projects) if they were read.
      type: dict
"""

from typing import Any

from ..module_utils._block_storage.api.cinder import Cinder
from ..module_utils._block_storage.types.model import Options
from ..module_utils._block_storage.types.reconcile import VolumeTypes
from ..module_utils._identity.keystone import Keystone
from ..module_utils._openstack import module as frame
from ..module_utils._plan import writer
from ..module_utils._zones import overrides

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    **writer.OPTIONS,
    "purge_projects": {"type": "bool", "default": False},
    "allow": overrides.option("volume_types"),
}


def converge(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    wanted, only = frame.zones_asked(params)
    cloud = frame.region_cloud(params, wanted.region)
    options = Options(only, purge_projects=params["purge_projects"], allow=frozenset(params["allow"]))
    keystone = Keystone(cloud.service("identity", version="3"))
    reconciler = VolumeTypes(Cinder(cloud.service("block-storage")), keystone, wanted, options)
    return writer.converge(module, cloud, reconciler)


MODULE = frame.module(converge, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
