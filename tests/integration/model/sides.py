# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the same calls on the model of nova and on a real one. Both answer with a status, and show what is there afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import AZ_KEY, Host, Observed, Server
from ansible_collections.zoneops.openstack.tests.integration.harness.cloud import Cloud
from ansible_collections.zoneops.openstack.tests.integration.harness.waiting import until
from ansible_collections.zoneops.openstack.tests.integration.model.calls import Call
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.nova_model import NovaModel

DEFAULT_ZONE = "nova"
NO_SERVICE = "00000000-0000-0000-0000-000000000000"
# What no aggregate has, neither here nor there.
NO_ID = 999_999_999


class ModelSide:
    """The model."""

    def __init__(self, services: dict[str, dict[str, Any]]) -> None:
        hosts = {
            name: Host(name, entry["id"], entry["zone"], entry["state"], entry["status"])
            for name, entry in services.items()
        }
        self.nova = NovaModel(Observed(hosts=hosts, servers=()))
        self.ids = [NO_ID]

    @property
    def alive(self) -> list[int]:
        there = {aggregate.id for aggregate in self.nova.observed.aggregates}
        return [number for number, found in enumerate(self.ids) if found in there]

    @property
    def names(self) -> dict[int, str]:
        """The names of the aggregates that are there, by the number that calls give them."""
        return {self.ids.index(found.id or 0): found.name for found in self.nova.observed.aggregates}

    @property
    def servers(self) -> dict[str, str]:
        return {server.name: server.host or "" for server in self.nova.observed.servers or ()}

    def make(self, call: Call) -> int:
        match call.kind:
            case "create":
                status, made = self.nova.create(call.name, call.zone)
                if made is not None:
                    self.ids.append(made)
                return status
            case "set_service":
                found = self.nova.observed.hosts.get(call.host)
                return self.nova.set_service(found.service_id if found else NO_SERVICE, call.values or {})
            case "add_server" | "delete_server":
                return self._change_servers(call)
        return self._change_aggregate(call)

    def _change_aggregate(self, call: Call) -> int:
        aggregate = self.ids[call.aggregate]
        match call.kind:
            case "delete":
                return self.nova.delete(aggregate)
            case "rename":
                return self.nova.rename(aggregate, call.name)
            case "set_zone":
                return self.nova.set_zone(aggregate, call.zone)
            case "set_metadata":
                return self.nova.set_metadata(aggregate, call.values or {})
            case "add_host":
                return self.nova.add_host(aggregate, call.host)
            case "remove_host":
                return self.nova.remove_host(aggregate, call.host)
        raise ValueError(f"no such call: {call}")

    def _change_servers(self, call: Call) -> int:
        servers = tuple(server for server in self.nova.observed.servers or () if server.name != call.name)
        if call.kind == "add_server":
            servers = (*servers, Server(call.name, call.name, "", call.host, "ACTIVE"))
        self.nova.observed = replace(self.nova.observed, servers=servers)
        return 200

    def shown(self) -> dict[str, Any]:
        observed = self.nova.observed
        aggregates = {
            found.name: (found.availability_zone, dict(found.metadata), sorted(found.hosts))
            for found in observed.aggregates
        }
        services = {
            name: (observed.zone_of(name) or DEFAULT_ZONE, found.status, found.disabled_reason)
            for name, found in observed.hosts.items()
        }
        return {"aggregates": aggregates, "services": services}


class RealSide:
    """A real nova."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.ids = [NO_ID]
        self.services = {host: str(entry["id"]) for host, entry in cloud.services().items()}

    def make(self, call: Call) -> int:
        match call.kind:
            case "create":
                wanted = {"name": call.name, AZ_KEY: call.zone}
                status, body = self._send("POST", "/os-aggregates", {"aggregate": wanted})
                if status == 200:
                    # The lab's SQLite gives the number of a deleted aggregate again, which MySQL does not.
                    made = body["aggregate"]["id"]
                    self.ids = [*(NO_ID if known == made else known for known in self.ids), made]
                return status
            case "set_service":
                path = f"/os-services/{self.services.get(call.host, NO_SERVICE)}"
                return self._send("PUT", path, call.values)[0]
            case "add_server":
                zone = self.cloud.services()[call.host]["zone"]
                assert self.cloud.add_server(call.name, f"{zone}:{call.host}") == call.host
                return 200
            case "delete_server":
                self._delete_server(self.cloud.servers()[call.name]["id"])
                return 200
        return self._change_aggregate(call)

    def _change_aggregate(self, call: Call) -> int:
        aggregate = f"/os-aggregates/{self.ids[call.aggregate]}"
        match call.kind:
            case "delete":
                return self._send("DELETE", aggregate)[0]
            case "rename":
                return self._send("PUT", aggregate, {"aggregate": {"name": call.name}})[0]
            case "set_zone":
                return self._send("PUT", aggregate, {"aggregate": {AZ_KEY: call.zone}})[0]
            case "set_metadata":
                return self._send("POST", f"{aggregate}/action", {"set_metadata": {"metadata": call.values}})[0]
            case "add_host" | "remove_host":
                return self._send("POST", f"{aggregate}/action", {call.kind: {"host": call.host}})[0]
        raise ValueError(f"no such call: {call}")

    def _delete_server(self, server: str) -> None:
        """Delete a server and wait until its host is free of it."""
        self._send("DELETE", f"/servers/{server}")
        until(lambda: self._send("GET", f"/servers/{server}")[0] == 404, f"server {server} is deleted")

    def _send(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = self.cloud.compute.request(path, method, json=body, raise_exc=False)
        return answer.status_code, answer.json() if answer.content else {}

    def shown(self) -> dict[str, Any]:
        aggregates = {
            name: (found.availability_zone, dict(found.metadata), list(found.hosts))
            for name, found in self.cloud.aggregates().items()
        }
        services = {
            name: (entry["zone"], entry["status"], entry["disabled_reason"])
            for name, entry in self.cloud.services().items()
        }
        return {"aggregates": aggregates, "services": services}


def possible(call: Call, model: ModelSide) -> bool:
    """Whether it is a call to compare: the scheduler, which is not modelled, puts nothing on a disabled host."""
    return call.kind != "add_server" or model.nova.observed.hosts[call.host].enabled
