# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutes and severities as they are given, checked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from .._plan.errors import ZoneopsError
from .._plan.text.near import nearest
from .model import SEVERITIES, Mute

#: Instead of a severity: the rule is left out.
OFF = "off"
# What an entry cannot be without, and how to give it.
_NEEDED = {
    "rule": "give the id of the rule, such as host-down",
    "reason": "say why the finding is accepted, such as 'broken mainboard, ticket 4711'",
    "until": "give the last day on which it is accepted, such as 2030-01-31",
}


def severities_of(given: Mapping[str, Any]) -> dict[str, str]:
    """Severities by rule. Raises ZoneopsError for one that does not exist. YAML makes `false` of an `off` without quotes."""
    choices = (*SEVERITIES, OFF)
    found = {rule: OFF if severity is False else str(severity) for rule, severity in given.items()}
    for rule, severity in found.items():
        if severity not in choices:
            raise ZoneopsError(
                f"option 'severities': rule {rule} has '{severity}'{nearest(severity, choices)}; choose from {', '.join(choices)}."
            )
    return found


def mutes_of(given: Iterable[Mapping[str, Any]]) -> list[Mute]:
    """Raises ZoneopsError that names each entry that lacks something, or whose end is no day, with what to write."""
    entries = [{key: str(value or "").strip() for key, value in one.items()} for one in given]
    problems = [problem for number, one in enumerate(entries, 1) for problem in _problems(number, one)]
    if problems:
        raise ZoneopsError(f"option 'mute': {'; '.join(problems)}.")
    return [
        Mute(one["rule"], one["reason"], date.fromisoformat(one["until"]).isoformat(), one.get("object", ""))
        for one in entries
    ]


def _problems(number: int, one: Mapping[str, str]) -> Iterator[str]:
    about = ", ".join(f"{key} {one[key]}" for key in ("rule", "object") if one.get(key))
    what = f"entry {number}{f' ({about})' if about else ''}"
    for key, help_text in _NEEDED.items():
        if not one.get(key):
            yield f"{what} has no {key}: {help_text}"
    if one.get("until") and not _is_day(one["until"]):
        yield f"{what} has until '{one['until']}': give a day, such as 2030-01-31"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
