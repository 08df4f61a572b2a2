# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a look at all parts costs: hosts, types, services, pools, images and stores are listed once, for any number of zones."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.modules import site_info
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    StandIn,
    version_document,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.modules.handed import hand

UP = {"status": "enabled", "state": "up", "disabled_reason": None}
CALLS = [
    "/compute",
    "/compute/os-aggregates",
    "/compute/os-availability-zone",
    "/compute/os-hypervisors/detail",
    "/compute/os-services",
    "/image",
    "/image/v2/images",
    "/image/v2/images",
    "/image/v2/info/stores/detail",
    "/share/availability-zones",
    "/share/scheduler-stats/pools/detail",
    "/share/services",
    "/share/types",
    "/share/types/default",
    "/volume/os-availability-zone",
    "/volume/os-services",
    "/volume/scheduler-stats/get_pools",
    "/volume/types",
    "/volume/types/default",
]


def fill(cloud: StandIn, zones: list[str]) -> None:
    """A cloud in which each of the zones is as its map says."""
    cloud.services["image"] = "image"
    cloud.on("GET", "/compute", version_document("2.90"))
    image_version = {"id": "v2.17", "status": "CURRENT", "links": [{"rel": "self", "href": f"{cloud.url}/image/v2/"}]}
    cloud.on_get("/image", {"versions": [image_version]})
    listed: dict[str, tuple[str, list[dict[str, Any]]]] = {
        "/compute/os-aggregates": ("aggregates", [_aggregate(number, zone) for number, zone in enumerate(zones)]),
        "/compute/os-services": (
            "services",
            [
                {"id": zone, "binary": "nova-compute", "host": f"c-{zone}", "zone": zone, "forced_down": False, **UP}
                for zone in zones
            ],
        ),
        "/compute/os-hypervisors/detail": (
            "hypervisors",
            [{"id": zone, "service": {"host": f"c-{zone}"}, "running_vms": 1} for zone in zones],
        ),
        "/volume/os-services": ("services", [*_services("cinder-volume", zones), *_scheduler("cinder")]),
        "/volume/scheduler-stats/get_pools": ("pools", [_pool("volume_backend_name", zone) for zone in zones]),
        "/volume/types": (
            "volume_types",
            [
                {
                    "id": zone,
                    "name": f"{zone}-gold",
                    "os-volume-type-access:is_public": True,
                    "extra_specs": {"RESKEY:availability_zones": zone, "volume_backend_name": zone},
                }
                for zone in zones
            ],
        ),
        "/share/services": ("services", [*_services("manila-share", zones), *_scheduler("manila")]),
        "/share/scheduler-stats/pools/detail": ("pools", [_pool("share_backend_name", zone) for zone in zones]),
        "/share/types": (
            "share_types",
            [
                {
                    "id": zone,
                    "name": f"{zone}-gold",
                    "share_type_access:is_public": True,
                    "description": None,
                    "extra_specs": {
                        "driver_handles_share_servers": "False",
                        "availability_zones": zone,
                        "share_backend_name": zone,
                    },
                }
                for zone in zones
            ],
        ),
        "/share/availability-zones": ("availability_zones", [{"id": zone, "name": zone} for zone in zones]),
        "/image/v2/info/stores/detail": ("stores", [{"id": zone, "type": "file"} for zone in zones]),
        "/image/v2/images": ("images", [_image(f"image-{number}", zones) for number in range(len(zones))]),
    }
    for path, (key, entries) in listed.items():
        cloud.on_get(path, {key: entries})
    available = [{"zoneName": zone, "zoneState": {"available": True}, "hosts": None} for zone in zones]
    for service in ("compute", "volume"):
        cloud.on_get(f"/{service}/os-availability-zone", {"availabilityZoneInfo": available})
    cloud.on_get(
        "/share/types/default",
        {"share_type": {"id": "d", "name": "default", "share_type_access:is_public": True, "extra_specs": {}}},
    )
    cloud.on_get("/volume/types/default", {"volume_type": {"id": "d", "name": "__DEFAULT__"}})


def _aggregate(number: int, zone: str) -> dict[str, Any]:
    about = {"id": number + 1, "uuid": str(number), "name": zone, "availability_zone": zone}
    return {**about, "metadata": {"availability_zone": zone}, "hosts": [f"c-{zone}"]}


def _services(binary: str, zones: list[str]) -> list[dict[str, Any]]:
    return [{"id": 1, "binary": binary, "host": f"lab@{zone}", "zone": zone, **UP} for zone in zones]


def _scheduler(project: str) -> list[dict[str, Any]]:
    return [{"id": 1, "binary": f"{project}-scheduler", "host": "control", "zone": "internal", **UP}]


def _pool(key: str, zone: str) -> dict[str, Any]:
    space = {"free_capacity_gb": 10, "total_capacity_gb": 20, "driver_handles_share_servers": False}
    return {"name": f"lab@{zone}#p", "capabilities": {key: zone, **space}}


def _image(name: str, zones: list[str]) -> dict[str, Any]:
    about = {"id": name, "name": name, "status": "active", "owner": "p", "visibility": "public", "tags": []}
    return {**about, "disk_format": "raw", "container_format": "bare", "stores": ",".join(zones)}


@pytest.mark.parametrize("number", [3, 30])
def test_calls(
    cloud: StandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    names = [f"az{one}" for one in range(number)]
    fill(cloud, names)
    region = {
        "zones": names,
        "volume_types": [{"name": "{zone}-gold", "volume_backend_name": "{zone}"}],
        "share_types": [{"name": "{zone}-gold", "share_backend_name": "{zone}"}],
        "images": [{"name": "public images", "select": "visibility == 'public'"}],
    }
    storage: dict[str, Any] = {"volume_backends": [{}], "share_backends": [{}], "image_store": {}}
    zones = {name: {"compute": {"hosts": [f"c-{name}"]}, **storage} for name in names}
    hand(monkeypatch, cloud.params(zones=zones, region=region))
    with pytest.raises(SystemExit):
        site_info.main()
    answer = json.loads(capsys.readouterr().out)
    assert answer["settled"], answer["msg"]
    assert sorted(path.partition("?")[0].rstrip("/") for _method, path in cloud.seen) == CALLS
    assert max(Counter(cloud.seen).values()) == 1
    assert len(answer["region"]["volume_types"]) == number
