# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action zone_result: the verdict of bulk modules about one zone becomes the result of that zone's host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from ansible.parsing.yaml.dumper import AnsibleDumper
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import as_written, joined, verdicts_of
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.settings.playbooks import reports
from ansible_collections.zoneops.openstack.plugins.plugin_utils.framed import Framed
from ansible_collections.zoneops.openstack.plugins.plugin_utils.terminal import stdout_is_for_people

SPEC: dict[str, Any] = {
    "result": {"type": "dict"},
    "also": {"type": "list", "elements": "dict", "default": []},
    "of": {"type": "dict"},
    "verified": {"type": "dict"},
    "zone": {"type": "str"},
    "verify": {"type": "bool", "default": False},
}
RULES: dict[str, Any] = {
    "required_one_of": [("result", "of", "verified")],
    "mutually_exclusive": [("result", "of"), ("result", "verified")],
}
#: Instead of what all zones fail for, where the report says it once.
SAME = "same reason as the other zones, see below the table"
HANDED_ON = ("plan", "done", "undone", "left", "refusals")
#: Verdicts about one zone, by what they are about.
Parts = dict[str, dict[str, Any]]


class ActionModule(Framed):
    """Runs on the controller, opens no connection."""

    _requires_connection = False

    def outcome(self, variables: dict[str, Any]) -> dict[str, Any]:
        _validated, options = self.validate_argument_spec(argument_spec=SPEC, **RULES)
        zone = options["zone"] or variables["inventory_hostname"]
        found = self._registered(zone, options, variables) if options["result"] is None else _given(zone, options)
        if not found:
            return {"changed": False, "failed": False, "msg": "nothing was done in this zone"}
        # Those that only compared changed nothing.
        changed = any(one["changed"] for part, one in found.items() if not _compares(part, options))
        parts = {part: _differences(one, zone) if _compares(part, options) else one for part, one in found.items()}
        verdict = next(iter(parts.values())) if len(parts) == 1 else joined(parts)
        answer = {"changed": changed, "failed": verdict["failed"], "msg": verdict["msg"]}
        # The report of such a playbook prints what is wrong and noteworthy, each once for all its zones.
        reported = reports(str(variables.get("zoneops_playbook"))) and stdout_is_for_people()
        if reported and verdict.get("common") and len(variables.get("ansible_play_hosts_all") or ()) > 1:
            answer["msg"] = _without_common(verdict)
        answer |= _remarks(zone, verdict, reported=reported)
        if verdict["changed"] and self._task.diff:
            answer["diff"] = _diff(zone, verdict["diff"])
        return answer | _details(verdict, reported=reported)

    def _registered(self, zone: str, options: dict[str, Any], variables: dict[str, Any]) -> Parts:
        """The verdicts about the zone in registered variables.

        Read here and not handed over by templates: a template of all verdicts for each zone costs as much as the zones squared.
        """
        parts: Parts = {}
        for about, name in {**(options["of"] or {}), **(options["verified"] or {})}.items():
            result = variables.get(name) or {}
            if not isinstance(result, Mapping):
                parts[about] = _broken(f"variable {name} is not the result of a bulk module")
            elif (zones := verdicts_of(result)) is None:
                parts[about] = _no_verdict(result, zone)
            elif zone in zones:
                foreseen = self._task.check_mode or _compares(about, options)
                parts[about] = dict(zones[zone]) if foreseen else as_written(zones, zone)
        return parts


def _compares(part: str, options: dict[str, Any]) -> bool:
    return options["verify"] or part in (options["verified"] or {})


def _given(zone: str, options: dict[str, Any]) -> Parts:
    """The verdicts about the zone in results that are handed over."""
    return {
        result.get("part") or f"step {number}": (result.get("zones") or {}).get(zone) or _no_verdict(result, zone)
        for number, result in enumerate((options["result"], *options["also"]), start=1)
    }


def _without_common(verdict: dict[str, Any]) -> str:
    """The message, each reason that all zones share replaced by where to find it."""
    own = [line for line in str(verdict["msg"]).splitlines() if line not in verdict["common"]]
    return "\n".join([*own, SAME])


def _remarks(zone: str, verdict: dict[str, Any], *, reported: bool) -> dict[str, Any]:
    """The warnings of the verdict. Those that are reported, Ansible is not to print, too."""
    remarks = [f"{zone}: {warning}" for warning in dict.fromkeys(verdict.get("warnings") or ())]
    if not remarks or (reported and verdict["failed"]):
        return {}
    return {"notes" if reported else "warnings": remarks}


def _details(verdict: dict[str, Any], *, reported: bool) -> dict[str, Any]:
    """What workflows need in addition. Callbacks print all of a failed result, on one line: then only what there is of it, without the state, and
    nothing where it is reported. The bulk result has all of it."""
    if verdict["failed"]:
        return {} if reported else {key: verdict[key] for key in HANDED_ON if verdict.get(key)}
    return {key: verdict[key] for key in (*HANDED_ON, "state") if key in verdict}


def _no_verdict(result: Mapping[str, Any], zone: str) -> dict[str, Any]:
    """The bulk module failed as a whole, and says why: all zones fail for it."""
    reason = str(result.get("msg") or "")
    if not reason:
        return _broken(f"no verdict for zone {zone}: the given result is not that of a bulk module")
    return {**_broken(reason), "common": reason.splitlines()}


def _broken(reason: str) -> dict[str, Any]:
    """The verdict where a call has none. It does not hide what the other calls did."""
    return {"changed": False, "failed": True, "msg": reason}


def _diff(zone: str, diff: dict[str, Any]) -> dict[str, str]:
    # AnsibleDumper, since values of a task are not of the plain types that PyYAML's own dumper knows (ansible-core 2.19).
    shown = {
        side: yaml.dump(diff[side], Dumper=AnsibleDumper, sort_keys=False, allow_unicode=True) if diff[side] else ""
        for side in ("before", "after")
    }
    return {**shown, "before_header": f"{zone}: observed", "after_header": f"{zone}: desired"}


def _differences(verdict: dict[str, Any], zone: str) -> dict[str, Any]:
    """The verdict as verification: what would change is what is wrong, and nothing was changed."""
    wrong = [str(message) for message in verdict.get("wrong") or ()]
    if wrong:
        warnings = [message for message in verdict.get("warnings") or () if message not in wrong]
        found = _differences(verdict | {"warnings": warnings, "wrong": []}, zone)
        said = [found["msg"]] if found["failed"] else []
        return found | {"failed": True, "msg": "\n".join(dict.fromkeys([*said, *wrong]))}
    if not verdict["changed"] or verdict["failed"]:
        return verdict
    # One line where one change is missing, else one for each.
    missing = [str(change["text"]) for change in verdict.get("plan") or ()] or [str(verdict["msg"])]
    separator = " " if len(missing) == 1 else "\n"
    message = separator.join((f"zone {zone} differs from its file; a run would:", *missing))
    return verdict | {"failed": True, "msg": message}
