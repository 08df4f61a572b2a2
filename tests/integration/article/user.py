# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plain project member with a shell and the public clients, and an administrator who looks where everything is."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml
from keystoneauth1.adapter import Adapter
from openstack.config import OpenStackConfig

PATIENCE = 300  # a busy machine starts a client in half a minute
VERSIONS = {"compute": "2.90", "block-storage": "3.59", "shared-file-system": "2.65"}


class CommandError(Exception):
    """A command ended with an error; its words."""


class User:
    """What a user types, in the environment that his openrc file makes.

    :param more: further lines of that file, such as share_api_version.
    """

    def __init__(self, clouds: Path, cloud: str = "lab-member", **more: str) -> None:
        about = yaml.safe_load(clouds.read_text())["clouds"][cloud]
        values = {**about["auth"], "region_name": about["region_name"], "identity_api_version": 3, **more}
        self._environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("OS_")},
            **{f"OS_{name.upper()}": str(value) for name, value in values.items()},
        }

    def __call__(self, script: str) -> str:
        """Run it in a shell that stops at the first error; what it printed."""
        with tempfile.TemporaryDirectory(prefix="zoneops-user-") as folder, terminal() as keyboard:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script],
                cwd=folder,
                env=self._environ,
                stdin=keyboard,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        print(f"$ {script}\n{done.stdout}{done.stderr}")  # pytest shows it for a test that fails
        if done.returncode:
            raise CommandError(done.stderr)
        return done.stdout.strip()

    def together(self, *scripts: str) -> list[str]:
        """Commands that do not need each other: a client takes a second to start."""
        with ThreadPoolExecutor(len(scripts)) as pool:
            return list(pool.map(self, scripts))


@contextlib.contextmanager
def terminal() -> Iterator[int]:
    """At which nobody types: glance takes any other standard input for image data."""
    ends = pty.openpty()
    try:
        yield ends[1]
    finally:
        for end in ends:
            os.close(end)


class Looker:
    """The administrator: reads all services, and waits for what they do."""

    def __init__(self, clouds: Path, cloud: str = "lab") -> None:
        session = OpenStackConfig(config_files=[str(clouds)], load_envvars=False).get_one(cloud).get_session()
        kinds = ("compute", "image", "network", "block-storage", "shared-file-system")
        self._adapters = {kind: adapter(session, kind) for kind in kinds}

    def get(self, kind: str, path: str) -> Any:
        """The answer's one part."""
        (content,) = self._adapters[kind].get(path).json().values()
        return content

    def post(self, kind: str, path: str, body: dict[str, Any]) -> Any:
        answer = self._adapters[kind].post(path, json=body)
        return answer.json() if answer.content else None

    def zones_of_aggregates(self) -> dict[str, str | None]:
        """Availability zone by aggregate; those that neutron makes have none and are left out."""
        listed = self.get("compute", "/os-aggregates")
        return {one["name"]: one["availability_zone"] for one in listed if one["availability_zone"]}

    def rename_aggregate(self, old: str, new: str) -> None:
        (number,) = (one["id"] for one in self.get("compute", "/os-aggregates") if one["name"] == old)
        self._adapters["compute"].put(f"/os-aggregates/{number}", json={"aggregate": {"name": new}}).raise_for_status()

    def image(self, name: str) -> dict[str, Any]:
        (found,) = self._adapters["image"].get(f"/v2/images?name={name}&limit=10").json()["images"]
        return dict(found)

    def volume(self, name: str) -> dict[str, Any]:
        (found,) = self.get("block-storage", f"/volumes/detail?all_tenants=1&name={name}")
        return dict(found)

    def server(self, name: str) -> dict[str, Any]:
        (found,) = self.get("compute", f"/servers/detail?all_tenants=1&name=^{name}$")
        return dict(found)

    def port(self, server: str) -> dict[str, Any]:
        """Its only one."""
        (found,) = self.get("network", f"/v2.0/ports?device_id={server}")
        return dict(found)

    def share(self, name: str) -> dict[str, Any]:
        listed = self._adapters["shared-file-system"].get(f"/shares/detail?all_tenants=1&name={name}").json()["shares"]
        (found,) = listed
        return dict(found)


def adapter(session: Any, kind: str) -> Adapter:
    version = VERSIONS.get(kind)
    headers = {"X-OpenStack-Manila-API-Version": version} if kind == "shared-file-system" and version else {}
    return Adapter(
        session, service_type=kind, default_microversion=None if headers else version, additional_headers=headers
    )


def settled(read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Wait until it is ready or has failed."""
    end = time.monotonic() + PATIENCE
    while not is_settled(found := read()):
        assert time.monotonic() < end, f"still {found}"
        time.sleep(0.2)
    return found


def is_settled(found: dict[str, Any]) -> bool:
    if found.get("os_glance_import_task"):
        return False
    return found["status"].lower() in ("active", "available", "error") or bool(found.get("os_glance_failed_import"))
