# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The writes that types need, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from .._plan.change import Change


@dataclass(frozen=True)
class TypeChange(Change):
    """A write to one type.

    :ivar noun: "volume type" or "share type".
    :ivar name: the type's name.
    :ivar shared_by: the zones that this run works on and that the type is in.
    """

    noun: str
    name: str
    shared_by: tuple[str, ...]

    @property
    def zones(self) -> tuple[str, ...]:
        return self.shared_by

    @property
    def target(self) -> str:
        return f"{self.noun} {self.name}"


@dataclass(frozen=True)
class CreateType(TypeChange):
    """One request makes it with all its extra specs, so that it is never there with a part of them."""

    action: ClassVar[str] = "create_type"
    specs: Mapping[str, str]
    public: bool
    description: str | None

    @property
    def after(self) -> dict[str, Any]:
        return {"public": self.public, "description": self.description, "extra_specs": dict(self.specs)}

    @property
    def text(self) -> str:
        shown = ", ".join(f"{key}={value}" for key, value in sorted(self.specs.items()))
        return f"create {'' if self.public else 'private '}{self.target}: {shown}"


@dataclass(frozen=True)
class DeleteType(TypeChange):
    action: ClassVar[str] = "delete_type"
    specs: Mapping[str, str]

    @property
    def before(self) -> dict[str, Any]:
        return {"extra_specs": dict(self.specs)}

    @property
    def text(self) -> str:
        return f"delete {self.target}"


@dataclass(frozen=True)
class SetSpecs(TypeChange):
    """Set extra specs, others stay; None stands for one that is not there yet."""

    action: ClassVar[str] = "set_specs"
    old: Mapping[str, str | None]
    new: Mapping[str, str]

    @property
    def before(self) -> dict[str, str | None]:
        return dict(self.old)

    @property
    def after(self) -> dict[str, str]:
        return dict(self.new)

    @property
    def text(self) -> str:
        return f"set extra specs of {self.target}: {', '.join(f'{key}={value}' for key, value in sorted(self.new.items()))}"


@dataclass(frozen=True)
class RemoveSpec(TypeChange):
    action: ClassVar[str] = "remove_spec"
    key: str
    old: str

    @property
    def before(self) -> dict[str, str]:
        return {self.key: self.old}

    @property
    def text(self) -> str:
        return f"remove extra spec {self.key} of {self.target}"


@dataclass(frozen=True)
class UpdateType(TypeChange):
    """Set `public` or `description`."""

    action: ClassVar[str] = "update_type"
    old: Mapping[str, Any]
    new: Mapping[str, Any]

    @property
    def before(self) -> dict[str, Any]:
        return dict(self.old)

    @property
    def after(self) -> dict[str, Any]:
        return dict(self.new)

    @property
    def text(self) -> str:
        shown = ", ".join(
            f"{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in self.new.items()
        )
        return f"set {self.target}: {shown}"


@dataclass(frozen=True)
class RenameType(TypeChange):
    """Give it another name, and in the same request make it public or private."""

    action: ClassVar[str] = "rename_type"
    new: str
    was_public: bool
    public: bool

    @property
    def before(self) -> dict[str, Any]:
        return {"name": self.name, "public": self.was_public}

    @property
    def after(self) -> dict[str, Any]:
        return {"name": self.new, "public": self.public}

    @property
    def text(self) -> str:
        made = f", {'public' if self.public else 'private'}" if self.public != self.was_public else ""
        return f"rename {self.target} to {self.new}{made}"


@dataclass(frozen=True)
class AddProject(TypeChange):
    action: ClassVar[str] = "add_project"
    project: str

    @property
    def after(self) -> str:
        return self.project

    @property
    def text(self) -> str:
        return f"let project {self.project} use {self.target}"


@dataclass(frozen=True)
class RemoveProject(TypeChange):
    action: ClassVar[str] = "remove_project"
    project: str

    @property
    def before(self) -> str:
        return self.project

    @property
    def text(self) -> str:
        return f"no longer let project {self.project} use {self.target}"
