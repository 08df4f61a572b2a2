# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a maintenance is to end."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_maintenance.until import is_over, until

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        (None, ""),
        ("", ""),
        ("2026-01-01T12:01Z", "2026-01-01T12:01Z"),
        ("2026-01-02 07:00+01:00", "2026-01-02T06:00Z"),
        ("2026-01-02T06:00:59Z", "2026-01-02T06:00Z"),
    ],
)
def test_it_is_kept_to_the_minute_in_utc(text: str | None, mark: str) -> None:
    assert until(text, NOW) == mark


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tomorrow", "is no time"),
        ("2026-01-02T06:00", "without a time zone"),
        ("2026-01-01T12:00Z", "has passed"),
        ("2026-01-01T12:30+01:00", "has passed"),
        ("9999-12-31T23:59-01:00", "is no time in UTC"),
    ],
)
def test_what_is_none(text: str, said: str) -> None:
    with pytest.raises(ZoneopsError, match=said):
        until(text, NOW)


@pytest.mark.parametrize(
    ("mark", "over"),
    [("2026-01-01T12:00Z", True), ("2026-01-01T12:01Z", False), ("", False), ("soon", False)],
)
def test_whether_it_is_over(mark: str, over: bool) -> None:
    assert is_over(mark, NOW) == over
