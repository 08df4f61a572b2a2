# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Round-trip times between zones, and which of them are too long. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._plan.change import Refusal
from .._plan.errors import ZoneopsError
from .._plan.verdict import Verdict
from .._zones.schema.zone_map import ZoneMap

LIMIT_MS = 15.0


@dataclass(frozen=True)
class Pair:
    """What was measured from one place to another. `milliseconds` is None where there was no answer, and `why` says why."""

    start: str
    end: str
    start_zone: str
    end_zone: str
    milliseconds: float | None
    source: str
    why: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "from": self.start,
            "from_zone": self.start_zone,
            "to": self.end,
            "to_zone": self.end_zone,
            "milliseconds": None if self.milliseconds is None else round(self.milliseconds, 3),
            "source": self.source,
            "why": self.why,
        }


def pairs_of(given: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Pairs as `as_dict` made them, given back as an option. Raises ZoneopsError for what is none."""
    found = list(given)
    for one in found:
        lacking = [key for key in ("from_zone", "to_zone", "milliseconds") if key not in one]
        time = one.get("milliseconds")
        if lacking or not (time is None or isinstance(time, int | float)):
            raise ZoneopsError(
                f"option 'latency': {dict(one)} is no pair of latency_info: give its 'pairs' as they are."
            )
    return found


def between_zones(pairs: Iterable[Pair]) -> list[Pair]:
    """Within a zone nothing has to be measured."""
    return [pair for pair in pairs if pair.start_zone != pair.end_zone]


def verdicts(zone_map: ZoneMap, only: Collection[str], pairs: Iterable[Pair], limit: float) -> dict[str, Verdict]:
    """One for each zone: its longest time to each other zone, and what is too long or has no answer."""
    pairs = between_zones(pairs)
    found: dict[str, Verdict] = {}
    for name in only:
        mine = [pair for pair in pairs if name in (pair.start_zone, pair.end_zone)]
        state = zone_map.zones[name].zone_state
        wrong = list(_wrong(mine, limit, zone_map))
        notes: tuple[str, ...] = ()
        if not mine and len(zone_map.zones) > 1:
            text = f"nothing measured the path between zone {name} and another one: list its masters in kubernetes.masters, or give a target in it."
            if pairs:
                notes = (text,)
            else:
                wrong.append(("not_measured", text))
        if state in ("down", "maintenance"):
            expected = f"(expected: the zone is {state})"
            notes, wrong = (*notes, *(f"{text} {expected}" for _rule, text in wrong)), []
        refusals = tuple(Refusal(name, rule, text) for rule, text in wrong)
        found[name] = Verdict(refusals=refusals, warnings=notes, state={"longest": _longest(name, mine)})
    return found


def _wrong(pairs: Iterable[Pair], limit: float, zone_map: ZoneMap) -> Iterator[tuple[str, str]]:
    for pair in pairs:
        where = f"{pair.start} ({pair.start_zone}) to {pair.end} ({pair.end_zone})"
        others = [
            zone_map.zones[zone].zone_state for zone in (pair.start_zone, pair.end_zone) if zone in zone_map.zones
        ]
        if pair.milliseconds is None and "down" not in others:
            yield "no_answer", f"{where}: no answer ({pair.why})."
        elif pair.milliseconds is not None and pair.milliseconds > limit:
            advice = f"zones of one region need at most {limit:g} ms: check the network between them"
            yield "too_far", f"{where}: {pair.milliseconds:.1f} ms by {pair.source}; {advice}."


def _longest(zone: str, pairs: Iterable[Pair]) -> Mapping[str, float]:
    found: dict[str, float] = {}
    for pair in pairs:
        other = pair.end_zone if pair.start_zone == zone else pair.start_zone
        if pair.milliseconds is not None:
            found[other] = round(max(found.get(other, 0.0), pair.milliseconds), 3)
    return found
