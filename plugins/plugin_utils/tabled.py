# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of a module whose result has a table for people: printed where the task asks for it."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.utils.display import Display
from ansible_collections.zoneops.openstack.plugins.plugin_utils.in_process import InProcess
from ansible_collections.zoneops.openstack.plugins.plugin_utils.terminal import stdout_is_for_people


class Tabled(InProcess):
    """The base; the module has the option `show` and returns `table`."""

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        result = super().outcome(variables)
        asked = boolean(self._task.args.get("show", False), strict=False)
        if asked and result.get("table") and stdout_is_for_people():
            # By itself: a callback would show the lines as JSON.
            Display().display("\n".join(["", *result["table"], ""]))
        return result
