# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan for nova's availability zones: pure, from the zone map and what is observed. All refusals come from here, before any write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce

from ..._plan.change import Note, Plan
from ..._zones.schema.zone_map import ZoneMap
from ..changes import AddHost, DeleteAggregate, MoveHost, RemoveHost, SetMetadata, ZoneChange
from ..marks import ends_of, is_on_its_way
from ..model import AZ_KEY, Observed
from ..options import Options
from .abandoned_hosts import abandoned_hosts
from .absent import Absent, WithoutAz
from .guards import SHOWN, count
from .ownership import aggregate_of
from .planner import ZonePlanner
from .present import Present
from .simulate import simulate

PLANNERS: Mapping[str, type[ZonePlanner]] = {"present": Present, "without_az": WithoutAz, "absent": Absent}


def make_plan(wanted: ZoneMap, observed: Observed, options: Options) -> Plan[ZoneChange]:
    """The changes that lead from `observed` to `wanted`: aggregates and hosts in, then moves between zones, then hosts out."""
    planners: dict[str, ZonePlanner] = {}
    unmanaged: list[Note] = []
    for name in options.only:
        zone = wanted.zones[name]
        if zone.compute is None:
            if options.state != "present":
                unmanaged.append(Note(name, "its file has no compute: nothing is removed in nova.", mended=True))
            continue
        planners[name] = PLANNERS[options.state](wanted, zone, zone.compute, observed, options)
        adopt = options.state == "present"
        planners[name].run(aggregate_of(wanted, zone, observed, adopt=adopt))
    changes = _ordered(observed, planners)
    if options.state == "present":
        _note_abandoned_hosts(wanted, observed, planners, changes)
    _guard_last_hosts(observed, options, planners, changes)
    return Plan.of(
        changes,
        (refusal for planner in planners.values() for refusal in planner.refusals),
        [*(note for planner in planners.values() for note in planner.notes), *unmanaged],
    )


def _ordered(observed: Observed, planners: Mapping[str, ZonePlanner]) -> list[ZoneChange]:
    first: list[ZoneChange] = [change for planner in planners.values() for change in planner.first]
    last: list[ZoneChange] = [change for planner in planners.values() for change in planner.last]
    waiting = [move for planner in planners.values() for move in planner.moves]
    moves: list[ZoneChange] = []
    state = reduce(simulate, first, observed) if waiting else observed
    while waiting:
        # A move that leaves another host behind goes first, so that no zone is empty in between where that can be had.
        move = next((move for move in waiting if len(state.by_name[move.source].hosts) > 1), waiting[0])
        waiting.remove(move)
        moves.append(move)
        state = simulate(state, move)
    return [*first, *moves, *last]


def _note_abandoned_hosts(
    wanted: ZoneMap, observed: Observed, planners: Mapping[str, ZonePlanner], changes: Iterable[ZoneChange]
) -> None:
    going = {change.host for change in changes if isinstance(change, RemoveHost)}
    for zone, host, where in abandoned_hosts(wanted, observed, going):
        if zone in planners:
            # Enabled in no zone it would take any server.
            switch = "--enable" if observed.zone_of(host.name) else "--disable --disable-reason REASON"
            planners[zone].note(
                f"host {host.name} is still disabled by an interrupted move ({host.disabled_reason}). It {where}, and no zone file names it: "
                f"name it in one, or run 'openstack compute service set {switch} {host.name} nova-compute'.",
                wrong=True,
            )


def _guard_last_hosts(
    observed: Observed, options: Options, planners: Mapping[str, ZonePlanner], changes: Iterable[ZoneChange]
) -> None:
    """No zone that shall stay is left without a host, not even for the moment between two moves."""
    if options.state != "present" or "empty_zone" in options.allow:
        return
    if not any(isinstance(change, MoveHost | RemoveHost) for change in changes):
        return
    state = observed
    for change in changes:
        state = simulate(state, change)
        if isinstance(change, MoveHost | RemoveHost):
            name = change.source if isinstance(change, MoveHost) else change.aggregate
            if not state.by_name[name].hosts:
                planners[change.zone].refuse(
                    "empty_zone", f"removing host {change.host} from aggregate {name} leaves no host in it."
                )


def leaving_hosts(changes: Iterable[ZoneChange], observed: Observed) -> set[str]:
    """Hosts that the changes take out of an availability zone: on these nothing may live."""
    hosts: set[str] = set()
    for change in changes:
        if isinstance(change, MoveHost) or (isinstance(change, RemoveHost) and change.prove_empty):
            hosts.add(change.host)
        elif isinstance(change, SetMetadata) and change.old.get(AZ_KEY) is not None:
            hosts.update(observed.by_name[change.aggregate].hosts)
    return hosts


def joining_hosts(changes: Iterable[ZoneChange]) -> set[str]:
    return {change.host for change in changes if isinstance(change, AddHost)}


def needs_servers(changes: Iterable[ZoneChange]) -> bool:
    """Whether instances can block the plan: only then are they listed."""
    return any(
        isinstance(change, AddHost | RemoveHost | MoveHost | DeleteAggregate)
        or (isinstance(change, SetMetadata) and AZ_KEY in change.new)
        for change in changes
    )


def stray_hosts(wanted: ZoneMap, observed: Observed) -> list[str]:
    """What to say about hosts that are in no zone and that no zone file names."""
    named = {host for zone in wanted.zones.values() for host in zone.compute_hosts}
    stray = [host for host in observed.hosts.values() if host.name not in named and observed.zone_of(host.name) is None]
    left = [host for host in stray if is_on_its_way(host) and not ends_of(host)[1]]
    enabled = [host for host in stray if host.enabled]
    found = [
        f"host {host.name} is in no zone since a run removed it ({host.disabled_reason}); it stays disabled until a zone file names it."
        for host in left
    ]
    if enabled:
        names = ", ".join(sorted(host.name for host in enabled)[:SHOWN]) + (", ..." if len(enabled) > SHOWN else "")
        found.append(
            f"{count(enabled, 'enabled host')} in no zone and in no zone file: {names}. Such a host gets servers that are "
            "created without a zone, and can then join no zone. Name it in a zone file, or disable it."
        )
    return found
