# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What moves need in addition to their engine: nova's own time, and the error for servers that did not move. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from .._compute.model import Host
from .._plan.errors import ZoneopsError
from .._plan.text.listing import first
from .model import ELSEWHERE, FAILED, PENDING
from .mover import Outcome

SHOWN = 10


def nova_time(entries: Iterable[Mapping[str, Any]]) -> datetime:
    """What time it is for nova: when one of its services last reported."""
    times = [datetime.fromisoformat(entry["updated_at"]) for entry in entries if entry.get("updated_at")]
    if not times:
        raise ZoneopsError("no service of nova has ever reported.")
    return max(times)


def down_among(hosts: Mapping[str, Host]) -> list[str]:
    """Those whose nova-compute does not report."""
    return [name for name, host in hosts.items() if host.state != "up"]


def complain(outcome: Outcome) -> None:
    """Raise what keeps servers where they are."""
    problems: list[str] = []
    lost = {done.reason for done in outcome.of(ELSEWHERE) if done.to == done.move.source}
    problems += sorted(lost)
    for what, said in ((FAILED, "could not be moved"), (PENDING, "still under way")):
        found = outcome.of(what)
        texts = (f"{done.move.label} on {done.move.source}: {done.reason}" for done in found)
        if found:
            problems.append(f"{len(found)} {said}: {first(SHOWN, texts, of=len(found), separator='; ')}")
    if outcome.stopped and outcome.left:
        problems.append(f"{outcome.stopped}, {len(outcome.left)} not begun")
    elif outcome.stopped:
        problems.append(outcome.stopped)
    if problems:
        raise ZoneopsError(". ".join(problem.rstrip(". ") for problem in problems) + ".")
