#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin save_plan."""

from __future__ import annotations

DOCUMENTATION = r"""
module: save_plan
short_description: Save what a run in check mode would change, so that a run can make these changes and no others
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Writes a file of YAML with the changes of every zone, and for each what is there before and after it. Only the owner of the file can read it.
  - Give the file to the modules of this collection that change zones, as O(zoneops.openstack.availability_zones#module:saved_plan). The playbooks do so
    with the variable C(zoneops_plan).
  - The file has no secrets. A later plan replaces it; a file that is no plan is not overwritten.
  - Works in check mode only. Otherwise it does nothing.
extends_documentation_fragment:
  - zoneops.openstack.attributes
attributes:
  check_mode:
    support: partial
    details: Writes its file in check mode, and only then.
  diff_mode:
    support: N/A
    details: Changes nothing but its file.
  idempotent:
    support: full
    details: The file is written anew each time, with the time at which it was saved.
  action_group:
    membership: []
    support: none
options:
  path:
    description: The file. A relative path begins where C(ansible-playbook) was started. Without it, the plan is only returned.
    type: str
  results:
    description:
      - Results of bulk modules of this run, all in check mode, or the names of the registered variables that hold them. Results of modules that did not
        run may be empty, and variables of this collection's roles undefined.
    type: list
    elements: raw
    required: true
  zones:
    description: The zone map's zones, by inventory name, as M(zoneops.openstack.zone_map) returns them.
    type: dict
    required: true
  region:
    description: The properties of the region, as M(zoneops.openstack.zone_map) returns them.
    type: dict
    required: true
  limit:
    description: Inventory names of the zones of the run. Without it, all of O(zones).
    type: list
    elements: str
  playbook:
    description: The playbook of this collection that the plan is for. No other one carries it out.
    type: str
seealso:
  - module: zoneops.openstack.zone_map
  - module: zoneops.openstack.zone_report
"""

EXAMPLES = r"""
- name: Save the plan
  zoneops.openstack.save_plan:
    path: change-4711.yml
    results: [zoneops_availability_zones]
    zones: "{{ zoneops_map.zones }}"
    region: "{{ zoneops_map.region }}"
  run_once: true
  when: ansible_check_mode
"""

RETURN = r"""
path:
  description: The whole path of the file.
  returned: in check mode, with O(path)
  type: str
id:
  description: The same for the same changes of the same zone map. The file has it too, so that who approves a plan and who carries it out can compare it.
  returned: in check mode
  type: str
  sample: 3f1c9a6be0d27f54
lines:
  description: Each change of each zone, and why a zone is refused, at most 200 lines.
  returned: in check mode
  type: list
  elements: str
  sample: ["az1: create aggregate az1 with availability zone az1"]
summary:
  description: What would change, in one paragraph.
  returned: in check mode
  type: str
  sample: "site: 3 changes in az1 (3)"
changes:
  description: How many changes the plan has.
  returned: in check mode
  type: int
msg:
  description: What was saved, and which zones are refused.
  returned: always
  type: str
"""
