#!/usr/bin/python
# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module render."""

from __future__ import annotations

DOCUMENTATION = r"""
module: render
short_description: Write the Kubernetes side of the zones to files for GitOps
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Writes the objects that the roles C(node_zones), C(topologies), C(control_plane) and C(data_plane) would apply to files in a folder for kustomize.
    It needs no cluster.
  - What the zones share is in the folder C(region), and each zone in its own folder below C(zones). All are components with patches for the existing control
    plane object.
  - Values of Secrets are never written. A Secret that would have to be created is an error.
  - Files that are not in the zone map are not changed; a warning names them.
extends_documentation_fragment:
  - zoneops.openstack.attributes
  - zoneops.openstack.attributes.writer
attributes:
  action_group:
    membership: []
    support: none
options:
  zones:
    description: The whole zone map, as M(zoneops.openstack.zone_map) returns it.
    type: dict
    required: true
  region:
    description: The properties of the whole region.
    type: dict
    required: true
  dest:
    description: Folder to write to. It is created if it does not exist.
    type: path
    required: true
notes:
  - Each file is written completely or not at all.
seealso:
  - module: zoneops.openstack.topologies
"""

EXAMPLES = r"""
- name: Write the files of the zones in the inventory
  zoneops.openstack.render:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    dest: ~/gitops/rhoso/zones
  run_once: true
"""

RETURN = r"""
files:
  description: All files of the rendering, relative to O(dest).
  returned: success
  type: list
  elements: str
  sample: [kustomization.yaml, region/kustomization.yaml]
changed_files:
  description: Those that are new or differ.
  returned: success
  type: list
  elements: str
surplus:
  description: Files in the folders of the region and the zones that are not of this rendering.
  returned: success
  type: list
  elements: str
"""

import traceback
from pathlib import Path
from typing import Any

from ..module_utils._plan.files import folder as on_disk
from ..module_utils._plan.frame import Library, Module, Run
from ..module_utils._rhoso.gitops import files as render_files
from ..module_utils._rhoso.gitops.render import rendered
from ..module_utils._zones.load import load_map

IMPORT_ERROR: str | None = None
try:
    import yaml  # noqa: F401  # pylint: disable=unused-import
except ImportError:
    IMPORT_ERROR = traceback.format_exc()

OPTIONS: dict[str, Any] = {
    "zones": {"type": "dict", "required": True},
    "region": {"type": "dict", "required": True},
    "dest": {"type": "path", "required": True},
}


def render(module: Run) -> dict[str, Any]:
    """The module's result."""
    folder = Path(module.params["dest"])
    files = rendered(load_map(module.params["zones"], module.params["region"]))
    compared = render_files.compare(folder, files)
    differing = [file for file in compared if file.differs]
    if not module.check_mode:
        on_disk.write(folder, compared)
    surplus = render_files.surplus(folder, files)
    if surplus:
        module.warn(
            f"not in the zone map, and not changed: {', '.join(surplus)}. Remove them once their zone is removed."
        )
    return {
        "changed": bool(differing),
        "files": [file.path for file in compared],
        "changed_files": [file.path for file in differing],
        "surplus": surplus,
        **({"diff": [file.as_diff() for file in differing]} if module.diff else {}),
    }


MODULE = Module(render, OPTIONS, (Library("PyYAML", IMPORT_ERROR),))


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
