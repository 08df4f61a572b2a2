# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan for volume types: what to write, and what blocks it. Pure.

Cinder refuses every change to the extra specs of a type that a volume has (400). Where the operator allows it such a type gets a successor: made
under another name, then the old one is renamed and the new one takes its name. Volumes keep the old type.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..._plan.change import Note, Plan, Refusal
from ..._types.changes import CreateType, DeleteType, RemoveSpec, RenameType, SetSpecs, TypeChange
from ..._types.guards import misplaced, name_is_id
from ..._types.listed import listed, listing_notes
from ..._types.model import FoundType, WantedType
from ..._types.plan import type_changes
from ..._types.removal import Leaving, User, blockers_of
from ..._types.simulate import simulate
from ..._zones.schema.zone_map import VolumeType, ZoneMap
from ..api.model import VOLUME_TYPE, Volume
from .model import SHOWN, Observed, Options, heir_of, heirs_of, replaced


def plan_types(
    zone_map: ZoneMap, items: Collection[VolumeType], observed: Observed, options: Options
) -> Plan[TypeChange]:
    """What leads to the types of the map, as far as they are in the zones of this run."""
    planner = _Planner(zone_map, observed, options)
    refusals: list[Refusal] = []
    notes: list[Note] = []
    for found in (found for item in items for found in planner.obstacles(item)):
        if isinstance(found, Note):
            notes.append(found)
        else:
            refusals.append(found)
    refused = {refusal.zone for refusal in refusals}
    # A type of several zones is made although one of them is refused.
    only = tuple(zone for zone in options.only if zone not in refused)
    notes += listing_notes(VOLUME_TYPE, items, zone_map, only, observed.types)
    changes = [change for item in items for change in planner.changes(item, only)]
    # What cannot be rolled back comes last.
    return Plan.of(sorted(changes, key=lambda change: isinstance(change, DeleteType)), refusals, notes)


class _Planner:
    def __init__(self, zone_map: ZoneMap, observed: Observed, options: Options) -> None:
        self.zone_map = zone_map
        self.zones = zone_map.zones
        self.observed = observed
        self.options = options

    def changes(self, item: VolumeType, only: tuple[str, ...]) -> Iterator[TypeChange]:
        types = self.observed.types
        found = types.get(item.name)
        if not any(zone in item.zones for zone in only):
            return
        if item.state == "absent":
            yield from (leaving.change(only) for leaving in self._leaving(item))
            return
        heir = next((name for name in heirs_of(item.name) if name in types), None)
        if found is None and heir is not None:
            # A run ended after the old type had made room.
            public = heirs_of(item.name)[heir] if item.public is None else item.public
            rename = self._rename(item, only, types[heir], item.name, public)
            yield rename
            found = simulate(types, rename)[item.name]
        wanted = self._wanted(item, only, found)
        if found is not None and item.name in types and self._blocked(wanted, found, only):
            if "successor_types" in self.options.allow:
                yield from self._succession(item, wanted, found, only)
            return
        yield from self._changes(wanted, found, only)

    def _changes(self, wanted: WantedType, found: FoundType | None, only: tuple[str, ...]) -> Iterator[TypeChange]:
        return type_changes(VOLUME_TYPE, wanted, found, only, purge_projects=self.options.purge_projects)

    def _succession(
        self, item: VolumeType, wanted: WantedType, found: FoundType, only: tuple[str, ...]
    ) -> Iterator[TypeChange]:
        types = dict(self.observed.types)
        public = found.public if item.public is None else item.public
        kept: dict[str, str | None] = {**found.specs, **wanted.specs}
        projects = () if public else tuple(dict.fromkeys([*sorted(found.projects or ()), *wanted.projects]))
        # Private until it takes over, so that nobody chooses it by the name it has till then.
        successor = WantedType(
            heir_of(item.name, public),
            item.zones,
            specs=kept,
            public=False,
            description=found.description if item.description is None else item.description,
            projects=projects,
        )
        steps = list(type_changes(VOLUME_TYPE, successor, types.get(successor.name), only))
        steps.append(self._rename(item, only, found, replaced(found), found.public))
        for step in steps:
            types = simulate(types, step)
        steps.append(self._rename(item, only, types[successor.name], item.name, public))
        types = simulate(types, steps[-1])
        yield from steps
        yield from self._changes(wanted, types[item.name], only)

    def _rename(self, item: VolumeType, only: tuple[str, ...], found: FoundType, name: str, public: bool) -> RenameType:
        shared_by = tuple(zone for zone in only if zone in item.zones)
        return RenameType(
            shared_by[0], VOLUME_TYPE.noun, found.name, shared_by, new=name, was_public=found.public, public=public
        )

    def _wanted(self, item: VolumeType, only: tuple[str, ...], found: FoundType | None) -> WantedType:
        specs = dict(listed(VOLUME_TYPE, item, self.zone_map, only, found).specs)
        if item.volume_backend_name is not None:
            specs[VOLUME_TYPE.backend_spec] = item.volume_backend_name
        ids = (self.observed.projects.get(project, ()) for project in item.projects)
        return WantedType(
            item.name,
            item.zones,
            specs={**specs, **item.extra_specs},
            public=item.public,
            description=item.description,
            projects=tuple(dict.fromkeys(found[0] for found in ids if found)),
        )

    def _blocked(self, wanted: WantedType, found: FoundType, only: tuple[str, ...]) -> tuple[Volume, ...]:
        """The volumes that keep the type's extra specs from being changed as they have to."""
        changes = any(isinstance(change, (SetSpecs, RemoveSpec)) for change in self._changes(wanted, found, only))
        return self.observed.volumes.get(found.name, ()) if changes else ()

    def obstacles(self, item: VolumeType) -> Iterator[Refusal | Note]:
        """Why the zones of a type cannot have it."""
        only = self.options.only
        wanted = self._wanted(item, only, self.observed.types.get(item.name))
        if item.state == "absent":
            yield from self._kept(item)
            return
        for rule, message, volumes in self._of_type(item, wanted):
            items = tuple(volume.as_item() for volume in volumes)
            yield from (Refusal(zone, rule, message, items) for zone in only if zone in item.zones)
        if self.observed.zones is None or not any(map(_places, self.changes(item, only))):
            return
        for zone in (self.zones[name] for name in only if name in item.zones):
            for refusal in misplaced(VOLUME_TYPE, wanted, zone, self.observed.zones, self.observed.places):
                yield Note(zone.name, refusal.message, mended=True) if zone.away else refusal

    def _leaving(self, item: VolumeType) -> Iterator[Leaving]:
        """The type that shall not be there, and a successor that an earlier run began for it."""
        places = frozenset(self.zones[zone].availability_zone for zone in item.zones)
        for name in (item.name, *heirs_of(item.name)):
            found = self.observed.types.get(name)
            if found is not None:
                yield Leaving(VOLUME_TYPE, found, item.zones, places, set(self.zones) <= set(item.zones))

    def _kept(self, item: VolumeType) -> Iterator[Refusal]:
        for leaving in self._leaving(item):
            volumes = self.observed.volumes.get(leaving.found.name, ())
            users = [User(_named(volume), volume.as_item()) for volume in volumes]
            stores = [
                f"the image store of zone {zone.name}"
                for zone in self.zones.values()
                if zone.image_store and zone.image_store.volume_type == item.name
            ]
            yield from blockers_of(leaving, self.options.only, users, self.observed.default, stores)
            if self.observed.default == "":
                message = (
                    f"volume type {item.name} cannot be deleted: cinder's default_volume_type does not exist, and then it answers 500 "
                    "to the deletion of any type. Create it, or name another in cinder's configuration."
                )
                yield from (Refusal(zone, "default_type", message) for zone in leaving.shared_by(self.options.only))

    def _of_type(self, item: VolumeType, wanted: WantedType) -> Iterator[tuple[str, str, tuple[Volume, ...]]]:
        for project in item.projects:
            ids = self.observed.projects.get(project, ())
            if not ids:
                hint = self.observed.hints.get(project, "")
                yield "unknown_project", f"volume type {item.name}: there is no project {project}{hint}.", ()
            elif len(ids) > 1:
                several = f"several projects are named {project}: {', '.join(ids)}. Name one by its id."
                yield "ambiguous_project", f"volume type {item.name}: {several}", ()
        yield from ((*found, ()) for found in name_is_id(VOLUME_TYPE, item.name, self.observed.types.values()))
        found = self.observed.types.get(item.name)
        if found is None or "successor_types" in self.options.allow:
            return
        volumes = self._blocked(wanted, found, self.options.only)
        if volumes:
            changes = [change for change in self._changes(wanted, found, self.options.only) if _is_spec(change)]
            texts = "; ".join(change.text for change in changes)
            message = (
                f"cinder does not allow the extra specs of {VOLUME_TYPE.noun} {item.name} to change while volumes have it "
                f"({texts}): {_listed(volumes)}. "
                "To create a new type of this name and rename the old one, which they keep, add to zoneops_allow (option allow): [successor_types]."
            )
            yield "successor_types", message, volumes


def _is_spec(change: TypeChange) -> bool:
    return isinstance(change, (SetSpecs, RemoveSpec))


def _places(change: TypeChange) -> bool:
    """Whether it says where volumes of the type go."""
    keys = (VOLUME_TYPE.az_spec, VOLUME_TYPE.backend_spec)
    return isinstance(change, CreateType) or (isinstance(change, SetSpecs) and any(key in change.new for key in keys))


def _named(volume: Volume) -> str:
    return f"{volume.name or 'unnamed'} ({volume.id}, project {volume.project_id}, {volume.status})"


def _listed(volumes: tuple[Volume, ...]) -> str:
    shown = ", ".join(map(_named, volumes[:SHOWN]))
    return shown + (" and more" if len(volumes) > SHOWN else "")
