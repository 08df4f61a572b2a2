# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action save_plan: what a run in check mode would change, as a file that a run can carry out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.files import absolute
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.file import save
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.model import digests_of
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import joined, verdicts_of
from ansible_collections.zoneops.openstack.plugins.plugin_utils.framed import Framed
from ansible_collections.zoneops.openstack.plugins.plugin_utils.plain import plain

SPEC: dict[str, Any] = {
    "path": {"type": "str", "required": True},
    "results": {"type": "list", "elements": "dict", "required": True},
    "region": {"type": "dict", "required": True},
    "zones": {"type": "dict", "required": True},
    "limit": {"type": "list", "elements": "str"},
    "playbook": {"type": "str"},
}


class ActionModule(Framed):
    """Runs on the controller, opens no connection."""

    _requires_connection = False

    def outcome(self, _variables: dict[str, Any]) -> dict[str, Any]:
        _validated, found = self.validate_argument_spec(argument_spec=SPEC)
        options = plain(found)
        if not self._task.check_mode:
            return {"changed": False, "msg": "a plan is saved in check mode only"}
        zones = [name for name in options["zones"] if options["limit"] is None or name in options["limit"]]
        verdicts = {zone: _verdict(zone, options["results"]) for zone in zones}
        path = absolute(options["path"])
        try:
            count = save(path, options["playbook"], verdicts, digests_of(options["zones"], options["region"]))
        except ZoneopsError as error:
            return {"failed": True, "msg": error.message}
        refused = [zone for zone in zones if verdicts[zone]["failed"]]
        without = f"; refused, so without changes: {', '.join(refused)}" if refused else ""
        return {
            "changed": False,
            "path": path,
            "changes": count,
            "msg": f"plan saved to {path}: {_counted(count)}{without}",
        }


def _verdict(zone: str, results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All that the calls found about a zone. A call that failed as a whole is about every zone."""
    parts = {}
    for number, result in enumerate(results):
        verdicts = verdicts_of(result)
        if verdicts is None:
            parts[str(number)] = {"changed": False, "failed": True, "msg": str(result.get("msg") or "a call failed")}
        elif zone in verdicts:
            parts[str(number)] = dict(verdicts[zone])
    return joined({number: {"diff": {"before": {}, "after": {}}, **one} for number, one in parts.items()})


def _counted(count: int) -> str:
    return f"{count} change{'' if count == 1 else 's'}"
