# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all parts of site would change, one verdict per zone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .._compute.zones.planner import UNDISCOVERED, UNKNOWN
from .._plan.converge import Converge
from .._plan.errors import ZoneopsError
from .._plan.verdict import Verdict, joined
from .._types.changes import CreateType
from .._zones.schema.defaults import host_names
from .reconcilers import ZONE, AnyReconciler, Asked, part_of

# The verdicts of the parts about each zone.
Found = dict[str, dict[str, Verdict]]


@dataclass(frozen=True)
class Checked:
    """What a run would do.

    :ivar verdicts: one per zone as data, of all reconcilers together.
    :ivar refused: zones that a reconciler refuses: no reconciler writes to them.
    :ivar due: the parts of the map in which something is to be done, or wrong, in one of the other zones.
    :ivar unchanged: the verdicts about these zones of all other parts together.
    :ivar warnings: what concerns no zone alone.
    """

    verdicts: Mapping[str, dict[str, Any]]
    refused: tuple[str, ...] = ()
    due: tuple[str, ...] = ()
    unchanged: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def check(
    asked: Asked, reconcilers: Callable[[Asked], Mapping[str, AnyReconciler]], coming: Collection[str] = ()
) -> Checked:
    """One verdict per zone. A service that cannot be read fails the zones, not the call.

    What a zone needs of a refused one is refused as well, and what zones share is planned for the others: so it is looked until nothing more is refused.

    :param coming: zones whose hosts and services an earlier step of the run would make.
    """
    refused: Found = {}
    found, warnings = _look(asked, reconcilers)
    while new := [zone for zone, parts in found.items() if _refuses(asked, zone, parts, coming=zone in coming)]:
        refused |= {zone: _untouched(found.pop(zone)) for zone in new}
        if not found:
            break
        found, _told = _look(replace(asked, only=tuple(found), refused=frozenset(refused)), reconcilers)
    verdicts = {zone: joined(_as_data({**found, **refused}[zone])) for zone in asked.only}
    verdicts |= {zone: awaited(verdicts[zone]) for zone in coming if zone in verdicts and zone not in refused}
    due = _due(found)
    rest = {
        zone: {about: one for about, one in parts.items() if part_of(about) not in due} for zone, parts in found.items()
    }
    unchanged = {zone: joined(_as_data(parts)) for zone, parts in rest.items() if parts}
    return Checked(verdicts, tuple(zone for zone in asked.only if zone in refused), due, unchanged, warnings)


def _due(found: Found) -> tuple[str, ...]:
    parts = (
        part_of(about)
        for verdicts in found.values()
        for about, verdict in verdicts.items()
        if verdict.changed or verdict.failed
    )
    return tuple(dict.fromkeys(parts))


def awaited(verdict: Mapping[str, Any]) -> dict[str, Any]:
    """The verdict of a zone whose hosts and services an earlier step would make: what is refused may be for want of them."""
    if not verdict["failed"]:
        return dict(verdict)
    notes = [f"checked again when the Kubernetes side is created; now: {line}" for line in verdict["msg"].splitlines()]
    message = "; ".join(change["text"] for change in verdict["plan"]) if verdict["changed"] else "nothing to change"
    return {**verdict, "failed": False, "msg": message, "refusals": [], "warnings": [*verdict["warnings"], *notes]}


def undiscovered(asked: Asked, checked: Checked) -> dict[str, list[str]]:
    """Nodes of data planes that nova does not know yet, by zone: its job may still bring them, whichever run deployed them."""
    found = {}
    for name, verdict in checked.verdicts.items():
        missing = [
            str(item["name"]) for one in verdict["refusals"] for item in one["items"] if _brings(asked, name, one)
        ]
        if missing and name not in checked.refused:
            found[name] = list(dict.fromkeys(missing))
    return found


def _brings(asked: Asked, zone: str, refusal: Mapping[str, Any]) -> bool:
    """Whether what is refused is for want of nodes that the zone's data plane brings."""
    if refusal["rule"] not in (UNKNOWN, UNDISCOVERED):
        return False
    plane = asked.wanted.zones[zone].data_plane
    nodes = host_names(plane) if plane else ()
    return bool(refusal["items"]) and all(item["name"] in nodes for item in refusal["items"])


def _look(asked: Asked, reconcilers: Callable[[Asked], Mapping[str, AnyReconciler]]) -> tuple[Found, list[str]]:
    found: Found = {zone: {} for zone in asked.only}
    warnings: list[str] = []
    for part, reconciler in reconcilers(asked).items():
        for zone, verdict in _verdicts(asked, reconciler).items():
            found[zone][part] = verdict
        warnings += reconciler.warnings
    return _with_default_type(found), warnings


def _refuses(asked: Asked, zone: str, parts: Mapping[str, Verdict], *, coming: bool) -> bool:
    """Whether a part refuses the zone for something that no earlier step of the run brings: that brings hosts, services and stores."""
    refusals = ((part, refusal.as_dict()) for part, verdict in parts.items() for refusal in verdict.refusals)
    return any(
        not (_brings(asked, zone, refusal) or (coming and (part != ZONE or refusal["rule"] in (UNKNOWN, UNDISCOVERED))))
        for part, refusal in refusals
    )


def _untouched(parts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """What other reconcilers would have changed in a zone that one refuses is left alone."""
    return {part: replace(verdict, changed=False, plan=(), before={}, after={}) for part, verdict in parts.items()}


def _as_data(parts: Mapping[str, Verdict]) -> dict[str, dict[str, Any]]:
    return {part: verdict.as_dict() for part, verdict in parts.items()}


def _with_default_type(found: Found) -> Found:
    """A default type that does not exist is no obstacle to the run that makes types: it may be one of them, and is looked at afterwards."""
    verdicts = (verdict for parts in found.values() for verdict in parts.values())
    if not any(isinstance(change, CreateType) for verdict in verdicts for change in verdict.plan):
        return found
    return {zone: {part: _noted(one, "default_type") for part, one in parts.items()} for zone, parts in found.items()}


def _noted(verdict: Verdict, rule: str) -> Verdict:
    """With what a rule refuses as a warning."""
    told = [
        f"checked again when the types are created; now: {one.message}" for one in verdict.refusals if one.rule == rule
    ]
    kept = tuple(refusal for refusal in verdict.refusals if refusal.rule != rule)
    return replace(verdict, refusals=kept, warnings=(*verdict.warnings, *told)) if told else verdict


def _verdicts(asked: Asked, reconciler: AnyReconciler) -> dict[str, Verdict]:
    try:
        return Converge(reconciler, check=True, deadline=asked.cloud.deadline, saved=asked.saved).run()
    except ZoneopsError as error:
        return {zone: Verdict(errors=[error.message]) for zone in asked.only}
