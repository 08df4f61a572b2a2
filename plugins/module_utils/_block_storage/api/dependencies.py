# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services that a step with a volume or a backup depends on, at both ends: which of them is down, by name. Pure.

cinder accepts such requests while they are down, and then nothing happens: what is awaited stays as it is until the deadline.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .model import BACKUP, SCHEDULER, VOLUME, Service
from .volume_model import Backup, Volume

# What is seen of an object that is awaited, and the services: why it does not go on, empty where it does.
Halted = Callable[[Any, Sequence[Service]], str]


def serving(volume: Volume, services: Sequence[Service]) -> list[Service]:
    """The cinder-volumes that serve a volume: its own and those of its cluster; those of its zone for who may not see its host."""
    volumes = [service for service in services if service.binary == VOLUME]
    if not volume.host:
        return [service for service in volumes if service.zone == volume.availability_zone]
    own = [service for service in volumes if service.host == volume.host]
    clusters = {service.cluster for service in own if service.cluster}
    return [service for service in volumes if service.host == volume.host or service.cluster in clusters]


def volume_halted(volume: Volume, services: Sequence[Service]) -> str:
    """Why nothing can be done with a volume. A service that is disabled and up still serves what it has."""
    mine = serving(volume, services)
    if any(service.up for service in mine):
        return ""
    if not mine:
        where = volume.host or f"zone {volume.availability_zone}"
        return f"cinder has no cinder-volume of {where}, which volume {volume.label} needs"
    return f"{_down(mine)}, which volume {volume.label} needs"


def backup_halted(backup: Backup, services: Sequence[Service]) -> str:
    """Why nothing can be done with a backup. One that no service was chosen for has no zone, and is deleted without one."""
    zone = backup.availability_zone
    if zone is None:
        return ""
    mine = [service for service in services if service.binary == BACKUP and service.zone == zone]
    if any(service.up for service in mine):
        return ""
    if not mine:
        return f"cinder has no cinder-backup in zone {zone}, which backup {backup.id} needs"
    return f"{_down(mine)}, which backup {backup.id} needs"


def scheduler_halted(services: Sequence[Service]) -> str:
    """Why nothing new can be created."""
    mine = [service for service in services if service.binary == SCHEDULER]
    if any(service.up for service in mine):
        return ""
    return (
        f"{_down(mine)}: nothing new can be created"
        if mine
        else "cinder has no cinder-scheduler: nothing new can be created"
    )


def backing_up(volume: Volume | None) -> Halted:
    """For a backup that is being made, of a volume where it is known."""

    def halted(backup: Backup, services: Sequence[Service]) -> str:
        return backup_halted(backup, services) or ("" if volume is None else volume_halted(volume, services))

    return halted


def restoring(backup: Backup | None) -> Halted:
    """For a volume that is being made, from a backup where it is known."""

    def halted(volume: Volume, services: Sequence[Service]) -> str:
        if volume.status == "creating" and not volume.host:
            return scheduler_halted(services)
        return volume_halted(volume, services) or ("" if backup is None else backup_halted(backup, services))

    return halted


def state_of(binary: str, zone: str, services: Sequence[Service]) -> str:
    """In brackets, what is wrong with the services of a kind in a zone; empty where it has none."""
    mine = [service for service in services if service.binary == binary and service.zone == zone]
    return f" ({', '.join(f'{service.text} is {service.state}' for service in mine)})" if mine else ""


def _down(services: Sequence[Service]) -> str:
    names = ", ".join(service.text for service in services)
    return f"{names} {'is' if len(services) == 1 else 'are'} down"
