# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of one zone, and of a bulk call: what a module returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, TypeVar

from .change import Change, Refusal

_T = TypeVar("_T")


@dataclass
class Verdict:
    """What became of one zone in one bulk call. `before` and `after` are the zone's state as shown in diff mode."""

    changed: bool = False
    errors: list[str] = field(default_factory=list)
    plan: tuple[Change, ...] = ()
    done: tuple[Change, ...] = ()
    undone: tuple[Change, ...] = ()
    left: tuple[Change, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[str, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        return bool(self.errors or self.refusals)

    def message(self) -> str:
        """Never empty: ansible-core 2.21 replaces the empty message of a failed task by "Unknown error"."""
        problems = [refusal.message for refusal in self.refusals] + self.errors
        if problems:
            if self.undone:
                problems.append(f"put back: {_texts(self.undone)}")
            if self.done:
                problems.append(f"stands: {_texts(self.done)}")
            return " | ".join(problems)
        made = [change for change in self.plan if change not in self.left]
        return _texts(made) if self.changed and made else "nothing to change"

    def as_dict(self) -> dict[str, Any]:
        def listed(changes: Iterable[Change]) -> list[dict[str, Any]]:
            return [change.as_dict() for change in changes]

        return {
            "changed": self.changed,
            "failed": self.failed,
            "msg": self.message(),
            "plan": listed(self.plan),
            "done": listed(self.done),
            "undone": listed(self.undone),
            "left": listed(self.left),
            "refusals": [refusal.as_dict() for refusal in self.refusals],
            "warnings": list(self.warnings),
            "diff": {"before": dict(self.before), "after": dict(self.after)},
            "state": dict(self.state),
        }


def joined(verdicts: Sequence[Verdict]) -> Verdict:
    """What several rooms say of one zone, as one verdict. Its diff is that of the rooms that change something."""
    changing = [verdict for verdict in verdicts if verdict.changed]
    return Verdict(
        changed=bool(changing),
        errors=[error for verdict in verdicts for error in verdict.errors],
        plan=_together(verdict.plan for verdict in verdicts),
        done=_together(verdict.done for verdict in verdicts),
        undone=_together(verdict.undone for verdict in verdicts),
        left=_together(verdict.left for verdict in verdicts),
        refusals=_together(verdict.refusals for verdict in verdicts),
        warnings=_together(verdict.warnings for verdict in verdicts),
        before=_merged(verdict.before for verdict in changing),
        after=_merged(verdict.after for verdict in changing),
        state=_merged(verdict.state for verdict in verdicts),
    )


def _together(parts: Iterable[tuple[_T, ...]]) -> tuple[_T, ...]:
    return tuple(chain.from_iterable(parts))


def _merged(states: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    return {key: value for state in states for key, value in state.items()}


def _texts(changes: Iterable[Change]) -> str:
    return "; ".join(change.text for change in changes)


def bulk_result(verdicts: Mapping[str, Verdict], *, diff: bool = False) -> dict[str, Any]:
    """The module's result: one verdict per zone, and failed when any zone failed so that direct use is honest.

    :param diff: add what diff mode shows where the module is used directly, without zone_result.
    """
    failed = [zone for zone, verdict in verdicts.items() if verdict.failed]
    changed = [zone for zone, verdict in verdicts.items() if verdict.changed]
    if failed:
        message = "failed: " + " || ".join(f"{zone}: {verdicts[zone].message()}" for zone in failed)
    else:
        message = "changed: " + ", ".join(changed) if changed else "nothing to change"
    result: dict[str, Any] = {
        "zones": {zone: verdict.as_dict() for zone, verdict in verdicts.items()},
        "changed": bool(changed),
        "failed": bool(failed),
        "msg": message,
    }
    if diff:
        result["diff"] = [
            {
                "before": dict(verdicts[zone].before),
                "after": dict(verdicts[zone].after),
                "before_header": zone,
                "after_header": zone,
            }
            for zone in changed
        ]
    return result
