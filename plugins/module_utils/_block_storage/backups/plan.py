# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which volumes get a backup and which backups of ours go. Pure: the plan from what is wanted and what was observed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Union

from ..._plan.change import Note, Plan, Refusal
from ..api.dependencies import backing_up, backup_halted, scheduler_halted, state_of, volume_halted
from ..api.model import BACKUP, Service
from ..api.volume_model import Backup, Volume, zones_with
from .changes import AwaitBackup, DeleteBackup, MakeBackup

# The key in a backup's metadata that says it is ours; its value is the name of the set.
MARK = "zoneops_backup_set"
READY = ("available", "in-use")
BackupChange = Union[MakeBackup, AwaitBackup, DeleteBackup]  # noqa: UP007 - the sanity tests of older cores


@dataclass(frozen=True)
class Selection:
    """Which volumes: those that meet all of what is given. Empty is no restriction."""

    ids: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    availability_zones: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)

    def has(self, volume: Volume) -> bool:
        return (
            (not self.ids or volume.id in self.ids)
            and (not self.projects or volume.project_id in self.projects)
            and (not self.availability_zones or volume.availability_zone in self.availability_zones)
            and (not self.types or volume.type in self.types)
            and all(volume.metadata.get(key) == value for key, value in self.metadata.items())
        )


@dataclass(frozen=True)
class Wanted:
    """What the operator asks for.

    :ivar name: of the set. Backups of other sets, and of other people, are never deleted.
    :ivar max_age: a volume whose newest good backup of the set is younger gets none.
    :ivar full_every: at most so many backups hang together, the full one included.
    :ivar keep: so many good ones stay.
    :ivar keep_younger: those that are younger stay. With both, a backup goes when both let it go; with none, nothing goes.
    :ivar at_once: how many backups are under way at a time.
    """

    selection: Selection
    name: str
    max_age: timedelta
    incremental: bool = False
    full_every: int = 7
    backup_zone: str | None = None
    keep: int | None = None
    keep_younger: timedelta | None = None
    at_once: int = 4

    @property
    def retains(self) -> bool:
        return self.keep is not None or self.keep_younger is not None


@dataclass(frozen=True)
class Observed:
    """Volumes that are selected, and every backup that the user may see. `services` only once they are needed."""

    volumes: Mapping[str, Volume]
    backups: tuple[Backup, ...] = ()
    services: tuple[Service, ...] | None = None

    def of(self, volume_id: str) -> list[Backup]:
        """All backups of a volume, the newest first."""
        found = (backup for backup in self.backups if backup.volume_id == volume_id)
        return sorted(found, key=lambda backup: (backup.created_at, backup.id), reverse=True)

    def with_backup(self, backup: Backup) -> Observed:
        return replace(self, backups=(*(other for other in self.backups if other.id != backup.id), backup))

    def without_backup(self, backup_id: str) -> Observed:
        return replace(self, backups=tuple(other for other in self.backups if other.id != backup_id))


@dataclass
class Part:
    """What one volume needs."""

    make: MakeBackup | None = None
    wait: AwaitBackup | None = None
    deletes: tuple[DeleteBackup, ...] = ()


def plan_backups(observed: Observed, wanted: Wanted, now: datetime) -> Plan[BackupChange]:
    """Volume by volume; as many backups as are allowed are begun before the first of them is waited for."""
    parts: list[Part] = []
    refusals: list[Refusal] = []
    notes: list[Note] = []
    gone = (volume_id for volume_id in wanted.selection.ids if volume_id not in observed.volumes)
    refusals += [_gone(volume_id, observed, wanted) for volume_id in gone]
    parts += [_part(volume, observed, wanted, now, refusals, notes) for volume in observed.volumes.values()]
    changes: list[BackupChange] = []
    for some in _batches(parts, wanted.at_once):
        changes += [part.make for part in some if part.make]
        changes += [part.wait for part in some if part.wait]
        changes += [delete for part in some for delete in part.deletes]
    return Plan.of(changes, refusals, notes)


def ours(backups: Iterable[Backup], name: str) -> list[Backup]:
    """Those of the set."""
    return [backup for backup in backups if backup.metadata.get(MARK) == name]


def _batches(parts: Sequence[Part], size: int) -> Iterator[list[Part]]:
    left = iter(parts)
    while some := list(islice(left, size)):
        yield some


def _gone(volume_id: str, observed: Observed, wanted: Wanted) -> Refusal:
    kept = len(ours(observed.of(volume_id), wanted.name))
    stays = f" Its {kept} backups of set '{wanted.name}' are kept: they may be the only copies of it." if kept else ""
    return Refusal(
        volume_id,
        "volume_gone",
        f"volume {volume_id} does not exist, is hidden from this user, or is excluded by another option.{stays}",
    )


def _part(
    volume: Volume, observed: Observed, wanted: Wanted, now: datetime, refusals: list[Refusal], notes: list[Note]
) -> Part:
    part = Part()
    every = observed.of(volume.id)
    mine = ours(every, wanted.name)
    begun = next((backup for backup in mine if backup.status == "creating"), None)
    newest_good = next((backup for backup in mine if backup.good), None)
    if begun is not None:
        part.wait = AwaitBackup(volume.id, volume.label)
        refusals += _halted(volume, backing_up(volume)(begun, observed.services) if observed.services else "")
    elif newest_good is None or newest_good.created_at <= now - wanted.max_age:
        if volume.status not in READY:
            refusals.append(
                Refusal(
                    volume.id,
                    "not_ready",
                    f"volume {volume.label} is '{volume.status}': cinder backs up only volumes that are {' or '.join(READY)}.",
                )
            )
            return part
        if observed.services is not None:
            refusals += _halted(volume, scheduler_halted(observed.services))
            refusals += _halted(volume, volume_halted(volume, observed.services))
        where = _where(volume, wanted, observed, refusals)
        part.make = MakeBackup(
            volume.id,
            volume.label,
            where,
            incremental=wanted.incremental and _has_base(every, where, wanted),
            metadata=((MARK, wanted.name),),
            name=f"{volume.name or volume.id} {wanted.name}",
            forced=volume.status == "in-use",
        )
        part.wait = AwaitBackup(volume.id, volume.label)
        if volume.attached_to:
            servers = ", ".join(volume.attached_to)
            text = (
                f"volume {volume.label} is attached to {servers}: its backup is crash-consistent, as after a power cut"
            )
            notes.append(Note(volume.id, text, mended=True))
    if wanted.retains:
        expired = tuple(_expired(volume, every, wanted, now, part, notes))
        part.deletes = tuple(_deletable(volume, expired, observed, notes))
    return part


def _halted(volume: Volume, why: str) -> list[Refusal]:
    advice = "Start it first: cinder would accept the request, and nothing would happen."
    return [Refusal(volume.id, "service_down", f"volume {volume.label}: {why}. {advice}")] if why else []


def _deletable(
    volume: Volume, expired: Sequence[DeleteBackup], observed: Observed, notes: list[Note]
) -> Iterator[DeleteBackup]:
    """Those that a service can delete. The others stay with all that they build on, which are behind them."""
    known = {backup.id: backup for backup in observed.backups}
    for number, change in enumerate(expired):
        why = "" if observed.services is None else backup_halted(known[str(change.backup)], observed.services)
        if why:
            count = len(expired) - number
            text = f"volume {volume.label}: {count} old backups are kept until the next run: {why}"
            notes.append(Note(volume.id, text))
            return
        yield change


def _where(volume: Volume, wanted: Wanted, observed: Observed, refusals: list[Refusal]) -> str | None:
    """The zone whose cinder-backup does it: the one that was asked for, the volume's own, else the only one that has one."""
    if observed.services is None:
        return wanted.backup_zone
    where, problem = choose_zone(wanted.backup_zone, volume.availability_zone, observed.services)
    if problem:
        refusals.append(Refusal(volume.id, "no_backup_service", f"volume {volume.label}: {problem}"))
    return where


def choose_zone(asked: str | None, own: str, services: Iterable[Service]) -> tuple[str | None, str | None]:
    """The zone of the cinder-backup to use, or what is wrong."""
    services = tuple(services)
    zones = zones_with("cinder-backup", services)
    shown = f"One is up and enabled in: {', '.join(zones) or 'no zone'}."
    if asked is not None:
        return (
            asked,
            None
            if asked in zones
            else f"no cinder-backup is up and enabled in zone {asked}{state_of(BACKUP, asked, services)}. {shown}",
        )
    if own in zones:
        return own, None
    if len(zones) == 1:
        return zones[0], None
    state = state_of(BACKUP, own, services)
    return (
        None,
        f"no cinder-backup is up and enabled in its zone {own}{state}: set 'backup_zone' to a zone that has one. {shown}",
    )


def _has_base(every: Sequence[Backup], where: str | None, wanted: Wanted) -> bool:
    """Whether an incremental backup can build on one of ours, in the same zone, in a chain that is not full.

    cinder builds on the good one with the newest data, whoever made it.
    """
    line = _line(every, _project(ours(every, wanted.name)))
    good = [backup for backup in line if backup.status == "available"]
    if not good or MARK not in good[-1].metadata or good[-1].availability_zone != where:
        return False
    starts = [number for number, backup in enumerate(line) if not backup.incremental and backup.good]
    return bool(starts) and len([one for one in line[starts[-1] :] if one.good]) < wanted.full_every


def _known(project: str | None) -> str:
    """A user who may not see the projects of backups sees those of one only."""
    return project or ""


def _project(mine: Sequence[Backup]) -> str:
    """The project that makes the backups of a set."""
    return next((_known(backup.project_id) for backup in mine if backup.good), "")


def _line(every: Iterable[Backup], project: str) -> list[Backup]:
    """The backups of a volume that one project made, by the age of their data: each incremental one builds on one before it."""
    found = (one for one in every if _known(one.project_id) == project)
    return sorted(found, key=lambda one: (one.data_time, one.created_at, one.incremental))


def _expired(
    volume: Volume, every: Sequence[Backup], wanted: Wanted, now: datetime, part: Part, notes: list[Note]
) -> Iterator[DeleteBackup]:
    """The backups of the set that go, each before what it builds on."""
    another = part.wait is not None  # one more will be good by then
    mine = ours(every, wanted.name)
    good = [backup for backup in mine if backup.good]
    if not another:
        if mine and mine[0].status == "error":
            reason = mine[0].fail_reason or "no reason given"
            text = f"the newest backup of volume {volume.label} failed ({reason}): its older backups are kept until a newer one succeeds"
            notes.append(Note(volume.id, text))
            return
        if not good:
            return
    kept = set()
    for number, backup in enumerate(good, start=1 if another else 0):
        counted = wanted.keep is not None and number < wanted.keep
        young = wanted.keep_younger is not None and backup.created_at > now - wanted.keep_younger
        if counted or young or number == 0:
            kept.add(backup.id)
    youngest = good[0].created_at if good else None
    candidates = {
        backup.id
        for backup in mine
        if backup.id not in kept
        and (
            backup.status == "available"
            or (backup.status == "error" and (another or (youngest is not None and backup.created_at < youngest)))
        )
    }
    base = _project(mine) if part.make is not None and part.make.incremental else None
    for backup in _free(every, candidates, () if base is None else (base,)):
        why = "it failed" if backup.status == "error" else "old enough to be deleted"
        yield DeleteBackup(volume.id, backup.id, f"{backup.created_at:%Y-%m-%d %H:%M:%S}", why)


def _free(every: Sequence[Backup], candidates: set[str], built_on: Sequence[str]) -> Iterator[Backup]:
    """Those candidates that nothing which stays builds on, the newest first.

    :param built_on: projects whose newest backup an incremental one builds on that is not made yet.
    """
    for project in sorted({_known(backup.project_id) for backup in every}):
        needed = project in built_on
        going = False
        for backup in reversed(_line(every, project)):
            stays = backup.id not in candidates or needed or (backup.has_dependents and not going)
            if not stays:
                yield backup
            # Only what is incremental needs an older one; a full one ends the chain. A failed full one was never built on.
            if backup.incremental:
                needed, going = needed or stays, going or not stays
            elif backup.good or backup.status == "creating":
                needed = going = False
