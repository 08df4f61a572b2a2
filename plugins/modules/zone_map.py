#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin zone_map."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zone_map
short_description: Read the zone map from the inventory and check all of it
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Collects the variable C(zoneops_zone) of every host of a group and the variable C(zoneops_region), checks all of them
    together, and returns the map with every default filled in.
  - Reports every problem at once, each with zone, place, value and what to do. Values of secrets are never shown.
  - The whole group is read and checked, also with C(--limit). RV(batch) lists the zones that the play is working on.
  - Refuses an empty or missing group, a group that differs from C(zoneops_region.zones), values that belong to the region but
    differ between zone hosts, and the play strategies C(free) and C(host_pinned), under which C(run_once) runs once per host.
  - Checks every setting C(zoneops_...) of the run in the same way, wherever it is set. Misspelt ones are refused, and other unknown ones are a warning,
    except those that C(zoneops_own_variables) or O(settings) names. The settings are listed on the page C(settings) of the documentation.
  - The keys of both variables are described on the page C(zone-map) of the documentation.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.info
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
  idempotent:
    support: full
  action_group:
    membership: []
    support: none
options:
  group:
    description: The inventory group whose hosts are the zones.
    type: str
    default: zones
  settings:
    description:
      - Names of variables of your own that apply to the whole region. A value that differs between zone hosts is refused,
        because steps that run once for all zones use only one of them. The variables of the roles are always checked.
    type: list
    elements: str
    default: []
  playbook:
    description:
      - The playbook of this collection that runs. Tags that it does not have are refused, and so are tags or a limit that leave nothing to run.
      - With V(import) there is no map yet, and only the settings are checked.
      - Without it, tags and limit are not checked.
    type: str
    choices: [audit, host_maintenance, images_sync, import, render, report, site, verify, volume_relocate_test, zone_capacity, zone_drain, zone_drill,
      zone_evacuate, zone_maintenance, zone_remove, zone_restore_servers, zone_return]
notes:
  - Runs on the controller and opens no connection. Use it with C(run_once).
seealso:
  - module: zoneops.openstack.availability_zones
"""

EXAMPLES = r"""
- name: Read the zone map
  zoneops.openstack.zone_map:
  run_once: true
  register: zoneops_map

- name: Read the zones of another group
  zoneops.openstack.zone_map:
    group: staging_zones
  run_once: true
  register: zoneops_map
"""

RETURN = r"""
zones:
  description: The zones in normal form by inventory name, in the region's order, as the other modules accept them.
  returned: success
  type: dict
  sample: {az1: {availability_zone: az1, compute: {aggregate: az1, hosts: [compute-az1-0], metadata: {}}, zone_state: active}}
region:
  description: The region in normal form.
  returned: success
  type: dict
  sample: {zones: [az1, az2, az3], cloud: lab, default_availability_zone: nova}
batch:
  description: The zones among the hosts that the play is working on now.
  returned: success
  type: list
  elements: str
  sample: [az2]
parts:
  description:
    - The parts of the cloud that the map describes. Other parts are not read.
    - C(openstack) is one of them if there is any part but C(kubernetes); C(data_plane) and C(pods) if the Kubernetes side has them.
  returned: success
  type: list
  elements: str
  sample: [compute, block_storage, openstack]
calls:
  description:
    - The names of the variables in which the roles register their calls. C(of) and C(verified) are those of O(playbook), by what each is about, as
      M(zoneops.openstack.zone_result) takes them, and C(variables) both of them. C(kubernetes), C(written) and C(compared) are those of all roles.
  returned: success
  type: dict
journal:
  description: The journal's whole C(path), empty where none is written, and its C(size) in bytes, before this run writes to it.
  returned: success
  type: dict
  sample: {path: /tmp/zones.journal, size: 0}
sections:
  description: Sections of M(zoneops.openstack.region_info) that the table of the zones needs for this map.
  returned: success
  type: list
  elements: str
  sample: [aggregates, hosts, services, availability_zones, image_stores]
defaults:
  description:
    - Defaults for requests without a zone, if the map has them and no API shows them. C(cinder_availability_zone) is the availability zone of volumes, none if
      the map has no control plane with cinder.
  returned: success
  type: dict
  sample: {cinder_availability_zone: az1}
"""
