# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers that users give: the option is named, with what it may be."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.limits import (
    MOST_SECONDS,
    refuse_wrong_numbers,
    refuse_wrong_seconds,
    wrong_seconds,
)

TOO_LONG = "must be at most 2592000 seconds, which is 30 days"
NO_NUMBER = "must be a number of seconds above 0"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        *((value, "") for value in (0.001, 1, MOST_SECONDS)),
        *((value, NO_NUMBER) for value in (0, -1, float("nan"), float("-inf"))),
        *((value, TOO_LONG) for value in (MOST_SECONDS + 1, 1e15, float("inf"))),
    ],
)
def test_seconds(value: float, reason: str) -> None:
    assert wrong_seconds(value) == reason
    if reason:
        with pytest.raises(ZoneopsError, match=rf"^option 'timeout' is {value:g}: it {reason}\.$".replace("+", r"\+")):
            refuse_wrong_seconds({"api_timeout": 1, "timeout": value}, ("api_timeout", "timeout"))
    else:
        refuse_wrong_seconds({"timeout": value}, ("timeout",))


@pytest.mark.parametrize("params", [{}, {"timeout": None}])
def test_an_option_that_is_not_given_has_no_wrong_number(params: dict[str, Any]) -> None:
    refuse_wrong_seconds(params, ("timeout",))
    refuse_wrong_numbers(params, {"timeout": 5})


@pytest.mark.parametrize(("value", "right"), [(0.5, True), (5, True), (0, False), (-1, False), (5.5, False)])
def test_numbers(value: float, right: bool) -> None:
    if right:
        refuse_wrong_numbers({"parallel": value}, {"parallel": 5})
        return
    with pytest.raises(ZoneopsError) as refused:
        refuse_wrong_numbers({"parallel": value}, {"parallel": 5})
    assert refused.value.message == f"option 'parallel' is {value:g}: it must be a number above 0 and at most 5."


def test_nan_is_no_number() -> None:
    with pytest.raises(ZoneopsError):
        refuse_wrong_numbers({"parallel": float("nan")}, {"parallel": 5})
