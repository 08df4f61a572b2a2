# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Default volume types of projects in the flow of a writer: one list, and one write for each project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..._plan.change import Plan
from ..._plan.converge import Reconciler
from ..._zones.schema.zone_map import ZoneMap
from ..api.cinder import Cinder
from ..api.default_types import DefaultTypes
from .model import Observed, Options, SetDefault
from .plan import plan_defaults


class ProjectDefaults(Reconciler[Observed, SetDefault]):
    """The reconciler that `_plan.converge` works in. A no-op costs two calls.

    :param own: the project that the user signs in to: what cinder answers as the default type is that project's own, if it has one.
    """

    def __init__(
        self, cinder: Cinder, calls: DefaultTypes, own: str, zone_map: ZoneMap, asked: Sequence[str], options: Options
    ) -> None:
        self.cinder = cinder
        self.calls = calls
        self.zone_map = zone_map
        self.options = options
        self._own = own
        self._asked = asked
        self._exists: dict[str, bool] = {}

    @property
    def zones(self) -> Sequence[str]:
        return self._asked

    def observe(self) -> Observed:
        types = {one.name: one for one in self.cinder.types()}
        return Observed(types, self.calls.all(), unknown=self._unknown)

    @property
    def _unknown(self) -> frozenset[str]:
        return frozenset(project for project, exists in self._exists.items() if not exists)

    def observe_details(self, observed: Observed, plan: Plan[SetDefault]) -> Observed | None:
        """Of projects that are named or would be written: whether they exist; and what those without a type of their own get."""
        named = [one for one in self.options.projects or () if one not in observed.defaults]
        configured = self._configured(observed) if named else None
        written = [change.project for change in plan.candidates]
        for project in {*named, *written} - self._exists.keys():
            self._exists[project] = self.calls.exists(project)
        private = {change.new.name for change in plan.candidates if not change.new.public}
        if configured is not None and configured in self.options.types:
            new = observed.types.get(self.options.types[configured])
            private |= {new.name} if new is not None and not new.public else set()
        opened = {
            name: replace(observed.types[name], projects=self.cinder.projects(observed.types[name].id))
            for name in private
        }
        return replace(observed, types={**observed.types, **opened}, configured=configured, unknown=self._unknown)

    def _configured(self, observed: Observed) -> str | None:
        if self._own in observed.defaults:
            return None
        found = self.cinder.default_type()
        return None if found is None else found.name

    def plan(self, observed: Observed) -> Plan[SetDefault]:
        return plan_defaults(self.zone_map, observed, self.options)

    def write(self, change: SetDefault) -> None:
        self.calls.put(change.project, change.new.id)

    def simulate(self, observed: Observed, change: SetDefault) -> Observed:
        return observed.with_default(change.project, change.new.id)

    def describe(self, observed: Observed, zone: str) -> Mapping[str, Any]:
        """Of the projects that have one of the types, or get one."""
        if zone != self.options.zone:
            return {}
        names = {*self.options.types, *self.options.types.values()}
        found = {project: observed.name_of(project) for project in sorted(observed.defaults)}
        wanted = self.options.projects
        return {
            project: name for project, name in found.items() if name in names and (wanted is None or project in wanted)
        }
