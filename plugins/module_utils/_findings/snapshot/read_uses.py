# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked to compare what placement has in use with what servers need: no more than for the capacity, unless there is a difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ..._capacity.facts.hosts import providers_by_name
from ..._capacity.facts.shapes import VCPU
from ..._capacity.read import ANY
from ..._compute.nova import Nova
from ..._compute.placement import Placement
from ..._openstack.cloud import Cloud
from .uses import Use, changed, lowest, used_of, uses

_UP = "up"


def read_uses(cloud: Cloud, servers: Sequence[Mapping[str, Any]], since: datetime) -> dict[str, Use]:
    """By host, for those that are up, and that placement lists because they have room for some memory or a vCPU.

    The numbers of placement are newer than the list of servers. Where they differ, nova is asked which servers changed
    and which migrations are under way, and hosts that these are about are left out. Placement is then read again: what it
    had in use for a moment only, as for a migration that failed, belongs to nobody either and is no finding.

    :param since: a time before the servers were listed.
    """
    nova, placement = Nova(cloud.service("compute")), Placement(cloud.service("placement"))
    hosts, _incomplete = nova.hosts()
    by_provider = providers_by_name(placement.names(), hosts) or _single(nova)
    # A dead host keeps the allocations of servers that were evacuated until it returns.
    up = {name for name, host in hosts.items() if host.state == _UP and not host.forced_down}

    def in_use() -> dict[str, dict[str, int]]:
        found = used_of(placement.candidates(dict(ANY)), by_provider)
        if up & set(by_provider.values()) - found.keys():
            # Hosts without free memory.
            found |= used_of(placement.candidates({VCPU: 1}), by_provider)
        return found

    used = in_use()
    away = used.keys() - up
    found = uses(used, servers, away)
    if not any(use.is_stray for use in found.values()):
        return found
    now, moved = changed(servers, nova.changed_servers(since))
    left_out = away | moved | nova.hosts_of_migrations()
    cloud.forget_reads()
    return uses(lowest(used, in_use()), now, left_out)


def _single(nova: Nova) -> dict[str, str]:
    """The hosts by provider, without those that have several."""
    return {providers[0]: host for host, providers in nova.all_providers().items() if len(providers) == 1}
