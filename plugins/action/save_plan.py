# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action save_plan: what a run in check mode would change, as a file that a run can carry out, and as lines for who approves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.files.paths import absolute
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.file import identifier, save
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.handed import lines, summary
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.saved.model import as_entries, digests_of
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import joined, no_diff, verdicts_of
from ansible_collections.zoneops.openstack.plugins.plugin_utils.framed import Framed
from ansible_collections.zoneops.openstack.plugins.plugin_utils.plain import plain
from ansible_collections.zoneops.openstack.plugins.plugin_utils.registered import results

SPEC: dict[str, Any] = {
    "path": {"type": "str"},
    "results": {"type": "list", "elements": "raw", "required": True},
    "region": {"type": "dict", "required": True},
    "zones": {"type": "dict", "required": True},
    "limit": {"type": "list", "elements": "str"},
    "playbook": {"type": "str"},
}


class ActionModule(Framed):
    """Runs on the controller, opens no connection."""

    _requires_connection = False

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        _validated, found = self.validate_argument_spec(argument_spec=SPEC)
        options = plain(found)
        if not self._task.check_mode:
            return {"changed": False, "msg": "a plan is saved in check mode only"}
        zones = [name for name in options["zones"] if options["limit"] is None or name in options["limit"]]
        called = plain(results("results", options["results"], variables))
        verdicts = {zone: _verdict(zone, called) for zone in zones}
        digests = digests_of(options["zones"], options["region"])
        playbook, said = options["playbook"], summary(None, verdicts)
        handed = {
            "changed": False,
            "changes": sum(len(as_entries(one.get("plan") or ())) for one in verdicts.values() if not one["failed"]),
            "id": identifier(playbook, verdicts, digests),
            "lines": lines(verdicts),
            "summary": summary(playbook, verdicts),
            "msg": said,
        }
        if not options["path"]:
            return handed
        path = absolute(options["path"])
        try:
            save(path, playbook, verdicts, digests)
        except ZoneopsError as error:
            return {"failed": True, "msg": error.message}
        return {**handed, "path": path, "msg": f"plan saved to {path}: {said}"}


def _verdict(zone: str, results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All that the calls found about a zone. A call that failed as a whole is about every zone."""
    parts = {}
    for number, result in enumerate(results):
        verdicts = verdicts_of(result)
        if verdicts is None:
            parts[str(number)] = {"changed": False, "failed": True, "msg": str(result.get("msg") or "a call failed")}
        elif zone in verdicts:
            parts[str(number)] = dict(verdicts[zone])
    return joined({number: {"diff": no_diff(), **one} for number, one in parts.items()})
