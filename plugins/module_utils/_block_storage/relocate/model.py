# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked, what there is, and how far a volume is on its way into another zone. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..api.model import Service
from ..api.volume_model import Backup, Pool, Volume

# Key in the metadata of a backup that is on its way: ours, and deleted in the end.
BACKUP_MARK = "zoneops_relocate"
# Keys in the metadata of a copy that is whole: the id of its source, and its own, which a later restore of the copy does not have.
FROM, SELF = "zoneops_relocated_from", "zoneops_relocated_as"
# What a copy is called until it is whole.
WORKING_NAME = "zoneops-relocate "


@dataclass(frozen=True)
class Wanted:
    """What the operator asks for.

    :ivar volumes: ids or names, as they were given: the verdicts have these names.
    :ivar zone: where the copies shall be.
    :ivar type: of the copies; None for that of each source.
    :ivar type_option: what the option for that is called.
    """

    volumes: tuple[str, ...]
    zone: str
    backup_zone: str | None = None
    type: str | None = None
    allow: frozenset[str] = frozenset()
    type_option: str = "volume_type"


@dataclass(frozen=True)
class Limits:
    """What has to be asked only when something is to be begun.

    :ivar types: extra specs by name.
    :ivar quota: limit, in_use and reserved by resource, of the project.
    """

    services: tuple[Service, ...]
    pools: tuple[Pool, ...]
    types: Mapping[str, Mapping[str, str]]
    quota: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Observed:
    """The volumes and backups of the project."""

    volumes: tuple[Volume, ...]
    backups: tuple[Backup, ...] = ()
    limits: Limits | None = None

    def named(self, asked: str) -> list[Volume]:
        """The volumes that an id or a name means. Beside its source a copy of ours, which has its name, does not count."""
        found = [volume for volume in self.volumes if volume.id == asked]
        if not found:
            named = [volume for volume in self.volumes if volume.name == asked]
            ids = {volume.id for volume in named}
            found = [volume for volume in named if not (is_whole_copy(volume) and volume.metadata.get(FROM) in ids)]
        return found

    def with_volume(self, volume: Volume) -> Observed:
        return replace(self, volumes=(*(other for other in self.volumes if other.id != volume.id), volume))

    def without_volume(self, volume_id: str) -> Observed:
        return replace(self, volumes=tuple(other for other in self.volumes if other.id != volume_id))

    def with_backup(self, backup: Backup) -> Observed:
        return replace(self, backups=(*(other for other in self.backups if other.id != backup.id), backup))

    def without_backup(self, backup_id: str) -> Observed:
        return replace(self, backups=tuple(other for other in self.backups if other.id != backup_id))


@dataclass(frozen=True)
class Way:
    """How far one volume is: a copy that is whole, copies that are not, and backups of ours, the newest first."""

    source: Volume
    whole: Volume | None = None
    working: tuple[Volume, ...] = ()
    backups: tuple[Backup, ...] = ()


def working_name(volume_id: str) -> str:
    return f"{WORKING_NAME}{volume_id}"


def is_whole_copy(volume: Volume) -> bool:
    return volume.metadata.get(SELF) == volume.id and not volume.name.startswith(WORKING_NAME)


def way_of(observed: Observed, source: Volume, zone: str) -> Way:
    """What there is of ours for a volume, newest first."""
    whole = [
        one
        for one in observed.volumes
        if one.metadata.get(FROM) == source.id
        and is_whole_copy(one)
        and one.availability_zone == zone
        and one.status != "deleting"
    ]
    working = [one for one in observed.volumes if one.name == working_name(source.id)]
    backups = [one for one in observed.backups if one.volume_id == source.id and BACKUP_MARK in one.metadata]
    return Way(
        source,
        whole[0] if whole else None,
        tuple(working),
        tuple(sorted(backups, key=lambda one: one.created_at, reverse=True)),
    )
