# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role says what it takes and what it is for, and its defaults are what it says."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest

from .documented import FQCN, MODULES, ROLES, ROOT, load, own_modules
from .tasks import Task, all_tasks


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def specs(role: str) -> dict[str, Any]:
    return dict(load(ROOT / "roles" / role / "meta" / "argument_specs.yml")["argument_specs"])


def test_entry_points_are_documented(role: str) -> None:
    assert "main" in specs(role)
    for entry in specs(role).values():
        assert entry["short_description"]
        assert entry["description"]
        assert entry["version_added"], f"{role}: no version_added"
        for name, option in entry.get("options", {}).items():
            assert option["description"], f"{role}: {name} has no description"
            assert name.startswith("zoneops_"), f"{role}: {name} would meet other collections' variables"


def test_defaults_are_the_documented_ones(role: str) -> None:
    """A default made of other variables is described in words; any other stands in both places with one value."""
    path = ROOT / "roles" / role / "defaults" / "main.yml"
    defaults = (load(path) or {}) if path.exists() else {}
    options = specs(role)["main"].get("options", {})
    assert defaults.keys() <= options.keys()
    documented = {name: option["default"] for name, option in options.items() if "default" in option}
    assert {name: value for name, value in defaults.items() if "{{" not in str(value)} == documented


def test_readme_names_the_role_and_its_options(role: str) -> None:
    text = (ROOT / "roles" / role / "README.md").read_text()
    assert f"{FQCN}.{role}" in text
    for name in specs(role)["main"].get("options", {}):
        assert name in text, f"roles/{role}/README.md does not name {name}"


def lifting_tasks() -> list[Task]:
    """The tasks of roles and playbooks whose module knows refusals that can be lifted."""
    ours = [task for task in all_tasks() if task.source.startswith(("roles/", "playbooks/"))]
    return [task for task in ours if lifted_by(task.action) and not only_compares(task)]


def only_compares(task: Task) -> bool:
    """The modules of services write, and refuse, nothing where no status is asked for."""
    return task.action.endswith("_services") and "status" not in task.options


def lifted_by(module: str) -> frozenset[str]:
    """The words of its option `allow`; a role or an action has none, and site_info takes those of all."""
    name = module.removeprefix(f"{FQCN}.")
    documented = own_modules()[name]["doc"].get("options", {}) if name in MODULES else {}
    return frozenset(documented.get("allow", {}).get("choices") or ())


def taken(task: Task) -> list[str]:
    """The words that a task takes out of `zoneops_allow`."""
    text = str(task.options.get("allow", ""))
    assert "zoneops_allow" in text, f"{task}: its option allow is not filled from zoneops_allow"
    return [
        word
        for words in re.findall(r"intersect\(\[(.*?)\]\)", text, re.DOTALL)
        for word in re.findall(r"'(\w+)'", words)
    ]


LIFTING = lifting_tasks()


def test_tasks_that_lift_refusals_are_found() -> None:
    assert {task.source.split("/")[1] for task in LIFTING} >= allow_words().keys()


@pytest.mark.parametrize("task", LIFTING, ids=str)
def test_task_takes_all_words_of_its_module(task: Task) -> None:
    """A word that is lost here lifts nothing, without a word to whoever wrote it."""
    assert sorted(taken(task)) == sorted(lifted_by(task.action))


def test_words_that_lift_refusals_are_known_to_the_zone_map(role: str) -> None:
    """The map refuses words that no role takes, so it has to know exactly those that one does."""
    words = {word for task in LIFTING if task.source.startswith(f"roles/{role}/") for word in taken(task)}
    assert words == set(allow_words().get(role, ())), f"{role}: plugins/module_utils/_zones/overrides.py differs"


def allow_words() -> dict[str, tuple[str, ...]]:
    text = (ROOT / "plugins" / "module_utils" / "_zones" / "overrides.py").read_text()
    found: dict[str, tuple[str, ...]] = ast.literal_eval(text.partition("WORDS = ")[2].partition("\n}\n")[0] + "\n}")
    return found
