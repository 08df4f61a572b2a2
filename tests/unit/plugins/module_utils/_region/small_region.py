# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of a small region: zone az1 with one host, a host without a zone, one service of each kind."""

from __future__ import annotations

from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    Answer,
    StandIn,
    version_document,
)

NETWORK_VERSION = {"id": "v2.0", "status": "CURRENT", "links": [{"rel": "self", "href": "/network/v2.0/"}]}
# What reading everything costs, authentication apart.
CALLS = {
    "/compute": 1,
    "/compute/os-aggregates": 1,
    "/compute/os-services": 1,
    "/compute/os-availability-zone": 1,
    "/volume/os-services": 1,
    "/volume/os-availability-zone": 1,
    "/share/services": 1,
    "/share/availability-zones": 1,
    "/network": 1,
    "/network/v2.0/agents": 1,
    "/network/v2.0/availability_zones": 1,
}


def fill(cloud: StandIn) -> None:
    """Make the stand-in this region."""
    cloud.on("GET", "/compute", version_document("2.90"))
    aggregate = {
        "id": 1,
        "uuid": "6a0f",
        "name": "az1",
        "availability_zone": "az1",
        "metadata": {"availability_zone": "az1", "tier": "gold"},
        "hosts": ["compute-2"],
    }
    cloud.on_get("/compute/os-aggregates", {"aggregates": [aggregate]})
    up = {"state": "up", "status": "enabled", "disabled_reason": None, "forced_down": False}
    computes = [
        {"id": "s-2", "binary": "nova-compute", "host": "compute-2", "zone": "az1", **up},
        {"id": "s-1", "binary": "nova-compute", "host": "compute-1", "zone": "nova", **up},
        {"id": "s-0", "binary": "nova-scheduler", "host": "control", "zone": "internal", **up},
    ]
    cloud.on_get("/compute/os-services", {"services": computes})
    zones = {"availabilityZoneInfo": [{"zoneName": "az1", "zoneState": {"available": True}, "hosts": None}]}
    cloud.on_get("/compute/os-availability-zone", zones)
    volume = {"binary": "cinder-volume", "host": "lab@az1", "zone": "az1", "status": "disabled", "state": "up"}
    cloud.on_get("/volume/os-services", {"services": [{**volume, "disabled_reason": "maintenance"}]})
    cloud.on_get("/volume/os-availability-zone", zones)
    share = {"id": 1, "binary": "manila-share", "host": "lab@az1", "zone": "az1", "status": "enabled", "state": "down"}
    cloud.on_get("/share/services", {"services": [share]})
    cloud.on_get("/share/availability-zones", {"availability_zones": [{"id": "z", "name": "az1"}]})
    cloud.on("GET", "/network", Answer(body={"versions": [NETWORK_VERSION]}))
    agent = {"binary": "ovn-controller", "host": "gateway-1", "availability_zone": "az1", "alive": True}
    cloud.on_get("/network/v2.0/agents", {"agents": [{**agent, "admin_state_up": False}]})
    zone = {"name": "az1", "resource": "router", "state": "available"}
    cloud.on_get("/network/v2.0/availability_zones", {"availability_zones": [zone]})
