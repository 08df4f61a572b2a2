# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's volumes and backups as their users have them: made by hand, their content written and read in the back end's own files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from keystoneauth1.adapter import Adapter
from zonelab.client import LabClient

from .cloud import Cloud
from .waiting import Waiting

# Old enough for the posed release.
VERSION = "3.70"
PASSING = ("creating", "downloading", "backing-up", "restoring", "restoring-backup", "deleting")


class Volumes:
    """Calls of an administrator."""

    def __init__(self, cloud: Cloud, lab: LabClient) -> None:
        session = cloud.region.get_session()
        self.cinder = Adapter(session, service_type="block-storage", default_microversion=VERSION)
        self.project = session.get_project_id()
        self.files = lab.state.data / "cinder"

    def make(self, name: str, zone: str, content: bytes = b"", **values: Any) -> str:
        """A volume of one gigabyte; its id."""
        body = {"volume": {"name": name, "size": 1, "availability_zone": zone, **values}}
        number = str(self.cinder.post("/volumes", json=body).json()["volume"]["id"])
        found = self.settled("volume", number)
        assert found["status"] == "available", found
        with self.file(found).open("r+b") as file:
            file.write(content)
        return number

    def act(self, number: str, action: str, **values: Any) -> None:
        self.cinder.post(f"/volumes/{number}/action", json={action: values})

    @contextmanager
    def quota(self, **limits: int) -> Iterator[None]:
        """The project's own, which it has while this lasts."""
        path = f"/os-quota-sets/{self.project}"
        self.cinder.put(path, json={"quota_set": limits})
        try:
            yield
        finally:
            self.cinder.delete(path)

    def file(self, volume: dict[str, Any]) -> Path:
        return self.files / str(volume["availability_zone"]) / f"volume-{volume['id']}"

    def starts_with(self, volume: dict[str, Any], content: bytes) -> bool:
        with self.file(volume).open("rb") as file:
            return file.read(len(content)) == content

    def all(self) -> dict[str, dict[str, Any]]:
        """By id."""
        listed = self.cinder.get("/volumes/detail?all_tenants=1").json()["volumes"]
        return {entry["id"]: entry for entry in listed}

    def backups(self) -> list[dict[str, Any]]:
        """The newest first."""
        return list(self.cinder.get("/backups/detail?all_tenants=1&sort=created_at:desc").json()["backups"])

    def settled(self, kind: str, number: str) -> dict[str, Any]:
        """A volume or a backup once nothing is under way with it; empty when it is gone."""
        waiting = Waiting()
        while True:
            found: dict[str, Any] = self.cinder.get(f"/{kind}s/{number}", raise_exc=False).json().get(kind, {})
            if found.get("status") not in PASSING:
                return found
            waiting.pause(f"{kind} {number} is still {found['status']}")

    def until_up(self) -> None:
        """Until every service of cinder reports in again."""
        waiting = Waiting()
        while dead := [
            entry["host"] for entry in self.cinder.get("/os-services").json()["services"] if entry["state"] != "up"
        ]:
            waiting.pause(f"still down: {dead}")

    def empty_backups(self) -> None:
        """No backup: those first that nothing builds on."""
        while backups := [entry for entry in self.backups() if not entry["has_dependent_backups"]]:
            for entry in backups:
                self.settled("backup", entry["id"])
                self.cinder.delete(f"/backups/{entry['id']}", raise_exc=False)
            for entry in backups:
                self.settled("backup", entry["id"])

    def empty(self) -> None:
        """No backup and no volume."""
        self.empty_backups()
        numbers = list(self.all())
        for number in numbers:
            self.settled("volume", number)
            self.cinder.delete(f"/volumes/{number}")
        for number in numbers:
            self.settled("volume", number)
