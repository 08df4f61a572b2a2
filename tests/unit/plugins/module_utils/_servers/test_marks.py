# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a disabled reason says of a maintenance: read as it was written, and never longer than nova takes."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.marks import (
    ended_with,
    in_maintenance,
    is_on_its_way,
    is_ours,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.disabled.reason import (
    in_zone_maintenance,
    until_of,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.marks import (
    DRAINED,
    DRAINING,
    EMPTIED,
    INCOMPLETE,
    LEFT,
    LONGEST,
    LONGEST_REASON,
    STOPPED,
    STOPPING,
    Mark,
    Owner,
    mark_of,
    refuse_wrong_reason,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import host
from hypothesis import given
from hypothesis import strategies as st

PHASES = st.sampled_from((DRAINING, INCOMPLETE, EMPTIED, DRAINED, STOPPING, STOPPED, LEFT))
#: Of one host, of its whole zone, and that with an end.
SCOPES = st.sampled_from(((False, ""), (True, ""), (True, "2030-01-01T06:00Z")))
OWNERS = st.none() | st.builds(
    Owner, st.text("abc@. -", max_size=90), st.integers(1, 2**22), st.just("0123456789ab"), st.integers(1, 10**10)
)
WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=1000), max_size=LONGEST_REASON).filter(
    lambda text: " | before: " not in text
)


@given(PHASES, WORDS, st.none() | WORDS, OWNERS, SCOPES)
def test_marks_are_read_as_they_were_written(
    phase: str, reason: str, before: str | None, owner: Owner | None, scope: tuple[bool, str]
) -> None:
    mark = Mark(phase, reason, before, owner, *scope)
    if not mark.fits:
        return
    assert len(mark.text) <= LONGEST
    found = mark_of(host("h1", reason=mark.text))
    assert found is not None
    assert (found.phase, found.before, found.zone, found.end) == (phase, before, *scope)
    assert in_zone_maintenance(mark.text, enabled=False) == found.zone
    assert until_of(mark.text) == found.end
    assert reason.startswith(found.reason)
    assert (found.owner is None) == (owner is None)
    if owner is not None and found.owner is not None:
        assert (found.owner.process, found.owner.room, found.owner.until) == (owner.process, owner.room, owner.until)


@pytest.mark.parametrize("reason", ["", "x" * 121, "work | before: none", "work | before:"])
def test_reasons_that_are_refused(reason: str) -> None:
    """The last two would be read as what the host was disabled for before: the end would not enable it."""
    with pytest.raises(ZoneopsError, match="option 'reason'"):
        refuse_wrong_reason(reason)


@given(WORDS)
def test_the_whole_reason_is_kept_where_nothing_else_has_to_be(reason: str) -> None:
    assert Mark(EMPTIED, reason).text.endswith(f"emptied: {reason}")


@pytest.mark.parametrize(
    "mark", [Mark(EMPTIED, "az1->az2"), Mark(LEFT, "az1->az2", zone=True, end="2030-01-01T06:00Z")]
)
def test_other_parts_know_it(mark: Mark) -> None:
    """So that nobody enables the host, or moves it to another zone, as if it were left over from a run of theirs."""
    found = host("h1", reason=mark.text)
    assert ended_with(found) == ("zone_maintenance" if mark.zone else "host_maintenance")
    assert is_ours(found)
    assert in_maintenance(found)
    assert not is_on_its_way(found)


@pytest.mark.parametrize(
    "reason",
    ["zoneops: power work", "zoneops: maintenance", "maintenance, emptied: x", "zoneops: maintenance, odd: x", ""],
)
def test_what_is_none(reason: str) -> None:
    assert mark_of(host("h1", reason=reason)) is None
    assert mark_of(host("h1")) is None
