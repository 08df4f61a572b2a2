#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module zone_files."""

from __future__ import annotations

DOCUMENTATION = r"""
module: zone_files
short_description: Write the inventory files that describe an existing region
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Writes the result of M(zoneops.openstack.region_info) as the files of an inventory with a zone map that describes it. It sends no requests.
    The playbook C(zoneops.openstack.import) runs both.
  - If the name of an availability zone cannot be an inventory name, one is derived from it, and C(availability_zone) is set.
  - Of several aggregates with one availability zone, the one that is named after the zone is used, else the one with the most
    hosts. A comment in the zone's file names the others.
  - Properties that the zone map cannot describe are left out, with a comment. Text of the cloud that looks like a template is written as C(!unsafe).
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.writer
attributes:
  action_group:
    membership: []
    support: none
options:
  found:
    description: RV(zoneops.openstack.region_info#module:region), gathered with at least C(aggregates) and C(hosts); with C(services), C(availability_zones),
      C(volume_types), C(volume_pools), C(share_types), C(share_backends), C(type_projects), C(image_stores) and C(images) also those are described.
    type: dict
    required: true
  dest:
    description: Folder to write to. It is created if it does not exist.
    type: path
    required: true
  cloud:
    description: Name of the cloud in clouds.yaml, to write into the region.
    type: str
  region_name:
    description: Name of the region, to write into the region's file.
    type: str
  overwrite:
    description: Whether to overwrite files that differ. Without it, one such file is an error, and nothing is written.
    type: bool
    default: false
notes:
  - Each file is written completely or not at all. Files of zones that no longer exist are kept.
seealso:
  - module: zoneops.openstack.region_info
"""

EXAMPLES = r"""
- name: Read the region
  zoneops.openstack.region_info:
    cloud: mycloud
  register: found

- name: Write its zone files
  zoneops.openstack.zone_files:
    found: "{{ found.region }}"
    dest: ~/inventory
    cloud: mycloud
"""

RETURN = r"""
files:
  description: All files, relative to O(dest).
  returned: success
  type: list
  elements: str
  sample: [hosts.yml, group_vars/zones.yml, host_vars/az1.yml]
changed_files:
  description: Those that are new or differ.
  returned: success
  type: list
  elements: str
remarks:
  description: What was left out, and why. The files have it as comments.
  returned: success
  type: list
  elements: str
"""

import traceback
from pathlib import Path
from typing import Any

from ..module_utils._plan.errors import ZoneopsError
from ..module_utils._plan.files import folder as on_disk
from ..module_utils._plan.frame import Library, Module, Run
from ..module_utils._zones.errors import MapError
from ..module_utils._zones.from_cloud.export import inventory_files
from ..module_utils._zones.from_cloud.files import content
from ..module_utils._zones.inventory import plain

IMPORT_ERROR: str | None = None
try:
    import yaml  # noqa: F401  # pylint: disable=unused-import
except ImportError:
    IMPORT_ERROR = traceback.format_exc()

OPTIONS: dict[str, Any] = {
    "found": {"type": "dict", "required": True},
    "dest": {"type": "path", "required": True},
    "cloud": {"type": "str"},
    "region_name": {"type": "str"},
    "overwrite": {"type": "bool", "default": False},
}


def written(module: Run) -> dict[str, Any]:
    """The module's result."""
    params = plain(module.params)
    if "aggregates" not in params["found"]:
        raise ZoneopsError("option 'found' needs the region that zoneops.openstack.region_info returns.")
    try:
        files = inventory_files(params["found"], params["cloud"], params["region_name"])
    except MapError as error:
        raise ZoneopsError(f"What the cloud has cannot be a zone map. {error}") from error
    folder = Path(params["dest"])
    compared = on_disk.compare(folder, {file.path: content(file) for file in files})
    differing = [file for file in compared if file.differs]
    there = [str(folder / file.path) for file in differing if file.before is not None]
    if there and not params["overwrite"]:
        raise ZoneopsError(
            f"Nothing was written: {', '.join(there)} {'exists and differs' if len(there) == 1 else 'exist and differ'} from what the cloud has. "
            "Move it elsewhere, or overwrite it with -e zoneops_import_overwrite=true (option 'overwrite'; add --check --diff to see the difference first)."
        )
    if not module.check_mode:
        on_disk.write(folder, compared)
    return {
        "changed": bool(differing),
        "files": [file.path for file in compared],
        "changed_files": [file.path for file in differing],
        "remarks": [remark for file in files for remark in file.remarks],
        **({"diff": [file.as_diff() for file in differing]} if module.diff else {}),
    }


MODULE = Module(written, OPTIONS, (Library("PyYAML", IMPORT_ERROR),))


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
