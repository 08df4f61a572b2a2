# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action zone_report: print the table of the zones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from ansible.constants import config
from ansible.errors import AnsibleActionFail
from ansible.utils.display import Display
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import as_written, verdicts_of
from ansible_collections.zoneops.openstack.plugins.module_utils._report.table import Line, not_read, report
from ansible_collections.zoneops.openstack.plugins.plugin_utils.framed import Framed
from ansible_collections.zoneops.openstack.plugins.plugin_utils.registered import result, results
from ansible_collections.zoneops.openstack.plugins.plugin_utils.terminal import stdout_is_for_people

SPEC: dict[str, Any] = {
    "zones": {"type": "dict", "required": True},
    "results": {"type": "list", "elements": "raw", "default": []},
    "verified": {"type": "list", "elements": "raw", "default": []},
    "region": {"type": "raw", "default": {}},
    "defaults": {"type": "dict", "default": {}},
    "limit": {"type": "list", "elements": "str"},
    "verify": {"type": "bool", "default": False},
}
#: The setting that has the colour of a result.
COLORS = {
    "ok": "COLOR_OK",
    "changed": "COLOR_CHANGED",
    "degraded": "COLOR_WARN",
    "down": "COLOR_ERROR",
    "FAILED": "COLOR_ERROR",
    "not run": "COLOR_SKIP",
}


class ActionModule(Framed):
    """Runs on the controller, opens no connection. Prints by itself, where people read: a callback would show the lines as JSON."""

    _requires_connection = False

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        _validated, options = self.validate_argument_spec(argument_spec=SPEC)
        region = result("region", options["region"], variables)
        found = report(
            options["zones"],
            self._written(results("results", options["results"], variables)),
            region,
            results("verified", options["verified"], variables),
            options["defaults"],
            only=options["limit"],
            verify=options["verify"],
            now=datetime.now(UTC),
        )
        if stdout_is_for_people():
            _print(found.shown)
        answer: dict[str, Any] = {
            "changed": False,
            "table": found.lines,
            "changed_zones": found.changed,
            "failed_zones": found.failed,
            "down_zones": found.down,
            "degraded_zones": found.degraded,
            "zones": {zone: _usable(found.unusable.get(zone, [])) for zone in options["zones"]},
            "region_read": "region" in region,
            "msg": "table printed",
        }
        if reason := not_read(region):
            answer |= {"failed": True, "msg": f"the region could not be read: {reason}"}
        return answer

    def crashed(self, message: str, trace: str) -> dict[str, Any]:
        """Raised: the role's `failed_when` is true for a result without a table, and newer cores replace the reason of one that is returned."""
        raise AnsibleActionFail(message, result=super().crashed(message, trace))

    def _written(self, called: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The first look of a run is made in check mode, and what it foresaw counts there only; what it leaves to the parts, these report."""
        called = [{**one, "zones": verdicts_of(one)} if "refused" in one else one for one in called]
        if self._task.check_mode:
            return called
        return [
            {**one, "zones": {zone: as_written(one["zones"], zone) for zone in one["zones"]}}
            if one.get("zones")
            else one
            for one in called
        ]


def _print(lines: Sequence[Line]) -> None:
    """Coloured where the terminal is, and by the user's own colours."""
    display = Display()
    display.display("")
    for outcome, group in groupby(lines, key=lambda line: line.result):
        color = config.get_config_value(COLORS[outcome]) if outcome else None
        display.display("\n".join(line.text for line in group), color=color)
    display.display("")


def _usable(unusable: list[str]) -> dict[str, Any]:
    """The verdict about a zone as zone_result takes it."""
    return {"changed": False, "failed": bool(unusable), "msg": "\n".join(unusable) or "the zone can be used"}
