# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a drill of a zone does, and what blocks it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from .._capacity.model import LOST
from .._capacity.plan import Answer
from .._capacity.threshold import messages
from .._plan.change import Change, Plan
from .._plan.text.listing import first
from .._rhoso.pod_placement.quorum import weak
from .._servers.maintenance.findings import Findings, findings_of
from .._zone_maintenance.defaults import pointing_to
from .._zone_maintenance.guards import majorities, out_of_service
from .._zones.schema.zone_map import Zone, ZoneMap
from .changes import PutBack, Rehearse
from .copies import away_beside, told
from .model import CAPACITY, DEFAULTS, FINDINGS, QUORUM, SOFT, Left, Observed, Wanted, place_of
from .record import KEY, record_of

SHOWN = 5


def plan_drill(zone_map: ZoneMap, observed: Observed, wanted: Wanted, now: datetime) -> Plan[Change]:
    """The changes of all zones."""
    zones = [Findings(name, zone_map.zones[name].availability_zone) for name in wanted.only]
    changes = [change for zone in zones for change in _of_zone(zone_map, observed, wanted, zone, now)]
    return findings_of(zones, changes)


def hosts_of(zone: Zone, observed: Observed) -> tuple[str, ...]:
    """Those of its file that nova has, in this zone."""
    return tuple(name for name in zone.compute_hosts if observed.zones.get(name) == zone.availability_zone)


def others_of(zone_map: ZoneMap, name: str) -> dict[str, str]:
    """The availability zones that have to work while this one is away, by inventory name."""
    return {
        other: zone.availability_zone
        for other, zone in zone_map.zones.items()
        if other != name and not zone.away and zone.compute_hosts
    }


def _of_zone(zone_map: ZoneMap, observed: Observed, wanted: Wanted, zone: Findings, now: datetime) -> Iterator[Change]:
    of_map = zone_map.zones[zone.name]
    hosts = hosts_of(of_map, observed)
    drilled, left = observed.drilled(hosts), observed.left.of(zone.name)
    if wanted.level == SOFT and (drilled or left.names):
        yield PutBack(zone.name, drilled, left)
    elif drilled or left.names:
        zone.note(_interrupted(zone.name, drilled, left))
    for text in observed.unread:
        zone.note(f"could not be read, and counts as unknown: {text}")
    if zone.name in observed.rehearsed:
        return
    _look_at_loss(zone_map, of_map, observed, wanted, zone)
    if wanted.level != SOFT:
        for text in told(of_map, observed.copies, away_beside(zone_map, of_map)):
            zone.note(text)
        return
    usable = tuple(
        name
        for name in hosts
        if name in drilled or (observed.hosts[name].enabled and observed.hosts[name].state == "up")
    )
    _look_at_time(wanted, zone, now)
    _look_at_health(zone_map, of_map, observed, wanted, zone, usable)
    yield Rehearse(zone.name, usable, others_of(zone_map, zone.name), wanted.seconds)


def _look_at_loss(zone_map: ZoneMap, of_map: Zone, observed: Observed, wanted: Wanted, zone: Findings) -> None:
    """What the loss of the zone would do to the rest of the region."""
    answer = observed.loss.get(zone.name)
    if CAPACITY not in wanted.allow:
        for text in lacking(zone.name, answer):
            zone.refuse(CAPACITY, f"{text}. Make room in the other zones, or accept it: allow [capacity].")
    if DEFAULTS not in wanted.allow:
        found = [text for _name, text in pointing_to(zone_map, of_map, observed.defaults)]
        if found:
            shown = first(SHOWN, found, of=len(found), separator="; ")
            zone.refuse(
                DEFAULTS,
                f"requests that name no zone lead to zone {zone.name}, and fail without it: {shown}. Change these defaults, or accept it: allow [defaults].",
            )
    if QUORUM not in wanted.allow and of_map.kubernetes is not None and wanted.quorum is not None:
        for text in weak(zone.name, majorities(wanted.quorum)):
            zone.refuse(QUORUM, f"{text} Repair it, or accept it: allow [quorum].")


def lacking(zone: str, answer: Answer | None) -> list[str]:
    """Why the region does not bear the loss of a zone; empty where it does."""
    if answer is None:
        return [f"what becomes of the servers of zone {zone} without it is unknown"]
    return messages(f"with zone {zone}", answer, LOST, 0.0)


def _look_at_time(wanted: Wanted, zone: Findings, now: datetime) -> None:
    for window in wanted.blocked:
        if window.begin <= now < window.end:
            why = f": {window.reason}" if window.reason else ""
            zone.refuse(
                "blocked",
                f"no drill may be from {window.begin.isoformat()} to {window.end.isoformat()}{why}. Wait for its end.",
            )


def _look_at_health(
    zone_map: ZoneMap, of_map: Zone, observed: Observed, wanted: Wanted, zone: Findings, usable: tuple[str, ...]
) -> None:
    """A drill is for a region that works: in any other it would hurt, and say nothing."""
    for reason in observed.incomplete:
        zone.refuse("incomplete_listing", f"{reason}: what the hosts are is unknown.")
    if of_map.away:
        zone.refuse(
            "zone_state",
            f"zone {zone.name} is {of_map.zone_state}, by zone_state of its file: it is out of service already.",
        )
    for other in zone_map.zones.values():
        for reason in out_of_service(other, observed.hosts) if other.name != zone.name else ():
            zone.refuse("other_zone", f"{reason}. A drill takes a second zone away: wait until it is back.")
        drilled = observed.drilled(other.compute_hosts) if other.name != zone.name else ()
        if drilled:
            zone.refuse(
                "other_zone",
                f"a drill of zone {other.name} was interrupted: run zone_drill for that zone, which restores it.",
            )
    hosts = observed.hosts
    down = [
        name for name in of_map.compute_hosts if name in hosts and hosts[name].enabled and hosts[name].state != "up"
    ]
    if down:
        zone.refuse(
            "host_down",
            f"host {first(SHOWN, down, of=len(down))} is down: start nova-compute there, or disable the host.",
        )
    if not usable:
        zone.refuse(
            "no_host", f"zone {zone.name} has no compute host that is up and enabled: there is nothing to rehearse."
        )
    if not others_of(zone_map, zone.name):
        zone.refuse(
            "no_other_zone",
            f"without zone {zone.name} no zone is in service: nothing could be created while it is out.",
        )
    if FINDINGS not in wanted.allow:
        _look_at_findings(wanted, zone)


def _look_at_findings(wanted: Wanted, zone: Findings) -> None:
    found = [
        str(one.get("message"))
        for one in wanted.findings
        if one.get("severity") == "critical" and not one.get("muted") and one.get("zone") in (zone.name, "", None)
    ]
    if found:
        shown = first(SHOWN, found, of=len(found), separator="; ")
        zone.refuse(
            FINDINGS,
            f"the audit has critical findings: {shown}. Settle or mute them, or rehearse anyway: allow [findings].",
        )


def _interrupted(zone: str, drilled: tuple[str, ...], left: Left) -> str:
    what = [f"host {name} is disabled" for name in drilled] + [f"{name} is left" for name in left.names]
    return f"a drill of zone {zone} was interrupted: {first(SHOWN, what, of=len(what))}. A drill with level soft restores it."


def state(zone_map: ZoneMap, observed: Observed, zone: str) -> Mapping[str, Any]:
    """The hosts that a drill has disabled, what it has left, and what is remembered of the last one."""
    of_map = zone_map.zones[zone]
    place = place_of(observed.aggregates, of_map.availability_zone)
    last = record_of(place.metadata.get(KEY)) if place else None
    return {
        "disabled": list(observed.drilled(hosts_of(of_map, observed))),
        "left": observed.left.of(zone).names,
        "last": last.as_dict() if last else None,
    }
