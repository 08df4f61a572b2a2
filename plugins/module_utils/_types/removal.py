# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a type that the map calls absent, and what blocks it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .._plan.change import Refusal
from .changes import DeleteType
from .model import FoundType, Kind, zones_of

# Blockers that are named.
SHOWN = 5


@dataclass(frozen=True)
class User:
    """Something that has the type.

    :ivar text: for people.
    :ivar item: for machines.
    """

    text: str
    item: dict[str, Any]


@dataclass(frozen=True)
class Leaving:
    """A type that is there and shall not be.

    :ivar zones: inventory names of the zones that the entry names.
    :ivar places: their availability zones.
    :ivar everywhere: whether these are all zones of the map.
    """

    kind: Kind
    found: FoundType
    zones: tuple[str, ...]
    places: frozenset[str]
    everywhere: bool

    def shared_by(self, only: Collection[str]) -> tuple[str, ...]:
        return tuple(zone for zone in only if zone in self.zones)

    def change(self, only: Collection[str]) -> DeleteType:
        shared_by = self.shared_by(only)
        return DeleteType(shared_by[0], self.kind.noun, self.found.name, shared_by, specs=self.found.specs)


def blockers_of(
    leaving: Leaving, only: Collection[str], users: Sequence[User], default: str | None, needed_by: Sequence[str] = ()
) -> Iterator[Refusal]:
    """Why it has to stay.

    :param users: what has the type, one more than is named where there are more.
    :param default: name of the service's default type.
    :param needed_by: what else of the map names it.
    """
    kind, found = leaving.kind, leaving.found
    head = f"{kind.noun} {found.name} cannot be deleted"

    def refused(rule: str, message: str, items: tuple[dict[str, Any], ...] = ()) -> Iterator[Refusal]:
        yield from (Refusal(zone, rule, f"{head}: {message}", items) for zone in leaving.shared_by(only))

    listed = zones_of(found.specs.get(kind.az_spec))
    others = sorted(listed - leaving.places)
    if others:
        where = f"it is also in availability zones {', '.join(others)}"
        yield from refused("other_zones", f"{where}. Name their zones too, or keep the type.")
    elif not listed and not leaving.everywhere:
        yield from refused("other_zones", "it is in every availability zone. Leave out `zones`, or keep the type.")
    if users:
        more = " and more" if len(users) > SHOWN else ""
        shown = ", ".join(user.text for user in users[:SHOWN])
        items = tuple(user.item for user in users)
        message = f"in use by {shown}{more}. Delete them, or give them another type, first."
        yield from refused("type_in_use", message, items)
    if found.name == default:
        message = f"it is {kind.service}'s default type. Choose another default first."
        yield from refused("default_type", message)
    if needed_by:
        yield from refused("type_needed", f"the map needs it for {', '.join(needed_by)}.")
