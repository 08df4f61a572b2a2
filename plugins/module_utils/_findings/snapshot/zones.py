# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones in a snapshot: what each has, what of it works, and what becomes of its servers when it is lost. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..._block_storage.api.volume_model import Backup
from ..._capacity.classify import CROSSES, RESTORE, WAITS
from ..._capacity.facts.shapes import MEMORY, VCPU
from ..._capacity.headroom import Headroom
from ..._capacity.plan import FITS, NO_ROOM, Answer
from ..._plan.disabled.reason import until_of
from ..._zone_maintenance.defaults import pointing_to
from ..._zone_maintenance.until import is_over
from ..._zones.schema.zone_map import REDUNDANT, Zone, ZoneMap
from . import kinds
from .compute import in_maintenance, serves
from .read import Seen
from .servers import present
from .storage import newest

Entry = Mapping[str, Any]
# Agents that connect a zone's networks to the outside.
_GATEWAYS = ("L3 agent", "OVN Controller Gateway agent")


@dataclass(frozen=True)
class _Index:
    """The region by availability zone, so that no zone has to go through all of it.

    :ivar on: how many servers are on each host.
    :ivar pinned: how many are pinned to each zone.
    :ivar backups: good ones of volumes of the zone.
    """

    hosts: Mapping[str, Sequence[Entry]]
    services: Mapping[str, Sequence[Entry]]
    on: Mapping[str, int]
    pinned: Mapping[str, int]
    backups: Mapping[str, Sequence[Backup]]


def zones(seen: Seen, zone_map: ZoneMap, now: datetime) -> list[dict[str, Any]]:
    found = present(seen)
    zone_of = {volume.id: volume.availability_zone for volume in seen.volumes}
    backups: dict[str, list[Backup]] = defaultdict(list)
    for backup in seen.backups:
        if backup.good and backup.volume_id in zone_of:
            backups[zone_of[backup.volume_id]].append(backup)
    index = _Index(
        _by_zone(seen.region.hosts),
        _by_zone(seen.region.services),
        Counter(str(server.get("OS-EXT-SRV-ATTR:host")) for server in found),
        Counter(str(server.get("pinned_availability_zone")) for server in found),
        backups,
    )
    return [_zone(name, zone, seen, index, zone_map, now) for name, zone in zone_map.zones.items()]


def _by_zone(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[str(entry["availability_zone"])].append(entry)
    return found


def _zone(name: str, zone: Zone, seen: Seen, index: _Index, zone_map: ZoneMap, now: datetime) -> dict[str, Any]:
    az = zone.availability_zone
    hosts = index.hosts.get(az, ())
    listed = {host["name"] for host in seen.region.hosts} if zone.compute_hosts else set()
    ends = [end for host in hosts if (end := until_of(host["disabled_reason"]))]
    return {
        "name": name,
        "id": None,
        "zone": name,
        "availability_zone": az,
        "zone_state": zone.zone_state,
        "manages_compute": zone.compute is not None,
        "in_nova": _offers(seen, "nova", az),
        "hosts": [host["name"] for host in hosts],
        "serving_hosts": [host["name"] for host in hosts if serves(host)],
        # One in maintenance is switched off, or starts again.
        "down_hosts": [host["name"] for host in hosts if host["state"] != "up" and not in_maintenance(host)],
        "missing_hosts": [host for host in zone.compute_hosts if host not in listed],
        "maintenance_until": max(ends, default=None),
        "maintenance_overdue": is_over(max(ends, default=""), now),
        **_storage(zone, seen, index, now),
        **_image_store(zone, seen),
        "defaults": [text for _word, text in pointing_to(zone_map, zone, seen.defaults)],
        "servers": sum(index.on.get(str(host["name"]), 0) for host in hosts),
        "pinned_servers": index.pinned.get(az, 0),
        "gateways": sum(_is_gateway(agent, az) for agent in seen.agents),
        **_attested(name, zone_map),
        **_pods(seen.pods.get("zones", {}).get(name)),
        **_room(seen.rooms.get(name)),
        **_loss(seen.losses.get(name)),
    }


def _storage(zone: Zone, seen: Seen, index: _Index, now: datetime) -> dict[str, Any]:
    az = zone.availability_zone
    found: dict[str, Any] = {"in_cinder": _offers(seen, "cinder", az), "in_manila": _offers(seen, "manila", az)}
    for word, binary in (("volume", "cinder-volume"), ("backup", "cinder-backup"), ("share", "manila-share")):
        own = [one for one in index.services.get(az, ()) if one["binary"] == binary]
        found[f"{word}_services"] = [str(one["host"]) for one in own]
        found[f"serving_{word}_services"] = [str(one["host"]) for one in own if serves(one)]
    backups = index.backups.get(az, ())
    return {
        **found,
        "wants_volumes": bool(zone.volume_backends),
        "wants_shares": bool(zone.share_backends),
        "wants_backups": zone.backup is not None,
        "backed_up_volumes": len({backup.volume_id for backup in backups}),
        "newest_backup_days": newest(backups, now),
    }


def _image_store(zone: Zone, seen: Seen) -> dict[str, Any]:
    wanted = None if zone.image_store is None else zone.image_store.name
    known = wanted is not None and kinds.IMAGES not in seen.unread
    stores = {str(store["id"]) for store in seen.region.image_stores}
    return {"image_store": wanted, "image_store_exists": wanted in stores if known else None}


def _attested(name: str, zone_map: ZoneMap) -> dict[str, Any]:
    """What people attest of the zone; None where they attest nothing of any zone, so that nothing is missing."""
    attested = {other: zone.attested for other, zone in zone_map.zones.items() if zone.attested}
    own = attested.get(name)
    fire_zone = own.fire_zone if own else None
    return {
        "attested": bool(own and fire_zone) if attested else None,
        "fire_zone": fire_zone,
        "same_fire_zone": [
            other for other, one in attested.items() if fire_zone and one.fire_zone == fire_zone and other != name
        ],
        "not_redundant": [what for what in REDUNDANT if what not in own.redundant] if own else [],
    }


def _pods(found: Entry | None) -> dict[str, Any]:
    state = (found or {}).get("state") or {}
    pods = state.get("pods")
    return {
        "pods": None if pods is None else len(pods),
        "ready_pods": None if pods is None else sum(bool(pod["ready"]) for pod in pods),
        "survives_loss": state.get("survives_loss"),
    }


def _room(room: Headroom | None) -> dict[str, Any]:
    """What the hosts have that servers can be placed on."""
    if room is None:
        return dict.fromkeys(("vcpus", "vcpus_free", "memory_mb", "memory_free_mb"))
    return {
        "vcpus": room.capacity.get(VCPU, 0),
        "vcpus_free": room.free.get(VCPU, 0),
        "memory_mb": room.capacity.get(MEMORY, 0),
        "memory_free_mb": room.free.get(MEMORY, 0),
    }


def _loss(answer: Answer | None) -> dict[str, Any]:
    return {
        "loss_fits": None if answer is None else answer.bears,
        "loss_moves": None if answer is None else answer.counts[FITS] + answer.counts[CROSSES],
        "loss_no_room": None if answer is None else answer.counts[NO_ROOM],
        "loss_waits": None if answer is None else answer.counts[WAITS],
        "loss_restore": None if answer is None else answer.counts[RESTORE],
        "loss_headroom_percent": None if answer is None else answer.left_restored.percent,
    }


def _offers(seen: Seen, service: str, az: str) -> bool | None:
    """Whether a service lists the availability zone; None where it could not be asked. One that the catalog lacks lists none."""
    if service in seen.region.absent:
        return False
    listed = seen.region.availability_zones.get(service)
    if listed is None or f"{service} availability_zones" in seen.region.errors:
        return None
    return any(entry["name"] == az for entry in listed)


def _is_gateway(agent: Entry, az: str) -> bool:
    serving = agent.get("alive") and agent.get("admin_state_up")
    return bool(serving and agent.get("agent_type") in _GATEWAYS and agent.get("availability_zone") == az)
