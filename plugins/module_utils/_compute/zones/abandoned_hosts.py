# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that a run left disabled on their way between zones, and that no zone file names any more: no run finishes that. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..._zones.schema.zone_map import ZoneMap
from ..marks import LONGEST, ends_of, is_on_its_way
from ..model import Host, Observed
from .ownership import named_aggregates, owner_of


def abandoned_hosts(
    wanted: ZoneMap, observed: Observed, going: Collection[str] = ()
) -> Iterator[tuple[str, Host, str]]:
    """Each of them with the zone that answers for it, and where it is.

    A host that was taken out of its zone on purpose stays disabled in none, and is not among them.

    :param going: hosts that this run takes out of their zones.
    """
    named = {name for zone in wanted.zones.values() for name in zone.compute_hosts}
    for host in observed.hosts.values():
        if host.name in named or host.name in going or not is_on_its_way(host):
            continue
        aggregates = observed.zone_aggregates(host.name)
        owner = next((zone for found in aggregates if (zone := owner_of(wanted, found, observed))), None)
        if owner is not None:
            yield owner.name, host, f"is in zone {owner.name}"
        elif aggregates:
            yield (
                _answers(wanted, host),
                host,
                f"is in {named_aggregates(aggregates)}, which belongs to no zone of the map",
            )
        elif ends_of(host)[1]:
            yield _answers(wanted, host), host, "is in no zone"


def _answers(wanted: ZoneMap, host: Host) -> str:
    left, joined = ends_of(host)
    known = {name[:LONGEST]: name for name in wanted.zones}
    return known.get(joined) or known.get(left) or next(iter(wanted.zones))
