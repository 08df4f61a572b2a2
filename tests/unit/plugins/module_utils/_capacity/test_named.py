# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which servers operators mean: what is said of one counts for no other."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.facts.shapes import Shape
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.model import Workload
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.named import is_named


def servers(**names: str) -> list[Workload]:
    return [Workload(number, name, "p", "h", "ACTIVE", Shape("small", ())) for number, name in names.items()]


@pytest.mark.parametrize(
    ("known", "given", "meant"),
    [
        (servers(a="web", b="db"), ("web",), {"a"}),
        (servers(a="web", b="db"), ("b",), {"b"}),
        (servers(a="web", b="web"), ("web",), set()),
        (servers(a="web", b="web"), ("web", "b"), {"b"}),
        # Whoever may name a server can give it the id of another one as its name.
        (servers(a="web", b="a"), ("a",), {"a"}),
        (servers(a="a"), ("a",), {"a"}),
        (servers(a=""), (), set()),
    ],
)
def test_who_is_meant(known: list[Workload], given: tuple[str, ...], meant: set[str]) -> None:
    assert {one.id for one in known if is_named(one, given, known)} == meant
