# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host that died says, and the tags of its servers: read as they were written, and never longer than nova takes."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.marks import (
    died,
    in_maintenance,
    is_on_its_way,
    of_ha_tool,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.disabled.reason import in_dead_zone, is_dead
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.dead import (
    ACTIVE,
    LONGEST_TAG,
    REMEMBERED,
    SHUTOFF,
    Dead,
    dead_in,
    dead_of,
    evacuation_tag,
    evacuation_tags,
    remembered,
    status_in,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._servers.maintenance.marks import (
    BEFORE,
    EMPTIED,
    LONGEST,
    LONGEST_REASON,
    Mark,
    mark_in,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import host
from hypothesis import given
from hypothesis import strategies as st

WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=1000), max_size=LONGEST_REASON).filter(
    lambda text: BEFORE not in f"{text} "
)
HOSTS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=255)


@given(WORDS, st.none() | WORDS | st.text(max_size=LONGEST), st.booleans())
def test_marks_are_read_as_they_were_written(reason: str, before: str | None, zone: bool) -> None:
    mark = Dead(reason, before, zone)
    assert len(mark.text) <= LONGEST
    found = dead_of(host("h1", reason=mark.text))
    assert found is not None
    assert found.zone == zone == in_dead_zone(mark.text, enabled=False)
    assert reason.startswith(found.reason)
    if mark.fits:
        assert found.before == before
    else:
        assert before is not None
        assert before.startswith(found.before or "")


@pytest.mark.parametrize("zone", [False, True])
def test_such_a_host_is_in_no_maintenance_and_no_other_tool_has_it(zone: bool) -> None:
    found = host("h1", reason=Dead("burnt down", zone=zone).text)
    assert died(found)
    assert not in_maintenance(found)
    assert not is_on_its_way(found)
    assert not of_ha_tool(found)
    assert mark_in(found.disabled_reason) is None


def test_a_host_that_died_in_maintenance_has_that_mark_again_afterwards() -> None:
    before = Mark(EMPTIED, "new disks", "broken fan", zone=True, end="2030-01-01T06:00Z")
    found = dead_in(Dead("burnt down", before.text).text)
    assert found is not None
    assert mark_in(found.before) == before


@pytest.mark.parametrize(
    "reason", ["", "dead", "zoneops: dead", "zoneops: deadline: x", "zoneops: maintenance, emptied: x"]
)
def test_other_reasons_are_none(reason: str) -> None:
    assert dead_in(reason) is None
    assert not is_dead(reason, enabled=False)


def test_an_enabled_host_is_in_service_whatever_it_says() -> None:
    assert not is_dead(Dead("x").text, enabled=True)
    assert not in_dead_zone(Dead("x", zone=True).text, enabled=True)


@given(HOSTS, HOSTS, st.sampled_from(REMEMBERED))
def test_tags_fit_and_name_their_host(one: str, other: str, status: str) -> None:
    tag = evacuation_tag(one, status)
    assert len(tag) <= LONGEST_TAG
    assert not set(",/") & set(tag)
    assert status_in(tag) == status
    assert tag in evacuation_tags((one,))
    assert remembered(("zoneops:stopped", tag)) == tag == remembered((tag,), one)
    assert (remembered((tag,), other) == tag) == (one == other)


def test_a_tag_is_readable() -> None:
    assert evacuation_tag("compute-1.example.org", SHUTOFF) == "zoneops:evacuate=compute-1.example.org:SHUTOFF"
    assert remembered(("zoneops:stopped", "zoneops:move=az1")) == ""
    assert status_in(evacuation_tag("x" * 200, ACTIVE)) == ACTIVE
