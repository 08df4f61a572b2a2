# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes on their way into another zone, in the flow of a writer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..._plan.apply import UNDO_SECONDS
from ..._plan.change import Plan
from ..._plan.converge import Reconciler
from ..._plan.deadline import Deadline
from ..._plan.errors import ZoneopsError
from ..api.dependencies import restoring
from ..api.volume_calls import VolumeApi
from ..api.volume_model import Backup, Volume
from ..backups.changes import AwaitBackup, DeleteBackup, MakeBackup
from ..backups.reconcile import await_backup, make_backup
from .changes import AwaitCopy, DeleteCopy, FinishCopy, MakeCopy
from .model import FROM, SELF, Limits, Observed, Wanted, way_of, working_name
from .plan import RelocateChange, plan_relocation

# The ids of what is not made yet, in a prediction.
NEW_BACKUP, NEW_COPY = "new backup of ", "new copy of "
# Volume, zone, step.
Report = Callable[[str, str, str], None]


class VolumeRelocate(Reconciler[Observed, RelocateChange]):
    """The reconciler that `_plan.converge` works in; its "zones" are the volumes as they were given.

    A no-op costs three calls: version document, volumes, backups.

    :param project: the one that the user is signed in to.
    :param report: told of every step that is begun.
    """

    def __init__(
        self, api: VolumeApi, wanted: Wanted, project: str, deadline: Deadline, now: datetime, report: Report
    ) -> None:
        self.api = api
        self.wanted = wanted
        self.project = project
        self.deadline = deadline
        self.now = now
        self.report = report
        self._observed = Observed(())
        self._limits: Limits | None = None
        self._backups: dict[str, str] = {}
        self._copies: dict[str, str] = {}

    @property
    def zones(self) -> Sequence[str]:
        return self.wanted.volumes

    def observe(self) -> Observed:
        observed = Observed(
            tuple(self.api.volumes(all_projects=False)), tuple(self.api.backups(all_projects=False)), self._limits
        )
        self._observed = observed
        return observed

    def observe_details(self, observed: Observed, plan: Plan[RelocateChange]) -> Observed | None:
        """What the cloud has to offer: asked once, where something is to be begun."""
        if observed.limits is not None or not any(isinstance(change, MakeCopy) for change in plan.changes):
            return None
        limits = Limits(
            services=tuple(self.api.services()),
            pools=tuple(self.api.pools()),
            types=self.api.types(),
            quota=self.api.quota(self.project),
        )
        return replace(observed, limits=limits)

    def plan(self, observed: Observed) -> Plan[RelocateChange]:
        return plan_relocation(observed, self.wanted, self.now)

    def simulate(self, observed: Observed, change: RelocateChange) -> Observed:
        (source,) = observed.named(change.zone)
        way = way_of(observed, source, self.wanted.zone)
        match change:
            case MakeBackup():
                return observed.with_backup(self._predicted_backup(source, change))
            case AwaitBackup():
                return observed.with_backup(replace(way.backups[0], status="available"))
            case MakeCopy():
                return observed.with_volume(
                    replace(
                        source,
                        id=f"{NEW_COPY}{source.id}",
                        name=working_name(source.id),
                        availability_zone=change.where,
                        type=change.type,
                        status="creating",
                        attached_to=(),
                    )
                )
            case AwaitCopy():
                return observed.with_volume(replace(way.working[0], status="available"))
            case FinishCopy():
                copy = way.working[0]
                marked = {**copy.metadata, FROM: source.id, SELF: copy.id}
                return observed.with_volume(replace(copy, name=source.name, metadata=marked))
            case DeleteCopy():
                return observed.without_volume(change.copy)
            case DeleteBackup():
                return observed.without_backup(change.backup or way.backups[0].id)

    def _predicted_backup(self, source: Volume, change: MakeBackup) -> Backup:
        return Backup(
            id=f"{NEW_BACKUP}{source.id}",
            name=change.name,
            volume_id=source.id,
            status="creating",
            size=source.size,
            availability_zone=change.where,
            created_at=self.now,
            data_time=self.now,
            metadata=dict(change.metadata),
        )

    def write(self, change: RelocateChange) -> None:
        """Carry out one change. None can be rolled back: the next run goes on."""
        (source,) = self._observed.named(change.zone)
        self.report(change.zone, self.wanted.zone, change.text)
        match change:
            case MakeBackup():
                known = frozenset(backup.id for backup in self._observed.backups)
                self._backups[change.zone] = make_backup(self.api, change, known, self.deadline, source.id)
            case AwaitBackup():
                await_backup(self.api, self._backup(change.zone, source), source)
            case MakeCopy():
                self._copies[change.zone] = self._make_copy(change, source)
            case AwaitCopy():
                self._await_copy(change.zone, self._copy(change.zone, source), source)
            case FinishCopy():
                self._finish(self._copy(change.zone, source), source)
            case DeleteCopy():
                self.api.delete_volume(change.copy)
            case DeleteBackup():
                self.api.delete_backup(change.backup or self._backup(change.zone, source))

    def _backup(self, asked: str, source: Volume) -> str:
        """The backup that is resumed: made by this run, or what the plan found."""
        if asked not in self._backups:
            way = way_of(self._observed, source, self.wanted.zone)
            self._backups[asked] = next(one.id for one in way.backups if one.good or one.status == "creating")
        return self._backups[asked]

    def _copy(self, asked: str, source: Volume) -> str:
        if asked not in self._copies:
            way = way_of(self._observed, source, self.wanted.zone)
            self._copies[asked] = next(one.id for one in way.working if not one.status.startswith("error"))
        return self._copies[asked]

    def _make_copy(self, change: MakeCopy, source: Volume) -> str:
        body: dict[str, Any] = {
            "name": working_name(source.id),
            "description": f"being restored from a backup of volume {source.id}",
            "size": source.size,
            "backup_id": self._backup(change.zone, source),
            "availability_zone": change.where,
        }
        if change.type is not None:
            body["volume_type"] = change.type
        try:
            return self.api.make_volume(body)
        except ZoneopsError as error:
            if error.uncertain:
                with self.deadline.grace(UNDO_SECONDS):
                    for found in self.api.volumes(all_projects=False):
                        if found.name == body["name"] and not found.status.startswith("error"):
                            return found.id
            raise

    def _await_copy(self, asked: str, copy_id: str, source: Volume) -> None:
        way = way_of(self._observed, source, self.wanted.zone)
        known = self._backups.get(asked) or next((one.id for one in way.backups if one.status == "restoring"), None)
        backup = None if known is None else self.api.backup(known)
        found = self.api.settled_volume(copy_id, "is available", restoring(backup))
        if found is None:
            raise ZoneopsError(f"volume {copy_id}, the copy, was deleted by others. Run it again.")
        if found.status != "available":
            raise ZoneopsError(f"volume {copy_id}, the copy, is '{found.status}': {self.api.reason(copy_id)}")

    def _finish(self, copy_id: str, source: Volume) -> None:
        """What makes it whole comes last and in one request."""
        found = self.api.volume(copy_id)
        if found is None:
            raise ZoneopsError(f"volume {copy_id}, the copy, was deleted by others. Run it again.")
        if found.size != source.size or found.availability_zone != self.wanted.zone:
            raise ZoneopsError(
                f"volume {copy_id}, the copy, has {found.size} GB in zone {found.availability_zone}, "
                f"not {source.size} GB in {self.wanted.zone}: it is not changed."
            )
        if source.bootable and not found.bootable:
            self.api.set_bootable(copy_id)
        marked = {**found.metadata, FROM: source.id, SELF: copy_id}
        body = {"name": source.name, "description": source.description or "", "metadata": marked}
        try:
            self.api.update_volume(copy_id, body)
        except ZoneopsError as error:
            with self.deadline.grace(UNDO_SECONDS):
                now = self.api.volume(copy_id) if error.uncertain else None
            if now is None or now.metadata.get(SELF) != copy_id:
                raise

    def describe(self, observed: Observed, zone: str) -> Mapping[str, Any]:
        found = observed.named(zone)
        if len(found) != 1:
            return {}
        source = found[0]
        way = way_of(observed, source, self.wanted.zone)
        copy = way.whole or next(iter(way.working), None)
        return {
            "id": source.id,
            "availability_zone": source.availability_zone,
            "copy": None if copy is None or copy.id.startswith(NEW_COPY) else copy.id,
            "copy_zone": None if copy is None else copy.availability_zone,
            "copy_status": None if copy is None else copy.status,
            "copy_is_whole": way.whole is not None,
            "backup_status": way.backups[0].status if way.backups else None,
            "backup_zone": way.backups[0].availability_zone if way.backups else None,
        }
