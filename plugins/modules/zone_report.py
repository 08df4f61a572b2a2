#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin zone_report."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zone_report
short_description: Print a table of the zones, with their state, changes and problems
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Prints one line per zone, and below the table all problems and notes, each once with its zones.
  - Prints nothing if a program reads the output of the callback, as with C(ansible.posix.json). The result has the lines.
  - Use it in C(always), so that it is also printed when zones fail.
  - After printing, it fails if O(region) has the result of a failed call.
extends_documentation_fragment:
  - zoneops.openstack.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details: Changes nothing.
  idempotent:
    support: full
    details: Reports only.
  action_group:
    membership: []
    support: none
options:
  zones:
    description: The zone map's zones, by inventory name, in normal form as M(zoneops.openstack.zone_map) returns it.
    type: dict
    required: true
  results:
    description:
      - Results of bulk modules of this run, in the order in which they ran, or the names of the registered variables that hold them. With many zones and
        hosts a name takes much less time than a template. Results of modules that did not run may be left out or empty, and
        variables of this collection's roles undefined. A variable that is set to a template does not do.
    type: list
    elements: raw
    default: []
  verified:
    description:
      - Results of bulk modules that ran in check mode to verify, or names of variables, as in O(results). A zone that they would change counts as failed.
    type: list
    elements: raw
    default: []
  region:
    description:
      - The registered result of M(zoneops.openstack.region_info), gathered after the changes, or of M(zoneops.openstack.site_info), or the name of the
        variable that holds it.
    type: raw
    default: {}
  defaults:
    description:
      - The zone map's defaults for requests without a zone, as M(zoneops.openstack.zone_map) returns them. They are shown if O(region) has the section
        C(defaults). Without them the report says that no API shows the default zone of volumes.
    type: dict
    default: {}
  limit:
    description:
      - Inventory names of the zones of the play. A failed call counts for these only, and only their hosts and services are
        checked. By default all of O(zones).
    type: list
    elements: str
  verify:
    description:
      - Count a zone that cannot be used as failed, because none of its compute hosts, or none of its services of a kind, is up and enabled, or its image
        store is missing.
      - This is not done for a zone whose C(zone_state) is C(maintenance) or C(down), in which it is expected.
      - Also a zone whose maintenance (see M(zoneops.openstack.zone_maintenance)) was to end before now, or is not in C(zone_state) of its file.
    type: bool
    default: false
seealso:
  - module: zoneops.openstack.region_info
  - module: zoneops.openstack.zone_result
"""

EXAMPLES = r"""
- name: Print the table of the zones
  zoneops.openstack.zone_report:
    zones: "{{ zoneops_map.zones }}"
    results: [zoneops_availability_zones]
    region: zoneops_region_info
  run_once: true
"""

RETURN = r"""
table:
  description: The printed lines.
  returned: always
  type: list
  elements: str
changed_zones:
  description: Inventory names of the zones that changed.
  returned: always
  type: list
  elements: str
failed_zones:
  description: Inventory names of the zones with a failure.
  returned: always
  type: list
  elements: str
down_zones:
  description: Inventory names of the zones without a compute host that is up and enabled.
  returned: always
  type: list
  elements: str
degraded_zones:
  description: Inventory names of the zones of which a part does not work.
  returned: always
  type: list
  elements: str
region_read:
  description: Whether O(region) has what was found of the region.
  returned: always
  type: bool
zones:
  description: Whether each zone can be used, by inventory name, as M(zoneops.openstack.zone_result) takes it.
  returned: always
  type: dict
"""
