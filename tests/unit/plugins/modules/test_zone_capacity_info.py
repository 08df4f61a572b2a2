# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module zone_capacity_info on a stand-in: what it asks, how often, and what becomes of services that do not answer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.modules import zone_capacity_info
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._capacity.answers import (
    FLAVOR,
    MAP,
    REGION,
    SERVICES,
    fill,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    Answer,
    StandIn,
    standing_in,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.modules.handed import hand

Look = Callable[..., dict[str, Any]]


@pytest.fixture
def cloud(cloud: StandIn) -> Iterator[StandIn]:
    """With placement and glance as well."""
    with standing_in(SERVICES) as running:
        yield running


@pytest.fixture
def look(cloud: StandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Look:
    """Run the module with these options."""

    def run(**options: Any) -> dict[str, Any]:
        given = cloud.params(**{**MAP, "region": REGION, "shared_disks": True, **options})
        warnings = hand(monkeypatch, given)
        with pytest.raises(SystemExit):
            zone_capacity_info.main()
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return {**answer, "warnings": warnings}

    return run


def asked(cloud: StandIn) -> Counter[str]:
    found = Counter(path.partition("?")[0] for _method, path in cloud.seen)
    cloud.seen.clear()
    return found


def test_one_zone_at_a_time(cloud: StandIn, look: Look) -> None:
    fill(cloud)
    answer = look()
    assert (answer["changed"], answer["bears"], answer["errors"], answer["warnings"]) == (False, True, {}, [])
    assert answer["zones"]["az1"]["state"]["crosses"] == 1
    assert answer["zones"]["az2"]["state"]["servers"] == 0
    assert answer["zones"]["az1"]["msg"] == "1 server: 1 crosses to another zone"
    assert answer["headroom"] == {
        "az1": {"percent": 100.0, "without": None},
        "az2": {"percent": 87.5, "without": "az1"},
    }
    assert answer["table"][0] == "If one zone at a time is lost:"
    assert {method for method, _path in cloud.seen} == {"GET"}


def test_hosts_together(cloud: StandIn, look: Look) -> None:
    fill(cloud)
    answer = look(hosts=["az1-0"], event="drained", lists=["fits"])
    assert answer["zones"] == {}
    assert answer["hosts"]["lists"]["fits"][0]["target"] == "az1-1"
    assert answer["table"][0] == "If hosts are drained:"
    assert answer["problems"] == []
    below = look(hosts=["az1-0"], threshold=99)
    assert below["problems"] == [
        "with host az1-0 lost, 91.7 % is free on the other hosts, less than zoneops_capacity_threshold (99 %); add hosts"
    ]


def test_the_number_of_calls_does_not_grow(cloud: StandIn, look: Look) -> None:
    fill(cloud)
    look()
    once = asked(cloud)
    assert max(once.values()) == 2
    assert {path for path, count in once.items() if count == 2} == {
        "/compute/os-server-groups",
        "/image/v2/images",
        "/placement/allocation_candidates",
    }
    assert not [path for path in once if "hypervisors" in path]
    fill(cloud, hosts=40, servers=200)
    look()
    assert asked(cloud) == once


def test_a_call_for_each_shape_that_is_asked_about(cloud: StandIn, look: Look) -> None:
    fill(cloud)
    traits = {**FLAVOR, "extra_specs": {"trait:X": "required", "trait:Y": "forbidden"}}
    listed = cloud.answers["GET", "/compute/servers/detail"][0].body["servers"]
    other = {**listed[0], "id": "s9", "flavor": traits}
    elsewhere = {**listed[0], "id": "s8", "flavor": {**FLAVOR, "vcpus": 7}, "OS-EXT-SRV-ATTR:host": "az2-0"}
    cloud.on_get("/compute/servers/detail", {"servers": [*listed, other, elsewhere]})
    look(limit=["az1"])
    queries = sorted(path.partition("?")[2] for _method, path in cloud.seen if "candidates" in path)
    assert queries == [
        "resources=MEMORY_MB%3A1",
        "resources=MEMORY_MB%3A512%2CVCPU%3A1",
        "resources=MEMORY_MB%3A512%2CVCPU%3A1&required=%21Y%2CX",
    ]


def test_providers_of_other_names_cost_a_list_of_hypervisors_without_their_uptime(cloud: StandIn, look: Look) -> None:
    fill(cloud, names="node-{}")
    answer = look()
    assert answer["zones"]["az1"]["state"]["crosses"] == 1
    (asking,) = [index for index, (_method, path) in enumerate(cloud.seen) if "hypervisors" in path]
    versions = {name.lower(): value for name, value in cloud.headers[asking].items()}
    assert versions["openstack-api-version"] == "compute 2.87"


def test_pins_that_are_not_seen(cloud: StandIn, look: Look) -> None:
    fill(cloud, version="2.95")
    answer = look()
    assert answer["zones"]["az1"]["state"]["waits"] == 1
    assert answer["warnings"] == [
        "nova does not show to which zone a server is pinned (before 2.96): each counts as pinned to its own zone"
    ]
    assert look(movable=["pinned"])["zones"]["az1"]["state"]["crosses"] == 1


@pytest.mark.parametrize(
    ("path", "about", "outcome"),
    [
        ("/volume/volumes/detail", "cinder volumes", "waits"),
        ("/network/v2.0/ports", "neutron ports", "waits"),
        ("/network/v2.0/networks", "neutron networks", "waits"),
        ("/network/v2.0/agents", "neutron agents", "crosses"),
        ("/volume/os-services", "cinder services", "crosses"),
        ("/image/v2/images", "glance images", "crosses"),
    ],
)
def test_what_cannot_be_read_counts_as_unknown(cloud: StandIn, look: Look, path: str, about: str, outcome: str) -> None:
    fill(cloud)
    cloud.on("GET", path, Answer(403, {"forbidden": {"message": "no right"}}))
    answer = look()
    assert list(answer["errors"]) == [about]
    assert answer["zones"]["az1"]["state"][outcome] == 1
    assert any(warning.startswith(f"{about} could not be read and counts as unknown") for warning in answer["warnings"])


@pytest.mark.parametrize(
    "path", ["/placement/allocation_candidates", "/compute/servers/detail", "/compute/os-services"]
)
def test_without_nova_or_placement_there_is_no_answer(cloud: StandIn, look: Look, path: str) -> None:
    fill(cloud)
    cloud.on("GET", path, Answer(403, {"forbidden": {"message": "no right"}}))
    answer = look()
    assert answer["failed"]
    assert "no right" in answer["msg"]


def test_the_threshold_fails_a_zone(cloud: StandIn, look: Look) -> None:
    fill(cloud, servers=9)
    answer = look(threshold=10)
    assert not answer["failed" if "failed" in answer else "changed"]
    assert answer["zones"]["az1"]["failed"]
    assert answer["zones"]["az1"]["refusals"][0]["rule"] == "capacity"
    assert (
        "with zone az1 lost, 1 server finds no room: web-8 (s8); add 512 MEMORY_MB on az2-0"
        in answer["zones"]["az1"]["msg"]
    )
    assert not answer["zones"]["az2"]["failed"]
    assert answer["msg"].startswith("failed: az1: with zone az1 lost")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"hosts": ["az1-9"]}, "option 'hosts': no compute host is named az1-9 (did you mean"),
        ({"hosts": []}, "option 'hosts' is empty"),
        ({"threshold": 101}, "option 'threshold' is 101: give a number of percent from 0 to 100"),
        ({"threshold": -1}, "option 'threshold' is -1"),
        ({"threshold": float("nan")}, "option 'threshold' is nan"),
        ({"limit": ["az9"]}, "no zone of the map is named az9"),
    ],
)
def test_options_that_cannot_be(cloud: StandIn, look: Look, options: dict[str, Any], said: str) -> None:
    fill(cloud)
    answer = look(**options)
    assert answer["failed"]
    assert said in answer["msg"]


def test_a_zone_that_nova_does_not_have(cloud: StandIn, look: Look) -> None:
    fill(cloud)
    zones = {**MAP["zones"], "az3": {"compute": {"hosts": ["az3-0"]}}}
    answer = look(zones=zones, region={"zones": ["az1", "az2", "az3"]})
    assert answer["warnings"] == ["zone az3: nova has no host in availability zone az3"]
    assert answer["zones"]["az3"]["msg"] == "no servers"


def test_a_cell_that_does_not_answer(cloud: StandIn, look: Look) -> None:
    fill(cloud)
    listed = cloud.answers["GET", "/compute/servers/detail"][0].body["servers"]
    lost = {**listed[0], "id": "s7", "OS-EXT-SRV-ATTR:host": "retired"}
    cloud.on_get("/compute/servers/detail", {"servers": [*listed, {"id": "s9", "status": "UNKNOWN"}, lost]})
    assert look()["warnings"] == [
        "a cell does not answer, 1 servers are UNKNOWN and not counted: s9",
        "servers are on hosts without a compute service and not counted: retired",
    ]


@pytest.mark.parametrize(("other", "outcome"), [(None, "waits"), ("up", "fits"), ("down", "waits")])
def test_storage_that_is_down(cloud: StandIn, look: Look, other: str | None, outcome: str) -> None:
    """Unless another service of its cluster serves the volume."""
    fill(cloud)
    down = {
        "binary": "cinder-volume",
        "host": "a@gold",
        "zone": "nova",
        "status": "enabled",
        "state": "down",
        "cluster": "c@gold",
    }
    services = [down, *([{**down, "host": "b@gold", "state": other}] if other else [])]
    cloud.on_get("/volume/os-services", {"services": services})
    (volume,) = cloud.answers["GET", "/volume/volumes/detail"][0].body["volumes"]
    cloud.on_get("/volume/volumes/detail", {"volumes": [{**volume, "os-vol-host-attr:host": "a@gold#pool"}]})
    answer = look(hosts=["az1-0"])["hosts"]
    assert answer[outcome] == 1
    if outcome == "waits":
        (server,) = answer["lists"]["waits"]
        assert server["reason"] == "its volume v0 is served by cinder-volume a@gold, which is down"
