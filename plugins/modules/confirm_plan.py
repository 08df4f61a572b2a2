#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin confirm_plan."""

from __future__ import annotations

DOCUMENTATION = r"""
module: confirm_plan
short_description: Show what a run is about to change, and ask on the terminal whether to continue
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Lists the changes of every zone, and waits until somebody types V(yes). Any other answer fails, and so does a run without a terminal,
    as in a job template. It never continues without an answer.
  - Where nothing is to be changed, and in check mode, it asks nothing.
  - The playbooks that change zones use it with the variable C(zoneops_confirm).
extends_documentation_fragment:
  - zoneops.openstack.attributes
attributes:
  check_mode:
    support: full
    details: Asks nothing in check mode.
  diff_mode:
    support: N/A
    details: Changes nothing.
  idempotent:
    support: N/A
    details: Changes nothing.
  action_group:
    membership: []
    support: none
options:
  results:
    description: Results of bulk modules of this run that were called in check mode. Results of modules that did not run may be empty.
    type: list
    elements: dict
    required: true
  failed_zones:
    description: Whether changes of zones that are refused are listed too. Those are the changes that stand by themselves, where the run makes them.
    type: bool
    default: false
seealso:
  - module: zoneops.openstack.save_plan
"""

EXAMPLES = r"""
- name: Compare the zones
  zoneops.openstack.availability_zones:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
  check_mode: true
  run_once: true
  register: planned

- name: Ask whether to continue
  zoneops.openstack.confirm_plan:
    results: ["{{ planned }}"]
  run_once: true
"""

RETURN = r"""
msg:
  description: Whether it was confirmed, or why nobody was asked.
  returned: always
  type: str
"""
