# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A misspelt word of zoneops_allow is said; those of modules are known, and each module gets its own."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.zoneops.openstack.plugins.filter.overrides import FilterModule
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.overrides import (
    KNOWN,
    OF_ROLES,
    OVERRIDES,
    unknown_words,
)

PLUGINS = "ansible_collections.zoneops.openstack.plugins"
overrides = FilterModule().filters()["overrides"]


@pytest.mark.parametrize("name", OVERRIDES)
def test_words_are_those_of_the_module(name: str) -> None:
    module = importlib.import_module(f"{PLUGINS}.modules.{name}")
    assert module.OPTIONS["allow"]["choices"] == list(OVERRIDES[name])
    assert module.OPTIONS["allow"]["default"] == []


@pytest.mark.parametrize("name", OVERRIDES)
def test_each_module_gets_its_own_words_and_those_that_none_has(name: str) -> None:
    """What none has is misspelt, and the module says so; in order, and each as often as it was given."""
    given = [*reversed(KNOWN), "host_mvoes"]
    assert overrides(given, name) == [word for word in given if word in OVERRIDES[name]] + ["host_mvoes"]


@pytest.mark.parametrize("name", OF_ROLES)
def test_no_word_of_a_module_is_lost(name: str) -> None:
    assert set(overrides(KNOWN, name)) == set(OVERRIDES[name])


def test_one_text_is_a_list_of_words_as_for_a_module() -> None:
    assert overrides("host_moves,successor_types", "volume_types") == ["successor_types"]


@pytest.mark.parametrize(
    ("words", "module", "said"),
    [
        (["host_moves"], "volume_type", "no module with overrides is named volume_type (did you mean volume_types"),
        (["host_moves"], "zone_map", "no module with overrides is named zone_map"),
        (None, "volume_types", "needs a list of overrides, not None"),
        ({"host_moves": True}, "volume_types", "needs a list of overrides, not {'host_moves': True}"),
    ],
)
def test_what_the_filter_cannot_take(words: Any, module: str, said: str) -> None:
    with pytest.raises(AnsibleFilterError, match=r"zoneops\.openstack\.overrides: ") as caught:
        overrides(words, module)
    assert said in str(caught.value)


@pytest.mark.parametrize("word", KNOWN)
def test_each_word_is_known(word: str) -> None:
    assert list(unknown_words("zoneops_allow", [word])) == []


def test_a_misspelt_word_is_named_with_what_may_be_meant() -> None:
    (problem,) = unknown_words("zoneops_allow", ["host_moves", "sucessor_types"])
    assert str(problem).startswith(
        "region: zoneops_allow[1] = 'sucessor_types': is not an override (did you mean successor_types?); choose from agents, "
    )


@pytest.mark.parametrize("value", [None, "host_moves", ["host_moves", "successor_types"], ()])
def test_what_is_right_or_no_list_is_no_problem_here(value: Any) -> None:
    assert list(unknown_words("zoneops_allow", value)) == []
