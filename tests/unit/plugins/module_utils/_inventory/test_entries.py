# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cloud has, as hosts of an inventory."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Aggregate, Host, Observed
from ansible_collections.zoneops.openstack.plugins.module_utils._inventory import entries
from ansible_collections.zoneops.openstack.plugins.module_utils._inventory.entries import Entry
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError

OURS = "zoneops: maintenance, emptied: new kernel"


def host(name: str, state: str = "up", reason: str | None = None, *, forced: bool = False) -> Host:
    return Host(name, f"id-{name}", "az", state, "disabled" if reason else "enabled", reason, forced)


def cloud(*hosts: Host) -> Observed:
    """Zone az1 with the hosts a…, az2 with b…, an empty az3, and an aggregate without a zone."""
    names = [one.name for one in hosts]
    aggregates = (
        Aggregate("ssd", None, {}, tuple(name for name in names if name.endswith("1"))),
        Aggregate("first", "az1", {}, tuple(name for name in names if name.startswith("a"))),
        Aggregate("az2", "az2", {}, tuple(name for name in names if name.startswith("b"))),
        Aggregate("az3", "az3", {}, ()),
    )
    return Observed(aggregates, {one.name: one for one in hosts})


def server(name: str, number: str, status: str = "ACTIVE", **more: Any) -> dict[str, Any]:
    where = {"OS-EXT-SRV-ATTR:host": "a1", "OS-EXT-AZ:availability_zone": "az1"}
    return {"id": number, "name": name, "tenant_id": "shop", "status": status, **where, **more}


def grouped(found: list[Entry]) -> dict[str, list[str]]:
    return {entry["name"]: list(entries.groups(entry)) for entry in found}


@pytest.mark.parametrize(
    ("one", "states"),
    [
        (host("a1"), ["up"]),
        (host("a1", "down"), ["down"]),
        (host("a1", reason="broken fan"), ["up", "disabled"]),
        (host("a1", "down", "broken fan", forced=True), ["down", "disabled", "forced_down"]),
        (host("a1", reason=OURS), ["up", "disabled", "maintenance"]),
        (host("a1", "unknown"), ["down"]),
    ],
)
def test_states_of_a_compute_host(one: Host, states: list[str]) -> None:
    (found,) = entries.compute_hosts(cloud(one))
    assert found["states"] == states
    assert set(states) <= set(entries.STATES[entries.COMPUTE_HOSTS])


def test_a_maintenance_is_shown_with_its_reason() -> None:
    (found,) = entries.compute_hosts(cloud(host("a1", reason=OURS)))
    assert found["variables"]["maintenance"] == {"phase": "emptied", "reason": "new kernel", "of_zone": False}
    assert found["variables"]["disabled_reason"] == OURS


def test_groups_of_compute_hosts() -> None:
    assert grouped(entries.compute_hosts(cloud(host("b2"), host("a1"), host("free")))) == {
        "a1": ["az_az1", "aggregate_first", "aggregate_ssd", "state_up"],
        "b2": ["az_az2", "aggregate_az2", "state_up"],
        "free": ["state_up"],
    }


def test_zones_are_as_well_as_their_hosts() -> None:
    found = entries.zones(cloud(host("a1"), host("a2", "down"), host("a3", reason="fan"), host("b1"), host("free")))
    assert {entry["name"]: entry["states"] for entry in found} == {"az1": ["degraded"], "az2": ["up"], "az3": ["down"]}
    assert found[0]["variables"] == {
        "name": "az1",
        "state": "degraded",
        "hosts": ["a1", "a2", "a3"],
        "serving_hosts": ["a1"],
        "availability_zone": "az1",
        "aggregates": ["first"],
    }
    assert grouped(found)["az1"] == ["az_az1", "aggregate_first", "state_degraded"]


def test_a_server_has_what_is_needed_to_reach_it() -> None:
    addresses = {"shop": [{"addr": "10.0.0.5", "version": 4}]}
    listed = server("web", "5e", addresses=addresses, pinned_availability_zone="az1", image="", metadata={"role": "db"})
    (found,) = entries.servers([listed], cloud(host("a1")))
    assert found["variables"]["addresses"] == addresses
    assert found["variables"]["pinned_availability_zone"] == "az1"
    assert (found["variables"]["image_id"], found["variables"]["metadata"]) == (None, {"role": "db"})
    assert grouped([found]) == {"web": ["az_az1", "aggregate_first", "aggregate_ssd", "state_active"]}


def test_a_server_without_a_host_is_in_no_zone() -> None:
    shelved = {"OS-EXT-SRV-ATTR:host": None, "OS-EXT-AZ:availability_zone": ""}
    (found,) = entries.servers([server("web", "5e", "SHELVED_OFFLOADED", **shelved)], cloud(host("a1")))
    assert grouped([found]) == {"web": ["state_shelved_offloaded"]}


@pytest.mark.parametrize(
    "name",
    [
        *("localhost", "all", "ungrouped", "127.0.0.1", "10", "", "-x", "a b", "{{ 1 }}", "web,db", "web:5", "a[1:3]"),
        *("!web", "&web", "::1", "web\n", "~web", "a*", "bücher"),
        *(
            "LOCALHOST",
            "localhost.localdomain",
            "localhost4",
            "ip6-localhost",
            "0x7f000001",
            "127.0x1",
            "0177.1",
            "All",
        ),
        *("az_az1", "aggregate_ssd", "state_active", "a1", "az1", "6a"),
    ],
)
def test_a_name_that_means_something_to_ansible_is_replaced_by_the_id(name: str) -> None:
    # The id of the other one may not be taken by a name either.
    listed = entries.servers([server(name, "5e"), server("localhost", "6a")], cloud(host("a1")))
    found = next(one for one in listed if one["variables"]["id"] == "5e")
    assert found["name"] == "5e"
    assert found["variables"]["name"] == name


@pytest.mark.parametrize("name", ["web", "web-1.example.org", "Web_1", "x", "azimuth", "localhosts", "0xcafe-1"])
def test_a_plain_name_is_kept(name: str) -> None:
    assert entries.servers([server(name, "5e")], cloud(host("a1")))[0]["name"] == name


def test_servers_of_the_same_name_are_listed_by_their_ids() -> None:
    found = entries.servers([server("web", "7f"), server("web", "5e"), server("db", "6a")], cloud(host("a1")))
    assert [entry["name"] for entry in found] == ["db", "5e", "7f"]


def test_deleted_servers_are_left_out_and_take_no_name_away() -> None:
    listed = [server("web", "5e"), server("web", "6a", "SOFT_DELETED"), server("web", "7f", "DELETED")]
    assert [entry["name"] for entry in entries.servers(listed, cloud(host("a1")))] == ["web"]


def test_choosing() -> None:
    found = entries.compute_hosts(cloud(host("a1"), host("a2", "down"), host("b1", reason=OURS), host("free")))

    def names(**asked: Any) -> list[str]:
        return [entry["name"] for entry in entries.chosen(found, kind=entries.COMPUTE_HOSTS, **asked)]

    assert names() == ["a1", "a2", "b1", "free"]
    assert names(states=["down", "maintenance"]) == ["a2", "b1"]
    assert names(zones=["az1"]) == ["a1", "a2"]
    assert names(zones=["az1"], states=["forced_down"], allow_empty=True) == []
    with pytest.raises(
        ZoneopsError, match=r"no compute hosts in az1 are forced_down or maintenance, of 2 there are 1 down, 1 up\."
    ):
        names(zones=["az1"], states=["maintenance", "forced_down"])
    with pytest.raises(ZoneopsError, match=r"option .states. has active, broken, which compute hosts never are"):
        names(states=["broken", "active", "up"])
    with pytest.raises(
        ZoneopsError, match=r"has az3, az9, where nova lists no compute hosts: it lists some in az1, az2"
    ):
        names(zones=["az9", "az1", "az3"])


def test_entries_survive_a_cache_of_json() -> None:
    observed = cloud(host("a1", reason=OURS))
    found = [
        *entries.compute_hosts(observed),
        *entries.zones(observed),
        *entries.servers([server("web", "5e")], observed),
    ]
    assert json.loads(json.dumps(found)) == found
