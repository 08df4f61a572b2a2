#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module site_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: site_info
short_description: Show what the playbook site would change, in one process and a dozen calls
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Compares the cloud with the zone map for all parts that the map describes, nova, cinder, manila and glance, as the modules of these parts do in check mode.
  - Each list is read once for all parts, all zones and the table. The playbook C(zoneops.openstack.site) begins with it, and ends with it if there is
    nothing to change.
  - Never changes anything, in check mode or not.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.info
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
options:
  purge_hosts:
    description: See O(zoneops.openstack.availability_zones#module:purge_hosts).
    type: bool
    default: false
  max_removed_hosts:
    description: See O(zoneops.openstack.availability_zones#module:max_removed_hosts).
    type: int
    default: 1
  purge_metadata:
    description: See O(zoneops.openstack.availability_zones#module:purge_metadata).
    type: bool
    default: false
  placement_mirror:
    description: See O(zoneops.openstack.availability_zones#module:placement_mirror).
    type: bool
    default: false
  purge_projects:
    description: See O(zoneops.openstack.volume_types#module:purge_projects) and O(zoneops.openstack.share_types#module:purge_projects).
    type: bool
    default: false
  purge_stores:
    description: See O(zoneops.openstack.images#module:purge_stores).
    type: bool
    default: false
  replaced_images:
    description: See O(zoneops.openstack.images#module:replaced).
    type: str
    choices: [keep, hide, delete]
    default: hide
  precache_images:
    description: See O(zoneops.openstack.images#module:precache).
    type: bool
    default: false
  allow:
    description: Refusals to lift, of all parts together. Each word is described with the module that has it.
    type: list
    elements: str
    choices:
      [host_moves, az_change, recreate_aggregate, empty_zone, pinned_servers, unfinished_migrations, stray_allocations, free_hosts_first,
       successor_types, zones_in_use, unfinished_images, images_in_use]
    default: []
  saved_plan:
    description: File of a plan that a run is to carry out, see O(zoneops.openstack.availability_zones#module:saved_plan).
    type: path
  parts:
    description: Parts of the cloud to compare, of those that the map describes. Without it, all of them.
    type: list
    elements: str
  coming:
    description:
      - Zones whose Kubernetes side an earlier step of the same run would change. A refusal there may be due to hosts and services that this step
        creates, so it is a warning and not a failure.
      - For check mode, in which that step creates nothing.
    type: list
    elements: str
    default: []
notes:
  - Needs the read rights of the modules whose parts it compares.
seealso:
  - module: zoneops.openstack.availability_zones
  - module: zoneops.openstack.region_info
"""

EXAMPLES = r"""
- name: Compare the cloud with the zone map
  zoneops.openstack.site_info:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
  register: checked
  failed_when: checked.settled is not defined

- name: Print what a run would change in zone az1
  ansible.builtin.debug:
    msg: "{{ checked.zones.az1.msg }}"
"""

RETURN = r"""
zones:
  description: One verdict per zone of O(limit), by inventory name, as M(zoneops.openstack.availability_zones) returns them, of all parts together.
  returned: when the map is valid
  type: dict
refused:
  description:
    - The verdicts of the zones that a part refuses, and of those that need such a zone. The playbook C(zoneops.openstack.site) writes to none of them.
    - Zones of which something could not be read are not included.
  returned: when the map is valid
  type: dict
  sample: {}
due:
  description: The parts that have a change or a problem in one of the zones that are not in RV(refused).
  returned: when the map is valid
  type: list
  elements: str
  sample: [compute]
unchanged:
  description: Verdicts about these zones of all parts that are not in RV(due), together. The playbook C(zoneops.openstack.site) does not call these parts.
  returned: when the map is valid
  type: dict
  sample: {}
settled:
  description: Whether every zone matches the map and nothing is wrong.
  returned: when the map is valid
  type: bool
  sample: true
undiscovered:
  description: Hosts of data planes that nova does not know yet. The run waits for them before it uses them. In check mode they are a warning of
    their zone.
  returned: when the map is valid
  type: list
  elements: str
  sample: [compute-az1-0.ctlplane.example.com]
region:
  description: The content of the table, as M(zoneops.openstack.region_info) returns it. Neutron is not read.
  returned: if there is nothing to change, and in check mode
  type: dict
errors:
  description: Parts of C(region) that could not be read, as M(zoneops.openstack.region_info) returns it.
  returned: with C(region)
  type: dict
absent:
  description: Services that the catalog does not have.
  returned: with C(region)
  type: list
  elements: str
"""

from typing import Any

from ..module_utils._image.policy.select import JMESPATH
from ..module_utils._openstack import module as frame
from ..module_utils._plan.frame import need
from ..module_utils._plan.verdict import call_result
from ..module_utils._plan.writer import saved_plan
from ..module_utils._region.choice import sections_of_table
from ..module_utils._region.sections import gather
from ..module_utils._site.check import awaited, check, undiscovered
from ..module_utils._site.reconcilers import Asked, reconcilers
from ..module_utils._zones import overrides
from ..module_utils._zones.managed_parts import IMAGES, parts_of

# What the table is made of.
SERVICES = ("nova", "glance", "cinder", "manila")
OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    "purge_hosts": {"type": "bool", "default": False},
    "max_removed_hosts": {"type": "int", "default": 1},
    "purge_metadata": {"type": "bool", "default": False},
    "placement_mirror": {"type": "bool", "default": False},
    "purge_projects": {"type": "bool", "default": False},
    "purge_stores": {"type": "bool", "default": False},
    "replaced_images": {"type": "str", "choices": ["keep", "hide", "delete"], "default": "hide"},
    "precache_images": {"type": "bool", "default": False},
    "allow": overrides.option("site_info"),
    "saved_plan": {"type": "path"},
    "parts": {"type": "list", "elements": "str"},
    "coming": {"type": "list", "elements": "str", "default": []},
}


def look(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    wanted, only = frame.zones_asked(module.params)
    if IMAGES in parts_of(wanted):
        need(JMESPATH)
    cloud = frame.region_cloud(module.params, wanted.region)
    cloud.remember_reads()
    asked = Asked(cloud, wanted, only, module.params, saved=saved_plan(module))
    checked = check(asked, reconcilers, module.params["coming"])
    missing = undiscovered(asked, checked)
    # A run waits for hosts that nova has still to discover, so check mode does not refuse for want of them.
    foreseen = {zone: awaited(checked.verdicts[zone]) for zone in (missing if module.check_mode else ())}
    result = call_result({**checked.verdicts, **foreseen})
    settled = not (result["changed"] or result["failed"])
    found = {**result, "changed": False, "settled": settled, "warnings": checked.warnings}
    found["refused"] = {zone: result["zones"][zone] for zone in checked.refused}
    found |= {"due": list(checked.due), "unchanged": dict(checked.unchanged)}
    found["undiscovered"] = [host for hosts in missing.values() for host in hosts]
    if settled or module.check_mode:
        region = gather(cloud, frozenset(sections_of_table(wanted)), SERVICES).as_dict()
        found |= {"errors": region.pop("errors"), "absent": region.pop("absent"), "region": region}
    return found


MODULE = frame.module(look, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
