# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the region remembers of a drill, and what is slower than that."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_drill.record import (
    OUTCOMES,
    Record,
    compared,
    kept,
    record_of,
    slower,
)
from hypothesis import given
from hypothesis import strategies as st

LAST = Record("SUCCEEDED", "2030-01-31T12:00Z", {"server": 10.0, "volume": 1.0})


@given(
    st.sampled_from(OUTCOMES),
    st.dictionaries(
        st.sampled_from(["server", "volume", "share"]), st.floats(0, 99_999).map(lambda one: round(one, 1))
    ),
)
def test_what_is_stored_is_read_again_and_fits(outcome: str, seconds: dict[str, float]) -> None:
    record = Record(outcome, "2030-01-31T12:00Z", seconds)
    assert record_of(record.text) == record
    assert len(record.text) <= 255


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "x", "[]", "null", '{"outcome": "GOOD", "seconds": {}}'),
        *('{"outcome": "FAILED"}', '{"outcome": "FAILED", "seconds": {"a": "b"}}'),
    ],
)
def test_what_cannot_be_read_is_none(text: str | None) -> None:
    assert record_of(text) is None


def test_slower_than_last_time() -> None:
    now = Record("SUCCEEDED", seconds={"server": 17.0, "volume": 5.9, "share": 99.0})
    assert list(slower(now, LAST, 10)) == ["a server took 17.0 s, 10.0 s in an earlier drill: more than 10 % longer"]
    assert list(slower(now, LAST, 50)) == []
    assert list(slower(now, LAST, None)) == list(slower(now, None, 10)) == []


def test_a_drill_that_was_too_slow_is_no_measure_for_the_next_one() -> None:
    slow = Record("FAILED", "2030-02-01T12:00Z", {"server": 60.0})
    remembered = kept(slow, LAST)
    assert (remembered.outcome, remembered.at, remembered.seconds) == ("FAILED", slow.at, LAST.seconds)
    assert list(slower(replace(slow, outcome="SUCCEEDED"), remembered, 10))
    assert kept(slow, None) == slow
    good = replace(slow, outcome="SUCCEEDED")
    assert kept(good, LAST) == good
    assert kept(Record("INTERRUPTED"), LAST).seconds == LAST.seconds


@pytest.mark.parametrize(
    ("now", "last", "said"),
    [
        ("SUCCEEDED", "SUCCEEDED", "same"),
        ("SUCCEEDED", "FAILED", "better"),
        ("FAILED", "SUCCEEDED", "worse"),
        ("FAILED", "CAPACITY_CHECK_FAILED", "different"),
    ],
)
def test_beside_the_last_one(now: str, last: str, said: str) -> None:
    found = compared(Record(now, seconds={"server": 15.0, "share": 1.0}), replace(LAST, outcome=last))
    assert found == {"outcome": said, "longer": {"server": 50}}
    assert compared(Record(now), None) == {}
