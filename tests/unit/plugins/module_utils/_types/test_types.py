# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a type as it is to the type as the map says: merged, in order, and with a way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._types.changes import (
    CreateType,
    DeleteType,
    RemoveSpec,
    RenameType,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._types.model import (
    FoundType,
    Kind,
    WantedType,
    same,
    zones_of,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._types.plan import type_changes
from ansible_collections.zoneops.openstack.plugins.module_utils._types.simulate import simulate
from ansible_collections.zoneops.openstack.plugins.module_utils._types.write import TypeWriter
from hypothesis import given
from hypothesis import strategies as st

KIND = Kind("share type", "manila", "manila-share", "availability_zones", "share_backend_name")
ALL = ("az1", "az2", "az3")
GOLD = WantedType("gold", ("az1", "az2"), {"availability_zones": "az1,az2", "tier": "gold"})


def texts(wanted: WantedType, found: FoundType | None, only: tuple[str, ...] = ALL, **options: bool) -> list[str]:
    return [change.text for change in type_changes(KIND, wanted, found, only, **options)]


def test_a_new_type_is_one_request_with_all_its_specs() -> None:
    wanted = replace(GOLD, specs={**GOLD.specs, "old": None}, at_creation={"dhss": "False"})
    (change,) = type_changes(KIND, wanted, None, ALL)
    assert isinstance(change, CreateType)
    assert change.specs == {"availability_zones": "az1,az2", "tier": "gold", "dhss": "False"}
    assert change.text == "create share type gold: availability_zones=az1,az2, dhss=False, tier=gold"


def test_a_private_type_gets_its_projects_right_after() -> None:
    assert texts(replace(GOLD, public=False, projects=("p1", "p2")), None) == [
        "create private share type gold: availability_zones=az1,az2, tier=gold",
        "let project p1 use share type gold",
        "let project p2 use share type gold",
    ]


def test_specs_are_merged_and_null_removes_one() -> None:
    found = FoundType("1", "gold", specs={"availability_zones": "az1,az2", "mine": "kept", "old": "x", "tier": "iron"})
    wanted = replace(GOLD, specs={**GOLD.specs, "old": None, "never": None})
    assert texts(wanted, found) == [
        "set extra specs of share type gold: tier=gold",
        "remove extra spec old of share type gold",
    ]


def test_zones_in_another_order_and_truth_in_another_case_are_the_same() -> None:
    found = FoundType("1", "gold", specs={"availability_zones": "az2, az1", "tier": "gold", "snapshots": "True"})
    assert texts(replace(GOLD, specs={**GOLD.specs, "snapshots": "true"}), found) == []


def test_what_is_left_out_is_not_touched() -> None:
    found = FoundType("1", "gold", False, "by hand", {"availability_zones": "az1,az2", "tier": "gold"}, frozenset("p"))
    assert texts(GOLD, found) == []
    assert texts(GOLD, found, purge_projects=True) == []


def test_visibility_description_and_projects() -> None:
    found = FoundType("1", "gold", True, None, GOLD.specs, None)  # type: ignore[arg-type]
    wanted = replace(GOLD, public=False, description="fast", projects=("p1",))
    assert texts(wanted, found) == [
        "set share type gold: public=false, description=fast",
        "let project p1 use share type gold",
    ]
    private = replace(found, public=False, description="fast", projects=frozenset(("p1", "p2")))
    assert texts(wanted, private) == []
    assert texts(wanted, private, purge_projects=True) == ["no longer let project p2 use share type gold"]


def test_the_first_zone_of_the_run_answers_for_it() -> None:
    (change,) = type_changes(KIND, GOLD, None, ("az2", "az3"))
    assert (change.zone, change.zones) == ("az2", ("az2",))
    (change,) = type_changes(KIND, GOLD, None, ALL)
    assert (change.zone, change.zones) == ("az1", ("az1", "az2"))
    assert texts(GOLD, None, ("az3",)) == []


class Api:
    """A service that keeps types."""

    def __init__(self, *types: FoundType) -> None:
        self.types = {found.id: found for found in types}

    def _set(self, number: str, **values: Any) -> None:
        self.types[number] = replace(self.types[number], **values)

    def create_type(self, change: CreateType) -> str:
        projects = None if change.public else frozenset[str]()
        made = FoundType("made", change.name, change.public, change.description, dict(change.specs), projects)
        self.types[made.id] = made
        return made.id

    def delete_type(self, number: str) -> None:
        del self.types[number]

    def set_specs(self, number: str, specs: Mapping[str, str]) -> None:
        self._set(number, specs={**self.types[number].specs, **specs})

    def remove_spec(self, number: str, key: str) -> None:
        self._set(number, specs={name: value for name, value in self.types[number].specs.items() if name != key})

    def update_type(self, number: str, values: Mapping[str, Any]) -> None:
        self._set(number, **values)

    def add_project(self, number: str, project: str) -> None:
        self._set(number, projects=(self.types[number].projects or frozenset()) | {project})

    def remove_project(self, number: str, project: str) -> None:
        self._set(number, projects=(self.types[number].projects or frozenset()) - {project})


WORDS = st.sampled_from(("a", "b", "c"))
SPECS = st.dictionaries(WORDS, WORDS)
FOUND = st.one_of(
    st.none(),
    st.builds(
        FoundType,
        id=st.just("1"),
        name=st.just("gold"),
        public=st.just(False),
        description=st.one_of(st.none(), WORDS),
        specs=SPECS,
        projects=st.frozensets(WORDS),
    ),
    st.builds(FoundType, id=st.just("1"), name=st.just("gold"), specs=SPECS),
)
WANTED = st.builds(
    WantedType,
    name=st.just("gold"),
    zones=st.just(("az1",)),
    specs=st.dictionaries(WORDS, st.one_of(st.none(), WORDS)),
    public=st.sampled_from((None, True, False)),
    description=st.one_of(st.none(), WORDS),
    projects=st.lists(WORDS, unique=True).map(tuple),
)


@given(found=FOUND, wanted=WANTED, purge=st.booleans())
def test_model_and_writer_agree_and_the_end_needs_nothing_more(
    found: FoundType | None, wanted: WantedType, purge: bool
) -> None:
    types = {} if found is None else {found.name: found}
    changes = list(type_changes(KIND, wanted, found, ALL, purge_projects=purge))
    after = reduce(simulate, changes, types)
    assert list(type_changes(KIND, wanted, after["gold"], ALL, purge_projects=purge)) == []
    if found is not None:
        assert {key: value for key, value in found.specs.items() if key not in wanted.specs}.items() <= after[
            "gold"
        ].specs.items()

    api = Api(*types.values())
    writer = TypeWriter(api)
    writer.start_from(types)
    undos = [writer.write(change) for change in changes]
    (written,) = api.types.values()
    assert replace(written, id="", projects=written.projects or None) == replace(
        after["gold"], id="", projects=after["gold"].projects or None
    )
    for undo in reversed(undos):
        assert undo is not None
        undo()
    back = [replace(left, projects=left.projects or None) for left in api.types.values()]
    assert back == [replace(was, projects=was.projects or None) for was in types.values()]


def test_a_type_is_renamed_and_shown_in_one_request_and_back() -> None:
    found = FoundType("1", "new", False, None, {"a": "b"}, frozenset())
    api = Api(found)
    writer = TypeWriter(api)
    writer.start_from({"new": found})
    change = RenameType("az1", "share type", "new", ("az1",), new="gold", was_public=False, public=True)
    assert change.text == "rename share type new to gold, public"
    undo = writer.write(change)
    after = simulate({"new": found}, change)
    assert api.types["1"] == after["gold"] == replace(found, name="gold", public=True)
    writer.write(RemoveSpec("az1", "share type", "gold", ("az1",), key="a", old="b"))
    assert api.types["1"].specs == {}
    assert undo is not None
    undo()
    assert (api.types["1"].name, api.types["1"].public) == ("new", False)


def test_a_deleted_type_does_not_come_back() -> None:
    found = FoundType("1", "gold", specs={"a": "b"})
    api = Api(found)
    writer = TypeWriter(api)
    writer.start_from({"gold": found})
    change = DeleteType("az1", "share type", "gold", ("az1",), found.specs)
    assert writer.write(change) is None
    assert api.types == {}
    assert simulate({"gold": found}, change) == {}
    assert (change.target, change.before, change.after) == ("share type gold", {"extra_specs": {"a": "b"}}, None)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("a", "a", True), ("True", "true", True), ("A", "a", False), (None, "a", False), (None, None, True)],
)
def test_same(one: str | None, other: str | None, expected: bool) -> None:
    assert same(one, other) is expected


def test_zones_of_a_spec() -> None:
    assert zones_of("zone1, zone2,,zone3") == {"zone1", "zone2", "zone3"}
    assert zones_of(None) == zones_of("") == frozenset()
