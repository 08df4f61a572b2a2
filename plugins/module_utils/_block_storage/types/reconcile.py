# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volume types in the flow of a writer: observe, plan, write, look again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..._identity.keystone import Keystone
from ..._plan.apply import Undo
from ..._plan.change import Plan
from ..._plan.converge import Reconciler
from ..._types.changes import CreateType, DeleteType, RemoveSpec, SetSpecs, TypeChange
from ..._types.model import FoundType, Place
from ..._types.simulate import simulate
from ..._types.write import TypeWriter
from ..._zones.schema.zone_map import VolumeType, ZoneMap
from ..._zones.validation.entries import expanded
from ..api.cinder import Cinder
from ..api.model import VOLUME, Volume
from .model import SHOWN, Observed, Options, heirs_of
from .plan import plan_types


class VolumeTypes(Reconciler[Observed, TypeChange]):
    """The reconciler that `_plan.converge` works in.

    A no-op costs one call, and where types name projects one to keystone and one for each private type that does.
    """

    def __init__(self, cinder: Cinder, keystone: Keystone, wanted: ZoneMap, options: Options) -> None:
        self.cinder = cinder
        self.keystone = keystone
        self.wanted = wanted
        self.options = options
        self.writer = TypeWriter(cinder, lambda: {found.name for found in cinder.types()})
        self.types: tuple[VolumeType, ...] = tuple(
            item for item in expanded(wanted.region.volume_types) if set(item.zones) & set(options.only)
        )
        self._projects: Mapping[str, tuple[str, ...]] | None = None
        self._hints: Mapping[str, str] = {}

    @property
    def zones(self) -> Sequence[str]:
        return self.options.only

    def observe(self) -> Observed:
        if not self.types:
            return Observed()
        found = {entry.name: entry for entry in self.cinder.types()}
        for item in self.types:
            if not self._manages_projects(item):
                continue
            for name in (item.name, *heirs_of(item.name)):
                if name in found:
                    found[name] = self._with_projects(found[name])
        return Observed(found, self._ids_of_projects(), self._hints)

    def _with_projects(self, found: FoundType) -> FoundType:
        if found.public or found.projects is not None:
            return found
        return replace(found, projects=self.cinder.projects(found.id))

    def _ids_of_projects(self) -> Mapping[str, tuple[str, ...]]:
        if self._projects is None:
            named = dict.fromkeys(project for item in self.types for project in item.projects)
            self._projects = self.keystone.projects(named) if named else {}
            self._hints = self.keystone.hints(self._projects)
        return self._projects

    def observe_details(self, observed: Observed, plan: Plan[TypeChange]) -> Observed | None:
        """Zones, back ends and volumes: only where a type is made, its extra specs change, or it is deleted."""
        closer = self._before_deletion(observed, plan)
        touched = [change for change in plan.changes if isinstance(change, (CreateType, SetSpecs, RemoveSpec))]
        if not touched or observed.zones is not None:
            return None if closer is observed else closer
        observed = closer
        existing = {change.name for change in touched if change.name in observed.types}
        # A successor that an earlier run began has some of its projects already.
        allowed = existing | {heir for name in existing for heir in heirs_of(name) if heir in observed.types}
        pools = self.cinder.pools()
        types = {**observed.types, **{name: self._with_projects(observed.types[name]) for name in allowed}}
        return replace(
            observed,
            types=types,
            zones=frozenset(str(entry["name"]) for entry in self.cinder.availability_zones()),
            places=tuple(
                Place(
                    service.host,
                    service.zone,
                    service.works,
                    frozenset(pool.backend_name for pool in pools if pool.host == service.host),
                )
                for service in self.cinder.found_services()
                if service.binary == VOLUME
            ),
            volumes={**observed.volumes, **self._volumes(observed, existing)},
        )

    def _before_deletion(self, observed: Observed, plan: Plan[TypeChange]) -> Observed:
        """With the volumes of types that are to go, and the default type."""
        leaving = {change.name for change in plan.candidates if isinstance(change, DeleteType)} - set(observed.volumes)
        if not leaving:
            return observed
        default = self.cinder.default_type()
        volumes = {**observed.volumes, **self._volumes(observed, leaving)}
        return replace(observed, volumes=volumes, default=default.name if default else "")

    def _volumes(self, observed: Observed, names: Iterable[str]) -> dict[str, tuple[Volume, ...]]:
        return {name: tuple(self.cinder.volumes_of(observed.types[name].id, SHOWN + 1)) for name in sorted(names)}

    def plan(self, observed: Observed) -> Plan[TypeChange]:
        return plan_types(self.wanted, self.types, observed, self.options)

    def start_from(self, observed: Observed, plan: Plan[TypeChange]) -> None:
        del plan
        self.writer.start_from(observed.types)

    def simulate(self, observed: Observed, change: TypeChange) -> Observed:
        return replace(observed, types=simulate(observed.types, change))

    def write(self, change: TypeChange) -> Undo | None:
        return self.writer.write(change)

    def describe(self, observed: Observed, zone: str) -> Mapping[str, Any]:
        return {
            item.name: self._described(observed.types[item.name], item)
            for item in self.types
            if zone in item.zones and item.name in observed.types
        }

    def _described(self, found: FoundType, item: VolumeType) -> dict[str, Any]:
        state: dict[str, Any] = {
            "public": found.public,
            "description": found.description,
            "extra_specs": dict(sorted(found.specs.items())),
        }
        shown = self._manages_projects(item) and not found.public
        return {**state, "projects": sorted(found.projects or ())} if shown else state

    def _manages_projects(self, item: VolumeType) -> bool:
        return bool(item.projects) or self.options.purge_projects
