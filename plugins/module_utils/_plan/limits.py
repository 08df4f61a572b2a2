# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a number of seconds, days or milliseconds may be, wherever a user gives one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .errors import ZoneopsError

# Thirty days: nothing here takes longer, and more would only hide a slip.
MOST_SECONDS = 2_592_000
# The options of modules that are time limits.
TIME_LIMITS = ("connect_timeout", "api_timeout", "timeout", "wait_timeout")


def wrong_seconds(value: float) -> str:
    """What is wrong with a time limit, nothing where it is right. NaN is no number above 0 either."""
    if not value > 0:
        return "must be a number of seconds above 0"
    return "" if value <= MOST_SECONDS else f"must be at most {MOST_SECONDS} seconds, which is 30 days"


def refuse_wrong_seconds(params: Mapping[str, Any], names: Iterable[str]) -> None:
    """Raise ZoneopsError for the first option that is no usable time limit."""
    for name in names:
        reason = wrong_seconds(params[name]) if params.get(name) is not None else ""
        if reason:
            raise ZoneopsError(f"option '{name}' is {params[name]:g}: it {reason}.")


def refuse_wrong_numbers(params: Mapping[str, Any], most: Mapping[str, float]) -> None:
    """Raise ZoneopsError for the first option that is no number above 0, or is above what it may be. NaN is neither."""
    for name, limit in most.items():
        value = params.get(name)
        if value is not None and not 0 < value <= limit:
            raise ZoneopsError(f"option '{name}' is {value:g}: it must be a number above 0 and at most {limit:g}.")
