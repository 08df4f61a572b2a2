# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's cloud as its operator and its users change it by hand, without the collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keystoneauth1.adapter import Adapter
from openstack.config import OpenStackConfig

from .waiting import Waiting

# Old enough for the posed release, and the services' actions go by UUID.
COMPUTE_VERSION = "2.90"
# Hosts by zone, whose aggregates have the names of the zones.
Zones = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Aggregate:
    """A host aggregate; the metadata without the availability zone."""

    availability_zone: str | None
    hosts: tuple[str, ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()


class Cloud:
    """Calls of an administrator."""

    def __init__(self, clouds: Path, cloud: str = "lab") -> None:
        self.region = OpenStackConfig(config_files=[str(clouds)], load_envvars=False).get_one(cloud)
        session = self.region.get_session()
        self.compute = Adapter(session, service_type="compute", default_microversion=COMPUTE_VERSION)
        self.image = Adapter(session, service_type="image")
        self._image_id = ""

    def aggregates(self) -> dict[str, Aggregate]:
        found = {}
        for entry in self._aggregates():
            metadata = dict(entry["metadata"])
            zone = metadata.pop("availability_zone", None)
            found[entry["name"]] = Aggregate(zone, tuple(sorted(entry["hosts"])), tuple(sorted(metadata.items())))
        return found

    def _aggregates(self) -> list[dict[str, Any]]:
        return list(self.compute.get("/os-aggregates").json()["aggregates"])

    def add_aggregate(
        self, name: str, zone: str | None, hosts: Iterable[str] = (), metadata: Mapping[str, str] | None = None
    ) -> None:
        body = {"aggregate": {"name": name, **({"availability_zone": zone} if zone else {})}}
        number = self.compute.post("/os-aggregates", json=body).json()["aggregate"]["id"]
        if metadata:
            self._act(number, set_metadata={"metadata": dict(metadata)})
        for host in hosts:
            self._act(number, add_host={"host": host})

    def make_zones(self, zones: Zones) -> None:
        """An aggregate for each that has none."""
        there = {entry["name"] for entry in self._aggregates()}
        for zone, hosts in zones.items():
            if zone not in there:
                self.add_aggregate(zone, zone, hosts)

    def act(self, aggregate: str, **action: Any) -> None:
        """`add_host`, `remove_host` or `set_metadata` of an aggregate."""
        (number,) = (entry["id"] for entry in self._aggregates() if entry["name"] == aggregate)
        self._act(number, **action)

    def _act(self, number: int, **action: Any) -> None:
        self.compute.post(f"/os-aggregates/{number}/action", json=action)

    def rename_aggregate(self, aggregate: str, name: str) -> None:
        (number,) = (entry["id"] for entry in self._aggregates() if entry["name"] == aggregate)
        self.compute.put(f"/os-aggregates/{number}", json={"aggregate": {"name": name}})

    def delete_aggregate(self, name: str) -> None:
        """One without hosts."""
        (number,) = (entry["id"] for entry in self._aggregates() if entry["name"] == name)
        self.compute.delete(f"/os-aggregates/{number}")

    def services(self) -> dict[str, dict[str, Any]]:
        """The compute services by host."""
        listed = self.compute.get("/os-services?binary=nova-compute").json()["services"]
        return {entry["host"]: entry for entry in listed}

    def set_service(self, host: str, **values: Any) -> None:
        self.compute.put(f"/os-services/{self.services()[host]['id']}", json=values)

    def add_server(self, name: str, zone: str | None = None, volume: str | None = None) -> str:
        """A server without networks that became active, of the image or of a volume that goes with it; its host."""
        wanted: dict[str, Any] = {"name": name, "flavorRef": self._flavor(), **self.root(volume)}
        wanted |= {"networks": "none", **({"availability_zone": zone} if zone else {})}
        number = self.compute.post("/servers", json={"server": wanted}).json()["server"]["id"]
        server = self._until_not(number, "BUILD")
        assert server["status"] == "ACTIVE", server.get("fault")
        return str(server["OS-EXT-SRV-ATTR:host"])

    def root(self, volume: str | None) -> dict[str, Any]:
        if volume is None:
            return {"imageRef": self._image()}
        disk = {"boot_index": 0, "uuid": volume, "source_type": "volume", "destination_type": "volume"}
        return {"block_device_mapping_v2": [{**disk, "delete_on_termination": True}]}

    def shelve(self, name: str) -> None:
        """Until it is off its host."""
        number = self.servers()[name]["id"]
        self.compute.post(f"/servers/{number}/action", json={"shelve": None})
        waiting = Waiting()
        while (server := self.servers()[name])["status"] != "SHELVED_OFFLOADED":
            waiting.pause(server)

    def delete_server(self, name: str) -> None:
        self.compute.delete(f"/servers/{self.servers()[name]['id']}")
        waiting = Waiting()
        while name in self.servers():
            waiting.pause(f"server {name} is still there after its deletion")

    def servers(self) -> dict[str, dict[str, Any]]:
        """All servers of all projects by name."""
        listed = self.compute.get("/servers/detail?all_tenants=1").json()["servers"]
        return {entry["name"]: entry for entry in listed}

    def _until_not(self, number: str, status: str) -> dict[str, Any]:
        waiting = Waiting()
        while True:
            server: dict[str, Any] = self.compute.get(f"/servers/{number}").json()["server"]
            if server["status"] != status:
                return server
            waiting.pause(server)

    def _flavor(self) -> str:
        listed = self.compute.get("/flavors").json()["flavors"]
        if not listed:
            body = {"flavor": {"name": "tiny", "ram": 64, "vcpus": 1, "disk": 0}}
            listed = [self.compute.post("/flavors", json=body).json()["flavor"]]
        return str(listed[0]["id"])

    def _image(self) -> str:
        """One of a single byte: nothing of these servers ever boots."""
        if not self._image_id:
            about = {"name": "tiny", "disk_format": "raw", "container_format": "bare", "visibility": "public"}
            self._image_id = self.image.post("/v2/images", json=about).json()["id"]
            stream = {"Content-Type": "application/octet-stream"}
            self.image.put(f"/v2/images/{self._image_id}/file", data=b"0", headers=stream)
        return self._image_id

    def forget_image(self) -> None:
        """The image of later servers is made anew: a test has deleted it."""
        self._image_id = ""

    def until_none_is_counted(self) -> None:
        """No host counts a server: what nova-compute counts once a minute, it may have begun to count before the last one was deleted."""
        waiting = Waiting()
        while counted := [one["hypervisor_hostname"] for one in self._hypervisors() if one["running_vms"]]:
            waiting.pause(f"deleted servers are still counted on {', '.join(counted)}")

    def _hypervisors(self) -> list[dict[str, Any]]:
        # Later ones count no servers.
        answer = self.compute.get("/os-hypervisors/detail", microversion="2.53")
        return list(answer.json()["hypervisors"])

    def empty(self, kept: Zones | None = None) -> None:
        """No server, no aggregate, every compute host enabled: the cloud as it first came up.

        :param kept: zones that stay where they are as `make_zones` makes them, since a host that is added or removed costs as much as six lists.
        """
        # Several can have one name.
        gone = [entry["id"] for entry in self.compute.get("/servers?all_tenants=1").json()["servers"]]
        for number in gone:
            # One that goes by itself is gone; that all are is seen below.
            self.compute.delete(f"/servers/{number}", raise_exc=False)
        waiting = Waiting()
        while gone and self.servers():
            waiting.pause("servers are still there after their deletion")
        for entry in self._aggregates():
            if not _is_zone(entry, kept or {}):
                for host in entry["hosts"]:
                    self._act(entry["id"], remove_host={"host": host})
                self.compute.delete(f"/os-aggregates/{entry['id']}")
        for host, service in self.services().items():
            if service["status"] != "enabled" or service["forced_down"]:
                self.set_service(host, status="enabled", forced_down=False)


def _is_zone(aggregate: Mapping[str, Any], zones: Zones) -> bool:
    name = aggregate["name"]
    return (
        name in zones
        and aggregate["metadata"] == {"availability_zone": name}
        and sorted(aggregate["hosts"]) == sorted(zones[name])
    )
