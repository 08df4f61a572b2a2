# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action zone_map: the zone map out of the inventory, checked as a whole, before anything is touched."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.zoneops.openstack.plugins.module_utils._region.choice import sections_of_table
from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.cinder import default_availability_zone
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.allow import unknown_words
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.errors import MapError, Problem
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.inventory import NOT_SET
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import as_dict, load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.parts import parts_of
from ansible_collections.zoneops.openstack.plugins.plugin_utils.inventory import Inventory

SETTINGS = [
    "zoneops_allow",
    "zoneops_break_lock",
    "zoneops_control_plane_deadline",
    "zoneops_control_plane_progress",
    "zoneops_control_plane_timeout",
    "zoneops_control_plane_wait",
    "zoneops_data_plane_batch",
    "zoneops_data_plane_deadline",
    "zoneops_data_plane_discovery_timeout",
    "zoneops_data_plane_services",
    "zoneops_data_plane_timeout",
    "zoneops_deadline",
    "zoneops_images_at_once",
    "zoneops_images_deadline",
    "zoneops_images_progress",
    "zoneops_journal",
    "zoneops_max_removed_hosts",
    "zoneops_parallel_zones",
    "zoneops_placement_mirror",
    "zoneops_precache_images",
    "zoneops_purge_hosts",
    "zoneops_purge_metadata",
    "zoneops_purge_projects",
    "zoneops_purge_stores",
    "zoneops_replaced_images",
    "zoneops_report_deadline",
    "zoneops_report_gather",
    "zoneops_report_more",
    "zoneops_report_region",
    "zoneops_report_results",
    "zoneops_report_verified",
]
SPEC: dict[str, Any] = {
    "group": {"type": "str", "default": "zones"},
    "settings": {"type": "list", "elements": "str", "default": SETTINGS},
}
ZONE, REGION, ALLOW = "zoneops_zone", "zoneops_region", "zoneops_allow"


class ActionModule(ActionBase):
    """Runs on the controller, opens no connection."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(argument_spec=SPEC)
        variables = task_vars or {}
        refusal = self._refusal(options["group"], variables["groups"])
        if refusal:
            return {"failed": True, "msg": refusal}
        hosts = list(dict.fromkeys(str.__str__(host) for host in variables["groups"][options["group"]]))
        inventory = Inventory(self._loader, variables, hosts)
        return _answer(inventory, options["settings"], variables.get("ansible_play_batch", []))

    def _refusal(self, group: str, groups: Mapping[str, list[str]]) -> str:
        """Why the map cannot even be looked for."""
        strategy = str(self._task.get_play().strategy).rsplit(".", 1)[-1]
        if strategy.endswith(("free", "host_pinned")):
            return (
                f"The play runs with the strategy {strategy}, under which each zone would run the steps that are made "
                "once for all zones; set `strategy: linear` for the play, as the playbooks of this collection do"
            )
        if groups.get(group):
            return ""
        others = [name for name in groups if name not in ("all", "ungrouped", group)]
        near = difflib.get_close_matches(group, others, n=1)
        hint = f" (did you mean {near[0]}?)" if near else f" (its groups: {', '.join(others) or 'none'})"
        what = "is empty" if group in groups else f"is not in the inventory{hint}"
        return f"The group {group} {what}; add a host for each zone, without it there is nothing to work on"


def _answer(inventory: Inventory, settings: list[str], batch: list[str]) -> dict[str, Any]:
    zones, region = inventory.each(ZONE), inventory.shared(REGION)
    values = {setting: inventory.shared(setting) for setting in settings}
    problems = [*inventory.problems, *unknown_words(ALLOW, values.get(ALLOW))]
    for host, value in zones.items():
        if value is NOT_SET:
            rule = f"is not set; write it into host_vars/{host}.yml ({{}} takes every default)"
            problems.append(Problem(host, ZONE, "", rule, ""))
    if region is NOT_SET:
        rule = "is not set; write it into group_vars of the group, with the list `zones` of all zones"
        problems.append(Problem("", REGION, "", rule, ""))
        region = {"zones": list(zones)}
    try:
        zone_map = load_map({host: {} if value is NOT_SET else value for host, value in zones.items()}, region)
    except MapError as error:
        unusable = {(problem.zone, problem.path) for problem in problems}
        problems += [problem for problem in error.problems if (problem.zone, problem.path) not in unusable]
    if problems:
        return {"failed": True, "msg": str(MapError(problems))}
    names = list(zone_map.zones)
    return {
        "changed": False,
        "msg": f"The map of {len(names)} zones keeps all rules: {', '.join(names)}",
        "batch": [name for name in names if name in batch],
        "parts": list(parts_of(zone_map)),
        "sections": list(sections_of_table(zone_map)),
        "defaults": {"cinder_availability_zone": default_availability_zone(zone_map)},
        **as_dict(zone_map, words=True),
    }
