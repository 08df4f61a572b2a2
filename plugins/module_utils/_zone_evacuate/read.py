# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read from the services for an evacuation, in calls that do not grow with hosts or servers. What does not answer is reported."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from .._block_storage.api.model import VOLUME, Service
from .._block_storage.api.volume_calls import VolumeApi
from .._compute.host_names import named_as
from .._compute.model import Host
from .._masakari.model import Observed
from .._masakari.reconcile import InMasakari
from .._network.neutron import Neutron
from .._openstack.cloud import Cloud
from .._plan.disabled.reason import in_dead_zone
from .._plan.errors import ZoneopsError
from .._servers.dead import dead_of
from .._servers.maintenance.model import Region
from .._shared_filesystem.api.manila import Manila
from .model import CINDER, Sign

NEUTRON, MANILA = "neutron", "manila"
#: Without one of each that is up, nova accepts an evacuation and does nothing.
NEEDED = ("nova-scheduler", "nova-conductor")
#: A host is forced down by people at most so long after it was cut off: evidence that is older is of another night.
FORCED_AFTER = timedelta(hours=12)


def trouble_of(entries: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """What of nova itself does not work. Conductors of cells are listed with their cell's hosts: one that is up is enough."""
    found = []
    for binary in NEEDED:
        mine = [entry for entry in entries if entry.get("binary") == binary]
        if mine and not any(entry.get("state") == "up" for entry in mine):
            found.append(f"no {binary} is up")
    return tuple(found)


def read_signs(cloud: Cloud, region: Region) -> tuple[tuple[Sign, ...], dict[str, str]]:
    """The signs of all sources, and why some could not be read, by source: those say nothing."""
    signs = [_of_nova(host) for host in region.hosts.values()]
    unread: dict[str, str] = {}
    sources: tuple[tuple[str, Callable[[Cloud], Iterator[Sign]]], ...] = (
        (NEUTRON, lambda cloud: _agents(cloud, region.hosts)),
        (CINDER, _cinder),
        (MANILA, _manila),
    )
    for what, ask in sources:
        try:
            signs += ask(cloud)
        except ZoneopsError as error:
            unread[what] = error.message
    return tuple(signs), unread


def _of_nova(host: Host) -> Sign:
    """With when its record was last written: at its last report, or by whoever disabled it, forced it down or enabled it since."""
    if not host.forced_down:
        heard = "its nova-compute reported, or was changed,"
        return Sign(
            "nova", f"nova-compute is {host.state}", host.state == "up", host.name, at=host.written, heard=heard
        )
    what, heard = "nova-compute is forced down, which is no evidence", "its nova-compute reported, or was forced down,"
    # The request of an earlier run came after its evidence, however long.
    at = "" if dead_of(host) is not None else host.written
    return Sign("nova", what, None, host.name, at=at, heard=heard, margin=FORCED_AFTER)


def _agents(cloud: Cloud, hosts: Collection[str]) -> Iterator[Sign]:
    service = cloud.service("network", version="2")
    for entry in Neutron(service).agents() if service.present() else ():
        binary = str(entry.get("binary") or entry.get("agent_type"))
        alive = bool(entry.get("alive"))
        at = str(entry.get("heartbeat_timestamp") or "")
        for host in named_as(str(entry.get("host")), hosts):
            yield Sign(NEUTRON, binary, alive, host, at=at)


def _cinder(cloud: Cloud) -> Iterator[Sign]:
    service = cloud.service("block-storage")
    if service.present():
        api = VolumeApi(service, cloud.deadline)
        yield from back_ends(api.services(), {pool.host for pool in api.pools()})


def back_ends(services: Iterable[Service], working: Collection[str]) -> Iterator[Sign]:
    """A back end works that is up and has a pool that works, by its own name or that of its cluster; the pools of a service that is disabled are not listed.

    :param working: services and clusters with such a pool. A driver that cannot reach its storage says so, while its service is up.
    """
    for one in services:
        if one.binary == VOLUME:
            works = one.host in working or one.cluster in working
            what = f"{one.text} is {'up' if one.up else 'down'}, its pools {'work' if works else 'are not listed, or down'}"
            alive: bool | None = one.up and (works or not one.enabled)
            if one.up and in_dead_zone(one.reason, enabled=one.enabled):
                # An earlier run disabled it, and so took its pools off the list.
                alive = None
            backend = one.host if one.up and alive is False else ""
            yield Sign(CINDER, what, alive, zone=one.zone, at=one.reported, backend=backend)


def _manila(cloud: Cloud) -> Iterator[Sign]:
    service = cloud.service("shared-file-system")
    manila = Manila(service)
    # With their reasons, which are asked for as well where its services are to be disabled: that is one list.
    for one in manila.share_services(reasons=True) if service.present() else ():
        if one.binary == "manila-share":
            # A share's storage can be another one than that of volumes: it says nothing of these.
            what = f"{one.text} is {'up' if one.up else 'down'}"
            yield Sign(MANILA, what, None, zone=one.availability_zone, at=one.reported)


def read_masakari(found: InMasakari | None, hosts: Collection[str]) -> Observed:
    """What Masakari knows, and what it works on where it knows one of the hosts.

    :param found: None in a cloud without it.
    """
    if found is None:
        return Observed()
    seen = found.observe()
    return found.with_recoveries(seen) if seen.hosts.keys() & set(hosts) else seen
