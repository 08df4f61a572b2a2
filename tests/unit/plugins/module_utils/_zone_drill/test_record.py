# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the region remembers of a drill, and what is slower than that."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._zone_drill.record import (
    OUTCOMES,
    Record,
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
    assert list(slower(now, LAST, 10)) == [
        "a server took 17.0 s, 10.0 s in the drill of 2030-01-31T12:00Z: more than 10 % longer"
    ]
    assert list(slower(now, LAST, 50)) == []
    assert list(slower(now, LAST, None)) == list(slower(now, None, 10)) == []
    assert list(slower(now, Record("FAILED", seconds={"server": 1.0}), 10)) == []
