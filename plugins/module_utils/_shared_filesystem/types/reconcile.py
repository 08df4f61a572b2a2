# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Share types in the flow of a writer: observe, plan, write, look again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..._identity.keystone import Keystone
from ..._plan.apply import Undo
from ..._plan.change import Plan
from ..._plan.converge import Reconciler
from ..._types.changes import CreateType, DeleteType, SetSpecs, TypeChange
from ..._types.model import FoundType, Place
from ..._types.simulate import simulate
from ..._types.write import TypeWriter
from ..._zones.schema.zone_map import ShareType, ZoneMap
from ..._zones.validation.entries import expanded
from ..api.manila import Manila
from ..api.model import SHARE, SHARE_TYPES, Pool, ShareService
from .model import Observed, Options
from .plan import plan_types


class ShareTypes(Reconciler[Observed, TypeChange]):
    """The reconciler that `_plan.converge` works in.

    A no-op costs one call, none without types, and where types name projects one to keystone and one for each private type that does.
    """

    def __init__(self, manila: Manila, keystone: Keystone, wanted: ZoneMap, options: Options) -> None:
        self.manila = manila
        self.keystone = keystone
        self.wanted = wanted
        self.options = options
        self.writer = TypeWriter(manila)
        self.types: tuple[ShareType, ...] = tuple(
            item for item in expanded(wanted.region.share_types) if set(item.zones) & set(options.only)
        )
        self._projects: Mapping[str, tuple[str, ...]] | None = None
        self._hints: Mapping[str, str] = {}

    @property
    def zones(self) -> Sequence[str]:
        return self.options.only

    def observe(self) -> Observed:
        if not self.types:
            return Observed()
        if not self.manila.present():
            return Observed(present=False)
        found = self.manila.types()
        for item in self.types:
            named = item.projects or self.options.purge_projects
            if named and item.name in found and not found[item.name].public:
                allowed = self.manila.projects_of(found[item.name].id)
                found[item.name] = replace(found[item.name], projects=allowed)
        return Observed(types=found, projects=self._ids_of_projects(), hints=self._hints)

    def _ids_of_projects(self) -> Mapping[str, tuple[str, ...]]:
        if self._projects is None:
            named = dict.fromkeys(project for item in self.types for project in item.projects)
            self._projects = self.keystone.projects(named) if named else {}
            self._hints = self.keystone.hints(self._projects)
        return self._projects

    def observe_details(self, observed: Observed, plan: Plan[TypeChange]) -> Observed | None:
        """Zones, back ends and shares: only where a type is made, its extra specs change, or it is deleted."""
        closer = self._before_deletion(observed, plan)
        touched = [change for change in plan.candidates if isinstance(change, (CreateType, SetSpecs))]
        if not touched or observed.places is not None:
            return None if closer is observed else closer
        observed = closer
        pools = self.manila.pools()
        # Not from manila's list of zones, in which a zone is missing while its only service is disabled.
        services = [service for service in self.manila.share_services() if service.binary == SHARE]
        moved = {
            change.name: observed.types[change.name].id
            for change in touched
            if isinstance(change, SetSpecs) and SHARE_TYPES.az_spec in change.new and change.name in observed.types
        }
        return replace(
            observed,
            places=tuple(place_of(service, pools) for service in services),
            pools=pools,
            shares={**observed.shares, **{name: self.manila.shares(number) for name, number in moved.items()}},
        )

    def _before_deletion(self, observed: Observed, plan: Plan[TypeChange]) -> Observed:
        """With the shares of types that are to go, and the default type."""
        leaving = {change.name for change in plan.candidates if isinstance(change, DeleteType)} - set(observed.shares)
        if not leaving:
            return observed
        shares = {name: self.manila.shares(observed.types[name].id) for name in sorted(leaving)}
        default = self.manila.default_type()
        return replace(observed, shares={**observed.shares, **shares}, default=default.name if default else None)

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
        mine = (observed.types.get(item.name) for item in self.types if zone in item.zones)
        return {found.name: _described(found) for found in mine if found is not None}


def place_of(service: ShareService, pools: Sequence[Pool]) -> Place:
    """A back end, with the names that its pools report. The scheduler still knows those of a service that is down."""
    names = frozenset(pool.backend_name for pool in pools if pool.host == service.host and pool.backend_name)
    return Place(service.host, service.availability_zone, service.working, names if service.working else frozenset())


def _described(found: FoundType) -> dict[str, Any]:
    state: dict[str, Any] = {
        "public": found.public,
        "description": found.description,
        "extra_specs": dict(sorted(found.specs.items())),
    }
    return state if found.projects is None else {**state, "projects": sorted(found.projects)}
