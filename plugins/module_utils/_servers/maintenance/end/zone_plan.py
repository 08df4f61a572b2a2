# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ends the maintenance of a zone on its hosts, and what blocks it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ...._compute.model import Host
from ...._plan.change import Change, Plan
from ...._plan.text.listing import first
from ...._zones.schema.zone_map import ZoneMap
from ...migrations import STOPPED as TAG
from ...migrations import Found
from ...model import Powered
from ..begin.plan import SHOWN
from ..changes import Forget, Reopen, Start, count
from ..findings import Findings, zone_by_zone
from ..marks import mark_of
from ..model import Region, Wanted, hosts_of
from .plan import blockers, unknown

#: What is started: one that runs already is only forgotten. A task, as of a snapshot, is awaited.
STARTABLE = ("SHUTOFF", "ACTIVE")


def plan_zone_end(zone_map: ZoneMap, region: Region, wanted: Wanted) -> Plan[Change]:
    """The changes of all zones: each host stands by itself."""
    return zone_by_zone(zone_map, region, wanted, _of_zone)


def _of_zone(zone_map: ZoneMap, region: Region, wanted: Wanted, zone: Findings) -> Iterator[Change]:
    names = hosts_of(zone_map, zone.name, wanted)
    left: list[str] = []
    for name in names:
        host = region.hosts.get(name)
        if host is None:
            zone.refuse("unknown_host", unknown(region, name))
            continue
        here = [found for found in region.stopped if found.host == name and found.id not in region.restopped]
        starting = tuple(Powered(one.id, one.name, name) for one in here if one.status in STARTABLE)
        _note_changed(zone, [one for one in here if one.status not in STARTABLE])
        mark = mark_of(host)
        if mark is not None and mark.zone:
            if not _refuse(region, zone, host, starting):
                yield Reopen(zone.name, name, host.disabled_reason, mark.before, starting=starting)
            continue
        if name not in region.changed:
            left.append(_left(host))
        # Others enabled the host: what was stopped there is started all the same.
        if starting and not _refuse(region, zone, host, starting):
            yield Start(zone.name, name, starting)
    if left:
        zone.note(f"not in the zone's maintenance: {first(SHOWN, left, of=len(left), separator='; ')}.")
    restopped = [one for one in region.stopped if one.host in names]
    # Once for all zones of the run: they are in none of them.
    if zone.name == wanted.only[0]:
        yield from _elsewhere(zone_map, region, wanted, zone)
        restopped += _lost(zone_map, region, wanted)
    off = tuple(Powered(one.id, one.name, one.host or "") for one in restopped if one.id in region.restopped)
    if off:
        yield Forget(zone.name, off)


def _left(host: Host) -> str:
    return f"{host.name} (enabled)" if host.enabled else f"{host.name} ({host.disabled_reason or 'no reason given'})"


def _refuse(region: Region, zone: Findings, host: Host, starting: tuple[Powered, ...]) -> bool:
    """Whether something blocks the host: that is refused."""
    found = list(blockers(region, host, occupied=True))
    short = region.short.get(host.name)
    if short and starting:
        message = (
            f"host {host.name} holds more than it has now: {short}. {count(len(starting), 'server')} would start there. "
            "Give it back what it lacks, or move servers off it."
        )
        found.append(("no_room", message, ()))
    elif short:
        zone.note(f"host {host.name} holds more than it has now: {short}.")
    for rule, message, items in found:
        zone.refuse(rule, message, items)
    return bool(found)


def _note_changed(zone: Findings, found: list[Found]) -> None:
    """What others did with a server that was stopped is left."""
    if found:
        texts = (f"{one.name} ({one.id}, {one.task or one.status})" for one in found)
        shown = first(SHOWN, texts, of=len(found))
        zone.note(f"stopped by the maintenance, and changed by others since: {shown}. Left as they are.")


def _elsewhere(zone_map: ZoneMap, region: Region, wanted: Wanted, zone: Findings) -> Iterator[Change]:
    """Servers that were moved away, by others or by a later `drain`, are started where they are: no end that is still to come would do it."""
    by_hand: list[Found] = []
    by_host: dict[str, list[Found]] = {}
    for one in _lost(zone_map, region, wanted):
        host = region.hosts.get(one.host or "")
        if one.id in region.restopped:
            continue
        if host is None or host.state != "up" or one.status not in STARTABLE:
            by_hand.append(one)
        else:
            by_host.setdefault(host.name, []).append(one)
    for name, found in sorted(by_host.items()):
        starting = tuple(Powered(one.id, one.name, name) for one in found)
        if not _refuse(region, zone, region.hosts[name], starting):
            yield Start(zone.name, name, starting)
    if by_hand:
        texts = (f"{one.name} ({one.id}, {one.status}) on {one.host or 'no host'}" for one in by_hand)
        shown = first(SHOWN, texts, of=len(by_hand))
        zone.note(
            f"stopped by the maintenance of a zone and moved since, and they cannot be started there now: {shown}. "
            f"Start them by hand, and remove their tag {TAG}."
        )


def _lost(zone_map: ZoneMap, region: Region, wanted: Wanted) -> list[Found]:
    """What is on no host of the zones of this run, and on none in a zone's maintenance."""
    homes = {host.name for host in region.hosts.values() if _is_away(host)}
    homes.update(*(zone_map.zones[zone].compute_hosts for zone in wanted.only))
    return [one for one in region.stopped if one.host not in homes]


def _is_away(host: Host) -> bool:
    mark = mark_of(host)
    return mark is not None and mark.zone
