# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of manila, and how its answers are shown."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.plugins.module_utils._shared_filesystem.manila import Manila
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import StandIn


@pytest.fixture
def manila(cloud: StandIn) -> Manila:
    return Manila(connect(cloud.params()).service("shared-file-system"))


def test_services_as_manila_answers_them(cloud: StandIn, manila: Manila) -> None:
    entries = [{"id": 1, "binary": "manila-share", "host": "lab@az1", "zone": "az1"}]
    cloud.on_get("/share/services", {"services": entries})
    assert manila.services() == entries


def test_availability_zones_that_are_listed_are_available(cloud: StandIn, manila: Manila) -> None:
    cloud.on_get("/share/availability-zones", {"availability_zones": [{"id": "1", "name": "az1", "created_at": "x"}]})
    assert manila.availability_zones() == [{"name": "az1", "available": True}]


def test_asks_for_the_first_microversion_that_has_these_paths(cloud: StandIn, manila: Manila) -> None:
    cloud.on_get("/share/services", {"services": []})
    manila.services()
    assert cloud.headers[-1]["OpenStack-API-Version"] == "shared-file-system 2.7"
    assert cloud.headers[-1]["X-OpenStack-Manila-API-Version"] == "2.7"
    assert cloud.seen == [("GET", "/share/services")]


@pytest.mark.parametrize("name", ["sharev2", "shared-file-system"])
def test_is_found_under_the_names_that_catalogs_use(cloud: StandIn, name: str) -> None:
    cloud.services = {name: "share"}
    assert connect(cloud.params()).service("shared-file-system").present()
