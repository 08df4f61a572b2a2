# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the services for a snapshot: each list once, a number of calls that grows neither with zones nor with hosts, pages apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from ..._block_storage.api.model import Service as VolumeService
from ..._block_storage.api.volume_calls import VolumeApi
from ..._block_storage.api.volume_model import Backup, Volume
from ..._capacity.headroom import Headroom
from ..._capacity.model import Question
from ..._capacity.plan import Answer
from ..._capacity.read import read as read_capacity
from ..._compute.nova import Nova
from ..._image.glance import Glance
from ..._image.model import Image
from ..._network.neutron import Neutron
from ..._openstack.cloud import Cloud
from ..._plan.errors import ZoneopsError
from ..._plan.text.scrub import SCRUBBER
from ..._region.region import Region
from ..._region.sections import SERVICE_TYPES, gather
from ..._shared_filesystem.api.manila import Manila
from ..._zone_maintenance.model import Defaults
from ..._zone_maintenance.read import read_defaults
from ..._zones.schema.zone_map import ZoneMap
from . import kinds
from .losses import lost
from .read_uses import read_uses
from .uses import Use

GATHERED = frozenset(
    (
        *("aggregates", "hosts", "services", "availability_zones"),
        *("volume_types", "volume_pools", "share_types", "image_stores"),
    )
)
# Which section is lost when one of these could not be gathered: all of a service, or a part of it by its whole name.
OF_ERRORS: Mapping[str, str] = {
    "cinder pools": kinds.POOLS,
    "nova": kinds.COMPUTE,
    "cinder": kinds.BLOCK_STORAGE,
    "manila": kinds.SHARED,
    "neutron": kinds.NETWORK,
    "glance": kinds.IMAGES,
}
_SKEW = timedelta(minutes=5)
Found = TypeVar("Found")


@dataclass
class Seen:
    """What the services said.

    :ivar servers: as nova lists them.
    :ivar volume_services: of cinder, with the clusters that the list of all services leaves out.
    :ivar agents: of neutron, with `ports`.
    :ivar losses: by inventory name, what becomes of the servers when the zone is lost.
    :ivar rooms: by inventory name, what the zone's usable hosts have; one without any has nothing.
    :ivar uses: by compute host, what placement has in use there and what its servers need; without hosts that cannot be compared.
    :ivar share_reasons: whether manila says why a service is disabled (2.83).
    :ivar pods: as pod_placement_info returns it; empty without a Kubernetes side.
    :ivar unread: why a section is not known.
    """

    region: Region
    servers: list[dict[str, Any]] = field(default_factory=list)
    pins_seen: bool = True
    volume_services: list[VolumeService] = field(default_factory=list)
    volumes: list[Volume] = field(default_factory=list)
    backups: list[Backup] = field(default_factory=list)
    images: tuple[Image, ...] = ()
    agents: list[dict[str, Any]] = field(default_factory=list)
    ports: list[dict[str, Any]] = field(default_factory=list)
    defaults: Defaults = field(default_factory=Defaults)
    losses: Mapping[str, Answer] = field(default_factory=dict)
    rooms: Mapping[str, Headroom] = field(default_factory=dict)
    uses: Mapping[str, Use] = field(default_factory=dict)
    share_reasons: bool = True
    pods: Mapping[str, Any] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)


def read(cloud: Cloud, zone_map: ZoneMap, question: Question, pods: Mapping[str, Any] | None = None) -> Seen:
    """Ask. The cloud has to remember what it reads, see `Cloud.remember_reads`: parts ask for the same lists."""
    # Earlier than any list, also by the clock of nova.
    since = datetime.now(UTC) - _SKEW
    seen = Seen(gather(cloud, GATHERED))
    for what, message in seen.region.errors.items():
        seen.unread.setdefault(OF_ERRORS.get(what) or OF_ERRORS[what.partition(" ")[0]], message)
    if any(one["service"] == "manila" and one["status"] == "disabled" for one in seen.region.services):
        seen.share_reasons = bool(_ask(seen, kinds.SHARED, lambda: _read_share_reasons(cloud, seen.region)))
    nova = Nova(cloud.service("compute"))
    seen.pins_seen = bool(_ask(seen, kinds.COMPUTE, lambda: nova.shows_pins))
    # What the catalog does not have, has nothing.
    there = SERVICE_TYPES.keys() - set(seen.region.absent)
    if "cinder" in there:
        api = VolumeApi(cloud.service(SERVICE_TYPES["cinder"]), cloud.deadline)
        seen.volume_services = _ask(seen, kinds.POOLS, api.services) or []
        seen.volumes = _ask(seen, kinds.VOLUMES, lambda: api.volumes(all_projects=True)) or []
        seen.backups = _ask(seen, kinds.BACKUPS, lambda: api.backups(all_projects=True)) or []
    # After the volumes: one that is attached to a new server must not look as if that did not exist.
    seen.servers = _ask(seen, kinds.SERVERS, lambda: _servers(nova)) or []
    if "glance" in there:
        glance = Glance(cloud.service(SERVICE_TYPES["glance"], version="2"))
        seen.images = tuple(_ask(seen, kinds.IMAGES, glance.images) or ())
    if "neutron" in there:
        neutron = Neutron(cloud.service(SERVICE_TYPES["neutron"], version="2"))
        seen.agents = _ask(seen, kinds.NETWORK, neutron.agents) or []
        seen.ports = _ask(seen, kinds.NETWORK, neutron.ports) or []
    seen.defaults = read_defaults(cloud)
    if seen.defaults.unread:
        seen.unread[kinds.DEFAULTS] = "; ".join(seen.defaults.unread)
    if kinds.SERVERS in seen.unread:
        seen.unread[kinds.CAPACITY] = seen.unread[kinds.ALLOCATIONS] = seen.unread[kinds.SERVERS]
    else:
        seen.losses, seen.rooms = _ask(seen, kinds.CAPACITY, lambda: _losses(cloud, zone_map, question)) or ({}, {})
        seen.uses = _ask(seen, kinds.ALLOCATIONS, lambda: read_uses(cloud, seen.servers, since)) or {}
    if "zones" in (pods or {}):
        seen.pods = pods or {}
    elif any(zone.kubernetes for zone in zone_map.zones.values()):
        seen.unread[kinds.PODS] = str((pods or {}).get("msg") or "nobody asked for them: give 'pods'")
    # Reports are files that everybody may read, and a message may quote an address that signs in.
    seen.unread = SCRUBBER.data(seen.unread)
    return seen


def _read_share_reasons(cloud: Cloud, region: Region) -> bool:
    """Why services of manila are disabled; the list that every manila answers does not say it. Whether this one does."""
    manila = Manila(cloud.service(SERVICE_TYPES["manila"]))
    if not manila.keeps_reasons:
        return False
    reasons = {(one.binary, one.host): one.disabled_reason for one in manila.share_services(reasons=True)}
    for entry in region.services:
        if entry["service"] == "manila":
            entry["disabled_reason"] = reasons.get((entry["binary"], entry["host"]))
    return True


def _servers(nova: Nova) -> list[dict[str, Any]]:
    listed = list(nova.server_entries())
    unknown = [str(server["id"]) for server in listed if server.get("status", "UNKNOWN") == "UNKNOWN"]
    if unknown:
        raise ZoneopsError(f"a cell does not answer, {len(unknown)} servers are UNKNOWN")
    return listed


def _losses(cloud: Cloud, zone_map: ZoneMap, question: Question) -> tuple[dict[str, Answer], dict[str, Headroom]]:
    wanted = {name: zone.availability_zone for name, zone in zone_map.zones.items()}
    found = read_capacity(
        cloud,
        lambda observed: {name for name in observed.hosts if observed.zone_of(name) in wanted.values()},
    )
    if found.errors:
        raise ZoneopsError("; ".join(f"{what}: {reason}" for what, reason in found.errors.items()))
    return lost(found.facts, question, wanted)


def _ask(seen: Seen, section: str, call: Callable[[], Found]) -> Found | None:
    """The answer; a failure costs this section only."""
    try:
        return call()
    except ZoneopsError as error:
        seen.unread.setdefault(section, error.message)
        return None
