# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ends the maintenance of hosts, and what blocks it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ...._compute.model import Host
from ...._plan.change import Change, Note, Plan, Refusal
from ...._plan.text.listing import first
from ...._plan.text.near import nearest
from ...._zones.schema.zone_map import ZoneMap
from ...model import EVACUATION, Record
from ..begin.plan import BREAK
from ..changes import Reopen
from ..marks import mark_of
from ..model import Region, Wanted, hosts_of

SHOWN = 5


def plan_end(zone_map: ZoneMap, region: Region, wanted: Wanted) -> Plan[Change]:
    """The changes of all zones: each host stands by itself."""
    changes: list[Change] = []
    refusals: list[Refusal] = []
    notes: list[Note] = []
    for zone in wanted.only:
        names = hosts_of(zone_map, zone, wanted)
        if not zone_map.zones[zone].compute_hosts:
            notes.append(Note(zone, "the zone's file names no compute host: there is nothing to do here."))
        for name in names:
            host = region.hosts.get(name)
            if host is None:
                refusals.append(Refusal(zone, "unknown_host", unknown(region, name)))
                continue
            mark = mark_of(host)
            if mark is not None and mark.zone:
                text = f"host {name} is in the maintenance of its zone ({mark.reason}), which zone_maintenance ends: it is left as it is."
                notes.append(Note(zone, text))
                continue
            if mark is None and not (name in region.canaries and host.enabled):
                notes += [] if name in region.changed else [Note(zone, _left(host))]
                continue
            found = list(blockers(region, host))
            refusals += [Refusal(zone, rule, message, items) for rule, message, items in found]
            notes += [Note(zone, text) for text in _down(region, name)]
            if not found:
                before = None if mark is None else mark.before
                old = None if host.enabled else host.disabled_reason
                canary = wanted.canary and before is None
                changes.append(Reopen(zone, name, old, before, canary))
    return Plan.of(changes, refusals, notes)


def _left(host: Host) -> str:
    """Why a host is no business of this."""
    if host.enabled:
        return f"host {host.name} is in no maintenance: it is enabled already."
    return f"host {host.name} is in no maintenance of this collection ({host.disabled_reason or 'no reason given'}): it is left as it is."


def unknown(region: Region, name: str) -> str:
    hidden = f" ({'; '.join(region.incomplete)})" if region.incomplete else ""
    near = "" if hidden else nearest(name, region.hosts)
    return f"host {name} is not a compute host of this cloud{hidden or near}."


def blockers(
    region: Region, host: Host, *, occupied: bool = False
) -> Iterator[tuple[str, str, tuple[dict[str, object], ...]]]:
    """What keeps a host from coming back.

    :param occupied: servers were left on it: what their owners have still to confirm is no matter of the host.
    """
    name = host.name
    if name in region.running:
        yield "another_run", f"a run is working on host {name}: {region.running[name]}. {BREAK}", ()
    if host.forced_down or host.state != "up":
        how = (
            "forced down: start nova-compute and unset forced_down"
            if host.forced_down
            else f"{host.state}: start nova-compute"
        )
        early = "Enabled before its first heartbeat it would stay unschedulable."
        yield "host_down", f"host {name} is {how} first. {early}", ()
    found = [record for record in region.migrations if _is_open(record, name, occupied=occupied)]
    if found:
        listed = first(SHOWN, (record.text for record in found), of=len(found), separator="; ")
        advice = "Wait for them, confirm or revert them; after an evacuation restart nova-compute there."
        message = f"unfinished migrations from or to host {name}: {listed}. {advice}"
        yield "unfinished_migrations", message, tuple(record.as_item() for record in found)


def _is_open(record: Record, host: str, *, occupied: bool) -> bool:
    if occupied and record.kind != EVACUATION:
        return False
    if record.kind == EVACUATION and record.status == "done":
        # Its source removes what was evacuated when it starts.
        return record.source == host
    return host in (record.source, record.target)


def _down(region: Region, name: str) -> Iterator[str]:
    down = [one.text for one in region.attendants if one.host == name and not one.up]
    if down:
        yield f"host {name} comes back although {', '.join(down)} on it {'is' if len(down) == 1 else 'are'} down."
    for text in region.unread:
        yield f"it is unknown whether other services of the hosts are up: {text}"


def state(zone_map: ZoneMap, region: Region, wanted: Wanted, zone: str) -> dict[str, object]:
    """The hosts of a zone as they are; what is on them was not asked."""
    names = [name for name in hosts_of(zone_map, zone, wanted) if name in region.hosts]
    return {name: _state(region, region.hosts[name]) for name in names}


def _state(region: Region, host: Host) -> dict[str, object]:
    stopped = sorted(one.name or one.id for one in region.stopped if one.host == host.name)
    held = {"stopped": stopped} if stopped else {}
    left = {"canary": region.canaries[host.name]} if host.name in region.canaries else {}
    return {
        "id": host.service_id,
        "status": host.status,
        "disabled_reason": host.disabled_reason or None,
        **held,
        **left,
    }
