# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who uses a zone: a server, a volume, a share, and an image in the zone's store only, through OpenStack's APIs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ansible_collections.zoneops.openstack.tests.integration.harness.cloud import Cloud
from keystoneauth1.adapter import Adapter

PATIENCE = 240


class Tenant:
    """An administrator, so that every zone's services can be listed."""

    def __init__(self, cloud: Cloud) -> None:
        session = cloud.region.get_session()
        self.cloud = cloud
        self.volume = Adapter(session, service_type="block-storage", default_microversion="3.70")
        self.share = Adapter(session, service_type="shared-file-system", default_microversion="2.78")
        self.image = cloud.image
        self._made: list[tuple[Adapter, str]] = []

    def use(self, zone: str) -> None:
        """One of each; all of them work."""
        self.cloud.add_server(f"server-{zone}", zone)
        number = self.cloud.servers()[f"server-{zone}"]["id"]
        self._made.append((self.cloud.compute, f"/servers/{number}"))
        volume = {"name": "lives-here", "size": 1, "availability_zone": zone}
        self._make(self.volume, "/volumes", {"volume": volume})
        share = {"name": "lives-here", "size": 1, "share_proto": "NFS", "availability_zone": zone}
        self._make(self.share, "/shares", {"share": share})
        about = {"name": "lives-here", "disk_format": "raw", "container_format": "bare"}
        path = f"/v2/images/{self.image.post('/v2/images', json=about).json()['id']}"
        stream = {"Content-Type": "application/octet-stream", "X-Image-Meta-Store": zone}
        self.image.put(f"{path}/file", data=b"0", headers=stream)
        assert self.image.get(path).json()["stores"] == zone
        self._made.append((self.image, path))

    def _make(self, api: Adapter, collection: str, body: dict[str, Any]) -> None:
        (kind,) = body
        path = f"{collection}/{api.post(collection, json=body).json()[kind]['id']}"
        self._made.append((api, path))
        until(lambda: api.get(path).json()[kind]["status"] == "available", f"{path} is available")

    def leave(self) -> None:
        """Nothing of it is left."""
        for api, path in self._made:
            api.delete(path)
        for api, path in self._made:
            until(lambda api=api, path=path: api.get(path, raise_exc=False).status_code == 404, f"{path} is gone")  # type: ignore[misc]
        self._made.clear()

    def stores(self) -> set[str]:
        return {entry["id"] for entry in self.image.get("/v2/info/stores").json()["stores"]}

    def working(self, binary: str) -> set[str]:
        """The zones in which a service of cinder or manila is up."""
        path, api = ("/services", self.share) if binary.startswith("manila") else ("/os-services", self.volume)
        listed = api.get(path).json()["services"]
        return {one["zone"] for one in listed if one["binary"] == binary and one["state"] == "up"}


def until(test: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not test():
        assert time.monotonic() < end, f"{what}: not reached after {PATIENCE} s"
        time.sleep(0.2)
