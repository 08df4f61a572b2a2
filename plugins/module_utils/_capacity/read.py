# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the services: a number of calls that does not grow with hosts, and one call to placement for each shape of servers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .._block_storage.api.model import VOLUME
from .._block_storage.api.model import Service as VolumeService
from .._block_storage.api.volume_calls import VolumeApi
from .._block_storage.api.volume_model import Volume as FoundVolume
from .._compute.model import Observed
from .._compute.nova import Nova
from .._compute.placement import Placement
from .._image.glance import Glance
from .._network.neutron import Neutron
from .._openstack.cloud import Cloud
from .._plan.errors import ZoneopsError
from .._plan.threads import threads
from .facts.hosts import Offers, hosts_of, providers_by_name, zone_of
from .facts.networks import physical_of, ports_of, reach_of
from .facts.servers import Ports, Surroundings, groups_of, offloaded, workloads
from .facts.shapes import MEMORY
from .model import Facts, Volume

# Calls at a time.
AT_ONCE = 6
# What nearly every host has left; for the room of those that have no room for any shape.
ANY: tuple[tuple[str, int], ...] = ((MEMORY, 1),)
Found = TypeVar("Found")


@dataclass
class Seen:
    """A region, and what of it could not be read.

    :ivar services: of nova, as it lists them.
    :ivar errors: messages by service and section; what they are about counts as unknown.
    :ivar warnings: what the answer does not take into account.
    """

    facts: Facts
    services: list[dict[str, Any]] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Storage:
    volumes: Mapping[str, Volume] | None
    attached: Mapping[str, tuple[str, ...]]
    images: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class _Network:
    ports: Ports | None
    physical: Mapping[str, frozenset[str]]
    agents: tuple[Mapping[str, Any], ...]


def read(cloud: Cloud, asked: Callable[[Observed], Collection[str]]) -> Seen:
    """The region.

    :param asked: the hosts that the question is about, once it is known which there are: placement is asked for what their servers need.
    """
    nova, placement = Nova(cloud.service("compute")), Placement(cloud.service("placement"))
    errors: dict[str, str] = {}
    with threads(AT_ONCE, cloud.deadline) as pool:
        # The calls to one service one after the other: an error names the call that failed.
        compute = pool.submit(
            lambda: (nova.aggregates(), nova.services(), nova.server_groups(), list(nova.server_entries()))
        )
        names, storage = pool.submit(placement.names), pool.submit(_storage, cloud, errors)
        images, network = pool.submit(_images, cloud, errors), pool.submit(_network, cloud, errors)
        aggregates, services, groups, entries = compute.result()
        hosts, incomplete = nova.as_hosts(services)
        observed = Observed(aggregates, hosts)
        about = frozenset(asked(observed))
        zones = {name: zone_of(observed, service) for name, service in hosts.items()}
        where = {str(entry["id"]): str(entry.get("OS-EXT-SRV-ATTR:host") or "") for entry in entries}
        found_groups = groups_of(groups, {server: host for server, host in where.items() if host})
        known, wires = storage.result(), network.result()
        surroundings = Surroundings(
            zones=zones,
            volumes=known.volumes,
            attached=known.attached,
            images={**images.result(), **known.images},
            ports=wires.ports,
            pins_seen=nova.shows_pins,
            keys={key for aggregate in observed.aggregates for key in aggregate.metadata},
        )
        servers = tuple(workloads(entries, found_groups, surroundings))
        offers, several = _offers(nova, hosts, names.result())
        shelved = tuple(offloaded(entries, found_groups, surroundings))
        leaving = [*(server for server in servers if server.host in about), *shelved]
        requests = dict.fromkeys(server.shape.request for server in leaving)
        _ask(placement, offers, requests, pool)
    facts = Facts(
        hosts=hosts_of(observed, offers, several, servers),
        servers=servers,
        pins_seen=nova.shows_pins,
        offers=offers.by_request,
        volumes=known.volumes,
        networks=wires.physical,
        reach=reach_of(wires.agents, zones),
        groups=found_groups.apart,
        group_names=found_groups.names,
        offloaded=shelved,
    )
    return Seen(facts, services, errors, [*incomplete, *_warnings(entries, zones, offers, several)])


def _ask(placement: Placement, offers: Offers, requests: Iterable[Any], pool: Executor) -> None:
    def candidates(request: Any) -> Mapping[str, Any]:
        need, required, forbidden = request
        return placement.candidates(dict(need), [*required, *(f"!{trait}" for trait in forbidden)])

    wanted = [(ANY, frozenset(), frozenset()), *(request for request in requests if request[0])]
    for request, answer in zip(wanted, pool.map(candidates, wanted), strict=True):
        offers.add(request, answer)


def _offers(nova: Nova, hosts: Collection[str], names: Mapping[str, str]) -> tuple[Offers, frozenset[str]]:
    """Which provider is which host: by its name, and only where that does not tell by nova's list of hypervisors (2.87 at most)."""
    by_provider = providers_by_name(names, hosts)
    if by_provider is not None:
        return Offers(by_provider), frozenset()
    of_hosts = nova.all_providers()
    several = frozenset(host for host, providers in of_hosts.items() if len(providers) > 1)
    return Offers({provider: host for host, providers in of_hosts.items() for provider in providers}), several


def _storage(cloud: Cloud, errors: dict[str, str]) -> _Storage:
    service = cloud.service("block-storage")
    if not service.present():
        return _Storage({}, {}, {})
    api = VolumeApi(service, cloud.deadline)
    services = _read("cinder services", api.services, errors) or []
    volumes = _read("cinder volumes", lambda: api.volumes(all_projects=True), errors)
    if volumes is None:
        return _Storage(None, {}, {})
    down = _down(services)
    attached: dict[str, list[str]] = {}
    for volume in volumes:
        for server in volume.attached_to:
            attached.setdefault(server, []).append(volume.id)
    return _Storage(
        {volume.id: _volume(volume, down) for volume in volumes},
        {server: tuple(found) for server, found in attached.items()},
        {volume.id: volume.image for volume in volumes if volume.image and volume.bootable},
    )


def _volume(volume: FoundVolume, down: Mapping[str, str]) -> Volume:
    return Volume(volume.label, volume.availability_zone, volume.status, down.get(volume.host, ""), volume.host)


def _down(services: Iterable[VolumeService]) -> dict[str, str]:
    """The cinder-volumes that are down, by host, unless another one of their cluster is up."""
    volume = [service for service in services if service.binary == VOLUME]
    alive = {service.cluster for service in volume if service.up and service.cluster}
    return {service.host: service.text for service in volume if not service.up and service.cluster not in alive}


def _images(cloud: Cloud, errors: dict[str, str]) -> Mapping[str, Mapping[str, str]]:
    service = cloud.service("image", version="2")
    if not service.present():
        return {}
    images = _read("glance images", Glance(service).images, errors) or ()
    return {image.id: image.properties for image in images if image.properties}


def _network(cloud: Cloud, errors: dict[str, str]) -> _Network:
    service = cloud.service("network", version="2")
    if not service.present():
        return _Network(None, {}, ())
    neutron = Neutron(service)
    ports = _read("neutron ports", neutron.ports, errors)
    networks = _read("neutron networks", neutron.networks, errors) or []
    agents = _read("neutron agents", neutron.agents, errors) or []
    return _Network(None if ports is None else ports_of(ports), physical_of(networks), tuple(agents))


def _read(what: str, call: Callable[[], Found], errors: dict[str, str]) -> Found | None:
    """The call's answer; a failure is noted, and what it is about counts as unknown."""
    try:
        return call()
    except ZoneopsError as error:
        errors[what] = error.message
        return None


def _warnings(
    entries: Iterable[Mapping[str, Any]],
    zones: Mapping[str, str],
    offers: Offers,
    several: Collection[str],
) -> Iterable[str]:
    unknown = [str(entry["id"]) for entry in entries if entry.get("status") == "UNKNOWN"]
    if unknown:
        yield f"a cell does not answer, {len(unknown)} servers are UNKNOWN and not counted: {', '.join(unknown[:5])}"
    lost = sorted({str(host) for entry in entries if (host := entry.get("OS-EXT-SRV-ATTR:host")) and host not in zones})
    if lost:
        yield f"servers are on hosts without a compute service and not counted: {', '.join(lost[:5])}"
    for provider, hosts in sorted(offers.shared.items()):
        yield f"{len(hosts)} hosts share the resource provider {provider}: its whole space is counted for each of them"
    if several:
        yield f"hosts with several resource providers are not counted: {', '.join(sorted(several)[:5])}"
