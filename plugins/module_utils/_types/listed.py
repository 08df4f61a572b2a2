# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The availability zones that a type lists, as a run leaves them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from .._plan.change import Note
from .._zones.schema.zone_map import Type, ZoneMap
from .._zones.shared_lists import shared
from .model import FoundType, Kind, listed_zones


@dataclass(frozen=True)
class Listed:
    """What the run makes of the list.

    :ivar specs: the extra spec with the list; empty where it is left as it is.
    :ivar notes: what stays in it, and what is not added.
    """

    specs: dict[str, str | None]
    notes: tuple[str, ...] = ()


def listed(kind: Kind, item: Type, wanted: ZoneMap, accepted: Collection[str], found: FoundType | None) -> Listed:
    """The list of a type.

    :param accepted: zones that this run works on and that nothing refuses.
    :param found: the type as it is, None where it is still to be made.
    """
    called = {name: zone.availability_zone for name, zone in wanted.zones.items()}
    if found is None:
        # With all of them at once: cinder lets the list of a type in use grow no more.
        return Listed({kind.az_spec: ",".join(called[zone] for zone in item.zones)})
    value = found.specs.get(kind.az_spec)
    if value is None:
        # It is in every zone: a list of some would take the others away.
        waiting = [called[zone] for zone in item.zones if zone not in accepted]
        if waiting:
            return Listed({}, (f"{kind.noun} {item.name} {_everywhere(waiting)}",))
        value = ""
    made = shared(item, accepted, called, listed_zones(value))
    notes = tuple(f"{kind.noun} {item.name}: {text}" for text in _notes(made.kept, [called[z] for z in made.waiting]))
    return Listed({kind.az_spec: ",".join(made.names)}, notes)


def listing_notes(
    kind: Kind, items: Iterable[Type], wanted: ZoneMap, accepted: tuple[str, ...], types: Mapping[str, FoundType]
) -> Iterator[Note]:
    """What is worth knowing about the lists of types; the first zone that each is in answers for it."""
    for item in items:
        lead = next((zone for zone in accepted if zone in item.zones), None)
        if lead is not None and item.state != "absent":
            notes = listed(kind, item, wanted, accepted, types.get(item.name)).notes
            yield from (Note(lead, message) for message in notes)


def _everywhere(waiting: Collection[str]) -> str:
    return (
        f"lists no availability zones, so it is in all of them. To set its list, run it for all its zones: "
        f"this run leaves out {', '.join(waiting)}."
    )


def _notes(kept: Collection[str], waiting: Collection[str]) -> Iterator[str]:
    if kept:
        yield (
            f"availability zones {', '.join(kept)} are kept in its list, since no zone of this run removes them. "
            "To remove them, name the zones of the type (zones)."
        )
    if waiting:
        yield (
            f"availability zones {', '.join(waiting)} are not added to its list, since this run leaves those zones out or they are refused."
        )
