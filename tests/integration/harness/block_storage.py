# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Block storage of the lab's cloud as its operator and its users change it by hand, without the collection."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from keystoneauth1.adapter import Adapter
from zonelab.client import LabClient

from .cloud import Cloud
from .waiting import Waiting

DEFAULT = "__DEFAULT__"
#: The microversion that has default types of projects.
DEFAULTS = "3.62"


@dataclass(frozen=True)
class VolumeType:
    """A volume type; projects by id, where it is private."""

    specs: Mapping[str, str]
    public: bool = True
    description: str | None = None
    projects: tuple[str, ...] = ()


class BlockStorage:
    """Calls of an administrator to cinder."""

    def __init__(self, cloud: Cloud) -> None:
        session = cloud.region.get_session()
        self.api = Adapter(session, service_type="block-storage")
        self.project = str(session.get_project_id())

    def types(self) -> dict[str, VolumeType]:
        """All types by name but the default one."""
        return {
            entry["name"]: VolumeType(
                entry["extra_specs"], entry["is_public"], entry["description"], self._projects(entry)
            )
            for entry in self._types()
        }

    def _types(self) -> list[dict[str, Any]]:
        listed = self.api.get("/types?is_public=none").json()["volume_types"]
        return [entry for entry in listed if entry["name"] != DEFAULT]

    def _projects(self, entry: Mapping[str, Any]) -> tuple[str, ...]:
        if entry["is_public"]:
            return ()
        listed = self.api.get(f"/types/{entry['id']}/os-volume-type-access").json()["volume_type_access"]
        return tuple(sorted(one["project_id"] for one in listed))

    def id_of(self, name: str) -> str:
        return str(next(entry["id"] for entry in self._types() if entry["name"] == name))

    def add_type(
        self, name: str, specs: Mapping[str, str], *, public: bool = True, projects: Iterable[str] = ()
    ) -> None:
        wanted = {"name": name, "extra_specs": dict(specs), "os-volume-type-access:is_public": public}
        number = self.api.post("/types", json={"volume_type": wanted}).json()["volume_type"]["id"]
        for project in projects:
            self.api.post(f"/types/{number}/action", json={"addProjectAccess": {"project": project}})

    def set_default(self, project: str, name: str | None) -> None:
        """The type of volumes of a project that name none; None takes it away."""
        path = f"/default-types/{project}"
        if name is None:
            self.api.delete(path, microversion=DEFAULTS)
            return
        self.api.put(path, json={"default_type": {"volume_type": name}}, microversion=DEFAULTS)

    def defaults(self) -> dict[str, str]:
        """The type by project, of those that have one of their own."""
        names = {entry["id"]: entry["name"] for entry in self.api.get("/types?is_public=none").json()["volume_types"]}
        listed = self.api.get("/default-types", microversion=DEFAULTS).json()["default_types"]
        return {entry["project_id"]: names[entry["volume_type_id"]] for entry in listed}

    def encrypt(self, name: str) -> None:
        """Volumes that are made of the type from now on are encrypted."""
        about = {"provider": "luks", "cipher": "aes-xts-plain64", "key_size": 256, "control_location": "front-end"}
        self.api.post(f"/types/{self.id_of(name)}/encryption", json={"encryption": about})

    def rename_type(self, name: str, new: str) -> None:
        self.api.put(f"/types/{self.id_of(name)}", json={"volume_type": {"name": new}})

    def add_volume(self, name: str, kind: str, zone: str | None = None) -> dict[str, Any]:
        """A volume of 1 GB; what became of it."""
        wanted = {"name": name, "size": 1, "volume_type": kind, "availability_zone": zone}
        number = self.api.post("/volumes", json={"volume": wanted}).json()["volume"]["id"]
        waiting = Waiting()
        while True:
            volume: dict[str, Any] = self.api.get(f"/volumes/{number}").json()["volume"]
            if volume["status"] not in ("creating", "downloading"):
                return volume
            waiting.pause(volume)

    def services(self) -> dict[str, dict[str, Any]]:
        """The services by binary and host."""
        listed = self.api.get("/os-services").json()["services"]
        return {f"{entry['binary']} {entry['host']}": entry for entry in listed}

    def disable(self, binary: str, host: str, reason: str) -> None:
        body = {"binary": binary, "host": host, "disabled_reason": reason}
        self.api.put("/os-services/disable-log-reason", json=body)

    def disabled(self) -> dict[str, str]:
        """The reason of each service that is disabled."""
        return {
            name: str(entry["disabled_reason"])
            for name, entry in self.services().items()
            if entry["status"] == "disabled"
        }

    def new_backup_records(self, lab: LabClient) -> None:
        """What 'cinder-manage service remove' and a restart of the services make of each cinder-backup: no call of cinder 29 enables one."""
        with closing(sqlite3.connect(lab.state.database("cinder"), timeout=30)) as database:
            database.execute("UPDATE services SET disabled = 0, disabled_reason = NULL WHERE binary = 'cinder-backup'")
            database.commit()

    def empty(self) -> None:
        """No volume, no type but the default one, every cinder-volume enabled."""
        waiting = Waiting()
        while volumes := self.api.get("/volumes/detail?all_tenants=1").json()["volumes"]:
            for volume in volumes:
                # One that cinder works on is refused, and goes at a later look.
                if volume["status"] != "deleting":
                    self.api.delete(f"/volumes/{volume['id']}?force=true&cascade=true", raise_exc=False)
            left = [(volume["name"], volume["status"]) for volume in volumes]
            waiting.pause(f"volumes are still there after their deletion: {left}")
        for project in self.defaults():
            self.set_default(project, None)
        for entry in self._types():
            self.api.delete(f"/types/{entry['id']}")
        for service in self.services().values():
            if service["status"] == "disabled" and service["binary"] == "cinder-volume":
                # What enabling says and does not do in cinder 29.
                if not service["frozen"]:
                    self.api.put("/os-services/freeze", json={"host": service["host"]})
                self.api.put("/os-services/thaw", json={"host": service["host"]})
