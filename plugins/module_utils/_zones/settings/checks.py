# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every variable `zoneops_…` that a run can have, and whether its value can be used. They come from the specifications of roles and playbooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ansible.module_utils.common.validation import check_type_bool, check_type_float, check_type_int

from ..._plan.files.paths import absolute, unfit, unreadable
from ..._plan.files.paths import missing as no_such_file
from ..._plan.kept import wrong_container
from ..._plan.limits import wrong_seconds
from ..._plan.text.near import nearest
from ..calls import REGISTERED
from ..errors import show
from .of_playbooks import INSTEAD, OF_PLAYBOOKS, REQUIRED, TAKEN
from .of_roles import OF_ROLES
from .setting import Setting

SETTINGS = {**OF_ROLES, **OF_PLAYBOOKS}
MAP = ("zoneops_zone", "zoneops_region")
# How far a maintenance goes; the phase that only plans does what check mode does.
PHASE, ONLY_PLANS = "zoneops_phase", "plan"
JOURNAL, JOURNAL_CONTAINER = "zoneops_journal", "zoneops_journal_container"
# What the collection itself registers or hands on while it runs; results of an earlier job come back as extra variables.
OWN = REGISTERED | frozenset(
    (
        *("zoneops_audit", "zoneops_audit_counts", "zoneops_capacity_bears", "zoneops_capacity_short_zones"),
        *("zoneops_changed_zones", "zoneops_degraded_zones", "zoneops_down_zones", "zoneops_failed_zones"),
        *(
            "zoneops_ahead",
            "zoneops_batch",
            "zoneops_batches",
            "zoneops_host",
            "zoneops_hosts_done",
            "zoneops_hosts_found",
            "zoneops_looking",
        ),
        *(
            "zoneops_host_maintenance",
            "zoneops_host_maintenance_calls",
            "zoneops_host_maintenance_looks",
            "zoneops_maintenance_state",
            "zoneops_maintenance_stopped",
            "zoneops_planning",
            "zoneops_tasks_file",
            "zoneops_verdict",
        ),
        "zoneops_zone_drain",
        *("zoneops_zone_return", "zoneops_return_nodes", "zoneops_return_pods"),
        *("zoneops_return_spreading", "zoneops_return_ha"),
        *("zoneops_zone_drill", "zoneops_drill_findings", "zoneops_drill_pods"),
        *("zoneops_zone_evacuate", "zoneops_evacuate_defaults", "zoneops_evacuate_ha", "zoneops_evacuate_look"),
        "zoneops_zone_restore_servers",
        *(
            "zoneops_zone_maintenance",
            "zoneops_zone_maintenance_calls",
            "zoneops_quorum",
            "zoneops_instance_ha",
            "zoneops_evacuate_cluster",
        ),
        *("zoneops_workers", "zoneops_workers_away"),
        *("zoneops_asked_zones", "zoneops_good_zones", "zoneops_in_cluster", "zoneops_switched_zones"),
        "zoneops_zone_name",
        *("zoneops_journal_before", "zoneops_journal_file", "zoneops_journal_object"),
        *("zoneops_discovered", "zoneops_files", "zoneops_found", "zoneops_region_info"),
        *("zoneops_map", "zoneops_map_read", "zoneops_playbook"),
        *("zoneops_first_look", "zoneops_kubernetes_due", "zoneops_kubernetes_results", "zoneops_kubernetes_writes"),
        *("zoneops_limit", "zoneops_results"),
        *("zoneops_audit_data", "zoneops_audit_last", "zoneops_audit_store"),
        *("zoneops_audit_kept_in", "zoneops_audit_label", "zoneops_audit_stored", "zoneops_audit_unread"),
        *("zoneops_audit_lost", "zoneops_audit_not_read", "zoneops_audit_not_written", "zoneops_audit_unwritten"),
        *("zoneops_report_file", "zoneops_report_stored"),
        *("zoneops_plan_id", "zoneops_plan_lines", "zoneops_saved_plan", "zoneops_summary"),
    )
)


def missing(playbook: str, given: Callable[[str], bool]) -> dict[str, str]:
    """What the playbook has to be given and is not, with the reason."""
    return {
        name: f"is not set, and the playbook {playbook} needs it; set it to {hint}{_instead(name)}"
        for name, hint in REQUIRED.get(playbook, {}).items()
        if not given(name) and not (name in INSTEAD and given(INSTEAD[name]))
    }


def _instead(name: str) -> str:
    return f", or set {INSTEAD[name]}" if name in INSTEAD else ""


def only_plans(playbook: str | None, phase: object) -> bool:
    """Whether a run only plans because of its phase. Of plays that are not this collection's nothing else is known."""
    return phase == ONLY_PLANS and (playbook is None or PHASE in TAKEN[playbook])


def not_kept(playbook: str | None, container: object, journal: object) -> tuple[str, str] | None:
    """The setting because of which no journal would be kept in the container, and why; None where one would. Of values that are right by themselves."""
    if not container or (playbook is not None and JOURNAL_CONTAINER not in TAKEN[playbook]):
        return None
    if not journal:
        return (
            JOURNAL_CONTAINER,
            f"no journal is written, because {JOURNAL} is empty; set it to a file, such as /tmp/zones.journal",
        )
    path = absolute(str(journal))
    # A device takes lines, and has none to keep.
    reason = "" if no_such_file(path) else unreadable(path)
    return (JOURNAL, f"{reason}, and {JOURNAL_CONTAINER} is to keep it") if reason else None


def without_effect(playbook: str, names: Iterable[str]) -> list[str]:
    """Those of the names that are settings which the playbook does not read."""
    return [name for name in names if name in SETTINGS and name not in TAKEN[playbook]]


def wrong_value(name: str, value: Any) -> str:
    """What is wrong with the value of a setting, nothing where it is right. Texts are taken for numbers and truth values as Ansible does."""
    setting = SETTINGS[name]
    match setting.type:
        case "bool":
            return _not(check_type_bool, value, "has to be true or false")
        case "int":
            return _wrong_number(setting, value)
        case "float":
            return _wrong_limit(value) if setting.most is None else _wrong_share(setting, value)
        case "list":
            return _wrong_list(name, setting, value)
        case "dict":
            return "" if isinstance(value, dict) or value is None else "has to be a mapping"
        case "path":
            return _wrong_path(setting, value)
        case _:
            return _wrong_text(setting, value)


def _not(check: Any, value: Any, rule: str) -> str:
    try:
        check(value)
    except (TypeError, ValueError, OverflowError):
        return rule
    return ""


def _wrong_number(setting: Setting, value: Any) -> str:
    rule = f"has to be a whole number of at least {setting.least}"
    if setting.most is not None:
        rule = f"has to be a whole number from {setting.least} to {setting.most}"
    if isinstance(value, (bool, float)):
        return rule
    try:
        number = check_type_int(value)
    except (TypeError, ValueError):
        return rule
    most = 2**31 - 1 if setting.most is None else setting.most
    return "" if setting.least is None or setting.least <= number <= most else rule


def _wrong_share(setting: Setting, value: Any) -> str:
    if value is None and setting.default is None:
        return ""
    rule = f"has to be a number from {setting.least} to {setting.most}"
    if isinstance(value, bool):
        return rule
    try:
        number = check_type_float(value)
    except (TypeError, ValueError, OverflowError):
        return rule
    return "" if (setting.least or 0) <= number <= (setting.most or 0) else rule


def _wrong_limit(value: Any) -> str:
    rule = "has to be a number of seconds"
    if isinstance(value, bool):
        return rule
    try:
        return wrong_seconds(check_type_float(value))
    except (TypeError, ValueError, OverflowError):
        return rule


def _wrong_list(name: str, setting: Setting, value: Any) -> str:
    if value is None and setting.default is None:
        return ""
    if setting.separated and isinstance(value, str):
        value = [item.strip() for item in value.split(",")]
        if "" in value:
            return "has an empty name; separate names by single commas"
    if not isinstance(value, (list, tuple)):
        return f"""has to be a list; on the command line: -e '{{"{name}": ["..."]}}'"""
    kind, named = (dict, "a mapping") if setting.elements == "dict" else (str, "text")
    for index, item in enumerate(value):
        if not isinstance(item, kind):
            return f"has {show(item)} at place {index}, which has to be {named}"
        if setting.choices and item not in setting.choices:
            return f"has {show(item)} at place {index}, which has to be one of {', '.join(setting.choices)}{nearest(str(item), setting.choices)}"
    return ""


def _wrong_path(setting: Setting, value: Any) -> str:
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or not value.isprintable():
        return "has to be the path of a file" if setting.appended or setting.read else "has to be the path of a folder"
    if setting.read:
        return unreadable(absolute(value))
    return unfit(absolute(value)) if setting.appended else ""


def _wrong_text(setting: Setting, value: Any) -> str:
    if not isinstance(value, str):
        return "has to be text"
    if setting.choices and value not in setting.choices:
        return f"has to be one of {', '.join(setting.choices)}{nearest(value, setting.choices)}"
    return wrong_container(value) if setting.container and value else ""
