# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run costs, by the lab's count: the same number of calls for any number of zones and hosts."""

from __future__ import annotations

from collections import Counter

import pytest

from .conftest import MANY, MakeInventory
from .harness.cloud import Cloud
from .harness.inventory import EXAMPLE, hosts_of, lab_zones
from .harness.play import COLLECTION, Player, Run

PLAYBOOKS = COLLECTION / "tests" / "integration" / "playbooks"
SIGN_IN = ["GET /v3", "POST /v3/auth/tokens"]
NO_OP = ["GET /v2.1", "GET /v2.1/os-aggregates", "GET /v2.1/os-services"]


def spent(run: Run) -> dict[str, list[str]]:
    """All requests by service; each service's own in order."""
    return {service: run.calls(service) for service in dict.fromkeys(one.service for one in run.requests)}


def test_no_op_of_three_zones(play: Player, cloud: Cloud) -> None:
    for zone in lab_zones():
        cloud.add_aggregate(zone, zone, hosts_of(zone))
    run = play(PLAYBOOKS / "converge.yml", EXAMPLE)
    assert (run.rc, run.one("Converge").changed) == (0, False)
    assert spent(run) == {"keystone": SIGN_IN, "nova": NO_OP}


def test_no_op_of_many_zones(
    play: Player, cloud: Cloud, record_hosts: list[str], make_inventory: MakeInventory
) -> None:
    inventory = make_inventory({f"zone-{name}": {"compute": {"hosts": [name]}} for name in record_hosts})
    first = play(PLAYBOOKS / "converge.yml", inventory)
    assert first.rc == 0
    assert len(cloud.aggregates()) == MANY
    # The lock, three writes to each zone's aggregate and host at most, and a look before and after: nothing per pair of zones.
    assert len(first.written) <= 2 + 3 * MANY
    reads = [call for call in first.calls("nova") if call.startswith("GET")]
    assert len(reads) <= 15

    run = play(PLAYBOOKS / "converge.yml", inventory)
    assert (run.rc, run.one("Converge").changed) == (0, False)
    assert spent(run) == {"keystone": SIGN_IN, "nova": NO_OP}

    check = play(PLAYBOOKS / "converge.yml", inventory, "--check")
    assert spent(check) == {"keystone": SIGN_IN, "nova": NO_OP}


LOOK = {
    "keystone": SIGN_IN,
    "nova": [
        "GET /v2.1",
        "GET /v2.1/os-aggregates",
        "GET /v2.1/os-services",
        "GET /v2.1/os-availability-zone",
    ],
    "cinder": ["GET /v3/os-services", "GET /v3/os-availability-zone"],
    "manila": ["GET /v2/services", "GET /v2/availability-zones"],
    "neutron": ["GET /", "GET /v2.0/agents", "GET /v2.0/availability_zones"],
}


@pytest.mark.aged
def test_no_op_of_the_whole_site(play: Player, cloud: Cloud) -> None:
    for zone in lab_zones():
        cloud.add_aggregate(zone, zone, hosts_of(zone))
    run = play("zoneops.openstack.site", EXAMPLE)
    assert run.rc == 0
    # One process for all parts and the table: every listing once. Neutron has nothing to do with the map.
    wanted = {
        "keystone": SIGN_IN,
        "nova": [*LOOK["nova"], "GET /v2.1/os-hypervisors/detail"],
        "glance": ["GET /", "GET /v2/info/stores/detail"],
        "cinder": [
            *LOOK["cinder"],
            "GET /v3/scheduler-stats/get_pools?detail=true",
            "GET /v3/types/default",
            "GET /v3/types?is_public=none",
        ],
        "manila": [
            *LOOK["manila"],
            "GET /v2/scheduler-stats/pools/detail",
            "GET /v2/types/default",
            "GET /v2/types?is_public=all",
        ],
    }
    assert {service: sorted(calls) for service, calls in spent(run).items()} == {
        service: sorted(calls) for service, calls in wanted.items()
    }


def test_parts_with_nothing_to_do_are_read_once(play: Player, cloud: Cloud) -> None:
    """What is written is read by the first look, by its part before its lock, under it and after its writes, and for the table; all else twice."""
    run = play("zoneops.openstack.site", EXAMPLE)
    assert run.rc == 0
    assert len(cloud.aggregates()) == len(lab_zones())
    found = {service: Counter(calls) for service, calls in spent(run).items()}
    assert found["cinder"]["GET /v3/scheduler-stats/get_pools?detail=true"] == 2
    assert found["manila"]["GET /v2/scheduler-stats/pools/detail"] == 2
    assert sum(found["keystone"].values()) == 3 * len(SIGN_IN)
    assert len(run.written) == 2 + 3 * len(lab_zones())
    assert sum(map(len, spent(run).values())) <= 65


GATHER = {
    "everything": ({}, LOOK),
    "aggregates": ({"gather": ["aggregates"]}, {"keystone": SIGN_IN, "nova": LOOK["nova"][:2]}),
    "hosts": ({"gather": ["hosts"]}, {"keystone": SIGN_IN, "nova": LOOK["nova"][:3]}),
}


@pytest.mark.aged
@pytest.mark.parametrize("case", GATHER)
def test_look_at_the_region(play: Player, cloud: Cloud, case: str) -> None:
    options, expected = GATHER[case]
    run = play(PLAYBOOKS / "region_info.yml", "localhost,", "-e", repr(options))
    assert run.rc == 0
    assert {service: sorted(calls) for service, calls in spent(run).items()} == {
        service: sorted(calls) for service, calls in expected.items()
    }
