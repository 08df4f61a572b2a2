# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter overrides: of one list of overrides for all modules those of one."""

from __future__ import annotations

DOCUMENTATION = r"""
name: overrides
short_description: Select the overrides of one module from a list for all modules
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - Overrides lift refusals. Each module of the collection has its own, the choices of its option C(allow).
  - The roles have one list for all of them, C(zoneops_allow), and pass to each module the words that this filter returns.
  - A word that no module has is kept, so that the module refuses it by name.
positional: _module
options:
  _input:
    description: The overrides for all modules.
    type: list
    elements: str
    required: true
  _module:
    description: The name of a module of this collection that has the option C(allow), for example V(volume_types).
    type: str
    required: true
seealso:
  - module: zoneops.openstack.availability_zones
"""

EXAMPLES = r"""
- name: Update the volume types, with a list that is for other modules, too
  zoneops.openstack.volume_types:
    region: "{{ zoneops_map.region }}"
    zones: "{{ zoneops_map.zones }}"
    allow: "{{ zoneops_allow | zoneops.openstack.overrides('volume_types') }}"
  vars:
    zoneops_allow: [host_moves, successor_types]
"""

RETURN = r"""
_value:
  description: The overrides of the module, in the same order.
  type: list
  elements: str
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.text.near import unknown
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.overrides import OVERRIDES, taken


def overrides(words: Any, module: str) -> list[str]:
    """Those of the module. A single word is taken as a list of one, as the module itself would take it."""
    if reason := unknown("zoneops.openstack.overrides", "module with overrides", [module], OVERRIDES):
        raise AnsibleFilterError(reason)
    if isinstance(words, str):
        words = words.split(",")
    if not isinstance(words, (list, tuple)):
        raise AnsibleFilterError(f"zoneops.openstack.overrides: needs a list of overrides, not {words!r}.")
    return taken(module, words)


class FilterModule:
    """As Ansible looks for filters."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        return {"overrides": overrides}
