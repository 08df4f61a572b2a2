# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module site_info: one look for all parts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.modules import site_info
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import Answer, StandIn
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._region.small_region import fill
from ansible_collections.zoneops.openstack.tests.unit.plugins.modules.handed import hand

Look = Callable[..., dict[str, Any]]
SHARE_TYPE = {"id": "1", "name": "az1", "share_type_access:is_public": True, "description": None}
SHARE_SPECS = {"driver_handles_share_servers": "False", "availability_zones": "az1"}
ZONES = {"az1": {"compute": {"hosts": ["compute-2"]}}}
REGION = {"zones": ["az1"], "share_types": [{"name": "az1"}]}


@pytest.fixture
def look(cloud: StandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Look:
    """Run the module with these options on the small region, which also has a share type."""
    fill(cloud)
    cloud.on_get("/share/types", {"share_types": [{**SHARE_TYPE, "extra_specs": SHARE_SPECS}]})
    cloud.on_get("/share/scheduler-stats/pools/detail", {"pools": []})
    share = {"id": 1, "binary": "manila-share", "host": "lab@az1", "zone": "az1", "status": "enabled", "state": "up"}
    cloud.on_get("/share/services", {"services": [share, {**share, "binary": "manila-scheduler", "host": "lab"}]})
    cloud.on("GET", "/share/types/default", Answer(404, {"itemNotFound": {"message": "no default"}}))

    def run(*, check: bool = False, **options: Any) -> dict[str, Any]:
        given = cloud.params(**{"zones": ZONES, "region": REGION, **options}, _ansible_check_mode=check)
        hand(monkeypatch, given)
        with pytest.raises(SystemExit):
            site_info.main()
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    return run


def test_settled_and_nothing_asked_twice(cloud: StandIn, look: Look) -> None:
    answer = look()
    assert (answer["settled"], answer["changed"], answer["failed"]) == (True, False, False), answer["msg"]
    assert answer["zones"]["az1"]["msg"] == "nothing to change"
    assert [host["name"] for host in answer["region"]["hosts"]] == ["compute-2", "compute-1"]
    assert set(answer["region"]["availability_zones"]) == {"nova", "cinder", "manila"}
    assert max(Counter(cloud.seen).values()) == 1
    assert {method for method, _path in cloud.seen} == {"GET"}


def test_what_a_run_would_change_is_no_change(look: Look) -> None:
    answer = look(region={**REGION, "share_types": [{"name": "az1", "description": "new"}]})
    assert (answer["settled"], answer["changed"]) == (False, False)
    assert answer["zones"]["az1"]["changed"]
    assert "region" not in answer


def test_check_mode_also_shows_the_region(look: Look) -> None:
    answer = look(region={**REGION, "share_types": [{"name": "az1", "description": "new"}]}, check=True)
    assert not answer["settled"]
    assert "region" in answer


def test_a_service_that_cannot_be_read_fails_its_zones(cloud: StandIn, look: Look) -> None:
    cloud.on("GET", "/share/types", Answer(403, {"forbidden": {"message": "no right"}}))
    answer = look()
    assert (answer["settled"], answer["failed"]) == (False, True)
    assert "403 no right" in answer["zones"]["az1"]["msg"]


def test_words_of_all_parts_are_allowed(look: Look) -> None:
    assert look(allow=["host_moves", "successor_types", "zones_in_use", "images_in_use"])["settled"]


def test_nodes_that_nova_has_still_to_discover_are_named_whoever_deployed_them(cloud: StandIn, look: Look) -> None:
    """The run that rolled them out may have been killed behind that: nothing but nova knows."""
    node = {"address": "192.0.2.1", "networks": [{"name": "ctlplane", "subnet": "subnet1"}]}
    plane = {"nodes": {"compute-9": node, "compute-8": {**node, "address": "192.0.2.2"}}}
    store = {"type": "cinder", "volume_type": "glance-az1"}
    zone = {"az1": {"kubernetes": {}, "image_store": store, "data_plane": plane}}
    given = {"zones": zone, "region": {"zones": ["az1"]}}
    nodes = ["compute-9.ctlplane.example.com", "compute-8.ctlplane.example.com"]
    answer = look(**given)
    assert sorted(answer["undiscovered"]) == sorted(nodes)
    assert answer["zones"]["az1"]["failed"]
    foreseen = look(**given, check=True)
    assert sorted(foreseen["undiscovered"]) == sorted(nodes)
    assert not foreseen["zones"]["az1"]["failed"]
    assert look()["undiscovered"] == []
    assert look(zones={"az1": {"compute": {"hosts": ["compute-9"]}}})["undiscovered"] == [], "nobody deploys it"


def test_what_is_refused_in_a_zone_that_is_still_to_come_is_a_note(look: Look) -> None:
    missing = {"az1": {"compute": {"hosts": ["compute-9"]}}}
    assert look(zones=missing)["zones"]["az1"]["failed"]
    zone = look(zones=missing, coming=["az1"], check=True)["zones"]["az1"]
    assert (zone["failed"], zone["refusals"]) == (False, [])
    (note,) = [text for text in zone["warnings"] if "Kubernetes side" in text]
    assert note.startswith("checked again when the Kubernetes side is created; now: ")
    assert "compute-9" in note
    assert "Kubernetes side" not in str(look(coming=["az1"])["zones"]["az1"]["warnings"])


def test_a_zone_that_one_part_refuses_is_changed_by_none(look: Look) -> None:
    """nova has something to do there; manila has no such back end."""
    zones = {"az1": {"compute": {"hosts": ["compute-2"], "metadata": {"tier": "silver"}}}}
    alone = look(zones=zones)
    assert (alone["zones"]["az1"]["changed"], alone["refused"]) == (True, {}), alone["msg"]
    types = [{"name": "az1"}, {"name": "gold", "share_backend_name": "nosuch"}]
    answer = look(zones=zones, region={**REGION, "share_types": types})
    zone = answer["zones"]["az1"]
    assert answer["refused"] == {"az1": zone}
    assert (zone["changed"], zone["failed"], zone["plan"]) == (False, True, [])
    assert "no_backend" in {refusal["rule"] for refusal in zone["refusals"]}
    assert zone["diff"] == {"before": {}, "after": {}}
    assert (answer["settled"], answer["failed"]) == (False, True)


def test_what_an_earlier_step_would_make_refuses_nothing(cloud: StandIn, look: Look) -> None:
    answer = look(zones={"az1": {"availability_zone": "az1", "share_backends": [{"name": "new"}]}}, coming=["az1"])
    assert answer["refused"] == {}
    assert not answer["failed"]


def test_what_a_zone_file_leaves_out_is_unmanaged_in_every_part(cloud: StandIn, look: Look) -> None:
    """The cloud has something of the zone everywhere, and other zones have all parts in their files."""
    up = {"zone": "az1", "status": "enabled", "state": "up"}
    services = [{**up, "binary": "cinder-volume", "host": "lab@az1"}, {**up, "binary": "cinder-scheduler", "host": "c"}]
    cloud.on_get("/volume/os-services", {"services": services})
    cloud.on_get("/volume/types", {"volume_types": []})
    cloud.on_get("/volume/types/default", {"volume_type": {"id": "d", "name": "d", "extra_specs": {}}})
    cloud.on_get("/volume/scheduler-stats/get_pools", {"pools": []})
    full = {
        "compute": {"hosts": ["compute-1"]},
        "volume_backends": [{"type": "vendor", "volume_backend_name": "lab"}],
        "share_backends": [{"type": "vendor", "share_backend_name": "lab"}],
    }
    types = [{"name": "gold", "zones": ["az2"]}]
    region = {"zones": ["az1", "az2", "az3"], "volume_types": types, "share_types": types}
    # Of az3 the cloud has nothing.
    answer = look(zones={"az1": {}, "az2": full, "az3": {}}, region=region, limit=["az1", "az3"])
    for zone in answer["zones"].values():
        assert (zone["failed"], zone["changed"], zone["plan"]) == (False, False, []), zone["msg"]
    assert {method for method, _path in cloud.seen} == {"GET"}
