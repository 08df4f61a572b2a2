# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of neutron, and how its answers are shown."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._network.neutron import Neutron
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import Answer, StandIn


@pytest.fixture
def neutron(cloud: StandIn) -> Neutron:
    cloud.services["network"] = "network/v2.0"
    return Neutron(connect(cloud.params()).service("network", version="2"))


def test_agents_of_all_pages(cloud: StandIn, neutron: Neutron) -> None:
    href = f"{cloud.url}/network/v2.0/agents?marker=a"
    first = {"agents": [{"id": "a"}], "agents_links": [{"rel": "next", "href": href}]}
    cloud.on("GET", "/network/v2.0/agents", Answer(body=first), Answer(body={"agents": [{"id": "b"}]}))
    assert neutron.agents() == [{"id": "a"}, {"id": "b"}]
    assert len(cloud.seen) == 2


def test_availability_zones_by_resource(cloud: StandIn, neutron: Neutron) -> None:
    entries = [
        {"name": "az1", "resource": "network", "state": "available"},
        {"name": "az1", "resource": "router", "state": "unavailable"},
    ]
    cloud.on_get("/network/v2.0/availability_zones", {"availability_zones": entries})
    assert neutron.availability_zones() == [
        {"name": "az1", "available": True, "resource": "network"},
        {"name": "az1", "available": False, "resource": "router"},
    ]


def test_a_catalog_that_names_no_version(cloud: StandIn) -> None:
    version = {"id": "v2.0", "status": "CURRENT", "links": [{"rel": "self", "href": f"{cloud.url}/network/v2.0/"}]}
    cloud.on_get("/network", {"versions": [version]})
    cloud.on_get("/network/v2.0/agents", {"agents": []})
    assert Neutron(connect(cloud.params()).service("network", version="2")).agents() == []
