#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin zone_result."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zone_result
short_description: Turn one zone's verdict in the result of a module into the result of its host
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - A bulk module works on all zones in one call and returns a verdict for each. This action, run on every zone host,
    gives each host its own changed, failed, message and diff. So one zone can fail while the others continue.
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
    description:
      - The registered result of the bulk module. With O(also), C(part) in it names its part, for example C(volume types).
      - One of O(result), O(of) and O(verified) is needed.
    type: dict
  also:
    description:
      - Registered results of further bulk modules, whose verdicts are joined to that of O(result). One task per zone host is enough for several steps.
      - State and diff of each are below its C(part), so that objects with the same name do not mix.
    type: list
    elements: dict
    default: []
  of:
    description:
      - The names of variables in which bulk modules are registered, by the name of their part, for example C(volume types). The verdicts are joined.
      - Variables that are not set, and results without a verdict for the zone, are left out. A failed call fails the zone.
      - What a call in check mode would have changed counts in check mode only.
      - Only the names are passed on, so the task costs the same for any number of zones. Not with O(result).
    type: dict
  verified:
    description: As O(of), for bulk modules that ran in check mode to verify. A change that they would make is an error. Not with O(result).
    type: dict
  zone:
    description: Inventory name of the zone. By default the host of the task.
    type: str
  verify:
    description: Fail if the zone differs from the map, that is, if the bulk module (run in check mode) would change it.
    type: bool
    default: false
seealso:
  - module: zoneops.openstack.availability_zones
"""

EXAMPLES = r"""
- name: Report the verdict of this zone
  zoneops.openstack.zone_result:
    result: "{{ converged }}"

- name: Report the verdict of two steps about this zone
  zoneops.openstack.zone_result:
    result: "{{ {'part': 'share types'} | ansible.builtin.combine(share_types) }}"
    also: ["{{ {'part': 'share services'} | ansible.builtin.combine(share_services) }}"]
    verify: true

- name: Report one verdict about all steps of a play
  zoneops.openstack.zone_result:
    of:
      volume types: volume_types
      share types: share_types
"""

RETURN = r"""
plan:
  description: The changes that were planned for this zone, in order.
  returned: when the result has a verdict for this zone and, where it failed, there are some; of a failed one not in the playbooks of this collection
  type: list
  elements: dict
msg:
  description: What is wrong with the zone, one reason a line, or what changes.
  returned: always
  type: str
notes:
  description: Notes about the zone. In other modules these are warnings of the task.
  returned: in the playbooks of this collection, whose report prints them once for all zones, when the zone did not fail and there are some
  type: list
  elements: str
refusals:
  description: Why the zone was not changed, each with its C(rule), C(message) and C(items).
  returned: when the zone was refused, but not in the playbooks of this collection, whose report prints them; otherwise empty
  type: list
  elements: dict
state:
  description: The zone as last read.
  returned: when the zone did not fail
  type: dict
"""
