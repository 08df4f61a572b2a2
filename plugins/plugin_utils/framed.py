# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame of every action plugin: an error that nobody foresaw is a failure with its type, its text and its place."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import unexpected
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.text.scrub import SCRUBBER


class Framed(ActionBase):
    """The base; a plugin has `outcome`."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            result: dict[str, Any] = super().run(tmp, task_vars)
            return result | self.outcome(task_vars or {})
        except AnsibleError:
            # Has a message already, and newer cores know the place in the playbook.
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, it is reported
            fault = unexpected(error)
            return self.crashed(SCRUBBER.text(fault.message), SCRUBBER.text(fault.trace))

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        """The result of the task.

        :param variables: those of the task.
        """
        raise NotImplementedError

    def crashed(self, message: str, trace: str) -> dict[str, Any]:
        """The result where the plugin itself has a fault."""
        return self.traced({"failed": True, "msg": message, "exception": trace})

    def traced(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Show the traceback of a fault at -vvv: the roles take the failure of a call for that of its zones, and newer cores drop it then."""
        trace = answer.get("exception")
        text = trace if isinstance(trace, str) else getattr(getattr(trace, "event", None), "formatted_traceback", None)
        if text and answer.get("msg") and not (self._task.no_log or answer.get("_ansible_no_log")):
            Display().vvv(str(text))
        return answer
