# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the volume types' planner knows: what was asked for and what was seen. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..._types.model import FoundType, Place
from ..api.model import Volume

# Blockers among the volumes that are named; one more is asked for, to know whether there are more.
SHOWN = 5


@dataclass(frozen=True)
class Options:
    """What the module was asked for."""

    only: tuple[str, ...]
    purge_projects: bool = False
    allow: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Observed:
    """What was seen.

    :ivar types: all types by name.
    :ivar projects: ids by the names or ids that the map has.
    :ivar hints: what may be meant by those that are no project, as a question.
    :ivar volumes: some volumes by the name of their type, where that was looked at.
    :ivar zones: availability zones of cinder; None where nobody looked.
    :ivar places: back ends.
    :ivar default: name of the type of volumes that name none, where that was looked at; empty where cinder's own does not exist.
    """

    types: Mapping[str, FoundType] = field(default_factory=dict)
    projects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    volumes: Mapping[str, tuple[Volume, ...]] = field(default_factory=dict)
    zones: frozenset[str] | None = None
    places: tuple[Place, ...] = ()
    default: str | None = None


def heir_of(name: str, public: bool) -> str:
    """The name of a type's successor until it takes over, when it becomes public or stays private."""
    return f"zoneops:{'public' if public else 'private'}:{name}"


def heirs_of(name: str) -> dict[str, bool]:
    """The names that a type's successor can have, and whether it is to be public."""
    return {heir_of(name, public): public for public in (True, False)}


def replaced(found: FoundType) -> str:
    """The name of a type after its successor took over.

    Never one that was there before: cinder keeps the usage of a deleted type under its name, and answers 500 to a rename that meets it.
    """
    return f"{found.name}-replaced-{found.id[:8]}"
