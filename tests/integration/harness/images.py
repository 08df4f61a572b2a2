# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images of the lab's cloud, as their owner makes and sees them without the collection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from keystoneauth1.adapter import Adapter

from .cloud import Cloud
from .waiting import Waiting

STREAM = {"Content-Type": "application/octet-stream"}


class Images:
    """Calls to glance of an administrator."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.api = Adapter(cloud.region.get_session(), service_type="image", version="2", raise_exc=False)

    def all(self) -> list[dict[str, Any]]:
        return [
            image
            for hidden in ("false", "true")
            for image in self.api.get(f"/images?visibility=all&limit=1000&os_hidden={hidden}").json()["images"]
        ]

    def named(self, name: str) -> list[dict[str, Any]]:
        """The oldest first. Glance counts in seconds: of two of the same second the hidden one comes first, which the other has replaced."""
        images = (image for image in self.all() if image["name"] == name)
        return sorted(images, key=lambda image: (image["created_at"], not image["os_hidden"]))

    def one(self, name: str) -> dict[str, Any]:
        (found,) = self.named(name)
        return found

    def stores(self, name: str) -> set[str]:
        return set(self.one(name).get("stores", "").split(",")) - {""}

    def add(self, name: str, content: bytes, stores: Iterable[str], **about: Any) -> str:
        """An image in stores; its id. Without content it stays queued."""
        body = {"name": name, "disk_format": "raw", "container_format": "bare", **about}
        number = str(self.api.post("/images", json=body).json()["id"])
        if content:
            assert self.api.put(f"/images/{number}/stage", data=content, headers=STREAM).status_code == 204
            wanted = {"method": {"name": "glance-direct"}, "stores": list(stores)}
            assert self.api.post(f"/images/{number}/import", json=wanted).status_code == 202
            self.wait(number)
        return number

    def wait(self, number: str) -> None:
        waiting = Waiting()
        while (
            "os_glance_import_task" in (image := self.api.get(f"/images/{number}").json())
            or image["status"] == "importing"
        ):
            waiting.pause(image)

    def empty(self) -> None:
        self.cloud.forget_image()
        for image in self.all():
            if "os_glance_import_task" in image:
                self.wait(image["id"])
            if image["protected"]:
                patch = [{"op": "replace", "path": "/protected", "value": False}]
                kind = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
                self.api.patch(f"/images/{image['id']}", json=patch, headers=kind)
            gone = self.api.delete(f"/images/{image['id']}")
            assert gone.status_code in (204, 404), gone.text
