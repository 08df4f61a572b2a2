# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carry out the changes of types, each with its way back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

from .._plan.apply import Undo
from .._plan.errors import ZoneopsError
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


class TypeApi(Protocol):
    """The calls that cinder and manila both have."""

    def create_type(self, change: CreateType) -> str:
        """Make a type with its extra specs in one request; its id."""

    def delete_type(self, number: str) -> None:
        """Delete a type that nothing uses."""

    def set_specs(self, number: str, specs: Mapping[str, str]) -> None:
        """Set extra specs, others stay."""

    def remove_spec(self, number: str, key: str) -> None:
        """Remove one extra spec."""

    def update_type(self, number: str, values: Mapping[str, Any]) -> None:
        """Set `public` or `description`."""

    def add_project(self, number: str, project: str) -> None:
        """Let a project use a private type."""

    def remove_project(self, number: str, project: str) -> None:
        """No longer let a project use a private type."""


class TypeWriter:
    """Writes to types, found by their names: an id is never taken for a name.

    :param names: tells what all types are called now; asked where the answer to a new name got lost.
    """

    def __init__(self, api: TypeApi, names: Callable[[], Collection[str]] | None = None) -> None:
        self._api = api
        self._names = names
        self._ids: dict[str, str] = {}

    def start_from(self, types: Mapping[str, FoundType]) -> None:
        """The types as last seen."""
        self._ids = {name: found.id for name, found in types.items()}

    def write(self, change: TypeChange) -> Undo | None:
        """Carry it out; the way back, None where there is none."""
        api = self._api
        if isinstance(change, CreateType):
            number = self._ids[change.name] = api.create_type(change)
            return lambda: api.delete_type(number)
        number = self._ids[change.name]
        match change:
            case SetSpecs():
                api.set_specs(number, change.new)
                return lambda: self._restore(number, change.old)
            case RemoveSpec():
                api.remove_spec(number, change.key)
                return lambda: api.set_specs(number, {change.key: change.old})
            case RenameType():
                return self._rename(number, change)
            case UpdateType():
                api.update_type(number, change.new)
                return lambda: api.update_type(number, change.old)
            case AddProject():
                api.add_project(number, change.project)
                return lambda: api.remove_project(number, change.project)
            case RemoveProject():
                api.remove_project(number, change.project)
                return lambda: api.add_project(number, change.project)
            case DeleteType():
                # Made again it would have another id, which quotas and images refer to.
                api.delete_type(number)
                return None
        raise TypeError(f"no write for {change!r}")

    def _rename(self, number: str, change: RenameType) -> Undo:
        def named(name: str, public: bool) -> None:
            self._api.update_type(number, {"name": name, "public": public})

        try:
            named(change.new, change.public)
        except ZoneopsError as error:
            # What came before must not be rolled back under a type that has its new name.
            if not error.uncertain or self._names is None or change.new not in self._names():
                raise
        self._ids[change.new] = self._ids.pop(change.name)
        return lambda: named(change.name, change.was_public)

    def _restore(self, number: str, old: Mapping[str, str | None]) -> None:
        kept = {key: value for key, value in old.items() if value is not None}
        if kept:
            self._api.set_specs(number, kept)
        for key, value in old.items():
            if value is None:
                self._api.remove_spec(number, key)
