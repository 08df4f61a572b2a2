# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports of servers of a lost zone, on a real neutron: they are taken with consent only, and with their addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from zonelab.client import LabClient

from ..conftest import MakeInventory
from ..harness.inventory import hosts_of
from ..harness.lost import HERE
from ..harness.maintenance import Answer
from ..harness.play import Player, Run
from ..harness.wired import Wired, with_neutron

AUDIT = "zoneops.openstack.audit"


@pytest.fixture(scope="module")
def neutron_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabClient]:
    """A lab of its own: that of all others has an empty neutron."""
    with with_neutron(tmp_path_factory.mktemp("wired")) as found:
        yield found


@pytest.fixture
def wired(neutron_lab: LabClient) -> Iterator[Wired]:
    """One network; afterwards everything runs and works again."""
    found = Wired.make(neutron_lab)
    yield found
    found.lost.clear()


def only(answer: Answer) -> dict[str, Any]:
    (found,) = answer.result["servers"]
    return dict(found)


def addresses(port: dict[str, Any]) -> list[str]:
    return [one["ip_address"] for one in port["fixed_ips"]]


def test_ports_go_to_the_new_server(wired: Wired) -> None:
    lost, mine = wired.lost, wired.port()
    root = lost.volume("root", b"system", bootable=True)
    old = lost.add("db", root=root, networks=[{"port": mine}, {"uuid": wired.network}])
    lost.back_up(root)
    before = {port["id"]: port for port in wired.of(old)}
    lost.die()
    refused = lost.restore(servers=["db"])
    assert (only(refused)["outcome"], refused.written) == ("refused", [])
    assert f"{mine} ({addresses(before[mine])[0]})" in only(refused)["reason"]
    assert "the old one loses them" in only(refused)["reason"]
    # Interrupted once nova has created the server with them: it is found, and no port is lost.
    lost.lab.add_fault("drop-after", service="nova", method="POST", path="/servers$", count=1)
    ran = lost.restore(servers=["db"], ports="take")
    assert not ran.result["failed"], ran.result["msg"]
    new = str(only(ran)["new"])
    after = {port["id"]: port for port in wired.until_active(new)}
    assert after.keys() == before.keys()
    for number, port in after.items():
        assert (addresses(port), port["status"]) == (addresses(before[number]), "ACTIVE")
        assert port["binding:host_id"] in hosts_of("az2")
        assert port["mac_address"] != before[number]["mac_address"]
        assert port["tags"] == [f"zoneops:restore:{old}"]
    assert lost.restore(servers=["db"], ports="take").written == []
    # As the page says: once the storage answers, and the port that a user made goes with the old server, and is given back.
    lost.lab.start_zone("az1", services=["cinder"])
    lost.cloud.compute.delete(f"/servers/{old}")
    wired.until_released(mine)
    wired.give(mine, new)
    lost.until_gone(lambda: [] if wired.seen(mine)["status"] == "ACTIVE" else [wired.seen(mine)])


def test_no_port_is_lost_with_a_server_that_is_not_created_or_fails(wired: Wired) -> None:
    """It is kept for the next one, and the one that failed is named until a person deletes it."""
    lost, mine = wired.lost, wired.port()
    root = lost.volume("root", b"system", bootable=True)
    old = lost.add("db", root=root, networks=[{"port": mine}])
    lost.back_up(root)
    before = wired.seen(mine)
    lost.die()
    lost.lab.add_fault("status", status=403, service="nova", method="POST", path="/servers$", count=1)
    ran = lost.restore(servers=["db"], ports="take")
    assert only(ran)["outcome"] == "failed"
    assert (
        f"{mine} ({addresses(before)[0]}) is kept for the new server (tag zoneops:restore:{old})" in only(ran)["reason"]
    )
    assert wired.seen(mine)["device_id"] == ""

    # As the next run would create it, and nova finds no host.
    lost.servers.flavor("huge", 10_000_000)
    made = {
        "name": "db",
        "flavorRef": lost.servers.flavor_id("huge"),
        "availability_zone": "az2",
        **lost.cloud.root(None),
    }
    marks = {"metadata": {"zoneops_restored_from": old}, "tags": ["zoneops:restored"], "networks": [{"port": mine}]}
    nova = lost.cloud.compute
    failed = nova.post("/servers", json={"server": {**made, **marks}}).json()["server"]["id"]
    lost.until_gone(lambda: [one for one in [lost.server(failed)] if one["status"] == "BUILD"])
    command = f"(openstack server delete {failed}), then run it again"
    for check in (True, False):
        again = lost.restore(servers=["db"], ports="take", check=check)
        assert (only(again)["outcome"], again.written, command in again.zone()["msg"]) == ("refused", [], True)
    nova.delete(f"/servers/{failed}")
    path = f"/servers/{failed}"
    lost.until_gone(lambda: [] if nova.get(path, raise_exc=False).status_code == 404 else [{"path": path}])
    wired.until_released(mine)
    ran = lost.restore(servers=["db"], ports="take")
    assert not ran.result["failed"], ran.result["msg"]
    (port,) = wired.until_active(str(only(ran)["new"]))
    assert (port["id"], addresses(port), port["status"]) == (mine, addresses(before), "ACTIVE")


def test_a_server_gets_other_ports(wired: Wired) -> None:
    lost = wired.lost
    root = lost.volume("root", b"system", bootable=True)
    old = lost.add("db", root=root, networks=[{"port": wired.port()}])
    lost.back_up(root)
    before = wired.until_active(old)
    lost.die()
    ran = lost.restore(servers=["db"], ports="new")
    assert not ran.result["failed"], ran.result["msg"]
    assert any("floating IPs stay at the old ports" in text for text in only(ran)["differs"])
    (port,) = wired.until_active(str(only(ran)["new"]))
    assert (port["id"] != before[0]["id"], port["network_id"], port["status"]) == (True, wired.network, "ACTIVE")
    assert wired.of(old) == before


def test_the_audit_names_what_is_on_dead_hosts(
    wired: Wired, neutron_lab: LabClient, make_inventory: MakeInventory
) -> None:
    lost = wired.lost
    lost.add("db", networks=[{"port": wired.port()}])
    agent = {"device_owner": "network:dhcp", "device_id": "dhcp-agent", "binding:host_id": HERE}
    body = {"port": {"network_id": wired.network, "name": "dhcp", **agent}}
    port = wired.neutron.post("/v2.0/ports", json=body).json()["port"]["id"]
    run = Player(neutron_lab, neutron_lab.clouds_file)(AUDIT, make_inventory())
    assert not {"server-on-dead-host", "port-on-dead-host"} & {one["rule"] for one in findings(run)}
    lost.lab.stop_zone("az1", now=True)
    run = Player(neutron_lab, neutron_lab.clouds_file)(AUDIT, make_inventory())
    named = {(one["rule"], one["name"]) for one in findings(run)}
    assert {("server-on-dead-host", "db"), ("port-on-dead-host", "dhcp")} <= named
    wired.neutron.delete(f"/v2.0/ports/{port}")


def findings(run: Run) -> list[dict[str, Any]]:
    return list(run.one("Audit the region, one call for all zones").result["findings"])
