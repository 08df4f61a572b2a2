# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The name of a task or play says what it does: it begins with a verb in the imperative."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from .documented import ROOT, load
from .tasks import BLOCKS, YAML_BLOCK, all_files

VERBS = {
    "Apply",
    "Ask",
    "Audit",
    "Back",
    "Begin",
    "Calculate",
    "Check",
    "Choose",
    "Clear",
    "Compare",
    "Converge",
    "Convert",
    "Copy",
    "Create",
    "Delete",
    "Deploy",
    "Disable",
    "Drain",
    "Empty",
    "Enable",
    "Evacuate",
    "Fail",
    "Finish",
    "Hand",
    "Keep",
    "Label",
    "List",
    "Make",
    "Measure",
    "Migrate",
    "Move",
    "Permit",
    "Print",
    "Read",
    "Refuse",
    "Remove",
    "Report",
    "Require",
    "Restore",
    "Resume",
    "Run",
    "Save",
    "Set",
    "Start",
    "Stop",
    "Switch",
    "Synchronize",
    "Take",
    "Try",
    "Update",
    "Verify",
    "Wait",
    "Work",
    "Write",
}
FILES = all_files(
    "roles/*/tasks/**/*.yml",
    "roles/*/handlers/**/*.yml",
    "playbooks/**/*.yml",
    "extensions/molecule/*/[!m]*.yml",
    "extensions/molecule/*/tasks/*.yml",
)
PLUGINS = all_files("plugins/modules/*.py", "plugins/filter/*.py")
PAGES = all_files("*.md", "docs/*.md", "roles/*/README.md")


def names(content: Any) -> Iterator[str]:
    """Of plays, blocks and tasks; empty for what has no name."""
    for entry in content or []:
        yield str(entry.get("name", ""))
        for key in BLOCKS & entry.keys():
            yield from names(entry[key])


def test_names_are_found() -> None:
    found = [name for file in FILES for name in names(load(file))]
    written = sum(len(re.findall(r"^\s*- name:", file.read_text(), re.MULTILINE)) for file in FILES)
    assert len([name for name in found if name]) == written > len(FILES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_names_are_imperative(file: Path) -> None:
    wrong = [name for name in names(load(file)) if name.split(" ")[0] not in VERBS]
    assert wrong == [], f"{file.relative_to(ROOT)}: begin with a verb (test_task_names.py lists them)"


def examples(plugin: Path) -> Iterator[str]:
    """Of the tasks in EXAMPLES; empty for one that has no name."""
    for node in ast.parse(plugin.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES":
            yield from names(yaml.safe_load(ast.literal_eval(node.value)))


def shown(page: Path) -> Iterator[str]:
    """Of the plays and tasks that a page shows. There, a task may be without a name."""
    for block in YAML_BLOCK.findall(page.read_text()):
        content = yaml.safe_load(block)
        if isinstance(content, list) and all(isinstance(entry, dict) for entry in content):
            yield from (
                name for name in names(entry for entry in content if "hosts" in entry or _is_task(entry)) if name
            )


def _is_task(entry: dict[str, Any]) -> bool:
    return any("." in str(key) for key in entry)


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.stem)
def test_names_in_examples_are_imperative(plugin: Path) -> None:
    found = list(examples(plugin))
    assert found
    wrong = [name for name in found if name.split(" ")[0] not in VERBS]
    assert wrong == [], f"EXAMPLES of {plugin.stem}: begin with a verb (test_task_names.py lists them)"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_names_on_pages_are_imperative(page: Path) -> None:
    wrong = [name for name in shown(page) if name.split(" ")[0] not in VERBS]
    assert wrong == [], f"{page.relative_to(ROOT)}: begin with a verb (test_task_names.py lists them)"


def test_names_on_pages_are_found() -> None:
    assert len([name for page in PAGES for name in shown(page)]) > 5
