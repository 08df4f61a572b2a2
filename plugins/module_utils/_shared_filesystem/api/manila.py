# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to manila that zones need, and nothing else: lists into the model, and one method per write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..._openstack.errors import ApiError, gone
from ..._openstack.reader import Reader, objects
from ..._openstack.service import Service
from ..._types.changes import CreateType
from ..._types.model import FoundType
from .model import Export, Instance, Pool, Rule, Share, ShareService

# 2.50: a share type's name, description and visibility can be changed. Every supported release has it, so nobody needs to ask: manila answers
# for its version document three times (401, 302, 200).
VERSION = "2.50"
# 2.83: the reason why a service is disabled.
REASONS = (2, 83)
# Up to 2.8 lists show export locations, of all shares in one call; from 2.9 on it is one call per share.
LISTS_EXPORTS = "2.8"
IS_PUBLIC = "share_type_access:is_public"
# Entries per page; manila counts pages by offset and links to no next one by itself.
PAGE = 1000
# States of an access rule that was deleted and is still listed.
GOING = ("queued_to_deny", "denying")


class Manila(Reader):
    """manila of one region."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def present(self) -> bool:
        """Whether the cloud has manila. Costs no call."""
        return self._service.present()

    @property
    def keeps_reasons(self) -> bool:
        """Whether a disabled service can say why. Costs the version document."""
        offered = self._service.maximum()
        return offered is not None and offered >= REASONS

    @property
    def _with_reasons(self) -> str:
        return self._service.negotiate(REASONS, (2, 50))

    def services(self) -> list[dict[str, Any]]:
        """GET /services: share, scheduler and data services, as every manila answers it."""
        return objects(self._service.get("/services", microversion=VERSION, once=True)["services"])

    def share_services(self, *, reasons: bool = False) -> tuple[ShareService, ...]:
        """GET /services: all services into the model; with the reason why one is disabled, where that is asked for and kept."""
        version = self._with_reasons if reasons and self.keeps_reasons else VERSION
        listed = self._service.get("/services", microversion=version, once=True)["services"]
        return tuple(_service(entry) for entry in listed)

    def availability_zones(self) -> list[dict[str, Any]]:
        """GET /availability-zones. A zone whose only share service is disabled is not listed at all."""
        listed = self._service.get("/availability-zones", microversion=VERSION)["availability_zones"]
        return [{"name": entry["name"], "available": True} for entry in listed]

    def pools(self) -> tuple[Pool, ...]:
        """GET /scheduler-stats/pools/detail: what the scheduler knows, of back ends that are up and enabled."""
        listed = self._service.get("/scheduler-stats/pools/detail", microversion=VERSION)["pools"]
        return tuple(_pool(entry) for entry in listed)

    def set_service(self, host: str, binary: str, *, enabled: bool, reason: str | None = None) -> None:
        """PUT /services/enable or disable. The reason needs `keeps_reasons`; enabling takes it away."""
        body = {"host": host, "binary": binary, **({"disabled_reason": reason} if reason else {})}
        self._service.put(f"/services/{'enable' if enabled else 'disable'}", body, microversion=self._with_reasons)

    def types(self) -> dict[str, FoundType]:
        """GET /types?is_public=all: public and private ones by name, with their extra specs."""
        params = {"is_public": "all"}
        listed = self._service.get("/types", microversion=VERSION, params=params)["share_types"]
        return {entry["name"]: _type(entry) for entry in listed}

    def default_type(self) -> FoundType | None:
        """GET /types/default: the type of shares that name none; None where manila has no such."""
        try:
            found = self._service.get("/types/default", microversion=VERSION)["share_type"]
        except ApiError as error:
            if error.status != 404:
                raise
            return None
        return _type(found) if found else None

    def projects_of(self, number: str) -> frozenset[str]:
        """GET /types/{id}/share_type_access: ids of the projects that may use a private type."""
        path = f"/types/{number}/share_type_access"
        listed = self._service.get(path, microversion=VERSION)["share_type_access"]
        return frozenset(str(entry["project_id"]) for entry in listed)

    def create_type(self, change: CreateType) -> str:
        wanted = {"name": change.name, IS_PUBLIC: change.public, "extra_specs": dict(change.specs)}
        wanted |= {"description": change.description} if change.description else {}
        made = self._service.post("/types", {"share_type": wanted}, microversion=VERSION)["share_type"]
        return str(made["id"])

    def delete_type(self, number: str) -> None:
        self._service.delete(f"/types/{number}", microversion=VERSION)

    def set_specs(self, number: str, specs: Mapping[str, str]) -> None:
        body = {"extra_specs": dict(specs)}
        self._service.post(f"/types/{number}/extra_specs", body, microversion=VERSION)

    def remove_spec(self, number: str, key: str) -> None:
        self._service.delete(f"/types/{number}/extra_specs/{key}", microversion=VERSION)

    def update_type(self, number: str, values: Mapping[str, Any]) -> None:
        """PUT /types/{id}; an empty description takes it away."""
        body: dict[str, Any] = {IS_PUBLIC: values["public"]} if "public" in values else {}
        body |= {"description": values["description"] or ""} if "description" in values else {}
        self._service.put(f"/types/{number}", {"share_type": body}, microversion=VERSION)

    def add_project(self, number: str, project: str) -> None:
        self._act_on_type(number, "addProjectAccess", project)

    def remove_project(self, number: str, project: str) -> None:
        self._act_on_type(number, "removeProjectAccess", project)

    def _act_on_type(self, number: str, action: str, project: str) -> None:
        self._service.post(f"/types/{number}/action", {action: {"project": project}}, microversion=VERSION)

    def shares(self, share_type: str | None = None) -> tuple[Share, ...]:
        """GET /shares/detail of all projects, or those of a type (its id)."""
        params = {"all_tenants": "1", **({"share_type_id": share_type} if share_type else {})}
        found = {str(entry["id"]): _share(entry) for entry in self._pages("/shares/detail", "shares", params)}
        return tuple(found.values())

    def _pages(self, path: str, key: str, params: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        offset = 0
        while True:
            asked = {**params, "limit": str(PAGE), "offset": str(offset)}
            page = self._service.get(path, microversion=VERSION, params=asked)[key]
            yield from page
            if len(page) < PAGE:
                return
            offset += PAGE

    def create_share(self, share: Mapping[str, Any]) -> str:
        """POST /shares; the id. What becomes of it is seen in its status."""
        return str(self._service.post("/shares", {"share": dict(share)}, microversion=VERSION)["share"]["id"])

    def share_status(self, share: str) -> str | None:
        """GET /shares/{id}: None where it was deleted."""
        try:
            return str(self._service.get(f"/shares/{share}", microversion=VERSION)["share"]["status"])
        except ApiError as error:
            if error.status != 404:
                raise
            return None

    def delete_share(self, share: str) -> None:
        """DELETE /shares/{id}; one that is seen to be gone already is fine."""
        with gone(lambda: self.share_status(share) is not None):
            self._service.delete(f"/shares/{share}", microversion=VERSION)

    def instances(self) -> tuple[Instance, ...]:
        """GET /share_instances: every copy of every share, with its zone, back end and export locations. One call, without pages."""
        listed = self._service.get("/share_instances", microversion=LISTS_EXPORTS)["share_instances"]
        return tuple(_instance(entry) for entry in listed)

    def exports_of(self, instance: str) -> tuple[Export, ...]:
        """GET /share_instances/{id}/export_locations: which of them are for the administrator only."""
        path = f"/share_instances/{instance}/export_locations"
        listed = self._service.get(path, microversion=VERSION)["export_locations"]
        return tuple(Export(entry["path"], bool(entry.get("is_admin_only"))) for entry in listed)

    def rules_of(self, share: str) -> tuple[Rule, ...]:
        """GET /share-access-rules?share_id=: manila lists them share by share only."""
        params = {"share_id": share}
        listed = self._service.get("/share-access-rules", microversion=VERSION, params=params)["access_list"]
        return tuple(_rule(entry, share) for entry in listed)

    def delete_rule(self, rule: Rule) -> None:
        body = {"deny_access": {"access_id": rule.id}}
        self._service.post(f"/shares/{rule.share_id}/action", body, microversion=VERSION)


def _service(entry: Mapping[str, Any]) -> ShareService:
    return ShareService(
        host=entry["host"],
        binary=entry["binary"],
        availability_zone=entry["zone"],
        enabled=entry["status"] == "enabled",
        up=entry["state"] == "up",
        disabled_reason=entry.get("disabled_reason"),
        reported=entry.get("updated_at") or "",
    )


def _pool(entry: Mapping[str, Any]) -> Pool:
    capabilities = entry.get("capabilities") or {}
    return Pool(
        name=entry["name"],
        backend_name=capabilities.get("share_backend_name"),
        driver_handles_share_servers=capabilities.get("driver_handles_share_servers"),
        total=capabilities.get("total_capacity_gb"),
        free=capabilities.get("free_capacity_gb"),
    )


def _type(entry: Mapping[str, Any]) -> FoundType:
    return FoundType(
        id=entry["id"],
        name=entry["name"],
        public=bool(entry[IS_PUBLIC]),
        description=entry.get("description"),
        specs={key: str(value) for key, value in entry["extra_specs"].items()},
    )


def _share(entry: Mapping[str, Any]) -> Share:
    return Share(
        id=entry["id"],
        name=entry.get("name"),
        project_id=entry["project_id"],
        share_type=entry.get("share_type_name"),
        protocol=entry["share_proto"],
        availability_zone=entry.get("availability_zone"),
        metadata=dict(entry.get("metadata") or {}),
    )


def _instance(entry: Mapping[str, Any]) -> Instance:
    return Instance(
        id=entry["id"],
        share_id=entry["share_id"],
        availability_zone=entry.get("availability_zone"),
        host=entry.get("host"),
        paths=tuple(entry.get("export_locations") or ()),
    )


def _rule(entry: Mapping[str, Any], share: str) -> Rule:
    return Rule(
        id=entry["id"],
        share_id=share,
        access_type=entry["access_type"],
        access_to=entry["access_to"],
        access_level=entry["access_level"],
        going=entry.get("state") in GOING,
    )
