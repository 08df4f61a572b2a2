# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What region_info gathers from nova and placement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .._compute.model import Aggregate, Observed
from .._compute.nova import Nova
from .._compute.placement import Placement
from .._compute.write import members_of
from .._openstack.cloud import Cloud
from . import entries
from .mirror import drift
from .region import Region
from .servers import out_of_place

NEED_BOTH = {"hosts", "servers", "placement", "instances"}


def read_nova(cloud: Cloud, sections: frozenset[str], region: Region) -> None:
    nova = Nova(cloud.service("compute"))
    aggregates = services = None
    if sections & {"aggregates", *NEED_BOTH}:
        aggregates = region.read("nova aggregates", nova.aggregates)
    if sections & {"services", *NEED_BOTH}:
        services = region.read("nova services", nova.services)
    if "aggregates" in sections:
        region.aggregates = [entries.aggregate(found) for found in aggregates or ()]
    if "services" in sections:
        region.services += [entries.nova_service(entry) for entry in services or ()]
    if "availability_zones" in sections:
        region.availability_zones["nova"] = region.read("nova availability_zones", nova.availability_zones) or []
    # Without the aggregates, hosts would look as if they were in no zone.
    if aggregates is not None and services is not None:
        _from_both(cloud, sections, region, nova, aggregates, services)


def _from_both(
    cloud: Cloud,
    sections: frozenset[str],
    region: Region,
    nova: Nova,
    aggregates: tuple[Aggregate, ...],
    services: list[dict[str, Any]],
) -> None:
    hosts, incomplete = nova.as_hosts(services)
    observed = Observed(aggregates, hosts)
    counted: Mapping[str, int] | None = None
    if "servers" in sections:
        counted = _servers(nova, observed, region)
    elif "instances" in sections:
        counted = region.read("nova instances", nova.instances)
    if "hosts" in sections:
        region.hosts = [entries.host(host, observed, counted) for host in observed.hosts.values()]
        region.default_availability_zone = observed.default_availability_zone
        if incomplete:
            region.errors["nova hosts"] = "; ".join(incomplete)
    if "placement" in sections:
        _mirror(nova, Placement(cloud.service("placement")), observed, region)


def _servers(nova: Nova, observed: Observed, region: Region) -> Mapping[str, int] | None:
    """Find those that are out of place; how many each host has."""
    region.pins_seen = nova.shows_pins
    listed = region.read("nova servers", nova.servers)
    if listed is None:
        return None
    servers, incomplete = listed
    region.servers_out_of_place = out_of_place(replace(observed, servers=servers))
    if incomplete:
        region.errors["nova servers"] = "; ".join(incomplete)
        return None
    return Counter(server.host for server in servers if server.host)


def _mirror(nova: Nova, placement: Placement, observed: Observed, region: Region) -> None:
    zoned = [aggregate for aggregate in observed.aggregates if aggregate.availability_zone is not None]
    providers = region.read("nova hypervisors", nova.all_providers)
    members = region.read("placement aggregates", lambda: members_of(zoned, placement))
    if providers is not None and members is not None:
        silent = sorted({host for aggregate in zoned for host in aggregate.hosts if not providers.get(host)})
        if silent:
            region.errors["placement aggregates"] = (
                f"nova lists no hypervisor of {', '.join(silent)}: their placement mirror is not compared"
            )
        region.placement_drift = drift(replace(observed, members=members, providers=providers))
