# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A misspelt word of zoneops_allow is said; those of modules are known."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage import types_model
from ansible_collections.zoneops.openstack.plugins.module_utils._compute import options
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem import access_model
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem import (
    types_model as share_types_model,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.allow import WORDS, unknown_words


def test_words_are_those_of_the_modules() -> None:
    assert set(WORDS["availability_zones"]) == set(options.ALLOW)
    assert set(WORDS["block_storage"]) == set(types_model.ALLOW)
    assert set(WORDS["shared_file_systems"]) == {*share_types_model.ALLOW, *access_model.ALLOW}


def test_a_misspelt_word_is_named_with_what_may_be_meant() -> None:
    (problem,) = unknown_words("zoneops_allow", ["host_moves", "sucessor_types"])
    assert str(problem).startswith(
        "region: zoneops_allow[1] = 'sucessor_types': lifts no refusal (did you mean successor_types?); words are az_change, "
    )


@pytest.mark.parametrize("value", [None, "host_moves", ["host_moves", "successor_types"], ()])
def test_what_is_right_or_no_list_is_no_problem_here(value: Any) -> None:
    assert list(unknown_words("zoneops_allow", value)) == []
