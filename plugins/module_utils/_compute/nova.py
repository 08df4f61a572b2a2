# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to nova that zones need, and nothing else: lists into the model, and one method per write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from .._openstack.errors import ApiError
from .._openstack.reader import Reader, objects
from .._openstack.service import Service
from .model import AZ_KEY, LOCK_NAME, Aggregate, Host, Server

# 2.53: services and their actions by UUID, which is unique across cells. Older than every supported release.
LEAST = (2, 53)
# 2.69: a cell that is down yields partial records instead of an incomplete list that looks whole. 2.96: the zone that a server is pinned to.
BEST = (2, 96)
PINS = (2, 96)
CACHES_IMAGES = (2, 81)
# From 2.88 on the detailed list of hypervisors asks each host for its uptime: one host that died but is not yet "down" makes it answer 500.
BEST_HYPERVISORS = (2, 87)
# Up to so many hosts are asked for one by one. Each such call costs as much as this many hypervisors of the whole list, which are about 4 ms each.
FEW = 10
COST_OF_ONE = 6
# Server groups of one page, as many as nova gives unless it is configured otherwise.
GROUPS = 1000
# An evacuation stays so until its source returns.
EVACUATED = "done"
# Every other status is an end: completed, error, failed, cancelled, confirmed, reverted.
UNFINISHED = frozenset(
    (
        "accepted",
        "queued",
        "preparing",
        "pre-migrating",
        "migrating",
        "running",
        "post-migrating",
        "finished",
        "confirming",
        "reverting",
        EVACUATED,
    )
)


class Nova(Reader):
    """nova of one region."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._version: str | None = None

    @property
    def version(self) -> str:
        if self._version is None:
            self._version = self._service.negotiate(BEST, LEAST)
        return self._version

    @property
    def shows_pins(self) -> bool:
        offered = self._service.maximum()
        return offered is not None and offered >= PINS

    def aggregates(self) -> tuple[Aggregate, ...]:
        """GET /os-aggregates: all of them, one call; without the lock of a run."""
        return self.aggregates_and_lock()[0]

    def lock(self) -> Aggregate | None:
        """The aggregate that is the lock of a run, None while no run writes."""
        return self.aggregates_and_lock()[1]

    def aggregates_and_lock(self) -> tuple[tuple[Aggregate, ...], Aggregate | None]:
        """GET /os-aggregates: both, one call."""
        listed = self._service.get("/os-aggregates", microversion=self.version, once=True)["aggregates"]
        found = [_aggregate(entry) for entry in listed]
        others = tuple(aggregate for aggregate in found if aggregate.name != LOCK_NAME)
        return others, next((aggregate for aggregate in found if aggregate.name == LOCK_NAME), None)

    def hosts(self, host: str | None = None) -> tuple[dict[str, Host], tuple[str, ...]]:
        """GET /os-services: the compute hosts by name, or one; and why the list may not be whole (cells that are down).

        All of them unfiltered: the few services more that it lists are wanted for the table, which then needs no call of its own.
        """
        return self.as_hosts(self.services("nova-compute" if host else None, host))

    @staticmethod
    def as_hosts(services: list[dict[str, Any]]) -> tuple[dict[str, Host], tuple[str, ...]]:
        """The compute hosts among listed services; and those of which a cell that is down leaves only the name (UNKNOWN, 2.69)."""
        listed = [entry for entry in services if entry["binary"] == "nova-compute"]
        hosts = {entry["host"]: _host(entry) for entry in listed if entry.get("status") != "UNKNOWN"}
        unknown = sorted(str(entry.get("host")) for entry in listed if entry.get("status") == "UNKNOWN")
        incomplete = (f"a cell does not answer, its hosts are UNKNOWN: {', '.join(unknown)}",) if unknown else ()
        return hosts, incomplete

    def services(self, binary: str | None = None, host: str | None = None) -> list[dict[str, Any]]:
        """GET /os-services, as nova answers it."""
        params = {name: value for name, value in (("binary", binary), ("host", host)) if value}
        return objects(self._service.get("/os-services", microversion=self.version, params=params)["services"])

    def availability_zones(self) -> list[dict[str, Any]]:
        """GET /os-availability-zone: the zones that users see. nova lists a zone only while it has a host."""
        listed = self._service.get("/os-availability-zone", microversion=self.version)["availabilityZoneInfo"]
        return [{"name": entry["zoneName"], "available": entry["zoneState"]["available"]} for entry in listed]

    def servers(self, host: str | None = None) -> tuple[tuple[Server, ...], tuple[str, ...]]:
        """GET /servers/detail of all projects (of one host), every page, soft-deleted ones too; and why the list may not be whole.

        In a cell that is down, servers are partial records with the status UNKNOWN (2.69).
        """
        servers = tuple(_server(entry) for entry in self.server_entries(host))
        unknown = [server.id for server in servers if server.status == "UNKNOWN"]
        incomplete = (
            (f"a cell does not answer, {len(unknown)} servers are UNKNOWN: {', '.join(unknown[:5])}",)
            if unknown
            else ()
        )
        return servers, incomplete

    def server_entries(self, host: str | None = None) -> Iterator[dict[str, Any]]:
        """The same, as nova answers it, page by page."""
        params = {"all_tenants": "True", "soft_deleted": "True", **({"host": host} if host else {})}
        return self._service.pages("/servers/detail", "servers", microversion=self.version, params=params)

    def changed_servers(self, since: datetime) -> Iterator[dict[str, Any]]:
        """GET /servers/detail?changes-since= of all projects, with those that were deleted since."""
        params = {"all_tenants": "True", "changes-since": since.strftime("%Y-%m-%dT%H:%M:%SZ")}
        return self._service.pages("/servers/detail", "servers", microversion=self.version, params=params)

    def server_groups(self) -> list[dict[str, Any]]:
        """GET /os-server-groups of all projects. nova gives no link to the next page: it is asked for until one is empty."""
        found: list[dict[str, Any]] = []
        while True:
            params = {"all_projects": "True", "limit": str(GROUPS), "offset": str(len(found))}
            listed = self._service.get("/os-server-groups", microversion=self.version, params=params, once=True)
            page = listed["server_groups"]
            found += objects(page)
            if not page:
                return found

    def unfinished_migrations(self, host: str) -> tuple[Mapping[str, Any], ...]:
        """GET /os-migrations?host=: those from or to a host that are under way, unconfirmed or left over."""
        listed = self._service.pages("/os-migrations", "migrations", microversion=self.version, params={"host": host})
        return tuple(_migration(entry) for entry in listed if entry.get("status") in UNFINISHED)

    def hosts_of_migrations(self) -> frozenset[str]:
        """GET /os-migrations?status=: the hosts that migrations are from or to, while these are under way or unconfirmed. A call for each such status."""
        found = [
            entry
            for status in sorted(UNFINISHED - {EVACUATED})
            for entry in self._service.pages(
                "/os-migrations", "migrations", microversion=self.version, params={"status": status}
            )
        ]
        return frozenset(
            str(entry[key]) for entry in found for key in ("source_compute", "dest_compute") if entry.get(key)
        )

    def providers(self, hosts: Iterable[str], *, of: int) -> dict[str, tuple[str, ...]]:
        """GET /os-hypervisors/detail: the resource providers (UUIDs) of each of the hosts. A host that no cell mapping leads to is missing.

        :param of: how many compute hosts the region has.
        """
        wanted = set(hosts)
        one_by_one = len(wanted) == 1 or (len(wanted) <= FEW and len(wanted) * COST_OF_ONE < of)
        found = self._providers(wanted, sorted(wanted)) if one_by_one else {}
        # A hypervisor's name need not contain that of its host: then only the whole list tells.
        return found if wanted == set(found) else self._providers(wanted, [None])

    def all_providers(self) -> dict[str, tuple[str, ...]]:
        """GET /os-hypervisors/detail: the resource providers of every compute host, one call."""
        found: dict[str, list[str]] = {}
        for host, provider in self._hypervisors(None):
            found.setdefault(host, []).append(provider)
        return {host: tuple(sorted(providers)) for host, providers in found.items()}

    def instances(self) -> dict[str, int]:
        """GET /os-hypervisors/detail: how many instances each compute host has, as its hypervisors last reported; one call, about 4 ms per hypervisor."""
        version = self._service.negotiate(BEST_HYPERVISORS, LEAST)
        counted: dict[str, int] = {}
        for entry in self._service.pages("/os-hypervisors/detail", "hypervisors", microversion=version):
            host = str(entry["service"]["host"])
            counted[host] = counted.get(host, 0) + int(entry.get("running_vms") or 0)
        return counted

    def _providers(self, wanted: set[str], patterns: Sequence[str | None]) -> dict[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {}
        for pattern in patterns:
            for host, provider in self._hypervisors(pattern):
                if host in wanted:
                    found.setdefault(host, set()).add(provider)
        return {host: tuple(sorted(providers)) for host, providers in found.items()}

    def _hypervisors(self, pattern: str | None) -> list[tuple[str, str]]:
        params = {"hypervisor_hostname_pattern": pattern} if pattern else {}
        version = self._service.negotiate(BEST_HYPERVISORS, LEAST)
        listed = self._service.pages("/os-hypervisors/detail", "hypervisors", microversion=version, params=params)
        try:
            return [(str(entry["service"]["host"]), str(entry["id"])) for entry in listed]
        except ApiError as error:
            # A pattern that nothing matches is answered with 404.
            if error.status != 404 or pattern is None:
                raise
            return []

    def create_aggregate(self, name: str, availability_zone: str | None) -> Aggregate:
        wanted = {"name": name} if availability_zone is None else {"name": name, AZ_KEY: availability_zone}
        return _aggregate(
            self._service.post("/os-aggregates", {"aggregate": wanted}, microversion=self.version)["aggregate"]
        )

    def rename_aggregate(self, aggregate_id: int, name: str) -> None:
        """Only the name: nova saves the name before it refuses a zone, so the two never go in one request."""
        self._service.put(f"/os-aggregates/{aggregate_id}", {"aggregate": {"name": name}}, microversion=self.version)

    def delete_aggregate(self, aggregate_id: int) -> None:
        self._service.delete(f"/os-aggregates/{aggregate_id}", microversion=self.version)

    def set_metadata(self, aggregate_id: int, metadata: Mapping[str, str | None]) -> None:
        """Merge keys into an aggregate's metadata; the value None removes a key."""
        self._act(aggregate_id, "set_metadata", {"metadata": dict(metadata)})

    def add_host(self, aggregate_id: int, host: str) -> None:
        self._act(aggregate_id, "add_host", {"host": host})

    def remove_host(self, aggregate_id: int, host: str) -> None:
        self._act(aggregate_id, "remove_host", {"host": host})

    def cache_images(self, aggregate_id: int, images: Iterable[str]) -> None:
        """POST /os-aggregates/{id}/images (2.81): the hosts of an aggregate fetch images into their caches, in the background."""
        body = {"cache": [{"id": image} for image in images]}
        version = self._service.negotiate(BEST, CACHES_IMAGES)
        self._service.post(f"/os-aggregates/{aggregate_id}/images", body, microversion=version)

    def set_service(self, service_id: str, body: Mapping[str, Any]) -> None:
        """PUT /os-services/{uuid} (2.53): status, disabled_reason and forced_down in one request.

        A service that is disabled without a reason loses the reason it had.
        """
        self._service.put(f"/os-services/{quote(service_id)}", body, microversion=self.version)

    def _act(self, aggregate_id: int, action: str, arguments: Mapping[str, Any]) -> None:
        self._service.post(f"/os-aggregates/{aggregate_id}/action", {action: arguments}, microversion=self.version)


def _aggregate(entry: Mapping[str, Any]) -> Aggregate:
    metadata = dict(entry.get("metadata") or {})
    zone = metadata.pop(AZ_KEY, None) or entry.get("availability_zone")
    return Aggregate(
        name=entry["name"],
        availability_zone=zone,
        metadata=metadata,
        hosts=tuple(entry.get("hosts") or ()),
        id=entry["id"],
        uuid=entry.get("uuid"),
    )


def _host(entry: Mapping[str, Any]) -> Host:
    return Host(
        name=entry["host"],
        service_id=str(entry["id"]),
        zone=entry["zone"],
        state=entry["state"],
        status=entry["status"],
        disabled_reason=entry.get("disabled_reason"),
        forced_down=bool(entry.get("forced_down")),
        written=str(entry.get("updated_at") or ""),
    )


def _server(entry: Mapping[str, Any]) -> Server:
    # A server in a cell that is down is a partial record: id, status UNKNOWN and little else (2.69).
    return Server(
        id=entry["id"],
        name=entry.get("name", ""),
        project_id=entry.get("tenant_id", ""),
        host=entry.get("OS-EXT-SRV-ATTR:host"),
        status=entry.get("status", "UNKNOWN"),
        zone=entry.get("OS-EXT-AZ:availability_zone") or "",
        pinned=entry.get("pinned_availability_zone"),
        # An empty text for a server that boots from a volume.
        image=(entry.get("image") or {}).get("id"),
        volumes=tuple(str(volume["id"]) for volume in entry.get("os-extended-volumes:volumes_attached") or ()),
    )


def _migration(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    kept = ("id", "uuid", "instance_uuid", "migration_type", "status", "source_compute", "dest_compute")
    return {"kind": "migration", **{key: entry.get(key) for key in kept}}
