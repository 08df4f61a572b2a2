# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users who lack one right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._rhoso.preflight.rights import Right


def less(rights: tuple[Right, ...]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Everything but one verb on one resource, for each of them, with how the server calls it."""
    for right in rights:
        for verb in right.verbs:
            kept = Right(right.group, right.resource, tuple(one for one in right.verbs if one != verb))
            rest = [kept if one is right else one for one in rights]
            called = f'cannot {verb} resource "{right.resource}" in API group "{right.group}"'
            yield called, [one.as_rule() for one in rest if one.verbs]
