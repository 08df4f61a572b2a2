# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which projects get another default volume type, and what forbids it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Union

from ..._plan.change import Note, Plan, Refusal
from ..._plan.text.listing import first
from ..._plan.text.near import nearest
from ..._types.model import FoundType, zones_of
from ..._zones.schema.zone_map import ZoneMap
from ..api.model import VOLUME_TYPE
from .model import Observed, Options, SetDefault

Finding = Union[SetDefault, Refusal, Note]  # noqa: UP007 - ansible-test's pylint does not know "|" between classes
SHOWN = 5


def plan_defaults(zone_map: ZoneMap, observed: Observed, options: Options) -> Plan[SetDefault]:
    """The changes. A type that cannot be taken refuses all."""
    findings = [*_of_types(zone_map, observed, options), *_of_projects(observed, options)]
    return Plan.of(
        () if any(isinstance(one, Refusal) for one in findings) else _changes(observed, options),
        [one for one in findings if isinstance(one, Refusal)],
        [one for one in findings if isinstance(one, Note)],
    )


def _of_types(zone_map: ZoneMap, observed: Observed, options: Options) -> Iterator[Finding]:
    place = zone_map.zones[options.zone].availability_zone
    away = {one.availability_zone for one in zone_map.zones.values() if one.away or one.name == options.zone}
    for old, new in options.types.items():
        for name in (old, new):
            if name not in observed.types:
                message = f"cinder has no volume type named {name}{nearest(name, observed.types)}."
                yield Refusal(options.zone, "unknown_type", message)
        if old in observed.types and _zones(observed.types[old]) != {place}:
            yield Note(options.zone, f"volume type {old} is not bound to zone {options.zone} alone.")
        bound = _zones(observed.types[new]) if new in observed.types else set()
        if bound and bound <= away:
            message = (
                f"volume type {new} is only in zones that are away ({', '.join(sorted(bound))}). Name another one."
            )
            yield Refusal(options.zone, "type_in_zone", message)


def _zones(found: FoundType) -> frozenset[str]:
    return zones_of(found.specs.get(VOLUME_TYPE.az_spec))


def _of_projects(observed: Observed, options: Options) -> Iterator[Finding]:
    gone = sorted(project for project in _having(observed, options) if project in observed.unknown)
    named = [project for project in options.projects or () if project in observed.unknown]
    if named:
        yield Refusal(
            options.zone, "unknown_project", f"keystone knows no project {first(SHOWN, named, of=len(named))}."
        )
    elif gone:
        yield Note(
            options.zone, f"left, because keystone knows them no more: projects {first(SHOWN, gone, of=len(gone))}."
        )
    for project in options.projects or ():
        if project in observed.unknown or project in observed.defaults:
            continue
        if observed.configured is None:
            what = "it cannot be seen which one cinder is configured with, because your own project has one"
            yield Note(options.zone, f"project {project} is left: it has no default type of its own, and {what}.")
        elif observed.configured not in options.types:
            what = f"gets {observed.configured}, which option 'types' does not name"
            yield Note(options.zone, f"project {project} is left: it has no default type of its own, and {what}.")
    for change in _changes(observed, options):
        projects = change.new.projects
        if not change.new.public and projects is not None and change.project not in projects:
            message = (
                f"volume type {change.new.name} is private, and project {change.project} may not use it: "
                f"openstack volume type set --project {change.project} {change.new.name}"
            )
            yield Refusal(options.zone, "private_type", message)


def _having(observed: Observed, options: Options) -> Iterator[str]:
    """The projects that are meant and have one of the types."""
    for project in sorted({*observed.defaults, *(options.projects or ())}):
        if options.projects is not None and project not in options.projects:
            continue
        if (observed.name_of(project) or observed.configured) in options.types and (
            project in observed.defaults or options.projects is not None
        ):
            yield project


def _changes(observed: Observed, options: Options) -> list[SetDefault]:
    found = []
    for project in _having(observed, options):
        old = observed.name_of(project)
        new = observed.types.get(options.types[old or observed.configured or ""])
        if project not in observed.unknown and new is not None:
            found.append(SetDefault(options.zone, project, old, new))
    return found
