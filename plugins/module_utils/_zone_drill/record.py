# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the region remembers of the last drill of a zone, in 255 characters of an aggregate's metadata, and how a drill compares with it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

#: Of the metadata of the zone's aggregate.
KEY = "zoneops:drill"
SUCCEEDED, FAILED, INTERRUPTED = "SUCCEEDED", "FAILED", "INTERRUPTED"
CAPACITY_CHECK_FAILED, BLOCKED = "CAPACITY_CHECK_FAILED", "BLOCKED"
OUTCOMES = (SUCCEEDED, FAILED, INTERRUPTED, CAPACITY_CHECK_FAILED, BLOCKED)
#: A probe that takes this much longer is not slower: services need a moment more on one day than on another.
NOISE_SECONDS = 5.0


@dataclass(frozen=True)
class Record:
    """A drill.

    :ivar at: when it began, UTC.
    :ivar seconds: that the slowest server, volume and share of the other zones took; as the region remembers it, in the last drill that says so.
    """

    outcome: str
    at: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """As it is stored."""
        return json.dumps(
            {"outcome": self.outcome, "at": self.at, "seconds": dict(self.seconds)}, separators=(",", ":")
        )

    def as_dict(self) -> dict[str, Any]:
        return {"outcome": self.outcome, "at": self.at, "seconds": dict(self.seconds)}


def record_of(text: str | None) -> Record | None:
    """None where there is none, or one that this release cannot read."""
    try:
        found = json.loads(text or "")
        seconds = {str(kind): float(one) for kind, one in dict(found["seconds"]).items()}
        known = found["outcome"] in OUTCOMES
    except (ValueError, TypeError, KeyError):
        return None
    return Record(str(found["outcome"]), str(found.get("at") or ""), seconds) if known else None


def kept(now: Record, last: Record | None) -> Record:
    """What is remembered: a drill that did not come to its end says nothing of seconds, and one that was too slow is no measure for the next one."""
    if now.outcome in (FAILED, INTERRUPTED) and last is not None:
        return replace(now, seconds=last.seconds)
    return now


def compared(now: Record, last: Record | None) -> dict[str, Any]:
    """A drill beside the last one: whether its outcome is better or worse, and by how much longer each kind took, in percent. Empty where there is none."""
    if last is None:
        return {}
    good = now.outcome == SUCCEEDED
    outcome = (
        "same"
        if now.outcome == last.outcome
        else "better"
        if good
        else "worse"
        if last.outcome == SUCCEEDED
        else "different"
    )
    longer = {
        kind: round(100 * (seconds / last.seconds[kind] - 1))
        for kind, seconds in now.seconds.items()
        if last.seconds.get(kind)
    }
    return {"outcome": outcome, "longer": longer}


def slower(now: Record, last: Record | None, percent: float | None) -> Iterator[str]:
    """What took longer than it may, compared with what is remembered."""
    if percent is None or last is None:
        return
    for kind, seconds in now.seconds.items():
        before = last.seconds.get(kind)
        if before is not None and seconds > before * (1 + percent / 100) + NOISE_SECONDS:
            yield f"a {kind} took {seconds:.1f} s, {before:.1f} s in an earlier drill: more than {percent:g} % longer"
