# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of one zone: its result and what is said of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .._zones.schema.zone_map import AWAY
from .cells import NONE
from .health import DEGRADED, DOWN, findings
from .maintenance import amiss
from .shared import Shared, made

FAILED, CHANGED, OK, NOT_RUN = "FAILED", "changed", "ok", "not run"

Verdicts = list[Mapping[str, Any]]
Results = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Row:
    """One zone.

    :ivar verdicts: those of the run, then those that verified.
    :ivar status: whether it works: down, degraded, or empty.
    :ivar wrong: sentences, as are `notes`.
    :ivar unusable: those of `wrong` that say what the zone cannot do at all, or that its maintenance is not as planned.
    """

    result: str
    changes: str
    changed: bool
    failed: bool
    status: str
    verdicts: Verdicts
    wrong: list[str]
    notes: list[str]
    unusable: list[str]


def row_of(
    name: str,
    zone: Mapping[str, Any],
    results: Results,
    verified: Results,
    look: Mapping[str, Any],
    together: Shared,
    *,
    asked: bool,
    verify: bool,
    now: datetime | None = None,
) -> Row:
    verdicts, checks = _verdicts(name, results), _verdicts(name, verified)
    # What no run mends, and verification fails all the same.
    beyond = [str(message) for verdict in checks for message in verdict.get("wrong", ())]
    wrong = [
        *_failures(verdicts, checks),
        *beyond,
        *(_broken_steps((*results, *verified)) if asked else []),
    ]
    changed = any(verdict["changed"] for verdict in verdicts)
    notes = [str(one) for verdict in (*verdicts, *checks) for one in verdict["warnings"] if one not in beyond]
    unusable = list(amiss(zone, look, now)) if asked and (verdicts or checks) else []
    status = DEGRADED if unusable else ""
    said = "\n".join((*wrong, *notes, *unusable))
    failed = bool(wrong)
    # A zone that is still to be made has no hosts yet.
    due = changed or failed
    for finding in findings(zone, look) if asked and (verdicts or checks) else ():
        if not finding.of and finding.status == DOWN and due:
            continue
        message = finding.message(said)
        if zone["zone_state"] in AWAY:
            notes += [f"{message} (expected: the zone is {zone['zone_state']})"] if message else []
            continue
        status = DOWN if DOWN in (status, finding.status) else DEGRADED
        if finding.unable and message:
            unusable.append(message)
        elif message:
            notes.append(message)
    failed = failed or (verify and bool(unusable))
    outcome = status or (CHANGED if changed else OK if verdicts or checks else NOT_RUN)
    return Row(
        FAILED if wrong else outcome,
        _count(name, verdicts, together),
        changed,
        failed,
        status,
        [*verdicts, *checks],
        [*wrong, *unusable],
        notes,
        unusable,
    )


def _verdicts(zone: str, results: Results) -> Verdicts:
    return [result["zones"][zone] for result in results if zone in result.get("zones", {})]


def _failures(verdicts: Verdicts, checks: Verdicts) -> list[str]:
    """One reason each."""
    failures = [
        line for verdict in (*verdicts, *checks) if verdict["failed"] for line in str(verdict["msg"]).splitlines()
    ]
    for verdict in checks:
        if verdict["changed"] and not verdict["failed"]:
            texts = [str(change["text"]) for change in verdict["plan"]] or [str(verdict["msg"])]
            failures += [f"differs from its file; a run would: {text}" for text in texts]
    return failures


def _broken_steps(results: Results) -> list[str]:
    """Why a step has no verdict about any zone. Not by its `failed`, which the task's `failed_when` took away so that each zone fails by itself."""
    return [
        line
        for result in results
        if result and "zones" not in result and not result.get("skipped")
        for line in str(result.get("msg")).splitlines()
    ]


def _count(name: str, verdicts: Verdicts, together: Shared) -> str:
    """How many changes the zone has of its own, and after a + those that it shares with others."""
    changes = [str(change["text"]) for verdict in verdicts for change in made(verdict)]
    shared = sum(name in together.get(text, ()) for text in changes)
    own = len(changes) - shared
    return f"{own}+{shared}" if shared else str(own or NONE)
