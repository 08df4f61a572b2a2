# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volume types that are right in every zone, and block storage that is what the map says, or a zone that fails and says why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from zonelab.client import LabClient

from .conftest import MakeInventory
from .harness.block_storage import BlockStorage, VolumeType
from .harness.cloud import Cloud
from .harness.four_ways import four_ways
from .harness.inventory import ZONES, hosts_of
from .harness.play import COLLECTION, Player
from .harness.waiting import until

PLAYBOOKS = COLLECTION / "tests" / "integration" / "playbooks"
SITE = "zoneops.openstack.site"
ROLE = PLAYBOOKS / "block_storage.yml"
SERVICES = PLAYBOOKS / "block_storage_services.yml"
COMPARE = PLAYBOOKS / "block_storage_services_info.yml"
SIGN_IN = ["GET /v3", "POST /v3/auth/tokens"]
GOLD = {"name": "{zone}-gold", "volume_backend_name": "{zone}"}
AZ, BACKEND = "RESKEY:availability_zones", "volume_backend_name"


def zone_files(**changes: Any) -> dict[str, Any]:
    """The zones of the lab with their back ends."""
    return {
        zone: {"compute": {"hosts": hosts_of(zone)}, "volume_backends": [{}], **changes.get(zone, {})} for zone in ZONES
    }


@pytest.fixture
def volumes(cloud: Cloud) -> Iterator[BlockStorage]:
    found = BlockStorage(cloud)
    found.empty()
    yield found
    found.empty()


@pytest.mark.aged
def test_types_four_ways_from_what_somebody_left(
    play: Player, cloud: Cloud, volumes: BlockStorage, make_inventory: MakeInventory
) -> None:
    """A type that is there with a spec of its own, a private one that somebody else may use, one that is missing, one of two zones."""
    volumes.add_type("az1-gold", {AZ: "az3", BACKEND: "az1", "mine": "kept"})
    volumes.add_type("secret", {"old": "1"}, public=False, projects=["somebody"])
    volumes.add_type("foreign", {"a": "b"})
    kinds = [
        GOLD,
        {"name": "secret", "zones": ["az1"], "public": False, "projects": ["admin"], "extra_specs": {"old": None}},
        {"name": "north", "zones": ["az1", "az2"], "description": "either"},
    ]
    inventory = make_inventory(zone_files(), {"volume_types": kinds, "backup": {"mode": "zone", "zone": "az1"}})
    ways = four_ways(play, cloud, ROLE, inventory, volumes.types)
    assert ways.run.plans == {
        "az1": [
            "set extra specs of volume type az1-gold: RESKEY:availability_zones=az1",
            "set extra specs of volume type secret: RESKEY:availability_zones=az1",
            "remove extra spec old of volume type secret",
            f"let project {volumes.project} use volume type secret",
            "create volume type north: RESKEY:availability_zones=az1,az2",
        ],
        "az2": [
            "create volume type az2-gold: RESKEY:availability_zones=az2, volume_backend_name=az2",
            "create volume type north: RESKEY:availability_zones=az1,az2",
        ],
        "az3": ["create volume type az3-gold: RESKEY:availability_zones=az3, volume_backend_name=az3"],
    }
    assert volumes.types() == {
        "az1-gold": VolumeType({AZ: "az1", BACKEND: "az1", "mine": "kept"}),
        "az2-gold": VolumeType({AZ: "az2", BACKEND: "az2"}),
        "az3-gold": VolumeType({AZ: "az3", BACKEND: "az3"}),
        "secret": VolumeType({AZ: "az1"}, public=False, projects=tuple(sorted((volumes.project, "somebody")))),
        "north": VolumeType({AZ: "az1,az2"}, description="either"),
        "foreign": VolumeType({"a": "b"}),
    }
    assert volumes.add_volume("v", "az2-gold")["availability_zone"] == "az2"

    # What a run that has nothing to do costs, for any number of zones.
    again = play(ROLE, inventory)
    secret = f"GET /v3/types/{volumes.id_of('secret')}/os-volume-type-access"
    assert again.calls("cinder") == [
        "GET /v3/types?is_public=none",
        secret,
        "GET /v3/os-services",
        "GET /v3/os-availability-zone",
        "GET /v3/scheduler-stats/get_pools?detail=true",
        "GET /v3/types/default",
    ]
    assert again.calls("nova") == []
    assert sorted(again.calls("keystone")) == sorted([*SIGN_IN * 2, "GET /v3/projects"])


def test_a_zone_that_cinder_refuses_is_renamed_nowhere(
    play: Player, cloud: Cloud, volumes: BlockStorage, make_inventory: MakeInventory
) -> None:
    """Its file has another availability zone than cinder: nova keeps the old one, and the type of all zones keeps it too. The others go on."""
    region = {"volume_types": [{"name": "anywhere"}]}
    assert play(SITE, make_inventory(zone_files(), region)).rc == 0
    before = cloud.aggregates()
    files = zone_files(az2={"availability_zone": "north", "volume_backends": [{"name": "az2"}]})
    files["az2"]["compute"] |= {"aggregate": "az2"}
    files["az1"]["compute"] |= {"metadata": {"tier": "gold"}}
    inventory = make_inventory(files, region)
    allowed = ["-e", '{"zoneops_allow": ["az_change"]}']
    checked = play(SITE, inventory, *allowed, "--check")
    run = play(SITE, inventory, *allowed)
    assert set(run.failures) == set(checked.failures) == {"az2"}
    assert "availability zone north is not known to cinder" in run.failures["az2"]
    assert run.table["az2"][0] == "FAILED"
    after = cloud.aggregates()
    assert {name: found for name, found in after.items() if name != "az1"} == {
        name: found for name, found in before.items() if name != "az1"
    }
    assert after["az1"] != before["az1"]
    assert volumes.types() == {"anywhere": VolumeType({AZ: "az1,az2,az3"})}


def test_a_type_keeps_the_zone_that_left_the_inventory(
    play: Player, volumes: BlockStorage, make_inventory: MakeInventory
) -> None:
    region: dict[str, Any] = {"volume_types": [{"name": "anywhere"}]}
    assert play(ROLE, make_inventory(zone_files(), region)).rc == 0
    files = {zone: found for zone, found in zone_files().items() if zone != "az3"}
    run = play(ROLE, make_inventory(files, region))
    assert (run.rc, run.written) == (0, [])
    assert volumes.types() == {"anywhere": VolumeType({AZ: "az1,az2,az3"})}
    region["volume_types"][0] |= {"zones": ["az1", "az2"]}
    assert play(ROLE, make_inventory(files, region)).rc == 0
    assert volumes.types() == {"anywhere": VolumeType({AZ: "az1,az2"})}


@pytest.mark.edge
def test_what_cinder_lacks_fails_its_zone_alone(
    play: Player, volumes: BlockStorage, lab: LabClient, make_inventory: MakeInventory
) -> None:
    """An availability zone without a cinder-volume, a back end that nobody reports, and a zone that is lost afterwards."""
    zones = {**zone_files(az2={"volume_backends": []}), "az9": {"compute": {"hosts": []}}}
    kinds = [
        {**GOLD, "zones": ["az1"]},
        {"name": "ghost", "zones": ["az2"], BACKEND: "ghost"},
        {"name": "nine", "zones": ["az9"]},
    ]
    run = play(ROLE, make_inventory(zones, {"volume_types": kinds}))
    lacking = {
        "az2": "volume type ghost: no back end of availability zone az2 reports volume_backend_name ghost; there: lab@az2 (az2). "
        "Correct the name, or start or enable that back end.",
        "az9": "volume type nine: availability zone az9 is not known to cinder, which has az1, az2, az3. "
        "Start a cinder-volume there first, or correct the zone's name.",
    }
    # What was to be made comes first, then what the comparison of the services has to say.
    assert {zone: message.splitlines()[0] for zone, message in run.failures.items()} == lacking
    assert set(volumes.types()) == {"az1-gold"}

    lab.stop_zone("az3", now=True, services=["cinder"])
    try:
        until(lambda: volumes.services()["cinder-backup lab-az3"]["state"] == "down", "cinder-backup of az3 is down")
        inventory = make_inventory(zone_files(), {"volume_types": [GOLD], "backup": {"mode": "spread"}})
        run = play(ROLE, inventory, "--check")
        assert run.failures["az3"].startswith("volume type az3-gold: no back end of availability zone az3")
        assert "cinder-volume lab@az3 is down.\nno cinder-backup of zone az3 works" in run.failures["az3"]
        assert set(run.failures) == {"az3"}
    finally:
        lab.start_zone("az3", services=["cinder"])


def test_a_type_in_use_is_refused_with_its_volumes_or_succeeded(
    play: Player, cloud: Cloud, volumes: BlockStorage, make_inventory: MakeInventory
) -> None:
    volumes.add_type("gold", {BACKEND: "az1", "mine:own": "kept"}, public=False, projects=[volumes.project])
    volume = volumes.add_volume("data", "gold")
    kinds = [{"name": "gold", "zones": ["az1"]}, {**GOLD, "zones": ["az2"]}]
    inventory = make_inventory(zone_files(), {"volume_types": kinds})
    before = volumes.types()
    run = play(ROLE, inventory)
    assert set(run.failures) == {"az1"}
    assert f"data ({volume['id']}, project {volumes.project}, available)" in run.failures["az1"]
    assert "add to zoneops_allow (option allow): [successor_types]" in run.failures["az1"]
    assert volumes.types() == {**before, "az2-gold": VolumeType({AZ: "az2", BACKEND: "az2"})}

    ways = play(ROLE, inventory, "-e", json.dumps({"zoneops_allow": ["successor_types", "host_moves"]}))
    assert ways.rc == 0
    old = before["gold"]
    found = volumes.types()
    replaced = next(name for name in found if name.startswith("gold-replaced-"))
    assert found[replaced] == old
    assert found["gold"] == VolumeType({**old.specs, AZ: "az1"}, public=False, projects=old.projects)
    assert volumes.api.get(f"/volumes/{volume['id']}").json()["volume"]["volume_type"] == replaced
    assert play(ROLE, inventory).written == []


def test_services_are_disabled_by_their_full_name_and_enabled_in_earnest(
    play: Player, volumes: BlockStorage, make_inventory: MakeInventory
) -> None:
    """Cinder 29, which the lab runs, answers 200 to enabling a service and does nothing."""
    volumes.disable("cinder-volume", "lab@az1", "somebody's")
    az2 = {"limit": ["az2"], "binaries": ["volume"]}
    disable = {**az2, "status": "disabled", "reason": "array work"}
    enable = {**az2, "status": "enabled"}
    inventory = make_inventory(zone_files())

    def services(*steps: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (
            play(SERVICES, inventory, "-e", json.dumps({"steps": steps})).one("Services").result["results"]
        )
        return found

    off, again, kept = services(disable, disable, {**disable, "limit": ["az1"]})
    compared = play(COMPARE, inventory).one("Compare").result
    refused, on, foreign, never, bare = services(
        enable,
        {**enable, "allow": ["thaw"]},
        {**enable, "limit": ["az1"]},
        {**enable, "limit": ["az1"], "allow": ["foreign_reasons", "thaw"]},
        {**enable, "services": ["lab"]},
    )
    assert off["zones"]["az2"]["msg"] == "disable cinder-volume lab@az2: zoneops: array work"
    assert (off["changed"], again["changed"], on["changed"]) == (True, False, True)
    assert (kept["changed"], kept["zones"]["az1"]["failed"]) == (False, False)
    assert "lab@az1 is already disabled by others (somebody's): the reason is kept" in " ".join(
        kept["zones"]["az1"]["warnings"]
    )
    assert "cinder-volume lab@az2 is disabled (zoneops: array work)" in compared["msg"]
    assert "cinder accepted the request and did nothing" in refused["msg"]
    assert "to enable it by freezing and thawing it: allow [thaw]" in refused["msg"]
    assert "was disabled (somebody's) by others" in foreign["msg"]
    assert "others disabled it (somebody's), and freezing would erase that reason" in never["msg"]
    assert "A cinder-volume is named HOST@BACKEND" in bare["msg"]
    now = volumes.services()
    assert {name: now[f"cinder-volume lab@{name}"]["status"] for name in ZONES} == {
        "az1": "disabled",
        "az2": "enabled",
        "az3": "enabled",
    }
    assert now["cinder-volume lab@az1"]["disabled_reason"] == "somebody's"


def test_types_that_shall_not_be_there_four_ways(
    play: Player, cloud: Cloud, volumes: BlockStorage, make_inventory: MakeInventory
) -> None:
    """One for each zone goes; then one that a volume has stays, and says which."""
    for zone in ZONES:
        volumes.add_type(f"{zone}-gold", {AZ: zone, BACKEND: zone})
    volumes.add_type("other", {AZ: "az1"})
    gone = make_inventory(zone_files(), {"volume_types": [{**GOLD, "state": "absent"}]})
    ways = four_ways(play, cloud, ROLE, gone, volumes.types)
    assert ways.run.plans == {zone: [f"delete volume type {zone}-gold"] for zone in ZONES}
    assert set(volumes.types()) == {"other"}

    volume = volumes.add_volume("data", "other")
    inventory = make_inventory(zone_files(), {"volume_types": [{"name": "other", "zones": ["az1"], "state": "absent"}]})
    run = play(ROLE, inventory)
    assert list(run.failures) == ["az1"]
    assert f"volume type other cannot be deleted: in use by data ({volume['id']}, project" in run.failures["az1"]
    assert (run.written, set(volumes.types())) == ([], {"other"})
