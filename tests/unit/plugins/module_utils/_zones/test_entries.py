# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the entries of the region stand for: one object in several zones, or one per zone."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.errors import MapError
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import as_dict, load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.fields import AllZones
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import VolumeType
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.validation.entries import expanded, literal

ZONES: dict[str, Any] = {"az1": {"availability_zone": "north"}, "az2": {}, "az3": {}}


def loaded(*types: dict[str, Any]) -> tuple[VolumeType, ...]:
    return load_map(ZONES, {"zones": list(ZONES), "volume_types": list(types)}).region.volume_types


def objects(*types: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {item.name: item.zones for item in expanded(loaded(*types))}


def test_all_zones_by_default_and_by_word() -> None:
    assert objects({"name": "a"}, {"name": "b", "zones": "all"}) == {"a": tuple(ZONES), "b": tuple(ZONES)}


def test_one_object_in_the_zones_that_are_named() -> None:
    assert objects({"name": "gold", "zones": ["az3", "az1"]}) == {"gold": ("az3", "az1")}


def test_one_object_per_zone() -> None:
    made = expanded(
        loaded(
            {
                "name": "{zone}-gold",
                "zones": ["az1", "az2"],
                "volume_backend_name": "{zone}",
                "extra_specs": {"site": "in {zone}", "gone": None},
                "public": False,
                "projects": ["team-{zone}", "ops"],
            }
        )
    )
    assert [(item.name, item.zones, item.volume_backend_name) for item in made] == [
        ("az1-gold", ("az1",), "az1"),
        ("az2-gold", ("az2",), "az2"),
    ]
    assert made[0].extra_specs == {"site": "in az1", "gone": None}
    assert made[1].projects == ("team-az2", "ops")
    assert expanded(made) == made


def test_a_single_zone_needs_no_place_in_the_name() -> None:
    (made,) = expanded(loaded({"name": "north", "zones": ["az1"], "description": "of {zone}"}))
    assert made.description == "of az1"


LITERALS = ["{zone}", r"\{zone}", r"a\\{zone}{zone} \ {z} {{zone}}", "x"]


@pytest.mark.parametrize("zones", [["az1"], ["az1", "az2"]])
@pytest.mark.parametrize("text", LITERALS)
def test_a_literal_place_is_text(text: str, zones: list[str]) -> None:
    entry = {"name": "gold", "zones": zones, "description": text, "extra_specs": {"k": text}, "public": False}
    (made,) = expanded(loaded(literal({**entry, "projects": [text]})))
    assert (made.description, made.extra_specs, made.projects) == (text, {"k": text}, (text,))


def test_a_literal_place_in_a_name() -> None:
    assert objects({"name": r"\{zone}-x", "zones": ["az1", "az2"]}) == {"{zone}-x": ("az1", "az2")}
    assert objects({"name": r"\{zone}-{zone}", "zones": ["az1", "az2"]}) == {
        "{zone}-az1": ("az1",),
        "{zone}-az2": ("az2",),
    }


def test_normal_form_names_the_zones() -> None:
    zone_map = load_map(ZONES, {"zones": list(ZONES), "volume_types": [{"name": "gold", "zones": "all"}]})
    plain = as_dict(zone_map)
    assert plain["region"]["volume_types"] == [
        {"name": "gold", "zones": list(ZONES), "state": "present", "extra_specs": {}, "projects": []}
    ]
    assert load_map(**plain) == zone_map


def test_a_list_of_all_zones_stays_one_on_its_way_to_the_modules() -> None:
    """A list that somebody wrote gives up what it does not name; one that follows the inventory does not."""
    types = [{"name": "a"}, {"name": "b", "zones": "all"}, {"name": "c", "zones": list(ZONES)}, {"name": "{zone}-d"}]
    plain = as_dict(load_map(ZONES, {"zones": list(ZONES), "volume_types": types}), words=True)
    assert [entry["zones"] for entry in plain["region"]["volume_types"]] == ["all", "all", list(ZONES), "all"]
    found = expanded(load_map(**plain).region.volume_types)
    assert {item.name for item in found if isinstance(item.zones, AllZones)} == {"a", "b"}


def test_the_only_zone_that_is_left_is_still_all_zones() -> None:
    (made,) = expanded(load_map({"az1": {}}, {"zones": ["az1"], "volume_types": [{"name": "a"}]}).region.volume_types)
    assert isinstance(made.zones, AllZones)


def test_a_wrong_list_of_zones_is_one_problem() -> None:
    with pytest.raises(MapError) as caught:
        load_map(ZONES, {"zones": ["az1", "az2", 3], "volume_types": [{"name": "gold"}]})
    assert "volume_types" not in str(caught.value)
    with pytest.raises(MapError) as caught:
        load_map(ZONES, {"zones": list(ZONES), "volume_types": [{"name": "{zone}", "zones": ["az1", 2]}]})
    assert [problem.path for problem in caught.value.problems] == ["volume_types[0].zones[1]"]


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ({"name": "gold", "zones": ["az9"]}, "'az9'"),
        ({"name": "{place}"}, "'{place}'"),
        ({"name": "x", "zones": []}, ""),
    ],
)
def test_a_wrong_value_is_shown(entry: dict[str, Any], value: str) -> None:
    with pytest.raises(MapError) as caught:
        load_map(ZONES, {"zones": list(ZONES), "volume_types": [entry]})
    assert [problem.value for problem in caught.value.problems] == [value]
