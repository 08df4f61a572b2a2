# Copyright (c) zoneops.openstack contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which services of the control plane belong to a zone: from the zone map to the operators' objects. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..._zones.schema.zone_map import BackupTarget, Zone, ZoneMap
from ..names import memcached_key
from ..status.pods import Body, Snapshot, owner_of


@dataclass(frozen=True)
class Pinned:
    """A service that runs in one zone.

    :ivar item: the operator's object; None where there is none yet.
    """

    kind: str
    key: str
    item: Body | None

    @property
    def text(self) -> str:
        return f"{self.kind} of {self.key}"


def pinned(zone_map: ZoneMap, zone: Zone, found: Snapshot) -> Iterator[Pinned]:
    """What the map has in the zone, in the order in which it is brought up."""
    place = zone.kubernetes
    if place is None:
        return
    if zone_map.region.kubernetes.services.memcached.per_zone:
        yield _named(found, "Memcached", memcached_key(place))
    if zone.image_store:
        yield _labelled(found, "GlanceAPI", "api-name", place.name)
    for volumes in zone.volume_backends:
        if volumes.kubernetes_name:
            yield _labelled(found, "CinderVolume", "backend", volumes.kubernetes_name)
    target = _backup(zone_map, zone)
    if target is not None:
        yield _backup_service(found, target.kubernetes_name or place.name)
    for shares in zone.share_backends:
        if shares.kubernetes_name:
            yield _labelled(found, "ManilaShare", "share-name", shares.kubernetes_name)


def _backup(zone_map: ZoneMap, zone: Zone) -> BackupTarget | None:
    backup = zone_map.region.backup
    if backup is None:
        return None
    if backup.mode == "per_zone":
        return zone.backup
    return backup.target if backup.mode == "zone" and backup.zone == zone.name else None


def _labelled(found: Snapshot, kind: str, label: str, key: str) -> Pinned:
    items = found.lists.get(kind, ())
    return Pinned(kind, key, next((item for item in items if _label(item, label) == key), None))


def _label(item: Body, name: str) -> str:
    return str((item["metadata"].get("labels") or {}).get(name) or "")


def _named(found: Snapshot, kind: str, name: str) -> Pinned:
    items = found.lists.get(kind, ())
    return Pinned(kind, name, next((item for item in items if item["metadata"]["name"] == name), None))


def _backup_service(found: Snapshot, key: str) -> Pinned:
    """Backup services carry no label of their own: only the name tells them apart, which begins with that of their Cinder."""
    for item in found.lists.get("CinderBackup", ()):
        owner = owner_of(item).get("name")
        names = (f"{owner}-backup-{key}", f"{owner}-backup")
        # Up to 18.0-fr4 there is one backup service only, without a key.
        if item["metadata"]["name"] in names:
            return Pinned("CinderBackup", key, item)
    return Pinned("CinderBackup", key, None)
