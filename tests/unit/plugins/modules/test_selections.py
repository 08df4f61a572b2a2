# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A call that is about nothing says so: it looks like one that found nothing to do."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.zoneops.openstack.plugins.module_utils._plan.frame import Module, Run
from ansible_collections.zoneops.openstack.plugins.modules import (
    availability_zones,
    compute_services,
    control_plane,
    data_plane,
    image_stores_info,
    node_zones,
    pod_placement_info,
    pod_spread,
    preflight_info,
    region_info,
    share_access,
    topologies,
    volume_relocate,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    Answer,
    StandIn,
)
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._region.small_region import fill

MAP: dict[str, Any] = {"zones": {"az1": {"compute": {"hosts": ["compute-2"]}}}, "region": {"zones": ["az1"]}}
NO_ZONE = "option 'limit' is empty: there is no zone to work on."


def called(module: Module, **options: Any) -> dict[str, Any]:
    checked = ArgumentSpecValidator(dict(module.options), **module.rules).validate(options)
    assert not checked.error_messages
    return module.result(Run(checked.validated_parameters))


@pytest.fixture
def region(cloud: StandIn) -> StandIn:
    fill(cloud)
    cloud.services |= {"block-storage": "volume", "image": "image", "identity": "v3"}
    return cloud


@pytest.mark.parametrize("module", [availability_zones, topologies, pod_placement_info, share_access])
def test_a_call_for_no_zone(module: Any, region: StandIn) -> None:
    given = region.params() if module in (availability_zones, share_access) else {}
    assert NO_ZONE in called(module.MODULE, **MAP, **given, limit=[])["warnings"]


def test_nothing_to_read(region: StandIn) -> None:
    result = called(region_info.MODULE, **region.params(gather=[]))
    assert result["warnings"] == ["option 'gather' is empty: nothing of the region was read"]


def test_no_hosts(region: StandIn) -> None:
    result = called(compute_services.MODULE, **MAP, **region.params(hosts=[], status="enabled"))
    assert result["msg"].startswith("option 'hosts' is empty")
    result = called(compute_services.MODULE, **MAP, **region.params(hosts=["Compute-2"], status="enabled"))
    assert "Compute-2 (did you mean compute-2?)" in result["msg"]


def test_no_volumes(region: StandIn) -> None:
    region.on_get("/volume/volumes/detail", {"volumes": []})
    region.on_get("/volume/backups/detail", {"backups": []})
    result = called(volume_relocate.MODULE, **region.params(volumes=[], availability_zone="az1"))
    assert "option 'volumes' is empty: no volume is relocated." in result["warnings"]


def test_no_stores(region: StandIn) -> None:
    version = {"id": "v2.17", "status": "CURRENT", "links": [{"rel": "self", "href": f"{region.url}/image/v2/"}]}
    region.on_get("/image", {"versions": [version]})
    region.on_get("/image/v2/info/stores/detail", {"stores": []})
    region.on("GET", "/image/v2/images", Answer(body={"images": []}))
    result = called(image_stores_info.MODULE, **MAP, **region.params())
    assert [warning.partition(":")[0] for warning in result["warnings"]] == [
        "glance lists no store",
        "no zone of the map has image_store",
    ]


@pytest.mark.parametrize("module", [control_plane, data_plane, node_zones, pod_spread, topologies])
def test_no_kubernetes_side_to_write(module: Any) -> None:
    result = called(module.MODULE, **MAP)
    assert (result["changed"], result["failed"]) == (False, False)
    assert result["msg"] == "no zone of the call has a Kubernetes side: nothing was checked"


@pytest.mark.parametrize("module", [pod_placement_info, preflight_info])
def test_no_kubernetes_side(module: Any) -> None:
    result = called(module.MODULE, **MAP)
    assert result["msg"] == "no zone of the call has a Kubernetes side: nothing was checked"
    assert result["warnings"] == [result["msg"]]
    assert not result.get("ready")
