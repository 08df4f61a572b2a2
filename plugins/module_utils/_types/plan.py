# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a type as it is to the type as the map says. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .changes import AddProject, CreateType, RemoveProject, RemoveSpec, SetSpecs, TypeChange, UpdateType
from .model import FoundType, Kind, WantedType, same, zones_of

# What every change of a type begins with: zone, noun, name and the zones that share it.
Frame = tuple[str, str, str, tuple[str, ...]]


def type_changes(
    kind: Kind, wanted: WantedType, found: FoundType | None, only: tuple[str, ...], *, purge_projects: bool = False
) -> Iterator[TypeChange]:
    """The writes in their order: what exists is merged key by key, and nothing that the map leaves out is touched.

    :param only: zones that this run works on; the first of them that the type is in answers for it.
    """
    shared_by = tuple(zone for zone in only if zone in wanted.zones)
    if not shared_by:
        return
    frame = (shared_by[0], kind.noun, wanted.name, shared_by)
    if found is None:
        specs = {**wanted.at_creation, **{key: value for key, value in wanted.specs.items() if value is not None}}
        found = FoundType("", wanted.name, wanted.public is not False, wanted.description, specs, frozenset())
        yield CreateType(*frame, specs=specs, public=found.public, description=found.description)
    yield from _specs(frame, kind, wanted, found)
    yield from _properties(frame, wanted, found)
    if wanted.public is False:
        yield from _projects(frame, wanted, found.projects or frozenset(), purge=purge_projects)


def _specs(frame: Frame, kind: Kind, wanted: WantedType, found: FoundType) -> Iterator[TypeChange]:
    old, new = _differing(kind, found.specs, wanted.specs)
    if new:
        yield SetSpecs(*frame, old=old, new=new)
    for key, value in wanted.specs.items():
        if value is None and key in found.specs:
            yield RemoveSpec(*frame, key=key, old=found.specs[key])


def _properties(frame: Frame, wanted: WantedType, found: FoundType) -> Iterator[TypeChange]:
    old, new = {}, {}
    for name in ("public", "description"):
        before, after = getattr(found, name), getattr(wanted, name)
        if after is not None and after != before:
            old[name], new[name] = before, after
    if new:
        yield UpdateType(*frame, old=old, new=new)


def _projects(frame: Frame, wanted: WantedType, allowed: frozenset[str], *, purge: bool) -> Iterator[TypeChange]:
    for project in wanted.projects:
        if project not in allowed:
            yield AddProject(*frame, project=project)
    if purge:
        for project in sorted(allowed - set(wanted.projects)):
            yield RemoveProject(*frame, project=project)


def _differing(
    kind: Kind, found: Mapping[str, str], wanted: Mapping[str, str | None]
) -> tuple[dict[str, str | None], dict[str, str]]:
    """The extra specs to set, as they are and as they shall be."""
    new = {
        key: value
        for key, value in wanted.items()
        if value is not None and not _means(kind, key, found.get(key), value)
    }
    return {key: found.get(key) for key in new}, new


def _means(kind: Kind, key: str, found: str | None, wanted: str) -> bool:
    if key == kind.az_spec and found is not None:
        return zones_of(found) == zones_of(wanted)
    return same(found, wanted)
