# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-test does not notice about a plugin: version_added, RETURN, main guard, action group, empty package files."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from .documented import FQCN, MODULES, ROOT, ansible_doc, load, own_modules

RUNTIME = load(ROOT / "meta" / "runtime.yml")
INVENTORIES = sorted(path.stem for path in (ROOT / "plugins" / "inventory").glob("*.py"))
GROUPS: dict[str, list[str]] = RUNTIME["action_groups"]


@pytest.fixture(params=MODULES)
def module(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return request.param, own_modules()[request.param]


def test_documentation_is_complete(module: tuple[str, dict[str, Any]]) -> None:
    name, documented = module
    assert documented["doc"].get("version_added"), f"{name}: no version_added"
    assert documented["examples"], f"{name}: no EXAMPLES"
    assert documented["return"], f"{name}: no RETURN"
    assert {"check_mode", "diff_mode", "idempotent"} <= documented["doc"]["attributes"].keys(), name


def test_a_module_can_be_run_and_imported(module: tuple[str, dict[str, Any]]) -> None:
    """A module has main() behind a guard; what is only the documentation of an action plugin has neither."""
    name = module[0]
    tree = ast.parse((ROOT / "plugins" / "modules" / f"{name}.py").read_text())
    guarded = [ast.unparse(node.test) for node in tree.body if isinstance(node, ast.If)]
    has_main = any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body)
    assert has_main or (ROOT / "plugins" / "action" / f"{name}.py").exists(), name
    assert guarded == ([] if not has_main else ["__name__ == '__main__'"]), name


def test_the_action_group_is_what_the_fragments_say() -> None:
    """A module is in a group of meta/runtime.yml exactly when its documentation says so."""
    said: dict[str, list[str]] = {}
    for name, documented in own_modules().items():
        for group in documented["doc"]["attributes"].get("action_group", {}).get("membership", []):
            said.setdefault(group.removeprefix(f"{FQCN}."), []).append(name)
    assert {group: sorted(names) for group, names in said.items()} == {g: sorted(names) for g, names in GROUPS.items()}


def test_every_action_plugin_is_documented() -> None:
    actions = {path.stem for path in (ROOT / "plugins" / "action").glob("*.py")}
    assert actions <= set(MODULES)


@pytest.mark.parametrize("name", INVENTORIES)
def test_an_inventory_plugin_is_documented(name: str) -> None:
    documented = ansible_doc("--type", "inventory", f"{FQCN}.{name}")[f"{FQCN}.{name}"]
    assert documented["doc"].get("version_added"), f"{name}: no version_added"
    assert documented["examples"], f"{name}: no EXAMPLES"


def test_module_utils_packages_have_empty_init_files() -> None:
    """ansible-core ships a package of module_utils to the target only with its __init__.py, and sanity wants it empty."""
    utils = ROOT / "plugins" / "module_utils"
    folders = {path.parent for path in utils.rglob("*.py")}
    for folder in folders:
        assert (folder / "__init__.py").is_file(), f"{folder.relative_to(ROOT)} has no __init__.py"
        assert (folder / "__init__.py").read_bytes() == b""


def test_every_python_file_carries_the_licence_header() -> None:
    wanted = (
        "# Copyright (c) zoneops.openstack contributors",
        "# GNU General Public License v3.0+",
        "# SPDX-License-Identifier",
    )
    for path in ROOT.rglob("*.py"):
        if ".git" in path.parts or path.stat().st_size == 0:
            continue
        head = "\n".join(path.read_text().splitlines()[:5])
        assert all(line in head for line in wanted), (
            f"{path.relative_to(ROOT)}: the licence header of CONTRIBUTING.md is missing"
        )
