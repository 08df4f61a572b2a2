# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to cinder that zones need, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..._openstack.errors import ApiError, already, gone
from ..._openstack.reader import Reader, objects
from ..._openstack.service import Service as Connection
from ..._types.changes import CreateType
from ..._types.model import FoundType
from .location import storage_of
from .model import VOLUME, ImageVolume, Pool, Service, Volume

PUBLIC = "os-volume-type-access:is_public"
NAMES = {"public": "is_public"}
# The cluster of a service. From 3.49 on cinder asks its scheduler before it lists any: where that is dead, nothing would be listed.
SERVICES = "3.7"


class Cinder(Reader):
    """cinder of one region. What is used here needs no microversion above 3.7."""

    def __init__(self, service: Connection) -> None:
        self._service = service

    def services(self) -> list[dict[str, Any]]:
        """GET /os-services: volume, backup and scheduler services."""
        return objects(self._service.get("/os-services", microversion=SERVICES, once=True)["services"])

    def availability_zones(self) -> list[dict[str, Any]]:
        """GET /os-availability-zone. A zone whose services are disabled is listed as not available, one whose services are down as available."""
        listed = self._service.get("/os-availability-zone")["availabilityZoneInfo"]
        return [{"name": entry["zoneName"], "available": entry["zoneState"]["available"]} for entry in listed]

    def found_services(self, one: Service | None = None) -> list[Service]:
        """The services as the reconciler knows them; or those like one of them, which has to be looked for among the answers."""
        if one is None:
            return [as_service(entry) for entry in self.services()]
        params = {"binary": one.binary, "host": one.host}
        listed = self._service.get("/os-services", microversion=SERVICES, params=params)["services"]
        return [as_service(entry) for entry in listed]

    def pools(self) -> list[Pool]:
        """GET /scheduler-stats/get_pools: the back ends whose services are up and enabled."""
        listed = self._service.get("/scheduler-stats/get_pools", params={"detail": "true"})["pools"]
        return [_pool(entry) for entry in listed]

    def set_service(self, action: str, binary: str, host: str, reason: str | None = None) -> None:
        """PUT /os-services/ enable, disable-log-reason, freeze or thaw. Enabling answers 200 and does nothing in some releases: read it back."""
        body = {"host": host, "binary": binary} if action in ("enable", "disable-log-reason") else {"host": host}
        self._service.put(f"/os-services/{action}", body | ({"disabled_reason": reason} if reason else {}))

    def qos_specs(self) -> dict[str, str]:
        """GET /qos-specs: ids by name."""
        return {entry["name"]: str(entry["id"]) for entry in self._service.pages("/qos-specs", "qos_specs")}

    def add_qos_spec(self, name: str) -> None:
        """POST /qos-specs, of nothing and for nothing; one that is there already will do."""
        with already(409):
            self._service.post("/qos-specs", {"qos_specs": {"name": name}})

    def delete_qos_spec(self, number: str) -> None:
        """DELETE /qos-specs/{id}; one that is seen to be gone already is fine."""
        with gone(lambda: number in self.qos_specs().values()):
            self._service.delete(f"/qos-specs/{quote(number)}")

    def types(self) -> list[FoundType]:
        """GET /types, public and private, with their extra specs."""
        listed = self._service.pages("/types", "volume_types", links="volume_type_links", params={"is_public": "none"})
        return [_type(entry) for entry in listed]

    def default_type(self) -> FoundType | None:
        """The type of volumes that name none; None where the one that cinder is configured with does not exist."""
        try:
            return _type(self._service.get("/types/default")["volume_type"])
        except ApiError as error:
            if error.status not in (404, 500):  # cinder 29 answers 500 to its own wrong configuration
                raise
            return None

    def projects(self, type_id: str) -> frozenset[str]:
        """Ids of the projects that may use a private type."""
        listed = self._service.get(f"/types/{type_id}/os-volume-type-access")["volume_type_access"]
        return frozenset(entry["project_id"] for entry in listed)

    def volumes_of(self, type_id: str, most: int) -> list[Volume]:
        """The first volumes of a type, of all projects."""
        params = {"all_tenants": "1", "volume_type_id": type_id, "limit": str(most)}
        return [_volume(entry) for entry in self._service.get("/volumes/detail", params=params)["volumes"]]

    def image_volumes(self) -> list[ImageVolume]:
        """GET /volumes/detail: the bootable volumes of all projects that were made from an image."""
        params = {"all_tenants": "1", "bootable": "true"}
        listed = self._service.pages("/volumes/detail", "volumes", params=params)
        return [volume for volume in map(_image_volume, listed) if volume.image]

    def create_type(self, change: CreateType) -> str:
        """POST /types with its extra specs: it is never seen without them. The new id."""
        body: dict[str, Any] = {"name": change.name, "extra_specs": dict(change.specs), PUBLIC: change.public}
        body |= {"description": change.description} if change.description is not None else {}
        return str(self._service.post("/types", {"volume_type": body})["volume_type"]["id"])

    def update_type(self, number: str, values: Mapping[str, Any]) -> None:
        """PUT /types/{id}: name, description, public."""
        # None is what cinder calls unchanged.
        body = {NAMES.get(key, key): "" if value is None else value for key, value in values.items()}
        self._service.put(f"/types/{number}", {"volume_type": body})

    def delete_type(self, number: str) -> None:
        self._service.delete(f"/types/{number}")

    def set_specs(self, number: str, specs: Mapping[str, str]) -> None:
        """Merge extra specs. Refused (400) while a volume has the type."""
        self._service.post(f"/types/{number}/extra_specs", {"extra_specs": dict(specs)})

    def remove_spec(self, number: str, key: str) -> None:
        self._service.delete(f"/types/{number}/extra_specs/{quote(key)}")

    def add_project(self, number: str, project: str) -> None:
        self._service.post(f"/types/{number}/action", {"addProjectAccess": {"project": project}})

    def remove_project(self, number: str, project: str) -> None:
        self._service.post(f"/types/{number}/action", {"removeProjectAccess": {"project": project}})


def _type(entry: Mapping[str, Any]) -> FoundType:
    return FoundType(
        id=entry["id"],
        name=entry["name"],
        public=bool(entry.get(PUBLIC, entry.get("is_public", True))),
        description=entry.get("description"),
        specs=dict(entry.get("extra_specs") or {}),
    )


def as_service(entry: Mapping[str, Any]) -> Service:
    return Service(
        binary=entry["binary"],
        host=entry["host"],
        zone=entry["zone"],
        enabled=entry["status"] == "enabled",
        up=entry["state"] == "up",
        reason=entry.get("disabled_reason"),
        frozen=bool(entry.get("frozen")),
        replicated=entry["binary"] == VOLUME
        and entry.get("replication_status") not in (None, "disabled", "not-capable"),
        cluster=entry.get("cluster") or "",
        reported=entry.get("updated_at") or "",
    )


def _pool(entry: Mapping[str, Any]) -> Pool:
    capabilities = entry.get("capabilities") or {}
    free = capabilities.get("free_capacity_gb")
    return Pool(
        name=entry["name"],
        backend_name=str(capabilities.get("volume_backend_name", "")),
        free=float(free) if isinstance(free, (int, float)) else None,  # "infinite" and "unknown" are answers too
        up=capabilities.get("backend_state", "up") == "up",
        storage=storage_of(capabilities.get("location_info")),
    )


def _image_volume(entry: Mapping[str, Any]) -> ImageVolume:
    # Snapshots and clones take these values over from the volume that they are made of.
    about = entry.get("volume_image_metadata") or {}
    return ImageVolume(entry["id"], str(about.get("image_id") or ""), entry.get("availability_zone") or "")


def _volume(entry: Mapping[str, Any]) -> Volume:
    return Volume(
        id=entry["id"],
        name=entry.get("name") or "",
        project_id=entry.get("os-vol-tenant-attr:tenant_id", ""),
        status=entry["status"],
    )
