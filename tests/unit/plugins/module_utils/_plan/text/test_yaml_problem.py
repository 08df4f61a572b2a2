# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a YAML file, without the piece of it that may be a secret."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.text.yaml_problem import problem_of


def problem(text: str) -> str:
    with pytest.raises(yaml.YAMLError) as found:
        yaml.safe_load(text)
    return problem_of(found.value)


def test_the_place_is_named_and_the_text_is_not_shown() -> None:
    assert problem("a: 1\n\tb: 2") == (
        "line 2, column 1: found a tab that cannot start any token while scanning for the next token"
    )
    said = problem("password: *s3cret\n")
    assert said.startswith("line 1, column 11: found undefined alias")
    assert "s3cret" not in said


def test_where_it_began_is_named_when_that_is_elsewhere() -> None:
    assert problem('a: "open\nb: 1\n').endswith(", begun in line 1")
    assert "begun" not in problem("a: b: c")


def test_an_error_without_a_place() -> None:
    assert problem_of(yaml.YAMLError("s3cret")) == "it is not YAML"
    assert problem_of(yaml.MarkedYAMLError(problem="s3cret")) == "it is not YAML"
    assert problem("a: \x00") == "it is not YAML"
