# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a maintenance is to end. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from .._plan.errors import ZoneopsError

FORMAT = "%Y-%m-%dT%H:%MZ"


def until(text: str | None, now: datetime) -> str:
    """As marks have it, to the minute and in UTC; empty for no end."""
    if not text:
        return ""
    advice = "give a time with its zone, such as 2030-01-31T06:00Z or 2030-01-31T07:00+01:00"
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ZoneopsError(f"option 'until' is '{text}', which is no time: {advice}.") from error
    if found.tzinfo is None:
        raise ZoneopsError(f"option 'until' is '{text}', without a time zone: {advice}.")
    if found <= now:
        raise ZoneopsError(f"option 'until' is '{text}', which has passed: give a later time.")
    try:
        return found.astimezone(UTC).strftime(FORMAT)
    except OverflowError as error:
        raise ZoneopsError(f"option 'until' is '{text}', which is no time in UTC: {advice}.") from error


def is_over(mark: str, now: datetime) -> bool:
    """Whether the time of a mark has passed; one that is not readable has not."""
    try:
        return bool(mark) and datetime.strptime(mark, FORMAT).replace(tzinfo=UTC) <= now
    except ValueError:
        return False
