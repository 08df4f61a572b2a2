# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maps that are right but for one or two places, made from the schema itself: a wrong value is a problem with zone and path, never a crash."""

from __future__ import annotations

import copy
import types
import typing
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.errors import MapError
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import Region, Zone
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.validation.check import properties
from hypothesis import given
from hypothesis import strategies as st

Place = tuple[Any, ...]
WRONG: tuple[Any, ...] = (
    *(
        None,
        True,
        0,
        -1,
        10**400,
        1.5,
        float("nan"),
        float("inf"),
        "",
        " ",
        "az1, az2",
        "{zone}",
        "x" * 400,
        "\u2028",
        "\ud800",
    ),
    *(
        [],
        [None],
        [[]],
        [{}],
        ["az1", "az1"],
        [1],
        {},
        {"": ""},
        {1: 2},
        {None: None},
        {"name": ["a"]},
        {"zones": "az1"},
        b"az1",
    ),
)


def places(kind: Any, path: Place = ()) -> Iterator[Place]:
    """The path of every property of the schema, and of the first item of every list."""
    for hint in typing.get_args(kind) if typing.get_origin(kind) in (types.UnionType, typing.Union) else (kind,):
        if typing.get_origin(hint) is tuple:
            yield from places(typing.get_args(hint)[0], (*path, 0))
        elif typing.get_origin(hint) is dict:
            yield from places(typing.get_args(hint)[1], (*path, "key"))
        elif is_dataclass(hint):
            for name, (inner, prop) in properties(typing.cast("type", hint)).items():
                if prop:
                    yield (*path, name)
                    yield from places(inner, (*path, name))


OF_ZONE, OF_REGION = tuple(places(Zone)), tuple(places(Region))
ZONES = {
    "az1": {
        "kubernetes": {},
        "ceph": {"fsid": "3f1c0f5e-6f6e-4a52-9a1c-0d2f6f1b7a01"},
        "image_store": {},
        "volume_backends": [{}],
    },
    "az2": {"compute": {"hosts": ["b"]}},
}
REGION: dict[str, Any] = {
    "zones": ["az1", "az2"],
    "volume_types": [{"name": "fast"}, {"name": "{zone}-fast"}],
    "share_types": [{"name": "nfs", "zones": ["az1"]}],
    "images": [{"name": "public", "select": "visibility == 'public'"}],
    "backup": {"zone": "az1", "target": {}},
}


def put(data: Any, path: Place, value: Any) -> None:
    """Put the value to its place; what leads there is made where it is missing or of another kind."""
    for step, following in zip(path, [*path[1:], None], strict=True):
        new: Any = value if following is None else [] if following == 0 else {}
        if step == 0:
            data[:1] = [new if following is None or not data or not isinstance(data[0], type(new)) else data[0]]
        elif following is None or not isinstance(data.get(step), type(new)):
            data[step] = new
        data = data[step]


def answer(zones: Any, region: Any) -> None:
    """A map, or problems that say where they are."""
    try:
        load_map(zones, region)
    except MapError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.path or problem.zone or problem.value, problem
            assert problem.rule
            assert str(problem).isprintable()


@pytest.mark.parametrize("part", ["zone", "region"])
def test_any_value_at_any_place(part: str) -> None:
    for path in OF_ZONE if part == "zone" else OF_REGION:
        for value in WRONG:
            zones, region = copy.deepcopy(ZONES), copy.deepcopy(REGION)
            put(zones["az1"] if part == "zone" else region, path, copy.deepcopy(value))
            answer(zones, region)


@given(
    st.lists(st.tuples(st.sampled_from(OF_ZONE), st.sampled_from(WRONG)), max_size=3),
    st.lists(st.tuples(st.sampled_from(OF_REGION), st.sampled_from(WRONG)), max_size=3),
)
def test_wrong_values_at_several_places(of_zone: list[tuple[Place, Any]], of_region: list[tuple[Place, Any]]) -> None:
    zones, region = copy.deepcopy(ZONES), copy.deepcopy(REGION)
    for path, value in of_zone:
        put(zones["az1"], path, copy.deepcopy(value))
    for path, value in of_region:
        put(region, path, copy.deepcopy(value))
    answer(zones, region)


@pytest.mark.parametrize("zones", ["az1, az2", None, {}, 3, [1], ["az1", None], [["az1"]]])
@pytest.mark.parametrize("entry", ["volume_types", "share_types", "images"])
def test_zones_that_are_no_list_together_with_types(zones: Any, entry: str) -> None:
    region = {"zones": zones, entry: [{"name": "fast"}]}
    with pytest.raises(MapError) as caught:
        load_map({"az1": {}, "az2": {}}, region)
    assert "zones" in {problem.path.partition("[")[0] for problem in caught.value.problems}, caught.value
