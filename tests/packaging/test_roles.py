# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role says what it takes and what it is for, and its defaults are what it says."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.overrides import (
    KNOWN,
    OF_ROLES,
    OVERRIDES,
    taken,
)

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
    return [task for task in ours if module_of(task) in OVERRIDES]


def module_of(task: Task) -> str:
    return task.action.removeprefix(f"{FQCN}.")


LIFTING = lifting_tasks()


@pytest.mark.parametrize("module", MODULES)
def test_documented_overrides_are_those_of_the_table(module: str) -> None:
    option = own_modules()[module]["doc"].get("options", {}).get("allow", {})
    assert tuple(option.get("choices", ())) == OVERRIDES.get(module, ())


@pytest.mark.parametrize("task", LIFTING, ids=str)
def test_every_override_of_a_module_reaches_it(task: Task) -> None:
    """A word that is lost here lifts nothing, without a word to whoever wrote it. What another play sets, a playbook cannot leave to defaults."""
    given = re.sub(r"\s*\|\s*default\(\[\]\)", "", str(task.options.get("allow")))
    module = module_of(task)
    assert given == f"{{{{ zoneops_allow | {FQCN}.overrides('{module}') }}}}"
    assert taken(module, [*KNOWN, "host_mvoes"]) == [word for word in KNOWN if word in OVERRIDES[module]] + [
        "host_mvoes"
    ]


@pytest.mark.parametrize("module", OF_ROLES)
def test_a_playbook_runs_a_role_that_hands_on_the_overrides(module: str) -> None:
    roles = {task.source.split("/")[1] for task in LIFTING if module_of(task) == module}
    included = {
        str(task.options["name"]).removeprefix(f"{FQCN}.")
        for task in all_tasks()
        if task.source.startswith("playbooks/") and task.action.endswith(("include_role", "import_role"))
    }
    assert roles & included, f"{module}: no playbook reaches it, so that zoneops_allow must not know its words"


def test_roles_name_the_modules_that_take_their_overrides(role: str) -> None:
    """By references, not by repeating the words."""
    modules = {module_of(task) for task in LIFTING if task.source.startswith(f"roles/{role}/")}
    option = specs(role)["main"].get("options", {}).get("zoneops_allow")
    assert bool(option) is bool(modules)
    readme = (ROOT / "roles" / role / "README.md").read_text()
    for module in modules:
        assert f"O({FQCN}.{module}#module:allow)" in str(option["description"])
        (row,) = re.findall(r"^\| `zoneops_allow` \|.*$", readme, re.MULTILINE)
        assert f"`{module}`" in row


def test_the_page_has_every_override_with_its_modules() -> None:
    page = (ROOT / "docs" / "refusals.md").read_text().partition("| override |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", page, re.MULTILINE)
    assert {word: set(re.findall(r"`(\w+)`", modules)) for word, modules in rows} == {
        word: {module for module, words in OF_ROLES.items() if word in words} for word in KNOWN
    }


# Options that only a direct use of the module needs.
NOT_OF_ROLES = {
    "control_plane": {"cloud", "secret_values"},
    "preflight_info": {"steps"},
    "share_access": {"delete_rules"},
    "zone_capacity_info": {"lists"},
    "zone_map": {"settings"},
    "zone_result": {"verify", "zone"},
}


@pytest.mark.parametrize("module", MODULES)
def test_roles_pass_every_option_of_a_module(module: str) -> None:
    """A message that names an option, such as break_lock, is no help where no role takes it."""
    calls = [
        task for task in all_tasks() if task.source.startswith(("roles/", "playbooks/")) and module_of(task) == module
    ]
    if calls:
        passed = set().union(*(task.options for task in calls))
        assert set(options_of(module)) - passed == NOT_OF_ROLES.get(module, set())


def options_of(module: str) -> dict[str, Any]:
    """Those of the module itself: what fragments add is how it signs in."""
    source = (ROOT / "plugins" / "modules" / f"{module}.py").read_text()
    found = re.search(r'DOCUMENTATION = r"""(.*?)"""', source, re.DOTALL)
    assert found, module
    return dict(yaml.safe_load(found[1]).get("options") or {})
