# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action zone_report: print the table of the zones."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.zoneops.openstack.plugins.module_utils._report.table import not_read, report
from ansible_collections.zoneops.openstack.plugins.plugin_utils.terminal import stdout_is_for_people

SPEC: dict[str, Any] = {
    "zones": {"type": "dict", "required": True},
    "results": {"type": "list", "elements": "dict", "default": []},
    "verified": {"type": "list", "elements": "dict", "default": []},
    "region": {"type": "dict", "default": {}},
    "defaults": {"type": "dict", "default": {}},
}


class ActionModule(ActionBase):
    """Runs on the controller, opens no connection. Prints by itself, where people read: a callback would show the lines as JSON."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(argument_spec=SPEC)
        found = report(
            options["zones"], options["results"], options["region"], options["verified"], options["defaults"]
        )
        if stdout_is_for_people():
            Display().display("\n" + "\n".join(found.lines) + "\n")
        answer: dict[str, Any] = {
            "changed": False,
            "table": found.lines,
            "changed_zones": found.changed,
            "failed_zones": found.failed,
            "msg": "table printed",
        }
        if reason := not_read(options["region"]):
            answer |= {"failed": True, "msg": f"the region could not be looked at: {reason}"}
        return answer
