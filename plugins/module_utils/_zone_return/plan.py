# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts come back, and what blocks one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._compute.model import Host
from .._plan.change import Plan
from .._plan.text.listing import first
from .._servers.dead import dead_of
from .._servers.maintenance.begin.plan import not_ours
from .._servers.maintenance.end.plan import unknown
from .._servers.maintenance.findings import Findings, findings_of
from .._servers.maintenance.model import Region
from .._servers.model import Record
from .._zones.schema.zone_map import ZoneMap
from .changes import Return
from .guests import of_guests, unlisted
from .model import AGENTS, Observed, Wanted

SHOWN = 5
#: Of an evacuation: it is not over before its source has started again.
DONE, COMPLETED = "done", "completed"
Blocker = tuple[str, str, tuple[dict[str, Any], ...]]


def plan_return(zone_map: ZoneMap, observed: Observed, wanted: Wanted) -> Plan[Return]:
    """The changes of all zones: each host stands by itself."""
    zones = [Findings(name, zone_map.zones[name].availability_zone) for name in wanted.only]
    changes = [change for zone in zones for change in _of_zone(zone_map, observed, wanted, zone)]
    return findings_of(zones, changes)


def hosts_of(zone_map: ZoneMap, zone: str, wanted: Wanted) -> list[str]:
    """The hosts of a zone that are worked on."""
    return [host for host in zone_map.zones[zone].compute_hosts if wanted.hosts is None or host in wanted.hosts]


def _of_zone(zone_map: ZoneMap, observed: Observed, wanted: Wanted, zone: Findings) -> Iterator[Return]:
    if not zone_map.zones[zone.name].compute_hosts:
        zone.note("the zone's file names no compute host: there is nothing to do here.")
    region = observed.region
    coming: list[str] = []
    others: list[Host] = []
    for name in hosts_of(zone_map, zone.name, wanted):
        host = region.hosts.get(name)
        if host is None:
            zone.refuse("unknown_host", unknown(region, name))
        elif dead_of(host) is None and not _was_opened(region, host):
            others.append(host)
        elif not _refused(observed, wanted, zone, host):
            coming.append(name)
            yield _return(zone.name, host, wanted)
    _say_others(region, zone, others)
    unseen = unlisted(wanted, coming)
    if unseen:
        shown = first(SHOWN, unseen, of=len(unseen))
        zone.note(f"what {shown} run{'s' if len(unseen) == 1 else ''} was not compared with nova (option guests).")


def _refused(observed: Observed, wanted: Wanted, zone: Findings, host: Host) -> bool:
    """Whether something blocks the host: that is refused."""
    found = list(_blockers(observed, wanted, zone, host))
    for rule, message, items in found:
        zone.refuse(rule, message, items)
    return bool(found)


def _say_others(region: Region, zone: Findings, others: Iterable[Host]) -> None:
    """Of hosts that zone_evacuate did not take out of service: what others did is theirs to end, one that is only down should not be."""
    left = [host for host in others if not host.enabled or host.forced_down]
    for host in others:
        if host not in left and host.state != "up":
            zone.refuse("host_down", f"host {host.name} is down: start nova-compute there.")
    said = [_said(host) for host in left if host.name not in region.changed]
    if said:
        shown = first(SHOWN, said, of=len(said), separator="; ")
        zone.note(f"not taken out of service by zone_evacuate, and left as they are: {shown}.")


def _was_opened(region: Region, host: Host) -> bool:
    """Whether a run ended before it had seen that servers start there. A host that others disabled or forced down since is theirs."""
    return host.name in region.canaries and host.enabled and not host.forced_down


def _return(zone: str, host: Host, wanted: Wanted) -> Return:
    mark = dead_of(host)
    before = None if mark is None else mark.before
    old = None if host.enabled else host.disabled_reason
    return Return(zone, host.name, host.forced_down, old, before, canary=wanted.canary and before is None)


def _said(host: Host) -> str:
    states = [] if host.enabled else [f"disabled ({host.disabled_reason or 'no reason given'})"]
    if host.forced_down:
        states.append("forced down")
    return f"{host.name}, {' and '.join(states)}"


def _blockers(observed: Observed, wanted: Wanted, zone: Findings, host: Host) -> Iterator[Blocker]:
    region, name = observed.region, host.name
    if region.incomplete:
        message = f"{'; '.join(region.incomplete)}: what was evacuated from host {name} is unknown. Wait until nova lists all of it."
        yield "incomplete_listing", message, ()
    for rule, message in not_ours(region, zone, name):
        yield rule, message, ()
    mine = [one for one in observed.evacuations if one.source == name]
    under_way = [one for one in mine if one.under_way or _arrives(observed, one)]
    if under_way:
        advice = "Wait for their end. If nova-compute starts there before, it has to be started once more afterwards."
        yield (
            "evacuating",
            f"evacuations from host {name} are under way: {_listed(under_way)}. {advice}",
            _items(under_way),
        )
    waiting = [one for one in mine if one.status == DONE and one not in under_way]
    if waiting:
        advice = (
            "It removes its copy of them when it starts, and until then they can run twice: restart nova-compute there."
        )
        message = f"host {name} has not started since servers were evacuated from it: {_listed(waiting)}. {advice}"
        yield "evacuated", message, _items(waiting)
    if host.state != "up" and not host.forced_down:
        yield "host_down", f"host {name} is down: start nova-compute there.", ()
    yield from of_guests(observed, wanted, name)
    down = sorted(one.text for one in region.attendants if one.host == name and not one.up)
    if down and AGENTS not in wanted.allow:
        are = "is" if len(down) == 1 else "are"
        message = f"on host {name} {', '.join(down)} {are} down: start {'it' if len(down) == 1 else 'them'}, or allow [agents]."
        yield AGENTS, message, ()


def _arrives(observed: Observed, record: Record) -> bool:
    """Whether its source was started too early: for nova it is over, and will not be when the server has arrived."""
    return record.server in observed.arriving and record.status in (DONE, COMPLETED)


def _listed(records: list[Record]) -> str:
    texts = (f"server {one.server} to {one.target or 'no host yet'} ({one.status})" for one in records)
    return first(SHOWN, texts, of=len(records), separator="; ")


def _items(records: Iterable[Record]) -> tuple[dict[str, Any], ...]:
    return tuple(one.as_item() for one in records)


def state(zone_map: ZoneMap, observed: Observed, wanted: Wanted, zone: str) -> Mapping[str, Any]:
    """The hosts of a zone as they are."""
    hosts = observed.region.hosts
    return {name: _state(observed, hosts[name]) for name in hosts_of(zone_map, zone, wanted) if name in hosts}


def _state(observed: Observed, host: Host) -> dict[str, Any]:
    evacuated = sorted(
        one.server for one in observed.evacuations if one.source == host.name and one.status in (DONE, COMPLETED)
    )
    return {
        "id": host.service_id,
        "status": host.status,
        "disabled_reason": host.disabled_reason or None,
        "forced_down": host.forced_down,
        "up": host.state == "up",
        "servers": sum(one.host == host.name for one in observed.servers),
        "evacuated": list(dict.fromkeys(evacuated)),
    }
