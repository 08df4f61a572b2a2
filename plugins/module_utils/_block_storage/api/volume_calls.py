# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to cinder that backups and carried volumes need, and nothing else: lists into the model, and one method per write."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from ..._openstack.errors import ApiError, gone
from ..._openstack.reader import Reader
from ..._openstack.service import Service as Connection
from ..._plan.deadline import Deadline
from ..._plan.errors import ZoneopsError
from ..._plan.progress import Awaited, report
from .cinder import SERVICES, as_service
from .dependencies import Halted, backup_halted, volume_halted
from .model import Service
from .volume_model import Backup, Pool, Volume

# 3.43: metadata of backups, 3.47: a volume made from a backup, 3.51: a backup in another zone than the volume's.
VERSION = (3, 51)
FIRST_LOOK, LAST_LOOK = 0.2, 5.0
# How often to look whether the services that something needs are up, while it is waited for.
SERVICES_SECONDS = 10.0
# What is waited for and the status it is in.
Watch = Callable[[str, str], None]
# What a volume or a backup is in while something is under way.
PASSING_VOLUME = ("creating", "restoring-backup", "downloading", "deleting")
PASSING_BACKUP = ("creating", "restoring", "deleting")


class VolumeApi(Reader):
    """Volumes and backups of one region.

    :param deadline: bounds every wait.
    :param watch: told of what is waited for; left out, it is reported.
    """

    def __init__(
        self, service: Connection, deadline: Deadline, watch: Watch = lambda what, status: report(f"{what} {status}")
    ) -> None:
        self._service = service
        self._deadline = deadline
        self._watch = watch
        self._version: str | None = None
        self._looked = time.monotonic()

    @property
    def version(self) -> str:
        if self._version is None:
            self._version = self._service.negotiate(VERSION, VERSION)
        return self._version

    def volumes(self, *, all_projects: bool, zone: str | None = None) -> list[Volume]:
        """GET /volumes/detail: those of the user's project, or of all of them; of one availability zone."""
        params = {"availability_zone": zone} if zone else {}
        return [
            as_volume(entry) for entry in self._pages("/volumes/detail", "volumes", all_projects, params, once=True)
        ]

    def backups(self, *, all_projects: bool, volume_id: str | None = None, status: str | None = None) -> list[Backup]:
        """GET /backups/detail: those of the user's project, or of all of them; of one volume, in one status."""
        params = {**({"volume_id": volume_id} if volume_id else {}), **({"status": status} if status else {})}
        listed = self._pages("/backups/detail", "backups", all_projects, params)
        return [as_backup(entry) for entry in listed]

    def _pages(
        self, path: str, key: str, all_projects: bool, params: Mapping[str, str], *, once: bool = False
    ) -> list[dict[str, Any]]:
        asked = {**({"all_tenants": "1"} if all_projects else {}), **params}
        return list(self._service.pages(path, key, microversion=self.version, params=asked, once=once))

    def services(self) -> list[Service]:
        """GET /os-services."""
        listed = self._service.get("/os-services", microversion=SERVICES, once=True)["services"]
        return [as_service(entry) for entry in listed]

    def pools(self) -> list[Pool]:
        """GET /scheduler-stats/get_pools: what back ends report. One that is down is missing, or says so."""
        listed = self._service.get("/scheduler-stats/get_pools", microversion=self.version, params={"detail": "True"})[
            "pools"
        ]
        return [as_pool(entry) for entry in listed if entry.get("capabilities", {}).get("backend_state", "up") == "up"]

    def types(self) -> dict[str, dict[str, str]]:
        """GET /types: the extra specs of every type, by name."""
        listed = self._service.pages("/types", "volume_types", microversion=self.version, params={"is_public": "none"})
        return {entry["name"]: dict(entry.get("extra_specs") or {}) for entry in listed}

    def quota(self, project: str) -> dict[str, dict[str, int]]:
        """GET /os-quota-sets: limit, in_use and reserved of each resource."""
        path = f"/os-quota-sets/{quote(project)}"
        listed = self._service.get(path, microversion=self.version, params={"usage": "True"})["quota_set"]
        return {name: entry for name, entry in listed.items() if isinstance(entry, dict)}

    def volume(self, volume_id: str) -> Volume | None:
        """GET /volumes/{id}, None when it is gone."""
        found = self._one(f"/volumes/{volume_id}", "volume")
        return None if found is None else as_volume(found)

    def backup(self, backup_id: str) -> Backup | None:
        """GET /backups/{id}, None when it is gone."""
        found = self._one(f"/backups/{backup_id}", "backup")
        return None if found is None else as_backup(found)

    def _one(self, path: str, key: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._service.get(path, microversion=self.version)[key]
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        return found

    def make_backup(self, body: Mapping[str, Any]) -> str:
        """POST /backups; the id."""
        return str(self._service.post("/backups", {"backup": dict(body)}, microversion=self.version)["backup"]["id"])

    def make_volume(self, body: Mapping[str, Any]) -> str:
        """POST /volumes; the id."""
        return str(self._service.post("/volumes", {"volume": dict(body)}, microversion=self.version)["volume"]["id"])

    def update_volume(self, volume_id: str, body: Mapping[str, Any]) -> None:
        """PUT /volumes/{id}. Metadata in it takes the place of all that is there."""
        self._service.put(f"/volumes/{volume_id}", {"volume": dict(body)}, microversion=self.version)

    def set_bootable(self, volume_id: str) -> None:
        """POST /volumes/{id}/action."""
        body = {"os-set_bootable": {"bootable": True}}
        self._service.post(f"/volumes/{volume_id}/action", body, microversion=self.version)

    def set_image_metadata(self, volume_id: str, properties: Mapping[str, str]) -> None:
        """POST /volumes/{id}/action: what the image of a volume said of servers that boot from it."""
        body = {"os-set_image_metadata": {"metadata": dict(properties)}}
        self._service.post(f"/volumes/{volume_id}/action", body, microversion=self.version)

    def delete_backup(self, backup_id: str) -> None:
        """DELETE /backups/{id}, and wait until it is gone."""
        self._delete(f"/backups/{backup_id}", lambda: self.backup(backup_id) is not None)
        left = self.settled_backup(backup_id, "is removed", backup_halted)
        if left is not None:
            raise ZoneopsError(
                f"backup {backup_id} was deleted and is {left.status}: {left.fail_reason or 'no reason given'}"
            )

    def delete_volume(self, volume_id: str) -> None:
        """DELETE /volumes/{id}, and wait until it is gone."""
        self._delete(f"/volumes/{volume_id}", lambda: self.volume(volume_id) is not None)
        left = self.settled_volume(volume_id, "is removed", volume_halted)
        if left is not None:
            raise ZoneopsError(f"volume {volume_id} was deleted and is {left.status}")

    def _delete(self, path: str, still_there: Callable[[], bool]) -> None:
        with gone(still_there):
            self._service.delete(path, microversion=self.version)

    def settled_backup(self, backup_id: str, what: str, halted: Halted) -> Backup | None:
        """The backup once nothing is under way with it; None when it is gone. An error where a service that it needs is down."""
        wait = Waiting(self._deadline, f"backup {backup_id}", what, self._watch)
        while True:
            with self._deadline.look():
                found = self.backup(backup_id)
                if found is None or found.status not in PASSING_BACKUP:
                    return found
                self._check_services(f"backup {backup_id}", found, halted)
            wait.on(found.status)

    def settled_volume(self, volume_id: str, what: str, halted: Halted) -> Volume | None:
        """The volume once nothing is under way with it; None when it is gone. An error where a service that it needs is down."""
        wait = Waiting(self._deadline, f"volume {volume_id}", what, self._watch)
        while True:
            with self._deadline.look():
                found = self.volume(volume_id)
                if found is None or found.status not in PASSING_VOLUME:
                    return found
                self._check_services(f"volume {volume_id}", found, halted)
            wait.on(found.status)

    def _check_services(self, target: str, found: Volume | Backup, halted: Halted) -> None:
        """Once in a while, for all waits of a run together: what nobody works on is not waited for."""
        if time.monotonic() - self._looked < SERVICES_SECONDS:
            return
        why = halted(found, self.services())
        if why:
            # The next object that is awaited is looked at without waiting again.
            raise ZoneopsError(
                f"{target} is '{found.status}' and makes no progress: {why}. Start the service, then run it again to continue from here."
            )
        self._looked = time.monotonic()

    def reason(self, volume_id: str) -> str:
        """What cinder's messages say about a volume that failed."""
        params = {"resource_uuid": volume_id}
        listed = self._service.get("/messages", microversion=self.version, params=params)["messages"]
        return "; ".join(str(entry["user_message"]) for entry in listed) or "cinder reports no reason; check its log"


class Waiting:
    """A poll that slows down, within the run's deadline.

    :param what: what is waited for, for the message when time runs out.
    :param watch: told of each status, and every 30 s of one that lasts.
    """

    def __init__(self, deadline: Deadline, target: str, what: str, watch: Watch) -> None:
        self._deadline = deadline
        self._target = target
        self._what = what
        self._pause = FIRST_LOOK
        self._awaited = Awaited("", lambda text: watch(target, text))

    def on(self, status: str) -> None:
        """It is still in this status: wait a while."""
        if self._deadline.remaining() <= self._pause:
            raise ZoneopsError(
                f"{self._target} is still '{status}' at the run's deadline of {self._deadline.seconds:g} s. cinder continues. "
                f"Run it again until it {self._what}, or raise the option timeout."
            )
        self._awaited.is_now(f"is {status}")
        time.sleep(self._pause)
        self._pause = min(LAST_LOOK, self._pause * 1.3)


def as_volume(entry: Mapping[str, Any]) -> Volume:
    return Volume(
        id=entry["id"],
        name=entry.get("name") or "",
        size=int(entry["size"]),
        status=entry["status"],
        availability_zone=entry.get("availability_zone") or "",
        description=entry.get("description"),
        project_id=entry.get("os-vol-tenant-attr:tenant_id"),
        type=entry.get("volume_type"),
        bootable=str(entry.get("bootable")).lower() == "true",
        encrypted=bool(entry.get("encrypted")),
        multiattach=bool(entry.get("multiattach")),
        metadata=dict(entry.get("metadata") or {}),
        attached_to=tuple(
            sorted(str(found["server_id"]) for found in entry.get("attachments") or () if found.get("server_id"))
        ),
        attached_on={
            str(found["attachment_id"]): str(found["host_name"])
            for found in entry.get("attachments") or ()
            if found.get("attachment_id") and found.get("host_name")
        },
        host=str(entry.get("os-vol-host-attr:host") or "").partition("#")[0],
        image={str(key): str(value) for key, value in (entry.get("volume_image_metadata") or {}).items()},
        migration=str(entry.get("migration_status") or ""),
        changed_at=moment(changed) if (changed := entry.get("updated_at") or entry.get("created_at")) else None,
    )


def as_backup(entry: Mapping[str, Any]) -> Backup:
    created = moment(entry["created_at"])
    return Backup(
        id=entry["id"],
        name=entry.get("name") or "",
        volume_id=entry["volume_id"],
        status=entry["status"],
        size=int(entry.get("size") or 0),
        availability_zone=entry.get("availability_zone"),
        created_at=created,
        data_time=moment(entry["data_timestamp"]) if entry.get("data_timestamp") else created,
        incremental=bool(entry.get("is_incremental")),
        has_dependents=bool(entry.get("has_dependent_backups")),
        project_id=entry.get("os-backup-project-attr:project_id"),
        fail_reason=entry.get("fail_reason"),
        metadata=dict(entry.get("metadata") or {}),
    )


def as_pool(entry: Mapping[str, Any]) -> Pool:
    found = entry.get("capabilities", {})
    free, total = _number(found.get("free_capacity_gb")), _number(found.get("total_capacity_gb"))
    if free is not None and total is not None:
        free = max(0.0, free - total * (_number(found.get("reserved_percentage")) or 0) / 100)
    return Pool(entry["name"], str(found.get("volume_backend_name") or ""), free)


def moment(text: str) -> datetime:
    """A time of cinder's, which is UTC and does not say so."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _number(value: Any) -> float | None:
    """Back ends may report "unknown" or "infinite" instead."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
