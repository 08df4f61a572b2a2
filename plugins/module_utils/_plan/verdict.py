# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of one zone, and of a bulk call: what a module returns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .change import Change, Refusal
from .text.reasons import by_sentence

#: The lists of a verdict, as data.
LISTS = ("plan", "done", "undone", "left", "refusals", "warnings")


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
    #: Those of the warnings that verification fails on.
    wrong: tuple[str, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        return bool(self.errors or self.refusals)

    def message(self) -> str:
        """What is wrong, one reason a line, or what changes. Never empty: ansible-core 2.21 replaces the empty message of a failed task by "Unknown error"."""
        problems = [refusal.message for refusal in self.refusals] + self.errors
        if problems:
            if self.undone:
                problems.append(f"rolled back: {_texts(self.undone)}")
            if self.done:
                problems.append(f"kept: {_texts(self.done)}")
            return "\n".join(dict.fromkeys(problems))
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
            **({"wrong": list(self.wrong)} if self.wrong else {}),
            # A zone that stays as it is has none: with many zones this would be most of a result.
            "diff": {"before": dict(self.before), "after": dict(self.after)} if self.changed else no_diff(),
            "state": dict(self.state),
        }


def joined(parts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What several parts say of one zone, as one verdict. An object of one part can have the name of another part's: states and diffs stay apart.

    :param parts: verdicts as data, by what they are about, for example "volume types".
    """
    verdicts = parts.values()
    failed = any(verdict["failed"] for verdict in verdicts)
    changing = {part: verdict for part, verdict in parts.items() if verdict["changed"]}
    # What is wrong, else what changes: a message that only says ok is left out beside another.
    said = [verdict["msg"] for verdict in verdicts if verdict["failed"] or (verdict["changed"] and not failed)]
    lines = dict.fromkeys(line for message in said for line in str(message).splitlines())
    more = {key: [item for verdict in verdicts for item in verdict.get(key) or ()] for key in ("wrong", "common")}
    return {
        "changed": bool(changing),
        "failed": failed,
        "msg": ("\n" if failed else "; ").join(lines) or "nothing to change",
        **{key: [item for verdict in verdicts for item in verdict.get(key) or ()] for key in LISTS},
        **{key: items for key, items in more.items() if items},
        "diff": {
            side: _by_part((part, verdict, verdict["diff"][side]) for part, verdict in changing.items())
            for side in ("before", "after")
        },
        "state": _by_part((part, verdict, verdict.get("state")) for part, verdict in parts.items()),
        "parts": [name for part, verdict in parts.items() for name in verdict.get("parts") or (part,)],
    }


def _by_part(found: Iterable[tuple[str, Mapping[str, Any], Mapping[str, Any] | None]]) -> dict[str, Any]:
    """What there is of each part. A verdict that is joined already has its own below its parts."""
    kept: dict[str, Any] = {}
    for part, verdict, value in found:
        if value:
            kept |= value if verdict.get("parts") else {part: value}
    return kept


def verdicts_of(result: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The verdicts of a bulk call: none where it was skipped, None when it failed as a whole.

    Where the look at all parts leaves some of them to calls that follow, those of the zones that it refuses, and about the others those of the rest.
    """
    if not result or result.get("skipped"):
        return {}
    if "refused" in result and "region" not in result:
        return {**result.get("unchanged", {}), **result["refused"]}
    found: Mapping[str, Any] | None = result.get("zones")
    return found


def as_written(zones: Mapping[str, Mapping[str, Any]], zone: str) -> dict[str, Any]:
    """The verdict of a call about a zone, in a run that writes: what a call in check mode would have changed is no change.

    By all verdicts of the call: a change that concerns two zones, such as a host that moves, is done for one of them.
    """
    verdict = dict(zones[zone])
    if verdict["failed"] or not verdict["changed"] or any(one.get("done") or one.get("left") for one in zones.values()):
        return verdict
    return {**verdict, "changed": False, "msg": "nothing written", "plan": [], "diff": no_diff()}


def no_diff() -> dict[str, Any]:
    """That of a zone that stays as it is."""
    return {"before": {}, "after": {}}


def _texts(changes: Iterable[Change]) -> str:
    return "; ".join(change.text for change in changes)


def bulk_result(verdicts: Mapping[str, Verdict], *, diff: bool = False) -> dict[str, Any]:
    """The module's result: one verdict per zone, and failed when any zone failed so that direct use is honest.

    :param diff: add what diff mode shows where the module is used directly, without zone_result.
    """
    result = call_result({zone: verdict.as_dict() for zone, verdict in verdicts.items()})
    if diff:
        result["diff"] = [
            {**verdict["diff"], "before_header": zone, "after_header": zone}
            for zone, verdict in result["zones"].items()
            if verdict["changed"]
        ]
    return result


def call_result(zones: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The result of a call for several zones, from their verdicts as data."""
    failed = {zone: str(verdict["msg"]).splitlines() for zone, verdict in zones.items() if verdict["failed"]}
    changed = [zone for zone, verdict in zones.items() if verdict["changed"]]
    if failed:
        message = "failed: " + "\n".join(f"{about}: {reason}" for about, reason in by_sentence(failed, zones))
    else:
        message = "changed: " + ", ".join(changed) if changed else "nothing to change"
    common = _common(failed, zones)
    told = {zone: {**verdict, "common": common} if common else verdict for zone, verdict in zones.items()}
    return {"zones": told, "changed": bool(changed), "failed": bool(failed), "msg": message}


def _common(failed: Mapping[str, list[str]], zones: Collection[str]) -> list[str]:
    """The reasons for which each of several zones failed: they concern the call, and are not to be repeated for each zone."""
    if len(failed) < max(2, len(zones)):
        return []
    first, *others = failed.values()
    return [reason for reason in dict.fromkeys(first) if all(reason in reasons for reasons in others)]
