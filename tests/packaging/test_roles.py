# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role says what it takes and what it is for, and its defaults are what it says."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest

from .documented import FQCN, ROLES, ROOT, load


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


def test_words_that_lift_refusals_are_known_to_the_zone_map(role: str) -> None:
    """The map refuses words that no role takes, so it has to know those that one does."""
    tasks = "".join(path.read_text() for path in (ROOT / "roles" / role / "tasks").glob("*.yml"))
    taken = {
        word
        for words in re.findall(r"intersect\(\[(.*?)\]\)", tasks, re.DOTALL)
        for word in re.findall(r"'(\w+)'", words)
    }
    assert taken <= set(allow_words().get(role, ())), f"{role}: add them to plugins/module_utils/_zones/allow.py"


def allow_words() -> dict[str, tuple[str, ...]]:
    text = (ROOT / "plugins" / "module_utils" / "_zones" / "allow.py").read_text()
    found: dict[str, tuple[str, ...]] = ast.literal_eval(text.partition("WORDS = ")[2].partition("\n}\n")[0] + "\n}")
    return found
