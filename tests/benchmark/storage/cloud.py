# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cloud of one size as the storage tasks find and leave it: read and emptied without the collection."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from keystoneauth1.adapter import Adapter
from openstack.config import OpenStackConfig
from zonelab.client import LabClient

from benchmark.cloud import DROPPED
from benchmark.measure import Failed

IMAGES = ("one", "two")
PATIENCE = 600.0


class Storage:
    """A lab that ends with the benchmark; the services' lists by an administrator.

    :param folder: for the lab and for the files that contenders read.
    """

    def __init__(self, folder: Path, zones: int) -> None:
        self.folder = folder
        self.zones = [f"az{number}" for number in range(1, zones + 1)]
        self.lab = LabClient(folder / "lab")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
        clients = {"PATH": f"{os.environ['PATH']}:{os.environ['ZONEOPS_CLIENTS']}"}
        self.environ: Mapping[str, str] = {**kept, **clients, "OS_CLIENT_CONFIG_FILE": str(self.lab.clouds_file)}

    def start(self) -> None:
        """With a volume of one gigabyte in each zone."""
        self._zonelab(
            "up", "--fresh", "--with-parent", str(os.getpid()), "--zones", str(len(self.zones)), "--hosts", "1"
        )
        self.folder.joinpath("image.raw").write_bytes(b"content of an image" * 5000)
        for zone in self.zones:
            body = {"volume": {"name": f"data-{zone}", "size": 1, "availability_zone": zone}}
            self.cinder.post("/volumes", json=body)
        self._until(lambda: all(one["status"] == "available" for one in self._listed("volumes")))

    def stop(self) -> None:
        self._zonelab("down")

    def _zonelab(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "zonelab", "--state", str(self.lab.state.path), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(f"zonelab {arguments[0]}: {done.stdout}{done.stderr}")

    def _adapter(self, kind: str, version: str | None) -> Adapter:
        clouds = [str(self.lab.clouds_file)]
        session = OpenStackConfig(config_files=clouds, load_envvars=False).get_one("lab").get_session()
        return Adapter(session, service_type=kind, default_microversion=version)

    @cached_property
    def cinder(self) -> Adapter:
        return self._adapter("block-storage", "3.59")

    @cached_property
    def manila(self) -> Adapter:
        return self._adapter("shared-file-system", "2.51")

    @cached_property
    def glance(self) -> Adapter:
        return self._adapter("image", None)

    def _until(self, done: Any) -> None:
        end = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > end:
                raise Failed("the cloud did not come to rest")
            time.sleep(0.5)

    def _listed(self, kind: str) -> list[dict[str, Any]]:
        return list(self.cinder.get(f"/{kind}/detail?all_tenants=1").json()[kind])

    def has_volume_types(self) -> bool:
        found = {one["name"]: one["extra_specs"] for one in self.cinder.get("/types").json()["volume_types"]}
        return all(found.get(f"{zone}-gold", {}).get("RESKEY:availability_zones") == zone for zone in self.zones)

    def drop_volume_types(self) -> None:
        for one in self.cinder.get("/types").json()["volume_types"]:
            if one["name"].endswith("-gold"):
                self.cinder.delete(f"/types/{one['id']}")

    def has_share_types(self) -> bool:
        found = {one["name"]: one["extra_specs"] for one in self.manila.get("/types").json()["share_types"]}
        return all(found.get(f"{zone}-gold", {}).get("availability_zones") == zone for zone in self.zones)

    def drop_share_types(self) -> None:
        for one in self.manila.get("/types").json()["share_types"]:
            if one["name"].endswith("-gold"):
                self.manila.delete(f"/types/{one['id']}")

    def _images(self) -> list[dict[str, Any]]:
        listed = self.glance.get("/v2/images?limit=100").json()["images"]
        return [one for one in listed if one["name"] in IMAGES]

    def has_images(self) -> bool:
        found = {one["name"]: set(str(one.get("stores", "")).split(",")) for one in self._images()}
        return all(found.get(name) == set(self.zones) for name in IMAGES)

    def drop_images(self) -> None:
        for one in self._images():
            self.glance.delete(f"/v2/images/{one['id']}")

    def has_backups(self) -> bool:
        good = [one["volume_id"] for one in self._listed("backups") if one["status"] == "available"]
        return sorted(good) == sorted(one["id"] for one in self._listed("volumes"))

    def drop_backups(self) -> None:
        for one in self._listed("backups"):
            self.cinder.delete(f"/backups/{one['id']}")
        self._until(lambda: not self._listed("backups"))
