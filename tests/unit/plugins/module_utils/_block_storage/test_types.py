# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volume types of zones, from any state: what is planned, what is refused, and what a run that was interrupted leaves to the next."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import Volume
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.types.model import Options
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.types.reconcile import VolumeTypes
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.verdict import Verdict
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._block_storage.stand_in import (
    LOST,
    REFUSED,
    Projects,
    StandIn,
)

AZ, BACKEND = "RESKEY:availability_zones", "volume_backend_name"
GOLD = {"name": "{zone}-gold", BACKEND: "{zone}"}
VOLUME = Volume("v1", "data", "p1", "in-use")


def region(*zones: str) -> StandIn:
    """A cinder with a working back end in each zone, called like the zone."""
    found = StandIn()
    for zone in zones or ("az1", "az2", "az3"):
        found.add_backend(zone)
    return found


def run(cinder: StandIn, *types: dict[str, Any], check: bool = False, **options: Any) -> dict[str, Verdict]:
    """A run over az1 to az3; `zones` are zone files, `only` and what else there is are options of the reconciler."""
    zones: dict[str, Any] = options.pop("zones", {"az1": {}, "az2": {}, "az3": {}})
    wanted = load_map(zones, {"zones": list(zones), "volume_types": list(types)})
    allow = frozenset(options.pop("allow", ()))
    asked = Options(tuple(options.pop("only", wanted.zones)), allow=allow, **options)
    reconciler = VolumeTypes(cinder, Projects(cinder), wanted, asked)  # type: ignore[arg-type]
    return Converge(reconciler, check=check, deadline=Deadline(60), settle=0).run()


def plans(verdicts: dict[str, Verdict]) -> dict[str, list[str]]:
    return {zone: [change.text for change in verdict.plan] for zone, verdict in verdicts.items() if verdict.plan}


def failures(verdicts: dict[str, Verdict]) -> dict[str, str]:
    return {zone: verdict.message() for zone, verdict in verdicts.items() if verdict.failed}


def test_a_type_for_each_zone_is_one_request_each() -> None:
    cinder = region()
    assert not failures(run(cinder, GOLD))
    assert {name: found.specs for name, found in cinder.named().items()} == {
        f"{zone}-gold": {AZ: zone, BACKEND: zone} for zone in ("az1", "az2", "az3")
    }
    assert cinder.writes == ["create az1-gold", "create az2-gold", "create az3-gold"]


def test_availability_zones_are_those_of_the_zones() -> None:
    cinder = region("north", "az2", "az3")
    run(cinder, {"name": "gold", "zones": ["az2", "az1"]}, zones={"az1": {"availability_zone": "north"}, "az2": {}})
    assert cinder.named()["gold"].specs == {AZ: "az2,north"}


def test_nothing_to_do_costs_one_call() -> None:
    cinder = region()
    run(cinder, GOLD)
    cinder.calls.clear()
    verdicts = run(cinder, GOLD)
    assert not any(verdict.changed for verdict in verdicts.values())
    assert cinder.calls == ["types"]
    cinder.calls.clear()
    run(cinder)
    assert cinder.calls == []


def test_the_same_for_many_zones() -> None:
    names = [f"z{number}" for number in range(30)]
    cinder = region(*names)
    files: dict[str, Any] = {name: {} for name in names}
    run(cinder, GOLD, {"name": "team", "public": False, "projects": ["p"]}, zones=files)
    cinder.calls.clear()
    run(cinder, GOLD, {"name": "team", "public": False, "projects": ["p"]}, zones=files)
    assert cinder.calls == ["types", "projects", "keystone"]


def test_other_specs_descriptions_and_projects_stay() -> None:
    cinder = region()
    cinder.add_type("az1-gold", {AZ: "az3", "mine": "kept"}, public=False, description="by hand")
    cinder.access["id-0"] = {"somebody"}
    run(cinder, GOLD)
    found = cinder.named()["az1-gold"]
    assert found.specs == {AZ: "az1", BACKEND: "az1", "mine": "kept"}
    assert (found.public, found.description, cinder.access["id-0"]) == (False, "by hand", {"somebody"})


def test_a_private_type_gets_its_projects_and_keeps_others_unless_asked() -> None:
    cinder = region()
    kind = {"name": "team", "zones": ["az1"], "public": False, "projects": ["web"]}
    run(cinder, kind)
    number = cinder.named()["team"].id
    cinder.access[number].add("other")
    assert not plans(run(cinder, kind))
    assert plans(run(cinder, kind, purge_projects=True)) == {
        "az1": ["no longer let project other use volume type team"]
    }
    assert cinder.access[number] == {"id-of-web"}


@pytest.mark.parametrize(
    ("project", "message"),
    [("gone", "there is no project gone (did you mean gone?)"), ("twin", "twin-1, twin-2. Name one by its id")],
)
def test_projects_that_cannot_be_meant(project: str, message: str) -> None:
    cinder = region()
    kind = {"name": "team", "zones": ["az1"], "public": False, "projects": [project]}
    assert message in failures(run(cinder, kind, GOLD))["az1"]
    assert set(cinder.named()) == {"az2-gold", "az3-gold"}


def test_a_name_that_is_an_id_is_refused() -> None:
    cinder = region()
    cinder.add_type("other")
    assert "is the id of type other" in failures(run(cinder, {"name": "id-0", "zones": ["az1"]}))["az1"]


def test_a_zone_that_cinder_lacks_does_not_hold_up_a_type_of_several_zones() -> None:
    """Cinder takes of the list the zones that exist; later the type may be in use, and its list cannot grow any more."""
    cinder = region("az1", "az2")
    found = failures(run(cinder, {"name": "gold"}))
    assert list(found) == ["az3"]
    assert "availability zone az3 is not known to cinder, which has az1, az2" in found["az3"]
    assert cinder.named()["gold"].specs == {AZ: "az1,az2,az3"}
    assert not failures(run(cinder, {"name": "gold"}))


@pytest.mark.parametrize("state", ["down", "maintenance"])
def test_what_a_lost_zone_lacks_is_a_note(state: str) -> None:
    cinder = region("az1")
    verdicts = run(cinder, GOLD, zones={"az1": {}, "az2": {"zone_state": state}})
    assert not failures(verdicts)
    assert "az2 is not known to cinder" in verdicts["az2"].warnings[0]


def test_check_mode_says_what_a_run_does() -> None:
    cinder = region("az1", "az2")
    cinder.add_type("az1-gold", {AZ: "az3", "old": "1"})
    kinds = ({**GOLD, "extra_specs": {"old": None}}, {"name": "both", "zones": ["az1", "az2"], "public": False})
    predicted = run(cinder, *kinds, check=True)
    assert cinder.writes == []
    done = run(cinder, *kinds)
    assert plans(predicted) == plans(done)
    assert {zone: verdict.after for zone, verdict in predicted.items()} == {
        zone: verdict.after for zone, verdict in done.items()
    }
    assert failures(predicted) == failures(done)


def test_only_the_zones_of_the_run_are_touched() -> None:
    cinder = region()
    run(cinder, GOLD, only=["az2"])
    assert set(cinder.named()) == {"az2-gold"}


def in_use() -> StandIn:
    cinder = region()
    cinder.add_type("gold", {BACKEND: "az1", "mine": "kept"}, public=False, description="old")
    cinder.access["id-0"] = {"somebody"}
    cinder.volumes["id-0"] = [VOLUME] * 7
    return cinder


IN_AZ1 = {"name": "gold", "zones": ["az1"]}


def test_a_type_in_use_is_refused_with_the_volumes_in_the_way() -> None:
    cinder = in_use()
    verdicts = run(cinder, IN_AZ1, {**GOLD, "zones": ["az2"]})
    message = failures(verdicts)["az1"]
    assert "data (v1, project p1, in-use)" in message
    assert " and more" in message
    assert "add to zoneops_allow (option allow): [successor_types]" in message
    assert verdicts["az1"].refusals[0].items[0]["id"] == "v1"
    assert cinder.writes == ["create az2-gold"]


def test_what_cinder_lets_change_of_a_type_in_use_is_changed() -> None:
    cinder = in_use()
    cinder.types_by_id["id-0"] = cinder.types_by_id["id-0"].__class__("id-0", "gold", False, "old", {AZ: "az1"}, None)
    assert not failures(run(cinder, {**IN_AZ1, "description": "new"}))
    assert cinder.named()["gold"].description == "new"


def succeeded(cinder: StandIn) -> bool:
    """Whether the successor has the name, and all that the old type had."""
    types = cinder.named()
    new, old = types["gold"], types["gold-replaced-id-0"]
    return (
        (old.id, new.public, new.description) == ("id-0", False, "old")
        and new.specs == {BACKEND: "az1", "mine": "kept", AZ: "az1"}
        and cinder.access[new.id] == {"somebody"}
        and set(types) == {"gold", "gold-replaced-id-0"}
    )


def test_a_successor_takes_the_name_and_volumes_keep_the_old_type() -> None:
    cinder = in_use()
    verdicts = run(cinder, IN_AZ1, allow=["successor_types"])
    assert plans(verdicts) == {
        "az1": [
            "create private volume type zoneops:private:gold: RESKEY:availability_zones=az1, mine=kept, volume_backend_name=az1",
            "let project somebody use volume type zoneops:private:gold",
            "rename volume type gold to gold-replaced-id-0",
            "rename volume type zoneops:private:gold to gold",
        ]
    }
    assert not failures(verdicts)
    assert succeeded(cinder)
    assert not plans(run(cinder, IN_AZ1, allow=["successor_types"]))


@pytest.mark.parametrize("write", range(4))
@pytest.mark.parametrize("fault", [REFUSED, LOST])
def test_a_write_that_fails_or_whose_answer_gets_lost_is_made_good_by_the_next_run(write: int, fault: str) -> None:
    cinder = in_use()
    cinder.faults = {write: fault}
    # A new name that was given all the same is found by looking.
    assert bool(failures(run(cinder, IN_AZ1, allow=["successor_types"]))) == (fault == REFUSED or write < 2)
    cinder.faults = {}
    assert not failures(run(cinder, IN_AZ1, allow=["successor_types"]))
    assert succeeded(cinder)


@pytest.mark.parametrize("stops", range(1, 4))
def test_a_run_that_is_killed_between_two_writes_is_finished_by_the_next(stops: int) -> None:
    """Everything from a write on fails, what puts back included: as if the process were gone."""
    cinder = in_use()
    cinder.faults = dict.fromkeys(range(stops, 50), REFUSED)
    assert failures(run(cinder, IN_AZ1, allow=["successor_types"]))
    assert len(cinder.types_by_id) == 2
    cinder.faults = {}
    assert not failures(run(cinder, IN_AZ1, allow=["successor_types"]))
    assert succeeded(cinder)


def test_a_public_type_keeps_being_public_when_its_successor_was_left_alone() -> None:
    cinder = region()
    cinder.add_type("zoneops:public:gold", {AZ: "az1"}, public=False)
    assert plans(run(cinder, IN_AZ1)) == {"az1": ["rename volume type zoneops:public:gold to gold, public"]}


def test_a_failed_zone_is_put_back_and_the_others_go_on() -> None:
    cinder = region()
    cinder.faults = {1: REFUSED}
    kind = {"name": "{zone}-team", "public": False, "projects": ["p"], "zones": ["az1", "az2"]}
    verdicts = run(cinder, kind)
    assert list(failures(verdicts)) == ["az1"]
    assert set(cinder.named()) == {"az2-team"}
