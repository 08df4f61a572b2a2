# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that region_info reads: sections, entries, and what a section costs."""

from __future__ import annotations

from collections import Counter

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._region.choice import SECTIONS
from ansible_collections.zoneops.openstack.plugins.module_utils._region.region import Region
from ansible_collections.zoneops.openstack.plugins.module_utils._region.sections import gather
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    Answer,
    StandIn,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._region.small_region import CALLS, fill


@pytest.fixture
def region_cloud(cloud: StandIn) -> StandIn:
    fill(cloud)
    return cloud


def gathered(cloud: StandIn, *sections: str) -> Region:
    return gather(connect(cloud.params()), frozenset(sections or SECTIONS))


def calls(cloud: StandIn) -> Counter[str]:
    return Counter(path.partition("?")[0] for _method, path in cloud.seen)


def test_aggregates_are_without_the_zone_among_their_metadata(region_cloud: StandIn) -> None:
    assert gathered(region_cloud).aggregates == [
        {
            "id": 1,
            "uuid": "6a0f",
            "name": "az1",
            "availability_zone": "az1",
            "metadata": {"tier": "gold"},
            "hosts": ["compute-2"],
        }
    ]


def test_hosts_have_the_zone_that_an_aggregate_gives_them(region_cloud: StandIn) -> None:
    region = gathered(region_cloud)
    found = {host["name"]: (host["availability_zone"], host["aggregates"]) for host in region.hosts}
    assert found == {"compute-1": (None, []), "compute-2": ("az1", ["az1"])}
    assert region.default_availability_zone == "nova"


def test_services_have_the_same_keys_whatever_the_service_is(region_cloud: StandIn) -> None:
    keys = ("service", "binary", "host", "availability_zone", "state", "status", "disabled_reason")
    rows = [
        ("cinder", "cinder-volume", "lab@az1", "az1", "up", "disabled", "maintenance"),
        ("manila", "manila-share", "lab@az1", "az1", "down", "enabled", None),
        ("neutron", "ovn-controller", "gateway-1", "az1", "up", "disabled", None),
        ("nova", "nova-compute", "compute-1", "nova", "up", "enabled", None),
        ("nova", "nova-compute", "compute-2", "az1", "up", "enabled", None),
        ("nova", "nova-scheduler", "control", "internal", "up", "enabled", None),
    ]
    assert gathered(region_cloud).services == [dict(zip(keys, row, strict=True)) for row in rows]


def test_availability_zones_by_service(region_cloud: StandIn) -> None:
    assert gathered(region_cloud).availability_zones == {
        "nova": [{"name": "az1", "available": True}],
        "cinder": [{"name": "az1", "available": True}],
        "manila": [{"name": "az1", "available": True}],
        "neutron": [{"name": "az1", "available": True, "resource": "router"}],
    }


def test_nothing_went_wrong(region_cloud: StandIn) -> None:
    region = gathered(region_cloud)
    assert region.errors == {}
    assert region.absent == []


def test_everything_costs_one_call_per_listing(region_cloud: StandIn) -> None:
    gathered(region_cloud)
    assert calls(region_cloud) == CALLS
    assert region_cloud.logins == 1


@pytest.mark.parametrize(
    ("section", "paths"),
    [
        ("aggregates", {"/compute/os-aggregates"}),
        ("hosts", {"/compute/os-aggregates", "/compute/os-services"}),
        (
            "services",
            {"/compute/os-services", "/volume/os-services", "/share/services", "/network", "/network/v2.0/agents"},
        ),
        (
            "availability_zones",
            {
                "/compute/os-availability-zone",
                "/volume/os-availability-zone",
                "/share/availability-zones",
                "/network",
                "/network/v2.0/availability_zones",
            },
        ),
    ],
)
def test_a_section_costs_its_own_listings_only(region_cloud: StandIn, section: str, paths: set[str]) -> None:
    region = gathered(region_cloud, section)
    assert calls(region_cloud) == dict.fromkeys({"/compute", *paths}, 1)
    filled = {name for name in SECTIONS if getattr(region, name)}
    assert filled == {section}


def test_volume_types_and_pools_cost_a_call_each(region_cloud: StandIn) -> None:
    kind = {"id": "1", "name": "gold", "description": None, "extra_specs": {"RESKEY:availability_zones": "az1"}}
    region_cloud.on_get("/volume/types", {"volume_types": [kind]})
    about = {"volume_backend_name": "gold", "free_capacity_gb": 9, "location_info": "LVMVolumeDriver:lab:vg:thin:0"}
    pool = {"name": "lab@az1#p", "capabilities": about}
    region_cloud.on_get("/volume/scheduler-stats/get_pools", {"pools": [pool]})
    region = gathered(region_cloud, "volume_types", "volume_pools")
    assert region.volume_types == [{**kind, "public": True, "projects": None}]
    assert region.volume_pools == [
        {
            "name": "lab@az1#p",
            "host": "lab@az1",
            "volume_backend_name": "gold",
            "free_gb": 9.0,
            "up": True,
            "storage": "LVMVolumeDriver:lab:vg:thin:0",
        }
    ]
    assert calls(region_cloud) == {"/volume/types": 1, "/volume/scheduler-stats/get_pools": 1}


def test_projects_of_private_types_cost_a_call_each_and_only_where_they_are_asked_for(region_cloud: StandIn) -> None:
    entries = [
        {"id": number, "name": number, "os-volume-type-access:is_public": number == "1"} for number in ("1", "2")
    ]
    region_cloud.on_get("/volume/types", {"volume_types": entries})
    region_cloud.on_get("/volume/types/2/os-volume-type-access", {"volume_type_access": [{"project_id": "p"}]})
    assert [one["projects"] for one in gathered(region_cloud, "volume_types").volume_types] == [None, None]
    assert [one["projects"] for one in gathered(region_cloud, "volume_types", "type_projects").volume_types] == [
        None,
        ["p"],
    ]


def test_instances_are_counted_by_host(region_cloud: StandIn) -> None:
    listed = [{"service": {"host": host}, "running_vms": count} for host, count in (("compute-2", 2), ("compute-2", 1))]
    region_cloud.on_get("/compute/os-hypervisors/detail", {"hypervisors": listed})
    region = gathered(region_cloud, "hosts", "instances")
    assert {host["name"]: host["instances"] for host in region.hosts} == {"compute-2": 3, "compute-1": 0}
    assert [host["instances"] for host in gathered(region_cloud, "hosts").hosts] == [None, None]


def test_instances_that_could_not_be_counted(region_cloud: StandIn) -> None:
    region_cloud.on("GET", "/compute/os-hypervisors/detail", Answer(403, {"forbidden": {"message": "no right"}}))
    region = gathered(region_cloud, "hosts", "instances")
    assert [host["instances"] for host in region.hosts] == [None, None]
    assert list(region.errors) == ["nova instances"]


def test_servers_count_the_instances_as_well(region_cloud: StandIn) -> None:
    server = {"id": "1", "name": "one", "status": "ACTIVE", "OS-EXT-SRV-ATTR:host": "compute-2"}
    region_cloud.on_get("/compute/servers/detail", {"servers": [server, {**server, "OS-EXT-SRV-ATTR:host": None}]})
    region = gathered(region_cloud, "hosts", "servers", "instances")
    assert {host["name"]: host["instances"] for host in region.hosts} == {"compute-2": 1, "compute-1": 0}
    assert "/compute/os-hypervisors/detail" not in calls(region_cloud)


def test_stores_and_images(region_cloud: StandIn) -> None:
    region_cloud.services["image"] = "/image/v2"
    stores = [{"id": "az1", "type": "file", "default": "true"}, {"id": "web", "type": "http", "read-only": "true"}]
    region_cloud.on_get("/image/v2/info/stores/detail", {"stores": stores})
    entry = {"id": "1", "name": "cirros", "status": "active", "visibility": "public", "stores": "az1,az2"}
    region_cloud.on_get("/image/v2/images", {"images": [entry]})
    region = gathered(region_cloud, "image_stores", "images", "defaults")
    assert region.image_stores == [{"id": "az1", "type": "file", "default": True}]
    assert region.defaults == {"glance_store": "az1"}
    shown = {key: entry[key] for key in ("id", "name", "status", "visibility")}
    # The list is asked for twice: hidden images have one of their own.
    assert region.images == [{**shown, "hidden": False, "stores": ["az1", "az2"]}] * 2
    assert calls(region_cloud) == {"/image/v2/info/stores/detail": 1, "/image/v2/images": 2}


def test_share_back_ends_and_types(region_cloud: StandIn) -> None:
    pool = {"share_backend_name": "gold", "driver_handles_share_servers": False, "free_capacity_gb": 7.0}
    region_cloud.on_get("/share/scheduler-stats/pools/detail", {"pools": [{"name": "lab@az1#p", "capabilities": pool}]})
    share = {"binary": "manila-share", "host": "lab@az1", "zone": "az1", "status": "enabled", "state": "up"}
    region_cloud.on_get("/share/services", {"services": [share, {**share, "host": "lab@az2", "state": "down"}]})
    private = {"id": "1", "name": "gold", "share_type_access:is_public": False, "extra_specs": {}}
    region_cloud.on_get("/share/types", {"share_types": [private]})
    region_cloud.on_get("/share/types/1/share_type_access", {"share_type_access": [{"project_id": "p"}]})
    region = gathered(region_cloud, "share_backends", "share_types", "type_projects")
    assert [(one["backend"], one["names"], one["free_capacity_gb"]) for one in region.share_backends] == [
        ("az1", ["gold"], 7.0),
        ("az2", [], None),
    ]
    assert region.share_types == [
        {"name": "gold", "public": False, "description": None, "extra_specs": {}, "projects": ["p"]}
    ]
    assert set(calls(region_cloud)) == {
        "/share/scheduler-stats/pools/detail",
        "/share/services",
        "/share/types",
        "/share/types/1/share_type_access",
    }


def test_a_glance_with_one_unnamed_store_has_none_to_name(region_cloud: StandIn) -> None:
    region_cloud.services["image"] = "/image/v2"
    for path in ("/image/v2/info/stores/detail", "/image/v2/info/stores"):
        region_cloud.on("GET", path, Answer(404, {}))
    region = gathered(region_cloud, "image_stores")
    assert (region.image_stores, region.errors) == ([], {})
