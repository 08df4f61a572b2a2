# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter zone_files: a region as it is becomes the files of an inventory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.errors import MapError, one_line
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.export import File, inventory_files
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.inventory import plain

DOCUMENTATION = r"""
name: zone_files
short_description: The inventory files that describe a region as it is
version_added: 0.1.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Turns what M(zoneops.openstack.region_info) found into the files of an inventory with a zone map, which describes exactly
    that. The playbook C(zoneops.openstack.import) writes them.
  - An availability zone whose name cannot be an inventory name gets one made from it, and C(availability_zone) is set.
  - Of several aggregates with one availability zone, the one that is called like the zone is taken, else that with the most
    hosts. A comment in the zone's file names the others.
  - Availability zones that the zone map refuses (C(nova), C(internal), the default one) are left out, with a comment.
positional: cloud
options:
  _input:
    description: RV(zoneops.openstack.region_info#module:region), gathered with at least C(aggregates) and C(hosts); with C(volume_types), C(volume_pools),
      C(share_types), C(share_backends), C(type_projects), C(image_stores) and C(images) also those are described.
    type: dict
    required: true
  cloud:
    description: Name of the cloud in clouds.yaml, to be written down.
    type: str
  region_name:
    description: Name of the region, to be written down.
    type: str
seealso:
  - module: zoneops.openstack.region_info
"""

EXAMPLES = r"""
- name: Write the zone files of a cloud
  ansible.builtin.copy:
    dest: "{{ inventory_dir }}/{{ item.path }}"
    content: "{{ item.content }}"
    mode: "0644"
  loop: "{{ found.region | zoneops.openstack.zone_files(cloud='mycloud') }}"
"""

RETURN = r"""
_value:
  description: The files, each with C(path), C(content) as YAML, and C(remarks), which stand in the content as comments too.
  type: list
  elements: dict
"""


def zone_files(
    region: Mapping[str, Any], cloud: str | None = None, region_name: str | None = None
) -> list[dict[str, Any]]:
    """The files of an inventory that describes the region."""
    if not isinstance(region, Mapping) or "aggregates" not in region:
        raise AnsibleFilterError("zone_files needs the region that zoneops.openstack.region_info returns")
    try:
        files = inventory_files(plain(region), plain(cloud), plain(region_name))
    except MapError as error:
        raise AnsibleFilterError(f"What the cloud has cannot be a zone map. {error}") from error
    return [{"path": file.path, "content": _content(file), "remarks": file.remarks} for file in files]


def _content(file: File) -> str:
    remarks = "".join(f"# {one_line(remark)}\n" for remark in file.remarks)
    return f"---\n{remarks}{yaml.safe_dump(file.data, sort_keys=False, allow_unicode=True, width=120)}"


class FilterModule:
    """Filters of the collection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"zone_files": zone_files}
