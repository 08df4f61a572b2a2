# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone map as the bulk modules take it."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  zones:
    description:
      - The whole zone map, by inventory name. Each value has the keys of the variable C(zoneops_zone), see the page C(zone-map) of the documentation.
      - Always give all zones of the region, even if only some are changed. Rules such as "a host in one zone only" need all of them.
      - Returned in this form by M(zoneops.openstack.zone_map).
    type: dict
    required: true
  region:
    description:
      - The properties of the whole region, with the keys of the variable C(zoneops_region). C(zones) lists all inventory names.
      - Its C(cloud), C(region_name) and C(interface) are used if the options of these names are not set.
    type: dict
    required: true
  limit:
    description:
      - Inventory names of the zones that this call may change, for example C(ansible_play_batch). Without it, all zones of the map.
      - A step that would change another zone is refused, with the limit to use.
    type: list
    elements: str
"""
