#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module share_access."""

from __future__ import annotations

DOCUMENTATION = r"""
module: share_access
short_description: Check where shares are exported, and access rules that reach beyond their zone
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Fails each zone that has shares whose export locations are outside C(storage_networks) of the zone. What serves a zone's shares, such as an NFS gateway,
    must be in that zone. Export locations that manila shows only to administrators are left out.
  - Reports access rules that reach beyond C(storage_networks) and C(client_networks) of the zone, for shares that are for their own zone only, by
    C(zone_local) of their share type or by their project in C(zone_local_projects) of the region. Other shares may be used across zones.
  - A rule for an address is compared with the networks. One for a cephx, user or certificate identity is reported as unbounded, because the identity can be
    used from everywhere.
  - Deletes only rules whose ids are in O(delete_rules), and only if it reports them.
  - Rules are only reported. The network has to prevent the use of a share across zones, see the page C(share-access) of the documentation.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.openstack
  - zoneops.openstack.attributes.writer
  - zoneops.openstack.openstack_auth
  - zoneops.openstack.zones
  - zoneops.openstack.zone_writes
options:
  delete_rules:
    description:
      - Ids of access rules to delete. Clients that use one lose their mounts.
      - An id that no zone-local share has fails nothing, because it may be deleted already, and is named in a warning.
      - A rule that stays within its zone is refused.
    type: list
    elements: str
    default: []
  allow:
    description:
      - Refusals to lift. Each word lifts one.
      - V(foreign_exports) notes export locations outside the zone's storage networks, instead of failing the zone.
    type: list
    elements: str
    choices: [foreign_exports]
    default: []
notes:
  - Needs manila with the API 2.50 or newer (Stein), and a user that may list the shares and share instances of all projects.
  - Costs two calls for any number of zones and shares, and none if the map has no networks and nothing that is zone-local. One more for each address that is
    outside its zone, and one for each share that is zone-local, because manila lists access rules share by share only.
  - Export locations that are host names cannot be compared, because only the clients can resolve them. A warning says so.
seealso:
  - module: zoneops.openstack.share_types
  - module: zoneops.openstack.share_services
"""

EXAMPLES = r"""
- name: Check whether shares stay in their zones
  zoneops.openstack.share_access:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"

- name: Remove one of the reported rules
  zoneops.openstack.share_access:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    delete_rules: [6d3fd4ee-2f2c-4b4c-8b5e-2c6f3b1b6f0a]
"""

RETURN = r"""
zones:
  description: One verdict per zone of O(limit), by inventory name, as M(zoneops.openstack.availability_zones) returns them.
  returned: when the map is valid and manila could be read
  type: dict
  contains:
    changed:
      description: Whether a rule was deleted, or would be in check mode.
      type: bool
    failed:
      description: Whether shares of the zone are exported outside of it, or a rule could not be deleted.
      type: bool
    msg:
      description: What was done, or what is wrong and what to do. Never empty.
      type: str
    warnings:
      description: Access rules that reach beyond the zone, and what could not be checked.
      type: list
      elements: str
    state:
      description: C(exports_outside) and C(rules_beyond), the latter with C(id), C(share), C(access_type), C(access_to) and C(how) they reach beyond the zone.
      type: dict
"""

from typing import Any

from ..module_utils._identity.keystone import Keystone
from ..module_utils._openstack import module as frame
from ..module_utils._plan import writer
from ..module_utils._shared_filesystem.access.model import Options
from ..module_utils._shared_filesystem.access.reconcile import ShareAccess
from ..module_utils._shared_filesystem.api.manila import Manila
from ..module_utils._zones import overrides

OPTIONS: dict[str, Any] = {
    **frame.ZONE_OPTIONS,
    **writer.OPTIONS,
    "delete_rules": {"type": "list", "elements": "str", "default": []},
    "allow": overrides.option("share_access"),
}


def converge(module: frame.Run) -> dict[str, Any]:
    """The module's result."""
    params = module.params
    zone_map, only = frame.zones_asked(params)
    cloud = frame.region_cloud(params, zone_map.region)
    options = Options(only, delete_rules=tuple(params["delete_rules"]), allow=frozenset(params["allow"]))
    manila, keystone = Manila(cloud.service("shared-file-system")), Keystone(cloud.service("identity", version="3"))
    reconciler = ShareAccess(manila, keystone, zone_map, options)
    return writer.converge(module, cloud, reconciler)


MODULE = frame.module(converge, OPTIONS)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
