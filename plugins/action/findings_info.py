# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action findings_info: the module of that name, run in the controller's process, with the rules of the collection, and its findings on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.zoneops.openstack.plugins.modules import findings_info
from ansible_collections.zoneops.openstack.plugins.plugin_utils.tabled import Tabled

#: Data beside the role: Ansible copies no such files to where a module runs as a process, so the module is told where they are.
RULES = Path(__file__).resolve().parents[2] / "roles" / "audit" / "files" / "rules"


class ActionModule(Tabled):
    module = findings_info.MODULE

    def arguments(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        found = super().arguments(variables)
        given = found.get("rules") or []
        if boolean(found.get("builtin", True), strict=False):
            found["rules"] = [str(RULES), *([given] if isinstance(given, str) else given)]
        return found
