# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter zones_with: the zones whose verdict in results of bulk modules has a value."""

from __future__ import annotations

DOCUMENTATION = r"""
name: zones_with
short_description: Select zones by a value of their verdicts in results of bulk modules
version_added: 1.0.0
author: [zoneops.openstack contributors (@zoneops)]
description:
  - A bulk module returns a verdict for each zone. This filter finds the zones that failed, that changed, or that have a plan, in the results of several calls.
  - Results of calls that were skipped or that failed as a whole have no verdicts and add no zone.
positional: _key
options:
  _input:
    description: Registered results of bulk modules.
    type: list
    elements: dict
    required: true
  _key:
    description: The key of a verdict, such as V(failed), V(changed) or V(plan), that has to be true or not empty.
    type: str
    required: true
seealso:
  - module: zoneops.openstack.zone_result
"""

EXAMPLES = r"""
- name: Keep the zones that are left
  ansible.builtin.set_fact:
    left: "{{ ansible_play_batch | difference([aggregates, types] | zoneops.openstack.zones_with('failed')) }}"
"""

RETURN = r"""
_value:
  description: The verdicts of these zones, by zone; the last one if a zone has several.
  type: dict
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import verdicts_of


def zones_with(results: Iterable[Mapping[str, Any]], key: str) -> dict[str, Any]:
    """The verdicts that have a value."""
    return {
        zone: verdict
        for result in results
        for zone, verdict in ((verdicts_of(result) if isinstance(result, Mapping) else None) or {}).items()
        if verdict.get(key)
    }


class FilterModule:
    """As Ansible looks for filters."""

    def filters(self) -> dict[str, Callable[..., dict[str, Any]]]:
        return {"zones_with": zones_with}
