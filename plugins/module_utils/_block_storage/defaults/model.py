# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Default volume types of projects that are taken to another type: what is asked for, what is there, and the writes. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from ..._plan.change import Change
from ..._types.model import FoundType

CLIENT = "cinder --os-volume-api-version 3.62"


@dataclass(frozen=True)
class Options:
    """What the operator asks for.

    :ivar zone: the zone that the defaults are taken from, by inventory name.
    :ivar types: the name of the type that projects get, by that of the type they have.
    :ivar projects: ids of these only, and of them also those without a default type of their own; None for all that have one.
    """

    zone: str
    types: Mapping[str, str]
    projects: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Observed:
    """What cinder has.

    :ivar types: by name.
    :ivar defaults: the id of the type by project, of those that have one of their own.
    :ivar configured: the name of the type that all others get; None where that cannot be seen.
    :ivar unknown: projects that keystone does not know.
    """

    types: Mapping[str, FoundType] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    configured: str | None = None
    unknown: frozenset[str] = frozenset()

    def name_of(self, project: str) -> str | None:
        """The type that a project has of its own; by id where cinder does not list that."""
        number = self.defaults.get(project)
        return next((one.name for one in self.types.values() if one.id == number), number)

    def with_default(self, project: str, type_id: str) -> Observed:
        return replace(self, defaults={**self.defaults, project: type_id})


@dataclass(frozen=True)
class SetDefault(Change):
    """One project.

    :ivar old: the type that it has of its own; None where it has what cinder is configured with.
    """

    action: ClassVar[str] = "set_default_type"
    alone: ClassVar[bool] = True
    project: str
    old: str | None
    new: FoundType

    @property
    def target(self) -> str:
        return f"default volume type of project {self.project}"

    @property
    def before(self) -> str | None:
        return self.old

    @property
    def after(self) -> str:
        return self.new.name

    @property
    def undo(self) -> str:
        """The command that takes it back."""
        if self.old is None:
            return f"{CLIENT} default-type-unset {self.project}"
        return f"{CLIENT} default-type-set {self.old} {self.project}"

    @property
    def text(self) -> str:
        was = f"was {self.old}" if self.old else "had none of its own"
        return f"set the default volume type of project {self.project} to {self.new.name} ({was})"

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), "project": self.project, "undo": self.undo}
