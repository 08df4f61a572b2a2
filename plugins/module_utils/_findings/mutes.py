# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutes and severities as they are given, checked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from .._plan.errors import ZoneopsError
from .model import Mute


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
