# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Share types: what is written, what stands in the way, and what it costs to know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.change import Plan
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.text.near import nearest
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.api.model import (
    Pool,
    Share,
    ShareService,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.types.model import Options
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.types.reconcile import ShareTypes
from ansible_collections.zoneops.openstack.plugins.module_utils._types.changes import CreateType, TypeChange
from ansible_collections.zoneops.openstack.plugins.module_utils._types.model import FoundType
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map

ZONES: Mapping[str, Any] = {"az1": {"availability_zone": "north"}, "az2": {}, "az3": {}}
DHSS = "driver_handles_share_servers"
GOLD = {"name": "{zone}-gold", "share_backend_name": "{zone}"}
MADE = {"availability_zones": "az2", "share_backend_name": "az2", DHSS: "False"}


class Manila:
    """manila with types; the rest of it as the tests need it."""

    def __init__(self, *types: FoundType, shares: tuple[Share, ...] = ()) -> None:
        self.by_name = {found.name: found for found in types}
        self.there = True
        self.handles = False
        self.services = tuple(
            ShareService(f"lab@az{n}", "manila-share", zone) for n, zone in enumerate(("north", "az2", "az3"), 1)
        )
        self.listed_shares = shares
        self.default: str | None = None
        self.calls: list[str] = []

    def present(self) -> bool:
        return self.there

    def types(self) -> dict[str, FoundType]:
        self.calls.append("types")
        return {name: replace(found, projects=None) for name, found in self.by_name.items()}

    def projects_of(self, number: str) -> frozenset[str]:
        self.calls.append(f"projects {number}")
        return next(found.projects or frozenset() for found in self.by_name.values() if found.id == number)

    def share_services(self) -> tuple[ShareService, ...]:
        return self.services

    def pools(self) -> tuple[Pool, ...]:
        return tuple(Pool(f"{one.host}#p", one.host.partition("@")[2], self.handles) for one in self.services)

    def shares(self, share_type: str) -> tuple[Share, ...]:
        self.calls.append(f"shares {share_type}")
        return self.listed_shares

    def default_type(self) -> FoundType | None:
        self.calls.append("default")
        return None if self.default is None else self.by_name[self.default]

    def create_type(self, change: CreateType) -> str:
        projects = None if change.public else frozenset[str]()
        found = FoundType(change.name, change.name, change.public, change.description, dict(change.specs), projects)
        self.by_name[change.name] = found
        return found.id


class Keystone:
    """keystone with projects by name."""

    def __init__(self, **projects: tuple[str, ...]) -> None:
        self.known = projects

    def projects(self, wanted: Iterable[str]) -> dict[str, tuple[str, ...]]:
        return {name: self.known.get(name, ()) for name in wanted}

    def hints(self, found: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
        return {name: nearest(name, self.known) for name, ids in found.items() if not ids}


def reconciler(
    manila: Manila,
    *types: Mapping[str, Any],
    zones: Mapping[str, Any] | None = None,
    only: tuple[str, ...] = (),
    **options: Any,
) -> ShareTypes:
    zones = zones or ZONES
    wanted = load_map(zones, {"zones": list(zones), "share_types": list(types)})
    keystone = Keystone(team=("id-of-team",), twice=("a", "b"))
    return ShareTypes(manila, keystone, wanted, Options(only or tuple(zones), **options))  # type: ignore[arg-type]


def plan_of(found: ShareTypes) -> Plan[TypeChange]:
    """As the flow does it: a second look where the first plan needs one."""
    observed = found.observe()
    plan = found.plan(observed)
    closer = found.observe_details(observed, plan)
    return plan if closer is None else found.plan(closer)


def texts(found: ShareTypes) -> list[str]:
    return [change.text for change in plan_of(found).changes]


def rules(found: ShareTypes) -> dict[str, list[str]]:
    refusals = plan_of(found).refusals
    return {one.zone: [other.rule for other in refusals if other.zone == one.zone] for one in refusals}


def test_a_type_per_zone_in_the_zone_s_availability_zone() -> None:
    assert texts(reconciler(Manila(), GOLD)) == [
        f"create share type az1-gold: availability_zones=north, {DHSS}=False, share_backend_name=az1",
        f"create share type az2-gold: availability_zones=az2, {DHSS}=False, share_backend_name=az2",
        f"create share type az3-gold: availability_zones=az3, {DHSS}=False, share_backend_name=az3",
    ]


def test_nothing_to_do_is_one_call_and_none_without_types() -> None:
    manila = Manila(FoundType("1", "az2-gold", specs=MADE))
    assert texts(reconciler(manila, {**GOLD, "zones": ["az2"]})) == []
    assert manila.calls == ["types"]
    manila.calls.clear()
    assert plan_of(reconciler(manila)) == Plan()
    assert plan_of(reconciler(manila, {**GOLD, "zones": ["az2"]}, only=("az1",))) == Plan()
    assert manila.calls == []


@pytest.mark.parametrize(
    ("entry", "zone", "handles", "expected"),
    [
        ({}, {}, False, "False"),
        ({}, {}, True, "True"),
        ({}, {"share_backends": [{DHSS: True}]}, False, "True"),
        ({DHSS: True}, {}, False, "True"),
    ],
)
def test_share_servers_of_a_new_type(
    entry: Mapping[str, Any], zone: Mapping[str, Any], handles: bool, expected: str
) -> None:
    """As the entry says, else as the map's back ends, else as the scheduler knows."""
    manila = Manila()
    manila.handles = handles
    (change,) = plan_of(
        reconciler(manila, {"name": "gold", "zones": ["az2"], **entry}, zones={**ZONES, "az2": zone})
    ).changes
    assert isinstance(change, CreateType)
    assert change.specs[DHSS] == expected


def test_share_servers_of_a_type_that_is_there_never_change() -> None:
    manila = Manila(FoundType("1", "gold", specs={"availability_zones": "az2", DHSS: "True"}))
    entry = {"name": "gold", "zones": ["az2"]}
    assert texts(reconciler(manila, entry)) == []
    assert texts(reconciler(manila, {**entry, DHSS: True})) == []
    found = reconciler(manila, {**entry, DHSS: False, "extra_specs": {"a": "b"}})
    assert (rules(found), texts(found)) == ({"az2": ["share_servers"]}, [])


def test_a_zone_that_manila_lacks_and_a_back_end_that_nobody_reports() -> None:
    manila = Manila()
    manila.services = manila.services[:2]
    ghost = {"name": "ghost", "zones": ["az2"], "share_backend_name": "ghost"}
    found = reconciler(manila, GOLD, ghost)
    assert rules(found) == {"az2": ["no_backend"], "az3": ["unknown_zone"]}
    assert texts(found) == [
        f"create share type az1-gold: availability_zones=north, {DHSS}=False, share_backend_name=az1"
    ]


TWO_ZONES = {"name": "gold", "zones": ["az1", "az2"]}


@pytest.mark.parametrize(
    ("entry", "found", "expected"),
    [
        ({"public": False, "projects": ["nosuch"]}, None, "unknown_project"),
        ({"public": False, "projects": ["twice"]}, None, "unknown_project"),
        ({DHSS: True, "extra_specs": {"a": "b"}}, {"availability_zones": "north,az2"}, "share_servers"),
        ({}, {"availability_zones": "north,az2,az3"}, "zones_in_use"),
    ],
)
def test_what_stands_in_the_way_of_a_type_fails_each_of_its_zones(
    entry: Mapping[str, Any], found: Mapping[str, str] | None, expected: str
) -> None:
    there = () if found is None else (FoundType("1", "gold", specs={DHSS: "False", **found}),)
    manila = Manila(*there, shares=(Share("s", "data", "p", "gold", "NFS", "az3"),))
    seen = reconciler(manila, {**TWO_ZONES, **entry})
    assert (rules(seen), texts(seen)) == ({"az1": [expected], "az2": [expected]}, [])


def test_a_name_that_is_an_id_is_refused() -> None:
    """By name, never by chance an id."""
    found = reconciler(Manila(FoundType("f00", "other")), {"name": "f00", "zones": ["az1", "az2"]})
    assert (rules(found), texts(found)) == ({"az1": ["name_is_id"], "az2": ["name_is_id"]}, [])
    assert plan_of(found).refusals[0].message == (
        "share type f00: its name is the id of type other, so clients would confuse them. Choose another."
    )


@pytest.mark.parametrize("lost", ["az1", "az2"])
def test_a_zone_that_manila_lacks_does_not_hold_up_a_type_of_several_zones(lost: str) -> None:
    manila = Manila()
    manila.services = tuple(one for one in manila.services if one.host != f"lab@{lost}")
    found = reconciler(manila, TWO_ZONES)
    assert rules(found) == {lost: ["unknown_zone"]}
    assert [len(plan_of(found).of_zone(zone).changes) for zone in ZONES] == [lost != "az1", lost != "az2", 0]
    assert texts(found) == [f"create share type gold: availability_zones=north,az2, {DHSS}=False"]


def test_what_stands_in_the_way_is_said_at_once() -> None:
    """Also where the first look refuses each zone already."""
    manila = Manila(found_gold())
    manila.services = manila.services[:1]
    manila.default = "gold"
    found = reconciler(manila, {"name": "new", "public": False, "projects": ["nosuch"]}, GONE)
    assert rules(found) == {
        "az1": ["unknown_project", "default_type"],
        "az2": ["unknown_project", "unknown_zone", "default_type"],
        "az3": ["unknown_project", "unknown_zone", "default_type"],
    }
    assert texts(found) == []


def test_a_service_that_is_down_reports_no_back_end() -> None:
    manila = Manila()
    manila.services = (*manila.services[:2], replace(manila.services[2], up=False))
    assert rules(reconciler(manila, GOLD)) == {"az3": ["no_backend"]}


def test_a_zone_whose_only_service_is_disabled_is_no_unknown_zone() -> None:
    manila = Manila()
    manila.services = (replace(manila.services[0], enabled=False), *manila.services[1:])
    assert texts(reconciler(manila, {"name": "gold", "zones": ["az1"]})) == [
        f"create share type gold: availability_zones=north, {DHSS}=False"
    ]


SHARE = Share("s", "data", "p", "gold", "NFS", "az2")


@pytest.mark.parametrize(
    ("found", "shares", "expected"),
    [
        ({"availability_zones": "az2,az3"}, (SHARE,), {"az3": ["zones_in_use"]}),
        ({}, (SHARE,), {"az3": ["zones_in_use"]}),
        ({"availability_zones": "az2,az3"}, (replace(SHARE, availability_zone="az3"),), {}),
        ({"availability_zones": "north"}, (SHARE,), {}),
        ({}, (), {}),
    ],
)
def test_a_type_keeps_the_zones_in_which_it_has_shares(
    found: Mapping[str, str], shares: tuple[Share, ...], expected: Mapping[str, Any]
) -> None:
    manila = Manila(FoundType("1", "gold", specs={**found, DHSS: "False"}), shares=shares)
    entry = {"name": "gold", "zones": ["az3"]}
    assert rules(reconciler(manila, entry)) == expected
    allowed = reconciler(manila, entry, allow=frozenset(["zones_in_use"]))
    assert texts(allowed) == ["set extra specs of share type gold: availability_zones=az3"]
    assert manila.calls == ["types", "shares 1"] * 2


def test_projects_by_name_and_only_those_that_are_clear() -> None:
    entry = {"name": "secret", "zones": ["az2"], "public": False}
    manila = Manila(
        FoundType(
            "1", "secret", False, specs={"availability_zones": "az2", DHSS: "False"}, projects=frozenset(["other"])
        )
    )
    assert texts(reconciler(manila, {**entry, "projects": ["team"]})) == [
        "let project id-of-team use share type secret"
    ]
    assert manila.calls == ["types", "projects 1"]
    assert texts(reconciler(manila, {**entry, "projects": ["team"]}, purge_projects=True)) == [
        "let project id-of-team use share type secret",
        "no longer let project other use share type secret",
    ]
    found = reconciler(manila, {**entry, "projects": ["twice", "nosuch", "Team"]})
    assert [one.message for one in plan_of(found).refusals] == [
        "share type secret: project twice is the name of several (a, b): give the id.",
        "share type secret: project nosuch does not exist.",
        "share type secret: project Team does not exist (did you mean team?).",
    ]


def test_one_type_of_several_zones_is_written_once_and_shown_in_each() -> None:
    manila = Manila()
    found = reconciler(manila, {"name": "north", "zones": ["az1", "az2"]})
    plan = plan_of(found)
    assert [len(plan.of_zone(zone).changes) for zone in ZONES] == [1, 1, 0]
    observed = found.observe()
    after = reduce(found.simulate, plan.changes, observed)
    found.write(plan.changes[0])
    seen = found.observe()
    assert found.describe(after, "az2") == found.describe(seen, "az2") != {}
    assert found.describe(seen, "az3") == {}
    assert found.plan(seen).changes == ()


def test_without_manila_zones_fail_that_ask_for_shares() -> None:
    manila = Manila()
    manila.there = False
    found = reconciler(manila, {"name": "gold", "zones": ["az2"]}, zones={**ZONES, "az1": {"share_backends": [{}]}})
    assert rules(found) == {"az1": ["no_manila"], "az2": ["no_manila"]}
    assert [note.zone for note in plan_of(found).notes] == ["az3"]


def test_a_back_end_that_the_scheduler_has_not_asked_again_is_said_with_what_helps() -> None:
    class Stale(Manila):
        def pools(self) -> tuple[Pool, ...]:
            return tuple(pool for pool in super().pools() if pool.host != "lab@az2")

    found = reconciler(Stale(), {**GOLD, "zones": ["az2"]})
    (refusal,) = plan_of(found).refusals
    assert refusal.rule == "no_backend"
    assert "lab@az2: manila's scheduler notices a restarted back end only when the next share is created" in (
        refusal.message
    )
    # Of a back end that does not work there is something else to say.
    dead = Stale()
    dead.services = tuple(replace(one, up=one.host != "lab@az2") for one in dead.services)
    assert "next share" not in plan_of(reconciler(dead, {**GOLD, "zones": ["az2"]})).refusals[0].message


GONE = {"name": "gold", "state": "absent"}


def found_gold(**specs: str) -> FoundType:
    return FoundType("1", "gold", specs={DHSS: "False", **specs})


def test_a_type_that_shall_not_be_there_goes_last() -> None:
    found = reconciler(Manila(found_gold(availability_zones="north,az2")), GONE, {"name": "new", "zones": ["az1"]})
    assert [text.split(":")[0] for text in texts(found)] == ["create share type new", "delete share type gold"]
    observed = found.observe()
    assert list(found.describe(observed, "az3")) == ["gold"]
    assert found.describe(reduce(found.simulate, plan_of(found).changes, observed), "az3") == {}


def test_a_type_that_is_gone_already_costs_one_call() -> None:
    manila = Manila()
    assert texts(reconciler(manila, GONE)) == []
    assert manila.calls == ["types"]


def test_a_type_that_has_shares_stays_and_names_them() -> None:
    manila = Manila(found_gold(), shares=(SHARE,) * 7)
    found = reconciler(manila, GONE)
    (refusal, *others) = plan_of(found).refusals
    assert [refusal.zone, *(other.zone for other in others)] == list(ZONES)
    assert refusal.rule == "type_in_use"
    assert refusal.message.startswith(f"share type gold cannot be deleted: in use by {SHARE.shown}, ")
    assert "and more" in refusal.message
    assert texts(reconciler(manila, GONE)) == []


@pytest.mark.parametrize(
    ("entry", "found", "default", "expected"),
    [
        (GONE, found_gold(), "gold", "default_type"),
        ({**GONE, "zones": ["az2"]}, found_gold(), None, "other_zones"),
        ({**GONE, "zones": ["az2"]}, found_gold(availability_zones="az2,az3"), None, "other_zones"),
    ],
)
def test_types_that_others_count_on_stay(
    entry: Mapping[str, Any], found: FoundType, default: str | None, expected: str
) -> None:
    manila = Manila(found)
    manila.default = default
    assert rules(reconciler(manila, entry))["az2"] == [expected]


def test_without_manila_a_type_that_shall_not_be_there_is_not_there() -> None:
    manila = Manila()
    manila.there = False
    assert rules(reconciler(manila, GONE)) == {}


@pytest.mark.parametrize("state", ["down", "maintenance"])
def test_a_back_end_that_is_missing_in_a_zone_known_to_be_lost_is_a_note(state: str) -> None:
    manila = Manila()
    manila.services = manila.services[:1]
    zones = {**ZONES, "az2": {"zone_state": state}}
    found = reconciler(manila, {**GOLD, "zones": ["az1", "az2"]}, zones=zones)
    plan = plan_of(found)
    assert plan.refusals == ()
    assert [(note.zone, "az2" in note.message) for note in plan.notes] == [("az2", True)]
    assert len(plan.changes) == 2
