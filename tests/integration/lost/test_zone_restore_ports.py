# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports of servers of a lost zone, on a real neutron: they are taken with consent only, and with their addresses."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from keystoneauth1.adapter import Adapter
from zonelab.client import LabClient

from ..conftest import MakeInventory
from ..harness.cloud import Cloud
from ..harness.inventory import hosts_of
from ..harness.lost import HERE, Lost
from ..harness.maintenance import Answer
from ..harness.play import Player, Run

AUDIT = "zoneops.openstack.audit"


@dataclass
class Wired:
    """A zone that is lost, and the network of its servers."""

    lost: Lost
    neutron: Adapter
    network: str

    def port(self) -> str:
        body = {"port": {"network_id": self.network, "name": "mine"}}
        return str(self.neutron.post("/v2.0/ports", json=body).json()["port"]["id"])

    def seen(self, port: str) -> dict[str, Any]:
        return dict(self.neutron.get(f"/v2.0/ports/{port}").json()["port"])

    def of(self, server: str) -> list[dict[str, Any]]:
        return list(self.neutron.get(f"/v2.0/ports?device_id={server}").json()["ports"])


@pytest.fixture(scope="module")
def neutron_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabClient]:
    """A lab of its own: that of all others has an empty neutron."""
    state = tmp_path_factory.mktemp("wired")
    zonelab = [sys.executable, "-m", "zonelab", "--state", str(state)]
    extras = ("--neutron", "--report-interval", "2")
    subprocess.run([*zonelab, "up", "--fresh", *extras, "--with-parent", str(os.getpid())], check=True)
    yield LabClient(state)
    subprocess.run([*zonelab, "down"], check=True)


@pytest.fixture
def wired(neutron_lab: LabClient) -> Iterator[Wired]:
    """One network; afterwards everything runs and works again."""
    cloud = Cloud(neutron_lab.clouds_file)
    neutron = Adapter(cloud.region.get_session(), service_type="network")
    network = str(neutron.post("/v2.0/networks", json={"network": {"name": "n"}}).json()["network"]["id"])
    subnet = {"network_id": network, "ip_version": 4, "cidr": "10.9.0.0/24"}
    neutron.post("/v2.0/subnets", json={"subnet": subnet})
    found = Wired(Lost.of(cloud, neutron_lab), neutron, network)
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
    after = {port["id"]: port for port in wired.of(new)}
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
    lost.until_gone(lambda: released(wired, mine))
    host = lost.server(new)["OS-EXT-SRV-ATTR:host"]
    body = {"device_id": new, "device_owner": "compute:az2", "binding:host_id": host}
    wired.neutron.put(f"/v2.0/ports/{mine}", json={"port": body})
    lost.until_gone(lambda: [] if wired.seen(mine)["status"] == "ACTIVE" else [wired.seen(mine)])


def released(wired: Wired, port: str) -> list[dict[str, Any]]:
    """The port, while it has a device."""
    found = wired.seen(port)
    return [found] if found["device_id"] else []


def test_a_server_gets_other_ports(wired: Wired) -> None:
    lost = wired.lost
    root = lost.volume("root", b"system", bootable=True)
    old = lost.add("db", root=root, networks=[{"port": wired.port()}])
    lost.back_up(root)
    before = wired.of(old)
    lost.die()
    ran = lost.restore(servers=["db"], ports="new")
    assert not ran.result["failed"], ran.result["msg"]
    assert any("floating IPs stay at the old ports" in text for text in only(ran)["differs"])
    (port,) = wired.of(str(only(ran)["new"]))
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
