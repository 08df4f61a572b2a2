# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A misspelt word of zoneops_allow is said; those of modules are known."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.overrides import WORDS, unknown_words
from ansible_collections.zoneops.openstack.plugins.modules import (
    availability_zones,
    control_plane,
    data_plane,
    images,
    node_zones,
    share_access,
    share_types,
    topologies,
    volume_types,
)

MODULES: dict[str, tuple[Any, ...]] = {
    "availability_zones": (availability_zones,),
    "block_storage": (volume_types,),
    "control_plane": (control_plane,),
    "data_plane": (data_plane,),
    "images": (images,),
    "node_zones": (node_zones,),
    "topologies": (topologies,),
    "shared_file_systems": (share_types, share_access),
}


def test_every_role_that_lifts_refusals_is_compared() -> None:
    assert WORDS.keys() == MODULES.keys()


@pytest.mark.parametrize("role", MODULES)
def test_words_are_those_of_the_modules(role: str) -> None:
    choices = [word for module in MODULES[role] for word in module.OPTIONS["allow"]["choices"]]
    assert sorted(WORDS[role]) == sorted(choices)


@pytest.mark.parametrize("word", sorted({word for words in WORDS.values() for word in words}))
def test_each_word_is_known(word: str) -> None:
    assert list(unknown_words("zoneops_allow", [word])) == []


def test_a_misspelt_word_is_named_with_what_may_be_meant() -> None:
    (problem,) = unknown_words("zoneops_allow", ["host_moves", "sucessor_types"])
    assert str(problem).startswith(
        "region: zoneops_allow[1] = 'sucessor_types': is not an override (did you mean successor_types?); choose from az_change, "
    )


@pytest.mark.parametrize("value", [None, "host_moves", ["host_moves", "successor_types"], ()])
def test_what_is_right_or_no_list_is_no_problem_here(value: Any) -> None:
    assert list(unknown_words("zoneops_allow", value)) == []
