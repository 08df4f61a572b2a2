# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan that a run in check mode saved, and what a run may do that carries it out. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from ..change import Change, Plan, Refusal
from ..text.listing import first
from ..text.scrub import SCRUBBER

_C = TypeVar("_C", bound=Change)
RULE = "saved_plan"
# What makes two changes the same. The texts alone would hide that another value is replaced.
KEYS = ("action", "target", "before", "after", "text")
SHOWN = 3


@dataclass(frozen=True)
class SavedPlan:
    """What was planned.

    :ivar path: the file, for messages.
    :ivar saved: when, as text.
    :ivar playbook: of which playbook; None for a plan that none of this collection's playbooks saved.
    :ivar digests: of the zone map by zone, and of its properties of the region under the empty name.
    :ivar changes: by zone. A zone that was refused has none.
    """

    path: str
    saved: str
    playbook: str | None = None
    digests: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    def limit(self, plan: Plan[_C]) -> Plan[_C]:
        """The plan without the zones in which it would do anything else than what was saved: these are refused.

        What was saved and is there by now needs no change: a run that was interrupted is continued with the same file. Each change names its object,
        so it does not matter in which zone it was saved: a move between zones is in one of them.
        """
        known = {_identity(one) for changes in self.changes.values() for one in changes}
        others: dict[str, list[Mapping[str, Any]]] = {}
        for change in plan.changes:
            missing = [one for one in _parts(change) if _identity(one) not in known]
            if missing and change.writes:
                others.setdefault(change.zone, []).extend(missing)
        if not others:
            return plan
        refusals = [Refusal(zone, RULE, self._message(zone, missing)) for zone, missing in others.items()]
        refused = set(others)
        while waiting := _waiting(plan.changes, refused):
            other = next(zone for zone in waiting.zones if zone in refused)
            added = [zone for zone in waiting.zones if zone not in refused]
            refused.update(added)
            refusals += [
                Refusal(zone, "depends", f"'{waiting.text}' needs zone {other}, which is refused") for zone in added
            ]
        kept = tuple(change for change in plan.changes if not refused & {change.zone, *change.zones})
        return replace(plan, changes=kept, refusals=(*plan.refusals, *refusals))

    def _message(self, zone: str, missing: Sequence[Mapping[str, Any]]) -> str:
        shown = first(SHOWN, (self._differs(zone, one) for one in missing), of=len(missing), separator="; ")
        return (
            f"the plan {self.path} of {self.saved} does not have: {shown}. Something has changed since it was saved: check that, then save a "
            "new plan with --check."
        )

    def _differs(self, zone: str, found: Mapping[str, Any]) -> str:
        """What is not in the plan, with what was there when the plan was saved."""
        for one in self.changes.get(zone, ()):
            if all(one.get(key) == found[key] for key in ("action", "target", "after")):
                then, now = _shown(one.get("before")), _shown(found["before"])
                return f"{found['text']} (before it: {then} when it was saved, {now} now)"
        return str(found["text"])


def as_entries(changes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Changes of a verdict as they are saved, the text first: that is what people read."""
    found = (one for change in changes for one in change.get("parts", (change,)))
    return [{"text": one.get("text"), **{key: one.get(key) for key in KEYS}} for one in found]


def digest(data: Any) -> str:
    """Of a part of the zone map, which has no secrets."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]


def digests_of(zones: Mapping[str, Any], region: Mapping[str, Any]) -> dict[str, str]:
    """Of the zone map: a plan is for the files that it was made from."""
    return {"": digest(region), **{name: digest(zone) for name, zone in zones.items()}}


def unfit_for(saved: SavedPlan, playbook: str | None, now: Mapping[str, str], zones: Collection[str]) -> str:
    """Why a run cannot carry out the plan as a whole; empty where it can.

    :param now: of the zone map, see `digests_of`.
    :param zones: those of the run. In one that the plan does not have nothing may be changed, which is for its calls to say.
    """
    if playbook != saved.playbook:
        return f"plan {saved.path} is for the playbook {saved.playbook}, not for {playbook}. Save one with --check."
    planned = [name for name in zones if name in saved.digests]
    changed = [name for name in ("", *planned) if saved.digests[name] != now.get(name)]
    if changed:
        what = ", ".join(f"the file of zone {name}" if name else "zoneops_region" for name in changed)
        return (
            f"plan {saved.path} of {saved.saved} is outdated: since then {what} changed. Save a new plan with --check."
        )
    return ""


def _waiting(changes: Iterable[_C], refused: Collection[str]) -> _C | None:
    """A change that a refused zone shares with one that is not refused yet."""
    return next(
        (
            change
            for change in changes
            if any(zone in refused for zone in change.zones) and any(zone not in refused for zone in change.zones)
        ),
        None,
    )


def _parts(change: Change) -> list[dict[str, Any]]:
    """As a result shows them: of the types that JSON has, and without secrets."""
    found: dict[str, Any] = json.loads(json.dumps(SCRUBBER.data(change.as_dict())))
    parts: list[dict[str, Any]] = found.get("parts", [found])
    return parts


def _identity(change: Mapping[str, Any]) -> str:
    return json.dumps([change.get(key) for key in KEYS], sort_keys=True)


def _shown(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
