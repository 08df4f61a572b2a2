# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action findings_info: the module of that name, run in the controller's process, with the rules of the collection, and its findings on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.utils.display import Display
from ansible_collections.zoneops.openstack.plugins.modules import findings_info
from ansible_collections.zoneops.openstack.plugins.plugin_utils.in_process import InProcess
from ansible_collections.zoneops.openstack.plugins.plugin_utils.terminal import stdout_is_for_people

#: Data beside the role: Ansible copies no such files to where a module runs as a process, so the module is told where they are.
RULES = Path(__file__).resolve().parents[2] / "roles" / "audit" / "files" / "rules"


class ActionModule(InProcess):
    module = findings_info.MODULE

    def arguments(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        found = super().arguments(variables)
        given = found.get("rules") or []
        if boolean(found.get("builtin", True), strict=False):
            found["rules"] = [str(RULES), *([given] if isinstance(given, str) else given)]
        return found

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        result = super().outcome(variables)
        asked = boolean(self._task.args.get("show", False), strict=False)
        if asked and result.get("table") and stdout_is_for_people():
            # By itself: a callback would show the lines as JSON.
            Display().display("\n".join(["", *result["table"], ""]))
        return result
