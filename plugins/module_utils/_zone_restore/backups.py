# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From which backup a volume is restored, and what there is of a copy of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from .._block_storage.api.dependencies import serving
from .._block_storage.api.model import BACKUP as BINARY
from .._block_storage.api.model import Service
from .._block_storage.api.volume_model import Backup, Volume, zones_with
from .model import FROM, Copy, is_whole, working_of

NO_BACKUP = "it has no backup"
READ = "%Y-%m-%d %H:%M UTC"


@dataclass(frozen=True)
class Copies:
    """What there is of copies of one volume.

    :ivar whole: the one that is there, and `working` those that are being made, the failed ones last.
    """

    whole: Volume | None = None
    working: tuple[Volume, ...] = ()


def is_lost(volume: Volume, services: Sequence[Service]) -> bool:
    """Whether no cinder-volume that serves it is up, also where one is disabled."""
    return not any(service.up for service in serving(volume, services))


def newest(volume: Volume, backups: Iterable[Backup], services: Iterable[Service]) -> tuple[Backup | None, str]:
    """The newest backup that can be restored, and why those that are newer cannot; or why there is none."""
    mine = sorted((one for one in backups if one.volume_id == volume.id), key=_age, reverse=True)
    alive = zones_with(BINARY, services)
    why: list[str] = []
    for backup in mine:
        reason = _unfit(backup, mine, alive)
        if not reason:
            return backup, "; ".join(why[:3])
        why.append(f"backup {backup.id} of {taken(backup)} {reason}")
    return None, "; ".join(why[:3]) or NO_BACKUP


def _age(backup: Backup) -> tuple[object, ...]:
    return (backup.data_time, backup.created_at, backup.incremental)


def _unfit(backup: Backup, mine: Sequence[Backup], alive: Collection[str]) -> str:
    """Why a backup cannot be restored; empty where it can.

    :param mine: all of the volume, the newest first.
    """
    if not backup.good:
        return f"is '{backup.status}'"
    if backup.availability_zone not in alive:
        return f"is in zone {backup.availability_zone}, where no cinder-backup is up and enabled, wherever its data is"
    if not backup.incremental:
        return ""
    older = mine[mine.index(backup) + 1 :]
    chain = [one for one in older if one.project_id == backup.project_id]
    base = next((one for one in chain if not one.incremental and one.good), None)
    if base is None:
        return "is incremental, and the full one that it builds on is gone"
    broken = next((one for one in chain[: chain.index(base)] if one.incremental and not one.good), None)
    # Cinder builds on no failed one, but one that became unusable later may be what this builds on.
    if broken is not None and broken.has_dependents:
        return f"is incremental, and builds on backup {broken.id}, which is '{broken.status}'"
    return ""


def taken(backup: Backup | None) -> str:
    """When its volume was as it is in the backup."""
    return backup.data_time.strftime(READ) if backup is not None else "an unknown time"


def made_before(volume: Volume, made: Volume, number: str, usable: Backup | None, backups: Iterable[Backup]) -> Copy:
    """A copy that an earlier run made, which can be of an earlier loss.

    :param number: of its backup; `usable`, the newest one that can be restored now.
    """
    backup = next((one for one in backups if one.id == number), None)
    passed = ""
    if usable is not None and usable.id != number and (backup is None or usable.data_time > backup.data_time):
        passed = (
            f"volume {made.id}, which an earlier run made of backup {number}, is used, and not the newer backup {usable.id} of {taken(usable)}. "
            "Delete that volume to have the newer one restored"
        )
    return Copy(volume, number, taken(backup), made.type, passed)


def copies_of(volume: Volume, volumes: Iterable[Volume]) -> Copies:
    """Of its project only: what others call their volumes says nothing."""
    whole: list[Volume] = []
    working: list[Volume] = []
    for one in volumes:
        if one.project_id != volume.project_id or one.status == "deleting":
            continue
        if one.metadata.get(FROM) == volume.id and is_whole(one):
            whole.append(one)
        elif working_of(one)[0] == volume.id:
            working.append(one)
    working.sort(key=lambda one: (one.status.startswith("error"), one.id))
    return Copies(min(whole, key=lambda one: one.id, default=None), tuple(working))
