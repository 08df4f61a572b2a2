# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all parts of site would change, one verdict per zone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .._plan.converge import Converge
from .._plan.errors import ZoneopsError
from .._plan.verdict import Verdict, joined
from .rooms import AnyRoom, Asked


def check(asked: Asked, rooms: Iterable[AnyRoom]) -> tuple[dict[str, Verdict], list[str]]:
    """One verdict per zone, of all rooms together, and what concerns no zone alone.

    A service that cannot be read fails the zones, not the call.
    """
    found: dict[str, list[Verdict]] = {zone: [] for zone in asked.only}
    warnings: list[str] = []
    for room in rooms:
        for zone, verdict in _verdicts(asked, room).items():
            found[zone].append(verdict)
        warnings += getattr(room, "warnings", [])
    return {zone: joined(verdicts) for zone, verdicts in found.items()}, warnings


def awaited(verdict: Verdict) -> Verdict:
    """The verdict of a zone whose hosts and services an earlier step would make: what is refused may be for want of them."""
    told = [*(refusal.message for refusal in verdict.refusals), *verdict.errors]
    if not told:
        return verdict
    note = f"to be looked at again when the Kubernetes side is there; now: {' | '.join(told)}"
    return replace(verdict, errors=[], refusals=(), warnings=(*verdict.warnings, note))


def _verdicts(asked: Asked, room: AnyRoom) -> dict[str, Verdict]:
    try:
        return Converge(room, check=True, deadline=asked.cloud.deadline).run()
    except ZoneopsError as error:
        return {zone: Verdict(errors=[error.message]) for zone in asked.only}
