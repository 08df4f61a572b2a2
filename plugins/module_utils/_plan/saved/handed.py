# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan as it is handed to workflows, for the person who approves it: lines, one paragraph, and an id. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..text.listing import first
from .model import as_entries

#: What an automation controller shows with a job, and hands to the next one, must not be long.
MOST_LINES, MOST_CHARACTERS = 200, 400
_NAMED = 10


def lines(verdicts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Each change of each zone, and why a zone is refused; the last line says how many are left out."""
    found = list(_lines(verdicts))
    if len(found) <= MOST_LINES:
        return found
    return [*found[: MOST_LINES - 1], f"and {len(found) - MOST_LINES + 1} more"]


def summary(playbook: str | None, verdicts: Mapping[str, Mapping[str, Any]]) -> str:
    """One paragraph."""
    counts = {zone: len(as_entries(one.get("plan") or ())) for zone, one in verdicts.items() if not one.get("failed")}
    changing = {zone: count for zone, count in counts.items() if count}
    refused = [zone for zone, one in verdicts.items() if one.get("failed")]
    total = sum(changing.values())
    said = f"{total} change{'' if total == 1 else 's'}"
    if changing:
        where = first(_NAMED, (f"{zone} ({count})" for zone, count in changing.items()), of=len(changing))
        said += f" in {where}"
    if refused:
        said += f"; refused, so without changes: {first(_NAMED, refused, of=len(refused))}"
    return f"{playbook}: {said}" if playbook else said


def _lines(verdicts: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for zone, verdict in verdicts.items():
        if verdict.get("failed"):
            yield from (_short(f"{zone}: refused: {line}") for line in str(verdict.get("msg") or "").splitlines())
        else:
            yield from (_short(f"{zone}: {one['text']}") for one in as_entries(verdict.get("plan") or ()))


def _short(line: str) -> str:
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 1]}…"
