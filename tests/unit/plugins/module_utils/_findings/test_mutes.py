# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutes: what one lacks is named, and so is one that mutes nothing, as long as anybody looked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.evaluate import evaluate
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.model import Mute, Outcome
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.mute_notes import expired
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.mutes import mutes_of
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.outputs.table import lines
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.build import build
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError

from .regions import NOW, ZONES, seen, zone_map
from .test_rules import RULES

FAN = {"rule": "host-down", "object": "az3-a", "reason": "fan", "until": "2030-02-01"}


def outcome(*mutes: Mute, zones: Sequence[str] | None = None, off: str = "", **changes: Any) -> Outcome:
    severities = {off: "off"} if off else {}
    return evaluate(RULES, build(seen(**changes), zone_map(), NOW), severities=severities, mutes=mutes, zones=zones)


def mute(rule: str, about: str = "", until: str = "2030-02-01") -> Mute:
    return Mute(rule, "fan", until, about)


def notes(*mutes: Mute, zones: Sequence[str] | None = None, off: str = "", **changes: Any) -> list[str]:
    return list(outcome(*mutes, zones=zones, off=off, **changes).mute_notes)


def test_what_is_complete_is_taken() -> None:
    assert mutes_of([FAN, {**FAN, "object": None}]) == [
        Mute("host-down", "fan", "2030-02-01", "az3-a"),
        Mute("host-down", "fan", "2030-02-01"),
    ]


def test_what_entries_lack_is_named_in_one_message() -> None:
    wrong = [FAN, {**FAN, "reason": " "}, {"rule": "", "reason": "fan", "until": "tomorrow"}]
    with pytest.raises(ZoneopsError) as caught:
        mutes_of(wrong)
    assert caught.value.message == (
        "option 'mute': entry 2 (rule host-down, object az3-a) has no reason: say why the finding is accepted, such as "
        "'broken mainboard, ticket 4711'; entry 3 has no rule: give the id of the rule, such as host-down; "
        "entry 3 has until 'tomorrow': give a day, such as 2030-01-31."
    )


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            mute("host-down", "az3-x"),
            "no host has this name or id (did you mean az3-b or az3-a?): correct the entry or remove it",
        ),
        (mute("host-down", "compute"), "no host has this name or id: correct the entry or remove it"),
        (mute("host-down", "az1-a"), "the rule finds nothing about it: remove the entry"),
        (
            mute("volume-type-of-gone-zone", "silver"),
            "no volume type has this name or id: correct the entry or remove it",
        ),
        (mute("port-on-dead-host", "p1"), "the rule finds nothing about it: correct the entry or remove it"),
        (mute("zone-not-in-nova"), "the rule finds nothing: remove the entry"),
    ],
)
def test_a_mute_that_mutes_nothing_is_named(given: Mute, reason: str) -> None:
    about = f" for {given.object}" if given.object else ""
    assert notes(given) == [f"the mute of rule {given.rule}{about} mutes nothing: {reason}"]


@pytest.mark.parametrize(
    "given",
    [mute("host-down", "az3-a"), mute("host-down"), mute("server-on-dead-host", "lost"), mute("image-in-one-store")],
)
def test_nothing_is_said_of_a_mute_that_mutes(given: Mute) -> None:
    # Twice: the first one mutes, and the second would.
    assert notes(given, given) == []


def test_nothing_is_said_of_what_nobody_looked_for() -> None:
    assert notes(mute("host-down", "az3-a"), zones=["az1"]) == []
    assert notes(mute("host-disabled-without-reason"), zones=["az1"]) == []
    assert len(notes(mute("host-disabled-without-reason"), zones=ZONES)) == 1
    assert len(notes(mute("host-down", "az1-a"), zones=["az1"])) == 1
    assert notes(mute("server-in-error", "x"), servers=[], unread={"servers": "nova is silent"}) == []
    assert notes(mute("service-down", "x"), unread={"network": "neutron is silent"}) == []


def test_a_mute_of_a_rule_that_is_off_is_named() -> None:
    assert notes(mute("host-down", "az3-a"), off="host-down") == [
        "the mute of rule host-down for az3-a mutes nothing: the rule is off"
    ]


def test_an_expired_mute_is_named_once() -> None:
    old = mute("host-down", "az3-x", until="2030-01-30")
    assert expired([old, mute("host-down")], NOW.date()) == [
        "the mute of rule host-down for az3-x expired on 2030-01-30: fan"
    ]
    assert notes(old) == expired([old], NOW.date())


def test_the_table_says_it() -> None:
    found = lines(outcome(mute("host-down", "az3-x")))
    assert found[-3:] == [
        "MUTES",
        "  the mute of rule host-down for az3-x mutes nothing: no host has this name or",
        "    id (did you mean az3-b or az3-a?): correct the entry or remove it",
    ]
    assert "MUTES" not in lines(outcome(mute("host-down", "az3-a")))
