# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change as an event for rules. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .._plan.text.listing import first
from .hysteresis import Change
from .model import NOVA, Look, Member, Sight

KEY = "zone_health"
#: Of the signs of an event, and of the hosts in its summary.
MOST_SIGNS = 50
SHOWN = 5
_TEMPLATE = re.compile(r"\{(?=[{%#])")
_SIGHTS = {
    Sight.SEES.text: "all services are read",
    Sight.PARTLY.text: "services cannot be read",
    Sight.ALL_DOWN.text: "everything is down in the whole region: look at the control plane first, no zone is reported as down for it",
    Sight.BLIND.text: "no service can be read: the state of the zones is unknown",
}


@dataclass(frozen=True)
class Origin:
    """Where events come from.

    :ivar names: the inventory name of availability zones that have another one there.
    """

    seen_from: str
    cloud: str = ""
    region: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


def event_of(change: Change, look: Look, origin: Origin, at: float) -> dict[str, Any]:
    """The event, with the zone's inventory name as the host that playbooks and templates are limited to."""
    about = {
        "about": "region" if change.zone is None else "zone",
        "state": change.state,
        "before": change.before,
        "since": _moment(change.since),
        "age_seconds": max(0, round(at - change.since)),
        "lasted_seconds": None if change.lasted is None else round(change.lasted),
        "at_start": change.at_start,
        "seen_from": origin.seen_from,
        "cloud": origin.cloud,
        "region": origin.region,
        "unread": dict(look.unread),
    }
    if change.zone is None:
        return dict(_inert({KEY: {**about, "suspects": list(look.suspects), "summary": _of_sight(change, look)}}))
    name = origin.names.get(change.zone, change.zone)
    found = look.members.get(change.zone, {})
    more = {
        "zone": name,
        "availability_zone": change.zone,
        "services": {service: state.text for service, state in change.services.items()},
        "hosts": _hosts(found.get(NOVA, ())),
        "signs": list(_signs(found))[:MOST_SIGNS],
        "summary": _of_zone(change, name, found),
    }
    return dict(_inert({KEY: {**about, **more}, "meta": {"hosts": [name]}}))


def _hosts(members: Iterable[Member]) -> dict[str, list[str]]:
    """The compute hosts, each once."""
    found: dict[str, list[str]] = {"serving": [], "dead": [], "disabled": [], "maintenance": []}
    for one in members:
        kind = "maintenance" if one.planned else "serving" if one.serves else "disabled" if one.alive else "dead"
        found[kind].append(one.name)
    return found


def _signs(found: Mapping[str, Iterable[Member]]) -> Iterator[dict[str, str]]:
    for service, members in sorted(found.items()):
        for one in members:
            if one.sign:
                yield {"service": service, "name": one.name, "sign": one.sign}


def _of_zone(change: Change, name: str, found: Mapping[str, Iterable[Member]]) -> str:
    services = ", ".join(f"{service} {state.text}" for service, state in change.services.items())
    wrong = [f"{sign['name']} {sign['sign']}" for sign in _signs(found)]
    why = f". {first(SHOWN, wrong, of=len(wrong))}" if wrong else ""
    how = f"still {change.state}" if change.state == change.before else f"{change.state}, it was {change.before}"
    return f"zone {name} is {how}: {services}{why}"


def _of_sight(change: Change, look: Look) -> str:
    which = f" ({', '.join(look.suspects)})" if change.state == Sight.ALL_DOWN.text and look.suspects else ""
    why = "; ".join(f"{name}: {reason}" for name, reason in sorted(look.unread.items()))
    return f"{_SIGHTS[change.state]}{which}{f'. {why}' if why else ''}"


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _inert(value: Any) -> Any:
    """The same data, in which no text is taken for a template: events become variables of playbooks."""
    if isinstance(value, dict):
        return {key: _inert(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_inert(item) for item in value]
    return _TEMPLATE.sub("{ ", value) if isinstance(value, str) else value
