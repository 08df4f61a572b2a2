# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first of many names, and how many more there are."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.text.listing import first


@pytest.mark.parametrize(
    ("names", "of", "separator", "shown"),
    [
        ([], 0, ", ", ""),
        (["a"], 1, ", ", "a"),
        (["a", "b"], 2, ", ", "a, b"),
        (["a", "b", "c"], 3, ", ", "a, b and 1 more"),
        (["a", "b"], 9, ", ", "a, b and 7 more"),
        (["a", "b"], 2, "; ", "a; b"),
        (["a", "b", "c"], 3, "; ", "a; b; and 1 more"),
    ],
)
def test_first(names: list[str], of: int, separator: str, shown: str) -> None:
    assert first(2, names, of=of, separator=separator) == shown
    assert first(2, iter(names), of=of, separator=separator) == shown
