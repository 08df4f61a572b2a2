# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action zone_result: a bulk module's verdict about one zone becomes the result of that zone's host."""

from __future__ import annotations

from typing import Any

import yaml
from ansible.parsing.yaml.dumper import AnsibleDumper
from ansible.plugins.action import ActionBase

SPEC: dict[str, Any] = {
    "result": {"type": "dict", "required": True},
    "zone": {"type": "str"},
    "verify": {"type": "bool", "default": False},
}
HANDED_ON = ("plan", "done", "undone", "left", "refusals", "state")


class ActionModule(ActionBase):
    """Runs on the controller, opens no connection."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(argument_spec=SPEC)
        zone = options["zone"] or (task_vars or {})["inventory_hostname"]
        verdict = (options["result"].get("zones") or {}).get(zone)
        if not verdict:
            # The bulk module failed as a whole, and says why.
            reason = options["result"].get("msg")
            return {
                "failed": True,
                "msg": reason
                or f"no verdict for zone {zone}: the result that was handed over is not that of a bulk module",
            }
        answer = {key: verdict[key] for key in HANDED_ON if key in verdict}
        answer |= {"changed": verdict["changed"], "failed": verdict["failed"], "msg": verdict["msg"]}
        if verdict.get("warnings"):
            answer["warnings"] = [f"{zone}: {warning}" for warning in verdict["warnings"]]
        if verdict["changed"] and self._task.diff:
            answer["diff"] = _diff(zone, verdict["diff"])
        return _differences(answer, zone) if options["verify"] else answer


def _diff(zone: str, diff: dict[str, Any]) -> dict[str, str]:
    # AnsibleDumper, since values of a task are not of the plain types that PyYAML's own dumper knows (ansible-core 2.19).
    shown = {
        side: yaml.dump(diff[side], Dumper=AnsibleDumper, sort_keys=False, allow_unicode=True) if diff[side] else ""
        for side in ("before", "after")
    }
    return {**shown, "before_header": f"{zone}: as it is", "after_header": f"{zone}: as the zone map says"}


def _differences(answer: dict[str, Any], zone: str) -> dict[str, Any]:
    """The verdict as verification: what would change is what is wrong, and nothing was changed."""
    if answer["changed"] and not answer["failed"]:
        answer |= {"failed": True, "msg": f"zone {zone} is not as its file says; a run would: {answer['msg']}"}
    return answer | {"changed": False}
