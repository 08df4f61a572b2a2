# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of Masakari, and how its answers are read."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._masakari.masakari import Masakari
from ansible_collections.zoneops.openstack.plugins.module_utils._masakari.model import HaHost, Recovery
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import Answer, StandIn

ROOT = "/instance-ha/v1"


@pytest.fixture
def masakari(cloud: StandIn) -> Masakari:
    cloud.services["instance-ha"] = "instance-ha/v1"
    return Masakari(connect(cloud.params()).service("instance-ha"))


def entry(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "uuid": f"u-{name}", "name": name, "on_maintenance": False, "reserved": False, **more}


def test_hosts_of_all_segments_and_pages(cloud: StandIn, masakari: Masakari) -> None:
    segments = [{"id": 1, "uuid": "s1", "name": "racks"}, {"id": 2, "uuid": "s2", "name": "empty"}]
    cloud.on("GET", f"{ROOT}/segments", Answer(body={"segments": segments}), Answer(body={"segments": []}))
    pages = [[entry(7, "c2", on_maintenance=True)], [entry(3, "c1", reserved=True)], []]
    cloud.on("GET", f"{ROOT}/segments/s1/hosts", *(Answer(body={"hosts": page}) for page in pages))
    cloud.on_get(f"{ROOT}/segments/s2/hosts", {"hosts": []})
    assert masakari.hosts() == {
        "c1": HaHost("c1", "u-c1", "s1", "racks", reserved=True),
        "c2": HaHost("c2", "u-c2", "s1", "racks", on_maintenance=True),
    }
    asked = [path.partition("?")[2] for _method, path in cloud.seen]
    assert asked == ["", "", "marker=7", "marker=3", "", "marker=2"]


def test_unfinished_notifications_by_status(cloud: StandIn, masakari: Masakari) -> None:
    found = {"id": 1, "failover_segment_uuid": "s1", "source_host_uuid": "u-c1", "type": "COMPUTE_HOST"}
    answers = ({"notifications": page} for page in ([], [found], [], []))
    cloud.on("GET", f"{ROOT}/notifications", *(Answer(body=body) for body in answers))
    assert masakari.recoveries() == (Recovery("s1", "u-c1", "COMPUTE_HOST", "running"),)
    asked = [path.partition("?")[2] for _method, path in cloud.seen]
    assert asked == ["status=new", "status=running", "status=running&marker=1", "status=error"]
