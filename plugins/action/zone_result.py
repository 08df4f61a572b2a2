# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action zone_result: the verdict of bulk modules about one zone becomes the result of that zone's host."""

from __future__ import annotations

from typing import Any

import yaml
from ansible.parsing.yaml.dumper import AnsibleDumper
from ansible.plugins.action import ActionBase

SPEC: dict[str, Any] = {
    "result": {"type": "dict", "required": True},
    "also": {"type": "list", "elements": "dict", "default": []},
    "zone": {"type": "str"},
    "verify": {"type": "bool", "default": False},
}
LISTS = ("plan", "done", "undone", "left", "refusals", "warnings")
HANDED_ON = (*LISTS[:-1], "state")


class ActionModule(ActionBase):
    """Runs on the controller, opens no connection."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(argument_spec=SPEC)
        zone = options["zone"] or (task_vars or {})["inventory_hostname"]
        verdicts = []
        for result in (options["result"], *options["also"]):
            verdict = (result.get("zones") or {}).get(zone)
            if not verdict:
                return {"failed": True, "msg": _no_verdict(result, zone)}
            verdicts.append(_differences(verdict, zone) if options["verify"] else verdict)
        verdict = verdicts[0] if len(verdicts) == 1 else _joined(verdicts)
        answer = {key: verdict[key] for key in HANDED_ON if key in verdict}
        answer |= {"changed": verdict["changed"], "failed": verdict["failed"], "msg": verdict["msg"]}
        if verdict.get("warnings"):
            answer["warnings"] = [f"{zone}: {warning}" for warning in verdict["warnings"]]
        if verdict["changed"] and self._task.diff:
            answer["diff"] = _diff(zone, verdict["diff"])
        return answer | {"changed": False} if options["verify"] else answer


def _no_verdict(result: dict[str, Any], zone: str) -> str:
    """The bulk module failed as a whole, and says why."""
    reason = result.get("msg")
    return reason or f"no verdict for zone {zone}: the result that was handed over is not that of a bulk module"


def _joined(verdicts: list[dict[str, Any]]) -> dict[str, Any]:
    """What several bulk modules say of the zone, as one verdict: a message that only says ok is left out beside another."""
    told = [verdict for verdict in verdicts if verdict["failed"] or verdict["changed"]] or verdicts[:1]
    joined: dict[str, Any] = {
        "changed": any(verdict["changed"] for verdict in verdicts),
        "failed": any(verdict["failed"] for verdict in verdicts),
        "msg": " | ".join(str(verdict["msg"]) for verdict in told),
        "state": {key: value for verdict in verdicts for key, value in (verdict.get("state") or {}).items()},
        "diff": {
            side: {key: value for verdict in verdicts for key, value in verdict["diff"][side].items()}
            for side in ("before", "after")
        },
    }
    return joined | {key: [item for verdict in verdicts for item in verdict.get(key) or []] for key in LISTS}


def _diff(zone: str, diff: dict[str, Any]) -> dict[str, str]:
    # AnsibleDumper, since values of a task are not of the plain types that PyYAML's own dumper knows (ansible-core 2.19).
    shown = {
        side: yaml.dump(diff[side], Dumper=AnsibleDumper, sort_keys=False, allow_unicode=True) if diff[side] else ""
        for side in ("before", "after")
    }
    return {**shown, "before_header": f"{zone}: as it is", "after_header": f"{zone}: as the zone map says"}


def _differences(verdict: dict[str, Any], zone: str) -> dict[str, Any]:
    """The verdict as verification: what would change is what is wrong, and nothing was changed."""
    if not verdict["changed"] or verdict["failed"]:
        return verdict
    message = f"zone {zone} is not as its file says; a run would: {verdict['msg']}"
    return verdict | {"failed": True, "msg": message}
