# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nova's name rules, as measured: what nova 34 answered 200 to is accepted here, what it answered 400 to is not."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema import names

ACCEPTED = ["az1", "a b", "a/b", "ü", "日本", "x" * 255, "Nova", "a,b", "-", "."]
REFUSED = [
    "",
    " az1",
    "az1 ",
    "az1\n",
    "a\nb",
    "a\tb",
    "a\x00b",
    "a\x7fb",
    "x" * 256,
    "az😀",
    "a\u200bb",
    "\u00a0a",
    "\ud800",
]


@pytest.mark.parametrize("name", ACCEPTED)
@pytest.mark.parametrize("rule", [names.AVAILABILITY_ZONE, names.DEFAULT_ZONE, names.AGGREGATE])
def test_accepted(rule: Any, name: str) -> None:
    assert rule.broken(name) == ""


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("rule", [names.AVAILABILITY_ZONE, names.DEFAULT_ZONE, names.AGGREGATE])
def test_refused(rule: Any, name: str) -> None:
    assert rule.broken(name)


def test_colon_is_for_aggregates_only() -> None:
    assert "zone:host" in names.AVAILABILITY_ZONE.broken("a:b")
    assert names.AGGREGATE.broken("a:b") == ""


@pytest.mark.parametrize("name", ["nova", "internal"])
def test_reserved_for_zones_but_not_for_what_the_cloud_calls_its_default(name: str) -> None:
    assert names.AVAILABILITY_ZONE.broken(name)
    assert names.DEFAULT_ZONE.broken(name) == ""
    assert names.AGGREGATE.broken(name) == ""


@pytest.mark.parametrize("host", ["compute-az1-0", "r0-compute-0.ctlplane.example.com", "A_1", "x" * 255])
def test_hosts(host: str) -> None:
    assert names.HOST.broken(host) == ""


@pytest.mark.parametrize("host", ["", "a b", "host:1", "ü", "x" * 256, "host\n"])
def test_bad_hosts(host: str) -> None:
    assert names.HOST.broken(host)


@pytest.mark.parametrize(("key", "right"), [("trait:X", True), ("a b", True), ("x" * 255, True), ("", False)])
def test_metadata_keys(key: str, right: bool) -> None:
    assert (names.METADATA_KEY.broken(key) == "") is right


@pytest.mark.parametrize("key", ["availability_zone", "x" * 256, "a/b", "ü", "a\n"])
def test_bad_metadata_keys(key: str) -> None:
    assert names.METADATA_KEY.broken(key)


@pytest.mark.parametrize("rule", [names.VOLUME_SPEC_KEY, names.SHARE_SPEC_KEY], ids=["volume", "share"])
def test_keys_of_extra_specs(rule: Any) -> None:
    assert [key for key in ("capabilities:x", "a.b-c_d", "x" * 255) if rule.broken(key)] == []
    assert [key for key in ("", "x" * 256, "a/b", "ü", "a\n") if not rule.broken(key)] == []


def test_metadata_values() -> None:
    assert names.METADATA_VALUE.broken("") == ""
    assert names.METADATA_VALUE.broken("x" * 255) == ""
    assert "256" in names.METADATA_VALUE.broken("x" * 256)
