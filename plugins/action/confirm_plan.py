# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action confirm_plan: shows what a run is about to change, and asks a person on the terminal. Without a terminal it fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible.errors import AnsiblePromptInterrupt, AnsiblePromptNoninteractive
from ansible.utils.display import Display
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import verdicts_of
from ansible_collections.zoneops.openstack.plugins.plugin_utils.framed import Framed
from ansible_collections.zoneops.openstack.plugins.plugin_utils.plain import plain

SPEC: dict[str, Any] = {
    "results": {"type": "list", "elements": "dict", "required": True},
    "failed_zones": {"type": "bool", "default": False},
}
YES = "yes"
ENTER = (b"\n", b"\r")
NO_TERMINAL = (
    "zoneops_confirm asks a person, and this run has no terminal: nothing was changed. In a workflow use its approval node; elsewhere save "
    "the plan with --check -e zoneops_plan=FILE, have it approved, and run the same command with that file and without zoneops_confirm."
)


class ActionModule(Framed):
    """Runs on the controller, once for all zones."""

    _requires_connection = False
    BYPASS_HOST_LOOP = True

    def outcome(self, _variables: dict[str, Any]) -> dict[str, Any]:
        _validated, found = self.validate_argument_spec(argument_spec=SPEC)
        options = plain(found)
        lines = list(_lines(options["results"], failed_zones=options["failed_zones"]))
        if self._task.check_mode:
            return {"changed": False, "msg": "check mode changes nothing, so there is nothing to confirm"}
        if not lines:
            return {"changed": False, "msg": "there is nothing to change"}
        question = "\n".join(["This run is about to:", *lines, f"Type {YES} to continue, anything else to stop:"])
        try:
            answer = Display().prompt_until(question, complete_input=ENTER)
        except AnsiblePromptNoninteractive:
            return {"failed": True, "msg": NO_TERMINAL}
        except AnsiblePromptInterrupt:
            answer = b""
        said = answer.decode(errors="replace").strip().lower()
        if said != YES:
            return {
                "failed": True,
                "msg": "not confirmed: nothing was changed. Run the same command again to be asked again",
            }
        return {"changed": False, "msg": f"confirmed: {len(lines)} changes"}


def _lines(results: Sequence[Mapping[str, Any]], *, failed_zones: bool) -> Iterator[str]:
    """Each change, as plans have it."""
    for result in results:
        # Where the look at all parts leaves zones to calls that follow, they are in no verdict, and their changes are.
        for zone, verdict in (result.get("zones") or verdicts_of(result) or {}).items():
            if failed_zones or not verdict.get("failed"):
                yield from (f"  {zone}: {change['text']}" for change in verdict.get("plan") or () if change.get("text"))
