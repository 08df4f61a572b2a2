# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all parts of site would change, one verdict per zone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._compute.planner import UNDISCOVERED, UNKNOWN
from .._plan.converge import Converge
from .._plan.errors import ZoneopsError
from .._plan.verdict import Verdict, joined
from .._zones.defaults import host_names
from .rooms import AnyRoom, Asked


def check(asked: Asked, rooms: Mapping[str, AnyRoom]) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """One verdict per zone as data, of all rooms together, and what concerns no zone alone.

    A service that cannot be read fails the zones, not the call.
    """
    found: dict[str, dict[str, dict[str, Any]]] = {zone: {} for zone in asked.only}
    warnings: list[str] = []
    for part, room in rooms.items():
        for zone, verdict in _verdicts(asked, room).items():
            found[zone][part] = verdict.as_dict()
        warnings += getattr(room, "warnings", [])
    return {zone: joined(verdicts) for zone, verdicts in found.items()}, warnings


def awaited(verdict: Mapping[str, Any]) -> dict[str, Any]:
    """The verdict of a zone whose hosts and services an earlier step would make: what is refused may be for want of them."""
    if not verdict["failed"]:
        return dict(verdict)
    notes = [
        f"to be looked at again when the Kubernetes side is there; now: {line}" for line in verdict["msg"].splitlines()
    ]
    message = "; ".join(change["text"] for change in verdict["plan"]) if verdict["changed"] else "nothing to change"
    return {**verdict, "failed": False, "msg": message, "refusals": [], "warnings": [*verdict["warnings"], *notes]}


def undiscovered(asked: Asked, verdicts: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Nodes of data planes that nova does not know yet, by zone: its job may still bring them, whichever run deployed them."""
    found = {}
    for name, verdict in verdicts.items():
        plane = asked.wanted.zones[name].data_plane
        nodes = host_names(plane) if plane else ()
        unknown = [
            str(item["name"])
            for refusal in verdict["refusals"]
            if refusal["rule"] in (UNKNOWN, UNDISCOVERED)
            for item in refusal["items"]
        ]
        named = [host for host in dict.fromkeys(unknown) if host in nodes]
        if named:
            found[name] = named
    return found


def _verdicts(asked: Asked, room: AnyRoom) -> dict[str, Verdict]:
    try:
        return Converge(room, check=True, deadline=asked.cloud.deadline).run()
    except ZoneopsError as error:
        return {zone: Verdict(errors=[error.message]) for zone in asked.only}
