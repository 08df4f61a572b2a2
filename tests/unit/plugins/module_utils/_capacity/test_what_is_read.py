# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of nova, placement and neutron as facts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.facts.hosts import (
    Offers,
    hosts_of,
    providers_by_name,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.facts.networks import (
    physical_of,
    ports_of,
    reach_of,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.facts.servers import (
    Ports,
    Surroundings,
    groups_of,
    workloads,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.facts.shapes import MEMORY, VCPU
from ansible_collections.zoneops.openstack.plugins.module_utils._capacity.model import Volume
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Aggregate, Observed
from ansible_collections.zoneops.openstack.plugins.module_utils._compute.model import Host as Service
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._capacity.regions import server

FLAVOR = {"original_name": "m1", "vcpus": 1, "ram": 512, "disk": 0, "ephemeral": 0, "swap": 0, "extra_specs": {}}


def summary(root: str, traits: tuple[str, ...] = (), **resources: tuple[int, int]) -> dict[str, Any]:
    amounts = {name: {"capacity": capacity, "used": used} for name, (capacity, used) in resources.items()}
    return {"resources": amounts, "traits": list(traits), "root_provider_uuid": root, "parent_provider_uuid": None}


def candidate(**parts: dict[str, int]) -> dict[str, Any]:
    return {"allocations": {provider: {"resources": resources} for provider, resources in parts.items()}}


def service(name: str, **values: Any) -> Service:
    return Service(**{"name": name, "service_id": name, "zone": "nova", "state": "up", "status": "enabled", **values})


def test_offers() -> None:
    offers = Offers({"u1": "h1", "u2": "h2"})
    answer = {
        "allocation_requests": [candidate(u1={"VCPU": 1}), candidate(u3={"VCPU": 1})],
        "provider_summaries": {"u1": summary("u1", ("FAST",), VCPU=(8, 3)), "u3": summary("u3", VCPU=(8, 0))},
    }
    offers.add("small", answer)
    # A provider that is no compute host, as of another service, is none of ours.
    assert offers.by_request == {"small": {"h1"}}
    assert (offers.room, offers.capacity, offers.traits) == (
        {"h1": {"VCPU": 5}},
        {"h1": {"VCPU": 8}},
        {"h1": frozenset(("FAST",))},
    )


def test_overcommitted_hosts_have_no_negative_room() -> None:
    offers = Offers({"u1": "h1"})
    summaries = {"u1": summary("u1", VCPU=(8, 9), MEMORY_MB=(10, 0))}
    offers.add("any", {"allocation_requests": [candidate(u1={"MEMORY_MB": 1})], "provider_summaries": summaries})
    assert offers.room["h1"] == {"VCPU": 0, "MEMORY_MB": 10}


def test_parts_of_a_host_and_what_it_shares() -> None:
    offers = Offers({"u1": "h1"})
    summaries = {
        "u1": summary("u1", VCPU=(8, 0)),
        "gpu-a": summary("u1", ("GPU",), VGPU=(4, 3)),
        "gpu-b": summary("u1", VGPU=(4, 1)),
        "pool": summary("pool", DISK_GB=(100, 20)),
    }
    requests = [
        candidate(**{"u1": {"VCPU": 1}, part: {"VGPU": 1}, "pool": {"DISK_GB": 5}}) for part in ("gpu-a", "gpu-b")
    ]
    offers.add("gpu", {"allocation_requests": requests, "provider_summaries": summaries})
    # Two of a part with 1 and one with 3 do not make 4 that one server could have.
    assert offers.room["h1"] == {"VCPU": 8, "VGPU": 3, "DISK_GB": 80}
    assert offers.shared == {"pool": {"h1"}}
    assert "GPU" in offers.traits["h1"]


def test_providers_by_name() -> None:
    assert providers_by_name({"u1": "h1", "u2": "pool"}, ["h1"]) == {"u1": "h1"}
    assert providers_by_name({"u1": "node-1"}, ["h1"]) is None


def test_hosts() -> None:
    services = {
        "a": service("a"),
        "off": service("off", status="disabled", disabled_reason="spare"),
        "down": service("down", state="down"),
        "forced": service("forced", forced_down=True),
        "trait": service("trait"),
        "several": service("several"),
        "locked": service("locked", zone="lock of x"),
        "full": service("full"),
    }
    aggregates = (
        Aggregate("az1", "az1", {"tier": "gold"}, ("a", "off")),
        Aggregate("gpu", None, {"filter_tenant_id": "p"}, ("a",)),
    )
    offers = Offers({}, {"a": {VCPU: 8}}, {"a": {VCPU: 2}}, {"trait": frozenset(("COMPUTE_STATUS_DISABLED",))})
    found = hosts_of(Observed(aggregates, services), offers, {"several"}, [server("s", where="full")])
    assert {name: host.unusable for name, host in found.items() if host.unusable} == {
        "off": "is disabled (spare)",
        "down": "is down",
        "forced": "is down",
        "trait": "is enabled, but placement still marks it as disabled (COMPUTE_STATUS_DISABLED)",
        "several": "has several resource providers, like bare metal: it is not counted",
        "locked": "is in the aggregate of a run's lock",
    }
    assert [(found[name].zone, found[name].zoned) for name in ("a", "down")] == [("az1", True), ("nova", False)]
    assert found["a"].metadata == {("tier", "gold"), ("filter_tenant_id", "p")}
    assert (found["a"].capacity, found["a"].room) == ({VCPU: 8}, {VCPU: 2})
    # One that placement does not list has no room, and as much as its servers use.
    assert (found["full"].capacity, found["full"].room) == ({MEMORY: 1024, VCPU: 1}, {})


def surroundings(**values: Any) -> Surroundings:
    known = {"zones": {"h1": "az1"}, "volumes": {}, "attached": {}, "images": {}, "ports": Ports(), "pins_seen": True}
    return Surroundings(**{**known, **values})


def entry(**values: Any) -> dict[str, Any]:
    base = {"id": "s1", "name": "web", "tenant_id": "p", "status": "ACTIVE", "OS-EXT-SRV-ATTR:host": "h1"}
    return {**base, "flavor": FLAVOR, "image": {"id": "i1"}, "pinned_availability_zone": "az1", **values}


def workload(of: Surroundings, **values: Any) -> Any:
    (found,) = workloads([entry(**values)], groups_of([], {}), of)
    return found


def test_servers() -> None:
    found = workload(surroundings(), **{"OS-EXT-STS:task_state": "migrating"})
    assert (found.id, found.host, found.pinned, found.task, found.project) == ("s1", "h1", "az1", "migrating", "p")
    assert found.shape.local
    assert not workload(surroundings(), image="").shape.local
    # Before 2.96 each counts as pinned to where it is.
    assert workload(surroundings(pins_seen=False), pinned_availability_zone=None).pinned == "az1"
    assert workload(surroundings(), pinned_availability_zone=None).pinned is None


def test_a_server_that_stands_for_another() -> None:
    of, marked = surroundings(), {"metadata": {"zoneops_restored_from": "old"}}
    assert workload(of, **marked, tags=["zoneops:restored"]).stands_for == "old"
    assert workload(of, **marked, tags=None).stands_for == ""
    assert workload(of, tags=["zoneops:restored"]).stands_for == ""


def test_servers_without_a_host_are_not_counted() -> None:
    entries = [entry(**{"OS-EXT-SRV-ATTR:host": host}) for host in (None, "", "unknown")]
    assert list(workloads(entries, groups_of([], {}), surroundings())) == []


def test_volumes_of_servers_as_nova_and_as_cinder_have_them() -> None:
    listed = {"os-extended-volumes:volumes_attached": [{"id": "v1"}]}
    found = workload(surroundings(volumes={"v1": Volume("v1", "az1")}, attached={"s1": ("v1", "v2")}), **listed)
    assert found.volumes == ("v1", "v2")


def test_networks_of_servers() -> None:
    wired = Ports({"s1": frozenset(("n",))}, {"s1": ("a port of type direct",)})
    found = workload(surroundings(ports=wired))
    assert (found.networks, found.by_hand) == ({"n"}, ("a port of type direct",))
    # Neutron that cannot be read is unknown only to those that have addresses.
    assert workload(surroundings(ports=None), addresses={"net": []}).networks is None
    assert workload(surroundings(ports=None), addresses={}).networks == frozenset()


def test_properties_of_images_that_matter() -> None:
    image = {"trait:X": "required", "hw_tpm_version": "2.0", "os_type": "linux", "mood": "good"}
    found = workload(surroundings(images={"i1": image, "v1": {"trait:Y": "required"}}, keys={"os_type"})).shape
    assert (found.required, found.by_hand, found.image) == (
        {"X"},
        ("a vTPM",),
        (("hw_tpm_version", "2.0"), ("os_type", "linux"), ("trait:X", "required")),
    )
    volume = {"os-extended-volumes:volumes_attached": [{"id": "v1"}]}
    assert workload(surroundings(images={"v1": {"trait:Y": "required"}}), image="", **volume).shape.required == {"Y"}


def test_groups() -> None:
    hosts = {"a": "h1", "b": "h2", "c": "h1"}
    listed: list[dict[str, Any]] = [
        {
            "id": "g1",
            "name": "web",
            "policy": "anti-affinity",
            "rules": {"max_server_per_host": 2},
            "members": ["a", "b", "gone"],
        },
        {"id": "g2", "name": "old", "policies": ["affinity"], "members": ["c"]},
        {"id": "g3", "name": "soft", "policy": "soft-anti-affinity", "members": ["b"]},
    ]
    found = groups_of(listed, hosts)
    assert {name: (group.most, dict(group.there)) for name, group in found.apart.items()} == {
        "g1": (2, {"h1": 1, "h2": 1})
    }
    assert (found.of, found.hosts) == ({"a": "g1", "b": "g1", "gone": "g1"}, {"c": frozenset(("h1",))})


def test_ports() -> None:
    found = ports_of(
        [
            {"device_id": "s1", "network_id": "n1", "binding:vnic_type": "normal"},
            {
                "device_id": "s1",
                "network_id": "n2",
                "binding:vnic_type": "direct",
                "resource_request": {"resources": {}},
            },
            {"device_id": "", "network_id": "n1"},
        ]
    )
    assert found.networks == {"s1": {"n1", "n2"}}
    assert found.by_hand == {"s1": ("a port of type direct", "a port with guaranteed bandwidth")}


def test_physical_networks() -> None:
    segments = [{"provider:physical_network": "p1"}, {"provider:physical_network": "p2"}]
    listed: list[dict[str, Any]] = [
        {"id": "flat", "provider:physical_network": "p1"},
        {"id": "tunnel", "provider:physical_network": None},
        {"id": "routed", "segments": segments},
    ]
    assert physical_of(listed) == {"flat": {"p1"}, "tunnel": frozenset(), "routed": {"p1", "p2"}}


@pytest.mark.parametrize(
    "configured",
    [
        {"bridge_mappings": {"p1": "br-ex", "p2": "br-2"}},
        {"bridge-mappings": "p1:br-ex,p2:br-2"},
        {"interface_mappings": {"p1": "eth0"}, "device_mappings": {"p2": ["eth1"]}},
    ],
)
def test_reach(configured: dict[str, Any]) -> None:
    agents: list[dict[str, Any]] = [
        {"host": "h1", "configurations": configured},
        {"host": "elsewhere", "configurations": {"bridge_mappings": {"p9": "br"}}},
        {"host": "h2", "configurations": None},
    ]
    assert reach_of(agents, {"h1": "az1", "h2": "az2"}) == {"az1": {"p1", "p2"}, "az2": frozenset()}
    # Neutron calls hosts by other names than nova does.
    assert reach_of(agents, {"h1.example": "az1"}) == {"az1": {"p1", "p2"}}
    # One that could be several is none.
    assert reach_of(agents, {"h1.a": "az1", "h1.b": "az2"}) == {}
