# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of cinder, and how its answers are shown."""

from __future__ import annotations

import pytest
from ansible_collections.zoneops.openstack.plugins.module_utils._block_storage.cinder import Cinder
from ansible_collections.zoneops.openstack.plugins.module_utils._openstack.cloud import connect
from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import StandIn


@pytest.fixture
def cinder(cloud: StandIn) -> Cinder:
    return Cinder(connect(cloud.params()).service("block-storage"))


def test_services_as_cinder_answers_them(cloud: StandIn, cinder: Cinder) -> None:
    entries = [{"binary": "cinder-volume", "host": "lab@az1", "zone": "az1"}, {"binary": "cinder-backup"}]
    cloud.on_get("/volume/os-services", {"services": entries})
    assert cinder.services() == entries
    assert cloud.seen == [("GET", "/volume/os-services")]


def test_availability_zones(cloud: StandIn, cinder: Cinder) -> None:
    entries = [
        {"zoneName": "az1", "zoneState": {"available": True}},
        {"zoneName": "az2", "zoneState": {"available": False}},
    ]
    cloud.on_get("/volume/os-availability-zone", {"availabilityZoneInfo": entries})
    assert cinder.availability_zones() == [{"name": "az1", "available": True}, {"name": "az2", "available": False}]


def test_needs_no_microversion(cloud: StandIn, cinder: Cinder) -> None:
    cloud.on_get("/volume/os-services", {"services": []})
    cinder.services()
    assert "OpenStack-API-Version" not in cloud.headers[-1]


@pytest.mark.parametrize("name", ["volumev3", "block-storage"])
def test_is_found_under_the_names_that_catalogs_use(cloud: StandIn, name: str) -> None:
    cloud.services = {name: "volume"}
    assert connect(cloud.params()).service("block-storage").present()
