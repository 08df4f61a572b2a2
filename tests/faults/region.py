# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The region as its API shows it, in a form that can be compared, and made by hand: without the collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from keystoneauth1.adapter import Adapter
from openstack.config import OpenStackConfig

LOCK = "zoneops:lock"


@dataclass(frozen=True)
class Aggregate:
    """A host aggregate.

    :ivar mirrored: hosts whose resource providers carry the aggregate in placement; None stands for exactly its hosts.
    """

    zone: str | None
    hosts: frozenset[str] = frozenset()
    metadata: frozenset[tuple[str, str]] = frozenset()
    mirrored: frozenset[str] | None = None


def aggregate(zone: str | None, *hosts: str, mirrored: Iterable[str] | None = None, **metadata: str) -> Aggregate:
    members = frozenset(hosts)
    return Aggregate(zone, members, frozenset(metadata.items()), members if mirrored is None else frozenset(mirrored))


@dataclass(frozen=True)
class State:
    """Aggregates by name, and the reason of each compute service that is disabled, by host. Without the lock."""

    aggregates: Mapping[str, Aggregate] = field(default_factory=dict)
    disabled: Mapping[str, str] = field(default_factory=dict)

    def zones_of(self, host: str) -> set[str]:
        return {found.zone for found in self.aggregates.values() if found.zone is not None and host in found.hosts}


class Region:
    """Calls of an administrator."""

    def __init__(self, clouds: Path, cloud: str = "lab") -> None:
        session = OpenStackConfig(config_files=[str(clouds)], load_envvars=False).get_one(cloud).get_session()
        self.nova = Adapter(session, service_type="compute", default_microversion="2.90")
        self.placement = Adapter(session, service_type="placement", default_microversion="1.19")

    @cached_property
    def providers(self) -> dict[str, str]:
        """The resource provider of each host."""
        listed = self.nova.get("/os-hypervisors").json()["hypervisors"]
        return {entry["hypervisor_hostname"]: entry["id"] for entry in listed}

    @property
    def hosts(self) -> set[str]:
        return set(self.providers)

    def listed(self) -> list[dict[str, Any]]:
        return list(self.nova.get("/os-aggregates").json()["aggregates"])

    def services(self) -> dict[str, dict[str, Any]]:
        entries = self.nova.get("/os-services?binary=nova-compute").json()["services"]
        return {entry["host"]: entry for entry in entries}

    def locks(self) -> list[str]:
        """The text of the lock, while there is one."""
        return [entry["availability_zone"] for entry in self.listed() if entry["name"] == LOCK]

    def state(self) -> State:
        aggregates = {entry["name"]: self._aggregate(entry) for entry in self.listed() if entry["name"] != LOCK}
        disabled = {
            host: service["disabled_reason"] or ""
            for host, service in self.services().items()
            if service["status"] == "disabled"
        }
        return State(aggregates, disabled)

    def _aggregate(self, entry: Mapping[str, Any]) -> Aggregate:
        metadata = {key: value for key, value in entry["metadata"].items() if key != "availability_zone"}
        found = self.placement.get(f"/resource_providers?member_of={entry['uuid']}").json()["resource_providers"]
        return Aggregate(
            entry["availability_zone"],
            frozenset(entry["hosts"]),
            frozenset(metadata.items()),
            frozenset(provider["name"] for provider in found),
        )

    def act(self, name: str, **action: Any) -> None:
        """add_host, remove_host or set_metadata of an aggregate."""
        (number,) = (entry["id"] for entry in self.listed() if entry["name"] == name)
        self.nova.post(f"/os-aggregates/{number}/action", json=action)

    def add_host(self, name: str, host: str) -> None:
        self.act(name, add_host={"host": host})

    def remove_host(self, name: str, host: str) -> None:
        self.act(name, remove_host={"host": host})

    def delete(self, name: str) -> None:
        """An aggregate, its hosts taken out before."""
        for entry in self.listed():
            if entry["name"] == name:
                for host in entry["hosts"]:
                    self.nova.post(f"/os-aggregates/{entry['id']}/action", json={"remove_host": {"host": host}})
                self.nova.delete(f"/os-aggregates/{entry['id']}")

    def create(self, name: str, zone: str | None) -> int:
        wanted = {"name": name, **({"availability_zone": zone} if zone else {})}
        return int(self.nova.post("/os-aggregates", json={"aggregate": wanted}).json()["aggregate"]["id"])

    def switch(self, host: str, reason: str | None) -> None:
        """Disable a host with a reason, or enable it."""
        body = {"status": "enabled"} if reason is None else {"status": "disabled", "disabled_reason": reason}
        self.nova.put(f"/os-services/{self.services()[host]['id']}", json=body)

    def mirror(self, name: str, hosts: Iterable[str]) -> None:
        """Make placement say that exactly these hosts are in an aggregate."""
        (uuid,) = (entry["uuid"] for entry in self.listed() if entry["name"] == name)
        for host, provider in self.providers.items():
            path = f"/resource_providers/{provider}/aggregates"
            found = self.placement.get(path).json()
            members = set(found["aggregates"]) - {uuid} | ({uuid} if host in hosts else set())
            if members != set(found["aggregates"]):
                self.placement.put(path, json={**found, "aggregates": sorted(members)})

    def make(self, wanted: State) -> None:
        """Bring the region there, touching only what differs."""
        present = self.state()
        same = {name for name, found in present.aggregates.items() if wanted.aggregates.get(name) == found}
        for name in {*present.aggregates, LOCK} - same:
            self.delete(name)
        for name, new in wanted.aggregates.items():
            if name not in same:
                self._build(name, new)
        for host in self.hosts:
            if present.disabled.get(host) != wanted.disabled.get(host):
                self.switch(host, wanted.disabled.get(host))

    def _build(self, name: str, wanted: Aggregate) -> None:
        path = f"/os-aggregates/{self.create(name, wanted.zone)}/action"
        if wanted.metadata:
            self.nova.post(path, json={"set_metadata": {"metadata": dict(wanted.metadata)}})
        for host in sorted(wanted.hosts):
            self.nova.post(path, json={"add_host": {"host": host}})
        if wanted.mirrored != wanted.hosts:
            self.mirror(name, wanted.mirrored or ())
