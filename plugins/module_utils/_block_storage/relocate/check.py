# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether volumes can be carried between zones, tried with test volumes that are made for it and removed again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..._plan.deadline import Deadline
from ..._plan.errors import ZoneopsError
from ..api.dependencies import backup_halted, restoring, scheduler_halted, state_of, volume_halted
from ..api.model import Service
from ..api.volume_calls import VolumeApi
from ..api.volume_model import Backup, Volume, zones_with
from ..backups.reconcile import await_backup

# In the metadata of all that is made: known by it, and removed by the next run where this one cannot.
MARK = "zoneops_check"
GIGABYTES = 1
CLEAN_SECONDS = 60.0


@dataclass(frozen=True)
class Scenario:
    """A volume in one zone is backed up by the cinder-backup of another and restored into a third; any may be the same."""

    volume: str
    backup: str
    restore: str

    @property
    def name(self) -> str:
        return f"{self.volume}-{self.backup}-{self.restore}"


@dataclass
class Tried:
    """What became of a scenario. `seconds` by step, of those that were done."""

    errors: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        said = "; ".join(f"{step} {seconds:.1f} s" for step, seconds in self.seconds.items())
        return {
            "failed": bool(self.errors),
            "msg": " | ".join(self.errors) or said or "would be tried",
            "seconds": {step: round(seconds, 1) for step, seconds in self.seconds.items()},
        }


class Check:
    """Tries one scenario after the other.

    :param type_of: name of the volume type for a zone, None for cinder's default.
    """

    def __init__(self, api: VolumeApi, deadline: Deadline, type_of: Callable[[str], str | None]) -> None:
        self.api = api
        self.deadline = deadline
        self.type_of = type_of

    def leftovers(self) -> tuple[list[Backup], list[Volume]]:
        """What this run or an earlier one has made and not removed."""
        backups = [one for one in self.api.backups(all_projects=False) if MARK in one.metadata]
        volumes = [one for one in self.api.volumes(all_projects=False) if one.name.startswith(f"{MARK} ")]
        return backups, volumes

    def missing(self, scenario: Scenario, services: list[Service]) -> Iterator[str]:
        """The services without which a scenario cannot work."""
        halted = scheduler_halted(services)
        if halted:
            yield halted
        for binary, zones in (
            ("cinder-volume", (scenario.volume, scenario.restore)),
            ("cinder-backup", (scenario.backup,)),
        ):
            up = zones_with(binary, services)
            for zone in dict.fromkeys(zones):
                if zone not in up:
                    yield f"no {binary} is up and enabled in zone {zone}{state_of(binary, zone, services)}; one is in: {', '.join(up) or 'no zone'}"

    def clean(self) -> list[str]:
        """Remove all that was made, backups first; what could not be."""
        problems: list[str] = []
        with self.deadline.grace(CLEAN_SECONDS):
            backups, volumes = self.leftovers()
            for backup in backups:
                problems += self._removed(f"backup {backup.id}", backup.id, self._remove_backup)
            for volume in volumes:
                problems += self._removed(f"volume {volume.id}", volume.id, self._remove_volume)
        return problems

    def _remove_backup(self, number: str) -> None:
        if self.api.settled_backup(number, "can be removed", backup_halted) is not None:
            self.api.delete_backup(number)

    def _remove_volume(self, number: str) -> None:
        if self.api.settled_volume(number, "can be removed", volume_halted) is not None:
            self.api.delete_volume(number)

    def _removed(self, what: str, number: str, remove: Callable[[str], None]) -> list[str]:
        try:
            remove(number)
        except ZoneopsError as error:
            return [f"{what} is left behind; the next run removes it: {error.message}"]
        return []

    def run(self, scenario: Scenario) -> Tried:
        """Nothing is left of it where that is possible, whatever happens."""
        tried = Tried()
        try:
            self._try(scenario, tried)
        except ZoneopsError as error:
            tried.errors.append(error.message)
        try:
            tried.errors += self.clean()
        except ZoneopsError as error:
            tried.errors.append(
                f"the objects of the test could not be listed; the next run removes them: {error.message}"
            )
        return tried

    def _try(self, scenario: Scenario, tried: Tried) -> None:
        name = f"{MARK} {scenario.name}"
        start = time.monotonic()
        source = self._volume(name, scenario.volume)
        tried.seconds["volume"] = time.monotonic() - start
        start = time.monotonic()
        backup = self.api.make_backup(
            {
                "volume_id": source.id,
                "name": name,
                "availability_zone": scenario.backup,
                "metadata": {MARK: scenario.name},
            }
        )
        await_backup(self.api, backup, source)
        tried.seconds["backup"] = time.monotonic() - start
        start = time.monotonic()
        copy = self._volume(name, scenario.restore, self.api.backup(backup))
        tried.seconds["restore"] = time.monotonic() - start
        found = self.api.backup(backup)
        if found is None or found.availability_zone != scenario.backup:
            where = "gone" if found is None else f"in zone {found.availability_zone}"
            raise ZoneopsError(f"backup {backup} is {where}, not in zone {scenario.backup}")
        if copy.metadata.get(MARK) != scenario.volume:
            raise ZoneopsError(f"volume {copy.id} has no metadata of its source: the backup did not keep it")

    def _volume(self, name: str, zone: str, backup: Backup | None = None) -> Volume:
        """One that is available, and where it shall be."""
        # A restore puts the source's metadata in place of these.
        body: dict[str, Any] = {"name": name, "size": GIGABYTES, "availability_zone": zone, "metadata": {MARK: zone}}
        if backup is not None:
            body["backup_id"] = backup.id
        kind = self.type_of(zone)
        if kind is not None:
            body["volume_type"] = kind
        number = self.api.make_volume(body)
        found = self.api.settled_volume(number, "is available", restoring(backup))
        if found is None or found.status != "available":
            raise ZoneopsError(
                f"volume {number} in zone {zone} is {'gone' if found is None else found.status}: {self.api.reason(number)}"
            )
        if found.availability_zone != zone or found.size != GIGABYTES:
            raise ZoneopsError(f"volume {number} has {found.size} GB in zone {found.availability_zone}, not in {zone}")
        return found
