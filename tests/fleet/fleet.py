# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers in quantity, made by hand, as a cloud has them: flavors, a group, volumes and ports; some are off, some paused."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from keystoneauth1.adapter import Adapter
from zonelab.client import LabClient

from ..integration.harness.block_storage import BlockStorage
from ..integration.harness.cloud import Cloud
from ..integration.harness.shares import Shares

ZONES = ("az1", "az2")
HOSTS, SERVERS = 10, 200
PATIENCE = 1800.0
# What a server is, by its number within twenty: boots from a volume, has a port, belongs to a group, is off, is paused. The others are plain.
KINDS = {0: "volume", 1: "port", 2: "group", 3: "off", 4: "off", 5: "paused"}
EVERY = 20
FLAVORS = {"small": 64, "medium": 256}
# How many are made before it is waited for them.
AT_ONCE = 25


def hosts_of(zone: str) -> list[str]:
    return [f"compute-{zone}-{number}" for number in range(HOSTS)]


class Fleet:
    """Servers of one project, spread over the hosts of the first zone, pinned to none."""

    def __init__(self, cloud: Cloud, lab: LabClient, count: int) -> None:
        self.cloud = cloud
        self.lab = lab
        self.names = [f"{KINDS.get(number % EVERY, 'plain')}-{number}" for number in range(count)]
        session = cloud.region.get_session()
        self.nova = Adapter(session, service_type="compute", default_microversion="2.90")
        self.placement = Adapter(session, service_type="placement", default_microversion="1.29")
        self.network = Adapter(session, service_type="network")
        self.volumes = BlockStorage(cloud)

    def build(self) -> None:
        for zone in ZONES:
            self.cloud.add_aggregate(zone, zone, hosts_of(zone))
        flavors = {
            name: self.nova.post("/flavors", json={"flavor": {"name": name, "ram": ram, "vcpus": 1, "disk": 0}}).json()[
                "flavor"
            ]["id"]
            for name, ram in FLAVORS.items()
        }
        group = {"server_group": {"name": "spread", "policy": "soft-anti-affinity"}}
        hint = {"os:scheduler_hints": {"group": self._made("/os-server-groups", group)}}
        network = self._network()
        for number, name in enumerate(self.names):
            kind = name.partition("-")[0]
            wanted: dict[str, Any] = {
                "name": name,
                "flavorRef": flavors["medium" if number % 3 == 0 else "small"],
                "host": hosts_of(ZONES[0])[number % HOSTS],
                "networks": [{"port": self._port(network)}] if kind == "port" else "none",
                **self.cloud.root(self._volume(name) if kind == "volume" else None),
            }
            self.nova.post("/servers", json={"server": wanted, **(hint if kind == "group" else {})})
            if number % AT_ONCE == AT_ONCE - 1:
                self.until(lambda: not self.busy())
        self.until(lambda: not self.busy())
        found = self.cloud.servers()
        for name, server in found.items():
            action = {"off": "os-stop", "paused": "pause"}.get(name.partition("-")[0])
            if action:
                self.nova.post(f"/servers/{server['id']}/action", json={action: None})
        self.until(lambda: not self.busy())
        wanted_statuses = {name: self.status_of(name) for name in self.names}
        assert self.statuses() == wanted_statuses

    @staticmethod
    def status_of(name: str) -> str:
        """That a server has when nobody has touched it."""
        return {"off": "SHUTOFF", "paused": "PAUSED"}.get(name.partition("-")[0], "ACTIVE")

    def _made(self, path: str, body: Mapping[str, Any]) -> str:
        answer = self.nova.post(path, json=dict(body)).json()
        return str(answer[next(iter(body))]["id"])

    def _network(self) -> str:
        """One that all hosts reach."""
        about = {"name": "flat", "provider:network_type": "flat", "provider:physical_network": "physnet1"}
        number = self.network.post("/v2.0/networks", json={"network": about}).json()["network"]["id"]
        subnet = {"network_id": number, "ip_version": 4, "cidr": "10.9.0.0/22"}
        self.network.post("/v2.0/subnets", json={"subnet": subnet})
        return str(number)

    def _port(self, network: str) -> str:
        return str(self.network.post("/v2.0/ports", json={"port": {"network_id": network}}).json()["port"]["id"])

    def _volume(self, name: str) -> str:
        """Of the first zone, with an image on it."""
        image = self.cloud.root(None)["imageRef"]
        body = {"name": name, "size": 1, "availability_zone": ZONES[0], "imageRef": image}
        number = str(self.volumes.api.post("/volumes", json={"volume": body}).json()["volume"]["id"])
        self.until(lambda: self.volumes.api.get(f"/volumes/{number}").json()["volume"]["status"] == "available")
        return number

    def servers(self) -> dict[str, dict[str, Any]]:
        return self.cloud.servers()

    def statuses(self) -> dict[str, str]:
        return {name: one["status"] for name, one in self.servers().items()}

    def zones(self) -> dict[str, set[str]]:
        """The servers of each zone."""
        found: dict[str, set[str]] = {zone: set() for zone in ZONES}
        for name, one in self.servers().items():
            found[str(one["OS-EXT-SRV-ATTR:host"]).split("-")[1]].add(name)
        return found

    def on(self, host: str) -> list[str]:
        """The servers of a host."""
        return [name for name, one in self.servers().items() if one["OS-EXT-SRV-ATTR:host"] == host]

    def act(self, server: str, **action: Any) -> None:
        """An action that nova has to accept."""
        self.nova.post(f"/servers/{server}/action", json=action)

    def migrations(self) -> list[dict[str, Any]]:
        """All records of now, the newest first."""
        return list(self.nova.get("/os-migrations?limit=1000").json()["migrations"])

    def completed(self) -> list[dict[str, Any]]:
        """Those that took a server to another host."""
        return [one for one in self.migrations() if one["status"] in ("completed", "confirmed")]

    def unsettled(self) -> list[str]:
        """What nova still works on; a cold migration that has arrived waits for its confirmation."""
        return [name for name, one in self.servers().items() if one["OS-EXT-STS:task_state"]]

    def busy(self) -> list[str]:
        return [
            name
            for name, one in self.servers().items()
            if one["OS-EXT-STS:task_state"] or one["status"] in ("BUILD", "VERIFY_RESIZE", "MIGRATING")
        ]

    def allocations(self, zone: str) -> dict[str, list[str]]:
        """Who holds resources of the hosts of a zone."""
        providers = self.placement.get("/resource_providers").json()["resource_providers"]
        found = {}
        for one in providers:
            if one["name"] in hosts_of(zone):
                held = self.placement.get(f"/resource_providers/{one['uuid']}/allocations").json()["allocations"]
                if held:
                    found[one["name"]] = sorted(held)
        return found

    def disabled(self) -> dict[str, str]:
        """The reason of each compute host that is disabled."""
        return {
            host: str(found["disabled_reason"])
            for host, found in self.cloud.services().items()
            if found["status"] == "disabled"
        }

    def repair(self) -> None:
        """What no call of cinder 29 enables is enabled, and whatever a failed test left disabled."""
        self.volumes.new_backup_records(self.lab)
        for service in self.volumes.services().values():
            if service["status"] == "disabled" and service["binary"] == "cinder-volume":
                self.volumes.api.put("/os-services/freeze", json={"host": service["host"]})
                self.volumes.api.put("/os-services/thaw", json={"host": service["host"]})
        Shares(self.cloud).empty()

    def until(self, reached: Callable[[], object], seconds: float = PATIENCE) -> None:
        end = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < end, self.busy()
            time.sleep(1)
