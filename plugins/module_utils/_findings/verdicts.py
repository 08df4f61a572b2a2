# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which findings fail a zone, or the region. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from .._plan.change import Refusal
from .._plan.verdict import Verdict
from .model import SEVERITIES, Finding, Outcome, counted

NEVER = "never"
#: Findings that the message of a zone, or of the region, names.
NAMED = 10


def verdicts(outcome: Outcome, zones: Sequence[str], fail_on: str) -> dict[str, dict[str, Any]]:
    """One verdict for each zone."""
    failing = list(_failing(outcome, fail_on))
    found: dict[str, dict[str, Any]] = {}
    for zone in zones:
        own = [one for one in failing if one.zone == zone]
        refusals = [Refusal(zone, one.rule.id, _text(one)) for one in own[:NAMED]]
        refusals += [Refusal(zone, "audit", text) for text in _more(own)]
        verdict = Verdict(refusals=tuple(refusals)).as_dict()
        mine = sum(one.zone == zone for one in outcome.open)
        said = counted(mine, "finding") if mine else "nothing found"
        if outcome.unknown:
            said += f"; {counted(len(outcome.unknown), 'rule')} could not be evaluated"
        found[zone] = verdict if own else {**verdict, "msg": said}
    return found


def problems(outcome: Outcome, fail_on: str) -> list[str]:
    """The failing findings that belong to no zone, and what nobody knows: an audit that could not look is not passed.

    The first audit has no earlier one: that fails nothing.
    """
    reasons: dict[str, int] = Counter(why for rule, why in outcome.unknown.items() if rule not in outcome.undated)
    unknown = [f"{counted(number, 'rule')} could not be evaluated: {reason}" for reason, number in reasons.items()]
    own = [one for one in _failing(outcome, fail_on) if not one.zone]
    return [
        *map(_text, own[:NAMED]),
        *_more(own),
        *(unknown if fail_on != NEVER else ()),
    ]


def _more(own: Sequence[Finding]) -> list[str]:
    """What stands for those that are not named."""
    return [f"and {counted(len(own) - NAMED, 'more finding')}"] if len(own) > NAMED else []


def _failing(outcome: Outcome, fail_on: str) -> Iterator[Finding]:
    severities = () if fail_on == NEVER else SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    return (one for one in outcome.open if one.severity in severities)


def _text(finding: Finding) -> str:
    return f"{finding.severity}: {finding.about}: {finding.message} (rule {finding.rule.id}); {finding.rule.remedy}"
