# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings as lines for a terminal of 80 columns: for each severity the rules, their objects, and what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ..._plan.text.columns import wrapped
from ..._zones.errors import one_line
from ..model import Finding, Outcome, Rule, counted

_WIDTH = 80
#: Objects of a rule that are named one by one.
SHOWN = 5


def lines(outcome: Outcome) -> list[str]:
    """The table, and below it what to do about each rule."""
    found = [*_head(outcome)]
    ordered = list(outcome.open)
    for severity, of_severity in groupby(ordered, key=lambda one: one.severity):
        found += ["", severity.upper()]
        by_rule: dict[str, list[Finding]] = {}
        for finding in of_severity:
            by_rule.setdefault(finding.rule.id, []).append(finding)
        for findings in by_rule.values():
            found += _rule(findings[0].rule, findings)
    if outcome.unknown:
        found += ["", "NOT EVALUATED"]
        reasons: dict[str, list[str]] = {}
        for rule, reason in outcome.unknown.items():
            reasons.setdefault(reason, []).append(rule)
        for reason, rules in reasons.items():
            found += _wrapped(f"{counted(len(rules), 'rule')}: {reason}", "  ")
    if outcome.mute_notes:
        found += ["", "MUTES", *(line for note in outcome.mute_notes for line in _wrapped(note, "  "))]
    return found


def _head(outcome: Outcome) -> Iterator[str]:
    counts = outcome.counts()
    muted = len(outcome.findings) - len(outcome.open)
    said = ", ".join(f"{number} {severity}" for severity, number in counts.items())
    yield f"Findings: {said}{f', {muted} muted' if muted else ''}; rules evaluated: {len(outcome.evaluated)}"


def _rule(rule: Rule, findings: Sequence[Finding]) -> Iterator[str]:
    yield from _wrapped(f"{rule.title} ({rule.id})", "  ")
    for finding in findings[:SHOWN]:
        zone = f"{finding.zone}: " if finding.zone and finding.kind != "zone" else ""
        yield from _wrapped(f"{zone}{finding.about}: {finding.message}", "    ")
    if len(findings) > SHOWN:
        yield f"    and {len(findings) - SHOWN} more"
    yield from _wrapped(f"-> {rule.remedy}", "    ")


def _wrapped(text: str, indent: str) -> list[str]:
    # Users name volumes and images: a control character would do something to the terminal.
    return wrapped(one_line(text), _WIDTH, indent)
