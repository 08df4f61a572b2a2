# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a write does to the types that a service lists: for diff, check mode and property tests. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .changes import (
    AddProject,
    CreateType,
    DeleteType,
    RemoveProject,
    RemoveSpec,
    RenameType,
    SetSpecs,
    TypeChange,
    UpdateType,
)
from .model import FoundType


def simulate(types: Mapping[str, FoundType], change: TypeChange) -> dict[str, FoundType]:
    """The types by name after `change` took effect."""
    if isinstance(change, DeleteType):
        return {name: found for name, found in types.items() if name != change.name}
    if isinstance(change, CreateType):
        projects: frozenset[str] | None = None if change.public else frozenset()
        made = FoundType("", change.name, change.public, change.description, dict(change.specs), projects)
        return {**types, change.name: made}
    if isinstance(change, RenameType):
        renamed = replace(types[change.name], name=change.new, public=change.public)
        return {**{name: found for name, found in types.items() if name != change.name}, change.new: renamed}
    return {**types, change.name: _changed(types[change.name], change)}


def _changed(found: FoundType, change: TypeChange) -> FoundType:
    projects = found.projects or frozenset()
    match change:
        case SetSpecs():
            return replace(found, specs={**found.specs, **change.new})
        case RemoveSpec():
            return replace(found, specs={key: value for key, value in found.specs.items() if key != change.key})
        case UpdateType():
            return replace(found, **change.new)
        case AddProject():
            return replace(found, projects=projects | {change.project})
        case RemoveProject():
            return replace(found, projects=projects - {change.project})
    raise TypeError(f"no model of {change!r}")
