# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each role has a scenario of molecule that uses it and looks at what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "extensions" / "molecule"
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
LAB = "default"
SHARED = "shared"
WITHOUT_LOOK = {"ansible.builtin.include_tasks", "ansible.builtin.import_tasks"}


def play_book(scenario: str, name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load((SCENARIOS / scenario / name).read_text()))


def used(plays: Any) -> set[str]:
    """The roles that plays name, at any depth, each as it is written."""
    if isinstance(plays, dict):
        named = {str(plays["name"])} if set(plays) & {"tasks_from"} or set(plays) == {"name"} else set()
        listed = {str(role) for role in plays.get("roles", []) if isinstance(role, str)}
        return named | listed | used(list(plays.values()))
    return set().union(*map(used, plays)) if isinstance(plays, list) else set()


def test_folders_are_those_of_roles() -> None:
    folders = sorted(path.name for path in SCENARIOS.iterdir() if path.is_dir())
    assert folders == sorted([*ROLES, LAB, SHARED])


@pytest.mark.parametrize("role", ROLES)
def test_role_is_used(role: str) -> None:
    assert (SCENARIOS / role / "molecule.yml").is_file()
    assert f"zoneops.openstack.{role}" in used(play_book(role, "converge.yml"))


@pytest.mark.parametrize("role", ROLES)
def test_outcome_is_looked_at(role: str) -> None:
    """By an assertion, or by tasks that have one; not by the role, whose word alone it would be."""
    (play,) = play_book(role, "verify.yml")
    assert used(play) == set()
    files = {str(task[word]) for task in play["tasks"] for word in WITHOUT_LOOK & task.keys()}
    included = "".join((SCENARIOS / role / file).read_text() for file in files)
    assert "ansible.builtin.assert" in included + yaml.safe_dump(play)


@pytest.mark.parametrize("role", ROLES)
def test_repeated_without_a_change_where_it_can_be(role: str) -> None:
    """A scenario with steps of its own still converges and verifies, in this order."""
    steps = (yaml.safe_load((SCENARIOS / role / "molecule.yml").read_text()).get("scenario") or {}).get("test_sequence")
    assert steps is None or [step for step in steps if step in ("converge", "verify")] == ["converge", "verify"]
