# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host has one name for nova, and may have another one for neutron."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.host_names import as_nova_has_it


@pytest.mark.parametrize(
    ("name", "hosts", "found"),
    [
        ("c1", ["c1", "c2"], "c1"),
        ("c1.example.com", ["c1", "c2"], "c1"),
        ("c1", ["c1.example.com", "c2"], "c1.example.com"),
        ("c1.example.com", ["c1.example.com", "c1"], "c1.example.com"),
        # Two of one name: which one is meant, is unknown.
        ("c1", ["c1.a", "c1.b"], "c1"),
        ("c1.a", ["c1.b"], "c1.a"),
        ("x", ["c1"], "x"),
    ],
)
def test_the_name_that_nova_has(name: str, hosts: list[str], found: str) -> None:
    assert as_nova_has_it(name, hosts) == found
