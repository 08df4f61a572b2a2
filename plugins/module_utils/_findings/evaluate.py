# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules find in a snapshot. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from .._plan.errors import ZoneopsError
from .._plan.text.near import refuse_unknown
from .expression import Expression, Message
from .hours import without_hours
from .model import SEVERITIES, Finding, Mute, Object, Outcome, Rule
from .mute_notes import expired, fits, is_over, without_effect
from .mutes import OFF
from .snapshot.kinds import HOURS, KINDS


@dataclass
class _Doubts:
    """Objects of which a rule cannot say whether they are a finding: it stumbles over them, or it matters since when they are as they are."""

    problems: list[str] = field(default_factory=list)
    undated: list[str] = field(default_factory=list)


def evaluate(
    rules: Sequence[Rule],
    snapshot: Mapping[str, Any],
    *,
    severities: Mapping[str, str] | None = None,
    mutes: Sequence[Mute] = (),
    zones: Sequence[str] | None = None,
) -> Outcome:
    """The findings, the worst first.

    :param severities: other ones by rule; `off` leaves a rule out.
    :param zones: only what belongs to these zones, or to none; all where it is None.
    """
    changed = severities or {}
    refuse_unknown_rules(rules, changed, mutes)
    unread, found, unknown, evaluated = snapshot["unread"], list[Finding](), dict[str, str](), dict[str, int]()
    undated = set[str]()
    for rule in rules:
        severity = changed.get(rule.id, rule.severity)
        if severity == OFF:
            continue
        kind = KINDS[rule.of]
        for section in (*kind.sections, *rule.needs, *kind.parts):
            if section in unread:
                unknown[rule.id] = f"{section} could not be read: {unread[section]}"
                break
        if any(section in unread for section in (*kind.sections, *rule.needs)):
            continue
        objects = snapshot["objects"].get(rule.of, ())
        evaluated[rule.id] = len(objects)
        doubts = _Doubts()
        found += _findings(rule, severity, objects, zones, doubts)
        if doubts.problems:
            unknown.setdefault(rule.id, doubts.problems[0])
        if doubts.undated:
            if rule.id not in unknown:
                unknown[rule.id] = _no_history(doubts.undated)
                undated.add(rule.id)
            del evaluated[rule.id]
    day = date.fromisoformat(str(snapshot["taken"])[:10])
    muted = [_muted(finding, mutes, day) for finding in found]
    muted.sort(key=lambda one: (SEVERITIES.index(one.severity), one.zone, one.rule.id, one.kind, one.name, one.id))
    outcome = Outcome(tuple(muted), unknown, evaluated, undated=frozenset(undated))
    held = [mute for mute in mutes if not is_over(mute, day)]
    notes = (*expired(mutes, day), *without_effect(held, rules, outcome, snapshot, changed, zones))
    return replace(outcome, mute_notes=notes)


def refuse_unknown_rules(rules: Sequence[Rule], severities: Mapping[str, str], mutes: Sequence[Mute]) -> None:
    """Raise ZoneopsError where one of them is about a rule that does not exist."""
    ids = [rule.id for rule in rules]
    refuse_unknown("'severities'", "rule", severities, ids)
    refuse_unknown("'mute'", "rule", [mute.rule for mute in mutes], ids)


def _findings(
    rule: Rule, severity: str, objects: Sequence[Object], zones: Sequence[str] | None, doubts: _Doubts
) -> Iterator[Finding]:
    """What a rule finds. One object that it stumbles over, such as one whose name is null, takes nothing from the others.

    :param doubts: about these objects.
    """
    when, message = Expression(rule.when), Message(rule.message)
    timed = HOURS in when.fields
    for found in objects:
        about, zone = rule.view(found), str(found.get("zone") or "")
        if zones is not None and zone and zone not in zones:
            continue
        try:
            undated = timed and about.get(HOURS) is None
            answer = without_hours(when, about, rule.parameters) if undated else when(about)
            if answer is None and undated:
                doubts.undated.append(f"{rule.of} {about.get('name')}")
            elif answer:
                name, number = str(about.get("name") or ""), str(about.get("id") or "")
                yield Finding(rule, severity, zone, rule.of, name or number, number, message(about))
        except ZoneopsError as error:
            doubts.problems.append(f"{rule.place}: rule {rule.id} at {rule.of} {about.get('name')}: {error.message}")


def _no_history(objects: Sequence[str]) -> str:
    rest = len(objects) - 1
    have = f" and {rest} more have" if rest else " has"
    return (
        f"no earlier audit says since when {objects[0]}{have} been so: keep the data of each audit for the next one, "
        "with zoneops_audit_json or zoneops_audit_container (option 'previous')"
    )


def _muted(finding: Finding, mutes: Sequence[Mute], day: date) -> Finding:
    for mute in mutes:
        if fits(mute, finding) and not is_over(mute, day):
            return finding.with_mute(mute)
    return finding
