# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every task shown or run uses options that exist, with values they take. (ansible-lint does not look at collection modules.)"""

from __future__ import annotations

import functools
import re
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .documented import FQCN, ROLES, ROOT, load, module_docs
from .tasks import Task, all_tasks

SPEC_KEYS = ("type", "elements", "required", "choices", "default", "aliases")
# Their options are whatever the user wants to call his variables.
FREE_FORM = {"ansible.builtin.set_fact", "ansible.builtin.add_host"}
SAMPLES: dict[str, Any] = {"bool": True, "int": 1, "float": 1.0, "list": [], "dict": {}, "raw": "", "json": "{}"}


def argument_spec(options: dict[str, Any]) -> dict[str, Any]:
    """The documentation of options as the argument spec that a module would have."""
    spec = {}
    for name, option in options.items():
        entry = {key: option[key] for key in SPEC_KEYS if key in option}
        if isinstance(entry.get("choices"), dict):
            entry["choices"] = list(entry["choices"])
        if "suboptions" in option:
            entry["options"] = argument_spec(option["suboptions"])
        spec[name] = entry
    return spec


def settled(value: Any, spec: dict[str, Any]) -> Any:
    """The value with every template replaced by something that the option takes: only a run knows what it yields."""
    if isinstance(value, str) and "{{" in value:
        inner = spec.get("options", {}) if spec.get("type") == "dict" else {}
        if needed := [key for key, one in inner.items() if one.get("required")]:
            return {key: settled(value, inner[key]) for key in needed}
        return spec["choices"][0] if spec.get("choices") else SAMPLES.get(spec.get("type", "str"), "text")
    if isinstance(value, dict):
        inner = spec.get("options", {})
        return {key: settled(one, inner.get(key, {"type": "raw"})) for key, one in value.items()}
    if isinstance(value, list):
        element = {"type": spec.get("elements", "raw"), "options": spec.get("options", {})}
        return [settled(one, element) for one in value]
    return value


def problems(spec: dict[str, Any], options: dict[str, Any]) -> list[str]:
    aliases = {alias: name for name, entry in spec.items() for alias in entry.get("aliases", [])}
    given = {key: settled(value, spec.get(aliases.get(key, key), {"type": "raw"})) for key, value in options.items()}
    return list(ArgumentSpecValidator(spec).validate(given).error_messages)


@functools.cache
def docs_of_actions() -> dict[str, dict[str, Any]]:
    return module_docs(sorted({task.action for task in all_tasks() if task.action} - FREE_FORM))


def test_tasks_are_found() -> None:
    sources = {task.source.split("/")[0] for task in all_tasks()}
    assert {"roles", "playbooks"} <= sources, "roles and playbooks have tasks: the walk no longer finds them"


@pytest.mark.parametrize("task", all_tasks(), ids=str)
def test_task(task: Task) -> None:
    assert task.action, f"{task}: no module with its full name in {sorted(task.keys)}"
    if task.action in FREE_FORM:
        return
    spec = argument_spec(docs_of_actions()[task.action]["doc"]["options"])
    assert problems(spec, task.options) == [], task
    if task.action in {"ansible.builtin.include_role", "ansible.builtin.import_role"}:
        assert role_problems(task) == [], task


def role_problems(task: Task) -> list[str]:
    """Variables handed to a role of ours must be among those it documents."""
    role = str(task.options["name"]).removeprefix(f"{FQCN}.")
    if role not in ROLES:
        return [f"no role {task.options['name']}"]
    specs = load(ROOT / "roles" / role / "meta" / "argument_specs.yml")["argument_specs"]
    chosen = str(task.options.get("tasks_from", "main"))
    # A template names each of its tasks in quotes.
    entries = sorted(set(re.findall(r"'(\w+)'", chosen))) if "{{" in chosen else [chosen]
    return [
        f"role {role} has no option {name} of {entry}"
        for entry in entries
        for name in sorted(task.keys.get("vars", {}).keys() - specs[entry].get("options", {}).keys())
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"when": [1]}, "when. Supported parameters include"),
        ({"mode": "slow"}, "value of mode must be one of: fast"),
        ({"inner": {"nam": "x"}}, "inner.nam. Supported parameters include"),
        ({"count": "{{ n }}", "mode": "{{ m }}", "inner": "{{ d }}"}, ""),
        ({"count": "many"}, "cannot be converted to an int"),
    ],
)
def test_the_check_itself(options: dict[str, Any], said: str) -> None:
    """A wrong option, choice, inner option and type are found, and a template is none of them."""
    inner = {"name": {"type": "str"}}
    documented = {
        "count": {"type": "int"},
        "mode": {"type": "str", "choices": ["fast"]},
        "inner": {"type": "dict", "suboptions": inner},
    }
    found = problems(argument_spec(documented), options)
    assert [said in one for one in found] == ([True] if said else [])
