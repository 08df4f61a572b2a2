# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads from nova what an inventory shows: two lists, and the servers where these are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from .._compute.model import Observed
from .._compute.nova import Nova
from .._openstack.cloud import Cloud
from .._plan.errors import ZoneopsError
from . import entries
from .entries import Entry


def read(cloud: Cloud, kind: str) -> Sequence[Entry]:
    """All hosts of a kind, see `entries`. An incomplete list is an error: a play would silently leave out what is missing."""
    nova = Nova(cloud.service("compute"))
    aggregates = nova.aggregates()
    hosts, incomplete = nova.hosts()
    _refuse(incomplete)
    observed = Observed(aggregates, hosts)
    if kind == entries.SERVERS:
        listed = list(nova.server_entries())
        unknown = [str(server["id"]) for server in listed if server.get("status", "UNKNOWN") == "UNKNOWN"]
        _refuse((f"a cell does not answer, {len(unknown)} servers are UNKNOWN",) if unknown else ())
        found = entries.servers(listed, observed)
    else:
        found = (entries.compute_hosts if kind == entries.COMPUTE_HOSTS else entries.zones)(observed)
    if not found:
        raise ZoneopsError(
            f"nova lists no {kind.replace('_', ' ')}: an empty inventory would let every play pass without doing anything."
        )
    return found


def _refuse(incomplete: Sequence[str]) -> None:
    if incomplete:
        raise ZoneopsError(f"nova's list is not complete: {'; '.join(incomplete)}. Run it again once all cells answer.")
