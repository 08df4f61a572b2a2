# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers of a lost zone with ports of a real neutron."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from keystoneauth1.adapter import Adapter
from zonelab.client import LabClient

from .cloud import Cloud
from .lost import Lost


@dataclass
class Wired:
    """A zone that is lost, and the network of its servers."""

    lost: Lost
    neutron: Adapter
    network: str

    @classmethod
    def make(cls, lab: LabClient) -> Self:
        """One network."""
        cloud = Cloud(lab.clouds_file)
        neutron = Adapter(cloud.region.get_session(), service_type="network")
        network = str(neutron.post("/v2.0/networks", json={"network": {"name": "n"}}).json()["network"]["id"])
        subnet = {"network_id": network, "ip_version": 4, "cidr": "10.9.0.0/24"}
        neutron.post("/v2.0/subnets", json={"subnet": subnet})
        return cls(Lost.of(cloud, lab), neutron, network)

    def port(self) -> str:
        body = {"port": {"network_id": self.network, "name": "mine"}}
        return str(self.neutron.post("/v2.0/ports", json=body).json()["port"]["id"])

    def seen(self, port: str) -> dict[str, Any]:
        return dict(self.neutron.get(f"/v2.0/ports/{port}").json()["port"])

    def of(self, server: str) -> list[dict[str, Any]]:
        return list(self.neutron.get(f"/v2.0/ports?device_id={server}").json()["ports"])

    def until_active(self, server: str) -> list[dict[str, Any]]:
        """Until its host's agent has set up all its ports, which nova does not wait for."""
        self.lost.until_gone(lambda: [port for port in self.of(server) if port["status"] != "ACTIVE"])
        return self.of(server)

    def until_released(self, port: str) -> None:
        """Until the port has no device."""
        self.lost.until_gone(lambda: [found for found in [self.seen(port)] if found["device_id"]])

    def give(self, port: str, server: str) -> None:
        """The port to a server, as nova does it."""
        found = self.lost.server(server)
        body = {
            "device_id": server,
            "device_owner": f"compute:{found['OS-EXT-AZ:availability_zone']}",
            "binding:host_id": found["OS-EXT-SRV-ATTR:host"],
        }
        self.neutron.put(f"/v2.0/ports/{port}", json={"port": body})


@contextmanager
def with_neutron(state: Path) -> Iterator[LabClient]:
    """A lab with a real neutron."""
    zonelab = [sys.executable, "-m", "zonelab", "--state", str(state)]
    extras = ("--neutron", "--report-interval", "2")
    subprocess.run([*zonelab, "up", "--fresh", *extras, "--with-parent", str(os.getpid())], check=True)
    try:
        yield LabClient(state)
    finally:
        subprocess.run([*zonelab, "down"], check=True)
