#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module default_volume_types."""

from __future__ import annotations

DOCUMENTATION = r"""
module: default_volume_types
short_description: Give projects another default volume type than one of a zone that is lost
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Volumes that name no type get the default type of their project, and those of a project without one get what cinder is configured with. Where such a type
    belongs to a zone that is lost, their creation fails.
  - Projects whose default type is a key of O(types) get the type of its value. All others are left.
  - What cinder is configured with cannot be changed through its API. Projects that are named in O(projects) and have no default type of their own get one if
    cinder's is a key of O(types).
  - Each project stands by itself. RV(defaults) says what each had before, with the command that takes it back.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
options:
  types:
    description:
      - The name of the volume type that projects get, by the name of the one that they have.
    type: dict
    required: true
  projects:
    description:
      - Ids of projects, to change only these. Without it, all that have a default type of their own.
    type: list
    elements: str
notes:
  - Needs cinder 3.62 or newer (Victoria), and the admin role.
  - Costs two calls when there is nothing to change.
  - O(limit) has to leave one zone, the one that is lost.
seealso:
  - module: zoneops.openstack.zone_evacuate
  - module: zoneops.openstack.volume_types
"""

EXAMPLES = r"""
- name: Set the default volume type of projects to one of another zone
  zoneops.openstack.default_volume_types:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az1]
    types:
      az1-ssd: az2-ssd

- name: Restore the default volume type of a project
  zoneops.openstack.default_volume_types:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    limit: [az2]
    types:
      az2-ssd: az1-ssd
    projects: [6d3fd4ee2f2c4b4c8b5e2c6f3b1b6f0a]
"""

RETURN = r"""
zones:
  description: One verdict per zone of O(limit), by inventory name, as M(zoneops.openstack.availability_zones) returns them.
  returned: when the map is valid and cinder could be read
  type: dict
  contains:
    changed:
      description: Whether a default type was set, or would be in check mode.
      type: bool
    failed:
      description: Whether the zone was refused, or a default type could not be set.
      type: bool
    msg:
      description: What was done, or what is wrong and what to do. Never empty.
      type: str
    refusals:
      description: What is wrong, each with C(rule) and C(message).
      type: list
      elements: dict
    state:
      description: The default type of each project that has one of the types of O(types).
      type: dict
defaults:
  description: What was set, or would be, each with C(project), its type C(before) and C(after), and C(undo), the command that takes it back.
  returned: when the map is valid and cinder could be read
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any

from ..module_utils._block_storage.api.cinder import Cinder
from ..module_utils._block_storage.api.default_types import DefaultTypes
from ..module_utils._block_storage.defaults.model import Options
from ..module_utils._block_storage.defaults.reconcile import ProjectDefaults
from ..module_utils._openstack import module as frame
from ..module_utils._plan import writer
from ..module_utils._plan.errors import ZoneopsError

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    **writer.OPTIONS,
    "types": {"type": "dict", "required": True},
    "projects": {"type": "list", "elements": "str"},
}


def move(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    zone_map, only = frame.zones_asked(params)
    if len(only) != 1:
        raise ZoneopsError(f"defaults are taken from one zone: name it in option 'limit' (it has {', '.join(only)}).")
    projects = params["projects"]
    options = Options(only[0], _types(params["types"]), None if projects is None else tuple(projects))
    cloud = frame.region_cloud(params, zone_map.region)
    service = cloud.service("block-storage")
    reconciler = ProjectDefaults(Cinder(service), DefaultTypes(service), cloud.project_id(), zone_map, only, options)
    result = writer.converge(module, cloud, reconciler)
    made = result["zones"][only[0]]["plan" if module.check_mode else "done"]
    return {**result, "defaults": [{key: one[key] for key in ("project", "before", "after", "undo")} for one in made]}


def _types(given: Mapping[str, Any]) -> dict[str, str]:
    """What is moved on by another entry would not be known again."""
    if not given:
        raise ZoneopsError("option 'types' is empty: name the type that projects get, by the one that they have.")
    for old, new in given.items():
        if not isinstance(new, str) or not new or new in given:
            raise ZoneopsError(f"option 'types': {new!r} for {old} is no type that projects can get.")
    return {str(old): new for old, new in given.items()}


MODULE = frame.module(move, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
