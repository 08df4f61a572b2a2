# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of a cloud with servers, for a look at its capacity."""

from __future__ import annotations

from typing import Any

from ansible_collections.zoneops.openstack.tests.unit.plugins.module_utils._openstack.stand_in import (
    CATALOG,
    Answer,
    StandIn,
    version_document,
)

SERVICES = {**CATALOG, "placement": "placement", "image": "image"}
MAP = {"zones": {zone: {"compute": {"hosts": [f"{zone}-0", f"{zone}-1"]}} for zone in ("az1", "az2")}}
REGION = {"zones": ["az1", "az2"]}
NETWORK_VERSION = {"id": "v2.0", "status": "CURRENT", "links": [{"rel": "self", "href": "/network/v2.0/"}]}
VOLUME_VERSION = {
    "id": "v3.0",
    "version": "3.71",
    "min_version": "3.0",
    "status": "CURRENT",
    "links": [{"rel": "self", "href": "/"}],
}
FLAVOR = {"original_name": "m1", "vcpus": 1, "ram": 512, "disk": 0, "ephemeral": 0, "swap": 0, "extra_specs": {}}


def fill(cloud: StandIn, hosts: int = 2, servers: int = 1, version: str = "2.104", names: str = "{}") -> None:
    """Zones az1 and az2 with so many hosts each, so many servers on az1-0."""
    cloud.on("GET", "/compute", version_document(version))
    named = [f"{zone}-{number}" for zone in ("az1", "az2") for number in range(hosts)]
    aggregates = [
        {
            "id": index,
            "uuid": zone,
            "name": zone,
            "availability_zone": zone,
            "metadata": {"availability_zone": zone},
            "hosts": [name for name in named if name.startswith(zone)],
        }
        for index, zone in enumerate(("az1", "az2"))
    ]
    cloud.on_get("/compute/os-aggregates", {"aggregates": aggregates})
    up = {"binary": "nova-compute", "state": "up", "status": "enabled", "disabled_reason": None, "forced_down": False}
    services = [{"id": name, "host": name, "zone": name[:3], **up} for name in named]
    cloud.on_get("/compute/os-services", {"services": services})
    listed: list[dict[str, Any]] = [
        {
            "id": f"s{number}",
            "name": f"web-{number}",
            "tenant_id": "p",
            "status": "ACTIVE",
            "flavor": FLAVOR,
            "image": "",
            "OS-EXT-SRV-ATTR:host": "az1-0",
            "pinned_availability_zone": None,
            "addresses": {"net": []},
            "os-extended-volumes:volumes_attached": [{"id": f"v{number}"}],
        }
        for number in range(servers)
    ]
    cloud.on_get("/compute/servers/detail", {"servers": listed})
    group = {"id": "g", "name": "web", "policy": "anti-affinity", "members": ["s0"]}
    cloud.on(
        "GET", "/compute/os-server-groups", Answer(body={"server_groups": [group]}), Answer(body={"server_groups": []})
    )
    providers = [{"uuid": f"u-{name}", "name": names.format(name)} for name in named]
    cloud.on_get("/placement/resource_providers", {"resource_providers": providers})
    amounts = {"VCPU": {"capacity": 8, "used": 0}, "MEMORY_MB": {"capacity": 2048, "used": 0}}
    summaries = {f"u-{name}": {"resources": amounts, "traits": [], "root_provider_uuid": f"u-{name}"} for name in named}
    candidates = [{"allocations": {f"u-{name}": {"resources": {"VCPU": 1, "MEMORY_MB": 512}}}} for name in named]
    cloud.on_get(
        "/placement/allocation_candidates", {"allocation_requests": candidates, "provider_summaries": summaries}
    )
    hypervisors = [
        {"id": f"u-{name}", "service": {"host": name}, "hypervisor_hostname": f"node-{name}"} for name in named
    ]
    cloud.on_get("/compute/os-hypervisors/detail", {"hypervisors": hypervisors})
    cloud.on("GET", "/volume", Answer(body={"versions": [VOLUME_VERSION]}))
    cloud.on_get("/volume/os-services", {"services": []})
    attached = [
        {
            "id": f"v{number}",
            "size": 1,
            "status": "in-use",
            "availability_zone": "nova",
            "attachments": [{"server_id": f"s{number}"}],
        }
        for number in range(servers)
    ]
    cloud.on_get("/volume/volumes/detail", {"volumes": attached})
    cloud.on("GET", "/network", Answer(body={"versions": [NETWORK_VERSION]}))
    ports = [{"id": f"p{number}", "device_id": f"s{number}", "network_id": "n"} for number in range(servers)]
    cloud.on_get("/network/v2.0/ports", {"ports": ports})
    cloud.on_get("/network/v2.0/networks", {"networks": [{"id": "n"}]})
    cloud.on_get("/network/v2.0/agents", {"agents": []})
    image = {"id": "v2.17", "status": "CURRENT", "links": [{"rel": "self", "href": f"{cloud.url}/image/v2/"}]}
    cloud.on("GET", "/image", Answer(body={"versions": [image]}))
    cloud.on_get("/image/v2/images", {"images": []})
