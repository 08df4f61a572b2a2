# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What blocks a type, found before anything is written: services take types for zones and back ends that they do not have. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from .._plan.change import Refusal
from .._zones.schema.zone_map import Zone
from .model import FoundType, Kind, Place, WantedType


def name_is_id(kind: Kind, name: str, types: Iterable[FoundType]) -> Iterator[tuple[str, str]]:
    """Why nothing may be called so: clients look for an id first."""
    taken = next((found for found in types if found.id == name), None)
    if taken is not None:
        taken_by = f"its name is the id of type {taken.name}, so clients would confuse them. Choose another."
        yield "name_is_id", f"{kind.noun} {name}: {taken_by}"


def misplaced(
    kind: Kind, wanted: WantedType, zone: Zone, zones: Collection[str], places: Collection[Place]
) -> Iterator[Refusal]:
    """Why the type could not serve the zone.

    :param zones: availability zones that the service lists.
    """
    name, head = zone.availability_zone, f"{kind.noun} {wanted.name}: "
    if name not in zones:
        yield Refusal(
            zone.name,
            "unknown_zone",
            f"{head}availability zone {name} is not known to {kind.service}, which has {_listed(zones)}. "
            f"Start a {kind.binary} there first, or correct the zone's name.",
        )
        return
    backend = wanted.specs.get(kind.backend_spec)
    here = [place for place in places if place.availability_zone == name]
    if backend is not None and not any(backend in place.names for place in here):
        yield Refusal(
            zone.name,
            "no_backend",
            f"{head}no back end of availability zone {name} reports {kind.backend_spec} {backend}; there: "
            f"{_listed(map(_shown, here))}. Correct the name, or start or enable that back end.{_silent(kind, here)}",
        )


def _silent(kind: Kind, here: Collection[Place]) -> str:
    silent = sorted(place.host for place in here if place.working and not place.names)
    return f" {', '.join(silent)}: {kind.silent}" if silent and kind.silent else ""


def _shown(place: Place) -> str:
    if not place.working:
        return f"{place.host} (not working, so it reports nothing)"
    return f"{place.host} ({', '.join(sorted(place.names)) or 'reports no name'})"


def _listed(items: Collection[str] | Iterator[str]) -> str:
    return ", ".join(sorted(items)) or "none"
