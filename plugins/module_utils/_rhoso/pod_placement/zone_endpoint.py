# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zone's glance endpoint: there, reachable from the hosts, and named by all who shall use it. Pure."""

from __future__ import annotations

import configparser
from collections.abc import Iterator, Mapping
from typing import Any

from ..._zones.schema.kubernetes import ZoneKubernetes
from ..._zones.schema.zone_map import Region, Zone
from ..names import glance_endpoint, glance_service
from ..status.pods import Body, Snapshot

#: What makes the hosts' DNS know the Service.
HOSTNAME = "dnsmasq.network.openstack.org/hostname"
Found = Iterator[tuple[str, str]]


def service_of(place: ZoneKubernetes, found: Snapshot) -> Body | None:
    name = glance_service(place)
    return next((item for item in found.lists.get("Service", ()) if item["metadata"]["name"] == name), None)


def addresses(service: Body) -> list[str]:
    ingress = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    return [str(item["ip"]) for item in ingress if item.get("ip")]


def describe(place: ZoneKubernetes, region: Region, found: Snapshot) -> dict[str, Any]:
    service = service_of(place, found)
    return {
        "url": glance_endpoint(region.kubernetes, place),
        "service": glance_service(place),
        "addresses": addresses(service) if service else [],
    }


def wrong_endpoint(place: ZoneKubernetes, region: Region, found: Snapshot) -> Found:
    """The Service itself."""
    service, name = service_of(place, found), glance_service(place)
    if service is None:
        yield "no_endpoint", f"Service {name} is missing: the zone does not have its own glance endpoint."
        return
    kind = (service.get("spec") or {}).get("type")
    if kind != "LoadBalancer":
        message = (
            f"Service {name} has type {kind}: compute hosts reach only a LoadBalancer. Set it in the zone's glance API."
        )
        yield "no_load_balancer", message
        return
    have = addresses(service)
    if not have:
        message = f"Service {name} has no address: check the pool {region.kubernetes.address_pool} and MetalLB."
        yield "no_address", message
    elif place.load_balancer_address and place.load_balancer_address not in have:
        wanted = place.load_balancer_address
        yield "wrong_address", f"Service {name} has the address {', '.join(have)}, the map says {wanted}."
    annotation = (service["metadata"].get("annotations") or {}).get(HOSTNAME)
    host = f"{name}.{region.kubernetes.namespace}.svc"
    if annotation != host:
        shown = "none" if annotation is None else annotation
        yield (
            "no_dns",
            f"Service {name} has the annotation {HOSTNAME} {shown}, not {host}: the hosts cannot resolve it.",
        )
    for other in found.lists.get("Service", ()):
        shared = sorted(set(have) & set(addresses(other)))
        if other is not service and shared and ports(service) & ports(other):
            theirs = other["metadata"]["name"]
            yield "shared_address", f"Service {name} shares {', '.join(shared)} and its port with Service {theirs}."


def ports(service: Body) -> set[int]:
    return {int(port["port"]) for port in (service.get("spec") or {}).get("ports") or ()}


def wrong_users(zone: Zone, place: ZoneKubernetes, region: Region, found: Snapshot) -> Found:
    """Volume services of the zone, and its compute hosts' configuration."""
    url = glance_endpoint(region.kubernetes, place)
    keys = {backend.kubernetes_name for backend in zone.volume_backends}
    for item in found.lists.get("CinderVolume", ()):
        if (item["metadata"].get("labels") or {}).get("backend") in keys:
            text = str((item.get("spec") or {}).get("customServiceConfig") or "")
            said = _option(text, "DEFAULT", "glance_api_servers")
            yield from _names(f"CinderVolume {item['metadata']['name']}", "glance_api_servers", said, url)
    if zone.data_plane is None:
        return
    wanted = zone.data_plane.config_map
    items = [item for item in found.lists.get("ConfigMap", ()) if item["metadata"]["name"] == wanted]
    if not items:
        yield "no_config_map", f"ConfigMap {wanted} is missing: the zone's hosts may fetch images from other zones."
    for item in items:
        text = str((item.get("data") or {}).get(zone.data_plane.config_key) or "")
        said = _option(text, "glance", "endpoint_override")
        yield from _names(f"ConfigMap {wanted}", "[glance] endpoint_override", said, url)


def _names(what: str, option: str, said: str | None, url: str) -> Found:
    if said is None:
        yield "other_endpoint", f"{what} does not set {option}: images come from another zone's store. Set it to {url}."
    elif url not in [part.strip().rstrip("/") for part in said.split(",")]:
        yield "other_endpoint", f"{what} has {option} = {said}, not the zone's own {url}."


def _option(text: str, section: str, option: str) -> str | None:
    """An option as oslo.config reads it, None where the text does not set it or is no configuration."""
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True, default_section="")
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    found: Mapping[str, str | None] = parser[section] if parser.has_section(section) else {}
    return found.get(option)
