# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Warnings about mutes that have expired, and about those that mute nothing, perhaps because they are misspelt. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from .._plan.text.near import nearest
from .model import Finding, Mute, Outcome, Rule
from .mutes import OFF

# Names among which a near one is looked for: it takes a tenth of a millisecond each.
_MOST = 5000
# The snapshot has only those that are a finding.
_ONLY_FINDINGS = ("port",)


def is_over(mute: Mute, day: date) -> bool:
    return date.fromisoformat(mute.until) < day


def fits(mute: Mute, finding: Finding) -> bool:
    return mute.rule == finding.rule.id and mute.object in ("", finding.name, finding.id)


def expired(mutes: Sequence[Mute], day: date) -> list[str]:
    """The mutes that have expired, in words."""
    return [f"{_label(mute)} expired on {mute.until}: {mute.reason}" for mute in mutes if is_over(mute, day)]


def without_effect(
    mutes: Sequence[Mute],
    rules: Sequence[Rule],
    outcome: Outcome,
    snapshot: Mapping[str, Any],
    severities: Mapping[str, str],
    zones: Collection[str] | None,
) -> Iterator[str]:
    """The mutes that have not expired and mute nothing, with the reason. One whose findings could not be looked for is not reported.

    :param zones: that were looked at, see `evaluate`.
    """
    by_id = {rule.id: rule for rule in rules}
    found = {(one.rule.id, key) for one in outcome.findings for key in ("", one.name, one.id)}
    for mute in mutes:
        reason = ""
        if (mute.rule, mute.object) in found:
            continue
        if severities.get(mute.rule) == OFF:
            reason = "the rule is off"
        elif mute.rule in outcome.evaluated and mute.rule not in outcome.unknown:
            reason = _reason(mute, by_id[mute.rule], snapshot["objects"], zones)
        if reason:
            yield f"{_label(mute)} mutes nothing: {reason}"


def _reason(
    mute: Mute, rule: Rule, objects: Mapping[str, Sequence[Mapping[str, Any]]], zones: Collection[str] | None
) -> str:
    gone = "the rule finds nothing"
    if not mute.object:
        whole = zones is None or {str(one["name"]) for one in objects.get("zone", ())} <= set(zones)
        return f"{gone}: remove the entry" if whole else ""
    listed = objects.get(rule.of, ())
    named = [one for one in listed if mute.object in (one.get("name"), one.get("id"))]
    if named:
        looked = [one for one in named if zones is None or not one.get("zone") or one["zone"] in zones]
        return f"{gone} about it: remove the entry" if looked else ""
    if rule.of in _ONLY_FINDINGS:
        return f"{gone} about it: correct the entry or remove it"
    names = [str(one.get("name") or "") for one in listed]
    near = nearest(mute.object, names) if len(names) <= _MOST else ""
    return f"no {rule.of.replace('_', ' ')} has this name or id{near}: correct the entry or remove it"


def _label(mute: Mute) -> str:
    return f"the mute of rule {mute.rule}{f' for {mute.object}' if mute.object else ''}"
