# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On a cloud without zones nova takes only empty hosts into one: what the operator is told about the others. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import Observed, Server
from .guards import count

# What nova moves: running and paused servers live, stopped and running ones cold. Any other status answers 409 to both.
MOVABLE = frozenset(("ACTIVE", "PAUSED", "SHUTOFF"))


def order_of_emptying(observed: Observed, zone: str, free: Sequence[str], busy: Sequence[str]) -> str:
    """Which hosts can go first, which have to be emptied, the easiest first, and which servers are stuck."""
    parts = [f"nova adds only hosts without instances to availability zone {zone}."]
    if free:
        parts.append(f"Can be added first: {', '.join(free)}.")
    by_work = sorted(busy, key=lambda host: (len(stuck_on(observed, host)), len(observed.servers_on(host))))
    parts += [_host(observed, host) for host in by_work]
    return " ".join(parts)


def stuck_on(observed: Observed, host: str) -> list[Server]:
    """Servers of a host that no migration takes away."""
    return [server for server in observed.servers_on(host) if server.status not in MOVABLE]


def _host(observed: Observed, host: str) -> str:
    servers, stuck = observed.servers_on(host), stuck_on(observed, host)
    text = f"Must be emptied: {host} ({count(servers, 'instance')}: {', '.join(server.id for server in servers[:5])}"
    text += ", ..." if len(servers) > 5 else ""
    if stuck:
        text += f"; stuck, by their status: {', '.join(f'{server.id} {server.status}' for server in stuck)}"
    return text + ")."
