# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared file systems of the lab's cloud as its operator and its users change them by hand, without the collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from keystoneauth1.adapter import Adapter

from .cloud import Cloud
from .waiting import Waiting

DEFAULT = "default"
# The newest that the posed release has.
VERSION = "2.78"


@dataclass(frozen=True)
class ShareType:
    """A share type without what every type of the lab has; projects by id, where it is private."""

    specs: Mapping[str, str]
    public: bool = True
    description: str | None = None
    projects: tuple[str, ...] = ()


class Shares:
    """Calls of an administrator to manila."""

    def __init__(self, cloud: Cloud) -> None:
        session = cloud.region.get_session()
        self.api = Adapter(session, service_type="shared-file-system", default_microversion=VERSION)
        self.project = str(session.get_project_id())

    def types(self) -> dict[str, ShareType]:
        """All types by name but the default one."""
        return {
            entry["name"]: ShareType(
                {key: value for key, value in entry["extra_specs"].items() if key != "driver_handles_share_servers"},
                entry["share_type_access:is_public"],
                entry["description"],
                self._projects(entry),
            )
            for entry in self._types()
        }

    def _types(self) -> list[dict[str, Any]]:
        listed = self.api.get("/types?is_public=all").json()["share_types"]
        return [entry for entry in listed if entry["name"] != DEFAULT]

    def _projects(self, entry: Mapping[str, Any]) -> tuple[str, ...]:
        if entry["share_type_access:is_public"]:
            return ()
        listed = self.api.get(f"/types/{entry['id']}/share_type_access").json()["share_type_access"]
        return tuple(sorted(one["project_id"] for one in listed))

    def id_of(self, name: str) -> str:
        return str(next(entry["id"] for entry in self._types() if entry["name"] == name))

    def add_type(
        self,
        name: str,
        specs: Mapping[str, str],
        *,
        public: bool = True,
        projects: Iterable[str] = (),
        description: str | None = None,
    ) -> None:
        specs = {"driver_handles_share_servers": "False", **specs}
        wanted = {"name": name, "extra_specs": specs, "share_type_access:is_public": public}
        wanted |= {"description": description} if description else {}
        number = self.api.post("/types", json={"share_type": wanted}).json()["share_type"]["id"]
        for project in projects:
            self.api.post(f"/types/{number}/action", json={"addProjectAccess": {"project": project}})

    def add_share(self, name: str, kind: str, zone: str | None = None) -> dict[str, Any]:
        """A share of 1 GB; what became of it."""
        wanted = {"name": name, "size": 1, "share_proto": "NFS", "share_type": self.id_of(kind)}
        wanted |= {"availability_zone": zone} if zone else {}
        number = self.api.post("/shares", json={"share": wanted}).json()["share"]["id"]
        return self._until(f"/shares/{number}", "share", "status", "creating")

    def add_rule(self, share: str, kind: str, to: str) -> str:
        """An access rule that became active; its id."""
        wanted = {"access_type": kind, "access_to": to, "access_level": "rw"}
        made = self.api.post(f"/shares/{share}/action", json={"allow_access": wanted}).json()["access"]
        self._until(f"/share-access-rules/{made['id']}", "access", "state", "queued_to_apply", "applying")
        return str(made["id"])

    def delete_rule(self, share: str, rule: str) -> None:
        self.api.post(f"/shares/{share}/action", json={"deny_access": {"access_id": rule}})

    def all(self) -> list[str]:
        """The ids of all shares."""
        return [str(entry["id"]) for entry in self.api.get("/shares?all_tenants=1").json()["shares"]]

    def rules(self, share: str) -> set[str]:
        """Their ids, once none is on its way out."""
        waiting = Waiting()
        while True:
            listed = self.api.get(f"/share-access-rules?share_id={share}").json()["access_list"]
            if not any(entry["state"] in ("queued_to_deny", "denying") for entry in listed):
                return {entry["id"] for entry in listed}
            waiting.pause(listed)

    def _until(self, path: str, key: str, name: str, *passing: str) -> dict[str, Any]:
        waiting = Waiting()
        while True:
            found: dict[str, Any] = self.api.get(path).json()[key]
            if found[name] not in passing:
                return found
            waiting.pause(found)

    def services(self) -> dict[str, dict[str, Any]]:
        """The share services by host; the reason where this manila keeps one."""
        listed = self.api.get("/services?binary=manila-share", microversion=self.newest).json()["services"]
        return {entry["host"]: entry for entry in listed}

    @property
    def newest(self) -> str:
        """2.83 where manila is new enough to keep reasons."""
        found = self.api.get_endpoint_data()
        offered = found.max_microversion if found else None
        return "2.83" if offered and offered >= (2, 83) else VERSION

    def switch(self, host: str, *, enabled: bool, reason: str | None = None) -> None:
        """The reason where this manila keeps one."""
        body = {"host": host, "binary": "manila-share", **({"disabled_reason": reason} if reason else {})}
        more = {"microversion": self.newest} if reason else {}
        self.api.put(f"/services/{'enable' if enabled else 'disable'}", json=body, **more)

    def empty(self) -> None:
        """No share, no type but the default one, every service enabled."""
        for host, service in self.services().items():
            if service["status"] == "disabled":
                self.switch(host, enabled=True)
        for share in self.api.get("/shares?all_tenants=1").json()["shares"]:
            self.api.delete(f"/shares/{share['id']}")
        waiting = Waiting()
        while self.api.get("/shares?all_tenants=1").json()["shares"]:
            waiting.pause("shares are still there after their deletion")
        for entry in self._types():
            self.api.delete(f"/types/{entry['id']}")
