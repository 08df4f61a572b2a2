# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes, their backups and the pools of back ends, as far as backing up and carrying over need them. Data only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .model import Service

# A backup in one of these holds the whole content of its volume.
GOOD = ("available", "restoring")


@dataclass(frozen=True)
class Volume:
    """A volume.

    :ivar attached_to: ids of servers.
    :ivar attached_on: the hosts of attachments, by their ids, where cinder knows and tells them.
    :ivar host: "host@backend" of its cinder-volume; empty before one is chosen, and for users who may not see it.
    :ivar image: properties of the image that it was made from.
    :ivar migration: how far a migration to another back end is, which its status does not tell; empty for none, and for users who may not see it.
    :ivar changed_at: when cinder last wrote its record, also for things that are not here.
    """

    id: str
    name: str
    size: int
    status: str
    availability_zone: str
    description: str | None = None
    project_id: str | None = None
    type: str | None = None
    bootable: bool = False
    encrypted: bool = False
    multiattach: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)
    attached_to: tuple[str, ...] = ()
    attached_on: Mapping[str, str] = field(default_factory=dict)
    host: str = ""
    image: Mapping[str, str] = field(default_factory=dict)
    migration: str = ""
    changed_at: datetime | None = field(default=None, compare=False)

    @property
    def label(self) -> str:
        """As people know it."""
        return f"{self.name} ({self.id})" if self.name else self.id


@dataclass(frozen=True)
class Backup:
    """A backup.

    :ivar data_time: when the content was what the backup holds; with a snapshot earlier than `created_at`.
    """

    id: str
    name: str
    volume_id: str
    status: str
    size: int
    availability_zone: str | None
    created_at: datetime
    data_time: datetime
    incremental: bool = False
    has_dependents: bool = False
    project_id: str | None = None
    fail_reason: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return self.status in GOOD


@dataclass(frozen=True)
class Pool:
    """A pool of a back end. `free` are gigabytes beyond what is reserved, None where the back end does not say."""

    name: str
    backend: str
    free: float | None

    @property
    def host(self) -> str:
        """The cinder-volume that serves it."""
        return self.name.partition("#")[0]


def zones_with(binary: str, services: Iterable[Service]) -> list[str]:
    """The zones in which such a service is up and enabled."""
    return sorted({service.zone for service in services if service.binary == binary and service.works})
