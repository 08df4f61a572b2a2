# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each zone's row looks at its own hosts and services, and at nothing of the others."""

from __future__ import annotations

from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._report.looks import looks


def entry(name: str, zone: str | None) -> dict[str, Any]:
    return {"name": name, "availability_zone": zone}


def names(entries: list[dict[str, Any]]) -> list[str]:
    return [one["name"] for one in entries]


def test_each_zone_has_its_own_and_the_hosts_of_its_file_wherever_they_are() -> None:
    zones: dict[str, dict[str, Any]] = {
        "a": {"availability_zone": "one", "compute": {"hosts": ["c1", "c4", "gone"]}},
        "b": {"availability_zone": "two"},
        "c": {"availability_zone": "three"},
    }
    region = {
        "hosts": [entry("c1", "one"), entry("c2", "two"), entry("c4", "two"), entry("c3", "one"), entry("c5", None)],
        "services": [entry("s1", "two"), entry("s2", "two")],
        "volume_pools": [{"host": "any"}],
    }
    found = looks(zones, {"region": region, "errors": {"nova hosts": "down"}})
    assert {zone: names(look["region"]["hosts"]) for zone, look in found.items()} == {
        "a": ["c1", "c4", "c3"],
        "b": ["c2", "c4"],
        "c": [],
    }
    assert {zone: names(look["region"]["services"]) for zone, look in found.items()} == {
        "a": [],
        "b": ["s1", "s2"],
        "c": [],
    }
    assert all(look["errors"] == {"nova hosts": "down"} for look in found.values())
    assert all(look["region"]["volume_pools"] == [{"host": "any"}] for look in found.values())
    assert "share_backends" not in found["a"]["region"]


def test_hosts_without_a_name_stay() -> None:
    nameless = {"availability_zone": "one"}
    region = {"hosts": [nameless, entry("c1", "two"), dict(nameless)]}
    (found,) = looks({"a": {"availability_zone": "one", "compute": {"hosts": ["c1"]}}}, {"region": region}).values()
    assert found["region"]["hosts"] == region["hosts"]


def test_where_the_region_could_not_be_read_every_zone_has_that_answer() -> None:
    look = {"msg": "nothing answers", "failed": True}
    assert looks({"a": {}, "b": {}}, look) == {"a": look, "b": look}
