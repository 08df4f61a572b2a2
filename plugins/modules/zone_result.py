#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin zone_result."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zone_result
short_description: One zone's verdict out of the result of a bulk module
version_added: 0.1.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - A bulk module works on all zones in one call and returns a verdict for each. This action, run on every zone host,
    gives each host its own changed, failed, message and diff. So one failed zone leaves the play and the others go on.
extends_documentation_fragment:
  - zoneops.openstack.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
    details: Reports only.
  action_group:
    membership: []
    support: none
options:
  result:
    description: The registered result of the bulk module.
    type: dict
    required: true
  also:
    description:
      - Registered results of further bulk modules, whose verdicts are joined to that of O(result). One task per zone host is enough for several steps.
    type: list
    elements: dict
    default: []
  zone:
    description: Inventory name of the zone. Left out, the host that the task runs on.
    type: str
  verify:
    description: Fail when the zone is not as the map says, that is when the bulk module (run in check mode) would change it.
    type: bool
    default: false
seealso:
  - module: zoneops.openstack.availability_zones
"""

EXAMPLES = r"""
- name: The verdict of this zone
  zoneops.openstack.zone_result:
    result: "{{ converged }}"

- name: The verdict of two steps about this zone
  zoneops.openstack.zone_result:
    result: "{{ share_types }}"
    also: ["{{ share_services }}"]
    verify: true
"""

RETURN = r"""
plan:
  description: The changes that were planned for this zone, in order.
  returned: when the result has a verdict for this zone
  type: list
  elements: dict
state:
  description: The zone as last seen.
  returned: when the result has a verdict for this zone
  type: dict
"""
