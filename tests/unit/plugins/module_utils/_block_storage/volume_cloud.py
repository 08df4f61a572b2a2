# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cinder in memory, as far as backups and carried volumes need it: what was seen of a real one, and failures on demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.dependencies import Halted
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.model import Service
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.volume_calls import VolumeApi
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.api.volume_model import (
    Backup,
    Pool,
    Volume,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.errors import ZoneopsError

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ZONES = ("az1", "az2", "az3")
PROJECT = "p1"


class Killed(BaseException):
    """The process ends here; nothing of it runs on."""


def volume(number: str = "v1", zone: str = "az1", **values: Any) -> Volume:
    given = {"name": f"name-{number}", "size": 10, "status": "available", "project_id": PROJECT, "type": "t", **values}
    return Volume(id=number, availability_zone=zone, **given)


def backup(number: str, hours: float = 1, volume_id: str = "v1", **values: Any) -> Backup:
    """One that was made so many hours ago."""
    made = NOW - timedelta(hours=hours)
    given = {
        "name": number,
        "status": "available",
        "size": 10,
        "availability_zone": "az1",
        "project_id": PROJECT,
        **values,
    }
    return Backup(id=number, volume_id=volume_id, created_at=made, data_time=made, **given)


def services(*without: str) -> list[Service]:
    """A scheduler, a cinder-volume and a cinder-backup per zone; `backup az1` names one that is down."""
    found = [
        Service(
            f"cinder-{kind}",
            f"lab@{zone}" if kind == "volume" else f"lab-{zone}",
            zone,
            up=f"{kind} {zone}" not in without,
        )
        for zone in ZONES
        for kind in ("volume", "backup")
    ]
    return [*found, Service("cinder-scheduler", "control", "nova", up="scheduler" not in without)]


@dataclass
class FakeCinder(VolumeApi):
    """What was begun is under way until somebody waits for it.

    :ivar writes: of the run, in words.
    :ivar kill_at: the write with this number is not made, or is made and not answered where `after`.
    :ivar lose_at: the write with this number is made, and its answer is lost.
    :ivar builds_on: what each incremental backup builds on, by id.
    """

    volume_list: dict[str, Volume] = field(default_factory=dict)
    backup_list: dict[str, Backup] = field(default_factory=dict)
    service_list: list[Service] = field(default_factory=services)
    pool_list: list[Pool] = field(default_factory=lambda: [Pool(f"lab@{zone}#p", zone, 900.0) for zone in ZONES])
    type_list: dict[str, dict[str, str]] = field(default_factory=lambda: {"t": {}})
    quotas: dict[str, dict[str, int]] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    kill_at: int | None = None
    after: bool = False
    lose_at: int | None = None
    broken_backups: bool = False
    broken_restores: bool = False
    clock: datetime = NOW
    number: int = 0
    builds_on: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, *things: Volume | Backup, **values: Any) -> FakeCinder:
        made = cls(**values)
        for thing in things:
            if isinstance(thing, Volume):
                made.volume_list[thing.id] = thing
            else:
                made.backup_list[thing.id] = thing
        return made

    def _write(self, what: str) -> None:
        if self.kill_at == len(self.writes) and not self.after:
            raise Killed
        self.writes.append(what)

    def _answer(self) -> None:
        if self.kill_at == len(self.writes) - 1 and self.after:
            raise Killed
        if self.lose_at == len(self.writes) - 1:
            raise ZoneopsError("the answer was lost", uncertain=True)

    def _id(self, kind: str) -> str:
        self.number += 1
        self.clock += timedelta(seconds=1)
        return f"{kind}-{self.number}"

    def volumes(self, *, all_projects: bool, zone: str | None = None) -> list[Volume]:
        self.calls.append("volumes")
        return [
            one
            for one in self.volume_list.values()
            if (all_projects or one.project_id == PROJECT) and zone in (None, one.availability_zone)
        ]

    def backups(self, *, all_projects: bool, volume_id: str | None = None, status: str | None = None) -> list[Backup]:
        self.calls.append("backups")
        return [
            one
            for one in self.backup_list.values()
            if (all_projects or one.project_id == PROJECT)
            and volume_id in (None, one.volume_id)
            and status in (None, one.status)
        ]

    def services(self) -> list[Service]:
        self.calls.append("services")
        return self.service_list

    def pools(self) -> list[Pool]:
        self.calls.append("pools")
        return self.pool_list

    def types(self) -> dict[str, dict[str, str]]:
        self.calls.append("types")
        return self.type_list

    def quota(self, project: str) -> dict[str, dict[str, int]]:  # noqa: ARG002 - as the real one
        self.calls.append("quota")
        return self.quotas

    def volume(self, volume_id: str) -> Volume | None:
        return self.volume_list.get(volume_id)

    def backup(self, backup_id: str) -> Backup | None:
        return self.backup_list.get(backup_id)

    def make_backup(self, body: Mapping[str, Any]) -> str:
        source = self.volume_list[body["volume_id"]]
        self._write(
            f"make backup of {source.id} in {body.get('availability_zone')}{' incremental' * body.get('incremental', False)}"
        )
        assert source.status == "available" or body.get("force"), "an in-use volume without force is a 400"
        made = Backup(
            id=self._id("backup"),
            name=body["name"],
            volume_id=source.id,
            status="creating",
            size=source.size,
            availability_zone=body.get("availability_zone"),
            created_at=self.clock,
            data_time=self.clock,
            incremental=body.get("incremental", False),
            project_id=PROJECT,
            metadata=body["metadata"],
        )
        if made.incremental:
            base = max(
                (one for one in self.backup_list.values() if one.volume_id == source.id and one.status == "available"),
                key=lambda one: one.data_time,
            )
            self.backup_list[base.id] = replace(base, has_dependents=True)
            self.builds_on[made.id] = base.id
        self.backup_list[made.id] = made
        self._answer()
        return made.id

    def settled_backup(self, backup_id: str, what: str, halted: Halted) -> Backup | None:  # noqa: ARG002
        found = self.backup_list.get(backup_id)
        if found is not None and found.status == "creating":
            status = "error" if self.broken_backups else "available"
            found = self.backup_list[backup_id] = replace(
                found, status=status, fail_reason="no room" if self.broken_backups else None
            )
        return found

    def delete_backup(self, backup_id: str) -> None:
        self._write(f"delete {backup_id}")
        assert backup_id not in self.builds_on.values(), f"400: incremental backups exist for {backup_id}"
        found = self.backup_list.pop(backup_id, None)
        assert found is None or found.status in ("available", "error"), "400"
        base = self.builds_on.pop(backup_id, None)
        if base in self.backup_list:
            self.backup_list[base] = replace(self.backup_list[base], has_dependents=False)
        self._answer()

    def make_volume(self, body: Mapping[str, Any]) -> str:
        self._write(f"make volume in {body['availability_zone']}")
        base = self.backup_list.get(body.get("backup_id", ""))
        assert base is None or base.status == "available", "400"
        source = self.volume_list.get(base.volume_id) if base else None
        made = Volume(
            id=self._id("volume"),
            name=body["name"],
            size=body["size"],
            status="creating",
            availability_zone=body["availability_zone"],
            project_id=PROJECT,
            type=body.get("volume_type"),
            # A restore writes the source's metadata over what the volume was made with.
            metadata=dict((source and source.metadata) or body.get("metadata", {})),
        )
        self.volume_list[made.id] = made
        self._answer()
        return made.id

    def settled_volume(self, volume_id: str, what: str, halted: Halted) -> Volume | None:  # noqa: ARG002
        found = self.volume_list.get(volume_id)
        if found is not None and found.status == "creating":
            found = self.volume_list[volume_id] = replace(
                found, status="error" if self.broken_restores else "available"
            )
        return found

    def update_volume(self, volume_id: str, body: Mapping[str, Any]) -> None:
        self._write(f"update {volume_id}")
        self.volume_list[volume_id] = replace(self.volume_list[volume_id], **body)
        self._answer()

    def set_bootable(self, volume_id: str) -> None:
        self._write(f"bootable {volume_id}")
        self.volume_list[volume_id] = replace(self.volume_list[volume_id], bootable=True)
        self._answer()

    def delete_volume(self, volume_id: str) -> None:
        self._write(f"delete {volume_id}")
        del self.volume_list[volume_id]
        self._answer()

    def reason(self, volume_id: str) -> str:  # noqa: ARG002
        return "no room there"


def limit() -> Deadline:
    return Deadline(60)
