# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names that a misspelt one may stand for."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.text.near import (
    SHOWN,
    near,
    nearest,
    refuse_unknown,
    unknown,
)

HOSTS = ["compute-0.example.com", "compute-1.example.com", "compute-10.example.com"]


@pytest.mark.parametrize(
    ("word", "names", "found"),
    [
        ("AZ1", ["az1", "az2"], ["az1"]),
        ("compute-1", HOSTS, ["compute-1.example.com"]),
        ("COMPUTE-1", HOSTS, ["compute-1.example.com"]),
        ("compute-1.example.com", ["compute-0", "compute-1"], ["compute-1"]),
        # Two domains are two hosts: what is spelt alike, and not the same short name.
        ("compute-1.example.org", HOSTS, ["compute-1.example.com", "compute-10.example.com"]),
        ("azz1", ["az1", "zone", "AZ1"], ["az1", "AZ1"]),
        ("nothing-like-it", ["az1"], []),
        ("az1", [], []),
    ],
)
def test_near(word: str, names: list[str], found: list[str]) -> None:
    assert near(word, names) == found


def test_the_question() -> None:
    assert nearest("AZ1", ["az1"]) == " (did you mean az1?)"
    assert nearest("az", ["az1", "az2"]) == " (did you mean az2 or az1?)"
    assert nearest("x", ["az1"]) == ""


def test_unknown_names() -> None:
    assert unknown("only", "zone of the map", ["az1"], ["az1"]) == ""
    assert unknown("only", "zone of the map", [], ["az1"]) == ""
    assert unknown("only", "zone", ["x", "az1", "x"], ["az1"]) == "only: no zone is named x. There is az1."
    assert unknown("only", "zone", ["x"], ["b", "a", "b"]) == "only: no zone is named x. There are a, b."
    assert unknown("only", "zone", ["x"], []) == "only: no zone is named x. There is none."


@pytest.mark.parametrize(("count", "end"), [(SHOWN, "host11."), (SHOWN + 1, "host11 and 1 more.")])
def test_of_many_names_the_first_are_shown(count: int, end: str) -> None:
    said = unknown("hosts", "host", ["x"], [f"host{number:02}" for number in range(count)])
    assert said.endswith(end)


def test_an_unknown_name_is_refused() -> None:
    refuse_unknown("only", "zone", ["az1"], ["az1"])
    with pytest.raises(ZoneopsError) as refused:
        refuse_unknown("only", "zone", ["AZ1"], ["az1"])
    assert refused.value.message == "option only: no zone is named AZ1 (did you mean az1?). There is az1."
