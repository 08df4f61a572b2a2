# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A nova and a placement that stand in for the real ones, in memory, behind the two `Service` objects of a cloud.

Nova answers by `nova_model`, which is checked against a real nova. Any write can be made to fail, or its answer to get lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import AZ_KEY, Observed
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.nova import Nova
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.placement import DISABLED, Placement
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.errors import ApiError
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import as_nova_shows
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.nova_model import NovaModel

Body = Mapping[str, Any]
REFUSED = "refused"  # the call fails and nothing happens
LOST = "lost"  # the call takes effect and its answer gets lost
DEAD = "dead"  # from this call on nothing answers any more


@dataclass
class StandIn:
    """One region.

    :ivar calls: every request, method and path with its query, in order.
    :ivar faults: what becomes of a write, by its number from 0; "service METHOD path" may be given as well, for every such call.
    :ivar migrations: unfinished ones, as nova lists them.
    :ivar allocations: consumers by host, besides the servers.
    :ivar hidden: hosts without a hypervisor in the listing.
    :ivar nodes: names of hypervisors, by host, where they are not those of the hosts.
    :ivar further: resource providers of a host's other hypervisors, by host: nova does not mirror them.
    :ivar lagging: hosts whose trait in placement is that of before.
    :ivar on_write: runs after a write took effect.
    :ivar partial: services in a cell that is down.
    """

    model: NovaModel
    maximum: tuple[int, int] = (2, 104)
    migrations: list[dict[str, Any]] = field(default_factory=list)
    allocations: dict[str, list[str]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    nodes: dict[str, str] = field(default_factory=dict)
    further: dict[str, tuple[str, ...]] = field(default_factory=dict)
    partial: list[dict[str, Any]] = field(default_factory=list)
    faults: dict[int | str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    on_write: Callable[[], None] = lambda: None
    dead: bool = False
    lagging: set[str] = field(default_factory=set)
    members: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for found in self.observed.aggregates:
            self.members[found.uuid or ""] = {provider_of(host) for host in found.hosts}

    def trait_of(self, host: str, enabled: bool) -> bool:
        """Whether placement takes a host for disabled."""
        return enabled == (host in self.lagging)

    @property
    def observed(self) -> Observed:
        return as_nova_shows(self.model.observed)

    def nova(self) -> Nova:
        return Nova(StandInService(self, "compute", self._nova))  # type: ignore[arg-type]

    def placement(self) -> Placement:
        return Placement(StandInService(self, "placement", self._placement))  # type: ignore[arg-type]

    def request(self, service: str, method: str, path: str, body: Body | None, answer: Any) -> dict[str, Any]:
        what = f"{service} {method} {path}"
        self.calls.append(what)
        fault = self.faults.get(what)
        if method != "GET":
            fault = self.faults.get(len(self.writes), fault)
            self.writes.append(f"{method} {path} {_short(body)}".strip())
        self.dead = self.dead or fault == DEAD
        if self.dead or fault == REFUSED:
            raise ApiError(f"{what}: 503 no", status=503, uncertain=method != "GET")
        status, content = answer(method, path.partition("?")[0], path.partition("?")[2], body)
        if method != "GET":
            self.on_write()
        if fault == LOST:
            raise ApiError(f"{what}: no answer in time", uncertain=method != "GET")
        if status >= 400:
            raise ApiError(f"{what}: {status}", status=status)
        return dict(content)

    def _nova(self, method: str, path: str, query: str, body: Any) -> tuple[int, Any]:
        parts = path.strip("/").split("/")
        if method == "GET":
            return self._listed(parts[0], query)
        if parts[0] == "os-services":
            return self.model.set_service(parts[1], body), {}
        if parts == ["os-aggregates"]:
            wanted = body["aggregate"]
            status, made = self.model.create(wanted["name"], wanted.get(AZ_KEY))
            return status, {"aggregate": {"id": made, "name": wanted["name"], AZ_KEY: wanted.get(AZ_KEY)}}
        number = int(parts[1])
        if method == "DELETE":
            return self.model.delete(number), {}
        if method == "PUT":
            return self.model.rename(number, body["aggregate"]["name"]), {}
        ((action, arguments),) = body.items()
        if action == "set_metadata":
            return self.model.set_metadata(number, arguments["metadata"]), {}
        return self._membership(number, action, arguments["host"]), {}

    def _membership(self, number: int, action: str, host: str) -> int:
        add = action == "add_host"
        status = self.model.add_host(number, host) if add else self.model.remove_host(number, host)
        found = self.model.by_id(number)
        if status == 200 and found is not None:
            mirrored = self.members.setdefault(found.uuid or "", set())
            (mirrored.add if add else mirrored.discard)(provider_of(host))
        return status

    def _listed(self, what: str, query: str) -> tuple[int, Any]:
        observed = self.observed
        match what:
            case "os-aggregates":
                return 200, {"aggregates": [_aggregate(found) for found in observed.aggregates]}
            case "os-services":
                return 200, {"services": [*(_service(host) for host in observed.hosts.values()), *self.partial]}
            case "servers":
                host = next((part[5:] for part in query.split("&") if part.startswith("host=")), None)
                servers = (server for server in observed.servers or () if host in (None, server.host))
                return 200, {"servers": [self._server(server) for server in servers]}
            case "os-migrations":
                host = query.removeprefix("host=")
                ends = ("source_compute", "dest_compute")
                return 200, {"migrations": [found for found in self.migrations if host in (found[e] for e in ends)]}
        pattern = query.removeprefix("hypervisor_hostname_pattern=")
        hosts = [name for name in observed.hosts if pattern in self.nodes.get(name, name) and name not in self.hidden]
        entries = [
            {"id": provider, "service": {"host": host}}
            for host in hosts
            for provider in (provider_of(host), *self.further.get(host, ()))
        ]
        return (200 if entries or not pattern else 404), {"hypervisors": entries}

    def _server(self, server: Any) -> dict[str, Any]:
        entry = {"id": server.id, "name": server.name, "tenant_id": server.project_id, "status": server.status}
        zone = self.observed.hosts[server.host].zone if server.host is not None else ""
        entry |= {"OS-EXT-SRV-ATTR:host": server.host, "OS-EXT-AZ:availability_zone": zone}
        return entry | ({"pinned_availability_zone": server.pinned} if self.maximum >= (2, 96) else {})

    def _placement(self, method: str, path: str, query: str, body: Any) -> tuple[int, Any]:
        parts = path.strip("/").split("/")
        if query == f"required={DISABLED}":
            disabled = [name for name, host in self.observed.hosts.items() if self.trait_of(name, host.enabled)]
            named = [provider for name in disabled for provider in (provider_of(name), *self.further.get(name, ()))]
            return 200, {"resource_providers": [{"uuid": provider} for provider in sorted(named)]}
        if len(parts) == 1:
            providers = self.members.get(query.removeprefix("member_of="), set())
            return 200, {"resource_providers": [{"uuid": provider} for provider in sorted(providers)]}
        provider, what = parts[1], parts[2]
        host = next(
            (name for name, others in self.further.items() if provider in others), provider.removeprefix("provider-")
        )
        if what == "allocations":
            servers = [server.id for server in self.observed.servers_on(host)]
            return 200, {"allocations": dict.fromkeys([*servers, *self.allocations.get(host, ())])}
        if what == "traits":
            return 200, {"traits": [DISABLED] if self.trait_of(host, self.observed.hosts[host].enabled) else []}
        if method == "PUT":
            for uuid in {*self.members, *body["aggregates"]}:
                mirrored = self.members.setdefault(uuid, set())
                (mirrored.add if uuid in body["aggregates"] else mirrored.discard)(provider)
        inside = [uuid for uuid, providers in self.members.items() if provider in providers]
        return 200, {"aggregates": inside, "resource_provider_generation": 1}


@dataclass
class StandInService:
    """Has the methods of `_openstack.service.Service` that the reconciler calls."""

    region: StandIn
    name: str
    answer: Any
    _asked: bool = False

    def maximum(self) -> tuple[int, int]:
        if not self._asked:
            self.region.calls.append(f"{self.name} GET /")
            self._asked = True
        return self.region.maximum

    def negotiate(self, best: tuple[int, int], _least: tuple[int, int]) -> str:
        return ".".join(map(str, min(best, self.maximum())))

    def get(
        self, path: str, *, microversion: str | None = None, params: Body | None = None, once: bool = False
    ) -> dict[str, Any]:
        del microversion, once
        query = "&".join(f"{key}={value}" for key, value in (params or {}).items())
        return self.region.request(self.name, "GET", f"{path}?{query}" if query else path, None, self.answer)

    def pages(self, path: str, key: str, **options: Any) -> Iterator[dict[str, Any]]:
        yield from self.get(path, **options)[key]

    def post(self, path: str, body: Body, *, microversion: str | None = None) -> dict[str, Any]:
        del microversion
        return self.region.request(self.name, "POST", path, body, self.answer)

    def put(self, path: str, body: Body, *, microversion: str | None = None) -> dict[str, Any]:
        del microversion
        return self.region.request(self.name, "PUT", path, body, self.answer)

    def delete(self, path: str, *, microversion: str | None = None) -> None:
        del microversion
        self.region.request(self.name, "DELETE", path, None, self.answer)


def standing_in(observed: Observed, **rest: Any) -> StandIn:
    return StandIn(NovaModel(replace(observed, servers=observed.servers or ())), **rest)


def provider_of(host: str) -> str:
    return f"provider-{host}"


def _aggregate(found: Any) -> dict[str, Any]:
    zone = {AZ_KEY: found.availability_zone} if found.availability_zone is not None else {}
    entry = {"id": found.id, "uuid": found.uuid, "name": found.name, "hosts": list(found.hosts)}
    return entry | {AZ_KEY: found.availability_zone, "metadata": {**found.metadata, **zone}}


def _service(host: Any) -> dict[str, Any]:
    entry = {"id": host.service_id, "binary": "nova-compute", "host": host.name, "zone": host.zone}
    return entry | {"state": host.state, "status": host.status, "disabled_reason": host.disabled_reason}


def _short(body: Body | None) -> str:
    return "" if body is None else str(dict(body))
