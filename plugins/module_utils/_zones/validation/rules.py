# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that need more than one property: within a zone, between zones, between zones and region."""

from __future__ import annotations

import ipaddress
from dataclasses import fields
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from ..._plan.text.near import nearest
from ..errors import Problem, show
from ..schema import names
from ..schema.zone_map import (
    ARTICLE,
    BackupTarget,
    Ceph,
    Image,
    ImageStore,
    Region,
    ShareBackend,
    ShareType,
    VolumeBackend,
    VolumeType,
    Zone,
    ZoneMap,
)
from .control_plane import broken_services
from .data_plane import broken_data_planes
from .entries import broken_entries, expanded
from .instance_ha import broken_limit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

T = TypeVar("T")
E = TypeVar("E", VolumeType, ShareType)

NOVA_GUIDE = "nova guide: availability zones"
MANILA_HOSTS = "manila in RHOSO: all share services are hostgroup@SECTION"


def broken(zone_map: ZoneMap) -> list[Problem]:
    """What is wrong with the map as a whole."""
    zones, region = list(zone_map.zones.values()), zone_map.region
    problems = [*_region(region), *_region_backup(region, zone_map.zones)]
    for zone in zones:
        problems += [
            *_availability_zone(zone, region),
            *broken_limit(zone),
            *_store(zone),
            *_volumes(zone),
            *_shares(zone),
            *_backup(zone, region),
        ]
    problems += [*_volume_types(region, zone_map.zones), *_share_types(region, zone_map.zones)]
    problems += _images(region, zone_map.zones)
    problems += [*_nova_once(zones), *_storage_once(zones), *_kubernetes_once(zones)]
    problems += broken_data_planes(zones, region)
    problems += broken_services(zone_map)
    if not region.allow_shared_backends:
        problems += _shared_systems(zones)
    return problems


def _problem(zone: Zone | None, path: str, value: object, rule: str, source: str = "") -> Problem:
    return Problem(zone.name if zone else "", path, show(value, path) if value is not None else "", rule, source)


def _each(path: str, items: Iterable[T]) -> Iterator[tuple[str, T]]:
    """The items of a list with their paths; the place of a wrong item is empty."""
    return ((f"{path}[{index}]", item) for index, item in enumerate(items) if item is not None)


def _region(region: Region) -> Iterator[Problem]:
    if not region.zones:
        yield _problem(None, "zones", region.zones, "is empty; list the inventory names of all zones")


def _region_backup(region: Region, zones: Mapping[str, Zone]) -> Iterator[Problem]:
    backup = region.backup
    if backup is None:
        return
    if backup.mode == "zone" and backup.zone is None:
        yield _problem(None, "backup.zone", None, "is missing; name the zone that hosts the target", ARTICLE)
    elif backup.mode == "zone" and backup.zone not in region.zones:
        hint = nearest(backup.zone or "", region.zones)
        yield _problem(None, "backup.zone", backup.zone, f"is not a zone of the region{hint}; name one of them")
    elif backup.mode != "zone" and backup.zone is not None:
        yield _problem(None, "backup.zone", backup.zone, f"has no meaning in the mode {backup.mode}; remove it")
    target = backup.target
    if target is None:
        return
    if backup.mode == "per_zone":
        rule = "has no meaning in the mode per_zone; give each zone its `backup` instead"
        yield _problem(None, "backup.target", None, rule)
    if backup.mode == "spread":
        yield from _outside(target, zones)
    host = zones.get(backup.zone or "")
    yield from _target(None, "backup.target", target, host.ceph if host else None)


def _outside(target: BackupTarget, zones: Mapping[str, Zone]) -> Iterator[Problem]:
    """Services in all zones that write into one of them fail with it, and carry all data through it."""
    if target.ceph:
        path, value, identity = "backup.target.ceph.fsid", target.ceph.fsid, f"ceph {target.ceph.fsid}"
    elif target.address:
        path, value, identity = "backup.target.address", target.address, f"address {_same(target.address)} "
    else:
        return
    for zone in zones.values():
        inside = next((place for place, _value, found in _systems(zone) if f"{found} ".startswith(identity)), None)
        if inside:
            rule = f"is storage of zone {zone.name} ({inside}), and the mode spread needs a target outside all zones"
            yield _problem(None, path, value, f"{rule}; name another, or set the mode zone", ARTICLE)


def _volume_types(region: Region, zones: Mapping[str, Zone]) -> Iterator[Problem]:
    served = {
        name: [backend.volume_backend_name for _path, backend in _each("", zone.volume_backends)]
        for name, zone in zones.items()
    }
    yield from _types("volume_types", region.volume_types, "cinder", region.zones)
    for path, item in _present("volume_types", region.volume_types, region.zones):
        placed = [zones[name] for name in item.zones if name in zones]
        yield from _spec_of_zones(path, placed, served, "cinder")
        yield from _served(f"{path}.volume_backend_name", item.volume_backend_name, placed, served)


def _share_types(region: Region, zones: Mapping[str, Zone]) -> Iterator[Problem]:
    backends = {name: [backend for _path, backend in _each("", zone.share_backends)] for name, zone in zones.items()}
    served = {name: [backend.share_backend_name for backend in listed] for name, listed in backends.items()}
    yield from _types("share_types", region.share_types, "manila", region.zones)
    for path, item in _present("share_types", region.share_types, region.zones):
        placed = [zones[name] for name in item.zones if name in zones]
        yield from _spec_of_zones(path, placed, served, "manila")
        yield from _served(f"{path}.share_backend_name", item.share_backend_name, placed, served)
        chosen = [
            backend
            for zone in placed
            for backend in backends[zone.name]
            if item.share_backend_name in (None, backend.share_backend_name)
        ]
        yield from _share_servers(path, item, chosen)


def _share_servers(path: str, item: ShareType, backends: list[ShareBackend]) -> Iterator[Problem]:
    """manila's scheduler never puts a share of the one kind on a back end of the other."""
    given = item.driver_handles_share_servers
    kinds = {backend.driver_handles_share_servers for backend in backends}
    if given is not None and kinds == {not given}:
        rule = "is not what its back ends have; no share of it could be created"
        yield _problem(None, f"{path}.driver_handles_share_servers", given, rule, "manila: scheduler")
    elif given is None and len(kinds) == 2:
        rule = "is missing; its back ends differ in it, so set which of them serve it"
        yield _problem(None, f"{path}.driver_handles_share_servers", None, rule, "manila: scheduler")


def _types(path: str, entries: tuple[E, ...], service: str, zones: tuple[str, ...]) -> Iterator[Problem]:
    """What holds for volume types and share types alike."""
    yield from broken_entries(path, entries, zones)
    for here, entry in _each(path, entries):
        if entry.projects and entry.public is not False:
            rule = "names who may use a private type; set `public: false` too, or remove it"
            yield _problem(None, f"{here}.projects", None, rule, f"{service}: type access")


def _present(path: str, entries: tuple[E, ...], zones: tuple[str, ...]) -> Iterator[tuple[str, E]]:
    """The types that shall be there, each with the path of its entry; none where an entry is wrong in itself."""
    wrong = any(True for _problem in broken_entries(path, entries, zones))
    for here, entry in () if wrong else _each(path, entries):
        yield from ((here, item) for item in expanded([entry]) if item.state == "present")


def _served(path: str, name: str | None, zones: list[Zone], served: Mapping[str, list[str]]) -> Iterator[Problem]:
    for zone in zones:
        if served[zone.name] and name not in (None, *served[zone.name]):
            rule = f"is not a back end of zone {zone.name}, which has {', '.join(served[zone.name])}; name one of them"
            yield _problem(None, path, name, rule)


def _spec_of_zones(path: str, zones: list[Zone], served: Mapping[str, list[str]], service: str) -> Iterator[Problem]:
    for zone in zones:
        if "," in zone.availability_zone and not served[zone.name]:  # else it was said of the zone already
            rule = f"has a zone whose availability zone has a ',' ({zone.name}); types list zones with commas"
            yield _problem(None, f"{path}.zones", None, rule, f"{service}: extra specs")
    length = len(",".join(zone.availability_zone for zone in zones))
    if length > names.LONGEST:
        rule = (
            f"need {length} characters as an extra spec, which has at most {names.LONGEST}; split it into several types"
        )
        yield _problem(None, f"{path}.zones", None, rule, f"{service}: extra specs")


def _images(region: Region, zones: Mapping[str, Zone]) -> Iterator[Problem]:
    yield from broken_entries("images", region.images, region.zones)
    for path, entry in _each("images", region.images):
        if entry.select is not None:
            yield from _selection(path, entry)
        elif entry.file and entry.url:
            yield _problem(
                None,
                f"{path}.url",
                entry.url,
                "is given in addition to `file`; an image has one source, so remove one of them",
            )
        elif (entry.file or entry.url) and entry.disk_format is None:
            yield _problem(None, f"{path}.disk_format", None, "is missing; an image that is created needs it")
        elif entry.checksum and not (entry.file or entry.url):
            rule = "has no effect without `file` or `url`; add one of them, or remove it"
            yield _problem(None, f"{path}.checksum", None, rule)
        for name in entry.zones:
            zone = zones.get(name)
            if zone is not None and zone.image_store is None:
                rule = f"has zone {name}, whose store is not managed: write `image_store: {{}}` into its file"
                yield _problem(None, f"{path}.zones", None, f"{rule}, or name other zones")


def _selection(path: str, entry: Image) -> Iterator[Problem]:
    for item in fields(entry):
        if item.name not in ("name", "zones", "select") and getattr(entry, item.name) not in (None, (), {}):
            rule = "has no meaning with `select`, which manages only where images are; give that image its own line"
            yield _problem(None, f"{path}.{item.name}", None, rule)


def _availability_zone(zone: Zone, region: Region) -> Iterator[Problem]:
    if zone.availability_zone == region.default_availability_zone != "nova":
        rule = "is the cloud's default availability zone, where nova shows hosts without a zone; choose another name"
        yield _problem(zone, "availability_zone", zone.availability_zone, rule, NOVA_GUIDE)
    if "," in zone.availability_zone and (zone.volume_backends or zone.share_backends):
        rule = "has a ','; volume and share types list availability zones with commas: choose a name without one"
        yield _problem(zone, "availability_zone", zone.availability_zone, rule, "cinder, manila: extra specs")


def _needs(zone: Zone | None, path: str, owner: object, names: Iterable[str], kind: str) -> Iterator[Problem]:
    for name in names:
        if getattr(owner, name) is None:
            yield _problem(zone, f"{path}.{name}", None, f"is missing; {kind} needs it")


def _ceph(zone: Zone | None, path: str, *clusters: Ceph | None) -> Iterator[Problem]:
    if not any(clusters):
        where = "here or in the zone's `ceph`" if zone else "here"
        yield _problem(zone, f"{path}.ceph", None, f"is missing; describe the cluster {where}")


def _store(zone: Zone) -> Iterator[Problem]:
    store = zone.image_store
    if store is None:
        return
    if store.type == "rbd":
        yield from _ceph(zone, "image_store", store.ceph, zone.ceph)
    elif store.type == "cinder":
        yield from _needs(zone, "image_store", store, ["volume_type"], "a cinder store")
    elif store.type == "nfs":
        yield from _needs(zone, "image_store", store, ["address", "path"], "an nfs store")
    elif store.type is None and zone.kubernetes:
        yield from _needs(zone, "image_store", store, ["type"], "a store in RHOSO")
    elif store.type == "file" and zone.kubernetes:
        rule = "is local to one pod, and the zone's glance API has several; choose rbd, cinder, s3 or swift"
        yield _problem(zone, "image_store.type", store.type, rule, "glance-operator")


def _volumes(zone: Zone) -> Iterator[Problem]:
    for path, backend in _each("volume_backends", zone.volume_backends):
        if backend.type == "rbd":
            yield from _ceph(zone, path, backend.ceph, zone.ceph)
        elif zone.kubernetes:
            yield from _needs(zone, path, backend, ["driver"], "a vendor back end in RHOSO")


def _shares(zone: Zone) -> Iterator[Problem]:
    for path, backend in _each("share_backends", zone.share_backends):
        if backend.type != "vendor":
            yield from _ceph(zone, path, backend.ceph, zone.ceph)
        elif zone.kubernetes:
            yield from _needs(zone, path, backend, ["driver"], "a vendor back end in RHOSO")
        if backend.type == "cephfs_nfs":
            yield from _needs(zone, path, backend, ["gateway"], "CephFS through NFS-Ganesha")
            yield from _gateway(zone, path, backend)


def _gateway(zone: Zone, path: str, backend: ShareBackend) -> Iterator[Problem]:
    try:
        address = ipaddress.ip_address(backend.gateway or "")
    except ValueError:
        return  # a host name: only the export locations can tell
    networks = [ipaddress.ip_network(network) for _path, network in _each("", zone.storage_networks)]
    if networks and not any(address in network for network in networks):
        rule = "is in none of the zone's storage_networks; give a gateway that is the zone's own"
        yield _problem(zone, f"{path}.gateway", backend.gateway, rule, ARTICLE)


def _backup(zone: Zone, region: Region) -> Iterator[Problem]:
    if zone.backup is None:
        return
    if region.backup is None or region.backup.mode != "per_zone":
        yield _problem(zone, "backup", None, "is for the mode per_zone; set backup.mode of the region, or remove it")
    yield from _target(zone, "backup", zone.backup, zone.ceph)


def _target(zone: Zone | None, path: str, target: BackupTarget, cluster: Ceph | None) -> Iterator[Problem]:
    if target.type is None:
        yield from _needs(zone, path, target, ["type"], "a backup target")
    elif target.type == "ceph":
        yield from _ceph(zone, path, target.ceph, cluster)
    elif target.type == "nfs":
        yield from _needs(zone, path, target, ["address", "path"], "an nfs target")
    elif target.type == "vendor":
        yield from _needs(zone, path, target, ["driver"], "a vendor target")


class _Once:
    """Values that may occur once only: the later one is the problem and names the earlier one."""

    def __init__(self, rule: str, source: str = "") -> None:
        self._rule, self._source = rule, source
        self._first: dict[str, tuple[str, str]] = {}

    def check(self, zone: Zone, path: str, value: str | None, key: str = "") -> Iterator[Problem]:
        if value is None:
            return
        here = (zone.name, path)
        name, place = self._first.setdefault(key or value, here)
        if (name, place) != here:
            where = f"of this zone ({place})" if name == zone.name else f"of zone {name} ({place})"
            yield _problem(zone, path, value, f"is also that {where}; {self._rule}", self._source)


def _nova_once(zones: Iterable[Zone]) -> Iterator[Problem]:
    availability_zone = _Once("each zone needs its own availability zone", NOVA_GUIDE)
    aggregate = _Once("each zone needs its own host aggregate", NOVA_GUIDE)
    host = _Once("a host can be in one zone only: remove it from one of them", NOVA_GUIDE)
    for zone in zones:
        yield from availability_zone.check(zone, "availability_zone", zone.availability_zone)
        if zone.compute is None:
            continue
        yield from aggregate.check(zone, "compute.aggregate", zone.compute.aggregate)
        for path, name in _each("compute.hosts", zone.compute.hosts):
            yield from host.check(zone, path, name)


def _storage_once(zones: Iterable[Zone]) -> Iterator[Problem]:
    store = _Once("each zone needs its own store", ARTICLE)
    share = _Once("sections of share back ends have to differ in the region", MANILA_HOSTS)
    volume_key = _Once("keys of cinderVolumes have to differ in the region")
    share_key = _Once("keys of manilaShares have to differ in the region")
    for zone in zones:
        if zone.image_store:
            yield from store.check(zone, "image_store.name", zone.image_store.name)
        volume = _Once("back ends of one zone have to differ by name")
        for path, volumes in _each("volume_backends", zone.volume_backends):
            yield from volume.check(zone, f"{path}.name", volumes.name)
            yield from volume_key.check(zone, f"{path}.kubernetes_name", volumes.kubernetes_name)
        for path, shares in _each("share_backends", zone.share_backends):
            yield from share.check(zone, f"{path}.name", shares.name)
            yield from share_key.check(zone, f"{path}.kubernetes_name", shares.kubernetes_name)


def _kubernetes_once(zones: Iterable[Zone]) -> Iterator[Problem]:
    name = _Once("each zone needs its own name")
    label = _Once("each zone needs its own node label")
    topology = _Once("each zone needs its own Topology")
    node = _Once("a node is in one zone only: remove it from one of them")
    address = _Once("each zone needs its own address, because all glance APIs listen on the same port", "MetalLB")
    for zone in zones:
        kubernetes = zone.kubernetes
        if kubernetes is None:
            continue
        yield from name.check(zone, "kubernetes.name", kubernetes.name)
        yield from label.check(zone, "kubernetes.node_label", kubernetes.node_label)
        yield from topology.check(zone, "kubernetes.topology", kubernetes.topology)
        own = kubernetes.load_balancer_address
        yield from address.check(zone, "kubernetes.load_balancer_address", own, _same(own))
        for path, item in chain(
            _each("kubernetes.workers", kubernetes.workers), _each("kubernetes.masters", kubernetes.masters)
        ):
            yield from node.check(zone, path, item)


def _same(address: str | None) -> str:
    """One spelling for each address: that of `ipaddress`, lower case for a host name."""
    try:
        return str(ipaddress.ip_address(address or ""))
    except ValueError:
        return (address or "").lower().rstrip(".")


def _systems(zone: Zone) -> Iterator[tuple[str, str, str]]:
    """Path, value and identity of each storage system behind a zone."""
    if zone.ceph:
        yield "ceph.fsid", zone.ceph.fsid, f"ceph {zone.ceph.fsid}"
    items: list[tuple[str, ImageStore | BackupTarget | VolumeBackend | ShareBackend]] = []
    items += [("image_store", zone.image_store)] if zone.image_store else []
    items += [("backup", zone.backup)] if zone.backup else []
    items += [*_each("volume_backends", zone.volume_backends), *_each("share_backends", zone.share_backends)]
    for path, item in items:
        if item.ceph:
            yield f"{path}.ceph.fsid", item.ceph.fsid, f"ceph {item.ceph.fsid}"
        if item.address:
            part = item.pool if isinstance(item, (VolumeBackend, ShareBackend)) else item.path
            yield f"{path}.address", item.address, f"address {_same(item.address)} {part}"
        if isinstance(item, ShareBackend) and item.gateway:
            yield f"{path}.gateway", item.gateway, f"gateway {_same(item.gateway)}"


def _shared_systems(zones: Iterable[Zone]) -> list[Problem]:
    """One storage system behind two zones fails for both. Within one zone it may serve images, volumes and shares."""
    owners: dict[str, tuple[str, str]] = {}
    problems: list[Problem] = []
    for zone in zones:
        for path, value, identity in _systems(zone):
            owner, place = owners.setdefault(identity, (zone.name, path))
            if owner != zone.name:
                rule = (
                    f"also serves zone {owner} ({place}): both zones would be lost with it; give each "
                    "zone its own system, or set allow_shared_backends: true in the region"
                )
                problems.append(_problem(zone, path, value, rule, ARTICLE))
    return problems
