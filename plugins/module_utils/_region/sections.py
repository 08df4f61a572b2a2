# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What region_info gathers: one reader per service and section, each independent of the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from .._block_storage.api.cinder import Cinder
from .._image.glance import Glance
from .._image.model import Store
from .._network.neutron import Neutron
from .._openstack.cloud import Cloud
from .._plan.threads import threads
from .._shared_filesystem.api.manila import Manila
from .._types.model import FoundType
from . import entries
from .compute import read_nova
from .region import Region
from .shares import share_backends, share_types

# What costs more: all servers, all hypervisors and one call to placement per zone, one or two calls each for the storage.
THOROUGH = (
    "servers",
    "instances",
    "placement",
    "defaults",
    "volume_types",
    "volume_pools",
    "share_types",
    "share_backends",
    "type_projects",
    "image_stores",
    "images",
)
OF_GLANCE = {"defaults", "image_stores", "images"}
# What is empty without its service, and is asked for by name.
ONLY_OF: Mapping[str, frozenset[str]] = {
    "glance": frozenset(OF_GLANCE),
    "cinder": frozenset({"volume_types", "volume_pools"}),
    "manila": frozenset({"share_types", "share_backends"}),
}
SERVICE_TYPES = {
    "nova": "compute",
    "glance": "image",
    "cinder": "block-storage",
    "manila": "shared-file-system",
    "neutron": "network",
}


def gather(cloud: Cloud, sections: frozenset[str], services: Collection[str] = tuple(SERVICE_TYPES)) -> Region:
    """Ask the services in parallel, keys of SERVICE_TYPES. One that does not answer costs its own part only."""
    region = Region(gathered=sorted(sections))
    present: list[str] = []
    for name in services:
        if name == "glance" and not sections & OF_GLANCE:
            continue
        (present if cloud.service(SERVICE_TYPES[name]).present() else region.absent).append(name)
    with threads(len(SERVICE_TYPES), cloud.deadline) as pool:
        list(pool.map(lambda name: READERS[name](cloud, sections, region), present))
    region.services.sort(key=lambda entry: (entry["service"], entry["binary"], entry["host"]))
    return region


def _glance(cloud: Cloud, sections: frozenset[str], region: Region) -> None:
    glance = Glance(cloud.service("image", version="2"))
    stores: tuple[Store, ...] = ()
    if sections & {"defaults", "image_stores"}:
        stores = region.read("glance stores", glance.detailed_stores) or ()
    if "defaults" in sections:
        region.defaults["glance_store"] = next((store.id for store in stores if store.default), None)
    if "image_stores" in sections:
        region.image_stores = [entries.image_store(store) for store in stores]
    if "images" in sections:
        region.images = [entries.image(image) for image in region.read("glance images", glance.images) or ()]


def _cinder(cloud: Cloud, sections: frozenset[str], region: Region) -> None:
    cinder = Cinder(cloud.service("block-storage"))
    _services_and_zones(region, sections, "cinder", cinder.services, cinder.availability_zones)
    if "volume_types" in sections:
        types = region.read("cinder types", lambda: _volume_types(cinder, projects="type_projects" in sections))
        region.volume_types = [entries.volume_type(found) for found in types or ()]
    if "volume_pools" in sections:
        region.volume_pools = [entries.volume_pool(found) for found in region.read("cinder pools", cinder.pools) or []]


def _volume_types(cinder: Cinder, *, projects: bool) -> list[FoundType]:
    """All types; with the projects of private ones for a call each."""
    return [
        replace(found, projects=cinder.projects(found.id)) if projects and not found.public else found
        for found in cinder.types()
    ]


def _manila(cloud: Cloud, sections: frozenset[str], region: Region) -> None:
    manila = Manila(cloud.service("shared-file-system"))
    _services_and_zones(region, sections, "manila", manila.services, manila.availability_zones)
    if "share_backends" in sections:
        region.share_backends = region.read("manila backends", lambda: share_backends(manila)) or []
    if "share_types" in sections:
        projects = "type_projects" in sections
        region.share_types = region.read("manila types", lambda: share_types(manila, projects=projects)) or []


def _neutron(cloud: Cloud, sections: frozenset[str], region: Region) -> None:
    neutron = Neutron(cloud.service("network", version="2"))
    _services_and_zones(region, sections, "neutron", neutron.agents, neutron.availability_zones)


def _services_and_zones(
    region: Region,
    sections: frozenset[str],
    name: str,
    services: Callable[[], list[dict[str, Any]]],
    zones: Callable[[], list[dict[str, Any]]],
) -> None:
    if "services" in sections:
        region.services += [entries.SERVICES[name](entry) for entry in region.read(f"{name} services", services) or []]
    if "availability_zones" in sections:
        region.availability_zones[name] = region.read(f"{name} availability_zones", zones) or []


READERS: Mapping[str, Callable[[Cloud, frozenset[str], Region], None]] = {
    "nova": read_nova,
    "glance": _glance,
    "cinder": _cinder,
    "manila": _manila,
    "neutron": _neutron,
}
