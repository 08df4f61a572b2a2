# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The name of a task or play says what it does: it begins with a verb in the imperative."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .documented import ROOT, load
from .tasks import BLOCKS, all_files

VERBS = {
    "Apply",
    "Ask",
    "Back",
    "Begin",
    "Calculate",
    "Check",
    "Choose",
    "Clear",
    "Compare",
    "Converge",
    "Copy",
    "Create",
    "Delete",
    "Disable",
    "Drain",
    "Empty",
    "Enable",
    "Evacuate",
    "Finish",
    "Hand",
    "Keep",
    "Label",
    "List",
    "Make",
    "Migrate",
    "Move",
    "Print",
    "Read",
    "Refuse",
    "Remove",
    "Report",
    "Require",
    "Restore",
    "Resume",
    "Run",
    "Set",
    "Start",
    "Stop",
    "Synchronize",
    "Try",
    "Update",
    "Verify",
    "Wait",
    "Work",
    "Write",
}
FILES = all_files("roles/*/tasks/**/*.yml", "roles/*/handlers/**/*.yml", "playbooks/**/*.yml")


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
