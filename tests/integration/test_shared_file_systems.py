# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Share types that are right in every zone, and shared file systems that are what the map says, or a zone that fails and says why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from zonelab.client import LabClient

from .conftest import MakeInventory
from .harness.cloud import Cloud
from .harness.four_ways import four_ways
from .harness.inventory import ZONES, hosts_of
from .harness.play import COLLECTION, Player
from .harness.shares import Shares, ShareType

PLAYBOOKS = COLLECTION / "tests" / "integration" / "playbooks"
ROLE = PLAYBOOKS / "shared_file_systems.yml"
VERIFY = PLAYBOOKS / "shared_file_systems_verify.yml"
SERVICES = PLAYBOOKS / "share_services.yml"
COMPARE = PLAYBOOKS / "share_services_info.yml"
ACCESS = PLAYBOOKS / "share_access.yml"
SIGN_IN = ["GET /v3", "POST /v3/auth/tokens"]
GOLD = {"name": "{zone}-gold", "share_backend_name": "{zone}"}
AZ, BACKEND = "availability_zones", "share_backend_name"
SOMEBODY = "0123456789abcdef0123456789abcdef"


def zone_files(**changes: Any) -> dict[str, Any]:
    """The zones of the lab with their back ends."""
    return {
        zone: {"compute": {"hosts": hosts_of(zone)}, "share_backends": [{}], **changes.get(zone, {})} for zone in ZONES
    }


@pytest.fixture
def shares(cloud: Cloud) -> Iterator[Shares]:
    found = Shares(cloud)
    found.empty()
    yield found
    found.empty()


@pytest.mark.aged
def test_types_four_ways_from_what_somebody_left(
    play: Player, cloud: Cloud, shares: Shares, make_inventory: MakeInventory
) -> None:
    """A type that is there with a spec of its own, a private one that somebody else may use, one that is missing, one of two zones."""
    shares.add_type("az1-gold", {AZ: "az3", BACKEND: "az1", "mine": "kept"})
    shares.add_type("secret", {"old": "1"}, public=False, projects=[SOMEBODY])
    shares.add_type("foreign", {"a": "b"})
    kinds = [
        GOLD,
        {"name": "secret", "zones": ["az1"], "public": False, "projects": ["admin"], "extra_specs": {"old": None}},
        {"name": "north", "zones": ["az1", "az2"], "description": "either", "extra_specs": {"snapshot_support": True}},
    ]
    inventory = make_inventory(zone_files(), {"share_types": kinds})
    ways = four_ways(play, cloud, ROLE, inventory, shares.types)
    north = (
        "create share type north: availability_zones=az1,az2, driver_handles_share_servers=False, snapshot_support=true"
    )
    gold = (
        "create share type {0}-gold: availability_zones={0}, driver_handles_share_servers=False, share_backend_name={0}"
    )
    assert ways.run.plans == {
        "az1": [
            "set extra specs of share type az1-gold: availability_zones=az1",
            "set extra specs of share type secret: availability_zones=az1",
            "remove extra spec old of share type secret",
            f"let project {shares.project} use share type secret",
            north,
        ],
        "az2": [gold.format("az2"), north],
        "az3": [gold.format("az3")],
    }
    assert shares.types() == {
        "az1-gold": ShareType({AZ: "az1", BACKEND: "az1", "mine": "kept"}),
        "az2-gold": ShareType({AZ: "az2", BACKEND: "az2"}),
        "az3-gold": ShareType({AZ: "az3", BACKEND: "az3"}),
        "secret": ShareType({AZ: "az1"}, public=False, projects=tuple(sorted((shares.project, SOMEBODY)))),
        "north": ShareType({AZ: "az1,az2", "snapshot_support": "true"}, description="either"),
        "foreign": ShareType({"a": "b"}),
    }
    assert shares.add_share("s", "az2-gold")["availability_zone"] == "az2"

    # What a run that has nothing to do costs, for any number of zones.
    again = play(ROLE, inventory)
    assert again.calls("manila") == [
        "GET /v2/types?is_public=all",
        f"GET /v2/types/{shares.id_of('secret')}/share_type_access",
        "GET /v2/services",
        "GET /v2/scheduler-stats/pools/detail",
        "GET /v2/types/default",
    ]
    assert sorted(again.calls("keystone")) == sorted([*SIGN_IN * 2, "GET /v3/projects"])
    assert again.calls("nova") == again.calls("cinder") == []


def test_what_manila_lacks_fails_its_zone_alone(
    play: Player, shares: Shares, lab: LabClient, make_inventory: MakeInventory
) -> None:
    """An availability zone without a manila-share, a back end that nobody reports, other share servers; and a zone that is lost afterwards."""
    zones = {**zone_files(az2={"share_backends": []}), "az9": {"compute": {"hosts": []}}}
    shares.add_type("servers", {AZ: "az3"})
    kinds = [
        {**GOLD, "zones": ["az1"]},
        {"name": "ghost", "zones": ["az2"], BACKEND: "ghost"},
        {"name": "nine", "zones": ["az9"]},
    ]
    run = play(ROLE, make_inventory(zones, {"share_types": kinds}))
    # What was to be made comes first, then what the comparison of the services has to say.
    assert {zone: message.splitlines()[0] for zone, message in run.failures.items()} == {
        "az2": "share type ghost: no back end of availability zone az2 reports share_backend_name ghost; there: lab@az2 (az2). "
        "Correct the name, or start or enable that back end.",
        "az9": "share type nine: availability zone az9 is not known to manila, which has az1, az2, az3. "
        "Start a manila-share there first, or correct the zone's name.",
    }
    assert (
        "share type ghost: no working back end of zone az2 reports ghost; there: lab@az2 (up)." in run.failures["az2"]
    )
    assert set(shares.types()) == {"az1-gold", "servers"}

    lab.stop_zone("az3", now=True, services=["manila"])
    try:
        run = play(ROLE, make_inventory(zone_files(), {"share_types": [GOLD]}), "--check")
        assert run.failures["az3"].startswith("share type az3-gold: no back end of availability zone az3")
        assert "manila-share lab@az3 is down." in run.failures["az3"]
        assert set(run.failures) == {"az3"}
    finally:
        lab.start_zone("az3", services=["manila"])


def test_a_type_keeps_its_share_servers_and_the_zones_in_which_it_has_shares(
    play: Player, shares: Shares, make_inventory: MakeInventory
) -> None:
    shares.add_type("gold", {"mine": "kept"})
    share = shares.add_share("data", "gold", "az2")
    shares.add_type("servers", {AZ: "az3"})
    zones = zone_files(az3={"share_backends": []})
    kinds = [
        {"name": "gold", "zones": ["az1"]},
        {"name": "servers", "zones": ["az3"], "driver_handles_share_servers": True},
    ]
    inventory = make_inventory(zones, {"share_types": kinds})
    before = shares.types()
    run = play(ROLE, inventory)
    assert f"data ({share['id']}, project {shares.project}) in az2" in run.failures["az1"]
    assert "add to zoneops_allow (option allow): [zones_in_use]" in run.failures["az1"]
    assert "driver_handles_share_servers=False, which cannot change" in run.failures["az3"]
    assert set(run.failures) == {"az1", "az3"}
    assert shares.types() == before

    play(ROLE, inventory, "-e", json.dumps({"zoneops_allow": ["zones_in_use", "host_moves"]}))
    assert shares.types()["gold"] == ShareType({AZ: "az1", "mine": "kept"})


@pytest.mark.aged
def test_services_are_disabled_and_enabled_and_a_zone_without_one_is_known(
    play: Player, shares: Shares, make_inventory: MakeInventory
) -> None:
    inventory = make_inventory(zone_files())
    keeps_reasons = shares.newest == "2.83"

    def services(**options: Any) -> Any:
        return play(SERVICES, inventory, "-e", json.dumps({"limit": ["az2"], **options})).one("Services")

    off = services(status="disabled", reason="array work")
    verdict = off.result["zones"]["az2"]
    assert verdict["msg"] == "disable manila-share lab@az2" + (": zoneops: array work" if keeps_reasons else "")
    assert any("does not list availability zone az2" in warning for warning in verdict["warnings"])
    found = shares.services()["lab@az2"]
    assert (found["status"], found.get("disabled_reason")) == (
        "disabled",
        "zoneops: array work" if keeps_reasons else None,
    )
    assert not services(status="disabled", reason="array work").changed

    seen = play(COMPARE, inventory).one("Compare").result["zones"]["az2"]
    assert seen["msg"].startswith("manila-share lab@az2 is disabled")
    assert any("does not list availability zone az2" in warning for warning in seen["warnings"])

    if not keeps_reasons:
        assert "it is unknown by whom" in services(status="enabled").msg
    assert services(status="enabled", allow=[] if keeps_reasons else ["foreign_reasons"]).changed
    assert shares.services()["lab@az2"]["status"] == "enabled"

    shares.switch("lab@az2", enabled=False)
    assert "allow [foreign_reasons]" in services(status="enabled").msg
    assert "A manila-share is named HOST@BACKEND" in services(status="enabled", services=["lab"]).msg


def test_exports_in_their_zone_and_rules_that_reach_beyond(
    play: Player, shares: Shares, make_inventory: MakeInventory
) -> None:
    """The lab exports at 172.18.1.10 and .20 in the first zone, .11 for administrators only, and 172.18.2 in the second."""
    shares.add_type("local", {AZ: "az1,az2"})
    one, two = (shares.add_share(zone, "local", zone) for zone in ("az1", "az2"))
    inside = shares.add_rule(one["id"], "ip", "10.1.0.0/24")
    beyond = shares.add_rule(one["id"], "ip", "10.0.0.0/8")
    unbounded = shares.add_rule(one["id"], "cephx", "alice")
    zones = zone_files(
        # The address that only administrators are told lies outside.
        az1={"storage_networks": ["172.18.1.10/32", "172.18.1.20/32"], "client_networks": ["10.1.0.0/16"]},
        az2={"storage_networks": ["172.18.2.0/24"]},
    )
    kinds = [{"name": "local", "zones": ["az1", "az2"], "zone_local": True}]
    inventory = make_inventory(zones, {"share_types": kinds})
    seen = play(VERIFY, inventory)
    assert seen.rc == 0, seen.failures
    warnings = seen.of("Verify that the shared file systems match the zone map")["az1"].result["warnings"]
    assert [warning for warning in warnings if "access rule" in warning] == [
        f"az1: access rule {number} of share az1 ({one['id']}, project {shares.project}) {how}"
        for number, how in (
            (beyond, "is for 10.0.0.0/8, which is not within 172.18.1.10/32, 172.18.1.20/32, 10.1.0.0/16"),
            (unbounded, "is for the cephx identity alice, wherever it comes from (unbounded)"),
        )
    ]

    def access(**options: Any) -> Any:
        return play(ACCESS, inventory, "-e", json.dumps(options))

    refused = access(delete_rules=[inside])
    assert "does not reach beyond zone az1" in refused.failures["localhost"]
    assert refused.written == []
    done = access(delete_rules=[beyond])
    assert done.plans["az1"] == [
        f"delete access rule {beyond} (ip 10.0.0.0/8, rw) of share az1 ({one['id']}, project {shares.project})"
    ]
    assert shares.rules(one["id"]) == {inside, unbounded}
    again = access(delete_rules=[beyond])
    assert (again.rc, again.written) == (0, [])
    (told,) = again.one("Access").result["warnings"]
    assert f"no zone-local share in az1, az2, az3 has: {beyond}." in told
    assert again.calls("manila")[:2] == [
        "GET /v2/shares/detail?all_tenants=1&limit=1000&offset=0",
        "GET /v2/share_instances",
    ]
    assert len([call for call in again.calls("manila") if "share-access-rules" in call]) == 2
    assert len([call for call in again.calls("manila") if "export_locations" in call]) == 1

    swapped = {"storage_networks": ["172.18.3.0/24"]}
    outside = play(ACCESS, make_inventory({**zones, "az3": {}, "az2": swapped}, {"share_types": kinds}))
    assert (
        f"share az2 ({two['id']}, project {shares.project}) is exported at 172.18.2.10:/"
        in outside.failures["localhost"]
    )


def test_types_that_shall_not_be_there_four_ways(
    play: Player, cloud: Cloud, shares: Shares, make_inventory: MakeInventory
) -> None:
    """A private one of all zones goes; one that a share has stays, and says which."""
    shares.add_type("secret", {AZ: ",".join(ZONES)}, public=False, projects=[SOMEBODY])
    shares.add_type("other", {AZ: "az2"})
    gone = make_inventory(zone_files(), {"share_types": [{"name": "secret", "state": "absent"}]})
    ways = four_ways(play, cloud, ROLE, gone, shares.types)
    assert ways.run.plans == {zone: ["delete share type secret"] for zone in ZONES}
    assert set(shares.types()) == {"other"}

    share = shares.add_share("data", "other")
    inventory = make_inventory(zone_files(), {"share_types": [{"name": "other", "zones": ["az2"], "state": "absent"}]})
    run = play(ROLE, inventory)
    assert list(run.failures) == ["az2"]
    assert f"share type other cannot be deleted: in use by data ({share['id']}, project" in run.failures["az2"]
    assert (run.written, set(shares.types())) == ([], {"other"})
