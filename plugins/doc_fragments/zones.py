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
      - Always give all zones of the region, also when only some are worked on. Rules such as "a host in one zone only" need the whole.
      - Returned in this form by M(zoneops.openstack.zone_map).
    type: dict
    required: true
  region:
    description:
      - What holds for the whole region, with the keys of the variable C(zoneops_region). C(zones) lists all inventory names.
      - Its C(cloud), C(region_name) and C(interface) are used where the options of these names are left out.
    type: dict
    required: true
  limit:
    description:
      - Inventory names of the zones that this call may touch, for example C(ansible_play_batch). Left out, all zones of the map.
      - A step that would have to touch another zone is refused, with the limit that would do.
    type: list
    elements: str
"""
