# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists of the report: findings, images, round-trip times, and what changed. Each has an end, and says how much is beyond it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...model import Finding, Outcome, Rule
from ...snapshot import kinds
from ...snapshot.compute import host_condition

Entry = Mapping[str, Any]
#: So that the file stays below a megabyte with 30 zones. Everything is in the report as JSON.
OBJECTS, IMAGES, CHANGES, NAMES = 20, 120, 60, 8
# What of a zone is compared, a list by its length.
_OF_ZONES = {
    "zone_state": "state in the map",
    "hosts": "hosts",
    "serving_hosts": "hosts that are up and enabled",
    "serving_volume_services": "volume services that are up and enabled",
    "serving_backup_services": "backup services that are up and enabled",
    "servers": "servers",
    "loss_fits": "its loss fits",
    "loss_headroom_percent": "percent that are free when it is lost",
}


def findings(found: Iterable[Finding]) -> list[dict[str, Any]]:
    """By severity and rule, the worst first."""
    by_rule: dict[tuple[str, str], list[Finding]] = {}
    for one in found:
        by_rule.setdefault((one.severity, one.rule.id), []).append(one)
    return [_of_rule(many[0].rule, severity, many) for (severity, _rule), many in by_rule.items()]


def _of_rule(rule: Rule, severity: str, found: Sequence[Finding]) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "severity": severity,
        "title": rule.title,
        "remedy": rule.remedy,
        "page": rule.page,
        "source": rule.source,
        "number": len(found),
        "objects": [
            {"zone": one.zone, "kind": one.kind, "name": one.name, "message": one.message, "muted": one.muted}
            for one in found[:OBJECTS]
        ],
    }


def unknown(outcome: Outcome) -> list[dict[str, Any]]:
    """Rules that could not be evaluated, by reason."""
    reasons: dict[str, list[str]] = {}
    for rule, reason in outcome.unknown.items():
        reasons.setdefault(reason, []).append(rule)
    return [{"reason": reason, "rules": rules} for reason, rules in reasons.items()]


def images(snapshot: Mapping[str, Any]) -> dict[str, Any] | None:
    """Which image is in which store, those that are missing somewhere first; None where nobody knows."""
    if kinds.IMAGES in snapshot["unread"]:
        return None
    listed = [one for one in snapshot["objects"]["image"] if one["status"] == "active" and not one["hidden"]]
    stores = sorted({store for one in listed for store in (*one["stores"], *one["other_stores"])})
    listed.sort(key=lambda one: (not one["other_stores"], str(one["name"]), str(one["id"])))
    rows = [
        {"name": one["name"], "visibility": one["visibility"], "in": [int(store in one["stores"]) for store in stores]}
        for one in listed
    ]
    everywhere = sum(not one["other_stores"] for one in listed)
    return {"stores": stores, "number": len(rows), "everywhere": everywhere, "rows": rows[:IMAGES]}


def latency(pairs: Iterable[Entry], zones: Sequence[str], limit: float) -> dict[str, Any] | None:
    """The longest round trip from zone to zone in milliseconds; None where nothing was measured."""
    longest: dict[tuple[str, str], float] = {}
    silent: set[tuple[str, str]] = set()
    for pair in pairs:
        between = (str(pair["from_zone"]), str(pair["to_zone"]))
        if pair["milliseconds"] is None:
            silent.add(between)
        else:
            longest[between] = max(longest.get(between, 0.0), float(pair["milliseconds"]))
    if not longest and not silent:
        return None
    rows = [[_cell(longest, silent, (start, end)) for end in zones] for start in zones]
    return {"zones": list(zones), "limit": limit, "rows": rows}


def _cell(longest: Mapping[tuple[str, str], float], silent: set[tuple[str, str]], between: tuple[str, str]) -> Any:
    """Milliseconds, "no answer", or None where nothing was measured. A time that was measured one way only counts for both."""
    either = (between, between[::-1])
    if any(one in silent for one in either):
        return "no answer"
    return next((longest[one] for one in either if one in longest), None)


def changes(snapshot: Mapping[str, Any], before: Entry, compared: Mapping[str, Sequence[Entry]]) -> dict[str, Any]:
    """What is new since an earlier audit, what is gone, and what of zones and hosts differs; alike changes are one line."""
    lines = [*_of_findings("new", compared["new"]), *_of_findings("gone", compared["gone"])]
    if kinds.COMPUTE not in {*snapshot["unread"], *before["unread"]}:
        lines += _of_objects(snapshot["objects"], before["snapshot"]["objects"])
    return {
        "since": before["taken"],
        **{word: len(compared[word]) for word in ("new", "gone")},
        "number": len(lines),
        "lines": lines[:CHANGES],
    }


def _of_findings(word: str, found: Sequence[Entry]) -> Iterator[dict[str, Any]]:
    by_rule: dict[tuple[str, str], list[Entry]] = {}
    for one in found:
        by_rule.setdefault((one["severity"], one["rule"]), []).append(one)
    for (severity, rule), many in by_rule.items():
        yield _line(rule, f"{word}: {len(many)}", [str(one["name"]) for one in many], severity)


def _of_objects(now: Mapping[str, Sequence[Entry]], then: Mapping[str, Sequence[Entry]]) -> Iterator[dict[str, Any]]:
    earlier = {one["name"]: one for one in then.get("zone", ())}
    for zone in now["zone"]:
        for key, words in _OF_ZONES.items():
            values = (earlier.get(zone["name"], {}).get(key), zone[key])
            before, after = (len(value) if isinstance(value, list) else value for value in values)
            if before is not None and after is not None and before != after:
                yield _line(words, f"{_said(before)} → {_said(after)}", [zone["name"]])
    hosts = {one["name"]: host_condition(one) for one in then.get("host", ())}
    found = {one["name"]: host_condition(one) for one in now["host"]}
    alike: dict[tuple[str, str], list[str]] = {}
    for name in sorted(hosts.keys() | found.keys()):
        was, is_now = hosts.get(name, "not there"), found.get(name, "not there")
        if was != is_now:
            alike.setdefault((was, is_now), []).append(name)
    for (was, is_now), names in alike.items():
        yield _line("compute hosts" if len(names) > 1 else "compute host", f"{was} → {is_now}", names)


def _line(what: str, change: str, names: Sequence[str], severity: str = "") -> dict[str, Any]:
    return {"what": what, "change": change, "number": len(names), "names": names[:NAMES], "severity": severity}


def _said(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
