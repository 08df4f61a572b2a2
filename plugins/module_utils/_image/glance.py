# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to glance that zones need, and nothing else: lists into the model, and one method per write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from .._openstack.errors import ApiError
from .._openstack.reader import Reader
from .._openstack.service import Service
from .._zones.schema.names import OF_GLANCE
from .model import Image, Store

# Not glance's own limit (25 unless configured), but as many as it gives at most.
PAGE = 1000
PATCH_TYPE = "application/openstack-images-v2.1-json-patch"


class Glance(Reader):
    """glance of one region."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def stores(self) -> list[dict[str, Any]]:
        """GET /v2/info/stores: all of them; `default` stands only with the default store. Empty on a glance with one unnamed store (404)."""
        try:
            return list(self._service.get("/info/stores")["stores"])
        except ApiError as error:
            if error.status != 404:
                raise
            return []

    def detailed_stores(self) -> tuple[Store, ...]:
        """GET /v2/info/stores/detail (2.15), with the type of each; for users that may not see that, /v2/info/stores."""
        try:
            listed = list(self._service.get("/info/stores/detail")["stores"])
        except ApiError as error:
            if error.status not in (403, 404):
                raise
            listed = self.stores()
        # A store that other services lend (such as an http one) can only be read.
        return tuple(_store(entry) for entry in listed if str(entry.get("read-only", "")).lower() != "true")

    def images(self, **filters: str) -> tuple[Image, ...]:
        """GET /v2/images of all projects that the user may see, hidden ones too: two lists."""
        return tuple(
            _image(entry)
            for hidden in ("false", "true")
            for entry in self._listed({"visibility": "all", "os_hidden": hidden, "limit": str(PAGE), **filters})
        )

    def _listed(self, params: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        page = self._service.get("/images", params=params, once=True)
        yield from page["images"]
        while link := page.get("next"):
            page = self._service.get(f"/images?{str(link).partition('?')[2]}", once=True)
            yield from page["images"]

    def image(self, image_id: str) -> Image:
        return _image(self._service.get(f"/images/{quote(image_id)}"))

    def tasks(self, image_id: str) -> list[dict[str, Any]]:
        """GET /v2/images/{id}/tasks (2.17): what became of imports and copies, the newest last. Empty where this glance does not tell."""
        try:
            tasks = self._service.get(f"/images/{quote(image_id)}/tasks").get("tasks", [])
        except ApiError as error:
            if error.status not in (403, 404):
                raise
            return []
        return sorted(tasks, key=lambda task: str(task.get("created_at")))

    def create(self, body: Mapping[str, Any]) -> Image:
        return _image(self._service.post("/images", body))

    def update(self, image_id: str, new: Mapping[str, Any]) -> None:
        """Set what `new` names in one request; the value None removes a property."""
        patch = [
            {"op": "remove", "path": f"/{_pointer(key)}"}
            if value is None
            else {"op": "add", "path": f"/{_pointer(key)}", "value": value}
            for key, value in new.items()
        ]
        self._service.patch(f"/images/{quote(image_id)}", patch, PATCH_TYPE)

    def delete(self, image_id: str) -> None:
        self._service.delete(f"/images/{quote(image_id)}")

    def stage(self, image_id: str, content: Iterable[bytes], limits: tuple[float, float]) -> None:
        """PUT /v2/images/{id}/stage: the data, for an import to the stores that follows."""
        self._service.upload(f"/images/{quote(image_id)}/stage", content, limits)

    def bring(self, image_id: str, method: Mapping[str, Any], stores: Iterable[str]) -> None:
        """POST /v2/images/{id}/import: glance-direct, web-download or copy-image into stores. Comes back at once, glance works on.

        One store that fails does not take the others with it.
        """
        body = {"method": dict(method), "stores": list(stores), "all_stores_must_succeed": False}
        self._service.post(f"/images/{quote(image_id)}/import", body)

    def remove_from(self, image_id: str, store: str) -> None:
        """DELETE /v2/stores/{store}/{id} (2.10): the last store is refused (403)."""
        self._service.delete(f"/stores/{quote(store)}/{quote(image_id)}")


def _pointer(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _store(entry: Mapping[str, Any]) -> Store:
    return Store(
        id=str(entry["id"]),
        default=str(entry.get("default", "")).lower() == "true",
        type=entry.get("type"),
        description=entry.get("description"),
    )


def _image(entry: Mapping[str, Any]) -> Image:
    own = {key for key in entry if key in OF_GLANCE or key.startswith("os_glance_")}
    return Image(
        id=str(entry["id"]),
        name=str(entry.get("name") or ""),
        status=str(entry["status"]),
        owner=entry.get("owner"),
        visibility=str(entry.get("visibility")),
        protected=bool(entry.get("protected")),
        hidden=bool(entry.get("os_hidden")),
        disk_format=entry.get("disk_format"),
        container_format=entry.get("container_format"),
        min_disk=int(entry.get("min_disk") or 0),
        min_ram=int(entry.get("min_ram") or 0),
        size=entry.get("size"),
        stores=_names(entry.get("stores")),
        tags=frozenset(entry.get("tags") or ()),
        checksum=entry.get("checksum"),
        hash_algo=entry.get("os_hash_algo"),
        hash_value=entry.get("os_hash_value"),
        task=entry.get("os_glance_import_task") or None,
        failed=_names(entry.get("os_glance_failed_import")),
        properties={key: str(value) for key, value in entry.items() if key not in own},
        raw=entry,
    )


def _names(text: str | None) -> tuple[str, ...]:
    """glance lists stores with commas, in the order in which they were written."""
    return tuple(name for name in (text or "").split(",") if name)
