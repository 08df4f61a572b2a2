# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts in batches: every host once, never two zones in one, and those first that an earlier run has left in maintenance."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.filter.host_batches import FilterModule
from hypothesis import given
from hypothesis import strategies as st

host_batches = FilterModule().filters()["host_batches"]
ZONES: dict[str, dict[str, Any]] = {
    "az1": {"compute": {"hosts": ["a1", "a2", "a3"]}},
    "az2": {"compute": {"hosts": ["b1", "b2"]}},
    "az3": {},
}
MARK = "zoneops: maintenance, draining by x process 1 in y until 2: disks"


def found(**reasons: str | None) -> list[dict[str, Any]]:
    return [
        {"name": name, "status": "disabled" if reason is not None else "enabled", "disabled_reason": reason}
        for name, reason in reasons.items()
    ]


@pytest.mark.parametrize(
    ("limit", "hosts", "serial", "of_hosts", "wanted"),
    [
        (["az1", "az3"], None, 1, [], [["a1"], ["a2"], ["a3"]]),
        (["az1", "az2"], None, 2, [], [["a1", "a2"], ["a3"], ["b1", "b2"]]),
        (["az2", "az1"], None, "2", [], [["b1", "b2"], ["a1", "a2"], ["a3"]]),
        (["az1", "az2"], "b2, a3", 9, [], [["a3"], ["b2"]]),
        (["az1", "az2"], ["a1", "b1"], 1, found(b1=MARK, a2=MARK), [["b1"], ["a1"]]),
        (["az1", "az2"], None, 2, found(a3=MARK, b1="zoneops: other", a1=None), [["a3"], ["a1", "a2"], ["b1", "b2"]]),
        (["az1"], ["a1", "nowhere", "b1"], 1, [], [["nowhere", "b1"], ["a1"]]),
        (["az3"], None, 1, [], []),
        (["az1", "az2"], "", 0, found(a2=MARK), [["a1", "a2", "a3", "b1", "b2"]]),
        (["az1", "az2"], ["b1", "nowhere"], 0, [], [["b1", "nowhere"]]),
        (["az3"], None, 0, [], []),
        (["az1"], [], 0, [], []),
        (["az1"], [], 1, [], []),
    ],
)
def test_batches(limit: list[str], hosts: Any, serial: Any, of_hosts: list[dict[str, Any]], wanted: Any) -> None:
    assert [batch["hosts"] for batch in host_batches(ZONES, limit, hosts, serial, of_hosts)] == wanted


def test_a_call_is_limited_to_the_zone_of_its_hosts_and_an_unknown_host_to_all_of_the_play() -> None:
    batches = host_batches(ZONES, ["az1", "az2"], ["b1", "nowhere"], 1, [])
    assert batches == [
        {"zones": ["az1", "az2"], "hosts": ["nowhere"], "ahead": True},
        {"zones": ["az2"], "hosts": ["b1"], "ahead": False},
    ]


@given(st.integers(1, 4), st.sets(st.sampled_from(["a1", "a2", "a3", "b1", "b2"])))
def test_every_host_is_in_one_batch(serial: int, away: set[str]) -> None:
    batches = host_batches(ZONES, list(ZONES), None, serial, found(**dict.fromkeys(away, MARK)))
    listed = [host for batch in batches for host in batch["hosts"]]
    assert sorted(listed) == ["a1", "a2", "a3", "b1", "b2"]
    assert set(listed[: len(away)]) == away
    assert {host for batch in batches if batch["ahead"] for host in batch["hosts"]} == away
    for batch in batches:
        (zone,) = batch["zones"]
        assert 1 <= len(batch["hosts"]) <= serial
        assert set(batch["hosts"]) <= set(ZONES[zone]["compute"]["hosts"])
