# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every wrong value of a data plane is found in its place, with its rule; and what follows from a right one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.errors import MapError
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import as_dict, load_map
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._rhoso import planes


def problems(change: tuple[Sequence[Any], Any], given: dict[str, Any] | None = None) -> list[tuple[str, str, str]]:
    """What is wrong after a change of zone az1 of a correct map. A value of None takes the key out."""
    zones = given or planes.zones()
    planes.loaded(zones)
    (*way, last), value = change
    place: Any = zones["az1"]
    for step in way:
        place = place[step] if isinstance(step, int) else place.setdefault(step, {})
    if value is None:
        del place[last]
    else:
        place[last] = value
    with pytest.raises(MapError) as caught:
        planes.loaded(zones)
    return [(problem.zone, problem.path, problem.rule) for problem in caught.value.problems]


PLANE = "data_plane"
NODE = (PLANE, "nodes", "r1-compute-0")
CASES = [
    (("kubernetes",), None, PLANE, "needs `kubernetes`"),
    (("image_store",), None, PLANE, "needs `image_store`"),
    ((PLANE, "nodes"), {}, "data_plane.nodes", "is empty"),
    ((PLANE, "nodes"), None, "data_plane.nodes", "is missing"),
    ((PLANE, "nodes", "R1"), {"address": "192.168.123.200"}, "data_plane.nodes.R1", "Kubernetes name"),
    ((*NODE, "address"), "r1-compute-0", "data_plane.nodes.r1-compute-0.address", "not an IP address"),
    ((*NODE, "ansible_port"), 0, "data_plane.nodes.r1-compute-0.ansible_port", "is not a port"),
    ((PLANE, "ansible_port"), 65536, "data_plane.ansible_port", "is not a port"),
    ((PLANE, "service"), "neutron-ovn", "data_plane.service", "a service that the operators create themselves"),
    ((*NODE, "address"), None, "data_plane.nodes.r1-compute-0.address", "missing"),
    ((*NODE, "address"), "192.168.122.100", "data_plane.nodes.r1-compute-0.address", "also that of zone az0"),
    ((*NODE, "address"), "192.168.123.101", "data_plane.nodes.r1-compute-1.address", "also that of nodes.r1-compute-0"),
    ((*NODE, "host_name"), "r0-compute-0", "data_plane.nodes.r1-compute-0", "also that of zone az0"),
    ((*NODE, "host_name"), "r1-compute-0.example.com", "data_plane.nodes.r1-compute-0.host_name", "Kubernetes name"),
    (
        (*NODE, "networks"),
        [{"name": "ctrlplane", "subnet": "s"}],
        "data_plane.nodes.r1-compute-0.networks",
        "did you mean",
    ),
    (
        (*NODE, "networks"),
        [{"name": "ctlplane", "subnet": "s"}, {"name": "ctlplane", "subnet": "t"}],
        "data_plane.nodes.r1-compute-0.networks",
        "is there twice",
    ),
    (
        (*NODE, "networks"),
        [
            {"name": "ctlplane", "subnet": "s", "default_route": True},
            {"name": "x", "subnet": "t", "default_route": True},
        ],
        "data_plane.nodes.r1-compute-0.networks",
        "several default routes",
    ),
    (
        (*NODE, "networks"),
        [{"name": "ctlplane", "subnet": "s", "fixed_ip": "192.168.122.101"}],
        "data_plane.nodes.r1-compute-0.networks[0].fixed_ip",
        "also that of zone az0",
    ),
    ((PLANE, "networks", 0, "fixed_ip"), "192.168.123.9", "data_plane.networks", "which all nodes would get"),
    ((PLANE, "networks"), None, "data_plane.nodes.r1-compute-0.networks", "are missing"),
    ((PLANE, "node_set"), "r0-compute-nodes", "data_plane.node_set", "also that of zone az0"),
    ((PLANE, "node_set"), "a" * 54, "data_plane.node_set", "at most 53"),
    ((PLANE, "service"), "nova", "data_plane.service", "create themselves"),
    ((PLANE, "service"), "nova-custom-az0", "data_plane.service", "also that of zone az0"),
    ((PLANE, "config_map"), "nova-extra-config-az0", "data_plane.config_map", "also that of zone az0"),
    ((PLANE, "config_key"), "a b", "data_plane.config_key", "not a key"),
    (
        (PLANE, "services"),
        ["bootstrap", "libvirt"],
        "data_plane.services",
        "the placeholder of the zone's own nova service",
    ),
    ((PLANE, "services"), ["nova", "nova-custom-az1"], "data_plane.services", "write the placeholder `nova` instead"),
    ((PLANE, "services"), ["nova", "nova"], "data_plane.services[1]", "twice"),
    (
        (PLANE, "config"),
        {"glance": {"endpoint_override": "x"}},
        "data_plane.config.glance.endpoint_override",
        "glance endpoint",
    ),
    (
        (PLANE, "config"),
        {"cinder": {"cross_az_attach": "x"}},
        "data_plane.config.cinder.cross_az_attach",
        "API and hosts",
    ),
    ((PLANE, "config"), {"DEFAULT": {"a": "x\ny"}}, "data_plane.config.DEFAULT.a", "one line"),
    ((PLANE, "config"), {"DEFAULT": {"rabbit_password": "x"}}, "data_plane.config.DEFAULT.rabbit_password", "secret"),
    ((PLANE, "ephemeral_pool"), "vms", "data_plane.ephemeral_pool", "needs the zone's `ceph`"),
    ((PLANE, "ansible_vars"), {"edpm-x": 1}, "data_plane.ansible_vars.edpm-x", "variable of Ansible"),
    ((PLANE, "ansible_vars"), {"edpm_password": "x"}, "data_plane.ansible_vars.edpm_password", "secret"),
    ((PLANE, "ansible_vars"), {"a": [{"token": "x"}]}, "data_plane.ansible_vars.a[0].token", "secret"),
    ((PLANE, "ansible_vars"), {"a": {"b": float("nan")}}, "data_plane.ansible_vars.a.b", "list or a mapping"),
    ((PLANE, "ansible_vars"), {"a": ["https://me:x@h"]}, "data_plane.ansible_vars.a[0]", "secret"),
    (("compute", "hosts"), ["r1-compute-0.ctlplane.example.com"], "compute.hosts", "lacks r1-compute-1"),
]


@pytest.mark.parametrize(("way", "value", "path", "rule"), CASES, ids=lambda value: str(value)[:40])
def test_what_is_wrong_is_found_in_its_place(way: tuple[Any, ...], value: Any, path: str, rule: str) -> None:
    found = problems((way, value))
    assert [text for zone, where, text in found if (zone, where) == ("az1", path) and rule in text], found


GATEWAY = planes.networkers(1, 1)
NETWORKERS: list[tuple[Any, str, str]] = [
    ([{"nodes": {}}], "networkers[0].nodes", "is empty"),
    ([{**GATEWAY, "services": ["ovn", "ssh-known-hosts", "nova"]}], "networkers[0].services", "hosts with servers"),
    ([{**GATEWAY, "services": ["ovn", "ssh-known-hosts", "libvirt"]}], "networkers[0].services", "hosts with servers"),
    ([{**GATEWAY, "services": ["ovn"]}], "networkers[0].services", "has no `ssh-known-hosts`"),
    ([GATEWAY, planes.networkers(2, 1)], "networkers[1].node_set", "also that of networkers[0].node_set"),
    ([{**GATEWAY, "node_set": "r0-compute-nodes"}], "networkers[0].node_set", "also that of zone az0"),
    ([{"nodes": {"gw": planes.node(1, 0)}}], "networkers[0].nodes.gw.address", "also that of nodes.r1-compute-0"),
    ([{"nodes": {"r1-compute-0": planes.node(1, 9)}}], "networkers[0].nodes.r1-compute-0", "also that of nodes.r1-"),
    (
        [{**GATEWAY, "networks": [{"name": "internalapi", "subnet": "s"}]}],
        "networkers[0].nodes.r1-networker-0.networks",
        "have no ctlplane",
    ),
    (
        [{"nodes": {"gw": {**planes.node(1, 9), "ansible_port": 0}}}],
        "networkers[0].nodes.gw.ansible_port",
        "is not a port",
    ),
    (["gw"], "networkers[0]", "mapping"),
]


@pytest.mark.parametrize(("value", "path", "rule"), NETWORKERS)
def test_what_is_wrong_with_networkers(value: Any, path: str, rule: str) -> None:
    found = problems(((PLANE, "networkers"), value))
    assert [item for item in found if item[:2] == ("az1", f"data_plane.{path}") and rule in item[2]], found


def test_networkers_are_no_hosts_of_nova() -> None:
    given = planes.zones()
    given["az1"]["data_plane"]["networkers"] = [GATEWAY]
    whole = planes.loaded(given)
    assert not [host for host in whole.zones["az1"].compute_hosts if "networker" in host]
    assert planes.loaded(as_dict(whole)["zones"]).zones == whole.zones


def test_ceph_needs_its_client_on_the_hosts() -> None:
    zones = {"az0": planes.zone(0), "az1": planes.with_ceph(1)}
    found = problems(((PLANE, "services"), ["bootstrap", "libvirt", "nova"]), zones)
    assert [text for _zone, path, text in found if path == "data_plane.services" and "ceph-client" in text], found


def test_nova_knows_the_hosts_by_their_domain() -> None:
    zones = planes.zones()
    zones["az1"]["data_plane"]["nodes"]["r1-compute-1"]["host_name"] = "other"
    zones["az1"]["data_plane"]["domain"] = "rack1.example.org"
    hosts = {name: zone.compute_hosts for name, zone in planes.loaded(zones).zones.items()}
    assert hosts == {
        "az0": ("r0-compute-0.ctlplane.example.com", "r0-compute-1.ctlplane.example.com"),
        "az1": ("r1-compute-0.rack1.example.org", "other.rack1.example.org"),
    }


def test_hosts_that_are_managed_elsewhere_may_stand_beside_the_nodes() -> None:
    zones = planes.zones()
    hosts = [f"r1-compute-{index}.ctlplane.example.com" for index in range(2)]
    zones["az1"]["compute"] = {"hosts": [*hosts, "old.example.com"]}
    assert planes.loaded(zones).zones["az1"].compute_hosts == (*hosts, "old.example.com")


def test_a_map_without_a_data_plane_has_no_hosts_of_its_own_accord() -> None:
    assert load_map({"az1": {"compute": {}}}, {"zones": ["az1"]}).zones["az1"].compute_hosts == ()
    assert load_map({"az1": {}}, {"zones": ["az1"]}).zones["az1"].compute is None


def test_the_normal_form_is_read_as_the_same_map() -> None:
    zones = planes.zones()
    zones["az1"]["data_plane"]["ansible_vars"] = {"edpm_a": [1, {"b": None}, "x\ny"], "edpm_c": {"d": True, "e": 1.5}}
    whole = planes.loaded(zones)
    assert load_map(**as_dict(whole)) == whole


def test_what_is_wrong_with_the_region() -> None:
    with pytest.raises(MapError) as caught:
        planes.loaded(planes.zones(), {"data_plane": {"ansible_port": 99999, "env": {"A-B": "x"}}})
    told = str(caught.value)
    assert "data_plane.ansible_port" in told
    assert "is not a port" in told
