# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is observed after the writes of an evacuation. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .._capacity.model import Workload
from .._servers.dead import SHUTOFF
from .changes import Evacuate, TakeOut
from .model import Evacuation, Seen


def taken_out(observed: Seen, change: TakeOut, place: str) -> Seen:
    """With a host out of service, and ignored by Masakari.

    :param place: the availability zone, whose aggregate remembers that.
    """
    host = replace(
        observed.region.hosts[change.host],
        status="disabled",
        disabled_reason=change.new,
        forced_down=True,
        state="down",
    )
    seen = observed.with_region(observed.region.with_host(host))
    if change.ignored is None:
        return seen
    known = replace(change.ignored.host, on_maintenance=True)
    return replace(seen, masakari=seen.masakari.with_host(known, place, change.ignored.reason))


def evacuated(observed: Seen, change: Evacuate) -> Seen:
    """With servers on their targets, as nova and this run leave them."""
    places = {one.move.server: _place(observed, one, change) for one in (*change.evacuations, *change.landed)}
    watched = {one.move.server: one for one in change.watched}
    for awaited in change.awaited:
        one = watched.get(awaited.record.server)
        if awaited.record.target and one is not None:
            moved = replace(one, move=replace(one.move, target=awaited.record.target))
            places[one.move.server] = _place(observed, moved, change)
    servers = tuple(places.get(server.id, lambda found: found)(server) for server in observed.region.facts.servers)
    region = replace(observed.region, facts=replace(observed.region.facts, servers=servers), migrations=())
    moves = (one.move for one in (*change.evacuations, *change.watched))
    gone = observed.evacuated | {(move.server, move.source) for move in moves}
    return replace(observed, region=region, evacuated=gone)


def _place(observed: Seen, one: Evacuation, change: Evacuate) -> Any:
    def placed(server: Workload) -> Workload:
        ends = change.starts or one.status == SHUTOFF or one.boots or not observed.stops
        status = one.status if ends else SHUTOFF
        tags = () if status == one.status else (one.tag,)
        return replace(server, host=one.move.target, status=status, task=None, tags=tags)

    return placed
