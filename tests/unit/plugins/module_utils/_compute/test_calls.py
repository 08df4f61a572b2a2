# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exact calls of a run: few, and as many for a hundred hosts as for six."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Observed
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.reconcile import AvailabilityZones
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.converge import Converge
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.deadline import Deadline
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.zone_map import ZoneMap
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.clouds import (
    aggregate,
    cloud,
    options,
    server,
    zone_file,
    zone_map,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._compute.stand_in import StandIn, standing_in

VERSION = "compute GET /"
LISTS = ["compute GET /os-aggregates", "compute GET /os-services"]
SERVERS = "compute GET /servers/detail?all_tenants=True&soft_deleted=True"


def calls_of(region: StandIn, wanted: ZoneMap, *allow: str, check: bool = True, **rest: Any) -> list[str]:
    deadline = Deadline(60)
    asked = options(*allow, **{"only": tuple(wanted.zones), **rest})
    reconciler = AvailabilityZones(region.nova(), region.placement(), wanted, asked, deadline)
    verdicts = Converge(reconciler, check=check, deadline=deadline, settle=0).run()
    assert not any(verdict.failed for verdict in verdicts.values()), [v.message() for v in verdicts.values()]
    return region.calls


def cloud_of(zones: int, hosts: int) -> tuple[ZoneMap, Observed]:
    named = {f"az{z}": " ".join(f"c{z}-{h}" for h in range(hosts)) for z in range(zones)}
    return zone_map(**named), cloud(*(aggregate(name, hosts) for name, hosts in named.items()))


@pytest.mark.parametrize(("zones", "hosts"), [(1, 1), (3, 2), (10, 10)])
def test_a_no_op_costs_three_calls_whatever_the_size(zones: int, hosts: int) -> None:
    wanted, observed = cloud_of(zones, hosts)
    assert calls_of(standing_in(observed), wanted, check=False) == [VERSION, *LISTS]


@pytest.mark.parametrize(("zones", "hosts"), [(1, 1), (3, 2), (4, 10)])
def test_the_mirror_costs_one_listing_more_and_one_call_per_zone(zones: int, hosts: int) -> None:
    wanted, observed = cloud_of(zones, hosts)
    members = [f"placement GET /resource_providers?member_of=uuid-az{z}" for z in range(zones)]
    assert calls_of(standing_in(observed), wanted, check=False, mirror=True) == [
        VERSION,
        *LISTS,
        *members,
        "compute GET /os-hypervisors/detail",
    ]


def test_metadata_and_names_cost_no_further_look() -> None:
    wanted = zone_map(az1=zone_file("h1", metadata={"tier": "gold"}))
    region = standing_in(cloud(aggregate("rack", "h1", "az1")))
    assert calls_of(region, wanted) == [VERSION, *LISTS]


def test_a_host_that_joins_costs_the_servers_and_its_provider() -> None:
    region = standing_in(cloud(aggregate("az1", "h1"), hosts="h2"))
    assert calls_of(region, zone_map(az1="h1 h2")) == [
        VERSION,
        *LISTS,
        "compute GET /os-hypervisors/detail?hypervisor_hostname_pattern=h2",
        SERVERS,
    ]


def test_many_hosts_that_join_cost_one_listing() -> None:
    wanted, observed = cloud_of(2, 10)
    region = standing_in(Observed(hosts=observed.hosts))
    assert calls_of(region, wanted) == [VERSION, *LISTS, "compute GET /os-hypervisors/detail", SERVERS]


@pytest.mark.parametrize(("joining", "region_hosts", "lists"), [(2, 4, 1), (2, 30, 2), (10, 90, 10), (11, 90, 1)])
def test_hosts_are_asked_for_one_by_one_where_that_costs_less(joining: int, region_hosts: int, lists: int) -> None:
    names = [f"host-{number:02}" for number in range(region_hosts)]
    region = standing_in(cloud(hosts=" ".join(names)))
    found = region.nova().providers(names[:joining], of=region_hosts)
    assert sorted(found) == names[:joining]
    assert len([call for call in region.calls if "os-hypervisors" in call]) == lists


def test_a_host_that_leaves_costs_its_migrations_and_allocations_too() -> None:
    region = standing_in(cloud(aggregate("az1", "h1 h2"), aggregate("az2", "h3")))
    assert calls_of(region, zone_map(az1="h2", az2="h3 h1"), "host_moves") == [
        VERSION,
        *LISTS,
        "compute GET /os-hypervisors/detail?hypervisor_hostname_pattern=h1",
        "placement GET /resource_providers/provider-h1/allocations",
        "compute GET /os-migrations?host=h1",
        SERVERS,
    ]


def test_a_zone_without_hosts_that_goes_costs_the_servers() -> None:
    region = standing_in(cloud(aggregate("az1")))
    assert calls_of(region, zone_map(az1=""), state="absent") == [VERSION, *LISTS, SERVERS]


def test_a_refused_zone_is_looked_at_as_closely_so_that_all_reasons_are_said_at_once() -> None:
    busy = server("s", "h1")
    wanted = zone_map(az1="h2", az2="h3 h1")
    region = standing_in(cloud(aggregate("az1", "h1 h2"), aggregate("az2", "h3"), servers=[busy]))
    reconciler = AvailabilityZones(
        region.nova(), region.placement(), wanted, options(only=("az1", "az2")), Deadline(60)
    )
    verdict = Converge(reconciler, check=True, deadline=Deadline(60)).run()["az2"]
    assert [refusal.rule for refusal in verdict.refusals] == ["host_moves", "host_has_instances"]
    assert SERVERS in region.calls


def test_a_move_is_written_back_to_back_after_the_proof_that_the_host_is_empty() -> None:
    region = standing_in(cloud(aggregate("az1", "h1 h2"), aggregate("az2", "h3")))
    calls_of(region, zone_map(az1="h2", az2="h3 h1"), "host_moves", check=False)
    first = next(number for number, call in enumerate(region.calls) if "PUT" in call)
    assert region.calls[first : first + 8] == [
        "compute PUT /os-services/service-h1",
        "placement GET /resource_providers/provider-h1/traits",
        "compute GET /servers/detail?all_tenants=True&soft_deleted=True&host=h1",
        "placement GET /resource_providers/provider-h1/allocations",
        "compute GET /os-migrations?host=h1",
        "compute POST /os-aggregates/1/action",
        "compute POST /os-aggregates/2/action",
        "compute PUT /os-services/service-h1",
    ]


def test_a_hypervisor_that_is_not_called_like_its_host_is_found_in_the_whole_list() -> None:
    """nova answers 404 to a pattern that nothing matches."""
    region = standing_in(cloud(aggregate("az1", "h1"), hosts="h2"), nodes={"h2": "node-5"})
    assert calls_of(region, zone_map(az1="h1 h2"))[3:5] == [
        "compute GET /os-hypervisors/detail?hypervisor_hostname_pattern=h2",
        "compute GET /os-hypervisors/detail",
    ]


def test_a_host_without_a_hypervisor_is_not_discovered() -> None:
    region = standing_in(cloud(aggregate("az1", "h1"), hosts="h2"), hidden=frozenset({"h2"}))
    wanted = zone_map(az1="h1 h2")
    reconciler = AvailabilityZones(region.nova(), region.placement(), wanted, options(only=("az1",)), Deadline(60))
    verdict = Converge(reconciler, check=True, deadline=Deadline(60)).run()["az1"]
    assert [refusal.rule for refusal in verdict.refusals] == ["undiscovered_host"]


@pytest.mark.parametrize(("maximum", "source"), [((2, 96), False), ((2, 95), True)])
def test_pins_are_assumed_where_nova_does_not_show_them(maximum: tuple[int, int], source: bool) -> None:
    region = standing_in(cloud(aggregate("az1"), servers=[server("s", None, None)]), maximum=maximum)
    reconciler = AvailabilityZones(
        region.nova(), region.placement(), zone_map(az1=""), options(only=("az1",), state="absent"), Deadline(60)
    )
    verdict = Converge(reconciler, check=True, deadline=Deadline(60)).run()["az1"]
    assert verdict.failed is source, "an unpinned server, seen as such, is not in the way"


@pytest.mark.parametrize(
    ("partial", "servers"),
    [
        ([{"binary": "nova-compute", "host": "far", "status": "UNKNOWN"}], []),
        ([], [server("s", None, status="UNKNOWN")]),
    ],
)
def test_a_cell_that_is_down_stops_every_guarded_change(partial: list[dict[str, Any]], servers: list[Any]) -> None:
    region = standing_in(cloud(aggregate("az1"), hosts="h1", servers=servers), partial=partial)
    reconciler = AvailabilityZones(
        region.nova(), region.placement(), zone_map(az1="h1"), options(only=("az1",)), Deadline(60)
    )
    verdict = Converge(reconciler, check=False, deadline=Deadline(60)).run()["az1"]
    assert [refusal.rule for refusal in verdict.refusals] == ["incomplete_listing"]
    assert "a cell does not answer" in verdict.message()
    assert not region.writes


def test_only_aggregates_that_make_zones_are_compared_with_placement() -> None:
    region = standing_in(cloud(aggregate("az1", "h1"), aggregate("ssd", "h1", None), aggregate("az2", "h2")))
    calls = calls_of(region, zone_map(az1="h1"), compare_mirror=True)
    asked = [call.rpartition("=")[2] for call in calls if "member_of" in call]
    assert asked == ["uuid-az1", "uuid-az2"]
