# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a volume gets into another zone: backup, restore into a new volume there, name, backup gone. Pure.

Every step leaves what the next run recognises: the backup has a mark in its metadata, the copy a working name until it is whole. Marks in the
metadata of the copy would not do before that, since a restore writes the metadata of the source over them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Union

from ..._plan.change import Note, Plan, Refusal
from ..._plan.text.near import nearest
from ..api.volume_calls import PASSING_VOLUME
from ..api.volume_model import Backup, Volume
from ..backups.changes import AwaitBackup, DeleteBackup, MakeBackup
from ..backups.plan import READY, choose_zone
from .changes import AwaitCopy, DeleteCopy, FinishCopy, MakeCopy
from .guards import Guards, Problem
from .model import BACKUP_MARK, Observed, Wanted, Way, way_of, working_name

# An interrupted run is taken up from its backup where this is not older: what was written since is not in it.
FRESH = timedelta(hours=24)
# A backup of this age is worth a word.
RECENT = timedelta(minutes=10)
RelocateChange = Union[  # noqa: UP007 - the sanity tests of older cores
    MakeBackup, AwaitBackup, DeleteBackup, MakeCopy, AwaitCopy, FinishCopy, DeleteCopy
]


def plan_relocation(observed: Observed, wanted: Wanted, now: datetime) -> Plan[RelocateChange]:
    """Volume by volume: one is copied before the next is begun."""
    changes: list[RelocateChange] = []
    refusals: list[Refusal] = []
    notes: list[Note] = []
    guards = Guards(wanted, observed.limits)
    for asked in wanted.volumes:
        found = observed.named(asked)
        if len(found) != 1:
            refusals.append(_not_one(asked, found, observed.volumes))
            continue
        course = Course(asked, way_of(observed, found[0], wanted.zone), guards, now)
        changes += course.steps()
        notes += [Note(asked, f"volume {course.label} {text}", mended=True) for text in course.notes]
        refusals += [Refusal(asked, rule, f"volume {course.label}: {text}") for rule, text in course.problems]
    return Plan.of(changes, refusals, notes)


def _not_one(asked: str, found: Sequence[Volume], volumes: Iterable[Volume]) -> Refusal:
    if found:
        ids = ", ".join(volume.id for volume in found)
        return Refusal(asked, "ambiguous", f"{len(found)} volumes are named '{asked}': give the id of one ({ids}).")
    hint = nearest(asked, (name for volume in volumes for name in (volume.name, volume.id) if name))
    return Refusal(
        asked,
        "no_such_volume",
        f"the project that this user is signed in to has no volume '{asked}'{hint}. A copy belongs to the project that creates "
        "it: sign in to the project of the volume.",
    )


class Course:
    """The steps of one volume from where it is."""

    def __init__(self, asked: str, way: Way, guards: Guards, now: datetime) -> None:
        self.asked = asked
        self.way = way
        self.guards = guards
        self.wanted = guards.wanted
        self.now = now
        self.label = way.source.label
        self.problems: list[Problem] = []
        self.notes: list[str] = []

    def steps(self) -> list[RelocateChange]:
        way, zone = self.way, self.wanted.zone
        elsewhere = next((copy for copy in way.working if copy.availability_zone != zone), None)
        if way.whole is not None:
            return [*self._without(way.working), *self._leftovers(way.backups, "the copy is there")]
        if elsewhere is not None:
            other = elsewhere.availability_zone
            text = f"a copy in zone {other} is incomplete ({elsewhere.id}): finish it with availability_zone '{other}', or delete it."
            self.problems.append(("other_zone", text))
            return []
        if way.source.availability_zone == zone:
            self.notes.append(f"is in zone {zone} already")
            return []
        begun = next((copy for copy in way.working if copy.status in (*PASSING_VOLUME, *READY)), None)
        steps = self._without(copy for copy in way.working if copy is not begun)
        return [*steps, *(self._begin() if begun is None else self._go_on(begun))]

    def _go_on(self, begun: Volume) -> Iterator[RelocateChange]:
        """From a copy that is being made or only has to get its name."""
        if begun.status in PASSING_VOLUME:
            yield AwaitCopy(self.asked, self.label)
        yield FinishCopy(self.asked, self.label)
        yield from self._leftovers(self.way.backups, "the copy is there")

    def _begin(self) -> Iterator[RelocateChange]:
        """From the volume, or from a backup that an interrupted run has made of it."""
        source = self.way.source
        usable = next((one for one in self.way.backups if one.good or one.status == "creating"), None)
        if usable is not None and usable.created_at < self.now - FRESH:
            usable = None
        self.problems += self.guards.problems(source, usable)
        yield from self._leftovers(
            [one for one in self.way.backups if one is not usable], "it failed or is too old to continue from"
        )
        if usable is None:
            yield self._make_backup(source)
        elif usable.created_at < self.now - RECENT:
            made = f"{usable.created_at:%Y-%m-%d %H:%M:%S}"
            self.notes.append(f"is copied from its backup of {made} UTC: data written after it is not in the copy")
        if usable is None or usable.status != "available":
            yield AwaitBackup(self.asked, self.label)
        if source.attached_to or source.status == "in-use":
            # A host without a server can have it too, as a glance with a store in cinder.
            servers = ", ".join(source.attached_to) or "a host"
            self.notes.append(
                f"is attached to {servers}: the copy is crash-consistent, as after a power cut, and data written after its backup is not in the copy"
            )
        yield MakeCopy(self.asked, self.label, self.wanted.zone, self.guards.type_of(source))
        yield AwaitCopy(self.asked, self.label)
        yield FinishCopy(self.asked, self.label)
        yield DeleteBackup(self.asked, usable.id if usable else None, None, "the copy is there")

    def _make_backup(self, source: Volume) -> MakeBackup:
        limits, asked = self.guards.limits, self.wanted.backup_zone
        where = asked if limits is None else choose_zone(asked, source.availability_zone, limits.services)[0]
        return MakeBackup(
            self.asked,
            self.label,
            where,
            metadata=((BACKUP_MARK, self.wanted.zone),),
            name=working_name(source.id),
            forced=source.status == "in-use",
        )

    def _without(self, copies: Iterable[Volume]) -> list[RelocateChange]:
        """Copies that failed, or that two runs made at once. What is in use by now is not ours any more."""
        gone = (copy for copy in copies if copy.status == "available" or copy.status.startswith("error"))
        return [DeleteCopy(self.asked, self.label, copy.id) for copy in gone]

    def _leftovers(self, backups: Iterable[Backup], why: str) -> Iterator[DeleteBackup]:
        for backup in backups:
            if backup.status != "deleting":
                yield DeleteBackup(self.asked, backup.id, f"{backup.created_at:%Y-%m-%d %H:%M:%S}", why)
