# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A region as it is becomes an inventory whose zone map describes exactly that."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.text.scrub import MASK, UNPRINTABLE
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.errors import MapError
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.from_cloud.export import (
    File,
    inventory_files,
    inventory_names,
)
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.from_cloud.files import content
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.load import load_map
from ansible_collections.zoneops.openstack.plugins.module_utils._zones.schema.names import AVAILABILITY_ZONE
from hypothesis import given
from hypothesis import strategies as st


def aggregate(name: str, zone: str | None, hosts: list[str], **metadata: str) -> dict[str, Any]:
    return {"name": name, "availability_zone": zone, "hosts": hosts, "metadata": metadata}


def files(*aggregates: dict[str, Any], **more: Any) -> dict[str, File]:
    return {file.path: file for file in inventory_files({"aggregates": aggregates, **more})}


def test_a_zone_that_is_called_like_its_aggregate_needs_its_hosts_only() -> None:
    found = files(aggregate("az1", "az1", ["b", "a"]))
    assert list(found) == ["hosts.yml", "group_vars/zones.yml", "host_vars/az1.yml"]
    assert found["hosts.yml"].data == {"zones": {"hosts": {"az1": {}}}}
    assert found["group_vars/zones.yml"].data == {"zoneops_region": {"zones": ["az1"]}}
    assert found["host_vars/az1.yml"].data == {"zoneops_zone": {"compute": {"hosts": ["a", "b"]}}}


def test_the_cloud_and_its_region_are_taken_over() -> None:
    found = inventory_files({"aggregates": [aggregate("az1", "az1", ["a"])]}, "prod", "RegionTwo")
    (region,) = [file.data["zoneops_region"] for file in found if file.path == "group_vars/zones.yml"]
    assert (region["cloud"], region["region_name"]) == ("prod", "RegionTwo")


def test_a_file_is_as_people_write_it() -> None:
    """Keys in their order, letters of any language, long lines left whole."""
    text = "Zürich " + "x" * 100
    file = File("host_vars/az1.yml", {"zoneops_zone": {"z": 1, "a": text}}, ["a remark"])
    assert content(file) == f"---\n# a remark\nzoneops_zone:\n  z: 1\n  a: {text}\n"


BACKEND = {"backend": "az1", "availability_zone": "az1", "names": ["az1"]}
TYPE = {"name": "gold", "public": True, "description": None, "projects": None}


def stored(*types: dict[str, Any], backends: list[dict[str, Any]] | None = None) -> tuple[dict[str, File], list[str]]:
    """The files of a region of two zones with these share types, and the region's remarks."""
    zones = (aggregate("az1", "az1", ["a"]), aggregate("rack", "Zürich Süd", ["b"]))
    found = files(*zones, share_backends=backends or [], share_types=[{**TYPE, **one} for one in types])
    return found, found["group_vars/zones.yml"].remarks


def test_share_back_ends_stand_in_the_file_of_their_zone() -> None:
    other = {**BACKEND, "backend": "b2", "names": ["shared"], "driver_handles_share_servers": True}
    down = {**BACKEND, "backend": "b3", "names": []}
    found, _remarks = stored(backends=[other, BACKEND, down, {**BACKEND, "availability_zone": "elsewhere"}])
    assert found["host_vars/az1.yml"].data["zoneops_zone"]["share_backends"] == [
        {"name": "az1"},
        {"name": "b2", "share_backend_name": "shared", "driver_handles_share_servers": True},
        {"name": "b3"},
    ]
    assert "share_backends" not in found["host_vars/Zurich-Sud.yml"].data["zoneops_zone"]


def test_share_types_that_name_zones_are_types_of_the_region() -> None:
    specs = {"availability_zones": "az1", "driver_handles_share_servers": "False", "share_backend_name": "az1"}
    found, remarks = stored(
        {"extra_specs": {"snapshot_support": "True"}},
        {
            "name": "one",
            "public": False,
            "projects": ["p"],
            "description": "d",
            "extra_specs": {**specs, "tier": "gold", "api_token": "x"},
        },
        {"name": "both", "extra_specs": {"availability_zones": "Zürich Süd, az1"}},
        backends=[BACKEND],
    )
    region = found["group_vars/zones.yml"].data["zoneops_region"]
    assert region["share_types"] == [
        {"name": "both", "zones": ["Zurich-Sud", "az1"]},
        {
            "name": "one",
            "zones": ["az1"],
            "share_backend_name": "az1",
            "driver_handles_share_servers": False,
            "extra_specs": {"tier": "gold"},
            "public": False,
            "projects": ["p"],
            "description": "d",
        },
    ]
    assert remarks == ["Extra spec 'api_token' of share type 'one' looks like a secret and was not imported."]


def test_a_share_type_that_the_map_cannot_have_is_left_out_with_the_reason() -> None:
    found, remarks = stored(
        {"name": "wide", "extra_specs": {"availability_zones": "az1,elsewhere"}},
        {"name": "ghost", "extra_specs": {"availability_zones": "az1", "share_backend_name": "ghost"}},
        backends=[BACKEND],
    )
    assert "share_types" not in found["group_vars/zones.yml"].data["zoneops_region"]
    assert len(remarks) == 2
    assert "also in elsewhere" in remarks[0]
    assert "is not a back end of zone az1, which has az1" in remarks[1]


def test_projects_of_a_private_volume_type_are_taken_over() -> None:
    specs = {"RESKEY:availability_zones": "az1"}
    kinds = [{"id": "1", "name": "gold", "public": False, "extra_specs": specs, "projects": ["p"]}]
    region = files(aggregate("az1", "az1", ["a"]), volume_types=kinds)["group_vars/zones.yml"].data["zoneops_region"]
    assert region["volume_types"] == [{"name": "gold", "zones": ["az1"], "public": False, "projects": ["p"]}]


def pictured(*stores: str, images: list[dict[str, Any]] | None = None) -> tuple[dict[str, File], File]:
    """The files of a region of two zones with these stores, and that of the region."""
    zones = (aggregate("az1", "az1", ["a"]), aggregate("rack", "zones", ["b"]))
    found = files(*zones, image_stores=[{"id": store} for store in stores], images=images or [])
    return found, found["group_vars/zones.yml"]


def image(*stores: str, **values: Any) -> dict[str, Any]:
    return {"visibility": "public", "status": "active", "hidden": False, "stores": list(stores), **values}


def test_stores_that_are_called_like_zones_are_theirs() -> None:
    found, region = pictured("az1", "zones", "central")
    assert found["host_vars/az1.yml"].data["zoneops_zone"]["image_store"] == {}
    assert found["host_vars/zones-2.yml"].data["zoneops_zone"]["image_store"] == {"name": "zones"}
    (remark,) = region.remarks
    assert remark.startswith("Image store 'central' is named after no zone")


EVERYWHERE = {"name": "public images", "select": "visibility == 'public'"}


@pytest.mark.parametrize(
    ("images", "policy", "remark"),
    [
        ([image("az1", "zones-2"), image("az1", visibility="private")], [EVERYWHERE], ""),
        ([], [], ""),
        ([image("az1", "zones-2"), image("az1")], [], "1 of 2 public images are not in the stores of all zones"),
        ([image("az1", "zones-2", status="queued")], [], "1 of 1 public images are not"),
        (
            [image("az1", "zones-2"), image("az1", hidden=True)],
            [{**EVERYWHERE, "select": "visibility == 'public' && !os_hidden"}],
            "",
        ),
    ],
)
def test_public_images_that_are_everywhere_are_a_policy(
    images: list[dict[str, Any]], policy: list[dict[str, Any]], remark: str
) -> None:
    _files, region = pictured("az1", "zones-2", images=images)
    assert region.data["zoneops_region"].get("images", []) == policy
    assert [text for text in region.remarks if remark and text.startswith(remark)] == region.remarks


def test_no_policy_where_a_zone_has_no_store_of_its_own() -> None:
    _files, region = pictured("az1", images=[image("az1")])
    assert "images" not in region.data["zoneops_region"]


def test_unfit_names_become_slugs() -> None:
    assert inventory_names(["Halle Süd/1", "日本", "az1", "AZ1", "all", "x" * 255, "halle sud/1"]) == {
        "Halle Süd/1": "Halle-Sud-1",
        "日本": "zone",
        "az1": "az1-2",
        "AZ1": "AZ1",
        "all": "all-2",
        "x" * 255: "x" * 63,
        "halle sud/1": "halle-sud-1-2",
    }
    zone = files(aggregate("sued", "Halle Süd/1", []))["host_vars/Halle-Sud-1.yml"].data["zoneops_zone"]
    assert zone == {"availability_zone": "Halle Süd/1", "compute": {"aggregate": "sued", "hosts": []}}


def test_of_two_aggregates_the_one_called_like_the_zone_is_taken() -> None:
    found = files(aggregate("big", "az1", ["a", "b"]), aggregate("az1", "az1", ["c"]))["host_vars/az1.yml"]
    assert found.data["zoneops_zone"] == {"compute": {"hosts": ["c"]}}
    assert found.remarks == [
        "Availability zone 'az1' is also that of aggregate 'big', which is not imported and stays unchanged, with its hosts: a, b."
    ]


def test_else_the_one_with_the_most_hosts() -> None:
    found = files(aggregate("small", "az1", ["c"]), aggregate("big", "az1", ["a", "b"]))["host_vars/az1.yml"]
    assert found.data["zoneops_zone"]["compute"] == {"aggregate": "big", "hosts": ["a", "b"]}


def test_zones_that_the_map_refuses_are_left_out_and_said() -> None:
    found = files(
        aggregate("az1", "az1", ["a"]),
        aggregate("n", "nova", ["b"]),
        aggregate("d", "rest", ["c"]),
        aggregate("ssd", None, ["a"]),
        hosts=[{"name": "lost", "availability_zone": None}, {"name": "a", "availability_zone": "az1"}],
        default_availability_zone="rest",
    )["group_vars/zones.yml"]
    assert found.data["zoneops_region"] == {"zones": ["az1"], "default_availability_zone": "rest"}
    assert [remark.split(":")[0] for remark in found.remarks] == [
        "Not imported",
        "Not imported",
        "Compute hosts in no availability zone",
    ]
    assert "lost" in found.remarks[2]


def test_metadata_are_kept_but_no_secret() -> None:
    found = files(aggregate("az1", "az1", [], tier="1", api_token="hunter2"))["host_vars/az1.yml"]
    assert found.data["zoneops_zone"]["compute"]["metadata"] == {"tier": "1"}
    assert "api_token" in found.remarks[0]
    assert "hunter2" not in str(found)


def test_a_cloud_without_zones_is_an_error() -> None:
    with pytest.raises(MapError, match="no host aggregate of the cloud"):
        files(aggregate("ssd", None, ["a"]), default_availability_zone=None)


def test_a_region_that_no_map_can_describe_is_not_written() -> None:
    """As a listing between two writes of somebody who moves a host."""
    with pytest.raises(MapError, match=r"compute\.hosts\[0\] = 'moving': is also that of zone az1"):
        files(aggregate("az1", "az1", ["moving"]), aggregate("az2", "az2", ["moving"]))


NAMES = st.text(st.characters(max_codepoint=0xD7FF), min_size=1, max_size=20).filter(
    lambda name: AVAILABILITY_ZONE.broken(name) == ""
)


@given(st.lists(NAMES, unique=True, min_size=1, max_size=6))
def test_every_zone_comes_back(zones: list[str]) -> None:
    found = inventory_files({"aggregates": [aggregate(zone, zone, [f"h{n}"]) for n, zone in enumerate(zones)]})
    region = found[1].data["zoneops_region"]
    names = [file.path.removeprefix("host_vars/").removesuffix(".yml") for file in found[2:]]
    zone_map = load_map(dict(zip(names, (file.data["zoneops_zone"] for file in found[2:]), strict=True)), region)
    assert sorted(zone.availability_zone for zone in zone_map.zones.values()) == sorted(zones)
    assert {zone.compute.aggregate: zone.compute.hosts for zone in zone_map.zones.values() if zone.compute} == {
        zone: (f"h{n}",) for n, zone in enumerate(zones)
    }
    assert len({name.casefold() for name in names}) == len(names)


def volume_service(host: str, zone: str) -> dict[str, Any]:
    return {"binary": "cinder-volume", "host": host, "availability_zone": zone}


def volume_type(name: str, zones: str, *, public: bool = True, **specs: str) -> dict[str, Any]:
    return {"name": name, "public": public, "extra_specs": {"RESKEY:availability_zones": zones, **specs}}


def test_block_storage_of_the_zones() -> None:
    found = files(
        aggregate("az1", "az1", ["a"]),
        aggregate("az2", "AZ 2", ["b"]),
        services=[
            volume_service("lab@ceph", "az1"),
            volume_service("other@ceph", "AZ 2"),
            volume_service("other@array", "AZ 2"),
            volume_service("gone@x", "az9"),
            {"binary": "cinder-backup", "host": "b", "availability_zone": "az1"},
        ],
        volume_pools=[
            {"host": "lab@ceph", "volume_backend_name": "ceph"},
            {"host": "other@ceph", "volume_backend_name": "gold"},
        ],
        volume_types=[
            volume_type("both", "AZ 2, az1", public=False),
            volume_type("gold", "AZ 2", volume_backend_name="gold", multiattach="<is> True"),
            {"name": "plain", "public": True, "extra_specs": {}},
            volume_type("zoneops:public:gold", "az1"),
        ],
    )
    assert found["host_vars/az1.yml"].data["zoneops_zone"]["volume_backends"] == [{"name": "ceph"}]
    assert found["host_vars/AZ-2.yml"].data["zoneops_zone"]["volume_backends"] == [
        {"name": "array"},
        {"name": "ceph", "volume_backend_name": "gold"},
    ]
    assert found["group_vars/zones.yml"].data["zoneops_region"]["volume_types"] == [
        {"name": "both", "zones": ["AZ-2", "az1"], "public": False},
        {
            "name": "gold",
            "zones": ["AZ-2"],
            "volume_backend_name": "gold",
            "extra_specs": {"multiattach": "<is> True"},
        },
    ]
    assert found["group_vars/zones.yml"].remarks == [
        "Availability zone 'az9' of cinder was not imported, because no aggregate of nova has it. Its back ends: gone@x."
    ]


def test_availability_zones_that_only_cinder_or_manila_have_are_named() -> None:
    offered = [{"name": "az1", "available": True}, {"name": "nova", "available": True}]
    services = [
        {"binary": "manila-share", "host": f"lab@{name}", "availability_zone": "south"} for name in ("b10", "b9")
    ]
    zones = {"nova": offered, "cinder": offered, "manila": []}
    remarks = files(aggregate("az1", "az1", ["a"]), services=services, availability_zones=zones)[
        "group_vars/zones.yml"
    ].remarks
    assert remarks == [
        "Availability zone 'nova' of cinder was not imported, because no aggregate of nova has it. Its back ends: none.",
        "Availability zone 'south' of manila was not imported, because no aggregate of nova has it. Its back ends: lab@b9, lab@b10.",
    ]


def test_hosts_are_in_the_order_in_which_people_count() -> None:
    found = files(aggregate("az10", "az10", ["c10", "c2", "c1"]), aggregate("az9", "az9", []))
    assert list(found)[2:] == ["host_vars/az9.yml", "host_vars/az10.yml"]
    assert found["host_vars/az10.yml"].data["zoneops_zone"]["compute"]["hosts"] == ["c1", "c2", "c10"]


def test_what_a_maintenance_remembers_is_not_imported() -> None:
    key = "zoneops:manila-share lab_az1"
    found = files(aggregate("az1", "az1", ["a"], tier="1", **{key: "zoneops: maintenance of the zone: w"}))
    assert found["host_vars/az1.yml"].data["zoneops_zone"]["compute"]["metadata"] == {"tier": "1"}
    assert found["host_vars/az1.yml"].remarks == []


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ({"api_token": "x"}, "'api_token' of aggregate 'az1' looks like a secret"),
        ({"url": "https://u:p@h"}, "'url' of aggregate 'az1' looks like a secret"),
        ({"url": f"https://{MASK}@h"}, "'url' of aggregate 'az1' looks like a secret"),
        ({"note": UNPRINTABLE}, "'note' of aggregate 'az1' has control characters"),
        ({"n\u00f6te": "x"}, "'n\u00f6te' of aggregate 'az1' cannot be part of a zone map"),
    ],
)
def test_metadata_that_the_map_cannot_hold_are_left_out(metadata: dict[str, str], why: str) -> None:
    found = files(aggregate("az1", "az1", ["a"], tier="gold", **metadata))["host_vars/az1.yml"]
    assert found.data["zoneops_zone"]["compute"]["metadata"] == {"tier": "gold"}
    assert found.remarks == [f"Metadata {why} and was not imported."]


@pytest.mark.parametrize("name", [f"x{MASK}", f"x{UNPRINTABLE}", " x"])
def test_zones_and_aggregates_that_the_map_cannot_name_are_left_out(name: str) -> None:
    found = files(aggregate("az1", "az1", ["a"]), aggregate("b", name, ["b"]), aggregate(name, "az1", ["c"]))
    assert list(found)[2:] == ["host_vars/az1.yml"]
    assert [remark.partition(":")[0] for remark in found["group_vars/zones.yml"].remarks] == [
        f"Aggregate {name!r} was not imported",
        "Not imported",
    ]
    assert found["host_vars/az1.yml"].remarks == []


def test_hosts_without_nova_compute_are_left_out() -> None:
    hosts = [{"name": "a", "availability_zone": "az1"}]
    found = files(aggregate("az1", "az1", ["a", "gone"]), hosts=hosts)["host_vars/az1.yml"]
    assert found.data["zoneops_zone"]["compute"]["hosts"] == ["a"]
    assert found.remarks == ["Host 'gone' of aggregate 'az1' has no nova-compute service and was not imported."]


def test_a_part_of_a_zone_that_breaks_a_rule_is_left_out() -> None:
    backends = [{**BACKEND, "backend": "no name"}]
    found = files(aggregate("az1", "az1", ["a"]), share_backends=backends)["host_vars/az1.yml"]
    assert found.data["zoneops_zone"] == {"compute": {"hosts": ["a"]}}
    assert found.remarks[0].startswith("share_backends was not imported: zone az1: share_backends[0].name = 'no name'")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (volume_type("t", "az1,az9"), "it is for az9, no zone of the map"),
        (volume_type("t", "az1", volume_backend_name="x"), "no back end of zone az1 is named x"),
        (volume_type(f"t{MASK}", "az1"), "it contains masked or replaced text"),
    ],
)
def test_types_that_the_map_cannot_say_are_left_out(kind: dict[str, Any], reason: str) -> None:
    found = files(aggregate("az1", "az1", ["a"]), services=[volume_service("lab@b", "az1")], volume_types=[kind])
    region = found["group_vars/zones.yml"]
    assert "volume_types" not in region.data["zoneops_region"]
    assert region.remarks == [f"Volume type {kind['name']!r} was not imported: {reason}."]


def test_a_type_whose_name_has_braces_is_left_out() -> None:
    region = files(aggregate("az1", "az1", ["a"]), volume_types=[volume_type("{t}", "az1"), volume_type("t", "az1")])[
        "group_vars/zones.yml"
    ]
    assert [kind["name"] for kind in region.data["zoneops_region"]["volume_types"]] == ["t"]
    assert region.remarks == [
        "Volume type '{t}' was not imported: region: volume_types[0].name = '{t}': has '{t}'; only {zone} is replaced."
    ]


def test_extra_specs_that_look_like_secrets_are_left_out() -> None:
    region = files(aggregate("az1", "az1", ["a"]), volume_types=[volume_type("t", "az1", password="x", k="of {zone}")])[
        "group_vars/zones.yml"
    ]
    assert region.data["zoneops_region"]["volume_types"] == [
        {"name": "t", "zones": ["az1"], "extra_specs": {"k": "of \\{zone}"}}
    ]
    assert region.remarks == ["Extra spec 'password' of volume type 't' looks like a secret and was not imported."]


BACKUP = {"service": "cinder", "binary": "cinder-backup"}


@pytest.mark.parametrize(
    ("places", "expected", "remark"),
    [
        ([], None, ""),
        (["Zürich Süd"], {"mode": "zone", "zone": "Zurich-Sud"}, ""),
        (["az1", "az1"], {"mode": "zone", "zone": "az1"}, ""),
        (["az1", "Zürich Süd"], None, "{mode: per_zone} and each zone's `backup` if each writes to its own."),
        (
            ["az1", "elsewhere"],
            None,
            "no backup mode of the map fits these services: backup-0 in az1; backup-1 in elsewhere.",
        ),
        (["elsewhere"], None, "no backup mode of the map fits these services: backup-0 in elsewhere."),
    ],
)
def test_where_backup_services_are_is_how_the_region_backs_up(
    places: list[str], expected: dict[str, str] | None, remark: str
) -> None:
    zones = (aggregate("az1", "az1", ["a"]), aggregate("rack", "Zürich Süd", ["b"]))
    services = [{**BACKUP, "host": f"backup-{n}", "availability_zone": zone} for n, zone in enumerate(places)]
    region = files(*zones, services=services)["group_vars/zones.yml"]
    assert region.data["zoneops_region"].get("backup") == expected
    assert [text.endswith(remark) for text in region.remarks] == [True] * bool(remark)


def test_back_ends_of_a_zone_that_types_could_not_name_are_left_out() -> None:
    found = files(aggregate("az1", "a,b", ["a"]), services=[volume_service("lab@x", "a,b")])["host_vars/a-b.yml"]
    assert "volume_backends" not in found.data["zoneops_zone"]
    assert "lab@x" in found.remarks[0]
