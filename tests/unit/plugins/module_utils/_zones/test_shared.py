# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several zones share is changed only for accepted zones: one property, and every planner that writes such a list keeps it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import VOLUME_TYPE
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.types import model as volume_model
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.types import plan as volume_plan
from ansible_collections.zoneops.openstack.plugins.module_utils._image.model import Image, Store
from ansible_collections.zoneops.openstack.plugins.module_utils._image.model import Observed as SeenImages
from ansible_collections.zoneops.openstack.plugins.module_utils._image.options import Options as ImageOptions
from ansible_collections.zoneops.openstack.plugins.module_utils._image.plan import make_plan
from ansible_collections.zoneops.openstack.plugins.module_utils._image.policy.resolve import Policy
from ansible_collections.zoneops.openstack.plugins.module_utils._image.simulate import simulate as with_image_change
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.change import Plan
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.api.model import SHARE_TYPES
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.types import model as share_model
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.types import plan as share_plan
from ansible_collections.zoneops.openstack.plugins.module_utils._types.model import FoundType, Kind, Place, zones_of
from ansible_collections.zoneops.openstack.plugins.module_utils._types.simulate import simulate
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import as_dict, load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.validation.entries import expanded
from hypothesis import given
from hypothesis import strategies as st

# What may be in a list: zones of the map by their own and by a former name, one that left the inventory, one of somebody else.
NAMES = ("az1", "north", "az2", "az3", "az4", "foreign")
# Refused by the service itself: it has no such zone, back end or store.
Refused = frozenset[str]
After = tuple[frozenset[str], Plan[Any]]


def loaded(section: str, entry: dict[str, Any], renamed: bool) -> ZoneMap:
    """As it comes to a module: by the action zone_map."""
    zones: dict[str, Any] = {"az1": {"availability_zone": "north"} if renamed else {}, "az2": {}, "az3": {}}
    zones["az1"]["image_store"] = {"name": "north" if renamed else "az1", "type": "file"}
    zones |= {name: {"image_store": {"type": "file"}} for name in ("az2", "az3")}
    region = {"zones": list(zones), section: [{"name": "anywhere", **entry}]}
    return load_map(**as_dict(load_map(zones, region), words=True))


def found_type(kind: Kind, there: frozenset[str]) -> dict[str, FoundType]:
    specs = {kind.az_spec: ",".join(sorted(there)), "driver_handles_share_servers": "False"}
    return {"anywhere": FoundType("1", "anywhere", specs=specs)}


def names_of(wanted: ZoneMap, refused: Refused) -> frozenset[str]:
    return frozenset(zone.availability_zone for name, zone in wanted.zones.items() if name not in refused)


def list_of(kind: Kind, types: dict[str, FoundType]) -> frozenset[str]:
    return zones_of(types["anywhere"].specs[kind.az_spec])


def volume_types(wanted: ZoneMap, there: frozenset[str], only: tuple[str, ...], refused: Refused) -> After:
    types = found_type(VOLUME_TYPE, there)
    observed = volume_model.Observed(types, zones=names_of(wanted, refused))
    items = expanded(wanted.region.volume_types)
    plan = volume_plan.plan_types(wanted, items, observed, volume_model.Options(only))
    for change in plan.changes:
        types = simulate(types, change)
    return list_of(VOLUME_TYPE, types), plan


def share_types(wanted: ZoneMap, there: frozenset[str], only: tuple[str, ...], refused: Refused) -> After:
    types = found_type(SHARE_TYPES, there)
    places = tuple(Place("host@one", name) for name in sorted(names_of(wanted, refused)))
    observed = share_model.Observed(types=types, places=places)
    items = expanded(wanted.region.share_types)
    plan = share_plan.plan_types(wanted, items, observed, share_model.Options(only))
    for change in plan.changes:
        types = simulate(types, change)
    return list_of(SHARE_TYPES, types), plan


def images(wanted: ZoneMap, there: frozenset[str], only: tuple[str, ...], refused: Refused) -> After:
    stores = tuple(Store(name) for name in sorted(names_of(wanted, refused) | there - names_of(wanted, frozenset())))
    raw = {"name": "anywhere", "visibility": "public"}
    image = Image("1", "anywhere", "active", visibility="public", stores=tuple(sorted(there)), raw=raw)
    observed = SeenImages(stores, (image,), servers=())
    plan = make_plan(Policy(wanted), observed, ImageOptions(only, purge_stores=True))
    for change in plan.changes:
        observed = with_image_change(observed, change, {})
    return frozenset(observed.images[0].stores), plan


WRITERS: dict[str, Callable[[ZoneMap, frozenset[str], tuple[str, ...], Refused], After]] = {
    "volume_types": volume_types,
    "share_types": share_types,
    "images": images,
}


@pytest.mark.parametrize("section", WRITERS)
@given(
    there=st.frozensets(st.sampled_from(NAMES), min_size=1),
    only=st.sets(st.sampled_from(["az1", "az2", "az3"]), min_size=1),
    refused=st.frozensets(st.sampled_from(["az1", "az2", "az3"])),
    named=st.none() | st.lists(st.sampled_from(["az1", "az2", "az3"]), min_size=2, unique=True),
    renamed=st.booleans(),
)
def test_only_accepted_zones_change_what_is_shared(
    section: str, there: frozenset[str], only: set[str], refused: Refused, named: list[str] | None, renamed: bool
) -> None:
    entry = {} if named is None else {"zones": named}
    wanted = loaded(section, entry, renamed)
    run = tuple(name for name in wanted.zones if name in only)
    after, plan = WRITERS[section](wanted, there, run, refused)
    accepted = set(run) - {refusal.zone for refusal in plan.refusals}
    called = {name: zone.availability_zone for name, zone in wanted.zones.items()}
    in_entry = set(named or wanted.zones)
    assert after - there <= {called[name] for name in accepted & in_entry}
    given_up = {called[name] for name in set(wanted.zones) - in_entry}
    # A name that no zone of the map has can be the former one of a zone of the entry that is still to be accepted.
    if named is not None and all(name in accepted or called[name] in there for name in in_entry):
        given_up |= set(NAMES) - set(called.values())
    assert there - after <= given_up


@pytest.mark.parametrize("section", ["volume_types", "share_types"])
def test_a_zone_that_left_the_inventory_keeps_its_place_and_is_noted(section: str) -> None:
    """az3 has been taken out of the inventory and of zoneops_region.zones."""
    region = {"zones": ["az1", "az2"], section: [{"name": "anywhere"}]}
    wanted = load_map({"az1": {}, "az2": {}}, region)
    after, plan = WRITERS[section](wanted, frozenset(["az1", "az2", "az3"]), ("az1", "az2"), frozenset())
    assert after == {"az1", "az2", "az3"}
    assert not plan.changes
    (note,) = plan.notes
    assert note.zone == "az1"
    assert "anywhere: availability zones az3 are kept in its list" in note.message


@pytest.mark.parametrize("section", ["volume_types", "share_types"])
def test_a_list_that_somebody_wrote_gives_up_what_it_does_not_name(section: str) -> None:
    wanted = load_map(
        {"az1": {}, "az2": {}}, {"zones": ["az1", "az2"], section: [{"name": "anywhere", "zones": ["az1", "az2"]}]}
    )
    after, plan = WRITERS[section](wanted, frozenset(["az1", "az2", "az3"]), ("az2",), frozenset())
    assert after == {"az1", "az2"}
    assert not plan.notes


@pytest.mark.parametrize("section", ["volume_types", "share_types"])
def test_a_zone_that_is_refused_is_not_renamed_in_what_it_shares(section: str) -> None:
    wanted = loaded(section, {}, renamed=True)
    there = frozenset(["az1", "az2"])
    after, plan = WRITERS[section](wanted, there, tuple(wanted.zones), frozenset(["az1"]))
    assert after == {"az1", "az2", "az3"}
    assert {refusal.zone for refusal in plan.refusals} == {"az1"}
    assert {note.zone for note in plan.notes} == {"az2"}
    assert any("availability zones north are not added" in note.message for note in plan.notes)


@pytest.mark.parametrize("section", ["volume_types", "share_types"])
def test_a_type_without_a_list_is_in_every_zone_and_gets_one_by_a_run_for_all(section: str) -> None:
    """A list of the zones of this run would remove the others from its users."""
    wanted = loaded(section, {}, renamed=False)
    types = {"anywhere": FoundType("1", "anywhere", specs={"driver_handles_share_servers": "False"})}
    items = expanded(getattr(wanted.region, section))
    plan: Plan[Any]
    for only, changes in ((("az2",), 0), (tuple(wanted.zones), 1)):
        if section == "volume_types":
            plan = volume_plan.plan_types(wanted, items, volume_model.Observed(types), volume_model.Options(only))
        else:
            seen = share_model.Observed(types=types)
            plan = share_plan.plan_types(wanted, items, seen, share_model.Options(only))
        assert (len(plan.changes), len(plan.notes)) == (changes, 1 - changes)
