# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutes and severities as they are given, checked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from .._plan.errors import ZoneopsError
from .._plan.near import nearest
from .model import SEVERITIES, Mute

#: Instead of a severity: the rule is left out.
OFF = "off"


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
    """Raises ZoneopsError for one without a reason, or with an end that is no day."""
    return [_mute(one) for one in given]


def _mute(one: Mapping[str, Any]) -> Mute:
    what = f"option 'mute': the entry of rule {one['rule']}"
    try:
        until = date.fromisoformat(str(one["until"]))
    except ValueError:
        raise ZoneopsError(f"{what} has until '{one['until']}': give a day, such as 2030-01-31.") from None
    if not str(one["reason"]).strip():
        raise ZoneopsError(f"{what} has no reason: say why the finding is accepted.")
    return Mute(one["rule"], one["reason"], until.isoformat(), one["object"] or "")
