# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every task that the collection shows or runs: in examples, roles, playbooks, scenarios, tests and pages."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .documented import MODULES, ROOT, loaded, own_modules

BLOCKS = {"block", "rescue", "always", "tasks", "pre_tasks", "post_tasks", "handlers"}
PATTERNS = (
    "roles/*/tasks/**/*.yml",
    "roles/*/handlers/*.yml",
    "playbooks/**/*.yml",
    "examples/**/*.yml",
    "extensions/molecule/**/*.yml",
    "tests/playbooks/**/*.yml",
    "tests/integration/**/*.yml",
)
YAML_BLOCK = re.compile(r"^```ya?ml\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Task:
    """One task and where it stands."""

    source: str
    keys: dict[str, Any]

    @property
    def action(self) -> str:
        """The module, by its full name; nothing for a block or a task with a short name."""
        return next((key for key in self.keys if key.count(".") >= 2), "")

    @property
    def options(self) -> dict[str, Any]:
        given = self.keys[self.action]
        return dict(given) if isinstance(given, dict) else {}

    def __str__(self) -> str:
        return f"{self.source}: {self.keys.get('name', self.action)}"


def _walk(source: str, content: Any) -> Iterator[Task]:
    for entry in content if isinstance(content, list) else []:
        if not isinstance(entry, dict):
            continue
        inner = BLOCKS & entry.keys()
        for key in inner:
            yield from _walk(source, entry[key])
        if not inner and "hosts" not in entry and "ansible.builtin.import_playbook" not in entry:
            yield Task(source, entry)


def _documents() -> Iterator[tuple[str, str]]:
    for name in MODULES:
        yield f"EXAMPLES of {name}", str(own_modules()[name]["examples"])
    for pattern in PATTERNS:
        for path in sorted(ROOT.glob(pattern)):
            yield str(path.relative_to(ROOT)), path.read_text()
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("roles/*/README.md")]):
        for block in YAML_BLOCK.findall(path.read_text()):
            yield str(path.relative_to(ROOT)), block


def _is_tasks(content: Any) -> bool:
    """Inventories and lists in pages are YAML too; a list of tasks or plays has names."""
    return isinstance(content, list) and all(
        isinstance(entry, dict) and ("name" in entry or "hosts" in entry) for entry in content
    )


@functools.cache
def all_tasks() -> tuple[Task, ...]:
    found: list[Task] = []
    for source, text in _documents():
        content = loaded(text)
        if _is_tasks(content):
            found += _walk(source, content)
    return tuple(found)


def all_files(*patterns: str) -> list[Path]:
    """Without the specifications of playbooks, which have no tasks."""
    return sorted(path for pattern in patterns for path in ROOT.glob(pattern) if not path.match("*.meta.yml"))
