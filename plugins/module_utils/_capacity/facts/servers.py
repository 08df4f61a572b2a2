# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers of a region, from nova's list and what cinder, glance and neutron say of them. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..._plan.disabled.reason import PREFIX
from ..model import Volume, Workload
from ..packing.model import Group
from .shapes import BY_HAND, TRAIT, Shape, shape_of

Properties = Mapping[str, str]
# What an image says of hardware, in its own spelling.
IMAGE_KEYS = frozenset(key.replace(":", "_", 1) for key in BY_HAND)
#: Of the metadata of a server, with the value true: its owner consents that it is shelved and unshelved.
MAY_SHELVE = f"{PREFIX}may_shelve"
#: With the value true: its owner consents that its disks, as far as they are no volumes, are recreated from its image when its host is lost.
MAY_REBUILD = f"{PREFIX}may_rebuild"
#: With the value true: its owner consents that it is created again in another zone, from the backups of its volumes, when its zone is lost.
MAY_RESTORE = f"{PREFIX}may_restore"
#: Of a server that was created again: the id of the old one, and a tag.
RESTORED_FROM, RESTORED_TAG = "zoneops_restored_from", f"{PREFIX}restored"
#: A number: how early the server is evacuated. Without it 0.
PRIORITY = f"{PREFIX}priority"
#: The status of a server that is shelved and on no host.
OFFLOADED = "SHELVED_OFFLOADED"
APART, TOGETHER = "anti-affinity", "affinity"


@dataclass(frozen=True)
class Ports:
    """What the ports of servers say.

    :ivar networks: by server.
    :ivar by_hand: what keeps a server from being moved by itself, by server.
    """

    networks: Mapping[str, frozenset[str]] = field(default_factory=dict)
    by_hand: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Surroundings:
    """What is known of servers in addition to nova's list.

    :ivar zones: the zone of each host.
    :ivar volumes: by id.
    :ivar attached: the volumes of each server, as cinder has them.
    :ivar images: the properties of images and, for servers that boot from a volume, those of volumes, by id.
    :ivar ports: None where neutron could not be read.
    :ivar keys: of the metadata of aggregates: properties of an image of these names matter.
    """

    zones: Mapping[str, str]
    volumes: Mapping[str, Volume] | None
    attached: Mapping[str, tuple[str, ...]]
    images: Mapping[str, Properties]
    ports: Ports | None
    pins_seen: bool
    keys: Collection[str] = ()


@dataclass(frozen=True)
class Groups:
    """The server groups with a policy that cannot be broken.

    :ivar apart: the groups of anti-affinity, by id.
    :ivar of: the group of each server that keeps apart.
    :ivar hosts: the hosts of the members, for each server of an affinity group.
    """

    apart: Mapping[str, Group] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    of: Mapping[str, str] = field(default_factory=dict)
    hosts: Mapping[str, frozenset[str]] = field(default_factory=dict)


def groups_of(entries: Iterable[Mapping[str, Any]], hosts: Mapping[str, str]) -> Groups:
    """The groups.

    :param hosts: by server.
    """
    apart: dict[str, Group] = {}
    names: dict[str, str] = {}
    of: dict[str, str] = {}
    together: dict[str, frozenset[str]] = {}
    for entry in entries:
        # Before 2.64 a list, of one.
        policy = entry.get("policy") or next(iter(entry.get("policies") or ()), "")
        members = [str(member) for member in entry.get("members") or () if member in hosts]
        if policy == APART:
            number = str(entry["id"])
            most = int((entry.get("rules") or {}).get("max_server_per_host") or 1)
            apart[number] = Group(most, Counter(hosts[member] for member in members))
            names[number] = str(entry.get("name") or number)
            # Also of those that are shelved, and on no host.
            of |= dict.fromkeys(map(str, entry.get("members") or ()), number)
        elif policy == TOGETHER:
            together |= dict.fromkeys(members, frozenset(hosts[member] for member in members))
    return Groups(apart, names, of, together)


def workloads(entries: Iterable[Mapping[str, Any]], groups: Groups, surroundings: Surroundings) -> Iterator[Workload]:
    """The servers that are on a known host. Those that are on none need no room."""
    shapes: dict[object, Shape] = {}
    for entry in entries:
        host = entry.get("OS-EXT-SRV-ATTR:host")
        if host in surroundings.zones:
            yield _workload(entry, str(host), groups, surroundings, shapes)


def offloaded(entries: Iterable[Mapping[str, Any]], groups: Groups, surroundings: Surroundings) -> Iterator[Workload]:
    """The servers that are shelved and on no host, as far as they have a tag of this collection."""
    shapes: dict[object, Shape] = {}
    for entry in entries:
        if entry.get("status") == OFFLOADED and entry.get("OS-EXT-SRV-ATTR:host") not in surroundings.zones:
            server = _workload(entry, "", groups, surroundings, shapes)
            if server.tags:
                yield server


def _workload(
    entry: Mapping[str, Any], host: str, groups: Groups, surroundings: Surroundings, shapes: dict[object, Shape]
) -> Workload:
    number = str(entry["id"])
    listed = [str(volume["id"]) for volume in entry.get("os-extended-volumes:volumes_attached") or ()]
    volumes = tuple(dict.fromkeys((*listed, *surroundings.attached.get(number, ()))))
    return Workload(
        id=number,
        name=str(entry.get("name") or ""),
        project=str(entry.get("tenant_id") or ""),
        host=host,
        status=str(entry.get("status") or "UNKNOWN"),
        shape=_shape(entry, volumes, surroundings, shapes),
        task=entry.get("OS-EXT-STS:task_state"),
        pinned=entry.get("pinned_availability_zone") if surroundings.pins_seen else surroundings.zones.get(host),
        volumes=volumes,
        networks=_networks(entry, surroundings.ports),
        by_hand=() if surroundings.ports is None else surroundings.ports.by_hand.get(number, ()),
        hosts=groups.hosts.get(number),
        group=groups.of.get(number),
        tags=tuple(tag for tag in entry.get("tags") or () if tag.startswith(PREFIX)),
        may_shelve=_is_true(entry, MAY_SHELVE),
        may_rebuild=_is_true(entry, MAY_REBUILD),
        may_restore=_is_true(entry, MAY_RESTORE),
        stands_for=stands_for(entry),
        priority=_priority(entry),
    )


def _is_true(entry: Mapping[str, Any], key: str) -> bool:
    return str((entry.get("metadata") or {}).get(key)).lower() == "true"


def stands_for(entry: Mapping[str, Any]) -> str:
    """The id of the server of a lost zone that it was created again for. By both marks: a copy that its owner makes of it has one at most."""
    marked = RESTORED_TAG in (entry.get("tags") or ())
    return str((entry.get("metadata") or {}).get(RESTORED_FROM) or "") if marked else ""


def _priority(entry: Mapping[str, Any]) -> int:
    """What is no number counts as none: an owner's misspelling keeps nothing from being evacuated."""
    text = str((entry.get("metadata") or {}).get(PRIORITY) or "").strip()
    return int(text) if text.removeprefix("-").isascii() and text.removeprefix("-").isdigit() and len(text) < 10 else 0


def _networks(entry: Mapping[str, Any], ports: Ports | None) -> frozenset[str] | None:
    if ports is None:
        return None if entry.get("addresses") else frozenset()
    return ports.networks.get(str(entry["id"]), frozenset())


def _shape(
    entry: Mapping[str, Any], volumes: Iterable[str], surroundings: Surroundings, shapes: dict[object, Shape]
) -> Shape:
    flavor = entry.get("flavor") or {}
    # An empty text for a server that boots from a volume.
    image = (entry.get("image") or {}).get("id")
    sources = [str(image)] if image else list(volumes)
    properties = {
        key: value
        for source in sources
        for key, value in surroundings.images.get(source, {}).items()
        if key in surroundings.keys or key.startswith(TRAIT) or key in IMAGE_KEYS
    }
    key = json.dumps([flavor, image is None, sorted(properties.items())], sort_keys=True)
    if key not in shapes:
        shapes[key] = shape_of(flavor, properties, from_volume=image is None)
    return shapes[key]
