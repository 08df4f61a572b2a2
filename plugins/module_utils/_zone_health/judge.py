# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what the services list to the state of each zone. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .._compute.model import Host
from .._plan.disabled.reason import in_drill, in_zone_maintenance
from .._servers.maintenance.marks import mark_of
from .model import CINDER, MANILA, NODES, NOVA, Look, Member, Reading, Sight, State

#: Of cinder and manila what serves one zone. Their schedulers serve all.
STORAGE = {CINDER: ("cinder-volume", "cinder-backup"), MANILA: ("manila-share",)}


def compute_host(entry: Mapping[str, Any]) -> Member:
    """From a host as region_info has it."""
    host = Host(
        entry["name"],
        "",
        entry["availability_zone"] or "",
        entry["state"],
        entry["status"],
        entry["disabled_reason"],
        entry["forced_down"],
    )
    planned = mark_of(host) is not None or in_drill(host.disabled_reason, enabled=host.enabled)
    alive = host.state == "up" and not host.forced_down
    sign = "is forced down" if host.forced_down else _sign(host.state, host.status, host.disabled_reason)
    return Member(host.name, entry["availability_zone"], alive, host.enabled, planned, sign)


def service(entry: Mapping[str, Any]) -> Member | None:
    """From a service as region_info has it; None for one that serves no single zone."""
    if entry["binary"] not in STORAGE.get(entry["service"], ()):
        return None
    enabled, reason = entry["status"] == "enabled", entry["disabled_reason"]
    planned = in_zone_maintenance(reason, enabled=enabled)
    sign = _sign(entry["state"], entry["status"], reason)
    name = f"{entry['binary']} {entry['host']}"
    return Member(name, entry["availability_zone"], entry["state"] == "up", enabled, planned, sign)


def node(name: str, zone: str | None, *, ready: bool, schedulable: bool) -> Member:
    sign = "is not ready" if not ready else "" if schedulable else "takes no pods"
    return Member(name, zone, ready, schedulable, sign=sign)


def _sign(state: str, status: str, reason: str | None) -> str:
    if state != "up":
        return f"is {state}"
    return "" if status == "enabled" else f"is disabled{f' ({reason})' if reason else ''}"


def judge(reading: Reading, known: Collection[str] = ()) -> Look:
    """One look.

    :param known: the zones of earlier looks, for one that could not read nova: of storage alone it is unknown what is a zone.
    """
    zones = {one.zone for one in reading.members.get(NOVA, ()) if one.zone}
    if NOVA not in reading.members:
        watched = NOVA in reading.unread
        zones = (
            set(known) if watched else {one.zone for all_of in reading.members.values() for one in all_of if one.zone}
        )
    suspects = tuple(sorted(name for name, members in reading.members.items() if _all_down(members)))
    members: dict[str, dict[str, tuple[Member, ...]]] = {zone: {} for zone in sorted(zones)}
    for name, listed in reading.members.items():
        for zone, mine in _by_zone(listed).items():
            if zone in members:
                members[zone][name] = mine
    states = {
        zone: {name: state_of(found) for name, found in mine.items() if name not in suspects}
        for zone, mine in members.items()
    }
    return Look(_sight(reading, suspects), states, suspects, members, reading.unread)


def _by_zone(members: Iterable[Member]) -> Mapping[str, tuple[Member, ...]]:
    found: dict[str, list[Member]] = defaultdict(list)
    for one in members:
        if one.zone:
            found[one.zone].append(one)
    return {zone: tuple(sorted(mine, key=lambda one: one.name)) for zone, mine in found.items()}


def _all_down(members: Iterable[Member]) -> bool:
    """Hosts in no zone count as well: one that is up shows that the service hears of hosts."""
    expected = [one for one in members if not one.planned]
    return bool(expected) and not any(one.alive for one in members)


def _sight(reading: Reading, suspects: Collection[str]) -> Sight:
    if not reading.members:
        return Sight.BLIND
    if suspects:
        return Sight.ALL_DOWN
    return Sight.PARTLY if reading.unread else Sight.SEES


def state_of(members: Iterable[Member]) -> State:
    """Of one service in one zone: up if all of it serves, down if nothing does, apart from what is planned."""
    found = list(members)
    expected = [one for one in found if not one.planned]
    if found and not expected:
        return State.MAINTENANCE
    serving = [one for one in expected if one.serves]
    if len(serving) == len(expected):
        return State.UP
    return State.DEGRADED if serving else State.DOWN


def state_of_zone(services: Mapping[str, State]) -> State:
    """Nova decides whether a zone is down or in maintenance; without it, all the others together. Each can degrade it."""
    if State.GONE in services.values():
        return State.GONE
    worst = max(services.values(), default=State.UP)
    leading = services.get(NOVA, min(services.values(), default=State.UP))
    if leading in (State.DOWN, State.MAINTENANCE):
        return leading
    return State.UP if worst in (State.UP, State.MAINTENANCE) else State.DEGRADED


SERVICES = (NOVA, CINDER, MANILA)
ALL = (*SERVICES, NODES)
