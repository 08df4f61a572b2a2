# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What placement has in use, compared with what the servers of a host need; and what is asked for that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.evaluate import evaluate
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.build import build
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.kinds import ALLOCATIONS
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.read_uses import read_uses
from ansible_collections.zoneops.openstack.plugins.module_utils._findings.snapshot.uses import (
    Use,
    changed,
    used_of,
    uses,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._capacity.answers import (
    FLAVOR,
    SERVICES,
    fill,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    Answer,
    StandIn,
    standing_in,
)

from .regions import NOW, seen, server, zone_map
from .test_rules import RULES

BIG = {**FLAVOR, "vcpus": 4, "ram": 2048}
SINCE = datetime(2030, 1, 31, 11, 55, tzinfo=UTC)
RULE = "host-with-stray-allocations"
Entry = dict[str, Any]


def on(number: str, host: str | None, flavor: Entry | None = None, **more: Any) -> Entry:
    return server(number, host, None, flavor=flavor or FLAVOR, **more)


def stray(used: dict[str, int], *servers: Entry, left_out: tuple[str, ...] = ()) -> tuple[int, int] | None:
    found = uses({"a": used}, servers, left_out).get("a")
    return None if found is None else (found.stray("VCPU"), found.stray("MEMORY_MB"))


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        ((on("s", "a", BIG), on("t", "a")), (0, 0)),
        ((on("s", "a", BIG),), (1, 512)),
        ((on("s", "a", BIG), on("t", "b")), (1, 512)),
        # More than what is in use is another matter.
        ((on("s", "a", BIG), on("t", "a", BIG)), (0, 0)),
        ((on("s", "a", BIG), on("t", "a", status="SOFT_DELETED")), (0, 0)),
        # It has its allocation before it has its host.
        ((on("s", "a", BIG), on("t", None, status="BUILD")), (0, 0)),
        ((on("s", "a", BIG), on("t", None, status="SHELVED_OFFLOADED")), (1, 512)),
        ((on("s", "a", BIG), {**on("t", None), "OS-EXT-STS:task_state": "spawning"}), (0, 0)),
        # Memory only, as of a flavor with dedicated CPUs or with another amount by its extra specs.
        ((on("s", "a", {**BIG, "vcpus": 8}),), (0, 512)),
        ((on("s", "a", {**BIG, "extra_specs": {"resources:VCPU": "0"}}),), (5, 512)),
    ],
)
def test_what_no_server_needs(servers: tuple[Entry, ...], expected: tuple[int, int]) -> None:
    assert stray({"VCPU": 5, "MEMORY_MB": 2560}, *servers) == expected


def test_a_host_that_is_left_out_is_not_compared() -> None:
    assert stray({"VCPU": 5, "MEMORY_MB": 2560}, left_out=("a",)) is None


def test_only_what_a_host_itself_has_is_in_use_there() -> None:
    summaries = {
        "u1": {"resources": {"VCPU": {"used": 3, "capacity": 8}, "DISK_GB": {"used": 9, "capacity": 10}}},
        "gpu": {"resources": {"VGPU": {"used": 1, "capacity": 4}}},
    }
    assert used_of({"provider_summaries": summaries}, {"u1": "h1", "u2": "h2"}) == {"h1": {"VCPU": 3}}


def test_servers_that_changed() -> None:
    before = [on("stays", "a"), on("moves", "b"), on("goes", "c"), on("grows", "g"), on("stops", "h")]
    later = [
        *(on("moves", "d"), on("goes", "c", status="DELETED"), on("comes", "e"), on("is", None)),
        *(on("was", "f", status="DELETED"), on("grows", "g", BIG), on("stops", "h", status="SHUTOFF")),
    ]
    now, hosts = changed(before, later)
    places = {one["id"]: one["OS-EXT-SRV-ATTR:host"] for one in now}
    assert places == {"stays": "a", "moves": "d", "comes": "e", "is": None, "grows": "g", "stops": "h"}
    assert hosts == {"b", "c", "d", "e", "g"}


def test_the_finding_has_the_numbers() -> None:
    about = seen(uses={"az1-a": Use({"VCPU": 6, "MEMORY_MB": 2560}, {"VCPU": 4, "MEMORY_MB": 2048}, {})})
    outcome = evaluate(RULES, build(about, zone_map(), NOW))
    (finding,) = (one for one in outcome.findings if one.rule.id == RULE)
    assert (finding.zone, finding.name) == ("az1", "az1-a")
    assert finding.message == (
        "placement counts 6 vCPUs and 2560 MiB of it as used, but its servers need only 4 vCPUs and 2048 MiB: no server can use the difference"
    )
    silent = evaluate(RULES, build(seen(unread={ALLOCATIONS: "placement is silent"}), zone_map(), NOW))
    assert "placement is silent" in silent.unknown[RULE]


@pytest.fixture
def cloud() -> Iterator[StandIn]:
    with standing_in(SERVICES) as running:
        fill(running)
        yield running


def candidates(**used: tuple[int, int]) -> Answer:
    """Hosts with their vCPUs and memory in use."""
    summaries = {
        f"u-{host.replace('_', '-')}": {
            "resources": {
                "VCPU": {"capacity": 8, "used": vcpus},
                "MEMORY_MB": {"capacity": 2048, "used": memory},
            },
            "traits": [],
            "root_provider_uuid": f"u-{host.replace('_', '-')}",
        }
        for host, (vcpus, memory) in used.items()
    }
    return Answer(body={"allocation_requests": [], "provider_summaries": summaries})


ALL_FREE = {"az1_1": (0, 0), "az2_0": (0, 0), "az2_1": (0, 0)}


def look(
    cloud: StandIn, *answers: Answer, later: list[Entry] | None = None, moves: list[Entry] | None = None
) -> set[str]:
    """The hosts with something stray, of a server on az1-0."""
    cloud.on("GET", "/placement/allocation_candidates", *answers)
    cloud.on_get("/compute/servers/detail", {"servers": later or []})
    cloud.on_get("/compute/os-migrations", {"migrations": moves or []})
    asked = connect(cloud.params())
    asked.remember_reads()
    found = read_uses(asked, [on("s", "az1-0")], SINCE)
    return {host for host, use in found.items() if use.is_stray}


def paths(cloud: StandIn) -> list[str]:
    return [path for _method, path in cloud.seen if "servers" in path or "migrations" in path or "candidates" in path]


def test_nothing_more_is_asked_where_nothing_is_stray(cloud: StandIn) -> None:
    assert look(cloud, candidates(az1_0=(1, 512), **ALL_FREE)) == set()
    assert paths(cloud) == ["/placement/allocation_candidates?resources=MEMORY_MB%3A1"]


def test_what_changed_meanwhile_is_asked_where_something_is(cloud: StandIn) -> None:
    assert look(cloud, candidates(az1_0=(2, 1024), **ALL_FREE)) == {"az1-0"}
    asked = paths(cloud)
    assert asked[1] == "/compute/servers/detail?all_tenants=True&changes-since=2030-01-31T11%3A55%3A00Z"
    assert {path.partition("=")[2] for path in asked[2:-1]} == {
        *("accepted", "queued", "preparing", "pre-migrating", "migrating", "running", "post-migrating"),
        *("finished", "confirming", "reverting"),
    }
    assert asked[-1] == asked[0]


def test_what_was_in_use_for_a_moment_only_is_not_stray(cloud: StandIn) -> None:
    """As by a migration that failed while the audit looked, or by a server that came and went."""
    assert look(cloud, candidates(az1_0=(2, 1024), **ALL_FREE), candidates(az1_0=(1, 512), **ALL_FREE)) == set()


@pytest.mark.parametrize(
    ("later", "moves"),
    [
        ([on("new", "az1-0")], []),
        ([on("s", "az2-0")], []),
        ([on("s", "az1-0", status="DELETED")], []),
        ([], [{"source_compute": "az1-0", "dest_compute": "az2-0"}]),
        ([], [{"source_compute": "az2-0", "dest_compute": "az1-0"}]),
        ([on("new", None, status="BUILD")], []),
    ],
)
def test_a_host_on_which_servers_come_and_go_is_left_out(
    cloud: StandIn, later: list[Entry], moves: list[Entry]
) -> None:
    assert look(cloud, candidates(az1_0=(2, 1024), **ALL_FREE), later=later, moves=moves) == set()


def test_what_happened_before_the_list_is_of_no_matter(cloud: StandIn) -> None:
    later = [on("s", "az1-0", status="SHUTOFF"), on("gone", "az1-0", status="DELETED")]
    assert look(cloud, candidates(az1_0=(2, 1024), **ALL_FREE), later=later) == {"az1-0"}


def test_a_host_without_free_memory_is_found_by_its_vcpus(cloud: StandIn) -> None:
    full = candidates(az1_0=(2, 2048), **ALL_FREE)
    assert look(cloud, candidates(**ALL_FREE), full, candidates(**ALL_FREE), full) == {"az1-0"}
    assert paths(cloud)[1] == "/placement/allocation_candidates?resources=VCPU%3A1"


def test_a_dead_host_keeps_allocations_until_it_returns(cloud: StandIn) -> None:
    down = {
        "binary": "nova-compute",
        "state": "down",
        "status": "enabled",
        "disabled_reason": None,
        "forced_down": False,
    }
    listed = [{"id": name, "host": name, "zone": name[:3], **down} for name in ("az1-0", "az1-1", "az2-0", "az2-1")]
    cloud.on_get("/compute/os-services", {"services": listed})
    assert look(cloud, candidates(az1_0=(2, 1024), **ALL_FREE)) == set()


def test_providers_of_other_names_are_found_by_nova(cloud: StandIn) -> None:
    fill(cloud, names="node-{}")
    assert look(cloud, candidates(az1_0=(2, 1024), **ALL_FREE)) == {"az1-0"}
