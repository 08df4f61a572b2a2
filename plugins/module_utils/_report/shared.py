# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of what several zones share, for example a type: each is one change, which the verdicts of all its zones have. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: The zones that have a change, by its text, which names the object and what becomes of it.
Shared = Mapping[str, Sequence[str]]


def made(verdict: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The changes of a verdict that count.

    A zone that failed changed by what stands of its plan; "done" is empty in check mode, where nothing fails half way.
    """
    return list(verdict["done" if verdict["failed"] else "plan"]) if verdict["changed"] else []


def shared_changes(results: Sequence[Mapping[str, Any]]) -> Shared:
    """Those that the verdicts of several zones have."""
    zones: dict[str, list[str]] = {}
    for result in results:
        for zone, verdict in result.get("zones", {}).items():
            for text in dict.fromkeys(str(change["text"]) for change in made(verdict)):
                zones.setdefault(text, []).append(zone)
    return {text: found for text, found in zones.items() if len(set(found)) > 1}
