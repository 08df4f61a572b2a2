# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every single wrong value is found in its place, with its rule: one table row per rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.errors import MapError
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map

FSIDS = ["3f1c0f5e-6f6e-4a52-9a1c-0d2f6f1b7a01", "8a7be3d2-54a9-4c4e-8c7f-5b9e2d6c4a02"]
REGION = {"zones": ["az1", "az2"], "cloud": "lab"}


def full_zone(number: int) -> dict[str, Any]:
    """A zone that says everything."""
    name = f"az{number}"
    return {
        "compute": {"hosts": [f"{name}-0", f"{name}-1"], "metadata": {"tier": "1"}},
        "kubernetes": {
            "workers": [f"w{number}"],
            "masters": [f"m{number}"],
            "load_balancer_address": f"172.17.0.{number}",
        },
        "ceph": {"fsid": FSIDS[number - 1]},
        "image_store": {},
        "volume_backends": [
            {"name": name},
            {"name": "array", "driver": "x.Y", "address": f"10.0.0.{number}", "options": {"san_login": "me"}},
        ],
        "share_backends": [{"name": name, "gateway": f"10.1.{number}.1", "nfs_cluster": name}],
        "storage_networks": [f"10.1.{number}.0/24"],
    }


def problems(change: tuple[Sequence[Any], Any], zone: str = "az2") -> list[tuple[str, str, str]]:
    """What is wrong after a change of a correct map, as (zone, path, rule)."""
    zones = {"az1": full_zone(1), "az2": full_zone(2)}
    load_map(zones, REGION)
    (*way, last), value = change
    place: Any = zones[zone]
    for step in way:
        place = place[step] if isinstance(step, int) else place.setdefault(step, {})
    if isinstance(place, list) and last == len(place):
        place.append(value)
    else:
        place[last] = value
    with pytest.raises(MapError) as caught:
        load_map(zones, REGION)
    return [(problem.zone, problem.path, problem.rule) for problem in caught.value.problems]


LIMIT = "instanceha:max_failures"
CASES = [
    (("availability_zone",), "a:b", "availability_zone", "zone:host"),
    (("availability_zone",), "nova", "availability_zone", "choose another"),
    (("availability_zone",), "internal", "availability_zone", "choose another"),
    (("availability_zone",), " az2", "availability_zone", "space"),
    (("availability_zone",), "x" * 300, "availability_zone", "300 characters"),
    (("availability_zone",), 2, "availability_zone", "quotes"),
    (("availability_zone",), "az1", "availability_zone", "also that of zone az1"),
    (("availability_zone",), "a,b", "availability_zone", "commas"),
    (("zone_state",), "dwon", "zone_state", "did you mean down?"),
    (("comptue",), {}, "comptue", "did you mean compute?"),
    (("allow",), ["host_moves"], "allow", "not a key"),
    (("compute",), ["a"], "compute", "mapping"),
    (("compute", "aggregate"), "az1", "compute.aggregate", "also that of zone az1"),
    (("compute", "aggregate"), "", "compute.aggregate", "empty"),
    (("compute", "hosts"), "az2-0", "compute.hosts", "list"),
    (("compute", "hosts", 1), "az1-0", "compute.hosts[1]", "also that of zone az1 (compute.hosts[0])"),
    (("compute", "hosts", 1), "az2-0", "compute.hosts[1]", "twice"),
    (("compute", "hosts", 1), "a b", "compute.hosts[1]", "not a host name"),
    (("compute", "hosts", 1), None, "compute.hosts[1]", "text"),
    (("compute", "metadata", "availability_zone"), "x", "compute.metadata.availability_zone", "availability_zone"),
    (("compute", "metadata", "a/b"), "x", "compute.metadata.a/b", "metadata key"),
    (("compute", "metadata", "k"), "x" * 256, "compute.metadata.k", "256"),
    (("compute", "metadata", "k"), 1.5, "compute.metadata.k", "quotes"),
    (("compute", "metadata", "db_password"), "x", "compute.metadata.db_password", "secret"),
    (("compute", "metadata", LIMIT), "half", f"compute.metadata.{LIMIT}", "is no whole number from 0"),
    (("compute", "metadata", LIMIT), "-1", f"compute.metadata.{LIMIT}", "is no whole number from 0"),
    (("compute", "metadata", 1), "x", "compute.metadata", "quotes"),
    (("kubernetes", "name"), "a" * 27, "kubernetes.name", "26"),
    (("kubernetes", "name"), "Az2", "kubernetes.name", "not a Kubernetes name"),
    (("kubernetes", "node_label"), "az1", "kubernetes.node_label", "also that of zone az1"),
    (("kubernetes", "topology"), "az1-node-affinity", "kubernetes.topology", "also that of zone az1"),
    (("kubernetes", "workers", 0), "w1", "kubernetes.workers[0]", "also that of zone az1"),
    (("kubernetes", "masters", 0), "w2", "kubernetes.masters[0]", "also that of this zone"),
    (("kubernetes", "load_balancer_address"), "172.17.0.300", "kubernetes.load_balancer_address", "IP address"),
    (("kubernetes", "load_balancer_address"), "172.17.0.1", "kubernetes.load_balancer_address", "its own address"),
    (("ceph", "fsid"), FSIDS[0], "ceph.fsid", "allow_shared_backends"),
    (("ceph", "fsid"), "AQDx", "ceph.fsid", "ceph fsid"),
    (("image_store", "name"), "az1", "image_store.name", "also that of zone az1"),
    (("image_store", "name"), "glance_store", "image_store.name", "service itself"),
    (("image_store", "type"), "cinder", "image_store.volume_type", "missing"),
    (("image_store", "type"), "nfs", "image_store.address", "missing"),
    (("image_store", "type"), "file", "image_store.type", "one pod"),
    (("image_store", "options", "a"), "x\ny", "image_store.options.a", "line"),
    (("image_store", "options", "a"), float("nan"), "image_store.options.a", "text"),
    (("image_store", "options", "a"), ["x"], "image_store.options.a", "text"),
    (("volume_backends", 1, "name"), "az2", "volume_backends[1].name", "also that of this zone"),
    (("volume_backends", 1, "kubernetes_name"), "az1", "volume_backends[1].kubernetes_name", "also that of zone az1"),
    (("volume_backends", 1, "driver"), None, "volume_backends[1].driver", "missing"),
    (("volume_backends", 1, "address"), "10.0.0.1", "volume_backends[1].address", "allow_shared_backends"),
    (("volume_backends", 1, "options", "san_password"), "x", "volume_backends[1].options.san_password", "reference"),
    (("volume_backends", 1, "options", "san_password"), 7, "volume_backends[1].options.san_password", "reference"),
    (("volume_backends", 1, "options", "a"), {"secret": "S"}, "volume_backends[1].options.a", "reference"),
    (("volume_backends", 1, "options", "url"), "http://me:x@h", "volume_backends[1].options.url", "secret"),
    (("volume_backends", 1, "options", "url"), "me:x@h:8080", "volume_backends[1].options.url", "secret"),
    (("volume_backends", 1, "options", "url"), "mount -o password=x", "volume_backends[1].options.url", "secret"),
    (("volume_backends", 1, "config_secrets"), ["A b"], "volume_backends[1].config_secrets[0]", "Kubernetes object"),
    (("volume_backends", 2), 1, "volume_backends[2]", "mapping"),
    (("share_backends", 0, "name"), "az1", "share_backends[0].name", "also that of zone az1"),
    (("share_backends", 0, "gateway"), "10.1.1.1", "share_backends[0].gateway", "allow_shared_backends"),
    (("share_backends", 0, "gateway"), "10.9.9.9", "share_backends[0].gateway", "storage_networks"),
    (("share_backends", 0, "protocols"), ["nfs"], "share_backends[0].protocols[0]", "CEPHFS"),
    (("share_backends", 0, "type"), "cephfs_nfs ", "share_backends[0].type", "did you mean cephfs_nfs"),
    (
        ("share_backends", 0, "driver_handles_share_servers"),
        "yes",
        "share_backends[0].driver_handles_share_servers",
        "true",
    ),
    (("storage_networks", 1), "10.1.2.1/24", "storage_networks[1]", "host bits"),
    (("storage_networks", 1), "10.1.2.0/33", "storage_networks[1]", "no such address"),
    (("backup",), {"type": "ceph"}, "backup", "per_zone"),
    (("password",), "x", "password", "secret"),
]


@pytest.mark.parametrize(("way", "value", "path", "rule"), CASES, ids=[f"{case[2]}-{case[3]}" for case in CASES])
def test_wrong_value_of_a_zone(way: tuple[Any, ...], value: Any, path: str, rule: str) -> None:
    found = problems((way, value))
    assert [item for item in found if item[:2] == ("az2", path) and rule in item[2]], found


REGION_CASES = [
    ({"zones": []}, "zones", "empty"),
    ({"zones": ["az1", "az2", "az1"]}, "zones[2]", "twice"),
    ({"zones": "az1"}, "zones", "list"),
    ({"cluod": "x"}, "cluod", "did you mean cloud?"),
    ({"interface": "outer"}, "interface", "one of public, internal, admin"),
    ({"default_availability_zone": "a:b"}, "default_availability_zone", "zone:host"),
    ({"allow_shared_backends": "no"}, "allow_shared_backends", "true or false"),
    ({"kubernetes": {"namespace": "A"}}, "kubernetes.namespace", "Kubernetes name"),
    ({"backup": {}}, "backup.zone", "missing"),
    ({"backup": {"zone": "az3"}}, "backup.zone", "not a zone of the region"),
    ({"backup": {"mode": "spread", "zone": "az1"}}, "backup.zone", "no meaning"),
    ({"backup": {"mode": "per_zone", "target": {"type": "ceph"}}}, "backup.target", "no meaning"),
    ({"backup": {"mode": "spread", "target": {"type": "ceph"}}}, "backup.target.ceph", "missing"),
    ({"backup": {"mode": "spread", "target": {}}}, "backup.target.type", "missing"),
    ({"backup": {"zone": "az1", "target": {"type": "nfs"}}}, "backup.target.path", "missing"),
    ({"backup": {"zone": "az1", "target": {"type": "vendor"}}}, "backup.target.driver", "missing"),
    ({"backup": {"mode": "spread", "target": {"ceph": {"fsid": FSIDS[1]}}}}, "backup.target.ceph.fsid", "of zone az2"),
    (
        {"backup": {"mode": "spread", "target": {"address": "10.0.0.1", "path": "/b"}}},
        "backup.target.address",
        "zone az1",
    ),
    ({"images": [{"name": "x", "file": "a.raw"}]}, "images[0].file", "absolute path"),
    ({"images": [{"name": "x", "url": "ftp://a/b"}]}, "images[0].url", "http or https"),
    ({"images": [{"name": "x", "checksum": "sha512:12"}]}, "images[0].checksum", "128 digits"),
    ({"images": [{"name": "x", "checksum": "12"}]}, "images[0].checksum", "begin with its kind"),
    ({"images": [{"name": "x", "url": "http://a/b"}]}, "images[0].disk_format", "missing"),
    ({"images": [{"name": "x", "url": "http://a/b", "file": "/a"}]}, "images[0].url", "one source"),
    ({"images": [{"name": "x", "checksum": f"md5:{'0' * 32}"}]}, "images[0].checksum", "file` or `url"),
    ({"images": [{"name": "x", "min_disk": -1}]}, "images[0].min_disk", "whole number"),
    ({"images": [{"name": "x", "min_ram": True}]}, "images[0].min_ram", "whole number"),
    ({"images": [{"name": "x", "properties": {"status": "y"}}]}, "images[0].properties.status", "glance's own"),
    ({"images": [{"name": "x", "properties": {"zoneops_x": "y"}}]}, "images[0].properties.zoneops_x", "reserved"),
    ({"images": [{"name": "x", "select": "a", "hidden": True}]}, "images[0].hidden", "with `select`"),
    ({"images": [{"name": "x"}, {"name": "x"}]}, "images[1].name", "images[0]"),
    ({"volume_types": [{}]}, "volume_types[0].name", "missing"),
    ({"volume_types": [{"name": " gold"}]}, "volume_types[0].name", "space"),
    ({"volume_types": [{"name": "{az}-gold"}]}, "volume_types[0].name", "only {zone} is replaced"),
    ({"volume_types": [{"name": "g", "zones": "some"}]}, "volume_types[0].zones", "has to be a list or all"),
    ({"volume_types": [{"name": "g", "zones": []}]}, "volume_types[0].zones", "empty"),
    ({"volume_types": [{"name": "g", "zones": ["az3"]}]}, "volume_types[0].zones[0]", "did you mean az2 or az1?"),
    ({"volume_types": [{"name": "g"}, {"name": "g", "zones": ["az1"]}]}, "volume_types[1].name", "volume_types[0]"),
    ({"volume_types": [{"name": "az2"}, {"name": "{zone}"}]}, "volume_types[1].name", "makes 'az2'"),
    ({"volume_types": [{"name": "g", "description": "of {zone}"}]}, "volume_types[0].description", "name too"),
    ({"volume_types": [{"name": "g", "extra_specs": {"k": "{zone}"}}]}, "volume_types[0].extra_specs", "name too"),
    ({"volume_types": [{"name": "g", "state": "gone"}]}, "volume_types[0].state", "one of present, absent"),
    ({"volume_types": [{"name": "g", "projects": ["p"]}]}, "volume_types[0].projects", "public: false"),
    ({"volume_types": [{"name": "g", "volume_backend_name": "az1"}]}, "volume_types[0].volume_backend_name", "az2"),
    (
        {"volume_types": [{"name": "g", "extra_specs": {"volume_backend_name": "a"}}]},
        "volume_types[0].extra_specs.volume_backend_name",
        "property",
    ),
    (
        {"volume_types": [{"name": "g", "extra_specs": {"RESKEY:availability_zones": "a"}}]},
        "volume_types[0].extra_specs.RESKEY:availability_zones",
        "zones",
    ),
    ({"share_types": [{"name": "{az}-gold"}]}, "share_types[0].name", "only {zone} is replaced"),
    ({"share_types": [{"name": "g", "zones": ["az3"]}]}, "share_types[0].zones[0]", "did you mean az2 or az1?"),
    ({"share_types": [{"name": "az2"}, {"name": "{zone}"}]}, "share_types[1].name", "makes 'az2'"),
    ({"share_types": [{"name": "g", "projects": ["p"]}]}, "share_types[0].projects", "public: false"),
    ({"share_types": [{"name": "g", "share_backend_name": "az1"}]}, "share_types[0].share_backend_name", "az2"),
    (
        {"share_types": [{"name": "g", "driver_handles_share_servers": True}]},
        "share_types[0].driver_handles_share_servers",
        "no share of it could be created",
    ),
    *(
        ({"share_types": [{"name": "g", "extra_specs": {key: "a"}}]}, f"share_types[0].extra_specs.{key}", rule)
        for key, rule in (
            ("availability_zones", "zones"),
            ("share_backend_name", "property"),
            ("driver_handles_share_servers", "property"),
            ("a b", "space"),
        )
    ),
]


@pytest.mark.parametrize(
    ("region", "path", "rule"), REGION_CASES, ids=[f"{case[1]}-{case[2]}" for case in REGION_CASES]
)
def test_wrong_value_of_the_region(region: dict[str, Any], path: str, rule: str) -> None:
    with pytest.raises(MapError) as caught:
        load_map({"az1": full_zone(1), "az2": full_zone(2)}, {**REGION, **region})
    found = [(problem.zone, problem.path, problem.rule) for problem in caught.value.problems]
    assert [item for item in found if item[:2] == ("", path) and rule in item[2]], found


def test_an_image_is_only_for_zones_whose_store_is_managed() -> None:
    zones: dict[str, Any] = {"az1": {}, "az2": {"image_store": {}}}
    with pytest.raises(MapError) as caught:
        load_map(zones, {"zones": ["az1", "az2"], "images": [{"name": "x"}]})
    assert [(problem.path, problem.rule[:13]) for problem in caught.value.problems] == [
        ("images[0].zones", "has zone az1,")
    ]
    load_map(zones, {"zones": ["az1", "az2"], "images": [{"name": "x", "zones": ["az2"]}]})


def test_a_type_lists_zones_with_commas_and_within_a_spec() -> None:
    zones = {"az1": {"availability_zone": "a" * 200}, "az2": {"availability_zone": "b," * 50}}
    with pytest.raises(MapError) as caught:
        load_map(zones, {"zones": ["az1", "az2"], "volume_types": [{"name": "gold"}]})
    found = [(problem.path, problem.rule) for problem in caught.value.problems]
    assert [path for path, _rule in found] == ["volume_types[0].zones"] * 2
    assert "az2" in found[0][1]
    assert "301 characters" in found[1][1]


def test_a_share_type_says_which_of_its_back_ends_it_means_where_they_differ_in_share_servers() -> None:
    other = {"name": "az2-servers", "driver_handles_share_servers": True}
    zones = {"az1": {"share_backends": [{}]}, "az2": {"share_backends": [{}, other]}}
    region = {"zones": ["az1", "az2"]}
    with pytest.raises(MapError) as caught:
        load_map(zones, {**region, "share_types": [{"name": "gold"}]})
    assert [problem.path for problem in caught.value.problems] == ["share_types[0].driver_handles_share_servers"]
    said = [
        {"name": "gold", "driver_handles_share_servers": False},
        {"name": "{zone}", "zones": ["az2"], "share_backend_name": "az2-servers"},
    ]
    assert len(load_map(zones, {**region, "share_types": said}).region.share_types) == 2


def test_default_availability_zone_of_the_cloud_is_no_zone() -> None:
    with pytest.raises(MapError) as caught:
        load_map({"az1": full_zone(1), "az2": full_zone(2)}, {**REGION, "default_availability_zone": "az2"})
    assert [(problem.zone, problem.path) for problem in caught.value.problems] == [("az2", "availability_zone")]


def test_group_and_region_differ_both_ways() -> None:
    with pytest.raises(MapError) as caught:
        load_map({"az1": {}, "az22": {}}, REGION)
    assert [str(problem) for problem in caught.value.problems] == [
        (
            "zone az2: is in zoneops_region.zones but not in the inventory's group (did you mean az22?); "
            "add it to the group or remove it from the list"
        ),
        (
            "zone az22: is in the inventory's group but not in zoneops_region.zones (did you mean az2?); "
            "add it to the list or remove it from the group"
        ),
    ]


def test_a_wrong_default_names_where_it_comes_from() -> None:
    with pytest.raises(MapError, match=r"availability_zone = 'nova': \(default: the zone's inventory name\) cannot be"):
        load_map({"nova": {}}, {"zones": ["nova"]})


def test_wrong_items_do_not_shift_the_paths_of_the_others() -> None:
    found = problems((("compute", "hosts"), ["a b", "az1-0"]))
    assert ("az2", "compute.hosts[1]") in [item[:2] for item in found]


def test_shared_systems_are_allowed_by_the_region() -> None:
    zones = {"az1": full_zone(1), "az2": full_zone(2)}
    zones["az2"]["ceph"]["fsid"] = FSIDS[0]
    zones["az2"]["share_backends"][0]["gateway"] = "10.1.1.1"
    zones["az2"]["storage_networks"] = []
    assert load_map(zones, {**REGION, "allow_shared_backends": True})


def test_one_system_may_serve_everything_within_its_zone() -> None:
    zone = full_zone(1)
    zone["share_backends"].append({"name": "array", "driver": "x.Y", "address": "10.0.0.1"})
    assert load_map({"az1": zone}, {"zones": ["az1"]})


def test_addresses_are_compared_as_addresses() -> None:
    zones = {"az1": full_zone(1), "az2": full_zone(2)}
    zones["az1"]["kubernetes"]["load_balancer_address"] = "fd00::1"
    zones["az2"]["kubernetes"]["load_balancer_address"] = "fd00:0:0::0001"
    zones["az1"]["volume_backends"][1]["address"] = "Array.example.com"
    zones["az2"]["volume_backends"][1]["address"] = "array.example.com."
    with pytest.raises(MapError) as caught:
        load_map(zones, REGION)
    assert [problem.path for problem in caught.value.problems] == [
        "kubernetes.load_balancer_address",
        "volume_backends[1].address",
    ]
