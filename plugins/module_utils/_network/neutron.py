# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls to neutron that zones need, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from .._openstack.reader import Reader
from .._openstack.service import Service

# The link to the next page goes by the id.
NETWORK_FIELDS = ("id", "provider:physical_network", "segments")
PORT_FIELDS = (
    *("id", "name", "project_id", "device_id", "device_owner", "network_id", "resource_request"),
    *("binding:vnic_type", "binding:vif_type", "binding:host_id"),
)

#: Of the ports of servers that are created again elsewhere.
OWN_FIELDS = ("id", "project_id", "network_id", "device_id", "fixed_ips", "security_groups", "tags")
ANY_TAG = "tags-any"
#: Values of a filter in one request: its address is not to grow with the region.
AT_ONCE = 50


class Neutron(Reader):
    """neutron of one region. Its zones come from its agents; with OVN they are those of the gateway chassis."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def agents(self) -> list[dict[str, Any]]:
        """GET /v2.0/agents."""
        return list(self._service.pages("/agents", "agents", once=True))

    def availability_zones(self) -> list[dict[str, Any]]:
        """GET /v2.0/availability_zones: one entry per zone and resource (network, router)."""
        listed = self._service.pages("/availability_zones", "availability_zones")
        return [
            {"name": entry["name"], "available": entry["state"] == "available", "resource": entry["resource"]}
            for entry in listed
        ]

    def networks(self) -> list[dict[str, Any]]:
        """GET /v2.0/networks of all projects, with the physical networks that they are on."""
        return list(self._service.pages("/networks", "networks", params={"fields": NETWORK_FIELDS}))

    def named_networks(self) -> list[dict[str, Any]]:
        """GET /v2.0/networks of all projects: their ids and names."""
        return list(self._service.pages("/networks", "networks", params={"fields": ("id", "name")}))

    def ports(self) -> list[dict[str, Any]]:
        """GET /v2.0/ports of all projects: whose they are, in which network and on which host."""
        return list(self._service.pages("/ports", "ports", params={"fields": PORT_FIELDS}))

    def ports_with(self, key: str, values: Iterable[str]) -> Iterator[dict[str, Any]]:
        """GET /v2.0/ports?key=…: those of all projects that have one of these values."""
        wanted = list(values)
        for begin in range(0, len(wanted), AT_ONCE):
            some = wanted[begin : begin + AT_ONCE]
            # Of tags it is one text, of anything else the key again for each.
            params = {"fields": OWN_FIELDS, key: ",".join(some) if key == ANY_TAG else tuple(some)}
            yield from self._service.pages("/ports", "ports", params=params)

    def tag_port(self, port: str, tag: str) -> None:
        """PUT /v2.0/ports/{id}/tags/{tag}; it may have it already."""
        self._service.put(f"/ports/{quote(port)}/tags/{quote(tag)}", None)

    def release_port(self, port: str) -> None:
        """PUT /v2.0/ports/{id}: no server's any more, and bound to no host."""
        body = {"port": {"device_id": "", "device_owner": "", "binding:host_id": ""}}
        self._service.put(f"/ports/{quote(port)}", body)

    def renew_mac(self, port: str) -> None:
        """PUT /v2.0/ports/{id}: another MAC address, which neutron chooses; for a port that is not bound."""
        self._service.put(f"/ports/{quote(port)}", {"port": {"mac_address": None}})
