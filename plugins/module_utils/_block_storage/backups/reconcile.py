# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups of volumes in the flow of a writer: begun in parallel, waited for, old ones of ours deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..._plan.apply import UNDO_SECONDS
from ..._plan.change import Plan
from ..._plan.converge import Reconciler
from ..._plan.deadline import Deadline
from ..._plan.errors import ZoneopsError
from ..._plan.text.near import refuse_unknown
from ..api.dependencies import backing_up
from ..api.volume_calls import VolumeApi
from ..api.volume_model import Backup, Volume
from .changes import AwaitBackup, DeleteBackup, MakeBackup
from .plan import MARK, BackupChange, Observed, Wanted, ours, plan_backups
from .selection import selects_nothing, unknown_zones

# How the id of a backup begins that is not made yet, in a prediction.
NEW = "new "


class VolumeBackups(Reconciler[Observed, BackupChange]):
    """The reconciler that `_plan.converge` works in; its "zones" are ids of volumes. A no-op costs three calls: version document, volumes, backups."""

    def __init__(self, api: VolumeApi, wanted: Wanted, deadline: Deadline, now: datetime) -> None:
        self.api = api
        self.wanted = wanted
        self.deadline = deadline
        self.now = now
        self._zones: tuple[str, ...] = wanted.selection.ids
        self._known: frozenset[str] = frozenset()
        self._begun: dict[str, str] = {}
        self._volumes: Mapping[str, Volume] = {}
        #: What fits no volume.
        self._warnings: list[str] = []

    @property
    def zones(self) -> Sequence[str]:
        return self._zones

    @property
    def warnings(self) -> Sequence[str]:
        return self._warnings

    def observe(self) -> Observed:
        every = list(self.api.volumes(all_projects=True))
        self._look_at_selection(every)
        volumes = {found.id: found for found in every if self.wanted.selection.has(found)}
        backups = tuple(self.api.backups(all_projects=True))
        # A volume that is gone after the first look keeps its verdict.
        self._zones = tuple(dict.fromkeys((*self._zones, *volumes)))
        self._known = frozenset(backup.id for backup in backups)
        self._volumes = volumes
        for volume_id in volumes:
            begun = next((one.id for one in Observed({}, backups).of(volume_id) if self._is_begun(one)), None)
            if begun is not None:
                self._begun[volume_id] = begun
        return Observed(volumes, backups)

    def _look_at_selection(self, every: Sequence[Volume]) -> None:
        """A zone that cinder does not have is a slip; what only fits no volume now is said."""
        strange = unknown_zones(self.wanted.selection, every)
        if strange:
            known = {service.zone for service in self.api.services()} | {volume.availability_zone for volume in every}
            refuse_unknown("'availability_zones'", "availability zone of cinder", strange, known)
        self._warnings = selects_nothing(self.wanted.selection, every)

    def _is_begun(self, backup: Backup) -> bool:
        return backup.metadata.get(MARK) == self.wanted.name and backup.status == "creating"

    def observe_details(self, observed: Observed, plan: Plan[BackupChange]) -> Observed | None:
        """Which services are up: needed only where one has to work."""
        if observed.services is not None or not plan.changes:
            return None
        return replace(observed, services=tuple(self.api.services()))

    def plan(self, observed: Observed) -> Plan[BackupChange]:
        return plan_backups(observed, self.wanted, self.now)

    def simulate(self, observed: Observed, change: BackupChange) -> Observed:
        match change:
            case MakeBackup():
                volume = observed.volumes[change.zone]
                return observed.with_backup(
                    Backup(
                        id=f"{NEW}{volume.id}",
                        name=change.name,
                        volume_id=volume.id,
                        status="creating",
                        size=volume.size,
                        availability_zone=change.where,
                        created_at=self.now,
                        data_time=self.now,
                        incremental=change.incremental,
                        metadata=dict(change.metadata),
                    )
                )
            case AwaitBackup():
                begun = next(one for one in observed.of(change.zone) if self._is_begun(one))
                return observed.with_backup(replace(begun, status="available"))
            case DeleteBackup():
                return observed.without_backup(str(change.backup))

    def write(self, change: BackupChange) -> None:
        """Carry out one change. None can be rolled back."""
        match change:
            case MakeBackup():
                self._begun[change.zone] = self._make(change)
            case AwaitBackup():
                await_backup(self.api, self._begun[change.zone], self._volumes.get(change.zone))
            case DeleteBackup():
                self.api.delete_backup(str(change.backup))

    def _make(self, change: MakeBackup) -> str:
        return make_backup(self.api, change, self._known, self.deadline)

    def describe(self, observed: Observed, zone: str) -> Mapping[str, Any]:
        volume = observed.volumes.get(zone)
        shown = [
            {
                "id": None if backup.id.startswith(NEW) else backup.id,
                "created_at": f"{backup.created_at:%Y-%m-%dT%H:%M:%SZ}",
                "status": backup.status,
                "incremental": backup.incremental,
                "backup_zone": backup.availability_zone,
                "size": backup.size,
            }
            for backup in ours(observed.of(zone), self.wanted.name)
        ]
        return {
            "volume": None if volume is None else volume.name,
            "availability_zone": None if volume is None else volume.availability_zone,
            "backups": shown,
        }


def make_backup(
    api: VolumeApi, change: MakeBackup, known: frozenset[str], deadline: Deadline, volume_id: str | None = None
) -> str:
    """Begin a backup; its id. An answer that was lost is looked for among those that were not known before.

    :param volume_id: of the volume, where the verdict has another name.
    """
    volume_id = volume_id or change.zone
    body: dict[str, Any] = {
        "volume_id": volume_id,
        "name": change.name[:255],
        "incremental": change.incremental,
        "force": change.forced,
        "metadata": dict(change.metadata),
    }
    if change.where is not None:
        body["availability_zone"] = change.where
    try:
        return api.make_backup(body)
    except ZoneopsError as error:
        if error.uncertain:
            with deadline.grace(UNDO_SECONDS):
                for found in api.backups(all_projects=False, volume_id=volume_id):
                    if found.id not in known and found.metadata == body["metadata"]:
                        return found.id
        raise


def await_backup(api: VolumeApi, backup_id: str, source: Volume | None) -> None:
    """Until a backup is good; an error when it never will be.

    :param source: the volume, where it is known.
    """
    found = api.settled_backup(backup_id, "is available", backing_up(source))
    if found is None or not found.good:
        state = "gone" if found is None else f"{found.status}: {found.fail_reason or 'no reason given'}"
        raise ZoneopsError(f"backup {backup_id} is {state}")
