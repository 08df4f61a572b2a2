# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hosts and servers would be after a change of a beginning. Pure."""

from __future__ import annotations

from dataclasses import replace

from ...._plan.change import Change
from ...migrations import Found
from ..changes import Drain, HostChange, Stop
from ..model import Region


def foreseen(observed: Region, change: Change) -> Region:
    if isinstance(change, HostChange):
        return observed.with_reason(change.host, change.new)
    if isinstance(change, Stop):
        return _with_stopped(observed, change)
    if not isinstance(change, Drain):
        return observed
    targets = {one.record.server: one.record.target for one in change.awaited if one.record.target}
    targets |= {move.server: move.target for move in change.moves}
    servers = tuple(replace(server, host=targets.get(server.id) or server.host) for server in observed.facts.servers)
    return replace(observed, facts=replace(observed.facts, servers=servers), migrations=())


def _with_stopped(observed: Region, change: Stop) -> Region:
    mine = {one.server: one for one in change.servers}
    servers = tuple(
        replace(server, status="SHUTOFF", task=None) if server.id in mine else server
        for server in observed.facts.servers
    )
    stopped = tuple(Found(one.server, one.name, one.host, "SHUTOFF", None) for one in mine.values())
    others = tuple(found for found in observed.stopped if found.id not in mine)
    return replace(observed, facts=replace(observed.facts, servers=servers), stopped=(*others, *stopped))
