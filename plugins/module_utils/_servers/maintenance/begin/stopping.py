# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which servers of hosts are stopped, and which cannot be. Pure."""

from __future__ import annotations

from collections.abc import Collection

from ...._capacity.classify import STATES
from ...._capacity.model import Workload
from ...model import Powered
from ..model import Region

#: Nothing of them runs.
IDLE = frozenset(("SHUTOFF", "SUSPENDED", "SHELVED", "SHELVED_OFFLOADED", "SOFT_DELETED", "DELETED"))
#: An earlier run asked for it, and it is not done: that is awaited.
SWITCHING = ("powering-off", "powering-on")


def stopping(
    region: Region, hosts: Collection[str], moving: Collection[str] = ()
) -> tuple[tuple[Powered, ...], tuple[tuple[Workload, str], ...]]:
    """What is stopped, and what cannot be, with the reason.

    :param moving: servers whose migration is awaited first.
    """
    known = {found.id for found in region.stopped}
    stops: list[Powered] = []
    stays: list[tuple[Workload, str]] = []
    for server in region.facts.servers:
        if server.host not in hosts or server.id in moving:
            continue
        remembered = server.id in known
        if server.task and not (remembered and server.task in SWITCHING):
            stays.append((server, f"a task is under way ({server.task})"))
        elif server.task or server.status == "ACTIVE":
            stops.append(Powered(server.id, server.name, server.host, remembered))
        elif server.status not in IDLE:
            stays.append((server, STATES.get(server.status, f"it is in status {server.status}")))
    return tuple(stops), tuple(stays)
