# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a call returns of each drill. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from .._capacity.result import as_dict
from .._zones.schema.zone_map import ZoneMap
from . import copies
from .model import CAPACITY, PAPER, Observed, Wanted, place_of
from .probes import Probe
from .record import BLOCKED, CAPACITY_CHECK_FAILED, FAILED, KEY, SUCCEEDED, Record, compared, record_of

#: How many servers zone_evacuate evacuates at a time by default.
AT_ONCE = 10
LISTS = ("waits", "restore", "no_room")


class Drills(Protocol):
    """What is asked of the drills of a call."""

    zone_map: ZoneMap
    wanted: Wanted
    done: dict[str, Record]
    probed: dict[str, list[Probe]]
    seen: Observed | None


def drills(call: Drills, verdicts: Mapping[str, Mapping[str, Any]], evacuations: Sequence[float]) -> dict[str, Any]:
    """By zone.

    :param evacuations: seconds of those that nova has a record of.
    """
    return {zone: _of_zone(call, zone, verdict, evacuations) for zone, verdict in verdicts.items()}


def _of_zone(call: Drills, zone: str, verdict: Mapping[str, Any], evacuations: Sequence[float]) -> dict[str, Any]:
    seen = call.seen or Observed()
    place = place_of(seen.aggregates, call.zone_map.zones[zone].availability_zone)
    last = record_of(place.metadata.get(KEY)) if place else None
    answer = seen.loss.get(zone)
    done = call.done.get(zone)
    paper = call.wanted.level == PAPER
    movable = answer.counts["fits"] + answer.counts["crosses"] if answer else 0
    mean = sum(evacuations) / len(evacuations) if evacuations else None
    return {
        "level": call.wanted.level,
        "outcome": done.outcome if done else outcome(verdict, paper=paper),
        "at": done.at if done else "",
        "seconds": dict(done.seconds) if done else {},
        "probes": [one.as_dict() for one in call.probed.get(zone, ())],
        "loss": as_dict(answer, LISTS) if answer else {},
        "evacuation_seconds": round(-(-movable // AT_ONCE) * mean, 1) if paper and mean is not None else None,
        "only_there": _only_there(call, zone, seen) if paper else {},
        "last": last.as_dict() if last else None,
        "compared": compared(done, last) if done else {},
    }


def _only_there(call: Drills, name: str, seen: Observed) -> dict[str, Any]:
    zone = call.zone_map.zones[name]
    return copies.as_dict(zone, seen.copies, copies.away_beside(call.zone_map, zone))


def outcome(verdict: Mapping[str, Any], *, paper: bool) -> str | None:
    """Of a drill that was not begun; None for one that check mode would begin."""
    rules = {str(one["rule"]) for one in verdict["refusals"]}
    if rules == {CAPACITY}:
        return CAPACITY_CHECK_FAILED
    if rules:
        return FAILED if paper else BLOCKED
    if verdict["failed"]:
        return FAILED
    return SUCCEEDED if paper else None
